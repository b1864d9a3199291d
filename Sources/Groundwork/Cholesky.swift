/// The Cholesky factorisation A = L Lᵀ of a symmetric positive definite matrix.
public struct Cholesky: Sendable {
  /// L, lower triangular with a positive diagonal.
  public let lower: Matrix

  /// nil where the matrix is not positive definite, or where `shouldStop`, asked before each column,
  /// said so. Only its lower triangle is read.
  public init?(_ matrix: Matrix, shouldStop: () -> Bool = { false }) {
    precondition(matrix.isSquare, "only square matrices have a Cholesky factorisation")
    let n = matrix.rows
    var L = Matrix(rows: n, columns: n)
    for j in 0..<n {
      if shouldStop() { return nil }
      for i in j..<n {
        var sum = matrix[i, j]
        for k in 0..<j { sum -= L[i, k] * L[j, k] }
        if i > j {
          L[i, j] = sum / L[j, j]
        } else {
          guard sum > 0, sum.isFinite else { return nil }
          L[j, j] = sum.squareRoot()
        }
      }
    }
    lower = L
  }

  /// The solution x of A x = b.
  public func solve(_ b: [Double]) -> [Double] {
    precondition(b.count == lower.rows, "the right-hand side needs as many elements as unknowns")
    let n = lower.rows
    var x = b
    for i in 0..<n {
      for k in 0..<i { x[i] -= lower[i, k] * x[k] }
      x[i] /= lower[i, i]
    }
    for i in (0..<n).reversed() {
      for k in i + 1..<max(n, i + 1) { x[i] -= lower[k, i] * x[k] }
      x[i] /= lower[i, i]
    }
    return x
  }
}
