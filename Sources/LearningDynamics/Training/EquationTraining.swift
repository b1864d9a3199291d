import Groundwork

/// One integration of a plan, from a run's checkpoint to its end: phases, recording, stopping
/// conditions, interruption and divergence.
struct EquationTraining {
  private var run: Run
  private let options: EquationOptions
  private let monitor: Monitor
  /// What is still to be recorded: `times[next...]`, in α since the run began.
  private let times: [Double]
  private var next: Int
  private let total: Double
  private let began = monotonicSeconds()

  /// Overlaps beyond this have diverged; so far from 1 nothing is learnt any more.
  private static let bound = 1e10

  /// Prepares to go on from `run.end`.
  init(_ run: Run, options: EquationOptions, monitor: Monitor) {
    self.run = run
    self.options = options
    self.monitor = monitor
    total = run.plan.reduce(0) { $0 + $1.time }
    times = options.recording.times(total: total)
    // The state in which a run was interrupted is recorded for the eye; it is not of the grid.
    if run.ending == .interrupted, case .logarithmic = options.recording,
      let last = run.samples.last, !times.contains(last.alpha)
    {
      self.run.samples.removeLast()
    }
    let done = self.run.samples.last?.alpha ?? -1
    next = times.firstIndex { $0 > done } ?? times.count
  }

  /// The run at its end.
  consuming func finished() throws -> Run {
    run.ending = .completed
    var hasMore = run.end.phase < run.plan.count
    if !hasMore { recordEmptyPlan() }
    while hasMore {
      if run.phaseStarts.count == run.end.phase { run.phaseStarts.append(run.end.alpha) }
      let last = run.end.phase == run.plan.count - 1
      run.ending = try integratePhase()
      hasMore = run.ending == .completed && !last
      guard run.ending == .completed else { break }
      run.end.integration = nil
      run.end.phase += 1
      if hasMore { run.end.phaseAlpha = 0 }
    }
    // What is due where a run was stopped is recorded when it goes on.
    let isDue = run.ending == .interrupted && next < times.count && times[next] <= run.end.alpha
    if case .logarithmic = options.recording, run.samples.last?.alpha != run.end.alpha, !isDue {
      run.samples.append(endSample())
    }
    run.seconds += monotonicSeconds() - began
    monitor.keeper?.keep(run)
    return run
  }

  // MARK: A phase

  /// A phase on its way.
  private struct Stage {
    let phase: Phase
    let equations: any LearningEquations
    /// α of the run where the phase began.
    let begin: Double
    let state: UnsafeMutablePointer<Double>
  }

  /// Asks the monitor while a single step of a large system takes long.
  private final class Watch {
    let monitor: Monitor
    var progress: Progress
    var lastReport = monotonicSeconds()

    init(_ monitor: Monitor, _ progress: Progress) {
      self.monitor = monitor
      self.progress = progress
    }

    func report() -> Bool {
      lastReport = monotonicSeconds()
      return monitor.report(progress)
    }

    func reportWhereDue() -> Bool { monotonicSeconds() - lastReport < 0.02 || report() }
  }

  private mutating func integratePhase() throws -> Run.Ending {
    let phase = run.plan[run.end.phase]
    run.end.state.switchTask(to: phase.task)
    var start = run.end.state
    if let past = run.end.integration {
      guard past.secondLayer.count == start.v.count else {
        throw TrainingError.invalid(
          "the state of the integration does not belong to these networks")
      }
      start.v = past.secondLayer
    }
    let equations = OrderParameterEquations.of(
      student: run.student, teacher: run.teacher, phase: phase, start: start,
      batch: options.batch, begin: run.phaseStarts[run.end.phase])
    let scratch = UnsafeMutablePointer<Double>.allocate(capacity: equations.count)
    defer { scratch.deallocate() }
    let stage = Stage(
      phase: phase, equations: equations, begin: run.phaseStarts[run.end.phase], state: scratch)
    let y = equations.pack(run.end.state)
    for i in 0..<equations.count { scratch[i] = y[i] }

    do {
      let watch = Watch(
        monitor, try progress(stage, run.end.phaseAlpha, run.samples.last?.error ?? .nan))
      equations.fields.goesOn = { watch.reportWhereDue() }
      // What belongs to the beginning of the phase was done before.
      if run.end.integration != nil { return try integrate(stage, watch, from: y) }
      let first = try sample(stage, at: run.end.phaseAlpha)
      if next < times.count, times[next] <= first.alpha { record(first) }
      if try holds(stage, first) { return .completed }
      guard run.end.phaseAlpha < phase.time else { return .completed }
      watch.progress.error = first.error
      try checkQuadrature(stage, y)
      return try integrate(stage, watch, from: y)
    } catch is Interruption {
      // What was recorded within a step that did not come to its end is recorded again.
      while let last = run.samples.last, last.alpha > run.end.alpha {
        run.samples.removeLast()
        next -= 1
      }
      return .interrupted
    }
  }

