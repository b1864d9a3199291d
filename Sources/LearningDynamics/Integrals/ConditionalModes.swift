/// The rule for the outer variables, and Hermite coefficients of the fields at its points.
extension QuadratureIntegrals {
  /// Makes the rule for x_i, and x_k where it is given, that resolves the fields in `wanted` (nil:
  /// all), and tables for those that are wide against their functions. `slopes`: the g′ of x_i and
  /// x_k multiply everything.
  func makeRule(
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

  /// G_am, and E[g_a²] where asked for, at these means.
  func smooth(
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

  /// Calls the body for each block of points with their number and place in the rule, after
  /// filling G_am for `modes` of every field, or of those in `wanted`, and E[g²] where asked for.
  func forEachBlock(
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

  func G(_ a: Int, _ m: Int) -> UnsafeMutablePointer<Double> {
    coefficients + (a * order.modes + m) * Smoothing.block
  }

  /// Writes g′ of the outer field a into `row`.
  func slope(
    _ a: Int, _ fields: LocalFields, _ row: UnsafeMutablePointer<Double>, _ count: Int,
    _ start: Int
  ) {
    let size = Smoothing.block
    let x = work + 4 * size, g = work + 5 * size
    for p in 0..<count { x[p] = mean(a, start + p) }
    function(a, fields).evaluate(x, count, g, row)
  }
}
