#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A function of two straight lines that meet at 0: g(x) = m x + d |x|, with slopes m ± d.
///
/// ReLU has m = d = ½, a leaky ReLU of slope a on the left m, d = (1 ± a)/2, |x| has m = 0, and a
/// linear unit d = 0.
struct PiecewiseLinear: Hashable, Sendable {
  /// m, the odd part.
  var odd: Double
  /// d, the even part.
  var even: Double

  /// nil where g is no such function. A custom one is tested at 60 points up to ±100.
  init?(_ activation: Activation) {
    switch activation {
    case .linear: (odd, even) = (1, 0)
    case .relu: (odd, even) = (0.5, 0.5)
    case .erf, .quadratic, .sign: return nil
    case .custom(let custom):
      guard custom.kinks.allSatisfy({ $0 == 0 }) else { return nil }
      let right = (0..<30).map { 1e-3 * pow(1e5, (Double($0) + 0.31) / 29.31) }
      let x = right + right.map { -$0 }
      var g = x, dg = x
      custom.evaluate(x, count: x.count, g: &g, dg: &dg)
      let slopes = zip(g, x).map { $0 / $1 }
      for j in x.indices where abs(slopes[j] - slopes[j < 30 ? 0 : 30]) > 1e-14 * abs(slopes[j]) {
        return nil
      }
      odd = 0.5 * (slopes[0] + slopes[30])
      even = 0.5 * (slopes[0] - slopes[30])
    }
    guard odd.isFinite, even.isFinite else { return nil }
  }
}

