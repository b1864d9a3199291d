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
  private let student: FieldFunction
  private let teacher: FieldFunction
  private let n: Int
  private let order: QuadratureOrder
  private let smoothing: Smoothing
  private let kinkTails: KinkTails
  private let pairs: PairIntegrals
  private let rules: QuadratureRules
  private let isSmooth: Bool
  private let level = tss_best_level()

  /// Loadings of the fields on the two outer variables, conditional deviations, correlations.
  private let first: UnsafeMutablePointer<Double>
  private let second: UnsafeMutablePointer<Double>
  private let deviation: UnsafeMutablePointer<Double>
  private let residual: UnsafeMutablePointer<Double>
  /// Hermite coefficients of each field in one block, E[g²], and rows for one block.
  private let coefficients: UnsafeMutablePointer<Double>
  private let squares: UnsafeMutablePointer<Double>
  private let work: UnsafeMutablePointer<Double>
  /// How many coefficients E[g_a g_b | x_i, x_k] takes, n×n; see ``chooseModes``.
  private var needed: [Int]
  private let allocation: UnsafeMutablePointer<Double>
  /// The outer rule.
  private var rule: OuterRule
  /// Of the fields that are wide against their functions given the outer ones.
  private var tables: [WideSmoothing.Table?]
  private let wideSmoothing: WideSmoothing
  /// Pairs whose series is too long.
  private var parallel: [(ParallelFields, BoxFunction?)] = []

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
    tables = [WideSmoothing.Table?](repeating: nil, count: n)
    isSmooth = self.student.kinks.isEmpty && self.teacher.kinks.isEmpty
    let size = Smoothing.block
    let count = 3 * n + n * n + n * order.modes * size + n * size + 6 * size
    allocation = .allocate(capacity: count)
    allocation.initialize(repeating: 0, count: count)
    first = allocation
    second = first + n
    deviation = second + n
    residual = deviation + n
    coefficients = residual + n * n
    squares = coefficients + n * order.modes * size
    work = squares + n * size
    needed = [Int](repeating: 1, count: n * n)
  }

  deinit {
    smoothing.deallocate()
    kinkTails.deallocate()
    pairs.deallocate()
    allocation.deallocate()
  }

  private func function(_ a: Int, _ fields: LocalFields) -> FieldFunction {
    a < fields.K ? student : teacher
  }

  // MARK: Conditioning

  /// Makes x_i, and x_k where it is given, the outer variables: x_a = first z₁ + second z₂ plus
  /// a rest of this deviation and these correlations.
  private func condition(_ fields: LocalFields, _ i: Int, _ k: Int?) {
    for a in 0..<n { tables[a] = nil }
    parallel.removeAll(keepingCapacity: true)
    let C = fields.C
    let length = max(C[i * (n + 1)], 0).squareRoot()
    for a in 0..<n {
      first[a] = length > 0 ? C[i * n + a] / length : 0
      second[a] = 0
    }
    if let k {
      let rest = C[k * (n + 1)] - first[k] * first[k]
      if rest > 1e-13 * C[k * (n + 1)] {
        let root = rest.squareRoot()
        for a in 0..<n { second[a] = (C[k * n + a] - first[k] * first[a]) / root }
      }
      second[i] = 0
    }
    for a in 0..<n {
      let variance = C[a * (n + 1)]
      let rest = variance - first[a] * first[a] - second[a] * second[a]
      let isOuter = a == i || a == k
      deviation[a] = !isOuter && rest > 1e-13 * variance ? rest.squareRoot() : 0
    }
    for a in 0..<n {
      for b in 0..<n {
        let size = deviation[a] * deviation[b]
        let rest = C[a * n + b] - first[a] * first[b] - second[a] * second[b]
        residual[a * n + b] = size > 0 ? min(1, max(-1, rest / size)) : 0
      }
    }
  }

  // MARK: Preparing

  /// Makes the rule for x_i, and x_k where it is given, that resolves the fields in `wanted` (nil:
  /// all), and tables for those that are wide against their functions. `slopes`: the g′ of x_i and
  /// x_k multiply everything.
  private func makeRule(
    _ fields: LocalFields, _ i: Int, _ k: Int?, _ wanted: [Int]? = nil, slopes: Bool
  ) {
    func outer(_ a: Int) -> OuterField {
      OuterField(
        function: function(a, fields), first: first[a], second: second[a],
        deviation: deviation[a])
    }
    let wanted = wanted ?? Array(0..<n)
    rule.make(
      wanted.map(outer), isFlat: k.map { second[$0] == 0 } ?? true,
      slopes: slopes ? [outer(i)] + (k.map { [outer($0)] } ?? []) : []
    ) { fields.stops(before: 1 << 13) }
    for a in wanted where rules.isWide(deviation[a], function(a, fields)) {
      if fields.stops(before: LocalFields.patience) { return }
      let range = rangeOfMeans(a)
      let entries = (range.high - range.low) / deviation[a] * WideSmoothing.density
      if entries > Double(rule.weights.count) { continue }
      tables[a] = wideSmoothing.table(
        function(a, fields), range.low, range.high, s: deviation[a],
        wanted: slopes ? order.modes : 1)
    }
  }

  private func mean(_ a: Int, _ p: Int) -> Double {
    first[a] * rule.z1[p] + second[a] * rule.z2[p]
  }

  private func rangeOfMeans(_ a: Int) -> (low: Double, high: Double) {
    var low = Double.infinity, high = -Double.infinity
    for p in rule.weights.indices {
      let value = mean(a, p)
      (low, high) = (min(low, value), max(high, value))
    }
    return low <= high ? (low, high) : (0, 0)
  }

  /// G_am, and E[g_a²] where asked for, at these means.
  private func smooth(
    _ a: Int, _ fields: LocalFields, _ mean: UnsafeMutablePointer<Double>, _ count: Int,
    wanted: Int, _ G: UnsafeMutablePointer<Double>, square: UnsafeMutablePointer<Double>?
  ) {
    let f = function(a, fields), s = deviation[a]
    guard rules.isWide(s, f) else {
      return smoothing.apply(f, mean: mean, s: s, count: count, wanted: wanted, G, square: square)
    }
    if let table = tables[a] {
      return wideSmoothing.apply(
        table, mean: mean, count: count, wanted: wanted, G, square: square)
    }
    let order = (0..<count).sorted { mean[$0] < mean[$1] }
    var rows = [Double](repeating: 0, count: count * (wanted + 1))
    wideSmoothing.evaluate(f, order.map { mean[$0] }, s: s, wanted: wanted, &rows)
    for (row, p) in order.enumerated() {
      for m in 0..<wanted { G[m * Smoothing.block + p] = rows[row * (wanted + 1) + m] }
      square?[p] = rows[row * (wanted + 1) + wanted]
    }
  }

  // MARK: Blocks of points

  /// Calls the body for each block of points with their number and place in the rule, after
  /// filling G_am for `modes` of every field, or of those in `wanted`, and E[g²] where asked for.
  private func forEachBlock(
    _ fields: LocalFields, _ wanted: [Int]? = nil, modes: (Int) -> Int,
    squares wantsSquares: Bool,
    _ body: (_ count: Int, _ start: Int) -> Void
  ) {
    let size = Smoothing.block
    let means = work, total = rule.weights.count
    var start = 0
    while start < total {
      let count = min(size, total - start)
      for a in wanted ?? Array(0..<n) {
        if fields.stops(before: 64 * count) { return }
        for p in 0..<count { means[p] = mean(a, start + p) }
        smooth(
          a, fields, means, count, wanted: modes(a), coefficients + a * order.modes * size,
          square: wantsSquares ? squares + a * size : nil)
      }
      body(count, start)
      start += count
    }
  }

  private func G(_ a: Int, _ m: Int) -> UnsafeMutablePointer<Double> {
    coefficients + (a * order.modes + m) * Smoothing.block
  }

  /// Writes g′ of the outer field a into `row`.
  private func slope(
    _ a: Int, _ fields: LocalFields, _ row: UnsafeMutablePointer<Double>, _ count: Int,
    _ start: Int
  ) {
    let size = Smoothing.block
    let x = work + 4 * size, g = work + 5 * size
    for p in 0..<count { x[p] = mean(a, start + p) }
    function(a, fields).evaluate(x, count, g, row)
  }

  /// How many coefficients the correlations ask for, from the size of the coefficients at 16 values
  /// of the conditional means and where the functions vary most: those of smooth functions fall fast, those of kinks are taken not to.
  private func chooseModes(_ fields: LocalFields) {
    let size = Smoothing.block, modes = order.modes
    let means = work
    var bounds = [Double](repeating: 0, count: n * modes)
    // What the coefficients leave of E[g²].
    var rests = [Double](repeating: 0, count: n)
    var scale = 0.0
    for a in 0..<n where deviation[a] > 0 {
      let reach = (first[a] * first[a] + second[a] * second[a]).squareRoot()
      let range = tables[a] == nil ? (low: -4.5 * reach, high: 4.5 * reach) : rangeOfMeans(a)
      for p in 0..<16 { means[p] = range.low + (range.high - range.low) * Double(p) / 15 }
      var samples = 16
      for place in function(a, fields).partition.finest where samples < 32 {
        if range.low < place, place < range.high {
          means[samples] = place
          samples += 1
        }
      }
      smooth(a, fields, means, samples, wanted: modes, coefficients, square: squares)
      for p in 0..<samples {
        var rest = squares[p]
        for m in 0..<modes { rest -= coefficients[m * size + p] * coefficients[m * size + p] }
        rests[a] = max(rests[a], rest)
      }
      var largest = 0.0
      for p in 0..<samples { largest = max(largest, squares[p]) }
      scale = max(scale, largest)
      for m in 0..<modes {
        if !function(a, fields).kinks.isEmpty {
          bounds[a * modes + m] = largest.squareRoot()
          continue
        }
        for p in 0..<samples {
          bounds[a * modes + m] = max(bounds[a * modes + m], abs(coefficients[m * size + p]))
        }
      }
    }
    for a in 0..<n {
      needed[a * n + a] = 1
      for b in a + 1..<max(n, a + 1) {
        let r = abs(residual[a * n + b])
        if isTooParallel(
          fields, a, b, lost: pow(r, Double(modes)) * (rests[a] * rests[b]).squareRoot(), of: scale)
        {
          (needed[a * n + b], needed[b * n + a]) = (1, 1)
          let pair = makeParallel(fields, a, b)
          parallel.append((pair, box(of: pair, fields)))
          continue
        }
        var m = mostModes(for: r), lost = 0.0
        while m > 1 {
          lost += pow(r, Double(m - 1)) * bounds[a * modes + m - 1] * bounds[b * modes + m - 1]
          if lost > order.negligible * scale { break }
          m -= 1
        }
        needed[a * n + b] = m
        needed[b * n + a] = m
      }
    }
  }

  /// Whether the coefficients leave too much of E[g_a g_b | x_i, x_k]. That of the kinks of narrow
  /// fields is added by ``KinkTails``.
  private func isTooParallel(
    _ fields: LocalFields, _ a: Int, _ b: Int, lost: Double, of scale: Double
  ) -> Bool {
    guard deviation[a] > 0, deviation[b] > 0, lost > 10 * order.negligible * scale else {
      return false
    }
    return !hasTails(fields, a, b)
  }

  /// Whether all that lacks in the series of these fields is what their kinks have in common.
  private func hasTails(_ fields: LocalFields, _ a: Int, _ b: Int) -> Bool {
    [a, b].allSatisfy { field in
      let f = function(field, fields)
      return !f.kinks.isEmpty && !f.partition.isRough && !rules.isWide(deviation[field], f)
    }
  }

  private func makeParallel(_ fields: LocalFields, _ a: Int, _ b: Int) -> ParallelFields {
    ParallelFields(
      rules, a: a, b: b, function(a, fields), function(b, fields),
      deviations: (deviation[a], deviation[b]), correlation: residual[a * n + b],
      range: rangeOfMeans(b)
    ) { [smoothing, wideSmoothing, rules] t, means in
      let f = function(b, fields), size = Smoothing.block
      var result = means
      if rules.isWide(t, f) {
        var rows = [Double](repeating: 0, count: 2 * means.count)
        wideSmoothing.evaluate(f, means, s: t, wanted: 1, &rows)
        return means.indices.map { rows[2 * $0] }
      }
      for start in stride(from: 0, to: means.count, by: size) {
        let count = min(size, means.count - start)
        means.withUnsafeBufferPointer { x in
          smoothing.apply(
            f, mean: x.baseAddress! + start, s: t, count: count, wanted: 1, coefficients,
            square: nil)
        }
        for p in 0..<count { result[start + p] = coefficients[p] }
      }
      return result
    }
  }

  /// E[g_a g_b | x_i, x_k] as polynomials, where these ask for fewer values than the rule has points.
  private func box(of pair: ParallelFields, _ fields: LocalFields) -> BoxFunction? {
    func axis(_ z: [Double], _ loadings: UnsafeMutablePointer<Double>) -> BoxFunction.Axis {
      let low = z.min() ?? 0, high = z.max() ?? 0
      let slope = max(abs(loadings[pair.a]), abs(loadings[pair.b]))
      let cell = 0.75 * FieldPartition.widthOfErf * pair.scale
      return BoxFunction.Axis(low, high, extent: min(1e6, (high - low) * slope / cell))
    }
    let first = axis(rule.z1, first), second = axis(rule.z2, second)
    guard first.nodes * second.nodes < rule.weights.count else { return nil }
    return BoxFunction(first, second) { z1, z2 in
      if fields.stops(before: 1 << 13) { return nil }
      return pair.value(
        self.first[pair.a] * z1 + self.second[pair.a] * z2,
        self.first[pair.b] * z1 + self.second[pair.b] * z2)
    }
  }

  /// The most that a correlation asks for.
  private func mostModes(for correlation: Double) -> Int {
    let r = abs(correlation)
    if r < order.negligible { return 1 }
    if r > 0.9 { return order.modes }
    return min(order.modes, 2 + Int(0.75 * log(order.negligible) / log(r)))
  }

  /// Σ_p w_p E[err² | p] for one block; `w` is a row of weights.
  private func variance(
    _ fields: LocalFields, _ w: UnsafeMutablePointer<Double>, _ count: Int, _ start: Int
  ) -> Double {
    let size = Smoothing.block, length = Int64(count), u = fields.u
    let total = work + 3 * size, weighted = work + 4 * size
    total.update(repeating: 0, count: count)
    var sum = 0.0
    for a in 0..<n {
      tss_add_multiple(level, u[a], G(a, 0), total, length)
      guard deviation[a] > 0 else { continue }
      let square = squares + a * size, g = G(a, 0)
      for p in 0..<count { weighted[p] = square[p] - g[p] * g[p] }
      sum += u[a] * u[a] * tss_dot(level, w, weighted, length)
    }
    for p in 0..<count { total[p] *= total[p] }
    sum += tss_dot(level, w, total, length)
    for a in 0..<n where deviation[a] > 0 {
      if fields.stops(before: 4 * n * count) { return 0 }
      for m in 1..<order.modes {
        var isDue = false
        for b in a + 1..<max(n, a + 1) where m < needed[a * n + b] {
          if !isDue {
            let g = G(a, m)
            for p in 0..<count { weighted[p] = w[p] * g[p] }
            isDue = true
          }
          let power = pow(residual[a * n + b], Double(m))
          sum += 2 * u[a] * u[b] * power * tss_dot(level, weighted, G(b, m), length)
        }
        if !isDue { break }
      }
    }
    // What a product of two nearly parallel fields has beyond that of their means.
    let largest = parallel.isEmpty ? 0 : (0..<count).reduce(0) { max($0, abs(w[$1])) }
    for (pair, box) in parallel {
      let (a, b) = (pair.a, pair.b)
      for p in 0..<count where abs(w[p]) > order.negligible * largest {
        if fields.stops(before: box == nil ? 1 << 13 : 32) { return 0 }
        let value =
          box.map { $0(rule.z1[start + p], rule.z2[start + p]) }
          ?? pair.value(mean(a, start + p), mean(b, start + p))
        sum += 2 * u[a] * u[b] * w[p] * (value - G(a, 0)[p] * G(b, 0)[p])
      }
    }
    return sum + (isSmooth ? 0 : tails(fields, w, count, start))
  }

  /// What the series lacks for fields that are nearly parallel given the outer ones.
  private func tails(
    _ fields: LocalFields, _ w: UnsafeMutablePointer<Double>, _ count: Int, _ start: Int
  ) -> Double {
    let size = Smoothing.block
    let own = work + 3 * size, other = work + 4 * size
    func field(_ a: Int, _ means: UnsafeMutablePointer<Double>) -> KinkTails.Field {
      for p in 0..<count { means[p] = mean(a, start + p) }
      return KinkTails.Field(
        function: function(a, fields), mean: means, deviation: deviation[a])
    }
    var sum = 0.0
    for a in 0..<n where !function(a, fields).kinks.isEmpty {
      for b in a + 1..<max(n, a + 1) where abs(residual[a * n + b]) > KinkTails.from {
        guard hasTails(fields, a, b) else { continue }
        if fields.stops(before: 4 * order.modes * count) { return 0 }
        sum +=
          2 * fields.u[a] * fields.u[b]
          * kinkTails.sum(
            field(a, own), field(b, other), correlation: residual[a * n + b], w, count)
      }
    }
    return sum
  }

  /// How many coefficients field a needs for `variance`.
  private func modesOf(_ a: Int) -> Int {
    var most = 1
    for b in 0..<n { most = max(most, needed[a * n + b]) }
    return most
  }

  // MARK: The sums

  /// I2(a, b) where a < b may be nearly parallel, from ½ (E[g_a²] + E[g_b²] - E[(g_a - g_b)²]): the
  /// difference by a rule for x_a and a smoothed g_b, so that its error is relative to it.
  private func nearlyParallel(_ fields: LocalFields, _ a: Int, _ b: Int) -> Double {
    condition(fields, a, nil)
    makeRule(fields, a, nil, [a, b], slopes: false)
    let size = Smoothing.block
    var difference = 0.0
    forEachBlock(fields, [a, b], modes: { _ in 1 }, squares: true) { count, start in
      let g = G(a, 0), h = G(b, 0), square = squares + b * size
      for p in 0..<count {
        difference += rule.weights[start + p] * (g[p] * (g[p] - 2 * h[p]) + square[p])
      }
    }
    return 0.5 * (I2(fields, a, a) + I2(fields, b, b) - difference)
  }

  private func I2(_ fields: LocalFields, _ a: Int, _ b: Int) -> Double {
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
    makeRule(fields, i, nil, slopes: true)
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
    forEachBlock(fields, modes: { max(2, modesOf($0)) }, squares: true) { count, start in
      slope(i, fields, w, count, start)
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
    makeRule(fields, i, k, slopes: true)
    chooseModes(fields)
    let size = Smoothing.block
    let w = work + size, other = work + 2 * size
    var noise = 0.0
    forEachBlock(fields, modes: modesOf, squares: true) { count, start in
      slope(i, fields, w, count, start)
      slope(k, fields, other, count, start)
      for p in 0..<count {
        w[p] *= rule.weights[start + p] * other[p]
        noise += noiseVariance * w[p]
      }
      noise += variance(fields, w, count, start)
    }
    return noise
  }
}
