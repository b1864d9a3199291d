import Groundwork

/// A fixed point of the order-parameter equations, label noise included, and how it is left or
/// approached.
///
/// Newton's method from a state close to one, as a run's end is. It also finds what a run would
/// need a time of 1/(η² σ²) to drift to, and plateaus and other saddles that a run only passes.
public struct FixedPoint: Sendable {
  /// Q, R and v with dQ = dR = dv = 0.
  public let state: OrderParameters
  /// ε_g there; exact to about 1e-15.
  public let error: Double
  /// The eigenvalues of the Jacobian ∂(dy/dα)/∂y, the largest real part first: perturbations go as
  /// exp(λ α). As many as there are trained order parameters.
  public let eigenvalues: [Eigenvalue]
  /// How many eigenvalues have a negative, a positive and a vanishing real part, the last to 1e-8
  /// of the largest eigenvalue: directions of a manifold of fixed points, or of motion too slow to
  /// tell.
  public let stable: Int
  public let unstable: Int
  public let flat: Int
  /// What is left of |dy/dα|, the largest component.
  public let residual: Double

  /// Nothing leads away; along flat directions nothing leads back either.
  public var isStable: Bool { unstable == 0 }

  /// The time in α in which the slowest decaying perturbation shrinks by e; nil where none decays.
  public var relaxationTime: Double? {
    eigenvalues[(unstable + flat)...].first.map { -1 / $0.real }
  }

  /// The fixed point near the end of a run, under the learning rates, the momentum and the label
  /// noise with which it ended.
  ///
  /// Also for a simulation: its end is near the fixed point of the equations, up to O(N^-½). For a
  /// run of batches they are the equations of that batch.
  /// Throws `noFixedPoint`, `invalid` for a run that diverged, and `Interruption` where `shouldStop`
  /// says so, which is asked every millisecond or so.
  public init(of run: Run, shouldStop: @escaping () -> Bool = { false }) throws {
    let batch =
      switch run.engine {
      case .equations(let options): options.batch
      case .descent(let options): options.batch
      }
    if case .diverged(let divergence) = run.ending {
      throw TheoryError.invalid("the run diverged at α = \(divergence.alpha.brief)")
    }
    guard let last = run.plan.indices.last else {
      throw TheoryError.invalid("a run without phases has no learning rate")
    }
    let index = min(run.end.phase, last)
    // Where the plan is done, the phase's own α is that of its end.
    let alpha = run.end.phaseAlpha
    var phase = run.plan[index]
    phase.firstRate = .constant(phase.layers.trainFirst ? try phase.firstRate(alpha) : 0)
    phase.secondRate = .constant(phase.layers.trainSecond ? try phase.secondRate(alpha) : 0)
    phase.decay = .constant(try phase.decay(alpha))
    try self.init(
      student: run.student, teacher: try run.teacher.stopped(at: run.end.alpha), phase: phase,
      near: run.end.state, batch: batch, shouldStop: shouldStop)
  }

  /// The fixed point near `state` under the rates of `phase`, taken at its beginning, for batches
  /// of `batch` samples.
  public init(
    student: Student, teacher: Teacher, phase: Phase, near start: OrderParameters, batch: Int = 1,
    shouldStop: @escaping () -> Bool = { false }
  ) throws {
    if batch < 1 { throw TheoryError.invalid("a batch has at least one sample") }
    try start.requireIsotropic()
    let equations = OrderParameterEquations(
      student: student, teacher: teacher, phase: phase, start: start, batch: batch)
    equations.fields.goesOn = { !shouldStop() }
    let n = equations.count
    var search = NewtonSearch(equations, y: equations.pack(start), shouldStop)
    try search.run()
    state = equations.unpack(search.y)
    error = equations.error(search.y)
    residual = search.residual
    guard let eigenvalues = try search.jacobian().eigenvalues(shouldStop: shouldStop) else {
      throw Interruption()
    }
    self.eigenvalues = eigenvalues
    let zero = 1e-8 * (eigenvalues.map(\.magnitude).max() ?? 0)
    unstable = eigenvalues.count { $0.real > zero }
    stable = eigenvalues.count { $0.real < -zero }
    flat = n - unstable - stable
  }
}

/// Newton's iteration, damped by Levenberg and Marquardt's method where its step goes astray.
///
/// A manifold of fixed points makes the Jacobian singular; the damped step is then the shortest
/// one, and the state moves across the manifold, not along it.
private struct NewtonSearch {
  let equations: OrderParameterEquations
  var y: [Double]
  private var f: [Double]
  private let shouldStop: () -> Bool

  init(
    _ equations: OrderParameterEquations, y: [Double], _ shouldStop: @escaping () -> Bool
  ) {
    self.shouldStop = shouldStop
    self.equations = equations
    self.y = y
    f = .init(repeating: .infinity, count: y.count)
  }

  var residual: Double { f.map(abs).max() ?? 0 }
  private func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  private func rates(_ y: [Double]) throws -> [Double] {
    var dy = [Double](repeating: 0, count: y.count)
    try equations.derivative(0, y, &dy)
    return dy
  }

  mutating func jacobian() throws -> Matrix {
    var J = Matrix(rows: y.count, columns: y.count)
    try equations.jacobian(0, &y, &J.elements)
    return J
  }

  mutating func run() throws {
    f = try rates(y)
    let began = residual
    guard !y.isEmpty else { return }
    var damping = 0.0
    for _ in 0..<100 {
      let J = try jacobian()
      let size = J.elements.map(abs).max() ?? 0
      // Rounding of terms of the size of the Jacobian.
      let rounding = 1e-15 * Double(y.count).squareRoot() * max(size, 1e-300)
      if residual <= rounding { return }
      guard let next = try step(J, &damping, size) else { break }
      let before = norm(f)
      y = next.y
      f = next.f
      // Newton's last steps only stir the rounding.
      if residual <= 30 * rounding && norm(f) > 0.5 * before { return }
    }
    let size = try jacobian().elements.map(abs).max() ?? 0
    guard residual <= 1e-11 * max(size, 1e-300) else {
      throw TheoryError.noFixedPoint(residual: min(residual, began))
    }
  }

  /// A state with smaller rates; nil where no step gives one.
  private func step(
    _ J: Matrix, _ damping: inout Double, _ size: Double
  ) throws -> (y: [Double], f: [Double])? {
    let before = norm(f)
    let reach = 0.3 * (1 + norm(y))
    func attempt(_ d: [Double]) throws -> (y: [Double], f: [Double])? {
      guard norm(d) <= reach else { return nil }
      let moved = zip(y, d).map { $0 - $1 }
      let rates = try rates(moved)
      return norm(rates) < before ? (moved, rates) : nil
    }
    let factors = damping == 0 ? LU(J, shouldStop: shouldStop) : nil
    if let d = factors?.solve(f), let found = try attempt(d) { return found }
    let transposed = J.transpose
    let gradient = transposed * f
    guard !shouldStop(), let square = transposed.times(J, shouldStop: shouldStop) else {
      throw Interruption()
    }
    var mu = damping > 0 ? damping / 10 : 1e-12 * size * size
    while mu < 1e3 * size * size {
      var damped = square
      for i in y.indices { damped[i, i] += mu }
      let factors = Cholesky(damped, shouldStop: shouldStop)
      if shouldStop() { throw Interruption() }
      if let d = factors?.solve(gradient), let found = try attempt(d) {
        damping = mu > 1e-13 * size * size ? mu : 0
        return found
      }
      mu *= 10
    }
    return nil
  }
}