/// The sums for students and teachers whose activations are two straight lines meeting at 0, such
/// as a leaky ReLU: closed forms but for the orthant probabilities in ``RectifierIntegrals``.
///
/// With g = m x + d|x| and g′ = m + d sgn x the integrals are sums of products of even and odd
/// functions, of which those that are odd altogether vanish. For S = sgn x_i sgn x_k the rest is
///
///     E[|x_a||x_b|]     = 4 I2(a, b) - c_ab                         = A_ab
///     E[sgn_i x_a|x_b|] = 4 I3(i, a, b) - c_ab                      = B_i,ab
///     E[S x_a x_b]      = c_ab E[S] + (Stein's lemma twice)         = X_ab
///     E[S |x_a||x_b|]   = 16 I4(i, k, a, b) - c_ab - A_ab - X_ab
///                         - (B_i + B_iᵀ + B_k + B_kᵀ)_ab,
///
/// where I2, I3 and I4 are those of ReLU: the last is (1 + sgn_i)(1 + sgn_k)(x_a + |x_a|)
/// (x_b + |x_b|) = 16 θ_i θ_k relu_a relu_b without its odd terms.
package final class PiecewiseLinearIntegrals: FieldIntegrals {
  private let student: PiecewiseLinear
  private let teacher: PiecewiseLinear
  private let n: Int
  private let rectifier: RectifierIntegrals
  /// The fields as a ReLU network sees them: with u d for u.
  private let evenFields: LocalFields
  /// u m and u d.
  private let odd: UnsafeMutablePointer<Double>
  private let even: UnsafeMutablePointer<Double>
  private let scratch: UnsafeMutablePointer<Double>

  package init?(student: Activation, teacher: Activation, K: Int, M: Int) {
    guard let student = PiecewiseLinear(student), let teacher = PiecewiseLinear(teacher) else {
      return nil
    }
    self.student = student
    self.teacher = teacher
    n = K + M
    rectifier = RectifierIntegrals(n: n)
    evenFields = LocalFields(K: K, M: M)
    odd = .allocate(capacity: 2 * n + K * n)
    odd.initialize(repeating: 0, count: 2 * n + K * n)
    even = odd + n
    scratch = even + n
  }

  deinit { odd.deallocate() }

  private func prepare(_ fields: LocalFields) {
    for a in 0..<n {
      let g = a < fields.K ? student : teacher
      odd[a] = fields.u[a] * g.odd
      even[a] = fields.u[a] * g.even
      evenFields.u[a] = even[a]
    }
    evenFields.C.update(from: fields.C, count: n * n)
    evenFields.goesOn = fields.goesOn
    rectifier.prepare(fields)
  }

  // MARK: The expectations

  private func A(_ C: UnsafePointer<Double>, _ a: Int, _ b: Int) -> Double {
    4 * rectifier.I2(a, b) - C[a * n + b]
  }

  /// E[sgn_i x_a |x_b|] = 2/π [c_ab asin ρ_ib + c_ia |b| √(1 - ρ_ib²)/|i|].
  private func B(_ C: UnsafePointer<Double>, _ i: Int, _ a: Int, _ b: Int) -> Double {
    let (along, across) = signedLength(i, b)
    return C[a * n + b] * along + C[i * n + a] * across
  }

  /// What c_ab and c_ia are multiplied by in E[sgn_i x_a |x_b|].
  private func signedLength(_ i: Int, _ b: Int) -> (along: Double, across: Double) {
    guard !rectifier.isZero(i), !rectifier.isZero(b) else { return (0, 0) }
    let r = rectifier.rho[i * n + b]
    let across = rectifier.length[b] / rectifier.length[i] * max(1 - r * r, 0).squareRoot()
    return (2 / .pi * rectifier.angle[i * n + b], 2 / .pi * across)
  }

  /// E[S], S = sgn_i sgn_k.
  private func signs(_ i: Int, _ k: Int) -> Double {
    if rectifier.isZero(i) || rectifier.isZero(k) { return 0 }
    let parallel = rectifier.parallel[i * n + k]
    return parallel != 0 ? Double(parallel) : 2 / .pi * rectifier.angle[i * n + k]
  }

  private func X(
    _ C: UnsafePointer<Double>, _ i: Int, _ k: Int, _ a: Int, _ b: Int, _ signs: Double
  ) -> Double {
    if rectifier.isZero(i) || rectifier.isZero(k) { return 0 }
    let value = C[a * n + b] * signs
    if rectifier.parallel[i * n + k] != 0 { return value }
    let rho = rectifier.rho, r = rho[i * n + k]
    let (ai, ak, bi, bk) = (rho[a * n + i], rho[a * n + k], rho[b * n + i], rho[b * n + k])
    let terms = ai * bk + ak * bi - r * (ai * bi + ak * bk)
    return value + 2 / .pi * rectifier.length[a] * rectifier.length[b] * terms
      / (1 - r * r).squareRoot()
  }

  // MARK: The sums

  /// Σ_b u_b E[g_a g_b].
  private func row(_ C: UnsafePointer<Double>, _ a: Int, _ g: PiecewiseLinear) -> Double {
    var sum = 0.0
    for b in 0..<n {
      sum += g.odd * odd[b] * C[a * n + b]
      if g.even * even[b] != 0 { sum += g.even * even[b] * A(C, a, b) }
    }
    return sum
  }

  package func error(_ fields: LocalFields) -> Double {
    prepare(fields)
    var total = 0.0
    for a in 0..<n { total += fields.u[a] * row(fields.C, a, a < fields.K ? student : teacher) }
    return total
  }

  package func secondLayer(_ fields: LocalFields, drift: UnsafeMutablePointer<Double>) {
    prepare(fields)
    for i in 0..<fields.K { drift[i] = row(fields.C, i, student) }
  }

  package func firstLayer(
    _ fields: LocalFields, noiseVariance: Double, drift: UnsafeMutablePointer<Double>,
    noise: UnsafeMutablePointer<Double>
  ) {
    let K = fields.K, C = fields.C, m = student.odd, d = student.even
    prepare(fields)
    rectifier.firstLayer(evenFields, noiseVariance: 0, drift: scratch, noise: noise)
    if evenFields.isStopped {
      // Whoever asks for the fields' state is told.
      _ = fields.stops(before: LocalFields.patience)
      return
    }
    for i in 0..<K {
      // E[g′_i x_b g_a] = m m_a c_ab + d d_a E[sgn_i x_b |x_a|]: a coefficient of c_ab, one of c_ib.
      let row = drift + i * n, pull = fields.pull + i * n
      row.update(repeating: 0, count: n)
      var own = 0.0
      for a in 0..<n {
        let (along, across) = signedLength(i, a)
        pull[a] = m * odd[a] + d * even[a] * along
        own += d * even[a] * across
      }
      pull[i] += own
      for a in 0..<n { for b in 0..<n { row[b] += pull[a] * C[a * n + b] } }
    }
    for i in 0..<K {
      for k in i..<K {
        if fields.stops(before: 20 * n * n) { return }
        let signs = signs(i, k)
        var both = 0.0, mixed = 0.0, signed = 0.0
        for a in 0..<n {
          for b in 0..<n {
            let c = C[a * n + b], A = A(C, a, b), X = X(C, i, k, a, b, signs)
            let direct = B(C, i, a, b) + B(C, k, a, b)
            let transposed = B(C, i, b, a) + B(C, k, b, a)
            both += odd[a] * odd[b] * c + even[a] * even[b] * A
            mixed += 2 * odd[a] * even[b] * direct
            signed += odd[a] * odd[b] * X - even[a] * even[b] * (c + A + X + direct + transposed)
          }
        }
        signed += 16 * noise[i * K + k]
        noise[i * K + k] =
          m * m * both + m * d * mixed + d * d * signed + noiseVariance * (m * m + d * d * signs)
      }
    }
  }
}
