#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The sums for students and teachers that are each erf or linear.
///
/// Three identities bring everything down to I2 and its derivatives:
/// - Stein: I3(i, b, a) = c_ab B_ia + c_ib E[g″(x_i) g(x_a)], with B_ia = E[g′(x_i) g′(x_a)]; for
///   erf E[g″(x_i) g(x_a)] = -B_ia c_ia/(1 + c_ii), for a linear student it is 0. So all I3 cost
///   one square root for each (i, a) and a matrix product.
/// - Tilting: for an erf student I4(i, k, a, b) = J2(i, k) I2(a, b) under the covariance
///   C′ = C - C_·D (1 + C_DD)⁻¹ C_D·, D = {i, k} (see ``FourFields/tilted``).
/// - I2 depends on the normalised z = c_ab n_a n_b only, with n_a = 1/√(1 + c_aa) for an erf unit
///   and 1 for a linear one: it is (2/π) asin z, √(2/π) z or z.
package final class TiltedIntegrals: FieldIntegrals {
  let student: Activation
  let teacher: Activation
  /// Scratch rows of n: normalisations n_a, tilts f and h, products z, weights W_ia.
  private let norm: UnsafeMutablePointer<Double>
  private let f: UnsafeMutablePointer<Double>
  private let h: UnsafeMutablePointer<Double>
  private let z: UnsafeMutablePointer<Double>
  private let weights: UnsafeMutablePointer<Double>

  package init(student: Activation, teacher: Activation, n: Int) {
    self.student = student
    self.teacher = teacher
    norm = .allocate(capacity: 5 * n)
    norm.initialize(repeating: 0, count: 5 * n)
    f = norm + n
    h = norm + 2 * n
    z = norm + 3 * n
    weights = norm + 4 * n
  }

  deinit { norm.deallocate() }

  package func error(_ fields: LocalFields) -> Double {
    f.update(repeating: 0, count: fields.n)
    h.update(repeating: 0, count: fields.n)
    return outputVariance(fields, fields.C, fields.C)
  }

  package func firstLayer(
    _ fields: LocalFields, noiseVariance: Double, drift: UnsafeMutablePointer<Double>,
    noise: UnsafeMutablePointer<Double>
  ) {
    let n = fields.n, K = fields.K, C = fields.C
    for i in 0..<K { drive(fields, i, drift + i * n) }
    if student == .linear {
      return fields.fillNoise(noise, with: error(fields) + noiseVariance)
    }
    for i in 0..<K {
      for k in i..<K {
        if fields.stops(before: n * n) { return }
        let J2 = fields.tilt(i, k, f, h)
        noise[i * K + k] = J2 * (outputVariance(fields, C + i * n, C + k * n) + noiseVariance)
      }
    }
  }

  package func secondLayer(_ fields: LocalFields, drift: UnsafeMutablePointer<Double>) {
    let n = fields.n, K = fields.K, C = fields.C, u = fields.u
    for i in 0..<K {
      let ci = C + i * n
      var sum = 0.0
      for a in 0..<n {
        let h = a < K ? student : teacher
        sum += u[a] * student.I2(with: h, ci[i], ci[a], C[a * n + a])
      }
      drift[i] = sum
    }
  }

  /// row[b] = Σ_a u_a I3(i, b, a) = Σ_a W_a c_ab - c_ib τ Σ_a W_a c_ia, with W_a = u_a B_ia and
  /// τ = 1/(1 + c_ii) for an erf student, 0 for a linear one.
  private func drive(_ fields: LocalFields, _ i: Int, _ row: UnsafeMutablePointer<Double>) {
    let n = fields.n, C = fields.C, u = fields.u
    let ci = C + i * n
    let p = 1 + ci[i]
    for a in 0..<n {
      let q = 1 + C[a * n + a]
      switch (student, a < fields.K ? student : teacher) {
      case (.erf, .erf): weights[a] = u[a] * (2 / .pi) / (p * q - ci[a] * ci[a]).squareRoot()
      case (.erf, .linear): weights[a] = u[a] * (2 / .pi / p).squareRoot()
      case (.linear, .erf): weights[a] = u[a] * (2 / .pi / q).squareRoot()
      default: weights[a] = u[a]  // Both are linear.
      }
    }
    var own = 0.0
    if student == .erf {
      for a in 0..<n { own += weights[a] * ci[a] }
      own /= p
    }
    for b in 0..<n { row[b] = -own * ci[b] }
    let pull = fields.pull + i * n
    for a in 0..<n { pull[a] = weights[a] }
    pull[i] -= own
    for a in 0..<n {
      let w = weights[a], ca = C + a * n
      for b in 0..<n { row[b] += w * ca[b] }
    }
  }

  /// Σ_ab u_a u_b I2(a, b) under C′_ab = c_ab - c_ia f_b - c_ka h_b; `ci` and `ck` are rows of C.
  private func outputVariance(
    _ fields: LocalFields, _ ci: UnsafeMutablePointer<Double>, _ ck: UnsafeMutablePointer<Double>
  ) -> Double {
    let n = fields.n, K = fields.K, u = fields.u
    let erfFrom = student == .erf ? 0 : K, erfTo = teacher == .erf ? n : K
    for a in 0..<n { norm[a] = 1 }
    for a in erfFrom..<max(erfFrom, erfTo) {
      norm[a] = 1 / (1 + fields.C[a * n + a] - ci[a] * f[a] - ck[a] * h[a]).squareRoot()
    }
    var total = 0.0
    for a in 0..<n {
      let ca = fields.C + a * n
      let x = ci[a], y = ck[a], s = norm[a]
      for b in a..<n { z[b] = (ca[b] - x * f[b] - y * h[b]) * s * norm[b] }
      let g = a < K ? student : teacher
      var row = a < K ? link(g, student, u, from: a + 1, to: K) : 0
      row += link(g, teacher, u, from: max(a + 1, K), to: n)
      total += u[a] * (2 * row + link(g, g, u, from: a, to: a + 1))
    }
    return total
  }

  /// Σ_b u_b I2 of the normalised covariances z_b.
  @inline(__always)
  private func link(
    _ g: Activation, _ h: Activation, _ u: UnsafeMutablePointer<Double>, from: Int, to: Int
  ) -> Double {
    var sum = 0.0
    if from >= to { return sum }
    if g == .erf && h == .erf {
      for b in from..<to { sum += u[b] * asin(z[b]) }
      return 2 / .pi * sum
    }
    for b in from..<to { sum += u[b] * z[b] }
    return g == h ? sum : (2 / .pi).squareRoot() * sum
  }
}
