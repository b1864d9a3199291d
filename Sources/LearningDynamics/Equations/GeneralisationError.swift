import Groundwork

extension OrderParameters {
  /// ε_g = ½⟨(φ(x) - φ*(x))²⟩ against the noiseless teacher, over Gaussian inputs (Goldt et al.
  /// 2020, eq. 4); without σ²/2. The scales of both networks are taken into account.
  ///
  /// With the local fields of student and teacher numbered in one row and
  /// u = (-s v, s* v*), ε_g = ½ Σ_ab u_a u_b I2(a, b). The sum cancels: near 0 it is exact to
  /// about 1e-15 times Σ u². Where rounding makes it negative the result is 0.
  public func generalisationError(student: Student, teacher: Teacher) -> Double {
    let K = v.count, M = vStar.count
    let g = student.activation, h = teacher.activation
    if g.isCustom || h.isCustom { return errorBySums(student: student, teacher: teacher) }
    var error = 0.0
    for i in 0..<K {
      let u = student.scale * v[i]
      for k in 0..<i {
        error += u * student.scale * v[k] * g.I2(with: g, Q[i, i], Q[i, k], Q[k, k])
      }
      error += 0.5 * u * u * g.I2(with: g, Q[i, i], Q[i, i], Q[i, i])
      for n in 0..<M {
        error -= u * teacher.scale * vStar[n] * g.I2(with: h, Q[i, i], R[i, n], T[n, n])
      }
    }
    for n in 0..<M {
      let u = teacher.scale * vStar[n]
      for m in 0..<n {
        error += u * teacher.scale * vStar[m] * h.I2(with: h, T[n, n], T[n, m], T[m, m])
      }
      error += 0.5 * u * u * h.I2(with: h, T[n, n], T[n, n], T[n, n])
    }
    return Self.withoutNegative(error)
  }

  /// The same from the sums of the equations, which share what quadrature has to prepare.
  private func errorBySums(student: Student, teacher: Teacher) -> Double {
    let K = v.count, M = vStar.count
    let fields = LocalFields(K: K, M: M)
    let C = covariance
    for a in 0..<(K + M) * (K + M) { fields.C[a] = C.elements[a] }
    for i in 0..<K { fields.u[i] = -student.scale * v[i] }
    for n in 0..<M { fields.u[K + n] = teacher.scale * vStar[n] }
    let integrals = fieldIntegrals(
      student: student.activation, teacher: teacher.activation, K: K, M: M)
    return Self.withoutNegative(0.5 * integrals.error(fields))
  }

  /// ε_g as it is shown: 0 where rounding leaves less, -0 too, and not a number where it is none.
  static func withoutNegative(_ error: Double) -> Double { error <= 0 ? 0 : error }
}
