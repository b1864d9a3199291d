import Groundwork

/// One run on its way through its plan: the phase it is in, what it has still to record, when it
/// stops. The engine that takes the steps is asked for the state only where something is due.
///
/// A run advances in chunks of steps between which it records, tests the stopping condition and
/// asks the monitor. Chunks end where something is due; random numbers are keyed by the absolute
/// step, so the cuts do not show in the results.
struct DescentCourse {
  private(set) var run: Run
  /// Set once the run has come to its end, whatever kind of end.
  private(set) var isOver = false
  /// Steps since the run began, and since its phase began.
  private(set) var steps: Int
  private(set) var phaseSteps: Int
  private(set) var phase: Int

  private let N: Int
  private let recording: Recording
  /// Of the covariance of structured inputs, where they were given by one.
  private let basis: Matrix?
  private let phaseLengths: [Int]
  /// Steps after which to record and to keep weights, those still to come.
  private var recordings: ArraySlice<Int>
  private var keepings: ArraySlice<Int>

  /// Prepares to go on from `run.end`.
  init(continuing run: Run, options: DescentOptions) throws {
    let N = Int(run.N)
    self.run = run
    self.N = N
    recording = options.recording
    basis = options.inputs.spectrum?.basis
    var planned = 0.0
    phaseLengths = try run.plan.map { phase in
      let length = (phase.time * Double(N)).rounded()
      guard length >= 0, phase.time.isFinite else {
        throw TrainingError.invalid("a phase of a simulation needs a finite time, at least 0")
      }
      planned += length
      guard planned < 0x1p53 else {
        throw TrainingError.invalid(
          "N·time = \(planned.brief) steps are too many: steps are counted up to 2^53 = 9.007e15, so at "
            + "N=\(N) the whole plan must be shorter than α = \((0x1p53 / Double(N)).brief)")
      }
      return Int(length)
    }
    steps = run.end.steps
    phase = run.end.phase
    phaseSteps = Int((run.end.phaseAlpha * Double(N)).rounded())

    func due(_ alphas: [Double], after last: Int, from first: Int) -> ArraySlice<Int> {
      var due: [Int] = []
      for alpha in alphas where alpha >= 0 {
        let step = (alpha * Double(N)).rounded()
        if step > Double(due.last ?? last), step >= Double(first), step < 0x1p53 {
          due.append(Int(step))
        }
      }
      return due[...]
    }
    func stepOf(_ alpha: Double?) -> Int {
      alpha.map { Int(($0 * Double(N)).rounded()) } ?? -1
    }
    let total = run.plan.reduce(0) { $0 + $1.time }
    // Where a run was interrupted, its state was recorded for the eye; it is not of the grid.
    if run.ending == .interrupted, case .logarithmic = options.recording,
      let last = run.samples.last,
      !due(options.recording.times(total: total), after: -1, from: 0)
        .contains(stepOf(last.alpha))
    {
      self.run.samples.removeLast()
    }
    recordings = due(
      options.recording.times(total: total), after: stepOf(self.run.samples.last?.alpha),
      from: steps)
    keepings = due(
      options.keepWeights.sorted(), after: stepOf(run.keptWeights.last?.alpha), from: steps)
    self.run.ending = .completed
  }

  private var alpha: Double { Double(steps) / Double(N) }

  // MARK: Chunks

  /// Records the start where that is due, and enters the first phase that takes time.
  mutating func begin(_ engine: any DescentEngine, lane: Int, monitor: Monitor) throws {
    if try recordWhatIsDue(engine, lane, monitor) { endPhase() }
    if !isOver { passFinishedPhases(engine, lane) }
  }

  /// Steps until something is due.
  var stepsToNextEvent: Int {
    var count = phaseLengths[phase] - phaseSteps
    if let next = recordings.first { count = min(count, next - steps) }
    if let next = keepings.first { count = min(count, next - steps) }
    return count
  }

  /// The rates of the next steps.
  func rates(steps count: Int) throws -> DescentRates {
    let phase = run.plan[phase]
    func values(_ rate: Rate) throws -> [Double] {
      if case .constant(let value) = rate { return .init(repeating: value, count: count) }
      return try (0..<count).map { try rate(Double(phaseSteps + $0) / Double(N)) }
    }
    let noise =
      run.teacher.noiseSchedule == nil
      ? [Double](repeating: run.teacher.labelNoise, count: count)
      : try (0..<count).map { try run.teacher.labelNoise(at: Double(steps + $0) / Double(N)) }
    return DescentRates(
      first: phase.layers.trainFirst ? try values(phase.firstRate) : nil,
      second: phase.layers.trainSecond ? try values(phase.secondRate) : nil,
      decay: try values(phase.decay), noise: noise, momentum: phase.momentum,
      keep: 1 - phase.dropout,
      beginsPhase: phaseSteps == 0)
  }

  /// Notes that `done` steps were taken; the rates tell how fast the student learns now.
  mutating func advance(
    by done: Int, at rates: DescentRates, _ engine: any DescentEngine, lane: Int,
    monitor: Monitor
  ) throws {
    steps += done
    phaseSteps += done
    if try recordWhatIsDue(engine, lane, monitor) {
      endPhase()
    } else if isOver {
      return
    } else if !monitor.report(progress(rates)) {
      interrupt()
      return
    }
    passFinishedPhases(engine, lane)
  }

  /// The monitor stopped the run within the next step, after `done` others.
  mutating func interrupt(after done: Int = 0) {
    steps += done
    phaseSteps += done
    run.ending = .interrupted
    isOver = true
  }

