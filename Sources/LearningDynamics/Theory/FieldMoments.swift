import Groundwork

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Moments of degree four of Gaussian fields x_a and of the output sum G = Σ_a u_a g(x_a): what the
/// covariance of one SGD step is made of. For networks that are all erf or all linear.
///
/// Stein's lemma E[x_b F] = Σ_p c_bp E[∂_p F] removes the x; g′ tilts the covariance (as in
/// ``FourFields/tilted``); E[G²] is a sum of I2. Only E[G⁴] is left, which Price's theorem turns into
/// one integral over the size t of the covariance t C, of an analytic function.
struct FieldMoments {
  private let isErf: Bool
  private let n: Int
  private let C: Matrix
  private let u: [Double]

  init(isErf: Bool, covariance: Matrix, u: [Double]) {
    self.isErf = isErf
    n = u.count
    C = covariance
    self.u = u
  }

  func with(u: [Double]) -> Self { Self(isErf: isErf, covariance: C, u: u) }

  /// E[Π_i g′(x_i) F] = weight · E′[F], with the moments under E′; fields may repeat.
  func tilted(by fields: [Int]) -> (weight: Double, moments: Self) {
    guard isErf, !fields.isEmpty else { return (1, self) }
    let square = Matrix(rows: fields.count, columns: fields.count) { i, j in
      C[fields[i], fields[j]] + (i == j ? 1 : 0)
    }
    let lu = LU(square)!
    let rows = Matrix(rows: fields.count, columns: n) { C[fields[$0], $1] }
    let solved = lu.solve(rows)
    var moved = C
    for a in 0..<n {
      for b in 0..<n {
        for i in fields.indices { moved[a, b] -= rows[i, a] * solved[i, b] }
      }
    }
    var factor = 1.0
    for _ in fields { factor *= 2 / .pi }
    return (
      (factor / lu.determinant).squareRoot(), Self(isErf: true, covariance: moved, u: u)
    )
  }

  private func I2(_ a: Int, _ b: Int) -> Double {
    isErf ? Erf.I2(C[a, a], C[a, b], C[b, b]) : C[a, b]
  }

  /// E[g′(x_a) g′(x_b)].
  private func J2(_ a: Int, _ b: Int) -> Double {
    isErf ? Erf.J2(C[a, a], C[a, b], C[b, b]) : 1
  }

  /// E[G²].
  var square: Double {
    var sum = 0.0
    for a in 0..<n where u[a] != 0 {
      sum += u[a] * u[a] * I2(a, a)
      for b in 0..<a where u[b] != 0 { sum += 2 * u[a] * u[b] * I2(a, b) }
    }
    return sum
  }

  func covariance(_ a: Int, _ b: Int) -> Double { C[a, b] }

  /// E[x_b G].
  func linear(_ b: Int) -> Double {
    (0..<n).reduce(0) { sum, p in
      sum + u[p] * C[b, p] * (isErf ? (2 / .pi / (1 + C[p, p])).squareRoot() : 1)
    }
  }

  /// E[x_b x_c G²].
  func quadratic(_ b: Int, _ c: Int) -> Double {
    var sum = C[b, c] * square
    for p in 0..<n where u[p] != 0 {
      var curvature = 0.0
      for q in 0..<n where u[q] != 0 {
        let slopes = J2(p, q)
        sum += 2 * C[b, p] * C[c, q] * u[p] * u[q] * slopes
        // E[g″(x_p) g(x_q)].
        if isErf { curvature -= u[q] * slopes * C[p, q] / (1 + C[p, p]) }
      }
      sum += 2 * C[b, p] * C[c, p] * u[p] * curvature
    }
    return sum
  }

  /// E[x_b G³].
  func cubic(_ b: Int) -> Double {
    (0..<n).reduce(0) { sum, p in
      guard u[p] != 0, C[b, p] != 0 else { return sum }
      let (weight, moments) = tilted(by: [p])
      return sum + 3 * C[b, p] * u[p] * weight * moments.square
    }
  }

  /// E[G⁴] = ∫₀¹ dt ½ Σ_pq c_pq E_tC[∂_p ∂_q G⁴].
  var quartic: Double {
    guard isErf else { return 3 * square * square }
    var total = 0.0
    for (t, weight) in GaussLegendre.unit {
      let scaled = Self(isErf: true, covariance: C.map { t * $0 }, u: u)
      var slope = 0.0
      for p in 0..<n where u[p] != 0 {
        for q in 0...p where u[q] != 0 && C[p, q] != 0 {
          let (factor, moments) = scaled.tilted(by: [p, q])
          slope += (p == q ? 6 : 12) * u[p] * u[q] * C[p, q] * factor * moments.square
        }
        // g″(x) = -x g′(x).
        let (factor, moments) = scaled.tilted(by: [p])
        slope -= 2 * u[p] * C[p, p] * factor * moments.cubic(p)
      }
      total += weight * slope
    }
    return total
  }
}

/// Nodes and weights of Gauss and Legendre's rule with 12 nodes on 0 … 1.
private enum GaussLegendre {
  static let unit: [(Double, Double)] = {
    let n = 12
    return (0..<n).map { k in
      var x = cos(.pi * (Double(k) + 0.75) / (Double(n) + 0.5))
      var slope = 0.0
      for _ in 0..<10 {
        var (before, here) = (1.0, x)
        for j in 2...n {
          let next = Double(2 * j - 1) * x * here - Double(j - 1) * before
          (before, here) = (here, next / Double(j))
        }
        slope = Double(n) * (x * here - before) / (x * x - 1)
        x -= here / slope
      }
      return ((1 + x) / 2, 1 / ((1 - x * x) * slope * slope))
    }
  }()
}
