/// The local fields of student and teacher in one row, as the equations see them.
///
/// Fields 0 ..< K are the student's λ, K ..< n the teacher's ρ. With their covariance C and
/// u = (-s v, s* v*), the output error is Σ_a u_a g_a(x_a) + σ ζ (PHYSICS.md, section B).
package final class LocalFields {
  package let K: Int
  package let M: Int
  /// n = K + M.
  package let n: Int
  /// n×n, row by row, both triangles.
  package let C: UnsafeMutablePointer<Double>
  package let u: UnsafeMutablePointer<Double>
  /// Where the drift of student i comes from, K rows of n that `FieldIntegrals.firstLayer` leaves:
  /// drift_ib = Σ_a pull_ia c_ab. By Stein's lemma pull_ia = u_a E[g′(x_i) g′(x_a)], and for a = i
  /// also Σ_a u_a E[g″(x_i) g(x_a)]. Any other field x_b, a component of the inputs in one
  /// eigenspace, say, drifts by the same coefficients.
  package let pull: UnsafeMutablePointer<Double>
  /// Asked every millisecond or so within long sums whether they are still wanted; nil: they are.
  var goesOn: (() -> Bool)?
  /// Set once they were not: what the sums have returned since then is meaningless.
  private(set) var isStopped = false

  package init(K: Int, M: Int) {
    self.K = K
    self.M = M
    n = K + M
    C = .allocate(capacity: n * n)
    u = .allocate(capacity: n)
    pull = .allocate(capacity: K * n)
    C.initialize(repeating: 0, count: n * n)
    u.initialize(repeating: 0, count: n)
    pull.initialize(repeating: 0, count: K * n)
  }

  /// Terms of a sum, each of some nanoseconds, between two questions: to ask takes 50 ns, which a
  /// small system must not pay for every pair of its units.
  static let patience = 1 << 16
  private var terms = 0

  /// Counts terms that follow and asks where it is due; sums that hear true return at once.
  @inline(__always) func stops(before count: Int) -> Bool {
    terms += count
    return terms >= Self.patience ? asks() : isStopped
  }

  @inline(never) private func asks() -> Bool {
    terms = 0
    if !isStopped, let goesOn { isStopped = !goesOn() }
    return isStopped
  }

  deinit {
    C.deallocate()
    u.deallocate()
    pull.deallocate()
  }
}

extension LocalFields {
  /// An erf unit's slopes tilt the covariance (see ``FourFields/tilted``): C′ = C - c_i fᵀ - c_k hᵀ
  /// with the rows i and k of C. Fills f and h and returns J2(i, k).
  @inline(__always) func tilt(
    _ i: Int, _ k: Int, _ f: UnsafeMutablePointer<Double>, _ h: UnsafeMutablePointer<Double>
  ) -> Double {
    let ci = C + i * n, ck = C + k * n
    let p = 1 + ci[i], q = 1 + ck[k], r = ci[k]
    let inverse = 1 / (p * q - r * r)
    for a in 0..<n {
      f[a] = (q * ci[a] - r * ck[a]) * inverse
      h[a] = (p * ck[a] - r * ci[a]) * inverse
    }
    return 2 / .pi * inverse.squareRoot()
  }

  /// The noise of linear students, whose slopes are 1: the variance of the error for every pair.
  func fillNoise(_ noise: UnsafeMutablePointer<Double>, with variance: Double) {
    for i in 0..<K { for k in i..<K { noise[i * K + k] = variance } }
  }
}

/// The sums of Gaussian integrals that the order-parameter equations consist of, for one choice of
/// the student's activation g and the teacher's.
///
/// One conformer is one family of activations; it sums as fast as its closed forms allow.
/// Conformers keep scratch memory: one for each integration, used from one thread.
package protocol FieldIntegrals: AnyObject {
  /// Σ_ab u_a u_b I2(a, b), twice the generalisation error.
  func error(_ fields: LocalFields) -> Double

  /// drift[i n + b] = Σ_a u_a I3(i, b, a) for i < K and all b, and
  /// noise[i K + k] = Σ_ab u_a u_b I4(i, k, a, b) + σ² J2(i, k) for i ≤ k < K. Fills `pull`.
  func firstLayer(
    _ fields: LocalFields, noiseVariance: Double, drift: UnsafeMutablePointer<Double>,
    noise: UnsafeMutablePointer<Double>)

  /// drift[i] = Σ_a u_a I2(i, a) for i < K.
  func secondLayer(_ fields: LocalFields, drift: UnsafeMutablePointer<Double>)
}

/// The fastest sums for these activations.
package func fieldIntegrals(
  student: Activation, teacher: Activation, K: Int, M: Int
) -> any FieldIntegrals {
  switch (student, teacher) {
  case (.erf, .erf), (.erf, .linear), (.linear, .erf), (.linear, .linear):
    return TiltedIntegrals(student: student, teacher: teacher, n: K + M)
  case (.relu, .relu):
    return RectifierIntegrals(n: K + M)
  case (.custom, _), (_, .custom), (.relu, _):
    return PiecewiseLinearIntegrals(student: student, teacher: teacher, K: K, M: M)
      ?? QuadratureIntegrals(student: student, teacher: teacher, n: K + M)
  default:
    return ClosedIntegrals(student: student, teacher: teacher, n: K + M)
  }
}
