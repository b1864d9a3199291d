#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// One eigenvalue of a real matrix. Those that are not real come in conjugate pairs.
public struct Eigenvalue: Hashable, Sendable {
  public var real: Double
  public var imaginary: Double

  public init(real: Double, imaginary: Double = 0) {
    self.real = real
    self.imaginary = imaginary
  }

  public var magnitude: Double { hypot(real, imaginary) }
}

extension Matrix {
  /// All eigenvalues of a square matrix, those with the largest real part first, of a pair the one
  /// with the positive imaginary part first.
  ///
  /// Balancing (Parlett and Reinsch 1969), elimination to Hessenberg form by Householder
  /// reflections, and Francis's double QR steps: balanc, orthes and hqr of EISPACK (Martin, Peters
  /// and Wilkinson 1970, Numer. Math. 14, 219), for some hundred rows. An eigenvalue is exact for
  /// a matrix that differs by rounding; where k of them coincide in a Jordan block, that moves them
  /// by the k-th root of 1e-16. Not numbers where an element is not finite.
  public var eigenvalues: [Eigenvalue] { eigenvalues(shouldStop: { false })! }

  /// The same; nil where `shouldStop` said so, which is asked for every row.
  public func eigenvalues(shouldStop: () -> Bool) -> [Eigenvalue]? {
    precondition(isSquare, "only square matrices have eigenvalues")
    guard elements.allSatisfy(\.isFinite) else {
      return .init(repeating: Eigenvalue(real: .nan, imaginary: .nan), count: rows)
    }
    var H = self
    H.balance()
    guard H.reduceToHessenberg(shouldStop), var found = H.francis(shouldStop) else { return nil }
    found.sort { ($0.real, $0.imaginary) > ($1.real, $1.imaginary) }
    return found
  }

  /// Scales rows and columns by powers of two, without rounding, until their sums are alike.
  private mutating func balance() {
    let n = rows
    var isBalanced = false
    while !isBalanced {
      isBalanced = true
      for i in 0..<n {
        var row = 0.0, column = 0.0
        for j in 0..<n where j != i {
          row += abs(self[i, j])
          column += abs(self[j, i])
        }
        guard row > 0, column > 0 else { continue }
        let before = row + column
        var factor = 1.0
        while column < row / 2 {
          factor *= 2
          column *= 4
        }
        while column >= row * 2 {
          factor /= 2
          column /= 4
        }
        guard (row + column) / factor < 0.95 * before else { continue }
        isBalanced = false
        for j in 0..<n {
          self[i, j] /= factor
          self[j, i] *= factor
        }
      }
    }
  }

  /// Householder reflections from both sides, until nothing is left below the subdiagonal.
  /// False where `shouldStop` said so.
  private mutating func reduceToHessenberg(_ shouldStop: () -> Bool) -> Bool {
    let n = rows
    guard n > 2 else { return true }
    var u = [Double](repeating: 0, count: n)
    for m in 1..<n - 1 {
      if shouldStop() { return false }
      var scale = 0.0
      for i in m..<n { scale += abs(self[i, m - 1]) }
      guard scale > 0 else { continue }
      var square = 0.0
      for i in m..<n {
        u[i] = self[i, m - 1] / scale
        square += u[i] * u[i]
      }
      let length = u[m] > 0 ? -square.squareRoot() : square.squareRoot()
      // H = 1 - u uᵀ/h.
      let h = square - u[m] * length
      u[m] -= length
      for j in m..<n {
        var f = 0.0
        for i in m..<n { f += u[i] * self[i, j] }
        f /= h
        for i in m..<n { self[i, j] -= f * u[i] }
      }
      for i in 0..<n {
        var f = 0.0
        for j in m..<n { f += u[j] * self[i, j] }
        f /= h
        for j in m..<n { self[i, j] -= f * u[j] }
      }
      self[m, m - 1] = scale * length
      for i in m + 1..<n { self[i, m - 1] = 0 }
    }
    return true
  }

