import Groundwork

extension Operations {
  /// Whether the program that runs on this thread is to stop. Operators are given no context, and
  /// those of large matrices take seconds.
  private static func shouldStop() -> Bool {
    Strand.current.pointee.context?.machine.interrupt.isRequested ?? false
  }

  static func product(_ x: Matrix, _ y: Matrix) throws(Diagnostic) -> Matrix {
    guard x.columns == y.rows else { throw inner(.matrix(x), .matrix(y)) }
    try checkSize(x.rows, y.columns)
    guard let product = x.times(y, shouldStop: shouldStop) else { throw Machine.interrupted }
    return product
  }

  /// `x*inv(y)`
  static func quotient(_ x: Matrix, _ y: Matrix) throws(Diagnostic) -> Matrix {
    guard x.columns == y.columns else { throw inner(.matrix(x), .matrix(y)) }
    return try product(x, try inverse(y))
  }

  static func inverse(_ matrix: Matrix) throws(Diagnostic) -> Matrix {
    guard matrix.isSquare else {
      throw .runtime(
        "shape", "only a square matrix has an inverse, not \(Value.matrix(matrix).sizedKindName)")
    }
    guard let inverse = matrix.inverse(shouldStop: shouldStop) else {
      if shouldStop() { throw Machine.interrupted }
      throw .runtime("singular", "the matrix is singular: it has no inverse")
    }
    return inverse
  }

  /// `A^n` for a whole n.
  static func power(_ matrix: Matrix, _ exponent: Double, _ names: Names) throws(Diagnostic)
    -> Matrix
  {
    guard exponent == exponent.rounded(), abs(exponent) < 1e15 else {
      throw .runtime(
        "value", "a matrix has whole powers only, not \(exponent.printed)",
        help: "`\(names.left) .^ \(names.right)` works element by element")
    }
    guard matrix.isSquare else {
      throw .runtime(
        "shape", "only a square matrix has powers, not \(Value.matrix(matrix).sizedKindName)",
        help: "`\(names.left) .^ \(names.right)` works element by element")
    }
    var factor = exponent < 0 ? try inverse(matrix) : matrix
    var result = Matrix.identity(matrix.rows)
    var remaining = Int(abs(exponent))
    while remaining > 0 {
      if remaining & 1 == 1 { result = try product(result, factor) }
      remaining >>= 1
      if remaining > 0 { factor = try product(factor, factor) }
    }
    return result
  }
}
