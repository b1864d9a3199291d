import Groundwork

/// Learning as the order-parameter equations describe it, N → ∞ (Saad and Solla 1995; Goldt et al.
/// 2020).
///
///     let state = OrderParameters(Q: …, R: …, T: .identity(2), v: [1, 1], vStar: [1, 1])
///     let phase = Phase(time: 100, firstRate: .constant(0.2), secondRate: .constant(0))
///     let run = try Equations.run(student: student, teacher: teacher, plan: [phase], from: state)
public enum Equations {
  /// Integrates the plan from these order parameters, whose T, v and v* are taken as they are.
  ///
  /// A run that diverges or is interrupted is returned with what there is of it; see `Run.ending`.
  /// `N` and `seed` are only noted: they are what `start` was drawn with.
  ///
  /// Throws `TrainingError` for values that do not fit, and what a rate or `until` throws.
  public static func run(
    student: Student, teacher: Teacher, plan: [Phase], from start: OrderParameters,
    N: Double = .infinity, seed: UInt64 = 1, options: EquationOptions = EquationOptions(),
    monitor: Monitor = .none
  ) throws -> Run {
    try validate(plan, options)
    try validate(start, student, teacher)
    try InitialState.checkBlocks(start, options.inputs)
    try Phase.check(plan, teacher: teacher)
    let hasGreedy = plan.contains(where: \.isGreedy)
    if hasGreedy, !start.blocks.isEmpty { throw TrainingError.greedyNeedsIsotropicInputs }
    if options.fluctuations {
      try start.requireIsotropic()
      guard !hasGreedy, teacher.tasks.isEmpty, plan.allSatisfy({ $0.dropout == 0 }) else {
        throw TrainingError.invalid(
          "the theory of fluctuations has no greedy rates, no dropout and no second task")
      }
    }
    var run = Run(
      student: student, teacher: teacher, plan: plan, engine: .equations(options), N: N,
      seed: seed, samples: [], phaseStarts: [], ending: .completed, seconds: 0,
      end: Checkpoint(
        alpha: 0, phase: 0, phaseAlpha: 0, state: start, steps: 0, descent: nil))
    if options.fluctuations { run.fluctuations = Fluctuations(start: start) }
    return try finished(run, options, monitor)
  }

  /// Continues a run from where it stopped: an interrupted one to the same bits as if it had not
  /// been, a finished one with `extraTime` to the tolerance, for its last step was cut at the end of
  /// the phase.
  ///
  /// With `extraTime` the last phase becomes longer by that much, in α, and its rate functions go
  /// on in their own α. Where `until` had ended that phase, it is not asked again.
  ///
  /// Throws `TrainingError` where the run diverged or is not one of the equations.
  public static func resume(
    _ run: Run, extraTime: Double? = nil, monitor: Monitor = .none
  ) throws -> Run {
    guard case .equations(let options) = run.engine else {
      throw TrainingError.invalid("only a run of the equations can be continued by them")
    }
    if case .diverged(let divergence) = run.ending {
      throw TrainingError.invalid(
        "the run diverged at α = \(divergence.alpha.brief) and cannot be continued")
    }
    var run = run
    if let extraTime {
      guard extraTime >= 0, extraTime.isFinite, let last = run.plan.indices.last else {
        throw TrainingError.invalid("the extra time must be a number ≥ 0, of a plan with phases")
      }
      if run.end.phase == run.plan.count {
        if run.end.phaseAlpha < run.plan[last].time { run.plan[last].until = nil }
        run.plan[last].time = run.end.phaseAlpha
        run.end.phase = last
      }
      run.plan[last].time += extraTime
    }
    return try finished(run, options, monitor)
  }

  /// The run at its end, with the fluctuations around it where they are wanted.
  private static func finished(
    _ run: Run, _ options: EquationOptions, _ monitor: Monitor
  ) throws -> Run {
    // Of a run that needs nothing but its fluctuations, the equations have come to their end.
    var run =
      run.ending == .completed && run.end.phase == run.plan.count && !run.samples.isEmpty
      ? run : try EquationTraining(run, options: options, monitor: monitor).finished()
    guard let start = run.fluctuations?.start, run.ending == .completed else { return run }
    let began = monotonicSeconds()
    run.fluctuations = try Fluctuations(
      around: run, from: start, batch: options.batch, monitor: monitor)
    run.seconds += monotonicSeconds() - began
    return run
  }

  // MARK: Validation

  private static func validate(_ plan: [Phase], _ options: EquationOptions) throws(TrainingError) {
    guard options.tolerance >= 1e-13, options.tolerance <= 0.1 else {
      throw .invalid("the tolerance must be between 1e-13 and 0.1, not \(options.tolerance.plain)")
    }
    try options.recording.check()
    if options.batch < 1 { throw .invalid("a batch has at least one sample") }
    if case .at(let times) = options.recording {
      for (earlier, later) in zip(times, times.dropFirst()) where !(earlier < later) {
        throw .invalid(
          "the times to record must increase: \(earlier.plain) is followed by \(later.plain)")
      }
      if let first = times.first, !(first >= 0) {
        throw .invalid("nothing can be recorded at α = \(first.plain): a run begins at 0")
      }
    }
    for phase in plan { try phase.check() }
  }

  private static func validate(
    _ start: OrderParameters, _ student: Student, _ teacher: Teacher
  ) throws(TrainingError) {
    try student.activation.requireStudent()
    try InitialState.checkSizes(student: student, teacher: teacher)
    let K = student.hiddenUnits, M = teacher.hiddenUnits
    guard K > 0, M > 0 else { throw .invalid("student and teacher need hidden units") }
    for (name, matrix, rows, columns) in [
      ("Q", start.Q, K, K), ("R", start.R, K, M), ("T", start.T, M, M),
    ] where matrix.rows != rows || matrix.columns != columns {
      throw .invalid(
        "\(name) must be \(rows)×\(columns), not \(matrix.rows)×\(matrix.columns)")
    }
    guard start.v.count == K, start.vStar.count == M else {
      throw .invalid("v needs \(K) elements and v* \(M)")
    }
    guard start.heads.count == teacher.tasks.count else {
      throw .invalid("the start has \(start.heads.count) heads for \(teacher.tasks.count) tasks")
    }
    let covariance = start.covariance
    guard (covariance.elements + start.v + start.vStar).allSatisfy(\.isFinite) else {
      throw .invalid("the order parameters must be finite")
    }
    let size = covariance.diagonal.map(abs).max() ?? 0
    guard covariance.asymmetry <= 1e-10 * max(size, 1) else {
      throw .invalid("Q and T must be symmetric")
    }
    // A state that was integrated is a covariance up to the tolerance of the integration only.
    let smallest = covariance.symmetricEigenvalues.first ?? 0
    guard smallest >= -1e-6 * max(size, 1) else {
      throw .notACovariance(smallestEigenvalue: smallest)
    }
  }
}