  /// The eigenvalues of a matrix in Hessenberg form, which is overwritten; nil where `shouldStop`
  /// said so.
  private mutating func francis(_ shouldStop: () -> Bool) -> [Eigenvalue]? {
    var found: [Eigenvalue] = []
    var norm = 0.0
    for i in 0..<rows { for j in Swift.max(0, i - 1)..<rows { norm += abs(self[i, j]) } }
    var end = rows - 1
    // What the exceptional shifts have subtracted from the diagonal.
    var shifted = 0.0
    var iteration = 0
    while end >= 0 {
      if shouldStop() { return nil }
      var l = end
      while l > 0 {
        let size = abs(self[l - 1, l - 1]) + abs(self[l, l])
        // At most, not less: a matrix of zeros is done.
        if abs(self[l, l - 1]) <= .ulpOfOne * (size > 0 ? size : norm) { break }
        l -= 1
      }
      if l == end {
        found.append(Eigenvalue(real: self[end, end] + shifted))
        end -= 1
        iteration = 0
      } else if l == end - 1 {
        found += pair(end, shifted)
        end -= 2
        iteration = 0
      } else {
        var x = self[end, end], y = self[end - 1, end - 1]
        var w = self[end, end - 1] * self[end - 1, end]
        if iteration % 10 == 9 {
          // Wilkinson's shift, against cycles.
          shifted += x
          for i in 0...end { self[i, i] -= x }
          let s = abs(self[end, end - 1]) + abs(self[end - 1, end - 2])
          (x, y, w) = (0.75 * s, 0.75 * s, -0.4375 * s * s)
        }
        iteration += 1
        // Forty are said never to be needed; beyond, the element is given up as it is.
        if iteration > 300 { self[end, end - 1] = 0 } else { doubleStep(l, end, x, y, w) }
      }
    }
    return found
  }

  /// The two eigenvalues of the block that ends at row `end`.
  private func pair(_ end: Int, _ shifted: Double) -> [Eigenvalue] {
    let x = self[end, end] + shifted, y = self[end - 1, end - 1] + shifted
    let p = (y - x) / 2
    let q = p * p + self[end, end - 1] * self[end - 1, end]
    guard q >= 0 else {
      let imaginary = (-q).squareRoot()
      return [1, -1].map { Eigenvalue(real: x + p, imaginary: $0 * imaginary) }
    }
    let z = p >= 0 ? p + q.squareRoot() : p - q.squareRoot()
    return [
      Eigenvalue(real: x + z),
      Eigenvalue(real: z == 0 ? x : x - self[end, end - 1] * self[end - 1, end] / z),
    ]
  }

  /// One double QR step on rows l … end, whose shifts are the roots with sum x + y and product
  /// x y - w.
  private mutating func doubleStep(_ l: Int, _ end: Int, _ x: Double, _ y: Double, _ w: Double) {
    var p = 0.0, q = 0.0, r = 0.0
    var m = end - 2
    while true {
      let z = self[m, m]
      p = ((x - z) * (y - z) - w) / self[m + 1, m] + self[m, m + 1]
      q = self[m + 1, m + 1] - z - (x - z) - (y - z)
      r = self[m + 2, m + 1]
      let s = abs(p) + abs(q) + abs(r)
      (p, q, r) = (p / s, q / s, r / s)
      // Two small subdiagonal elements in a row: the step may begin here.
      if m == l { break }
      let size = abs(self[m - 1, m - 1]) + abs(z) + abs(self[m + 1, m + 1])
      if abs(self[m, m - 1]) * (abs(q) + abs(r)) < .ulpOfOne * abs(p) * size { break }
      m -= 1
    }
    for i in m + 2...end {
      self[i, i - 2] = 0
      if i > m + 2 { self[i, i - 3] = 0 }
    }
    for k in m..<end {
      let isLast = k == end - 1
      var scale = 0.0
      if k > m {
        (p, q, r) = (self[k, k - 1], self[k + 1, k - 1], isLast ? 0 : self[k + 2, k - 1])
        scale = abs(p) + abs(q) + abs(r)
        if scale == 0 { continue }
        (p, q, r) = (p / scale, q / scale, r / scale)
      }
      let length = (p * p + q * q + r * r).squareRoot()
      let s = p < 0 ? -length : length
      if k > m {
        self[k, k - 1] = -s * scale
      } else if l < m {
        self[k, k - 1] = -self[k, k - 1]
      }
      p += s
      let (u, v, t) = (p / s, q / s, r / s)
      (q, r) = (q / p, r / p)
      for j in k..<rows {
        let f = self[k, j] + q * self[k + 1, j] + (isLast ? 0 : r * self[k + 2, j])
        self[k, j] -= f * u
        self[k + 1, j] -= f * v
        if !isLast { self[k + 2, j] -= f * t }
      }
      for i in 0...Swift.min(end, k + 3) {
        let f = u * self[i, k] + v * self[i, k + 1] + (isLast ? 0 : t * self[i, k + 2])
        self[i, k] -= f
        self[i, k + 1] -= f * q
        if !isLast { self[i, k + 2] -= f * r }
      }
    }
  }
}
