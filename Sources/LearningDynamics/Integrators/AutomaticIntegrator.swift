/// Dormand-Prince as long as it is efficient; when the problem turns out to be stiff, NDF, or for
/// large systems, whose Jacobian costs too much to factor, Runge-Kutta-Chebyshev. NDF gives back to
/// Dormand-Prince where its steps have become so small that stability does not matter, as in the
/// escape from a plateau.
package final class AutomaticIntegrator: Integrator {
  package enum Method: String, Hashable, Sendable, CaseIterable {
    case dormandPrince, ndf, rungeKuttaChebyshev
  }

  /// Beyond so many equations a stiff problem is integrated without factoring its Jacobian.
  ///
  /// NDF is still the faster one here (at 392 equations 2 s against 7 s at the same tolerance), but
  /// one factorisation begins to take longer than a user waits for an interrupt.
  package static let large = 1000

  private let system: any DifferentialSystem
  private let tolerance: Tolerance
  private var explicit: DormandPrince?
  private var implicit: NDF?
  private var current: any ContinuableIntegrator
  /// Steps of NDF in a row that an explicit method could have taken, and how many are too many:
  /// a number that doubles with each return, for each change costs a start with small steps.
  private var easySteps = 0
  private var patience = 15
  /// Steps in a row that are lost beside t.
  private var tinySteps = 0
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

  /// Goes on from what it remembered, to the bit; throws `TrainingError.invalid` where that is not
  /// of this system.
  package init(
    _ system: any DifferentialSystem, tolerance: Tolerance, from state: IntegrationState
  ) throws {
    self.system = system
    self.tolerance = tolerance
    var transfer = StateTransfer(from: state)
    var kind = 0
    transfer.pass(&kind, in: 0...Method.allCases.count - 1)
    method = Method.allCases[kind]
    switch method {
    case .dormandPrince:
      let restored = DormandPrince(system, tolerance: tolerance, from: &transfer)
      explicit = restored
      current = restored
    case .ndf:
      let restored = NDF(system, tolerance: Self.tightened(tolerance), from: &transfer)
      implicit = restored
      current = restored
    case .rungeKuttaChebyshev:
      current = RungeKuttaChebyshev(
        system, tolerance: Self.tightened(tolerance), from: &transfer)
    }
    pass(&transfer)
    if !transfer.isComplete {
      throw TrainingError.invalid("the state of the integration does not belong to these networks")
    }
  }

  /// Notes in `state`, whose memory is used again, what must be known to go on from here.
  package func remember(in state: inout IntegrationState) {
    var kept = IntegrationState()
    swap(&kept, &state)
    var transfer = StateTransfer(into: consume kept)
    var kind = Method.allCases.firstIndex(of: method)!
    transfer.pass(&kind)
    current.pass(&transfer)
    pass(&transfer)
    state = transfer.state
  }

  private func pass(_ transfer: inout StateTransfer) {
    transfer.pass(&easySteps)
    transfer.pass(&patience)
    transfer.pass(&tinySteps)
    transfer.pass(&statisticsBefore)
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

    // Before a singularity of f rounding may leave a solver stepping on the spot.
    tinySteps = t - previous < 1e-9 * t.magnitude ? tinySteps + 1 : 0
    if tinySteps > 1000 { throw IntegrationFailure.stepTooSmall(t: t) }
  }

  package func interpolate(_ time: Double, into state: UnsafeMutablePointer<Double>) {
    current.interpolate(time, into: state)
  }

  private func becomeStiff(_ before: DormandPrince, end: Double) throws {
    let y = Array(UnsafeBufferPointer(start: before.y, count: system.count))
    statisticsBefore = statistics
    explicit = nil
    let tight = Self.tightened(tolerance)
    if system.count > Self.large {
      method = .rungeKuttaChebyshev
      current = try RungeKuttaChebyshev(system, t: before.t, y: y, end: end, tolerance: tight)
    } else {
      method = .ndf
      let next = try NDF(system, t: before.t, y: y, end: end, tolerance: tight)
      implicit = next
      current = next
      // The small steps of the start say nothing about stiffness.
      easySteps = -50
    }
  }

  /// The errors of the stiff methods are what they estimate, that of Dormand-Prince is much smaller:
  /// with the same tolerance the trajectory would become worse from the change on.
  private static func tightened(_ tolerance: Tolerance) -> Tolerance {
    Tolerance(relative: max(0.1 * tolerance.relative, 1e-13), absolute: tolerance.absolute)
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
