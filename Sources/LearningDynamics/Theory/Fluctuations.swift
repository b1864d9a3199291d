import Groundwork

/// How far runs of online SGD at finite N scatter around the order-parameter equations.
///
/// N times the covariance of the order parameters tends to S with dS/dα = J S + S Jᵀ + D: J is the
/// Jacobian of the equations and D the covariance of one step (a central limit theorem; PHYSICS.md,
/// D1 and E11). It is the scatter over the samples; where starts differ too, it begins with their
/// covariance. Near a plateau, where deviations grow until they are not small, it overestimates.
public struct Fluctuations: Sendable {
  public struct Sample: Sendable {
    public var alpha: Double
    /// The mean, as the equations give it.
    public var state: OrderParameters
    public var error: Double
    /// S, the covariance times N of what is trained: R row by row, the upper triangle of Q row by
    /// row, v.
    public var covariance: Matrix
    /// N times the variance of ε_g.
    public var errorVariance: Double
    /// √S_ii, arranged as the order parameters are; 0 for what is not trained.
    public var deviations: OrderParameters

    /// The standard deviation of ε_g over runs of dimension N.
    public func errorDeviation(N: Double) -> Double { (max(0, errorVariance) / N).squareRoot() }
  }

  /// In order of α; fewer than were asked for where the monitor stopped the computation.
  public let samples: [Sample]

  /// Along one phase from `start`, whose scatter is N⁻¹ `covariance` (none where nil), at the given
  /// values of α.
  ///
  /// For erf and linear networks, student and teacher of the same kind. The cost grows as (K + M)⁴
  /// K⁴: to α = 10 some 10 ms for K = M = 1, 0.3 s, 3 s and 18 s for 2, 3 and 4; ten times that
  /// with both layers. The monitor is asked before every step.
  ///
  /// Throws `TheoryError.invalid` for other networks, and what a rate throws.
  public init(
    student: Student, teacher: Teacher, phase: Phase, from start: OrderParameters,
    covariance: Matrix? = nil, at times: [Double], tolerance: Double = 1e-6,
    monitor: Monitor = .none
  ) throws {
    guard student.activation == teacher.activation,
      student.activation == .erf || student.activation == .linear
    else {
      throw TheoryError.invalid(
        "fluctuations are known for student and teacher both erf or both linear")
    }
    try start.requireIsotropic()
    guard times.allSatisfy({ $0 >= 0 && $0.isFinite }), times == times.sorted() else {
      throw TheoryError.invalid("the times must be numbers ≥ 0 in increasing order")
    }
    let system = FluctuationSystem(
      OrderParameterEquations(student: student, teacher: teacher, phase: phase, start: start))
    let n = system.equations.count
    if let covariance, covariance.rows != n || covariance.columns != n {
      throw TheoryError.invalid("the covariance must be \(n)×\(n)")
    }
    var y = system.equations.pack(start)
    for i in 0..<n { for j in i..<n { y.append(covariance?[i, j] ?? 0) } }
    var samples: [Sample] = []
    let integrator = try DormandPrince(
      system, t: 0, y: y, end: max(times.last ?? 0, 1e-9),
      tolerance: Tolerance(relative: tolerance, absolute: tolerance * 1e-2))
    let end = times.last ?? 0
    along: for time in times {
      while integrator.t < time {
        let progress = Progress(
          fraction: integrator.t / end, alpha: integrator.t, phase: 1,
          error: system.equations.error(integrator.y),
          rate: try phase.layers.trainFirst
            ? phase.firstRate(integrator.t) : phase.secondRate(integrator.t))
        guard monitor.report(progress) else { break along }
        try integrator.step(to: time, largest: .infinity)
      }
      samples.append(system.sample(integrator.y, at: time))
    }
    self.samples = samples
  }
}

/// The state of the equations and the upper triangle of S, as one system.
private final class FluctuationSystem: DifferentialSystem {
  let equations: OrderParameterEquations
  private let n: Int
  let count: Int

  init(_ equations: OrderParameterEquations) {
    self.equations = equations
    n = equations.count
    count = n + n * (n + 1) / 2
  }

  private func covariance(_ y: UnsafePointer<Double>) -> Matrix {
    var S = Matrix(rows: n, columns: n)
    var p = n
    for i in 0..<n {
      for j in i..<n {
        S[i, j] = y[p]
        S[j, i] = y[p]
        p += 1
      }
    }
    return S
  }

  func derivative(
    _ t: Double, _ y: UnsafePointer<Double>, _ dy: UnsafeMutablePointer<Double>
  ) throws {
    var state = (0..<n).map { y[$0] }
    var J = Matrix(rows: n, columns: n)
    try equations.jacobian(t, &state, &J.elements)
    // Last, so that the fields are those of this state.
    try equations.derivative(t, y, dy)
    let rates = try equations.rates(at: t)
    let drift = (0..<n).map { i in
      let isQ = equations.quantity(of: i) == "Q"
      return dy[i] + rates.decay * (isQ ? 2 : 1) * y[i]
    }
    let D = StepCovariance.matrix(
      equations, firstRate: rates.first, secondRate: rates.second, drift: drift)
    let JS = J * covariance(y)
    var p = n
    for i in 0..<n {
      for j in i..<n {
        dy[p] = JS[i, j] + JS[j, i] + D[i, j]
        p += 1
      }
    }
  }

  func sample(_ y: UnsafePointer<Double>, at alpha: Double) -> Fluctuations.Sample {
    var state = (0..<n).map { y[$0] }
    let S = covariance(y)
    let gradient = (0..<n).map { i in
      let kept = state[i], h = 1e-5
      state[i] = kept + h
      let above = equations.error(state)
      state[i] = kept - h
      let below = equations.error(state)
      state[i] = kept
      return (above - below) / (2 * h)
    }
    let variance = zip(gradient, S * gradient).reduce(0) { $0 + $1.0 * $1.1 }
    let mean = equations.unpack(state)
    let untrained = OrderParameters(
      Q: mean.Q.map { _ in 0 }, R: mean.R.map { _ in 0 }, T: mean.T.map { _ in 0 },
      v: mean.v.map { _ in 0 }, vStar: mean.vStar.map { _ in 0 })
    return Fluctuations.Sample(
      alpha: alpha, state: mean,
      error: OrderParameters.withoutNegative(equations.error(state)), covariance: S,
      errorVariance: variance,
      deviations: equations.unpack(S.diagonal.map { max(0, $0).squareRoot() }, onto: untrained))
  }
}
