/// A dense real matrix, stored row by row in one array.
///
/// The one matrix type of the house: overlap matrices in the theory, values of the language,
/// systems of the integrators. Indices start at 0 here; the language counts from 1.
public struct Matrix: Hashable, Sendable {
  public let rows: Int
  public let columns: Int
  /// `elements[i * columns + j]` is the element in row `i`, column `j`.
  public var elements: [Double]

  /// Takes `rows * columns` elements, row by row.
  public init(rows: Int, columns: Int, elements: [Double]) {
    precondition(elements.count == rows * columns, "a matrix needs rows * columns elements")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  public init(rows: Int, columns: Int, repeating value: Double = 0) {
    self.init(
      rows: rows, columns: columns, elements: .init(repeating: value, count: rows * columns))
  }

  public init(rows: Int, columns: Int, _ element: (Int, Int) -> Double) {
    self.init(rows: rows, columns: columns)
    for i in 0..<rows {
      for j in 0..<columns { self[i, j] = element(i, j) }
    }
  }

  public static func identity(_ n: Int) -> Matrix { diagonal(.init(repeating: 1, count: n)) }

  public static func diagonal(_ values: [Double]) -> Matrix {
    var matrix = Matrix(rows: values.count, columns: values.count)
    for (i, value) in values.enumerated() { matrix[i, i] = value }
    return matrix
  }

  @inlinable public subscript(i: Int, j: Int) -> Double {
    get { elements[i * columns + j] }
    set { elements[i * columns + j] = newValue }
  }

  public func row(_ i: Int) -> [Double] { Array(elements[i * columns..<(i + 1) * columns]) }
  public func column(_ j: Int) -> [Double] { (0..<rows).map { self[$0, j] } }
  public var diagonal: [Double] { (0..<min(rows, columns)).map { self[$0, $0] } }
  public var isSquare: Bool { rows == columns }
  public var transpose: Matrix { Matrix(rows: columns, columns: rows) { self[$1, $0] } }

  /// The largest `|A_ij - A_ji|`; 0 for a symmetric matrix.
  public var asymmetry: Double {
    var worst = 0.0
    for i in 0..<rows { for j in 0..<i { worst = max(worst, abs(self[i, j] - self[j, i])) } }
    return worst
  }
}

extension Matrix {
  public func map(_ transform: (Double) -> Double) -> Matrix {
    Matrix(rows: rows, columns: columns, elements: elements.map(transform))
  }

  public static func * (a: Matrix, b: Matrix) -> Matrix {
    a.times(b, shouldStop: { false })!
  }

  /// The product; nil where `shouldStop`, asked before each row, said so.
  public func times(_ b: Matrix, shouldStop: () -> Bool) -> Matrix? {
    let a = self
    precondition(a.columns == b.rows, "the inner dimensions of a product must agree")
    var product = Matrix(rows: a.rows, columns: b.columns)
    for i in 0..<a.rows {
      if shouldStop() { return nil }
      for k in 0..<a.columns {
        let factor = a[i, k]
        for j in 0..<b.columns { product[i, j] += factor * b[k, j] }
      }
    }
    return product
  }

  public static func * (a: Matrix, x: [Double]) -> [Double] {
    precondition(a.columns == x.count, "the inner dimensions of a product must agree")
    return (0..<a.rows).map { i in
      var sum = 0.0
      for j in 0..<a.columns { sum += a[i, j] * x[j] }
      return sum
    }
  }
}
