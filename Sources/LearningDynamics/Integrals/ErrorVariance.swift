import CKernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// E[err² | x_i, x_k] at the points of a rule.
extension QuadratureIntegrals {
  /// Σ_p w_p E[err² | p] for one block; `w` is a row of weights.
  func variance(
    _ fields: LocalFields, _ w: UnsafeMutablePointer<Double>, _ count: Int, _ start: Int
  ) -> Double {
    let size = Smoothing.block, length = Int64(count), u = fields.u
    let total = work + 3 * size, weighted = work + 4 * size
    total.update(repeating: 0, count: count)
    var sum = 0.0
    for a in 0..<n {
      tss_add_multiple(level, u[a], G(a, 0), total, length)
      guard deviation[a] > 0 else { continue }
      let square = square(a), g = G(a, 0)
      for p in 0..<count { weighted[p] = square[p] - g[p] * g[p] }
      sum += u[a] * u[a] * tss_dot(level, w, weighted, length)
    }
    for p in 0..<count { total[p] *= total[p] }
    sum += tss_dot(level, w, total, length)
    for a in 0..<n where deviation[a] > 0 {
      if fields.stops(before: 4 * n * count) { return 0 }
      // Σ_m G_am Σ_b u_b ρ_ab^m G_bm, the powers row by row.
      let last = modesOf(a)
      for b in a + 1..<max(n, a + 1) { powers[b] = 2 * u[a] * u[b] }
      for m in 1..<max(last, 1) {
        total.update(repeating: 0, count: count)
        var isDue = false
        for b in a + 1..<max(n, a + 1) where m < needed[a * n + b] {
          powers[b] *= residual[a * n + b]
          tss_add_multiple(level, powers[b], G(b, m), total, length)
          isDue = true
        }
        if !isDue { break }
        let g = G(a, m)
        for p in 0..<count { weighted[p] = w[p] * g[p] }
        sum += tss_dot(level, weighted, total, length)
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
  func tails(
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
}
