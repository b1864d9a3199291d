#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Derivatives of the sums in ``TiltedIntegrals`` with respect to the covariance C and to u.
///
/// By Price's theorem I2(a, b) has the derivatives D_ab = E[g′(x_a) g′(x_b)] with respect to c_ab
/// and, for an erf unit a, -D_ab c_ab/(2 (1 + c_aa)) with respect to c_aa. All derivatives are made
/// of these, without any transcendental function, so that a Jacobian costs about as much as one
/// right-hand side.
final class TiltedGradients {
  private let student: Activation
  private let teacher: Activation
  /// B_ia = E[g′(x_i) g′(x_a)] for one i, and its derivatives with respect to c_ii, c_ia, c_aa.
  let B: UnsafeMutablePointer<Double>
  let byOwn: UnsafeMutablePointer<Double>
  let byCovariance: UnsafeMutablePointer<Double>
  let byOther: UnsafeMutablePointer<Double>
  /// The tilts f and h of ``FourFields/tilted``, so that C′ = C - c_i fᵀ - c_k hᵀ.
  let f: UnsafeMutablePointer<Double>
  let h: UnsafeMutablePointer<Double>
  /// rows[a] = Σ_b u_b I2(a, b) under C′.
  let rows: UnsafeMutablePointer<Double>
  /// G_ab, the derivative of Σ_ab u_a u_b I2(a, b) with respect to C′, as dS = Σ_ab G_ab dC′_ab.
  let G: UnsafeMutablePointer<Double>
  private let tilted: UnsafeMutablePointer<Double>
  private let norm: UnsafeMutablePointer<Double>

  init(student: Activation, teacher: Activation, n: Int) {
    self.student = student
    self.teacher = teacher
    B = .allocate(capacity: 8 * n + 2 * n * n)
    B.initialize(repeating: 0, count: 8 * n + 2 * n * n)
    (byOwn, byCovariance, byOther) = (B + n, B + 2 * n, B + 3 * n)
    (f, h, rows, norm) = (B + 4 * n, B + 5 * n, B + 6 * n, B + 7 * n)
    (G, tilted) = (B + 8 * n, B + 8 * n + n * n)
  }

  deinit { B.deallocate() }

  /// Fills B and its derivatives for student i.
  func pairs(_ fields: LocalFields, _ i: Int) {
    let n = fields.n
    let p = 1 + fields.C[i * n + i]
    for a in 0..<n {
      let q = 1 + fields.C[a * n + a], r = fields.C[i * n + a]
      switch (student, a < fields.K ? student : teacher) {
      case (.erf, .erf):
        let L = p * q - r * r
        let value = 2 / .pi / L.squareRoot()
        B[a] = value
        byOwn[a] = -0.5 * value * q / L
        byCovariance[a] = value * r / L
        byOther[a] = -0.5 * value * p / L
      case (.erf, .linear):
        B[a] = (2 / .pi / p).squareRoot()
        byOwn[a] = -0.5 * B[a] / p
        (byCovariance[a], byOther[a]) = (0, 0)
      case (.linear, .erf):
        B[a] = (2 / .pi / q).squareRoot()
        byOther[a] = -0.5 * B[a] / q
        (byOwn[a], byCovariance[a]) = (0, 0)
      default:  // Both are linear.
        B[a] = 1
        (byOwn[a], byCovariance[a], byOther[a]) = (0, 0, 0)
      }
    }
  }

  /// Tilts by g′(x_i) g′(x_k) and fills f, h and G; `rows` only where it is needed, for it takes
  /// the arcsines. A linear student does not tilt. Returns S = Σ_ab u_a u_b I2(a, b), or 0.
  func outputVariance(
    _ fields: LocalFields, _ i: Int, _ k: Int, withValues: Bool
  ) -> Double {
    let n = fields.n, K = fields.K, C = fields.C, u = fields.u
    let ci = C + i * n, ck = C + k * n
    let p = 1 + ci[i], q = 1 + ck[k], r = ci[k]
    let inverse = student == .erf ? 1 / (p * q - r * r) : 0
    for a in 0..<n {
      f[a] = (q * ci[a] - r * ck[a]) * inverse
      h[a] = (p * ck[a] - r * ci[a]) * inverse
    }
    for a in 0..<n {
      for b in a..<n { tilted[a * n + b] = C[a * n + b] - ci[a] * f[b] - ck[a] * h[b] }
      let isErf = (a < K ? student : teacher) == .erf
      norm[a] = isErf ? 1 / (1 + tilted[a * (n + 1)]).squareRoot() : 1
      rows[a] = 0
      G[a * (n + 1)] = 0
    }
    var total = 0.0
    for a in 0..<n {
      let g = a < K ? student : teacher
      for b in a..<n {
        let other = b < K ? student : teacher
        let scale = norm[a] * norm[b]
        let z = tilted[a * n + b] * scale
        var D = scale, value = z
        if g == .erf && other == .erf {
          D *= 2 / .pi / (1 - z * z).squareRoot()
          if withValues { value = 2 / .pi * asin(z) }
        } else if g != other {
          D *= (2 / .pi).squareRoot()
          value *= (2 / .pi).squareRoot()
        }
        let weight = u[a] * u[b] * D
        // The derivatives with respect to c_aa and c_bb, of both orders of the pair.
        let own = weight * tilted[a * n + b]
        if g == .erf { G[a * (n + 1)] -= own * norm[a] * norm[a] }
        if a == b {
          G[a * (n + 1)] += weight
          rows[a] += u[a] * value
        } else {
          if other == .erf { G[b * (n + 1)] -= own * norm[b] * norm[b] }
          G[a * n + b] = weight
          G[b * n + a] = weight
          rows[a] += u[b] * value
          rows[b] += u[a] * value
        }
      }
    }
    if withValues { for a in 0..<n { total += u[a] * rows[a] } }
    return total
  }

  /// Turns G into the derivative with respect to C: Pᵀ G P with P = 1 - f e_iᵀ - h e_kᵀ.
  func untilt(_ fields: LocalFields, _ i: Int, _ k: Int) {
    let n = fields.n
    let Gf = norm, Gh = tilted
    var ff = 0.0, fh = 0.0, hh = 0.0
    for a in 0..<n {
      var byF = 0.0, byH = 0.0
      for b in 0..<n {
        byF += G[a * n + b] * f[b]
        byH += G[a * n + b] * h[b]
      }
      (Gf[a], Gh[a]) = (byF, byH)
      ff += f[a] * byF
      fh += f[a] * byH
      hh += h[a] * byH
    }
    for a in 0..<n {
      G[i * n + a] -= Gf[a]
      G[a * n + i] -= Gf[a]
      G[k * n + a] -= Gh[a]
      G[a * n + k] -= Gh[a]
    }
    G[i * (n + 1)] += ff
    G[i * n + k] += fh
    G[k * n + i] += fh
    G[k * (n + 1)] += hh
  }
}
