#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif
import Groundwork

/// What the operators of the language do. Errors have no place; the evaluator adds it.
public enum Operations {
  /// How messages call the operands: their source, where it is short.
  public typealias Names = (left: String, right: String)

  /// A matrix may have this many elements.
  static let maximumElements = 1 << 27

  /// `a + b`, `a .* b`, …
  public static func apply(
    _ operation: Operator, _ a: Value, _ b: Value, _ names: @autoclosure () -> Names = ("x", "y")
  ) throws(Diagnostic) -> Value {
    switch (a, b) {
    case (.number(let x), .number(let y)):
      return .number(operation(x, y))
    case (.string(let x), .string(let y)) where operation == .add:
      return .string(x + y)
    case (.number(let x), .list(let elements)):
      return .list(
        try elements.mapped { (y) throws(Diagnostic) in
          if case .number(let y) = y { return .number(operation(x, y)) }
          return try apply(operation, a, y, names())
        })
    case (.list(let elements), .number(let y)):
      return .list(
        try elements.mapped { (x) throws(Diagnostic) in
          if case .number(let x) = x { return .number(operation(x, y)) }
          return try apply(operation, x, b, names())
        })
    case (.list(let xs), .list(let ys)):
      guard operation.isElementwise else { break }
      guard xs.count == ys.count else { throw differentSizes(operation, a, b) }
      var result: [Value] = []
      result.reserveCapacity(xs.count)
      for index in xs.indices {
        if case .number(let x) = xs[index], case .number(let y) = ys[index] {
          result.append(.number(operation(x, y)))
        } else {
          result.append(try apply(operation, xs[index], ys[index], names()))
        }
      }
      return .list(result)
    default: break
    }
    if let result = try linear(operation, a, b, names()) { return result }
    throw mismatch(operation, a, b, names())
  }

  /// Whatever has a matrix or a row on one side; nil where there is no such operation.
  private static func linear(
    _ operation: Operator, _ a: Value, _ b: Value, _ names: Names
  ) throws(Diagnostic) -> Value? {
    switch (a, b) {
    case (.matrix(let matrix), .number(let y)):
      if operation == .power { return .matrix(try power(matrix, y, names)) }
      return .matrix(matrix.map { operation($0, y) })
    case (.number(let x), .matrix(let matrix)):
      guard operation != .power, operation != .divide else { return nil }
      return .matrix(matrix.map { operation(x, $0) })
    case (.matrix(let x), .matrix(let y)):
      switch operation {
      case .multiply: return .matrix(try product(x, y))
      case .divide: return .matrix(try quotient(x, y))
      case .power: return nil
      default: return .matrix(try elementwise(operation, x, y))
      }
    case (.matrix(let matrix), .list):
      guard operation == .multiply, let x = b.numbers else { return nil }
      guard matrix.columns == x.count else { throw inner(a, b) }
      return Value(matrix * x)
    default: break
    }
    if let row = a.row { return try apply(operation, row, b, names) }
    if let row = b.row { return try apply(operation, a, row, names) }
    return nil
  }

  private static func apply(
    _ operation: Operator, _ row: Row, _ b: Value, _ names: Names
  ) throws(Diagnostic) -> Value? {
    let x = row.elements
    switch b {
    case .number(let y):
      return operation == .power ? nil : .row(x.map { operation($0, y) })
    case .list:
      guard operation == .multiply, let y = b.numbers else { return nil }
      guard x.count == y.count else { throw inner(.object(row), b) }
      var sum = 0.0
      for index in x.indices { sum += x[index] * y[index] }
      return .number(sum)
    case .matrix(let matrix):
      switch operation {
      case .multiply: return .row(try product(row.matrix, matrix).elements)
      case .divide: return .row(try quotient(row.matrix, matrix).elements)
      case .power: return nil
      default: return .matrix(try elementwise(operation, row.matrix, matrix))
      }
    default:
      guard let other = b.row, operation.isElementwise else { return nil }
      guard x.count == other.elements.count else {
        throw differentSizes(operation, .object(row), b)
      }
      return .row(zip(x, other.elements).map { operation($0, $1) })
    }
  }

