import LearningDynamics
import TSSLanguage

/// A function of the language that no tape can follow, as an activation: the interpreter runs it
/// for every value.
struct SteppedActivation: Sendable {
  let function: Function
  let context: Context
  let failure: ActivationFailure

  func evaluate(_ x: UnsafePointer<Double>, _ count: Int, g: UnsafeMutablePointer<Double>) {
    for i in 0..<count { g[i] = value(at: x[i]) }
  }

  /// g and, by a difference of fourth order, g′. The step is small, so that a kink spoils the slope
  /// on 1e-5 of the axis only; rounding leaves about 1e-11.
  func evaluate(
    _ x: UnsafePointer<Double>, _ count: Int, g: UnsafeMutablePointer<Double>,
    dg: UnsafeMutablePointer<Double>
  ) {
    for i in 0..<count {
      let x = x[i], h = 1e-5 * max(1, abs(x))
      g[i] = value(at: x)
      dg[i] =
        (8 * (value(at: x + h) - value(at: x - h)) - (value(at: x + 2 * h) - value(at: x - 2 * h)))
        / (12 * h)
    }
  }

  private func value(at x: Double) -> Double {
    // After a failure fields are NaN, which is nobody's fault but its.
    guard x.isFinite else { return .nan }
    do {
      // An engine cannot keep half a step: whoever asked to stop is heard by its monitor, soon
      // after.
      let value = try context.finish(function, [.number(x)])
      if case .number(let number) = value, number.isFinite { return number }
      failure.noteValue(value, at: x)
    } catch {
      failure.note(error, at: x)
    }
    return .nan
  }
}
