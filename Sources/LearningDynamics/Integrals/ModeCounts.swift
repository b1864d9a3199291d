#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How many Hermite coefficients the pairs of fields take.
extension QuadratureIntegrals {
  /// How large the coefficients of a field are.
  private struct Sizes {
    /// Of each coefficient.
    var bounds: [Double]
    /// What they leave of E[g²].
    var rest = 0.0
    /// E[g²].
    var largest = 0.0

    init(modes: Int) { bounds = [Double](repeating: 0, count: modes) }

    /// Takes in the coefficients at one mean, `stride` apart.
    mutating func add(square: Double, _ G: UnsafePointer<Double>, stride: Int) {
      var rest = square
      for m in bounds.indices {
        let g = G[m * stride]
        rest -= g * g
        bounds[m] = max(bounds[m], abs(g))
      }
      self.rest = max(self.rest, rest)
      largest = max(largest, square)
    }
  }

  /// How many coefficients the correlations ask for, from the size of the coefficients: those of
  /// smooth functions fall fast, those of kinks are taken not to. Prepares the coefficients.
  func chooseModes(_ fields: LocalFields) {
    var sizes = (0..<n).map { a in measure(a, fields, modes: mostModes(of: a, order.modes)) }
    var parallels: [(a: Int, b: Int)] = []
    var scale = sizes.reduce(0) { max($0, $1.largest) }
    for a in 0..<n {
      for b in a + 1..<max(n, a + 1) where isTooParallel(fields, a, b, sizes[a], sizes[b], scale) {
        parallels.append((a, b))
      }
    }
    // Smooth functions may take more of them.
    let more = Set(parallels.flatMap { [$0.a, $0.b] }).filter { function($0, fields).kinks.isEmpty }
    for a in more { sizes[a] = measure(a, fields, modes: order.moreModes) }
    scale = sizes.reduce(0) { max($0, $1.largest) }
    for a in 0..<n {
      needed[a * n + a] = 1
      for b in a + 1..<max(n, a + 1) {
        var m = min(mostModes(residual[a * n + b], order.moreModes), sizes[a].bounds.count)
        m = min(m, sizes[b].bounds.count)
        let r = abs(residual[a * n + b])
        if parallels.contains(where: { $0 == (a, b) }),
          isTooParallel(fields, a, b, sizes[a], sizes[b], scale)
        {
          m = 1
          let pair = makeParallel(fields, a, b)
          parallel.append((pair, box(of: pair, fields)))
        }
        var lost = 0.0
        while m > 1 {
          lost += pow(r, Double(m - 1)) * sizes[a].bounds[m - 1] * sizes[b].bounds[m - 1]
          if lost > order.negligible * scale { break }
          m -= 1
        }
        needed[a * n + b] = m
        needed[b * n + a] = m
      }
    }
  }

  /// Prepares this many coefficients of a field, and measures them: at the entries of its table, at
  /// the points of the rule, or at 16 values of the conditional mean and where the function varies
  /// most.
  private func measure(_ a: Int, _ fields: LocalFields, modes: Int) -> Sizes {
    var sizes = Sizes(modes: modes)
    guard deviation[a] > 0 else { return sizes }
    let size = Smoothing.block
    prepareModes(a, fields, modes: modes)
    if case .table(let table) = sources[a] {
      table.sizes { sizes.add(square: $0, $1, stride: 1) }
    } else {
      var count = rule.weights.count
      if case .points = sources[a] {
        let reach = (first[a] * first[a] + second[a] * second[a]).squareRoot()
        let (low, high) = (-4.5 * reach, 4.5 * reach)
        for p in 0..<16 { work[p] = low + (high - low) * Double(p) / 15 }
        count = 16
        for place in function(a, fields).partition.finest where count < 32 {
          if low < place, place < high {
            work[count] = place
            count += 1
          }
        }
        smooth(a, fields, work, count, wanted: modes)
      }
      for p in 0..<count { sizes.add(square: square(a)[p], G(a, 0) + p, stride: size) }
    }
    if !function(a, fields).kinks.isEmpty {
      for m in sizes.bounds.indices { sizes.bounds[m] = sizes.largest.squareRoot() }
    }
    return sizes
  }

  /// Whether the coefficients leave too much of E[g_a g_b | x_i, x_k]. That of the kinks of narrow
  /// fields is added by ``KinkTails``.
  private func isTooParallel(
    _ fields: LocalFields, _ a: Int, _ b: Int, _ own: Sizes, _ other: Sizes, _ scale: Double
  ) -> Bool {
    let r = abs(residual[a * n + b]), modes = min(own.bounds.count, other.bounds.count)
    guard r > 0.5, deviation[a] > 0, deviation[b] > 0 else { return false }
    let lost = pow(r, Double(modes)) * (own.rest * other.rest).squareRoot()
    return lost > 10 * order.negligible * scale && !hasTails(fields, a, b)
  }

  /// The most that a correlation asks for, of `all`.
  private func mostModes(_ correlation: Double, _ all: Int) -> Int {
    let r = abs(correlation)
    if r < order.negligible { return 1 }
    if r > 0.9 { return all }
    return min(all, 2 + Int(0.75 * log(order.negligible) / log(r)))
  }

  /// The most that the correlations of a field with any other ask for, and two in any case.
  private func mostModes(of a: Int, _ all: Int) -> Int {
    var most = 2
    for b in 0..<n where b != a && deviation[b] > 0 {
      most = max(most, mostModes(residual[a * n + b], all))
    }
    return most
  }

  /// How many coefficients field a needs for `variance`.
  func modesOf(_ a: Int) -> Int {
    var most = 1
    for b in 0..<n { most = max(most, needed[a * n + b]) }
    return most
  }
}