  private static func apply(
    _ operation: Operator, _ a: Value, _ row: Row, _ names: Names
  ) throws(Diagnostic) -> Value? {
    let y = row.elements
    switch a {
    case .number(let x):
      guard operation != .power, operation != .divide else { return nil }
      return .row(y.map { operation(x, $0) })
    case .list:
      guard operation == .multiply, let x = a.numbers else { return nil }
      try checkSize(x.count, y.count)
      return .matrix(Matrix(rows: x.count, columns: y.count) { x[$0] * y[$1] })
    case .matrix(let matrix):
      switch operation {
      case .multiply: return .matrix(try product(matrix, row.matrix))
      case .divide, .power: return nil
      default: return .matrix(try elementwise(operation, matrix, row.matrix))
      }
    default: return nil
    }
  }

  private static func elementwise(
    _ operation: Operator, _ x: Matrix, _ y: Matrix
  ) throws(Diagnostic) -> Matrix {
    guard x.rows == y.rows, x.columns == y.columns else {
      throw differentSizes(operation, .matrix(x), .matrix(y))
    }
    return Matrix(
      rows: x.rows, columns: x.columns,
      elements: zip(x.elements, y.elements).map { operation($0, $1) })
  }

  // MARK: One operand

  /// `-x`
  public static func negate(_ value: Value) throws(Diagnostic) -> Value {
    switch value {
    case .number(let x): return .number(-x)
    case .list(let elements):
      return .list(try elements.mapped { (x) throws(Diagnostic) in try negate(x) })
    case .matrix(let matrix): return .matrix(matrix.map { -$0 })
    default:
      if let row = value.row { return .row(row.elements.map { -$0 }) }
      throw .runtime("type", "`-` needs a number, a list or a matrix, not \(value.kindName)")
    }
  }

  /// `x'`
  public static func transpose(_ value: Value) throws(Diagnostic) -> Value {
    switch value {
    case .number: return value
    case .matrix(let matrix): return .matrix(matrix.transpose)
    case .list:
      if let numbers = value.numbers { return .row(numbers) }
      throw .runtime(
        "type", "`'` needs a list of numbers", help: "`matrix(xs)'` transposes a list of rows")
    default:
      if let row = value.row { return Value(row.elements) }
      throw .runtime("type", "`'` transposes lists and matrices, not \(value.kindName)")
    }
  }

  /// A scalar function over a number, or over each element of a list, a row or a matrix.
  ///
  /// The one way in which host functions map. `name` is for the message.
  public static func map(
    _ value: Value, _ name: String, _ transform: (Double) -> Double
  ) throws(Diagnostic) -> Value {
    switch value {
    case .number(let x): return .number(transform(x))
    case .list(let elements):
      return .list(try elements.mapped { (x) throws(Diagnostic) in try map(x, name, transform) })
    case .matrix(let matrix): return .matrix(matrix.map(transform))
    default:
      if let row = value.row { return .row(row.elements.map(transform)) }
      throw .runtime(
        "type", "`\(name)` needs a number, or a list or matrix of numbers, not \(value.kindName)")
    }
  }

  static func checkSize(_ rows: Int, _ columns: Int) throws(Diagnostic) {
    guard rows.multipliedReportingOverflow(by: columns).partialValue <= maximumElements else {
      throw .runtime("memory", "a \(rows)×\(columns) matrix does not fit into memory")
    }
  }
}

extension Array {
  /// `map` with a typed error.
  func mapped<Result>(
    _ transform: (Element) throws(Diagnostic) -> Result
  ) throws(Diagnostic) -> [Result] {
    var result: [Result] = []
    result.reserveCapacity(count)
    for element in self { result.append(try transform(element)) }
    return result
  }
}

extension Operator {
  /// On two numbers.
  @inline(__always)
  func callAsFunction(_ x: Double, _ y: Double) -> Double {
    switch self {
    case .add: x + y
    case .subtract: x - y
    case .multiply, .elementwiseMultiply: x * y
    case .divide, .elementwiseDivide: x / y
    case .power, .elementwisePower: raise(x, y)
    }
  }

  var isElementwise: Bool {
    switch self {
    case .add, .subtract, .elementwiseMultiply, .elementwiseDivide, .elementwisePower: true
    case .multiply, .divide, .power: false
    }
  }
}

/// `x^y`; squares without `pow`, whose last bit depends on the processor.
@inline(__always)
func raise(_ x: Double, _ y: Double) -> Double { y == 2 ? x * x : pow(x, y) }
