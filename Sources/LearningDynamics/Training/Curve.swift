import Groundwork

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A learning curve as numbers: what a run and an ensemble have in common.
public protocol LearningCurve {
  /// The recorded instants, or their means over runs, in order of α.
  var curve: [Run.Sample] { get }
  /// The standard errors of these means, nil for a single run.
  var curveDeviation: [Run.Sample]? { get }
}

extension Run: LearningCurve {
  public var curve: [Sample] { samples }
  public var curveDeviation: [Sample]? { nil }
}

extension Ensemble: LearningCurve {
  public var curve: [Run.Sample] { mean }
  /// nil for an ensemble of one.
  public var curveDeviation: [Run.Sample]? { runs.count > 1 ? standardError : nil }
}

extension LearningCurve {
  /// eg, Q, R and v at `alpha`, one number after the other; nil beyond what was recorded.
  ///
  /// Cubic interpolation through the four nearest instants, in log(1 + α/α₁) with α₁ the first
  /// instant after the start: learning curves are recorded, and smooth, on that scale. With 200
  /// points the error measured is at most 1e-5 to α = 1000, and 4e-5 to α = 1e5, on the flank of a
  /// plateau's end, and below 1e-6 on average; more next to a jump of the learning rate.
  func values(at alpha: Double) -> [Double]? {
    let samples = curve
    guard let first = samples.first, let last = samples.last, first.alpha <= alpha,
      alpha <= last.alpha
    else { return nil }
    var low = 0
    var high = samples.count - 1
    while high - low > 1 {
      let middle = (low + high) / 2
      if samples[middle].alpha <= alpha { low = middle } else { high = middle }
    }
    if samples[low].alpha == alpha { return samples[low].values }
    if samples[high].alpha == alpha { return samples[high].values }
    let unit = samples.first { $0.alpha > 0 }?.alpha ?? 1
    let from = max(0, min(low - 1, samples.count - 4))
    let nodes = samples[from..<min(from + 4, samples.count)]
    let places = nodes.map { log1p($0.alpha / unit) }
    let place = log1p(alpha / unit)
    var result = [Double](repeating: 0, count: first.values.count)
    for (a, node) in nodes.enumerated() {
      var weight = 1.0
      for b in places.indices where b != a {
        weight *= (place - places[b]) / (places[a] - places[b])
      }
      for (i, value) in node.values.enumerated() { result[i] += weight * value }
    }
    return result
  }
}

extension Run.Sample {
  /// eg, then Q, R and v, row by row.
  var values: [Double] { [error] + state.Q.elements + state.R.elements + state.v }
}
