/// The explicit Runge-Kutta method of Dormand and Prince, order 5 with an error estimate of order
/// 4 and a continuous extension of order 4 (Hairer, Nørsett and Wanner I, II.5 and II.6).
///
/// For problems that are not stiff. It notices when stability begins to limit its steps
/// (`isStiff`): the solution still comes out right, but slowly.
package final class DormandPrince: ContinuableIntegrator {
  private let system: any DifferentialSystem
  private let tolerance: Tolerance
  private let n: Int
  package private(set) var t: Double
  package private(set) var previous: Double
  package private(set) var y: UnsafeMutablePointer<Double>
  package private(set) var statistics = IntegratorStatistics()
  /// The size of the next step.
  private(set) var h: Double
  private let isFixed: Bool
  private var controller = PIController(order: 5, integral: 0.04, growth: 10)
  private var radius: SpectralRadius
  /// Checks in a row in which h ρ was large, and in which it was not small.
  private var stiffChecks = 0
  private var mildChecks = 0

  private let memory: UnsafeMutablePointer<Double>
  private var next: UnsafeMutablePointer<Double>
  private var k1: UnsafeMutablePointer<Double>
  private var k7: UnsafeMutablePointer<Double>
  private let k2, k3, k4, k5, k6, stage, error: UnsafeMutablePointer<Double>
  /// The five coefficient rows of the continuous extension.
  private let dense: UnsafeMutablePointer<Double>

  private init(
    _ system: any DifferentialSystem, t: Double, tolerance: Tolerance, fixedStep: Double?
  ) {
    self.system = system
    self.tolerance = tolerance
    n = system.count
    radius = SpectralRadius(count: n)
    self.t = t
    previous = t
    memory = .allocate(capacity: 16 * n + 1)
    memory.initialize(repeating: 0, count: 16 * n + 1)
    let n = n, memory = memory
    func row(_ i: Int) -> UnsafeMutablePointer<Double> { memory + i * n }
    (y, next, k1, k7) = (row(0), row(1), row(2), row(3))
    (k2, k3, k4, k5, k6) = (row(4), row(5), row(6), row(7), row(8))
    (stage, error, dense) = (row(9), row(10), row(11))
    h = fixedStep ?? 0
    isFixed = fixedStep != nil
  }

  /// Starts at (t, y). With a `fixedStep`, steps have that size whatever their error.
  package convenience init(
    _ system: any DifferentialSystem, t: Double, y start: [Double], end: Double,
    tolerance: Tolerance, fixedStep: Double? = nil
  ) throws {
    self.init(system, t: t, tolerance: tolerance, fixedStep: fixedStep)
    for i in 0..<n { y[i] = start[i] }
    try system.derivative(t, y, k1)
    statistics.derivatives = 1
    for i in 0..<n { dense[i] = y[i] }
    if !isFixed {
      h = try system.firstStep(t, y, k1, order: 5, end: end, tolerance)
      statistics.derivatives += 1
    }
  }

  /// Goes on from what it remembered.
  convenience init(
    _ system: any DifferentialSystem, tolerance: Tolerance, from transfer: inout StateTransfer
  ) {
    self.init(system, t: 0, tolerance: tolerance, fixedStep: nil)
    pass(&transfer)
    previous = t
  }

  func pass(_ transfer: inout StateTransfer) {
    transfer.pass(&t)
    transfer.pass(&h)
    transfer.pass(y, count: n)
    transfer.pass(k1, count: n)
    controller.pass(&transfer)
    radius.pass(&transfer)
    transfer.pass(&stiffChecks)
    transfer.pass(&mildChecks)
    transfer.pass(&statistics)
    transfer.passNoJacobian()
  }

  deinit { memory.deallocate() }

  /// Whether steps have for a while been so large that stability, whose border is h ρ ≈ 3.3,
  /// begins to matter.
  ///
  /// From h ρ ≈ 1 on, the fast directions are at rest, and NDF does the same with a third of the
  /// evaluations (K = M = 4, tolerance 1e-8, to α = 1000: 3,430 of them here, 1,070 with NDF).
  /// Hairer's test, which compares stages 6 and 7, misses this for long where the slow directions
  /// move more than the fast ones (Hairer and Wanner II, IV.2).
  ///
  /// Five hundred steps with h ρ > 0.3 count too: along a slow drift the error estimate, not the
  /// error, may keep steps that small.
  package var isStiff: Bool { stiffChecks >= 2 || mildChecks >= 25 }

  private func checkStiffness() throws {
    let estimate = try radius.estimate(system, t, y, f: k1, iterations: 10)
    statistics.derivatives += radius.evaluations
    stiffChecks = h * estimate > 1 ? stiffChecks + 1 : 0
    mildChecks = h * estimate > 0.3 ? mildChecks + 1 : 0
  }

  package func step(to end: Double, largest: Double) throws {
    while true {
      let smallest = SmallestStep.at(t)
      h = min(h, largest)
      let isLast = t + 1.01 * h >= end
      let tried = isLast ? end - t : h
      try stages(tried)
      let size = isFixed ? 0 : system.size(of: error, at: next, tolerance)
      if size <= 1 || (tried <= smallest && SmallestStep.accepts(size: size, tolerance)) {
        accept(tried, end: isLast ? end : t + tried)
        if !isFixed {
          h = tried * controller.accepted(size)
          if statistics.accepted % 20 == 0 { try checkStiffness() }
        }
        return
      }
      statistics.rejected += 1
      guard tried > smallest else { throw IntegrationFailure.stepTooSmall(t: t) }
      h = max(smallest, tried * controller.rejected(size))
    }
  }

  /// The seven stages of a step, the new state in `next` and its estimated error.
  private func stages(_ h: Double) throws {
    for i in 0..<n { stage[i] = y[i] + h * (0.2 * k1[i]) }
    try system.derivative(t + 0.2 * h, stage, k2)
    for i in 0..<n { stage[i] = y[i] + h * (3.0 / 40 * k1[i] + 9.0 / 40 * k2[i]) }
    try system.derivative(t + 0.3 * h, stage, k3)
    for i in 0..<n {
      stage[i] = y[i] + h * (44.0 / 45 * k1[i] - 56.0 / 15 * k2[i] + 32.0 / 9 * k3[i])
    }
    try system.derivative(t + 0.8 * h, stage, k4)
    for i in 0..<n {
      let early = 19372.0 / 6561 * k1[i] - 25360.0 / 2187 * k2[i]
      stage[i] = y[i] + h * (early + 64448.0 / 6561 * k3[i] - 212.0 / 729 * k4[i])
    }
    try system.derivative(t + 8.0 / 9 * h, stage, k5)
    for i in 0..<n {
      let early = 9017.0 / 3168 * k1[i] - 355.0 / 33 * k2[i] + 46732.0 / 5247 * k3[i]
      stage[i] = y[i] + h * (early + 49.0 / 176 * k4[i] - 5103.0 / 18656 * k5[i])
    }
    try system.derivative(t + h, stage, k6)
    for i in 0..<n {
      let early = 35.0 / 384 * k1[i] + 500.0 / 1113 * k3[i] + 125.0 / 192 * k4[i]
      next[i] = y[i] + h * (early - 2187.0 / 6784 * k5[i] + 11.0 / 84 * k6[i])
    }
    try system.derivative(t + h, next, k7)
    statistics.derivatives += 6
    for i in 0..<n {
      let early = 71.0 / 57600 * k1[i] - 71.0 / 16695 * k3[i] + 71.0 / 1920 * k4[i]
      let late = -17253.0 / 339200 * k5[i] + 22.0 / 525 * k6[i] - 1.0 / 40 * k7[i]
      error[i] = h * (early + late)
    }
  }

  private func accept(_ h: Double, end: Double) {
    let r0 = dense, r1 = r0 + n, r2 = r1 + n, r3 = r2 + n, r4 = r3 + n
    for i in 0..<n {
      let change = next[i] - y[i]
      let left = h * k1[i] - change
      r0[i] = y[i]
      r1[i] = change
      r2[i] = left
      r3[i] = change - h * k7[i] - left
      let early =
        -12715105075.0 / 11282082432 * k1[i] + 87487479700.0 / 32700410799 * k3[i]
        - 10690763975.0 / 1880347072 * k4[i]
      let late =
        701980252875.0 / 199316789632 * k5[i] - 1453857185.0 / 822651844 * k6[i]
        + 69997945.0 / 29380423 * k7[i]
      r4[i] = h * (early + late)
    }
    swap(&y, &next)
    swap(&k1, &k7)
    previous = t
    t = end
    statistics.accepted += 1
  }

  package func interpolate(_ time: Double, into state: UnsafeMutablePointer<Double>) {
    if time == t || t == previous {
      for i in 0..<n { state[i] = y[i] }
      return
    }
    let theta = (time - previous) / (t - previous), rest = 1 - theta
    let r1 = dense + n, r2 = r1 + n, r3 = r2 + n, r4 = r3 + n
    for i in 0..<n {
      let inner = r2[i] + theta * (r3[i] + rest * r4[i])
      state[i] = dense[i] + theta * (r1[i] + rest * inner)
    }
  }
}