  /// The next step, after `done` others, left every sensible range.
  mutating func diverge(
    after done: Int, at rates: DescentRates, _ engine: any DescentEngine, lane: Int
  ) {
    steps += done
    phaseSteps += done
    // The kernels bound fields by the root of what bounds overlaps, give or take a few deviations,
    // so Q is the culprit unless v is.
    func largest(_ values: [Double]) -> Double {
      values.reduce(0) { abs($1) <= $0 ? $0 : $1.isNaN ? .infinity : abs($1) }
    }
    let length = largest(engine.overlaps(lane).Q.diagonal).squareRoot()
    run.ending = .diverged(
      Divergence(
        quantity: largest(engine.secondLayer(lane)) > max(length, 1e4) ? "v" : "Q",
        alpha: alpha, firstRate: rates.first?[done] ?? 0, secondRate: rates.second?[done] ?? 0))
    isOver = true
  }

  /// The run at its end, which took `seconds`.
  mutating func finished(_ engine: any DescentEngine, lane: Int, seconds: Double) -> Run {
    if case .logarithmic = recording, run.samples.last?.alpha != alpha {
      switch run.ending {
      case .completed: record(engine, lane, .none)
      // Whoever interrupts does not want to wait for errors on a large set.
      // What is due here is recorded when the run goes on.
      case .interrupted:
        if run.finiteSet == nil, recordings.first != steps { record(engine, lane, .none) }
      case .diverged: break
      }
    }
    run.seconds += seconds
    run.end = Checkpoint(
      alpha: alpha, phase: phase, phaseAlpha: Double(phaseSteps) / Double(N),
      state: state(engine, lane), steps: steps, descent: engine.state(lane))
    return run
  }

  func progress(_ rates: DescentRates?) -> Progress {
    let total = phaseLengths.reduce(0, +)
    return Progress(
      fraction: total > 0 ? min(1, Double(steps) / Double(total)) : 1, alpha: alpha,
      phase: min(phase + 1, run.plan.count), error: run.samples.last?.error ?? .nan,
      rate: rates?.first?.last ?? rates?.second?.last ?? 0)
  }

  // MARK: Phases

  private mutating func endPhase() {
    noteStart()
    phase += 1
    if phase < run.plan.count { phaseSteps = 0 }
  }

  private mutating func passFinishedPhases(_ engine: any DescentEngine, _ lane: Int) {
    while phase < run.plan.count {
      noteStart()
      if phaseSteps < phaseLengths[phase] {
        beginTask(engine, lane)
        return
      }
      endPhase()
    }
    isOver = true
  }

  /// Goes over to the task of this phase, where that is another one.
  private mutating func beginTask(_ engine: any DescentEngine, _ lane: Int) {
    guard run.end.state.task != run.plan[phase].task else { return }
    run.end.state.v = engine.secondLayer(lane)
    run.end.state.switchTask(to: run.plan[phase].task)
    engine.setSecondLayers(lane, v: run.end.state.v, vStar: run.end.state.vStar)
  }

  private mutating func noteStart() {
    if run.phaseStarts.count <= phase, phase < run.plan.count { run.phaseStarts.append(alpha) }
  }

  // MARK: Recording

  private func state(_ engine: any DescentEngine, _ lane: Int) -> OrderParameters {
    var state = run.end.state
    state.v = engine.secondLayer(lane)
    if state.blocks.isEmpty {
      (state.Q, state.R) = engine.overlaps(lane)
    } else {
      var blocks = state.blocks
      for (e, part) in engine.blockOverlaps(lane).enumerated() {
        (blocks[e].Q, blocks[e].R) = part
      }
      state.replaceBlocks(blocks)
    }
    return state
  }

  /// Records the state, unless the monitor stops the run while errors are measured.
  private mutating func record(_ engine: any DescentEngine, _ lane: Int, _ monitor: Monitor) {
    let state = state(engine, lane)
    let keep = run.keep(inPhase: phase)
    guard
      let errors = engine.sampleErrors(
        lane, keep: keep, shouldStop: { !monitor.report(progress(nil)) })
    else {
      interrupt()
      return
    }
    run.samples.append(
      Run.Sample(
        alpha: alpha,
        error: errors.test
          ?? state.generalisationError(
            student: run.student.tested(keeping: keep), teacher: run.teacher),
        state: state, trainingError: errors.training))
  }

  /// Records and keeps what is due after this step; whether the phase ends here by its condition.
  private mutating func recordWhatIsDue(
    _ engine: any DescentEngine, _ lane: Int, _ monitor: Monitor
  ) throws -> Bool {
    if keepings.first == steps {
      keepings.removeFirst()
      let weights = Matrix(
        rows: run.student.hiddenUnits, columns: N, elements: engine.state(lane).studentWeights)
      // From the eigenbasis of the inputs to the one in which their covariance was given.
      let w = basis.map { weights * $0.transpose } ?? weights
      run.keptWeights.append(KeptWeights(alpha: alpha, w: w))
    }
    guard recordings.first == steps else { return false }
    record(engine, lane, monitor)
    if isOver { return false }
    do {
      let isDone = try holds(run.samples.last!)
      recordings.removeFirst()
      return isDone
    } catch is Interruption {
      // The condition is asked again when the run goes on, about the sample that is due again.
      run.samples.removeLast()
      interrupt()
      return false
    }
  }

  /// Whether the phase ends at this sample by its condition.
  private func holds(_ sample: Run.Sample) throws -> Bool {
    guard phase < run.plan.count, let until = run.plan[phase].until else { return false }
    return try until(
      Moment(
        alpha: sample.alpha, error: sample.error, state: sample.state, past: run.samples))
  }
}
