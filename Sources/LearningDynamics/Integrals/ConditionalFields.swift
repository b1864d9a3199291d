/// The fields given one or two of them.
extension QuadratureIntegrals {
  /// Makes x_i, and x_k where it is given, the outer variables: x_a = first z₁ + second z₂ plus
  /// a rest of this deviation and these correlations.
  func condition(_ fields: LocalFields, _ i: Int, _ k: Int?) {
    outer = [i] + (k.map { [$0] } ?? [])
    for a in 0..<n { sources[a] = .points }
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

  func mean(_ a: Int, _ p: Int) -> Double {
    first[a] * rule.z1[p] + second[a] * rule.z2[p]
  }

  func rangeOfMeans(_ a: Int) -> (low: Double, high: Double) {
    var low = Double.infinity, high = -Double.infinity
    let (f, s) = (first[a], second[a])
    for p in rule.weights.indices {
      let value = f * rule.z1[p] + s * rule.z2[p]
      (low, high) = (min(low, value), max(high, value))
    }
    return low <= high ? (low, high) : (0, 0)
  }
}
