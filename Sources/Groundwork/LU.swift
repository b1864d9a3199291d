/// The LU factorisation with partial pivoting, P A = L U, of a square matrix.
///
/// For systems of some hundred unknowns. It can be refilled without allocating anew, as the stiff
/// integrators do.
public struct LU {
  /// The number of unknowns.
  public let count: Int
  /// L below the diagonal (of ones), U on and above it; row by row.
  private var factors: [Double]
  /// The row exchanged with row k in step k.
  private var pivots: [Int]

  /// A factorisation to be filled by `factor`.
  public init(count: Int) {
    self.count = count
    factors = .init(repeating: 0, count: count * count)
    pivots = .init(repeating: 0, count: count)
  }

  /// Factors a square matrix; nil where it is singular (a pivot is 0 or not finite) or where
  /// `shouldStop`, asked every few columns and rows, said so.
  public init?(_ matrix: Matrix, shouldStop: () -> Bool = { false }) {
    precondition(matrix.isSquare, "only square matrices have an LU factorisation")
    self.init(count: matrix.rows)
    let fill = { (fill: UnsafeMutableBufferPointer<Double>) in
      for i in 0..<fill.count { fill[i] = matrix.elements[i] }
    }
    guard factor(fill, shouldStop: shouldStop) else { return nil }
  }

  /// Factors the matrix that `fill` writes, row by row; false where it is singular or stopped.
  public mutating func factor(
    _ fill: (UnsafeMutableBufferPointer<Double>) -> Void, shouldStop: () -> Bool = { false }
  ) -> Bool {
    let n = count
    var pivots = self.pivots
    defer { self.pivots = pivots }
    return factors.withUnsafeMutableBufferPointer { buffer in
      fill(buffer)
      guard let a = buffer.baseAddress else { return true }
      // Blocks of four columns, so that the rest of the matrix passes through the caches once for
      // four eliminations instead of once for each.
      for start in stride(from: 0, to: n, by: 4) {
        let end = min(start + 4, n)
        guard !shouldStop(), Self.eliminate(a, n, from: start, to: end, &pivots)
        else { return false }
        if end < n {
          guard Self.update(a, n, from: start, shouldStop) else { return false }
        }
      }
      return true
    }
  }

  /// Eliminates columns `start ..< end` within these columns, and exchanges whole rows.
  private static func eliminate(
    _ a: UnsafeMutablePointer<Double>, _ n: Int, from start: Int, to end: Int,
    _ pivots: inout [Int]
  ) -> Bool {
    for k in start..<end {
      var p = k
      for i in k + 1..<max(n, k + 1) where abs(a[i * n + k]) > abs(a[p * n + k]) { p = i }
      pivots[k] = p
      if p != k {
        for j in 0..<n {
          let kept = a[k * n + j]
          a[k * n + j] = a[p * n + j]
          a[p * n + j] = kept
        }
      }
      let pivot = a[k * n + k]
      guard pivot != 0, pivot.isFinite else { return false }
      for i in k + 1..<max(n, k + 1) {
        let row = a + i * n
        row[k] /= pivot
        for j in k + 1..<max(end, k + 1) { row[j] -= row[k] * a[k * n + j] }
      }
    }
    return true
  }

  /// Applies the eliminations of columns `start ..< start + 4` to the columns right of them; false
  /// where it was stopped.
  private static func update(
    _ a: UnsafeMutablePointer<Double>, _ n: Int, from start: Int, _ shouldStop: () -> Bool
  ) -> Bool {
    let end = start + 4
    let u0 = a + start * n, u1 = u0 + n, u2 = u1 + n, u3 = u2 + n
    for i in 1..<4 {
      let row = a + (start + i) * n
      for k in 0..<i {
        let factor = row[start + k], above = a + (start + k) * n
        for j in end..<n { row[j] -= factor * above[j] }
      }
    }
    for i in end..<n {
      // For one block of 10⁴ rows takes a fifth of a second.
      if i & 255 == 0, shouldStop() { return false }
      let row = a + i * n
      let (l0, l1, l2, l3) = (row[start], row[start + 1], row[start + 2], row[start + 3])
      for j in end..<n { row[j] -= (l0 * u0[j] + l1 * u1[j]) + (l2 * u2[j] + l3 * u3[j]) }
    }
    return true
  }

  /// Replaces b by the solution x of A x = b.
  public func solve(_ b: UnsafeMutablePointer<Double>) {
    let n = count
    guard n > 0 else { return }
    factors.withUnsafeBufferPointer { a in
      for k in 0..<n where pivots[k] != k {
        let kept = b[k]
        b[k] = b[pivots[k]]
        b[pivots[k]] = kept
      }
      for i in 0..<n {
        b[i] -= dot(a.baseAddress! + i * n, b, i)
      }
      for i in (0..<n).reversed() {
        let known = dot(a.baseAddress! + i * n + i + 1, b + i + 1, n - i - 1)
        b[i] = (b[i] - known) / a[i * n + i]
      }
    }
  }

  /// The scalar product, in four sums, for one sum would wait for each addition.
  private func dot(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ n: Int) -> Double {
    var (s0, s1, s2, s3) = (0.0, 0.0, 0.0, 0.0)
    var i = 0
    while i + 4 <= n {
      s0 += x[i] * y[i]
      s1 += x[i + 1] * y[i + 1]
      s2 += x[i + 2] * y[i + 2]
      s3 += x[i + 3] * y[i + 3]
      i += 4
    }
    while i < n {
      s0 += x[i] * y[i]
      i += 1
    }
    return (s0 + s1) + (s2 + s3)
  }

  /// The solution x of A x = b.
  public func solve(_ b: [Double]) -> [Double] {
    precondition(b.count == count, "the right-hand side needs as many elements as unknowns")
    var x = b
    x.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { solve(base) } }
    return x
  }

  /// The solution X of A X = B, column by column.
  public func solve(_ B: Matrix) -> Matrix { solve(B, shouldStop: { false })! }

  /// The same; nil where `shouldStop`, asked before each column, said so.
  public func solve(_ B: Matrix, shouldStop: () -> Bool) -> Matrix? {
    var X = Matrix(rows: B.rows, columns: B.columns)
    for j in 0..<B.columns {
      if shouldStop() { return nil }
      for (i, x) in solve(B.column(j)).enumerated() { X[i, j] = x }
    }
    return X
  }

  /// The product of the pivots, with the sign of the permutation.
  public var determinant: Double {
    var product = 1.0
    for k in 0..<count {
      product *= pivots[k] == k ? factors[k * (count + 1)] : -factors[k * (count + 1)]
    }
    return product
  }
}

extension Matrix {
  /// 0 for a singular matrix, 1 for the empty one.
  public var determinant: Double { LU(self)?.determinant ?? 0 }

  /// nil where the matrix is singular.
  public var inverse: Matrix? { inverse(shouldStop: { false }) }

  /// nil where the matrix is singular, or where `shouldStop` said so.
  public func inverse(shouldStop: () -> Bool) -> Matrix? {
    LU(self, shouldStop: shouldStop)?.solve(.identity(rows), shouldStop: shouldStop)
  }

  /// The solution x of A x = b; nil where the matrix is singular.
  public func solve(_ b: [Double]) -> [Double]? { LU(self)?.solve(b) }

  /// The solution X of A X = B; nil where the matrix is singular.
  public func solve(_ B: Matrix) -> Matrix? { LU(self)?.solve(B) }
}
