#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Eigenvalues and eigenvectors of a symmetric matrix, for some hundred rows.
///
/// Householder's reduction to tridiagonal form and implicit QL iterations: tred2 and tql2 of
/// EISPACK (Bowdler, Martin, Reinsch and Wilkinson 1968, Numer. Math. 11), in their JAMA version.
public struct SymmetricEigen: Sendable {
  /// In increasing order.
  public private(set) var values: [Double]
  /// Column j belongs to `values[j]`; the columns are orthonormal.
  public private(set) var vectors: Matrix

  /// Only the lower triangle of `matrix` is read. Elements must be finite; where they are not, all
  /// results are not numbers.
  public init(_ matrix: Matrix) {
    self.init(matrix, shouldStop: { false })!
  }

  /// The same; nil where `shouldStop`, asked for every row that is reduced, said so.
  public init?(_ matrix: Matrix, shouldStop: () -> Bool) {
    precondition(matrix.isSquare, "only square matrices have eigenvalues")
    let n = matrix.rows
    values = .init(repeating: .nan, count: n)
    vectors = Matrix(rows: n, columns: n) { matrix[max($0, $1), min($0, $1)] }
    guard n > 0 else { return }
    guard vectors.elements.allSatisfy(\.isFinite) else {
      vectors = vectors.map { _ in .nan }
      return
    }
    var offDiagonal = [Double](repeating: 0, count: n)
    var isComplete = false
    vectors.elements.withUnsafeMutableBufferPointer { V in
      values.withUnsafeMutableBufferPointer { d in
        offDiagonal.withUnsafeMutableBufferPointer { e in
          let (V, d, e) = (V.baseAddress!, d.baseAddress!, e.baseAddress!)
          isComplete =
            tridiagonalise(V, d, e, n, shouldStop) && diagonalise(V, d, e, n, shouldStop)
        }
      }
    }
    guard isComplete else { return nil }
    let order = (0..<n).sorted { values[$0] < values[$1] }
    let unordered = self
    values = order.map { unordered.values[$0] }
    vectors = Matrix(rows: n, columns: n) { unordered.vectors[$0, order[$1]] }
  }
}

extension Matrix {
  /// The eigenvalues of a symmetric matrix, in increasing order; the lower triangle is read.
  public var symmetricEigenvalues: [Double] { SymmetricEigen(self).values }
}

private typealias Pointer = UnsafeMutablePointer<Double>

/// V becomes the orthogonal transformation, d the diagonal, e[1...] the subdiagonal; false where
/// it was stopped.
private func tridiagonalise(
  _ V: Pointer, _ d: Pointer, _ e: Pointer, _ n: Int, _ shouldStop: () -> Bool
) -> Bool {
  for j in 0..<n { d[j] = V[(n - 1) * n + j] }
  for i in stride(from: n - 1, to: 0, by: -1) {
    if shouldStop() { return false }
    var scale = 0.0, h = 0.0
    for k in 0..<i { scale += abs(d[k]) }
    if scale == 0 {
      e[i] = d[i - 1]
      for j in 0..<i {
        d[j] = V[(i - 1) * n + j]
        V[i * n + j] = 0
        V[j * n + i] = 0
      }
    } else {
      for k in 0..<i {
        d[k] /= scale
        h += d[k] * d[k]
      }
      var f = d[i - 1]
      var g = f > 0 ? -h.squareRoot() : h.squareRoot()
      e[i] = scale * g
      h -= f * g
      d[i - 1] = f - g
      for j in 0..<i { e[j] = 0 }
      for j in 0..<i {
        f = d[j]
        V[j * n + i] = f
        g = e[j] + V[j * n + j] * f
        for k in j + 1..<max(i, j + 1) {
          g += V[k * n + j] * d[k]
          e[k] += V[k * n + j] * f
        }
        e[j] = g
      }
      f = 0
      for j in 0..<i {
        e[j] /= h
        f += e[j] * d[j]
      }
      let shift = f / (h + h)
      for j in 0..<i { e[j] -= shift * d[j] }
      for j in 0..<i {
        for k in j..<i { V[k * n + j] -= d[j] * e[k] + e[j] * d[k] }
        d[j] = V[(i - 1) * n + j]
        V[i * n + j] = 0
      }
    }
    d[i] = h
  }
  guard accumulate(V, d, n, shouldStop) else { return false }
  e[0] = 0
  return true
}

