/// A method that integrates a system step by step, with error control and dense output.
package protocol Integrator: AnyObject {
  /// The end of the last accepted step.
  var t: Double { get }
  /// Its beginning; equal to `t` before the first step.
  var previous: Double { get }
  /// The state at `t`.
  var y: UnsafeMutablePointer<Double> { get }
  var statistics: IntegratorStatistics { get }

  /// Takes one accepted step, of at most `largest` and not beyond `end`.
  ///
  /// Throws `IntegrationFailure`, or what the system throws; `t` and `y` then stay as they were.
  func step(to end: Double, largest: Double) throws

  /// Writes the state at a time in `previous ... t`.
  func interpolate(_ time: Double, into state: UnsafeMutablePointer<Double>)
}

/// An integrator that can go on to the same bits from what it remembers.
protocol ContinuableIntegrator: Integrator {
  /// Passes all that the next step depends on, out of it or back into it.
  func pass(_ transfer: inout StateTransfer)
}

extension Integrator {
  package func step(to end: Double) throws { try step(to: end, largest: .infinity) }
}

/// What an integration cost.
package struct IntegratorStatistics: Hashable, Sendable {
  package var accepted = 0
  package var rejected = 0
  package var derivatives = 0
  package var jacobians = 0
  package var factorisations = 0

  static func + (a: Self, b: Self) -> Self {
    Self(
      accepted: a.accepted + b.accepted, rejected: a.rejected + b.rejected,
      derivatives: a.derivatives + b.derivatives, jacobians: a.jacobians + b.jacobians,
      factorisations: a.factorisations + b.factorisations)
  }
}

package enum IntegrationFailure: Error, Hashable, Sendable {
  /// No step that the resolution of `t` allows has a tolerable error: the solution ends here.
  case stepTooSmall(t: Double)
}

/// How small a step may become, and what happens then.
enum SmallestStep {
  /// Steps below this are lost in the rounding of t.
  static func at(_ t: Double) -> Double { 16 * max(t.magnitude.ulp, 1e-300) }

  /// Whether a step that may not become smaller is taken although its error is too large.
  ///
  /// At a jump of f the error is h times the jump and harmless; at a singularity of the solution
  /// it is of the order of the solution.
  static func accepts(size: Double, _ tolerance: Tolerance) -> Bool {
    size * tolerance.relative < 1e-6
  }
}

extension DifferentialSystem {
  /// A first step (Hairer, Nørsett and Wanner I, II.4): an explicit Euler step of it would change
  /// f little, and its error in a method of this order is small. `f` is f(t, y).
  func firstStep(
    _ t: Double, _ y: UnsafePointer<Double>, _ f: UnsafePointer<Double>, order: Int, end: Double,
    _ tolerance: Tolerance
  ) throws -> Double {
    let n = count
    let scratch = UnsafeMutablePointer<Double>.allocate(capacity: 2 * n)
    defer { scratch.deallocate() }
    let moved = scratch, change = scratch + n
    let d0 = tolerance.norm(y, at: y, count: n), d1 = tolerance.norm(f, at: y, count: n)
    var h = d0 < 1e-5 || d1 < 1e-5 ? 1e-6 : 0.01 * d0 / d1
    h = min(h, end - t)
    for i in 0..<n { moved[i] = y[i] + h * f[i] }
    try derivative(t + h, moved, change)
    for i in 0..<n { change[i] = (change[i] - f[i]) / h }
    let d2 = tolerance.norm(change, at: y, count: n)
    let steepest = max(d1, d2)
    if !steepest.isFinite { return h * 1e-3 }
    let second = steepest <= 1e-15 ? max(1e-6, h * 1e-3) : root(0.01 / steepest, order + 1)
    return min(100 * h, second, end - t)
  }
}
