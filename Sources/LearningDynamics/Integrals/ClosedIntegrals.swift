/// The sums for erf, linear and quadratic students with any built-in teacher.
///
/// As in ``TiltedIntegrals`` everything comes down to I2, for which every pair of built-in
/// activations has a closed form:
/// - erf and linear students: I3 by Stein's lemma from B_ia = E[g′(x_i) g′(x_a)], for
///   E[g″(x_i) g(x_a)] = -B_ia c_ia/(1 + c_ii) holds with any teacher; I4 is J2 times I2 under the
///   tilted covariance, whatever the other activations are.
/// - quadratic students: g′ = 2x, so I4 = 4 E[x_i x_k F(x_a, x_b)], which Stein's lemma twice
///   turns into I2 and its derivatives.
package final class ClosedIntegrals: FieldIntegrals {
  private let student: Activation
  private let teacher: Activation
  /// A covariance, and the tilts f and h of ``FourFields/tilted``.
  private let tilted: UnsafeMutablePointer<Double>
  private let f: UnsafeMutablePointer<Double>
  private let h: UnsafeMutablePointer<Double>

  package init(student: Activation, teacher: Activation, n: Int) {
    self.student = student
    self.teacher = teacher
    tilted = .allocate(capacity: n * n + 2 * n)
    tilted.initialize(repeating: 0, count: n * n + 2 * n)
    f = tilted + n * n
    h = f + n
  }

  deinit { tilted.deallocate() }

  private func activation(_ a: Int, _ fields: LocalFields) -> Activation {
    a < fields.K ? student : teacher
  }

  package func error(_ fields: LocalFields) -> Double { outputVariance(fields, fields.C) }

  /// Σ_ab u_a u_b I2(a, b) under the covariance C.
  private func outputVariance(
    _ fields: LocalFields, _ C: UnsafeMutablePointer<Double>
  ) -> Double {
    let n = fields.n, u = fields.u
    var total = 0.0
    for a in 0..<n {
      let g = activation(a, fields), ca = C + a * n
      var row = 0.5 * u[a] * g.I2(with: g, ca[a], ca[a], ca[a])
      for b in a + 1..<n {
        row += u[b] * g.I2(with: activation(b, fields), ca[a], ca[b], C[b * (n + 1)])
      }
      total += 2 * u[a] * row
    }
    return total
  }

  package func secondLayer(_ fields: LocalFields, drift: UnsafeMutablePointer<Double>) {
    let n = fields.n, C = fields.C
    for i in 0..<fields.K {
      var sum = 0.0
      for a in 0..<n {
        sum +=
          fields.u[a]
          * student.I2(
            with: activation(a, fields), C[i * (n + 1)], C[i * n + a], C[a * (n + 1)])
      }
      drift[i] = sum
    }
  }

  package func firstLayer(
    _ fields: LocalFields, noiseVariance: Double, drift: UnsafeMutablePointer<Double>,
    noise: UnsafeMutablePointer<Double>
  ) {
    let n = fields.n, K = fields.K
    if student == .quadratic { return quadraticStudent(fields, noiseVariance, drift, noise) }
    for i in 0..<K { drive(fields, i, drift + i * n) }
    if student == .linear {
      return fields.fillNoise(noise, with: error(fields) + noiseVariance)
    }
    for i in 0..<K {
      for k in i..<K {
        if fields.stops(before: 2 * n * n) { return }
        let J2 = tilt(fields, i, k)
        noise[i * K + k] = J2 * (outputVariance(fields, tilted) + noiseVariance)
      }
    }
  }

  /// Fills `tilted` with C′ for an erf student and returns J2(i, k).
  private func tilt(_ fields: LocalFields, _ i: Int, _ k: Int) -> Double {
    let n = fields.n, C = fields.C
    let ci = C + i * n, ck = C + k * n
    let J2 = fields.tilt(i, k, f, h)
    for a in 0..<n {
      for b in 0..<n { tilted[a * n + b] = C[a * n + b] - ci[a] * f[b] - ck[a] * h[b] }
    }
    return J2
  }

  /// E[g′(x_i) g′(x_a)].
  private func slopes(_ fields: LocalFields, _ i: Int, _ a: Int) -> Double {
    let n = fields.n, C = fields.C
    let c11 = C[i * (n + 1)], c22 = C[a * (n + 1)], c12 = C[i * n + a]
    let other = activation(a, fields)
    if student == .erf {
      switch other {
      case .erf: return Erf.J2(c11, c12, c22)
      case .linear: return (2 / .pi / (1 + c11)).squareRoot()
      case .relu: return 0.5 * (2 / .pi / (1 + c11)).squareRoot()
      case .sign:
        let determinant = (1 + c11) * c22 - c12 * c12
        return determinant > 0 ? 2 / .pi / determinant.squareRoot() : 0
      case .quadratic, .custom: return 0
      }
    }
    switch other {
    case .linear: return 1
    case .erf: return (2 / .pi / (1 + c22)).squareRoot()
    case .relu: return 0.5
    case .sign: return c22 > 0 ? (2 / .pi / c22).squareRoot() : 0
    case .quadratic, .custom: return 0
    }
  }

  /// row[b] = Σ_a u_a I3(i, b, a) = Σ_a u_a B_ia (c_ab - τ c_ib c_ia), with τ = 1/(1 + c_ii) for
  /// erf, 0 for a linear student.
  private func drive(_ fields: LocalFields, _ i: Int, _ row: UnsafeMutablePointer<Double>) {
    let n = fields.n, C = fields.C
    let ci = C + i * n
    let tau = student == .erf ? 1 / (1 + ci[i]) : 0
    let pull = fields.pull + i * n
    row.update(repeating: 0, count: n)
    pull.update(repeating: 0, count: n)
    for a in 0..<n {
      let weight = fields.u[a] * slopes(fields, i, a)
      pull[a] += weight
      pull[i] -= weight * tau * ci[a]
      for b in 0..<n { row[b] += weight * (C[a * n + b] - tau * ci[b] * ci[a]) }
    }
  }

  private func quadraticStudent(
    _ fields: LocalFields, _ noiseVariance: Double, _ drift: UnsafeMutablePointer<Double>,
    _ noise: UnsafeMutablePointer<Double>
  ) {
    let n = fields.n, K = fields.K, C = fields.C, u = fields.u
    // I3(i, b, a) = 2 E[x_i x_b g(x_a)] = 2 (c_ib E[g] + c_ia c_ab E[g″]).
    for i in 0..<K {
      let row = drift + i * n, pull = fields.pull + i * n
      row.update(repeating: 0, count: n)
      pull.update(repeating: 0, count: n)
      for a in 0..<n {
        let mean = activation(a, fields).mean(C[a * (n + 1)])
        let own = 2 * u[a] * mean.value, other = 2 * u[a] * mean.curvature * C[i * n + a]
        pull[i] += own
        pull[a] += other
        for b in 0..<n { row[b] += own * C[i * n + b] + other * C[a * n + b] }
      }
      for k in i..<K { noise[i * K + k] = 4 * C[i * n + k] * noiseVariance }
    }
    // E[x_i x_k F(x_a, x_b)] = c_ik E[F] + Σ_pq c_ip c_kq E[∂_p ∂_q F], p and q of a and b.
    for a in 0..<n {
      for b in a..<n {
        if fields.stops(before: K * K) { return }
        let pair = activation(a, fields).pair(
          with: activation(b, fields), C[a * (n + 1)], C[a * n + b], C[b * (n + 1)])
        let weight = 4 * u[a] * u[b] * (a == b ? 1 : 2)
        for i in 0..<K {
          let (ia, ib) = (C[i * n + a], C[i * n + b])
          for k in i..<K {
            let (ka, kb) = (C[k * n + a], C[k * n + b])
            let own = 2 * (ia * ka * pair.first + ib * kb * pair.second)
            noise[i * K + k] +=
              weight * (C[i * n + k] * pair.value + (ia * kb + ib * ka) * pair.cross + own)
          }
        }
      }
    }
  }
}
