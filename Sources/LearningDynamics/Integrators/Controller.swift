#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// x^(1/n).
func root(_ x: Double, _ n: Int) -> Double { pow(x, 1 / Double(n)) }

/// A step-size controller of proportional-integral type.
///
/// The next step is h · safety · error^-a · previous^b, which damps the oscillations of the plain
/// controller where stability limits the step (Gustafsson 1991; Hairer and Wanner II, IV.2).
struct PIController {
  /// How the local error scales with the step: the order of the error estimate plus one.
  let order: Double
  /// b; a = 1/order - 0.75 b.
  let integral: Double
  /// The largest factor by which a step grows.
  let growth: Double
  private var previous = 1e-4
  private var rejectedBefore = false

  init(order: Int, integral: Double, growth: Double) {
    self.order = Double(order)
    self.integral = integral
    self.growth = growth
  }

  /// What it remembers.
  mutating func pass(_ transfer: inout StateTransfer) {
    transfer.pass(&previous)
    transfer.pass(&rejectedBefore)
  }

  /// The factor for the next step after an accepted one with this error.
  mutating func accepted(_ error: Double) -> Double {
    let e = max(error, 1e-10)
    let factor = 0.9 * pow(e, 0.75 * integral - 1 / order) * pow(previous, integral)
    previous = max(e, 1e-4)
    // No growth right after a rejection: the step that failed was tried a moment ago.
    let ceiling = rejectedBefore ? 1 : growth
    rejectedBefore = false
    return min(max(factor, 0.2), ceiling)
  }

  /// The factor for another try after a rejected step.
  mutating func rejected(_ error: Double) -> Double {
    rejectedBefore = true
    return error.isFinite ? min(max(0.9 * pow(error, -1 / order), 0.1), 0.9) : 0.1
  }
}