  /// Notes how good the quadrature of the integrals is here, where there is any.
  private mutating func checkQuadrature(_ stage: Stage, _ y: [Double]) throws {
    guard let error = try stage.equations.quadratureError(run.end.phaseAlpha, y) else { return }
    run.quadratureError = max(run.quadratureError ?? 0, error)
  }

  /// The same at the end of a phase; one that is complete stays so, whatever the monitor says.
  private mutating func checkQuadratureOfEnd(_ stage: Stage) throws {
    do {
      try checkQuadrature(stage, stage.equations.pack(run.end.state))
    } catch is Interruption {}
  }

  /// Tells when an integration no longer gets ahead: two times in a row so many steps have led so
  /// little further that the rest would take a thousand times as long as any run that is not stuck.
  private struct Crawl {
    private static let steps = 20_000
    private let mostSteps: Double
    private var count = 0
    private var mark: Double
    private var slow = 0
    /// α of a step, on average.
    private(set) var step = 0.0

    /// Rates that change with time may need many steps for their own sake.
    init(at alpha: Double, isAutonomous: Bool) {
      mark = alpha
      mostSteps = isAutonomous ? 1e6 : 1e8
    }

    mutating func isStuck(at alpha: Double, before end: Double) -> Bool {
      count += 1
      guard count % Self.steps == 0 else { return false }
      step = (alpha - mark) / Double(Self.steps)
      mark = alpha
      slow = end - alpha > mostSteps * step ? slow + 1 : 0
      return slow == 2
    }
  }

  private mutating func integrate(
    _ stage: Stage, _ watch: Watch, from y: [Double]
  ) throws -> Run.Ending {
    let equations = stage.equations, phase = stage.phase
    guard watch.report() else { return .interrupted }
    // Below 1e-14 rounding of overlaps of order 1 would look like an error.
    let tolerance = Tolerance(
      relative: options.tolerance, absolute: max(1e-4 * options.tolerance, 1e-14))
    // A rate that varies may wake up while the state rests: do not step over that.
    let largest = equations.isAutonomous ? Double.infinity : phase.time / 100
    do {
      let integrator =
        if let past = run.end.integration {
          try AutomaticIntegrator(equations, tolerance: tolerance, from: past)
        } else {
          try AutomaticIntegrator(
            equations, t: run.end.phaseAlpha, y: y, end: phase.time, tolerance: tolerance)
        }
      let secondLayer = run.end.integration?.secondLayer ?? run.end.state.v
      var crawl = Crawl(at: integrator.t, isAutonomous: equations.isAutonomous)
      while integrator.t < phase.time {
        try integrator.step(to: phase.time, largest: largest)
        let values = UnsafeBufferPointer(start: integrator.y, count: equations.count)
        if let worst = values.firstIndex(where: { !(abs($0) <= Self.bound) }) {
          return try divergence(stage, integrator.t, worst)
        }
        if let located = try inspect(stage, integrator) {
          integrator.interpolate(located, into: stage.state)
          moveEnd(stage, to: located)
          try checkQuadratureOfEnd(stage)
          return .completed
        }
        for i in 0..<equations.count { stage.state[i] = integrator.y[i] }
        moveEnd(stage, to: integrator.t)
        remember(integrator, secondLayer)
        if crawl.isStuck(at: integrator.t, before: phase.time) {
          let worst = values.indices.max { abs(values[$0]) < abs(values[$1]) } ?? 0
          return try divergence(stage, integrator.t, worst, step: crawl.step)
        }
        let error = equations.error(integrator.y)
        if equations.fields.isStopped { return .interrupted }
        watch.progress = try progress(stage, integrator.t, error)
        if let keeper = monitor.keeper, keeper.isDue(run.seed) { keeper.keep(present) }
        if integrator.t < phase.time, !watch.report() { return .interrupted }
      }
      try checkQuadratureOfEnd(stage)
      return .completed
    } catch IntegrationFailure.stepTooSmall {
      let values = UnsafeBufferPointer(start: stage.state, count: equations.count)
      let worst = values.indices.max { abs(values[$0]) < abs(values[$1]) } ?? 0
      return try divergence(stage, run.end.phaseAlpha, worst)
    }
  }

  private mutating func moveEnd(_ stage: Stage, to alpha: Double) {
    run.end.alpha = stage.begin + alpha
    run.end.phaseAlpha = alpha
    run.end.state = stage.equations.unpack(stage.state)
  }

  /// Notes how the integration goes on from the end of this step.
  private mutating func remember(_ integrator: AutomaticIntegrator, _ secondLayer: [Double]) {
    // Taken out and put back, so that its memory is used again.
    var state = run.end.integration ?? IntegrationState()
    run.end.integration = nil
    integrator.remember(in: &state)
    state.secondLayer = secondLayer
    run.end.integration = state
  }

  /// The run as if it were interrupted here, between two steps.
  private var present: Run {
    var run = run
    run.ending = .interrupted
    run.seconds += monotonicSeconds() - began
    return run
  }

