/// Dormand-Prince as long as it is efficient; when the problem turns out to be stiff, NDF, or for
/// large systems, whose Jacobian costs too much to factor, Runge-Kutta-Chebyshev.
package final class AutomaticIntegrator: Integrator {
  package enum Method: String, Hashable, Sendable {
    case dormandPrince, ndf, rungeKuttaChebyshev
  }

  /// From how many equations on a stiff problem is integrated without factoring the Jacobian.
  package static let large = 600

  private let system: any DifferentialSystem
  private let tolerance: Tolerance
  private let start: Double
  private var explicit: DormandPrince?
  private var current: any Integrator
  private var statisticsBefore = IntegratorStatistics()
  package private(set) var method = Method.dormandPrince

  package init(
    _ system: any DifferentialSystem, t: Double, y: [Double], end: Double, tolerance: Tolerance
  ) throws {
    self.system = system
    self.tolerance = tolerance
    start = t
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
    if let explicit, explicit.isStiff, end - explicit.t > 100 * explicit.h {
      try becomeImplicit(explicit, end: end)
    }
    try current.step(to: end, largest: largest)
  }

  package func interpolate(_ time: Double, into state: UnsafeMutablePointer<Double>) {
    current.interpolate(time, into: state)
  }

  private func becomeImplicit(_ before: DormandPrince, end: Double) throws {
    let y = Array(UnsafeBufferPointer(start: before.y, count: system.count))
    if system.count > Self.large {
      current = try RungeKuttaChebyshev(
        system, t: before.t, y: y, end: end, tolerance: tolerance)
      method = .rungeKuttaChebyshev
    } else {
      current = try NDF(system, t: before.t, y: y, end: end, tolerance: tolerance)
      method = .ndf
    }
    statisticsBefore = before.statistics
    explicit = nil
  }
}
