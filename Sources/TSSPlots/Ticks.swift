#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A place on an axis; one without a label is a minor one.
package struct Tick: Hashable, Sendable {
  package var value: Double
  package var label: TickLabel?
}

extension Axis {
  /// About `count` ticks, seldom more, at numbers that are easy to read; with minor ones between.
  ///
  /// A linear axis steps by 1, 2 or 5 times a power of ten. A logarithmic one has decades, or every
  /// second, third, … of them; 1, 2 and 5 in each when it is shorter than two decades; and steps
  /// as a linear one when it is so short that these are not three.
  package func ticks(count: Int) -> [Tick] {
    let count = max(2, count)
    guard isLogarithmic else { return linearTicks(count: count) }
    if decades >= 2 { return decadeTicks(count: count) }
    let within = subdecadeTicks(count: count)
    return within.count { $0.label != nil } >= 3 ? within : linearTicks(count: count)
  }

  // MARK: Linear

  private func linearTicks(count: Int) -> [Tick] {
    let raw = upper / Double(count) - lower / Double(count)
    guard raw >= .leastNormalMagnitude, raw.isFinite else { return [] }
    var exponent = Int(log10(raw).rounded(.down))
    let size = raw / power(exponent)
    // Some grace for the smaller steps, which are easier on the eye than too few.
    var factor = 10
    if size < 1.1 { factor = 1 } else if size < 2.2 { factor = 2 } else if size < 5.5 { factor = 5 }
    var major = multiples(of: factor, exponent: exponent)
    // A wide step may jump over the whole axis.
    while major.count < 2, factor > 1 {
      factor = factor == 5 ? 2 : factor / 2
      major = multiples(of: factor, exponent: exponent)
    }
    if major.count < 2 {
      factor = 5
      exponent -= 1
      major = multiples(of: factor, exponent: exponent)
    }
    if factor == 10 {
      factor = 1
      exponent += 1
      major = multiples(of: factor, exponent: exponent)
    }
    let labels = Axis.labels(major.map { $0.digits }, exponent: exponent)
    let minorFactor = factor == 2 ? 5 : factor == 5 ? 1 : 2
    let minorExponent = factor == 5 ? exponent : exponent - 1
    let named = Set(major.map { $0.value })
    var minor = multiples(of: minorFactor, exponent: minorExponent).map {
      Tick(value: $0.value, label: nil)
    }
    minor.removeAll { named.contains($0.value) }
    return zip(major, labels).map { Tick(value: $0.value, label: $1) } + minor
  }

  /// The numbers k·factor·10^exponent on the axis, each with its digits k·factor.
  private func multiples(of factor: Int, exponent: Int) -> [(value: Double, digits: Int)] {
    let unit = power(abs(exponent))
    let scale = { (value: Double) in exponent < 0 ? value * unit : value / unit }
    let slack = 1e-9 * max(1, scale(upper / 2 - lower / 2) / Double(factor))
    let first = (scale(lower) / Double(factor) - slack).rounded(.up)
    let last = (scale(upper) / Double(factor) + slack).rounded(.down)
    guard first.magnitude < 1e15, last.magnitude < 1e15, first <= last, last - first < 1000 else {
      return []
    }
    return (Int(first)...Int(last)).map { k in
      let digits = k * factor
      return (exponent < 0 ? Double(digits) / unit : Double(digits) * unit, digits)
    }
  }

  private static func labels(_ digits: [Int], exponent: Int) -> [TickLabel] {
    let largest = digits.map(\.magnitude).max() ?? 0
    let leading = String(largest).count - 1 + exponent
    if largest == 0 || (leading < 5 && (exponent >= -4 || leading >= -2)) {
      return digits.map { .plain(TickLabel.decimal($0, exponent: exponent)) }
    }
    // One power for the whole axis, so that the factors can be compared.
    return digits.map {
      $0 == 0
        ? .plain("0")
        : .power(
          mantissa: TickLabel.decimal($0, exponent: exponent - leading), exponent: leading)
    }
  }

  // MARK: Logarithmic

  private func decadeTicks(count: Int) -> [Tick] {
    let first = Int((log10(lower) - 1e-9).rounded(.up))
    let last = Int((log10(upper) + 1e-9).rounded(.down))
    guard first <= last else { return [] }
    let every =
      [1, 2, 3, 5, 10, 20, 50, 100, 200].first { (last - first) / $0 + 1 <= count } ?? 500
    var ticks: [Tick] = []
    for exponent in first - 1...last {
      let isNamed = exponent.quotientAndRemainder(dividingBy: every).remainder == 0
      if exponent >= first {
        ticks.append(
          Tick(
            value: power(exponent),
            label: isNamed ? .power(mantissa: nil, exponent: exponent) : nil))
      }
      if every == 1 {
        let inner = (2...9).map { Tick(value: scaled($0, exponent), label: nil) }
        ticks += inner.filter { contains($0.value) }
      }
    }
    return ticks
  }

  private func subdecadeTicks(count: Int) -> [Tick] {
    let exponents = Int(log10(lower).rounded(.down))...Int(log10(upper).rounded(.up))
    // A number on the edge counts though it be an ulp beyond.
    let widened = Axis(lower: lower * (1 - 1e-9), upper: upper * (1 + 1e-9), isLogarithmic: true)
    let all = exponents.flatMap { exponent in
      (1...9).map { (digit: $0, exponent: exponent, value: scaled($0, exponent)) }
    }.filter { widened.contains($0.value) }
    let named =
      [[1, 2, 5], [1, 3], [1]].first { digits in
        all.count { digits.contains($0.digit) } <= count
      } ?? [1]
    let isPlain = lower >= 1e-4 && upper < 1e5
    return all.map { digit, exponent, value in
      guard named.contains(digit) else { return Tick(value: value, label: nil) }
      if isPlain {
        return Tick(value: value, label: .plain(TickLabel.decimal(digit, exponent: exponent)))
      }
      let mantissa = digit == 1 ? nil : String(digit)
      return Tick(value: value, label: .power(mantissa: mantissa, exponent: exponent))
    }
  }

  // `pow` may be off by an ulp, and then 0.001 would print as 0.0010000000000000002.
  private func power(_ exponent: Int) -> Double { Double("1e\(exponent)") ?? .infinity }

  private func scaled(_ digit: Int, _ exponent: Int) -> Double {
    Double("\(digit)e\(exponent)") ?? .infinity
  }
}