  private func divergence(
    _ stage: Stage, _ alpha: Double, _ index: Int, step: Double? = nil
  ) throws -> Run.Ending {
    let rates = try rates(stage, alpha)
    return .diverged(
      Divergence(
        quantity: stage.equations.quantity(of: index), alpha: stage.begin + alpha,
        firstRate: rates.first, secondRate: rates.second, step: step))
  }

  /// η_w and η_v; a greedy rate as it was last.
  private func rates(
    _ stage: Stage, _ alpha: Double
  ) throws -> (first: Double, second: Double) {
    guard stage.phase.isGreedy else { return try stage.phase.rates(at: alpha) }
    let rates = try stage.equations.rates(at: alpha), factor = 1 - stage.phase.momentum
    return (first: factor * rates.first, second: factor * rates.second)
  }

  private func progress(_ stage: Stage, _ alpha: Double, _ error: Double) throws -> Progress {
    let before = run.plan[..<run.end.phase].reduce(0) { $0 + $1.time }
    let rates = try rates(stage, alpha)
    return Progress(
      fraction: total > 0 ? (before + alpha) / total : 1, alpha: stage.begin + alpha,
      phase: run.end.phase + 1, error: OrderParameters.withoutNegative(error),
      rate: stage.phase.layers.trainFirst ? rates.first : rates.second)
  }

  // MARK: Recording and stopping

  /// Looks through the step just taken: records what is due, and returns where `until` first
  /// holds, in α of the phase.
  ///
  /// The condition is asked at the step's end, at three points within and where it is recorded;
  /// between the last point where it does not hold and the first where it does it is bisected.
  private mutating func inspect(_ stage: Stage, _ integrator: AutomaticIntegrator) throws -> Double?
  {
    let begin = integrator.previous, end = integrator.t
    let fractions = stage.phase.until == nil ? [1] : [0.25, 0.5, 0.75, 1]
    var before = begin
    for fraction in fractions {
      let mark = fraction == 1 ? end : begin + fraction * (end - begin)
      while next < times.count, times[next] <= stage.begin + mark {
        let alpha = min(max(times[next] - stage.begin, begin), end)
        integrator.interpolate(alpha, into: stage.state)
        let due = try sample(stage, at: alpha)
        if try holds(stage, due) {
          return try locate(stage, integrator, between: before, and: alpha)
        }
        record(due)
        before = alpha
      }
      guard stage.phase.until != nil else { continue }
      integrator.interpolate(mark, into: stage.state)
      if try holds(stage, sample(stage, at: mark)) {
        return try locate(stage, integrator, between: before, and: mark)
      }
      before = mark
    }
    return nil
  }

  /// Bisects for the place where `until` begins to hold, to 1e-7 of α; the result is a place where
  /// it does. Records what is due up to there.
  private mutating func locate(
    _ stage: Stage, _ integrator: AutomaticIntegrator, between low: Double, and high: Double
  ) throws -> Double {
    var low = low, high = high
    while high - low > 1e-7 * (stage.begin + high) {
      let middle = low + 0.5 * (high - low)
      if middle <= low || middle >= high { break }
      integrator.interpolate(middle, into: stage.state)
      if try holds(stage, sample(stage, at: middle)) { high = middle } else { low = middle }
    }
    if next < times.count, times[next] <= stage.begin + high {
      integrator.interpolate(high, into: stage.state)
      record(try sample(stage, at: high))
    }
    return high
  }

  private func holds(_ stage: Stage, _ sample: Run.Sample) throws -> Bool {
    guard let until = stage.phase.until else { return false }
    return try until(
      Moment(
        alpha: sample.alpha, error: sample.error, state: sample.state, past: run.samples))
  }

  /// The state in `stage.state`, at α of the phase.
  private func sample(_ stage: Stage, at alpha: Double) throws -> Run.Sample {
    let error = stage.equations.error(stage.state)
    if stage.equations.fields.isStopped { throw Interruption() }
    return Run.Sample(
      alpha: stage.begin + alpha, error: OrderParameters.withoutNegative(error),
      state: stage.equations.unpack(stage.state), greedyRate: try greedyRate(stage, at: alpha))
  }

  /// η of the state in `stage.state` where it is greedy.
  private func greedyRate(_ stage: Stage, at alpha: Double) throws -> Double? {
    guard stage.phase.isGreedy else { return nil }
    var rates = [Double](repeating: 0, count: stage.equations.count)
    try stage.equations.derivative(alpha, stage.state, &rates)
    return stage.equations.lastGreedyRate.map { (1 - stage.phase.momentum) * $0 }
  }

  /// Records a sample under the next time that is due.
  private mutating func record(_ sample: Run.Sample) {
    var sample = sample
    sample.alpha = times[next]
    run.samples.append(sample)
    next += 1
  }

  private func endSample() -> Run.Sample {
    Run.Sample(
      alpha: run.end.alpha,
      error: run.end.state.generalisationError(
        student: run.testedStudent, teacher: run.teacher),
      state: run.end.state, greedyRate: run.samples.last?.greedyRate)
  }

  private mutating func recordEmptyPlan() {
    if next < times.count, times[next] <= run.end.alpha {
      run.samples.append(endSample())
      next += 1
    }
  }
}
