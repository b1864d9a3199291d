#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How many Hermite coefficients the pairs of fields take.
extension QuadratureIntegrals {
  /// How many coefficients the correlations ask for, from the size of the coefficients at 16 values
  /// of the conditional means and where the functions vary most: those of smooth functions fall fast, those of kinks are taken not to.
  func chooseModes(_ fields: LocalFields) {
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

  /// The most that a correlation asks for.
  func mostModes(for correlation: Double) -> Int {
    let r = abs(correlation)
    if r < order.negligible { return 1 }
    if r > 0.9 { return order.modes }
    return min(order.modes, 2 + Int(0.75 * log(order.negligible) / log(r)))
  }

  /// How many coefficients field a needs for `variance`.
  func modesOf(_ a: Int) -> Int {
    var most = 1
    for b in 0..<n { most = max(most, needed[a * n + b]) }
    return most
  }
}
