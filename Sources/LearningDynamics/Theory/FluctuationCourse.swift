import Groundwork

/// S along the phases of a plan, one after the other.
package final class FluctuationCourse {
  private let student: Student
  private let teacher: Teacher
  private let stages: [Fluctuations.Stage]
  private let layers: Layers
  private let batch: Int
  private let tolerance: Double
  /// What error D may have where it is interpolated.
  private let diffusionTolerance: Double
  private let noise: any StepNoise
  private let monitor: Monitor
  private var progress = Progress(fraction: 0, alpha: 0, phase: 1, error: .nan, rate: 0)
  private var lastReport = -1.0

  /// D comes from `noise`; without it, in closed form where there is one, or else from points.
  package init(
    student: Student, teacher: Teacher, stages: [Fluctuations.Stage], batch: Int,
    tolerance: Double, diffusionTolerance: Double? = nil, noise: (any StepNoise)? = nil,
    monitor: Monitor
  ) {
    self.student = student
    self.teacher = teacher
    self.stages = stages
    self.batch = batch
    self.tolerance = tolerance
    self.monitor = monitor
    let first = stages.contains { $0.phase.layers.trainFirst }
    let second = stages.contains { $0.phase.layers.trainSecond }
    layers = !first ? .second : second ? .both : .first
    let isClosed =
      student.activation == teacher.activation
      && (student.activation == .erf || student.activation == .linear)
    self.noise =
      noise
      ?? (isClosed
        ? StepCovariance()
        : SampledStepCovariance(
          fields: student.hiddenUnits + teacher.hiddenUnits, student: student.activation,
          teacher: teacher.activation))
    // No finer than the points know it.
    self.diffusionTolerance = diffusionTolerance ?? (self.noise is StepCovariance ? 1e-3 : 1e-2)
  }

  /// Asked often; asks the monitor where it is due.
  private func goesOn() -> Bool {
    let now = monotonicSeconds()
    guard now - lastReport > 0.02 else { return true }
    lastReport = now
    return monitor.report(progress)
  }

  /// Records the scatter at these times. Throws `Interruption` where the
  /// monitor stops it.
  package func run(
    from start: OrderParameters, at times: [Double], record: (Fluctuations.Sample) -> Void
  ) throws {
    var state = start
    var triangle: [Double] = []
    var begin = 0.0, next = 0, largest = 0.0
    for (index, (phase, length)) in stages.enumerated() {
      progress.phase = index + 1
      let stage = try FluctuationStage(
        student: student, teacher: teacher, phase: phase, length: length, layers: layers,
        start: state, begin: begin, batch: batch, noise: noise, tolerance: diffusionTolerance,
        largest: largest, goesOn: { [unowned self] in goesOn() })
      let n = stage.equations.count
      if triangle.isEmpty { triangle = .init(repeating: 0, count: n * (n + 1) / 2) }
      let isLast = index == stages.count - 1
      try advance(stage, phase, from: begin, &triangle) { t, previous, interpolate in
        while next < times.count, times[next] <= begin + t || (isLast && t == length) {
          let moment = min(max(times[next] - begin, previous), t)
          record(
            Fluctuations.Sample(
              stage.equations, try stage.state(at: moment), interpolate(moment), times[next]))
          next += 1
        }
      }
      largest = stage.largestVariance
      state = stage.equations.unpack(try stage.state(at: length))
      begin += length
    }
  }

  /// Integrates S along a phase; after each step, and once at the start, `inspect` may look at the
  /// time since the phase began, that before the step, and S at any time between.
  private func advance(
    _ stage: FluctuationStage, _ phase: Phase, from begin: Double, _ triangle: inout [Double],
    inspect: (Double, Double, (Double) -> [Double]) throws -> Void
  ) throws {
    let first = triangle
    try inspect(0, 0) { _ in first }
    guard stage.length > 0 else { return }
    let total = stages.reduce(0) { $0 + $1.length }
    do {
      var D = triangle
      try stage.diffusion(at: 0, into: &D)
      let equation = CovarianceEquation(stage)
      let tolerance = Tolerance(
        relative: self.tolerance, absolute: 1e-13 * max(stage.largestVariance, 1e-15))
      // To factor a larger Jacobian would take longer than a user waits for an interrupt.
      let integrator: any Integrator =
        equation.count > 400
        ? try RungeKuttaChebyshev(
          equation, t: 0, y: triangle, end: stage.length, tolerance: tolerance)
        : try AutomaticIntegrator(
          equation, t: 0, y: triangle, end: stage.length, tolerance: tolerance)
      while integrator.t < stage.length {
        try integrator.step(to: stage.length)
        for i in triangle.indices { triangle[i] = integrator.y[i] }
        guard triangle.allSatisfy(\.isFinite) else {
          throw IntegrationFailure.stepTooSmall(t: integrator.t)
        }
        var due = triangle
        try inspect(integrator.t, integrator.previous) { t in
          integrator.interpolate(t, into: &due)
          return due
        }
        progress.alpha = begin + integrator.t
        progress.fraction = progress.alpha / total
        progress.error = OrderParameters.withoutNegative(
          stage.equations.error(try stage.state(at: integrator.t)))
        let rates = try phase.rates(at: integrator.t)
        progress.rate = phase.layers.trainFirst ? rates.first : rates.second
        guard goesOn() else { throw Interruption() }
      }
    } catch IntegrationFailure.stepTooSmall(let t) {
      throw TheoryError.invalid(
        "the scatter of the runs grows beyond all bounds near α = \((begin + t).brief)")
    }
  }
}

extension Fluctuations.Sample {
  fileprivate init(
    _ equations: OrderParameterEquations, _ y: [Double], _ triangle: [Double], _ alpha: Double
  ) {
    let S = CovarianceEquation.matrix(triangle, equations.count)
    let gradient = equations.errorGradient(y)
    let state = equations.unpack(y)
    let zero = OrderParameters(
      Q: state.Q.map { _ in 0 }, R: state.R.map { _ in 0 }, T: state.T.map { _ in 0 },
      v: state.v.map { _ in 0 }, vStar: state.vStar.map { _ in 0 })
    self.init(
      alpha: alpha, error: OrderParameters.withoutNegative(equations.error(y)), covariance: S,
      errorVariance: max(0, zip(gradient, S * gradient).reduce(0) { $0 + $1.0 * $1.1 }),
      deviations: equations.unpack(S.diagonal.map { max(0, $0).squareRoot() }, onto: zero))
  }
}
