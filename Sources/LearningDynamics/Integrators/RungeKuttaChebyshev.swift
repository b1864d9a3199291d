#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The Runge-Kutta-Chebyshev method of order 2 (Sommeijer, Shampine and Verwer 1998, "RKC: an
/// explicit solver for parabolic PDEs", J. Comput. Appl. Math. 88).
///
/// Explicit, but with m stages it is stable up to h ρ ≈ 0.65 m² on the negative axis, ρ being the
/// Jacobian's spectral radius. For stiff systems whose Jacobian is too large to factor and has
/// eigenvalues near the real axis.
package final class RungeKuttaChebyshev: ContinuableIntegrator {
  private let system: any DifferentialSystem
  private let tolerance: Tolerance
  private let n: Int
  package private(set) var t: Double
  package private(set) var previous: Double
  package private(set) var y: UnsafeMutablePointer<Double>
  package private(set) var statistics = IntegratorStatistics()
  private var h: Double
  private let isFixed: Bool
  /// An upper estimate of the spectral radius, and accepted steps since it was made.
  private var radius = 0.0
  private var power: SpectralRadius
  private var radiusAge = 0
  private var controller = PIController(order: 3, integral: 0.08, growth: 5)

  private let memory: UnsafeMutablePointer<Double>
  private var old, before, stage, next: UnsafeMutablePointer<Double>
  /// f at the step's beginning and end, and in between.
  private var f0, f1: UnsafeMutablePointer<Double>
  private let f, error: UnsafeMutablePointer<Double>

  private init(
    _ system: any DifferentialSystem, t: Double, tolerance: Tolerance, fixedStep: Double?
  ) {
    self.system = system
    self.tolerance = tolerance
    n = system.count
    power = SpectralRadius(count: n)
    self.t = t
    previous = t
    let n = n
    memory = .allocate(capacity: 9 * n + 1)
    memory.initialize(repeating: 0, count: 9 * n + 1)
    let memory = memory
    func row(_ i: Int) -> UnsafeMutablePointer<Double> { memory + i * n }
    (y, old, before, stage, next) = (row(0), row(1), row(2), row(3), row(4))
    (f0, f1, f, error) = (row(5), row(6), row(7), row(8))
    h = fixedStep ?? 0
    isFixed = fixedStep != nil
  }

  /// Starts at (t, y). With a `fixedStep`, steps have that size whatever their error.
  package convenience init(
    _ system: any DifferentialSystem, t: Double, y start: [Double], end: Double,
    tolerance: Tolerance, fixedStep: Double? = nil
  ) throws {
    self.init(system, t: t, tolerance: tolerance, fixedStep: fixedStep)
    for i in 0..<n {
      y[i] = start[i]
      old[i] = start[i]
    }
    try system.derivative(t, y, f1)
    statistics.derivatives = 1
    if !isFixed {
      h = try system.firstStep(t, y, f1, order: 2, end: end, tolerance)
      statistics.derivatives += 1
    }
    try estimateRadius()
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
    transfer.pass(f1, count: n)
    transfer.pass(&radius)
    power.pass(&transfer)
    transfer.pass(&radiusAge)
    controller.pass(&transfer)
    transfer.pass(&statistics)
    transfer.passNoJacobian()
  }

  deinit { memory.deallocate() }

  package func step(to end: Double, largest: Double) throws {
    if radiusAge >= 25 { try estimateRadius() }
    while true {
      let smallest = SmallestStep.at(t)
      h = min(h, largest)
      let isLast = t + 1.01 * h >= end
      let tried = isLast ? end - t : h
      try stages(tried)
      let size = isFixed ? 0 : system.size(of: error, at: next, tolerance)
      if size <= 1 || (tried <= smallest && SmallestStep.accepts(size: size, tolerance)) {
        accept(end: isLast ? end : t + tried)
        if !isFixed { h = tried * controller.accepted(size) }
        return
      }
      statistics.rejected += 1
      guard tried > smallest else { throw IntegrationFailure.stepTooSmall(t: t) }
      h = max(smallest, tried * controller.rejected(size))
      try estimateRadius()
    }
  }

  /// The state by cubic Hermite interpolation, of order 3.
  package func interpolate(_ time: Double, into state: UnsafeMutablePointer<Double>) {
    if time == t || t == previous {
      for i in 0..<n { state[i] = y[i] }
      return
    }
    let h = t - previous
    let theta = (time - previous) / h, rest = 1 - theta
    let a = theta * rest * rest * h, b = -theta * theta * rest * h
    let c = theta * theta * (3 - 2 * theta)
    for i in 0..<n { state[i] = old[i] + c * (y[i] - old[i]) + a * f0[i] + b * f1[i] }
  }

  /// The stages of a step from (t, y) with f1 = f(t, y): the new state in `next`, f there in `f`
  /// and the estimated error.
  private func stages(_ h: Double) throws {
    let m = max(2, 1 + Int((1 + 1.54 * h * radius).squareRoot()))
    let w0 = 1 + 2.0 / 13 / Double(m * m)
    let q = (w0 * w0 - 1).squareRoot(), argument = Double(m) * log(w0 + q)
    let w1 =
      sinh(argument) * (w0 * w0 - 1)
      / (cosh(argument) * Double(m) * q - w0 * sinh(argument))
    var b1 = 1 / (4 * w0 * w0), b2 = b1
    let first = h * w1 * b1
    for i in 0..<n {
      before[i] = y[i]
      stage[i] = y[i] + first * f1[i]
    }
    // The Chebyshev polynomials T_j(w0) and their first two derivatives, by recurrence.
    var z1 = w0, z2 = 1.0, dz1 = 1.0, dz2 = 0.0, ddz1 = 0.0, ddz2 = 0.0
    // c_j: the time of stage j within the step.
    var c1 = w1 * b1, c2 = 0.0
    for _ in 2...m {
      let z = 2 * w0 * z1 - z2
      let dz = 2 * w0 * dz1 - dz2 + 2 * z1
      let ddz = 2 * w0 * ddz1 - ddz2 + 4 * dz1
      let b = ddz / (dz * dz)
      let mu = 2 * w0 * b / b1, nu = -b / b2, rest = 1 - mu - nu
      let muTilde = mu * w1 / w0, gammaTilde = -muTilde * (1 - z1 * b1)
      try system.derivative(t + c1 * h, stage, f)
      for i in 0..<n {
        let linear = mu * stage[i] + nu * before[i] + rest * y[i]
        next[i] = linear + h * (muTilde * f[i] + gammaTilde * f1[i])
      }
      (before, stage, next) = (stage, next, before)
      (z2, z1, dz2, dz1, ddz2, ddz1, b2, b1) = (z1, z, dz1, dz, ddz1, ddz, b1, b)
      (c2, c1) = (c1, mu * c1 + nu * c2 + muTilde + gammaTilde)
    }
    swap(&stage, &next)
    try system.derivative(t + h, next, f)
    statistics.derivatives += m
    for i in 0..<n { error[i] = 0.8 * (y[i] - next[i]) + 0.4 * h * (f1[i] + f[i]) }
  }

  private func accept(end: Double) {
    swap(&old, &y)
    swap(&y, &next)
    swap(&f0, &f1)
    for i in 0..<n { f1[i] = f[i] }
    previous = t
    t = end
    statistics.accepted += 1
    radiusAge += 1
  }

  /// Estimates the spectral radius at (t, y); 20 % are added for safety.
  private func estimateRadius() throws {
    radiusAge = 0
    radius = 1.2 * (try power.estimate(system, t, y, f: f1, iterations: 50))
    statistics.derivatives += power.evaluations
  }
}
