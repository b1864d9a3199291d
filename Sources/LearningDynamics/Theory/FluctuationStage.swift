import Groundwork

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// One phase of a plan as the fluctuations see it: the trajectory of the equations, the Jacobian
/// along it, and D, each as a function of α since the phase began.
///
/// The state holds all that any phase of the plan trains: what an earlier phase has scattered goes
/// on to matter where it is kept fixed.
final class FluctuationStage {
  /// All layers of the plan, without decay; at rate 0 what this phase does not train.
  let equations: OrderParameterEquations
  let length: Double
  private let phase: Phase
  private let trained: OrderParameterEquations
  /// nil in a phase of no length.
  private let integrator: AutomaticIntegrator?
  private let first: [Double]
  private let mean: PiecewisePolynomial
  private let diffusion: PiecewisePolynomial
  private let noise: any StepNoise
  /// The width of the next interval on which D is to be interpolated.
  private var width: Double
  private let tolerance: Double
  /// The largest variance met, or that could be: what is 1e-11 of it is rounding.
  private var largest: Double

  init(
    student: Student, teacher: Teacher, phase: Phase, length: Double, layers: Layers,
    start: OrderParameters, begin: Double, batch: Int, noise: any StepNoise, tolerance: Double,
    largest: Double,
    goesOn: @escaping () -> Bool
  ) throws {
    self.phase = phase
    self.length = length
    self.noise = noise
    self.tolerance = tolerance
    width = min(length, 0.02)
    var whole = phase
    whole.layers = layers
    whole.decay = .constant(0)
    if !phase.layers.trainFirst { whole.firstRate = .constant(0) }
    if !phase.layers.trainSecond { whole.secondRate = .constant(0) }
    equations = OrderParameterEquations(
      student: student, teacher: teacher, phase: whole, start: start, batch: batch, begin: begin)
    trained = OrderParameterEquations(
      student: student, teacher: teacher, phase: phase, start: start, batch: batch, begin: begin)
    // What a step of a perfect student leaves is rounding of terms of this size.
    var outputs = 0.0, steepest = 0.0
    for a in 0..<equations.K + equations.M {
      outputs += equations.fields.u[a] * equations.fields.u[a]
    }
    for fraction in [0, 0.5, 1] {
      let rates = try equations.rates(at: fraction * length)
      steepest = max(steepest, rates.first * rates.first + rates.second * rates.second)
    }
    self.largest = max(largest, steepest * outputs)
    equations.fields.goesOn = goesOn
    trained.fields.goesOn = goesOn
    first = equations.pack(start)
    integrator =
      length == 0
      ? nil
      : try AutomaticIntegrator(
        trained, t: 0, y: trained.pack(start), end: length,
        tolerance: Tolerance(relative: 1e-9, absolute: 1e-13))
    let n = equations.count
    mean = PiecewisePolynomial(places: [0, 0.25, 0.5, 0.75, 1], count: n, begin: 0)
    diffusion = PiecewisePolynomial(
      places: [0, 0.125, 0.25, 0.5, 0.75, 0.875, 1], count: n * (n + 1) / 2, begin: 0)
  }

  var largestVariance: Double { largest }

  /// The state at `t`, as the vector of `equations`.
  func state(at t: Double) throws -> [Double] {
    guard let integrator, t > 0 else { return first }
    let t = min(t, length)
    while mean.end < t {
      let steepest = trained.isAutonomous ? Double.infinity : length / 100
      try integrator.step(to: length, largest: steepest)
      let (from, to) = (integrator.previous, integrator.t)
      let values = mean.places.map { place -> [Double] in
        var y = [Double](repeating: 0, count: trained.count)
        integrator.interpolate(from + place * (to - from), into: &y)
        return equations.pack(trained.unpack(y))
      }
      mean.append(end: to, values)
    }
    var y = [Double](repeating: 0, count: equations.count)
    mean.evaluate(t, into: &y)
    return y
  }

  /// The Jacobian of the phase at `t`, decay included.
  func jacobian(at t: Double, into J: inout Matrix) throws {
    var y = try state(at: t)
    try equations.jacobian(t, &y, &J.elements)
    let decay = try trained.rates(at: t).decay
    guard decay != 0 else { return }
    for i in 0..<equations.count {
      switch equations.quantity(of: i) {
      case "v": if phase.layers.trainSecond { J[i, i] -= decay }
      case "Q": if phase.layers.trainFirst { J[i, i] -= 2 * decay }
      default: if phase.layers.trainFirst { J[i, i] -= decay }
      }
    }
  }

