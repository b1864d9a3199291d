#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A function whose values are dear, as Chebyshev polynomials of degree 15 on cells of [-64, 64].
///
/// A cell is halved until the last three of its coefficients are below 1e-14 of the function, near
/// the limit of rounding. Where that is not reached (at a kink, at most 2⁻²⁰ wide, or in the
/// noise of a function that is not exact) and beyond the range, the function itself is asked.
struct TabulatedFunction: Sendable {
  private struct Cell {
    var low: Double
    var high: Double
    var isResolved = false
    var coefficients: [Double] = []
  }

  static let reach = 64.0
  private static let degree = 15
  private static let mostCells = 2048
  private static let angles = (0...degree).map { (Double($0) + 0.5) * .pi / Double(degree + 1) }
  private static let cosines = (0...degree).map { j in
    angles.map { cos(Double(j) * $0) * (j == 0 ? 1 : 2) / Double(degree + 1) }
  }

  private let lows: [Double]
  /// 2 over the width of a cell, or 0 where it is not resolved.
  private let scales: [Double]
  private let coefficients: [Double]
  /// The cell at the beginning of each interval of this length.
  private let starts: [Int]
  private static let perUnit = 8.0

  init(_ values: ([Double]) -> [Double]) {
    let scale = values((-40...40).map { 0.1 * Double($0) + 0.003 }).reduce(1e-300) {
      $1.isFinite ? max($0, abs($1)) : $0
    }
    var done: [Cell] = []
    var open = (-64..<64).map { Cell(low: Double($0), high: Double($0 + 1)) }
    while !open.isEmpty {
      var next: [Cell] = []
      for var cell in open {
        Self.resolve(&cell, scale, values)
        let isLast = cell.high - cell.low < 1.5e-6 || done.count + next.count > Self.mostCells
        if cell.isResolved || isLast {
          done.append(cell)
        } else {
          let middle = 0.5 * (cell.low + cell.high)
          next += [Cell(low: cell.low, high: middle), Cell(low: middle, high: cell.high)]
        }
      }
      open = next
    }
    done.sort { $0.low < $1.low }
    lows = done.map(\.low)
    scales = done.map { $0.isResolved ? 2 / ($0.high - $0.low) : 0 }
    coefficients = done.flatMap(\.coefficients)
    var starts: [Int] = [], cell = 0
    for bin in 0..<Int(2 * Self.reach * Self.perUnit) {
      let low = Double(bin) / Self.perUnit - Self.reach
      while cell + 1 < done.count, done[cell + 1].low <= low { cell += 1 }
      starts.append(cell)
    }
    self.starts = starts
  }

  private static func resolve(_ cell: inout Cell, _ scale: Double, _ values: ([Double]) -> [Double])
  {
    let middle = 0.5 * (cell.low + cell.high), half = 0.5 * (cell.high - cell.low)
    let f = values(angles.map { middle + half * cos($0) })
    cell.coefficients = cosines.map { row in zip(row, f).reduce(0) { $0 + $1.0 * $1.1 } }
    let largest = f.reduce(scale) { max($0, abs($1)) }
    cell.isResolved =
      f.allSatisfy(\.isFinite)
      && cell.coefficients.suffix(3).allSatisfy { abs($0) < 1e-14 * largest }
  }

  /// g and, where asked for, g′ at x; false where the function itself has to be asked.
  @inline(__always) func read(
    _ x: Double, _ g: UnsafeMutablePointer<Double>, _ dg: UnsafeMutablePointer<Double>?
  ) -> Bool {
    guard abs(x) < Self.reach else { return false }
    var cell = starts[Int((x + Self.reach) * Self.perUnit)]
    while cell + 1 < lows.count, lows[cell + 1] <= x { cell += 1 }
    let scale = scales[cell]
    if scale == 0 { return false }
    let t = (x - lows[cell]) * scale - 1, start = cell * (Self.degree + 1)
    coefficients.withUnsafeBufferPointer { all in
      let c = all.baseAddress! + start
      // Clenshaw's recurrence, and its derivative.
      var (b1, b2, d1, d2) = (0.0, 0.0, 0.0, 0.0)
      if let dg {
        for j in stride(from: Self.degree, to: 0, by: -1) {
          (d1, d2) = (2 * (t * d1 + b1) - d2, d1)
          (b1, b2) = (2 * t * b1 - b2 + c[j], b1)
        }
        dg.pointee = scale * (b1 + t * d1 - d2)
      } else {
        for j in stride(from: Self.degree, to: 0, by: -1) {
          (b1, b2) = (2 * t * b1 - b2 + c[j], b1)
        }
      }
      g.pointee = t * b1 - b2 + c[0]
    }
    return true
  }
}
