/// Pairs of fields whose series of Hermite coefficients is too long.
extension QuadratureIntegrals {
  /// Whether all that lacks in the series of these fields is what their kinks have in common.
  func hasTails(_ fields: LocalFields, _ a: Int, _ b: Int) -> Bool {
    [a, b].allSatisfy { field in
      let f = function(field, fields)
      return !f.kinks.isEmpty && !f.partition.isRough && !rules.isWide(deviation[field], f)
    }
  }

  func makeParallel(_ fields: LocalFields, _ a: Int, _ b: Int) -> ParallelFields {
    ParallelFields(
      rules, a: a, b: b, function(a, fields), function(b, fields),
      deviations: (deviation[a], deviation[b]), correlation: residual[a * n + b],
      range: rangeOfMeans(b)
    ) { [smoothing, wideSmoothing, rules, spare] t, means in
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
            f, mean: x.baseAddress! + start, s: t, count: count, wanted: 1, spare, square: nil)
        }
        for p in 0..<count { result[start + p] = spare[p] }
      }
      return result
    }
  }

  /// E[g_a g_b | x_i, x_k] as polynomials, where these ask for fewer values than the rule has points.
  func box(of pair: ParallelFields, _ fields: LocalFields) -> BoxFunction? {
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

  /// I2(a, b) where a < b may be nearly parallel, from ½ (E[g_a²] + E[g_b²] - E[(g_a - g_b)²]): the
  /// difference by a rule for x_a and a smoothed g_b, so that its error is relative to it.
  func nearlyParallel(_ fields: LocalFields, _ a: Int, _ b: Int) -> Double {
    condition(fields, a, nil)
    makeRule(fields, [a, b], slopes: false)
    for field in [a, b] { prepareModes(field, fields, modes: 1) }
    var difference = 0.0
    forEachBlock(fields, [a, b], modes: { _ in 1 }) { count, start in
      let g = G(a, 0), h = G(b, 0), square = square(b)
      for p in 0..<count {
        difference += rule.weights[start + p] * (g[p] * (g[p] - 2 * h[p]) + square[p])
      }
    }
    return 0.5 * (I2(fields, a, a) + I2(fields, b, b) - difference)
  }
}
