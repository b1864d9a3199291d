import Groundwork

/// A transposed list: `x'*y` is a number, `x'*A` a row, `x*y'` a matrix, and `x''` is x.
///
/// A kind of its own rather than a matrix of one row, because `A*x` is a list even where `A` has
/// one row, while a row times a list is a number. Host functions are given it as a matrix.
public final class Row: NativeObject, @unchecked Sendable {
  public let elements: [Double]

  public init(_ elements: [Double]) {
    self.elements = elements
    super.init()
  }

  public override var typeName: String { "row" }
  public var matrix: Matrix { Matrix(rows: 1, columns: elements.count, elements: elements) }

  public override func describe() -> String { Value(elements).printed() + "'" }
}

extension Value {
  static func row(_ elements: [Double]) -> Value { .object(Row(elements)) }

  /// The row that this is.
  var row: Row? {
    if case .object(let object) = self { object as? Row } else { nil }
  }

  /// As host functions are given it: a row is a matrix of one row.
  var forHost: Value {
    if let row { .matrix(row.matrix) } else { self }
  }

  /// What a value is, with its size where that matters: "a list of 3", "a 2×3 matrix".
  var sizedKindName: String {
    switch self {
    case .list(let elements): "a list of \(elements.count)"
    case .matrix(let matrix): "a \(matrix.rows)×\(matrix.columns) matrix"
    default: row.map { "a row of \($0.elements.count)" } ?? kindName
    }
  }
}
