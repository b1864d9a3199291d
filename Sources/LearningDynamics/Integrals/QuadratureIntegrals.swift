import CKernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The sums for any activations, by deterministic quadrature.
///
/// The noise term is E[g′(x_i) g′(x_k) err²] with err = Σ_a u_a g_a(x_a): given x_i and x_k the
/// other fields are normal with means on a plane and a fixed covariance, so that
///
///     E[err² | x_i, x_k] = (Σ_a u_a G_a0)² + Σ_a u_a² (E[g_a²] - G_a0²)
///                          + 2 Σ_{a<b} u_a u_b Σ_{m≥1} ρ_ab^m G_am G_bm,
///
/// where G_am is the m-th Hermite coefficient of g_a about its conditional mean (Mehler 1866; see
/// ``Smoothing``). This leaves a two-dimensional integral for each pair i < k, however many fields
/// there are, and one-dimensional ones for i = k, I3, I2.
///
/// The outer rule is the trapezoidal one where all is smooth; otherwise panels of Gauss and
/// Legendre's between the kinks of g′_i, of g′_k, and the places where the smoothed kinks of other
/// fields are narrow.
package final class QuadratureIntegrals: FieldIntegrals {
  let student: FieldFunction
  let teacher: FieldFunction
  let n: Int
  let order: QuadratureOrder
  let smoothing: Smoothing
  let kinkTails: KinkTails
  let pairs: PairIntegrals
  let rules: QuadratureRules
  let isSmooth: Bool
  let level = tss_best_level()

  /// Loadings of the fields on the two outer variables, conditional deviations, correlations.
  let first: UnsafeMutablePointer<Double>
  let second: UnsafeMutablePointer<Double>
  let deviation: UnsafeMutablePointer<Double>
  let residual: UnsafeMutablePointer<Double>
  /// Of each field in one block of points: E[g²], then its Hermite coefficients, as rows.
  private let coefficients: UnsafeMutablePointer<Double>
  /// Rows for one block.
  let work: UnsafeMutablePointer<Double>
  let spare: UnsafeMutablePointer<Double>
  /// How many coefficients E[g_a g_b | x_i, x_k] takes, n×n; see ``chooseModes``.
  var needed: [Int]
  /// ρ_ab^m u_a u_b of one a, while ``variance`` sums over m.
  var powers: [Double]
  let allocation: UnsafeMutablePointer<Double>
  /// The outer rule.
  var rule: OuterRule
  /// Where the coefficients of each field come from.
  var sources: [ModeSource]
  /// The outer fields.
  var outer: [Int] = []
  let wideSmoothing: WideSmoothing
  /// Pairs whose series is too long.
  var parallel: [(ParallelFields, BoxFunction?)] = []

  package init(
    student: Activation, teacher: Activation, n: Int, rules: QuadratureRules = .standard
  ) {
    self.student = FieldFunction(student)
    self.teacher = FieldFunction(teacher)
    self.n = n
    self.rules = rules
    order = rules.order
    smoothing = Smoothing(rules)
    kinkTails = KinkTails(rules, smoothing)
    pairs = PairIntegrals(rules, n: n)
    rule = OuterRule(rules, isSymmetric: self.student.parity * self.teacher.parity == 1)
    wideSmoothing = WideSmoothing(rules)
    sources = [ModeSource](repeating: .points, count: n)
    isSmooth = self.student.kinks.isEmpty && self.teacher.kinks.isEmpty
    let size = Smoothing.block
    let count = 3 * n + n * n + n * (order.moreModes + 1) * size + 7 * size
    allocation = .allocate(capacity: count)
    allocation.initialize(repeating: 0, count: count)
    first = allocation
    second = first + n
    deviation = second + n
    residual = deviation + n
    coefficients = residual + n * n
    work = coefficients + n * (order.moreModes + 1) * size
    spare = work + 6 * size
    needed = [Int](repeating: 1, count: n * n)
    powers = [Double](repeating: 0, count: n)
  }

  deinit {
    smoothing.deallocate()
    kinkTails.deallocate()
    pairs.deallocate()
    allocation.deallocate()
  }

  func function(_ a: Int, _ fields: LocalFields) -> FieldFunction {
    a < fields.K ? student : teacher
  }

  /// Row m of the coefficients of field a in this block.
  func G(_ a: Int, _ m: Int) -> UnsafeMutablePointer<Double> {
    square(a) + (m + 1) * Smoothing.block
  }

  /// E[g_a²] in this block, before the coefficients.
  func square(_ a: Int) -> UnsafeMutablePointer<Double> {
    coefficients + a * (order.moreModes + 1) * Smoothing.block
  }

  // MARK: The sums

  func I2(_ fields: LocalFields, _ a: Int, _ b: Int) -> Double {
    pairs.I2(a, b, covariance: fields.C[a * n + b]) ?? nearlyParallel(fields, min(a, b), max(a, b))
  }

  private func preparePairs(_ fields: LocalFields) {
    for a in 0..<n {
      let isFirst = a == 0 || a == fields.K
      pairs.prepare(
        a, function(a, fields), variance: fields.C[a * (n + 1)], like: isFirst ? nil : a - 1)
    }
  }

  package func error(_ fields: LocalFields) -> Double {
    preparePairs(fields)
    var total = 0.0
    for a in 0..<n {
      total += fields.u[a] * fields.u[a] * I2(fields, a, a)
      for b in a + 1..<max(n, a + 1) {
        if fields.stops(before: 64) { return 0 }
        total += 2 * fields.u[a] * fields.u[b] * I2(fields, a, b)
      }
    }
    return total
  }

  package func secondLayer(_ fields: LocalFields, drift: UnsafeMutablePointer<Double>) {
    preparePairs(fields)
    for i in 0..<fields.K {
      drift[i] = 0
      for a in 0..<n {
        if fields.stops(before: 64) { return }
        drift[i] += fields.u[a] * I2(fields, i, a)
      }
    }
  }

  package func firstLayer(
    _ fields: LocalFields, noiseVariance: Double, drift: UnsafeMutablePointer<Double>,
    noise: UnsafeMutablePointer<Double>
  ) {
    let K = fields.K
    for i in 0..<K {
      noise[i * K + i] = single(fields, i, noiseVariance, drift + i * n)
      for k in i + 1..<max(K, i + 1) {
        if fields.isStopped { return }
        noise[i * K + k] = double(fields, i, k, noiseVariance)
      }
    }
  }

  /// The terms of one student: row[b] = Σ_a u_a I3(i, b, a), and the noise of i = k.
  ///
  /// Given x_i, E[x_b g(x_a)] = β_b x_i G_a0 + (covariance of the rests) G_a1/s_a.
  private func single(
    _ fields: LocalFields, _ i: Int, _ noiseVariance: Double,
    _ row: UnsafeMutablePointer<Double>
  ) -> Double {
    condition(fields, i, nil)
    makeRule(fields, slopes: true)
    chooseModes(fields)
    let size = Smoothing.block, u = fields.u
    let w = work + size, byX = work + 2 * size
    let direct = fields.pull + i * n
    let length = max(fields.C[i * (n + 1)], 0).squareRoot()
    // Of the fields that x_i itself stands for: x_b enters through first_b = c_ib/|x_i|.
    var own = 0.0
    var noise = 0.0
    row.update(repeating: 0, count: n)
    direct.update(repeating: 0, count: n)
    forEachBlock(fields, modes: { max(2, modesOf($0)) }) { count, start in
      for p in 0..<count { w[p] = rule.slopes[start + p] }
      for p in 0..<count { byX[p] = w[p] * rule.weights[start + p] * rule.z1[start + p] }
      var pull = 0.0
      for a in 0..<n { pull += u[a] * tss_dot(level, byX, G(a, 0), Int64(count)) }
      for b in 0..<n { row[b] += first[b] * pull }
      own += pull
      for p in 0..<count { byX[p] = w[p] * rule.weights[start + p] }
      for a in 0..<n where deviation[a] > 0 {
        let slopes = u[a] * tss_dot(level, byX, G(a, 1), Int64(count)) / deviation[a]
        for b in 0..<n { row[b] += slopes * (fields.C[a * n + b] - first[a] * first[b]) }
        direct[a] += slopes
        own -= slopes * first[a]
      }
      for p in 0..<count {
        w[p] *= byX[p]
        noise += noiseVariance * w[p]
      }
      noise += variance(fields, w, count, start)
    }
    if length > 0 { direct[i] += own / length }
    return noise
  }

  /// The noise of two students.
  private func double(
    _ fields: LocalFields, _ i: Int, _ k: Int, _ noiseVariance: Double
  ) -> Double {
    condition(fields, i, k)
    makeRule(fields, slopes: true)
    chooseModes(fields)
    let w = work + Smoothing.block
    var noise = 0.0
    forEachBlock(fields, modes: modesOf) { count, start in
      for p in 0..<count {
        w[p] = rule.weights[start + p] * rule.slopes[start + p]
        noise += noiseVariance * w[p]
      }
      noise += variance(fields, w, count, start)
    }
    return noise
  }
}
