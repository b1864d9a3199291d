import Groundwork

/// One simulation in weight space, advanced in chunks of steps between which it records, tests the
/// stopping condition and asks the monitor.
///
/// Chunks end where something is due, and are otherwise as long as a fraction of a millisecond;
/// random numbers are keyed by the absolute step, so the cuts do not show in the results.
struct WeightSpaceDescent {
  private var run: Run
  private let options: DescentOptions
  private let N: Int
  private let kernel: DescentKernel
  private let teacherWeights: [Double]

  private let phaseLengths: [Int]
  private var steps: Int
  private var phase: Int
  private var phaseSteps: Int
  /// Steps after which to record and to keep weights, those still to come.
  private var recordings: ArraySlice<Int>
  private var keepings: ArraySlice<Int>
  private let chunk: Int

  init(continuing run: Run, options: DescentOptions) throws {
    guard let start = run.end.descent else {
      throw TrainingError.invalid("the run has no weights to continue from")
    }
    let N = Int(run.N)
    self.run = run
    self.options = options
    self.N = N
    kernel = try DescentKernel(
      student: run.student, teacher: run.teacher, N: N, seed: run.seed, options: options)
    kernel.setWeights(student: start.studentWeights, teacher: start.teacherWeights)
    kernel.v = start.v
    teacherWeights = start.teacherWeights

    phaseLengths = try run.plan.map { phase in
      let length = (phase.time * Double(N)).rounded()
      guard length >= 0, length < 0x1p53 else {
        throw TrainingError.invalid("a phase of a simulation needs a finite time, at least 0")
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

    // Nanoseconds of one step, roughly; a chunk is about a quarter of a millisecond.
    let rows = Double(kernel.K + kernel.M)
    let cost = Double(options.batch) * (100 + Double(N) * (0.5 + 0.25 * rows))
    chunk = Int(min(max(250_000 / cost, 1), 4096))
  }

  private var alpha: Double { Double(steps) / Double(N) }

  /// Runs to the end of the plan, or until something stops it.
  consuming func advance(_ monitor: Monitor) throws -> Run {
    let began = monotonicSeconds()
    run.ending = .completed
    var endsAtOnce = try recordWhatIsDue()
    while phase < run.plan.count {
      if run.phaseStarts.count <= phase { run.phaseStarts.append(alpha) }
      if endsAtOnce {
        endsAtOnce = false
      } else if let ending = try advancePhase(monitor) {
        run.ending = ending
        break
      }
      phase += 1
      if phase < run.plan.count { phaseSteps = 0 }
    }
    if case .logarithmic = options.recording, run.samples.last?.alpha != alpha {
      switch run.ending {
      case .completed, .interrupted: record()
      case .diverged: break
      }
    }
    run.seconds += monotonicSeconds() - began
    run.end = Checkpoint(
      alpha: alpha, phase: phase, phaseAlpha: Double(phaseSteps) / Double(N), state: state,
      steps: steps,
      descent: DescentState(
        studentWeights: kernel.studentWeights, teacherWeights: teacherWeights, v: kernel.v))
    return run
  }

  /// Advances to the end of this phase; returns how the run ended where it did.
  private mutating func advancePhase(_ monitor: Monitor) throws -> Run.Ending? {
    let length = phaseLengths[phase]
    while phaseSteps < length {
      var count = min(chunk, length - phaseSteps)
      if let next = recordings.first { count = min(count, next - steps) }
      if let next = keepings.first { count = min(count, next - steps) }
      let rates = try rates(of: run.plan[phase], steps: count)
      var stopped = false
      let progress = progress(rates)
      let done = kernel.run(from: steps, steps: count, rates: rates) {
        stopped = !monitor.report(progress)
        return stopped
      }
      steps += done
      phaseSteps += done
      if stopped { return .interrupted }
      if done < count { return .diverged(divergence(rates, at: done)) }
      if try recordWhatIsDue() { return nil }
      if !monitor.report(self.progress(rates)) { return .interrupted }
    }
    return nil
  }

  private func rates(of phase: Phase, steps count: Int) throws -> DescentKernel.Rates {
    func values(_ rate: Rate) throws -> [Double] {
      if case .constant(let value) = rate { return .init(repeating: value, count: count) }
      return try (0..<count).map { try rate(Double(phaseSteps + $0) / Double(N)) }
    }
    return DescentKernel.Rates(
      first: phase.layers.trainFirst ? try values(phase.firstRate) : nil,
      second: phase.layers.trainSecond ? try values(phase.secondRate) : nil,
      decay: try values(phase.decay))
  }

  private var state: OrderParameters {
    let (Q, R) = kernel.overlaps
    var state = run.end.state
    state.Q = Q
    state.R = R
    state.v = kernel.v
    return state
  }

  private mutating func record() {
    let state = state
    run.samples.append(
      Run.Sample(
        alpha: alpha,
        error: state.generalisationError(student: run.student, teacher: run.teacher),
        state: state))
  }

  /// Records and keeps what is due after this step; whether the phase ends here by its condition.
  private mutating func recordWhatIsDue() throws -> Bool {
    if keepings.first == steps {
      keepings.removeFirst()
      run.keptWeights.append(
        KeptWeights(
          alpha: alpha,
          w: Matrix(rows: kernel.K, columns: N, elements: kernel.studentWeights)))
    }
    guard recordings.first == steps else { return false }
    recordings.removeFirst()
    record()
    guard phase < run.plan.count, let until = run.plan[phase].until else { return false }
    let sample = run.samples.last!
    return try until(
      Moment(
        alpha: sample.alpha, error: sample.error, state: sample.state, past: run.samples))
  }

  private func progress(_ rates: DescentKernel.Rates) -> Progress {
    let total = phaseLengths.reduce(0, +)
    return Progress(
      fraction: total > 0 ? min(1, Double(steps) / Double(total)) : 1, alpha: alpha,
      phase: phase + 1, error: run.samples.last?.error ?? .nan,
      rate: rates.first?.last ?? rates.second?.last ?? 0)
  }

  private func divergence(_ rates: DescentKernel.Rates, at step: Int) -> Divergence {
    // The kernels bound fields by the root of what bounds overlaps, give or take a few deviations,
    // so Q is the culprit unless v is.
    func largest(_ values: [Double]) -> Double {
      values.reduce(0) { abs($1) <= $0 ? $0 : $1.isNaN ? .infinity : abs($1) }
    }
    let length = largest(kernel.overlaps.Q.diagonal).squareRoot()
    let quantity = largest(kernel.v) > max(length, 1e4) ? "v" : "Q"
    return Divergence(
      quantity: quantity, alpha: alpha, firstRate: rates.first?[step] ?? 0,
      secondRate: rates.second?[step] ?? 0)
  }
}