/// Multiplies the Householder reflections together.
private func accumulate(
  _ V: Pointer, _ d: Pointer, _ n: Int, _ shouldStop: () -> Bool
) -> Bool {
  for i in 0..<n - 1 {
    if shouldStop() { return false }
    V[(n - 1) * n + i] = V[i * n + i]
    V[i * n + i] = 1
    let h = d[i + 1]
    if h != 0 {
      for k in 0...i { d[k] = V[k * n + i + 1] / h }
      for j in 0...i {
        var g = 0.0
        for k in 0...i { g += V[k * n + i + 1] * V[k * n + j] }
        for k in 0...i { V[k * n + j] -= g * d[k] }
      }
    }
    for k in 0...i { V[k * n + i + 1] = 0 }
  }
  for j in 0..<n {
    d[j] = V[(n - 1) * n + j]
    V[(n - 1) * n + j] = 0
  }
  V[(n - 1) * n + n - 1] = 1
  return true
}

/// Implicit QL iterations: d becomes the eigenvalues, the columns of V the eigenvectors.
private func diagonalise(
  _ V: Pointer, _ d: Pointer, _ e: Pointer, _ n: Int, _ shouldStop: () -> Bool
) -> Bool {
  for i in 1..<max(n, 1) { e[i - 1] = e[i] }
  e[n - 1] = 0
  var f = 0.0, largest = 0.0
  for l in 0..<n {
    largest = max(largest, abs(d[l]) + abs(e[l]))
    var m = l
    while m < n - 1 && abs(e[m]) > Double.ulpOfOne * largest { m += 1 }
    // Two or three iterations are usual; sixty guard against an endless loop only.
    for _ in 0..<60 where m > l && abs(e[l]) > Double.ulpOfOne * largest {
      if shouldStop() { return false }
      f += shift(d, e, l, n)
      rotate(V, d, e, l, m, n)
    }
    d[l] += f
    e[l] = 0
  }
  return true
}

/// Subtracts Wilkinson's shift from the diagonal and returns it.
private func shift(_ d: Pointer, _ e: Pointer, _ l: Int, _ n: Int) -> Double {
  let g = d[l]
  let p = (d[l + 1] - g) / (2 * e[l])
  let r = p < 0 ? -hypot(p, 1) : hypot(p, 1)
  d[l] = e[l] / (p + r)
  d[l + 1] = e[l] * (p + r)
  let h = g - d[l]
  for i in l + 2..<max(n, l + 2) { d[i] -= h }
  return h
}

/// One QL sweep over rows l … m.
private func rotate(_ V: Pointer, _ d: Pointer, _ e: Pointer, _ l: Int, _ m: Int, _ n: Int) {
  let below = d[l + 1], start = e[l + 1]
  var p = d[m]
  var c = 1.0, c2 = 1.0, c3 = 1.0, s = 0.0, s2 = 0.0
  for i in stride(from: m - 1, through: l, by: -1) {
    (c3, c2, s2) = (c2, c, s)
    let g = c * e[i], h = c * p
    let r = hypot(p, e[i])
    e[i + 1] = s * r
    s = e[i] / r
    c = p / r
    p = c * d[i] - s * g
    d[i + 1] = h + s * (c * g + s * d[i])
    for k in 0..<n {
      let kept = V[k * n + i + 1]
      V[k * n + i + 1] = s * V[k * n + i] + c * kept
      V[k * n + i] = c * V[k * n + i] - s * kept
    }
  }
  p = -s * s2 * c3 * start * e[l] / below
  e[l] = s * p
  d[l] = c * p
}
