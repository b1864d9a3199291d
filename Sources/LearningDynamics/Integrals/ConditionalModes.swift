/// Where the Hermite coefficients of a field at the points of a rule come from.
enum ModeSource {
  /// They are taken at every point.
  case points
  /// They are in their rows already, for the whole of a rule that is one block long.
  case rows
  /// They are read from a table.
  case table(ModeTable)
}

/// The rule for the outer variables, and Hermite coefficients of the fields at its points.
extension QuadratureIntegrals {
  /// Makes the rule for the outer fields that resolves the fields in `wanted` (nil: all). `slopes`:
  /// the g′ of the outer fields multiply everything.
  func makeRule(_ fields: LocalFields, _ wanted: [Int]? = nil, slopes: Bool) {
    func outerField(_ a: Int) -> OuterField {
      OuterField(
        function: function(a, fields), first: first[a], second: second[a],
        deviation: deviation[a])
    }
    rule.make(
      (wanted ?? Array(0..<n)).map(outerField),
      isFlat: outer.count == 1 || second[outer[1]] == 0,
      slopes: slopes ? outer.map(outerField) : []
    ) { fields.stops(before: 1 << 13) }
  }

  /// Takes this many coefficients of a field once for all points: as a table, where that has fewer
  /// entries than the rule has points, or at all points, where they are few.
  func prepareModes(_ a: Int, _ fields: LocalFields, modes: Int) {
    let size = Smoothing.block, count = rule.weights.count
    let f = function(a, fields), s = deviation[a]
    guard s > 0, count > 0, !fields.stops(before: LocalFields.patience) else { return }
    let isWide = rules.isWide(s, f)
    // Kinks vary on the deviation alone, as do functions that are narrow against it.
    let scale = isWide || !f.kinks.isEmpty ? s : (s * s + pow2(f.partition.width)).squareRoot()
    let step = scale / order.density
    let range = rangeOfMeans(a)
    if ModeTable.rows(range.low, range.high, step: step) < 0.75 * Double(count) {
      var table = ModeTable(range.low, range.high, step: step, modes: modes)
      if isWide {
        let means = (0..<table.rows).map(table.mean)
        var rows = [Double](repeating: 0, count: table.rows * (modes + 1))
        wideSmoothing.evaluate(f, means, s: s, wanted: modes, &rows)
        rows.withUnsafeBufferPointer { rows in
          for row in means.indices { table.set(row, rows.baseAddress! + row * (modes + 1)) }
        }
      } else {
        for start in stride(from: 0, to: table.rows, by: size) {
          let count = min(size, table.rows - start)
          for p in 0..<count { work[p] = table.mean(start + p) }
          smoothing.apply(
            f, mean: work, s: s, count: count, wanted: modes, G(a, 0), square: square(a))
          table.set(start, count, square(a), stride: size)
        }
      }
      sources[a] = .table(table)
    } else if count <= size {
      for p in 0..<count { work[p] = mean(a, p) }
      smooth(a, fields, work, count, wanted: modes)
      sources[a] = .rows
    }
  }

  @inline(__always) private func pow2(_ x: Double) -> Double { x * x }

  /// Fills G_am and E[g_a²] at these means.
  func smooth(
    _ a: Int, _ fields: LocalFields, _ mean: UnsafeMutablePointer<Double>, _ count: Int,
    wanted: Int
  ) {
    let f = function(a, fields), s = deviation[a]
    guard rules.isWide(s, f) else {
      return smoothing.apply(
        f, mean: mean, s: s, count: count, wanted: wanted, G(a, 0), square: square(a))
    }
    let order = (0..<count).sorted { mean[$0] < mean[$1] }
    var rows = [Double](repeating: 0, count: count * (wanted + 1))
    wideSmoothing.evaluate(f, order.map { mean[$0] }, s: s, wanted: wanted, &rows)
    for (row, p) in order.enumerated() {
      for m in 0..<wanted { G(a, m)[p] = rows[row * (wanted + 1) + m] }
      square(a)[p] = rows[row * (wanted + 1) + wanted]
    }
  }

  /// Calls the body for each block of points with their number and place in the rule, after
  /// filling G_am for `modes` of every field, or of those in `wanted`, and E[g_a²].
  func forEachBlock(
    _ fields: LocalFields, _ wanted: [Int]? = nil, modes: (Int) -> Int,
    _ body: (_ count: Int, _ start: Int) -> Void
  ) {
    let size = Smoothing.block, total = rule.weights.count
    let wanted = wanted ?? Array(0..<n)
    let modes = wanted.map { (field: $0, count: modes($0)) }
    var start = 0
    while start < total {
      let count = min(size, total - start)
      for (a, modes) in modes {
        if fields.stops(before: 64 * count) { return }
        fill(a, fields, modes: modes, start, count)
      }
      body(count, start)
      start += count
    }
  }

  /// Fills the rows of a field for the points of the rule from `start` on.
  private func fill(_ a: Int, _ fields: LocalFields, modes: Int, _ start: Int, _ count: Int) {
    let size = Smoothing.block
    if let index = outer.firstIndex(of: a), index < rule.values.count {
      let g = G(a, 0), square = square(a)
      for p in 0..<count { g[p] = rule.values[index][start + p] }
      for p in 0..<count { square[p] = g[p] * g[p] }
      for m in 1..<max(modes, 1) { G(a, m).update(repeating: 0, count: count) }
      return
    }
    switch sources[a] {
    case .rows: break
    case .points:
      for p in 0..<count { work[p] = mean(a, start + p) }
      smooth(a, fields, work, count, wanted: modes)
    case .table(let table):
      for p in 0..<count { work[p] = mean(a, start + p) }
      table.read(work, count, wanted: modes, square(a), stride: size)
    }
  }
}