  // MARK: D

  /// Writes the upper triangle of D at `t`, row by row.
  func diffusion(at t: Double, into D: UnsafeMutablePointer<Double>) throws {
    // A stage of an integrator may end one rounding beyond the phase.
    let t = min(t, length)
    while diffusion.isEmpty || diffusion.end < t { try extend() }
    diffusion.evaluate(t, into: D)
  }

  /// Adds an interval on which D is a polynomial of degree six: as wide as the one of degree four
  /// through five of the values lets it be, which must meet the other two.
  private func extend() throws {
    let from = diffusion.end, n = equations.count
    var known: [Double: [Double]] = [:]
    func exact(_ t: Double) throws -> [Double] {
      if let value = known[t] { return value }
      let value = try exactDiffusion(at: t)
      known[t] = value
      return value
    }
    let coarse = [0, 0.25, 0.5, 0.75, 1]
    let weights = [32.0 / 3, -128.0 / 3, 64, -128.0 / 3, 32.0 / 3]
    while true {
      if length - from < 1.5 * width { width = length - from }
      let to = width == length - from ? length : from + width
      let places = diffusion.places
      let values = try places.map { try exact($0 == 1 ? to : from + $0 * width) }
      var error = 0.0
      for check in [1, 5] {
        let factors = PiecewisePolynomial.factors(coarse, weights, places[check])
        let guess = (0..<n * (n + 1) / 2).map { i in
          zip([0, 2, 3, 4, 6], factors).reduce(0) { $0 + $1.1 * values[$1.0][i] }
        }
        let t = from + places[check] * width
        error = max(
          error, distance(guess, values[check], equations.errorGradient(try state(at: t))))
      }
      // At a jump of a rate there is no interval short enough; this one is, for S changes by as
      // little.
      if error <= tolerance || width < 1e-4 * (1 + from) {
        diffusion.append(end: to, values)
        width *= min(3, max(0.5, 0.9 * pow(max(error / tolerance, 1e-6), -0.2)))
        return
      }
      width *= 0.5
    }
  }

  /// How far two matrices D are from each other, in units of √(D_ii D_jj) and of the variance of a
  /// step's ε_g, which may be a small difference of large terms.
  private func distance(_ a: [Double], _ b: [Double], _ gradient: [Double]) -> Double {
    let n = gradient.count
    var p = 0
    var sizes = gradient
    var (projected, known) = (0.0, 0.0)
    for i in 0..<n {
      sizes[i] = b[p]
      for j in i..<n {
        let factor = (i == j ? 1 : 2) * gradient[i] * gradient[j]
        projected += factor * (a[p] - b[p])
        known += factor * b[p]
        p += 1
      }
    }
    largest = max(largest, sizes.max() ?? 0)
    let floor = 1e-11 * largest
    var worst = abs(projected) / (abs(known) + floor)
    p = 0
    for i in 0..<n {
      for j in i..<n {
        worst = max(worst, abs(a[p] - b[p]) / ((max(0, sizes[i] * sizes[j])).squareRoot() + floor))
        p += 1
      }
    }
    return worst.isFinite ? worst : 0
  }

  private func exactDiffusion(at t: Double) throws -> [Double] {
    let y = try state(at: t)
    var drift = y
    // Leaves the fields at this state.
    try equations.derivative(t, y, &drift)
    let rates = try equations.rates(at: t)
    let D = try noise.matrix(
      equations, firstRate: rates.first, secondRate: rates.second, drift: drift)
    return (0..<D.rows).flatMap { i in (i..<D.rows).map { D[i, $0] } }
  }
}

extension OrderParameterEquations {
  /// ∂ε_g/∂y at a state, by central differences.
  func errorGradient(_ state: [Double]) -> [Double] {
    var state = state
    let h = 1e-5
    return state.indices.map { i in
      let kept = state[i]
      defer { state[i] = kept }
      state[i] = kept + h
      let above = error(state)
      state[i] = kept - h
      return (above - error(state)) / (2 * h)
    }
  }
}
