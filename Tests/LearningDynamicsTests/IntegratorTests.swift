import Foundation
import LearningDynamics
import Testing

/// A system from a closure.
private final class TestSystem: DifferentialSystem {
  let count: Int
  let field: (Double, UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void
  init(
    count: Int,
    _ field: @escaping (Double, UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void
  ) {
    self.count = count
    self.field = field
  }
  func derivative(
    _ t: Double, _ y: UnsafePointer<Double>, _ dy: UnsafeMutablePointer<Double>
  ) { field(t, y, dy) }

  /// Prothero and Robinson's problem with a non-linear coupling; the solution from (1, 0) is
  /// (cos t, sin t), and neighbours approach it at rate λ.
  static func circle(lambda: Double) -> TestSystem {
    TestSystem(count: 2) { t, y, dy in
      let a = y[0] - cos(t), b = y[1] - sin(t)
      dy[0] = -lambda * a - sin(t) + b * b
      dy[1] = -lambda * b * (1 + 0.5 * y[0]) + cos(t)
    }
  }

  static func decay(_ rates: [Double]) -> TestSystem {
    TestSystem(count: rates.count) { _, y, dy in
      for i in 0..<rates.count { dy[i] = -rates[i] * y[i] }
    }
  }
}

private let tight = Tolerance(relative: 1e-8, absolute: 1e-12)

/// The largest distance from (cos t, sin t): at the ends of steps, and at points within.
private func circleErrors(
  _ integrator: any Integrator, from: Double, to end: Double
) throws -> (steps: Double, dense: Double) {
  var steps = 0.0, dense = 0.0
  var state = [0.0, 0.0]
  func distance(_ t: Double) -> Double { hypot(state[0] - cos(t), state[1] - sin(t)) }
  while integrator.t < end - 1e-12 {
    try integrator.step(to: end)
    guard integrator.previous >= from else { continue }
    for theta in [0.2, 0.5, 0.8, 1] {
      let t = integrator.previous + theta * (integrator.t - integrator.previous)
      integrator.interpolate(t, into: &state)
      if theta == 1 { steps = max(steps, distance(t)) } else { dense = max(dense, distance(t)) }
    }
  }
  return (steps, dense)
}

/// log₂ of the ratio of errors at step h and h/2.
private func order(_ error: (Double) throws -> Double, _ h: Double) rethrows -> Double {
  log2(try error(h) / error(h / 2))
}

@Suite struct IntegratorTests {
  @Test func dormandPrinceIsOfOrderFive() throws {
    func errors(_ h: Double) throws -> (steps: Double, dense: Double) {
      let integrator = try DormandPrince(
        TestSystem.circle(lambda: 1), t: 0, y: [1, 0], end: 2, tolerance: tight, fixedStep: h)
      return try circleErrors(integrator, from: 0, to: 2)
    }
    let steps = try order({ try errors($0).steps }, 0.02)
    let dense = try order({ try errors($0).dense }, 0.05)
    #expect(abs(steps - 5) < 0.2, "\(steps)")
    #expect(dense > 4 && dense < 5.5, "\(dense)")
  }

  @Test func chebyshevIsOfOrderTwo() throws {
    func errors(_ h: Double) throws -> (steps: Double, dense: Double) {
      let integrator = try RungeKuttaChebyshev(
        TestSystem.circle(lambda: 1), t: 0, y: [1, 0], end: 2, tolerance: tight, fixedStep: h)
      return try circleErrors(integrator, from: 0, to: 2)
    }
    let steps = try order({ try errors($0).steps }, 0.02)
    let dense = try order({ try errors($0).dense }, 0.02)
    #expect(abs(steps - 2) < 0.2, "\(steps)")
    #expect(abs(dense - 2) < 0.2, "\(dense)")
  }

  @Test(arguments: 1...5)
  func ndfIsOfItsOrder(k: Int) throws {
    // The errors of the first steps, of low order, die out long before t = 4.
    func errors(_ h: Double) throws -> (steps: Double, dense: Double) {
      let integrator = try NDF(
        TestSystem.circle(lambda: 40), t: 0, y: [1, 0], end: 6,
        tolerance: Tolerance(relative: 1e-11, absolute: 1e-11), fixed: (h, k))
      return try circleErrors(integrator, from: 4, to: 6)
    }
    let steps = try order({ try errors($0).steps }, 0.04)
    #expect(abs(steps - Double(k)) < 0.35, "\(steps)")
    let dense = try order({ try errors($0).dense }, 0.04)
    #expect(dense > Double(k) - 0.35, "\(dense)")
  }

  @Test(arguments: [1e-4, 1e-6, 1e-8, 1e-10])
  func errorsFollowTheTolerance(relative: Double) throws {
    let tolerance = Tolerance(relative: relative, absolute: relative * 1e-4)
    let system = TestSystem.circle(lambda: 5)
    var integrators: [any Integrator] = [
      try DormandPrince(system, t: 0, y: [1, 0], end: 10, tolerance: tolerance),
      try NDF(system, t: 0, y: [1, 0], end: 10, tolerance: tolerance),
      try AutomaticIntegrator(system, t: 0, y: [1, 0], end: 10, tolerance: tolerance),
    ]
    if relative >= 1e-8 {
      integrators.append(
        try RungeKuttaChebyshev(system, t: 0, y: [1, 0], end: 10, tolerance: tolerance))
    }
    for integrator in integrators {
      let errors = try circleErrors(integrator, from: 0, to: 10)
      #expect(integrator.t == 10)
      // Small steps of a method of low order add up more local errors.
      let factor = integrator is RungeKuttaChebyshev ? 100.0 : 30
      #expect(errors.steps < factor * relative, "\(type(of: integrator))")
      #expect(errors.dense < 2 * factor * relative, "\(type(of: integrator))")
    }
  }

  @Test func stiffProblemsChangeTheMethod() throws {
    let system = TestSystem.decay([1e3, 1, 1e-3])
    let integrator = try AutomaticIntegrator(
      system, t: 0, y: [1, 1, 1], end: 1e4, tolerance: tight)
    while integrator.t < 1e4 { try integrator.step(to: 1e4) }
    #expect(integrator.method == .ndf)
    #expect(integrator.statistics.accepted < 1000)
    #expect(abs(integrator.y[2] / exp(-10) - 1) < 1e-6)
    #expect(abs(integrator.y[1]) < 1e-10)
  }

  @Test func problemsThatAreNotStiffDoNot() throws {
    let oscillator = TestSystem(count: 2) { _, y, dy in
      dy[0] = y[1]
      dy[1] = -y[0]
    }
    let integrator = try AutomaticIntegrator(
      oscillator, t: 0, y: [1, 0], end: 100, tolerance: tight)
    while integrator.t < 100 {
      try integrator.step(to: 100)
      #expect(integrator.method == .dormandPrince)
    }
    #expect(abs(integrator.y[0] - cos(100)) < 1e-6)
  }

  @Test func largeStiffProblemsAreNotFactored() throws {
    // Heat conduction on a line: eigenvalues from -4 to nearly 0.
    let n = AutomaticIntegrator.large + 1
    let heat = TestSystem(count: n) { _, y, dy in
      for i in 0..<n {
        dy[i] = -2 * y[i] + (i > 0 ? y[i - 1] : 0) + (i < n - 1 ? y[i + 1] : 0)
      }
    }
    let mode = (0..<n).map { sin(.pi * Double($0 + 1) / Double(n + 1)) }
    let rate = 2 - 2 * cos(.pi / Double(n + 1))
    let end = 1000.0
    let integrator = try AutomaticIntegrator(
      heat, t: 0, y: mode.enumerated().map { $0.0 == 3 ? $0.1 + 0.1 : $0.1 }, end: end,
      tolerance: Tolerance(relative: 1e-5, absolute: 1e-9))
    while integrator.t < end { try integrator.step(to: end) }
    #expect(integrator.method == .rungeKuttaChebyshev)
    #expect(integrator.statistics.jacobians == 0)
    #expect(abs(integrator.y[n / 2] / exp(-rate * end) - 1) < 1e-4)
  }

  @Test func jumpsOfTheRightHandSideAreCrossed() throws {
    // y = t up to 1, then exponential decay, fast enough to be stiff.
    let system = TestSystem(count: 1) { t, y, dy in dy[0] = t < 1 ? 1 : -300 * (y[0] - 0.5) }
    for integrator: any Integrator in [
      try DormandPrince(system, t: 0, y: [0], end: 5, tolerance: tight),
      try NDF(system, t: 0, y: [0], end: 5, tolerance: tight),
      try RungeKuttaChebyshev(system, t: 0, y: [0], end: 5, tolerance: tight),
    ] {
      var atTheJump = 0.0
      while integrator.t < 5 {
        try integrator.step(to: 5, largest: 0.1)
        if integrator.previous < 1 && integrator.t >= 1 { atTheJump = integrator.y[0] }
      }
      #expect(abs(atTheJump - 1) < 1e-2, "\(type(of: integrator))")
      #expect(abs(integrator.y[0] - 0.5) < 1e-7, "\(type(of: integrator))")
    }
  }

  @Test func solutionsThatEndEndInAFailure() throws {
    // y = 1/(1 - t).
    let system = TestSystem(count: 1) { _, y, dy in dy[0] = y[0] * y[0] }
    let integrator = try DormandPrince(system, t: 0, y: [1], end: 2, tolerance: tight)
    #expect(throws: IntegrationFailure.self) {
      while integrator.t < 2 { try integrator.step(to: 2) }
    }
    #expect(abs(integrator.t - 1) < 1e-6)
  }
}
