/// Dormand-Prince as long as it is efficient; when the problem turns out to be stiff, NDF, or for
/// large systems, whose Jacobian costs too much to factor, Runge-Kutta-Chebyshev. NDF gives back to
/// Dormand-Prince where its steps have become so small that stability does not matter, as in the
/// escape from a plateau.
package final class AutomaticIntegrator: Integrator {
  package enum Method: String, Hashable, Sendable {
    case dormandPrince, ndf, rungeKuttaChebyshev
  }

  /// From how many equations on a stiff problem is integrated without factoring the Jacobian.
  package static let large = 600

  private let system: any DifferentialSystem
  private let tolerance: Tolerance
  private var explicit: DormandPrince?
  private var implicit: NDF?
  private var current: any Integrator
  /// Steps of NDF in a row that an explicit method could have taken, and how many are too many:
  /// a number that doubles with each return, for each change costs a start with small steps.
  private var easySteps = 0
  private var patience = 15
  private var statisticsBefore = IntegratorStatistics()
  package private(set) var method = Method.dormandPrince

  package init(
    _ system: any DifferentialSystem, t: Double, y: [Double], end: Double, tolerance: Tolerance
  ) throws {
    self.system = system
    self.tolerance = tolerance
    let first = try DormandPrince(system, t: t, y: y, end: end, tolerance: tolerance)
    explicit = first
    current = first
  }

  package var t: Double { current.t }
  package var previous: Double { current.previous }
  package var y: UnsafeMutablePointer<Double> { current.y }
  package var statistics: IntegratorStatistics { statisticsBefore + current.statistics }

  package func step(to end: Double, largest: Double) throws {
    // Near the end a change of method, which starts with small steps, does not pay.
    if let explicit, explicit.isStiff, end - explicit.t > 50 * explicit.h {
      try becomeStiff(explicit, end: end)
    } else if let implicit, easySteps > patience {
      try becomeExplicit(implicit, end: end)
    }
    try current.step(to: end, largest: largest)
    if let implicit { easySteps = implicit.stiffness < 0.7 ? easySteps + 1 : 0 }
  }

  package func interpolate(_ time: Double, into state: UnsafeMutablePointer<Double>) {
    current.interpolate(time, into: state)
  }

  private func becomeStiff(_ before: DormandPrince, end: Double) throws {
    let y = Array(UnsafeBufferPointer(start: before.y, count: system.count))
    statisticsBefore = statistics
    explicit = nil
    if system.count > Self.large {
      method = .rungeKuttaChebyshev
      current = try RungeKuttaChebyshev(
        system, t: before.t, y: y, end: end, tolerance: tolerance)
    } else {
      method = .ndf
      let next = try NDF(system, t: before.t, y: y, end: end, tolerance: tolerance)
      implicit = next
      current = next
      // The small steps of the start say nothing about stiffness.
      easySteps = -50
    }
  }

  private func becomeExplicit(_ before: NDF, end: Double) throws {
    let y = Array(UnsafeBufferPointer(start: before.y, count: system.count))
    statisticsBefore = statistics
    implicit = nil
    patience *= 2
    method = .dormandPrince
    let next = try DormandPrince(system, t: before.t, y: y, end: end, tolerance: tolerance)
    explicit = next
    current = next
  }
}
