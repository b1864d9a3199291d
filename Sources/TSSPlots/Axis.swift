#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// One axis of a drawn chart: its ends, and where a value falls between them.
package struct Axis: Hashable, Sendable {
  package var lower: Double
  package var upper: Double
  package var isLogarithmic: Bool

  package init(lower: Double, upper: Double, isLogarithmic: Bool) {
    self.lower = lower
    self.upper = upper
    self.isLogarithmic = isLogarithmic
  }

  /// 0 at the lower end and 1 at the upper one.
  ///
  /// Halves keep an axis from -1e308 to 1e308 finite.
  func fraction(_ value: Double) -> Double {
    if isLogarithmic { return (log(value) - log(lower)) / (log(upper) - log(lower)) }
    return (value / 2 - lower / 2) / (upper / 2 - lower / 2)
  }

  /// The value at a fraction of the axis.
  func value(at fraction: Double) -> Double {
    if isLogarithmic { return exp((1 - fraction) * log(lower) + fraction * log(upper)) }
    return (1 - fraction) * lower + fraction * upper
  }

  func contains(_ value: Double) -> Bool { value >= lower && value <= upper }

  /// Decades between the ends of a logarithmic axis.
  var decades: Double { log10(upper) - log10(lower) }
}

extension Axis {
  /// The axis that shows the values from `low` to `high` (`nil` when there are none).
  ///
  /// - Parameter padding: the part of the span that is left free at either end.
  init(
    low: Double?, high: Double?, limits: Limits, isLogarithmic: Bool, padding: Double
  ) {
    let allowed = { (value: Double) in value.isFinite && (!isLogarithmic || value > 0) }
    let fixedLow = limits.lower.flatMap { allowed($0) ? $0 : nil }
    let fixedHigh = limits.upper.flatMap { allowed($0) ? $0 : nil }
    let emptyEnd = isLogarithmic ? 10.0 : 1.0
    var a = fixedLow ?? low ?? min(isLogarithmic ? 1 : 0, fixedHigh ?? emptyEnd)
    var b = fixedHigh ?? high ?? max(emptyEnd, a)
    if a > b {
      // Limits beyond the data, or given the wrong way round.
      if fixedLow != nil && fixedHigh != nil {
        swap(&a, &b)
      } else if fixedLow == nil {
        a = b
      } else {
        b = a
      }
    }
    self = Axis.widened(a, b, isLogarithmic: isLogarithmic)
    pad(padding, low: fixedLow == nil, high: fixedHigh == nil)
  }

  /// An axis around a value or a span too small to be divided.
  private static func widened(_ a: Double, _ b: Double, isLogarithmic: Bool) -> Axis {
    if isLogarithmic {
      // Below, numbers lose their digits, and with them any place between two ticks.
      let a = max(a, 1e-290)
      guard b / a < 1 + 1e-12 else { return Axis(lower: a, upper: b, isLogarithmic: true) }
      let lower = a / 3
      return Axis(
        lower: lower, upper: min(max(b, lower) * 3, .greatestFiniteMagnitude), isLogarithmic: true)
    }
    let size = max(abs(a), abs(b))
    // So close to the smallest number there are no steps left to divide.
    if size < 1e-290 { return Axis(lower: -1, upper: 1, isLogarithmic: false) }
    if b / 2 - a / 2 > 1e-12 * size { return Axis(lower: a, upper: b, isLogarithmic: false) }
    return Axis(
      lower: max(a - size * 0.1, -.greatestFiniteMagnitude),
      upper: min(b + size * 0.1, .greatestFiniteMagnitude), isLogarithmic: false)
  }

  private mutating func pad(_ part: Double, low: Bool, high: Bool) {
    if isLogarithmic {
      let factor = exp(part * log(upper / lower))
      if low, lower / factor > 0 { lower /= factor }
      if high, (upper * factor).isFinite { upper *= factor }
      return
    }
    let margin = (upper / 2 - lower / 2) * part * 2
    if low, (lower - margin).isFinite {
      // An error that is nowhere negative gets no negative axis.
      lower = lower >= 0 ? max(0, lower - margin) : lower - margin
    }
    if high, (upper + margin).isFinite { upper += margin }
  }
}
