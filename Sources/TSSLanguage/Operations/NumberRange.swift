#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// `a:s:b`, both ends included: its elements without a list of them, so that loops need none.
public struct NumberRange: Sendable {
  public let start: Double
  public let step: Double
  public let stop: Double
  public let count: Int
  /// Whether the last element is the stop; then elements are placed between the ends, so that
  /// `(0:0.1:1)[4]` is 0.3 and not 3 times the rounded 0.1.
  private let meetsStop: Bool

  /// More elements are refused.
  static let maximumCount = 1 << 26

  public init(_ start: Double, _ step: Double, _ stop: Double) throws(Diagnostic) {
    self.start = start
    self.step = step
    self.stop = stop
    guard start.isFinite, step.isFinite, stop.isFinite else {
      throw .runtime(
        "range",
        "a range needs finite numbers, not \([start, step, stop].first { !$0.isFinite }!.printed)")
    }
    guard step != 0 else { throw .runtime("range", "the step of a range must not be 0") }
    let steps = (stop - start) / step
    let last = floor(steps + 1e-9)
    guard last < Double(Self.maximumCount) else {
      throw .runtime(
        "memory", "a range of \((last + 1).printed) elements does not fit into memory")
    }
    count = max(0, Int(last) + 1)
    meetsStop = count > 1 && abs(steps - last) <= 1e-9
  }

  /// Counts from 0.
  @inline(__always)
  public subscript(index: Int) -> Double {
    if meetsStop {
      if index == count - 1 { return stop }
      return start + (stop - start) * Double(index) / Double(count - 1)
    }
    return start + Double(index) * step
  }

  public var values: [Value] {
    var values: [Value] = []
    values.reserveCapacity(count)
    for index in 0..<count { values.append(.number(self[index])) }
    return values
  }
}

extension Operations {
  /// What loops go through: the elements of a list, a row or a matrix row by row, the characters
  /// of a string, the cells of a table.
  public static func elements(of value: Value) throws(Diagnostic) -> [Value] {
    switch value {
    case .list(let elements): return elements
    case .matrix(let matrix): return matrix.elements.map { .number($0) }
    case .string(let string): return string.map { .string(String($0)) }
    case .table(let table): return table.cells
    case .number(let number):
      throw .runtime(
        "not-iterable", "a number cannot be looped over", help: "`1:\(number.printed)` is a range")
    default:
      if let row = value.row { return row.elements.map { .number($0) } }
      throw .runtime("not-iterable", "\(value.kindName) cannot be looped over")
    }
  }

  /// The number of elements of what can be looped over.
  public static func count(of value: Value) throws(Diagnostic) -> Int {
    switch value {
    case .list(let elements): elements.count
    case .matrix(let matrix): matrix.elements.count
    case .table(let table): table.cells.count
    case .string(let string): string.count
    default: try elements(of: value).count
    }
  }
}
