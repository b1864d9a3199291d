import Groundwork

/// Square roots of covariances that may be singular: a student that copies its teacher, a student
/// at zero.
package enum CovarianceRoot {
  /// A square matrix X with X Xᵀ = C, for a symmetric positive semidefinite C.
  ///
  /// Cholesky's method with pivoting, on the matrix of correlations: pivoting makes it stop cleanly
  /// where the rank is exhausted, and correlations make rows of very different lengths (a student
  /// of length 1e-9 before a teacher of length 1) equally exact.
  package static func of(_ C: Matrix) -> Matrix {
    let n = C.rows
    let length = (0..<n).map { max(0, C[$0, $0]).squareRoot() }
    var rest = Matrix(rows: n, columns: n) { i, j in
      length[i] > 0 && length[j] > 0 ? C[i, j] / (length[i] * length[j]) : 0
    }
    var root = Matrix(rows: n, columns: n)
    for column in 0..<n {
      let pivot = (0..<n).max { rest[$0, $0] < rest[$1, $1] }!
      guard rest[pivot, pivot] > 1e-15 * Double(n) else { break }
      let scale = rest[pivot, pivot].squareRoot()
      let factors = (0..<n).map { rest[$0, pivot] / scale }
      for i in 0..<n { root[i, column] = factors[i] * length[i] }
      for i in 0..<n { for j in 0..<n { rest[i, j] -= factors[i] * factors[j] } }
      // What remains of the pivot's row is rounding; it must not come up again.
      for i in 0..<n {
        rest[i, pivot] = 0
        rest[pivot, i] = 0
      }
    }
    return root
  }
}
