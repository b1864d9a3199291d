import Groundwork

/// Online stochastic gradient descent at finite N (Goldt et al. 2020, eqs. 2 and 3).
///
/// Each step draws fresh Gaussian inputs, labels them by the noisy teacher (or takes a sample out of
/// a finite set, `DescentOptions.trainingData`), and moves the student down the gradient of ½(φ − y)², all of it with the old weights:
///
///     w_k ← w_k − (η_w/√N) v_k g'(λ_k) Δ x − (κ/N) w_k
///     v_k ← v_k − (η_v/N) g(λ_k) Δ − (κ/N) v_k
///
/// or, with momentum β, by buffers that remember past steps, d ← β d + step, w ← w + d − (κ/N) w;
/// Δ = φ − φ* − σζ; with `scale` s, the gradients carry s once. Of a batch the gradients are
/// averaged. α counts updates: α = steps/N.
public enum Descent {
  /// Simulates `plan` from overlaps that are realised exactly, by the full method as weights in a
  /// random frame.
  ///
  /// The run depends on the seed alone: not on the instruction set, on threads, on when it was
  /// interrupted or on what was recorded.
  ///
  /// - Parameters:
  ///   - student: the network that learns; its weights come from `start`.
  ///   - teacher: the network that labels.
  ///   - plan: the phases, one after the other.
  ///   - start: the order parameters before the first step, as `InitialState.draw` gives them.
  ///   - N: the dimension of the inputs, at least K + M. To the reduced method its size is all
  ///     one: 10¹⁵ costs per step what 10³ does.
  ///   - seed: of inputs, label noise and the frame of the weights.
  ///   - options: method, batch, inputs, and what is recorded.
  ///   - monitor: asked every fraction of a millisecond; stopping gives a partial run.
  /// - Throws: `TrainingError`, and what rate functions and `until` throw.
  public static func run(
    student: Student, teacher: Teacher, plan: [Phase], from start: OrderParameters, N: Int,
    seed: UInt64, options: DescentOptions = DescentOptions(), monitor: Monitor = .none
  ) throws -> Run {
    let run = try beginning(
      student: student, teacher: teacher, plan: plan, from: start, N: N, seed: seed,
      options: options, monitor: monitor)
    return try advance(run, options, monitor)
  }

  /// A run before its first step; one without weights where the monitor stopped it while they were
  /// made.
  private static func beginning(
    student: Student, teacher: Teacher, plan: [Phase], from start: OrderParameters, N: Int,
    seed: UInt64, options: DescentOptions, monitor: Monitor
  ) throws -> Run {
    let hasLabels = options.trainingData?.hasLabels ?? false
    try InitialState.checkShapes(
      student: student, teacher: teacher, N: Double(N), needsTeacher: !hasLabels)
    guard N <= 1 << 53 else {
      throw TrainingError.invalid("N=\(N) is too large: at most 2^53 = 9.007e15 is possible")
    }
    try check(start, student: student, teacher: teacher)
    try InitialState.checkBlocks(start, options.inputs)
    for phase in plan { try phase.check() }
    try Phase.check(plan, teacher: teacher)
    guard !plan.contains(where: \.isGreedy) else {
      throw TrainingError.invalid(
        "the greedy learning rate follows from the equations, and a simulation does not know it")
    }
    try check(options)
    if let data = options.trainingData {
      try data.check(N: N, batch: options.batch)
      guard teacher.noiseSchedule == nil || data.hasLabels else {
        throw TrainingError.invalid(
          "a finite training set is labelled once, so its noise σ cannot change with α")
      }
    }
    var run = Run(
      student: student, teacher: teacher, plan: plan, engine: .descent(options), N: Double(N),
      seed: seed, samples: [], phaseStarts: [], ending: .interrupted, seconds: 0,
      end: Checkpoint(
        alpha: 0, phase: 0, phaseAlpha: 0, state: start, steps: 0, descent: nil))
    do {
      run.end.descent = try beginning(of: run, from: start, N: N, options, monitor)
      run.ending = .completed
    } catch is Interruption {}
    return run
  }

  /// What a run starts its first step from. Throws `Interruption` where the monitor stops it.
  private static func beginning(
    of run: Run, from start: OrderParameters, N: Int, _ options: DescentOptions,
    _ monitor: Monitor
  ) throws -> DescentState {
    let student = run.student, teacher = run.teacher, plan = run.plan, seed = run.seed
    let progress = Progress(fraction: 0, alpha: 0, phase: 1, error: .nan, rate: 0)
    // Small weights are made before anyone could ask.
    func shouldStop() -> Bool { N >= 100_000 && !monitor.report(progress) }
    var descent = DescentState(studentWeights: [], teacherWeights: [], v: start.v)
    let hasMomentum = plan.contains { $0.momentum > 0 }
    let dimensions = try options.inputs.spectrum?.dimensions(N: Double(N))
    switch (options.method, dimensions) {
    case (.full, nil):
      (descent.studentWeights, descent.teacherWeights) = try Realisation.weights(
        of: start, N: N, seed: seed, instructionSet: options.instructionSet ?? .best,
        shouldStop: shouldStop)
    case (.full, let dimensions?):
      (descent.studentWeights, descent.teacherWeights) = try Realisation.weights(
        of: start, dimensions: dimensions, seed: seed,
        instructionSet: options.instructionSet ?? .best, shouldStop: shouldStop)
    case (.reduced, nil):
      descent.reduced = ReducedWeights(of: start)
      let needed = 2 * start.v.count + start.vStar.count
      if hasMomentum, N < needed {
        throw TrainingError.dimensionTooSmallForMomentum(N: Double(N), needed: needed)
      }
    case (.reduced, let dimensions?):
      guard !hasMomentum else {
        throw TrainingError.invalid(
          "the reduced method has no momentum for structured inputs; use the full method")
      }
      let units = student.hiddenUnits + teacher.hiddenUnits
      if let smallest = dimensions.min(), smallest < Double(units) {
        throw TrainingError.invalid(
          "the reduced method needs at least K + M = \(units) dimensions in every eigenspace; at "
            + "N=\(N) one has \(Int(smallest))")
      }
      descent.reducedBlocks = start.blocks.map {
        ReducedWeights(of: $0.orderParameters(v: start.v, vStar: start.vStar))
      }
    }
    if hasMomentum { descent.beginMomentum(N: N) }
    return descent
  }

  private static func advance(
    _ run: Run, _ options: DescentOptions, _ monitor: Monitor
  ) throws -> Run {
    if run.end.descent == nil { return run }
    let engine: any DescentEngine
    switch options.method {
    case .full:
      let weights = try WeightSpaceEngine(continuing: run, options: options)
      guard try weights.makeSamples(of: run, options: options, monitor: monitor) else {
        var run = run
        run.ending = .interrupted
        return run
      }
      engine = weights
    case .reduced where options.inputs.spectrum != nil:
      engine = try ReducedBlocksEngine(continuing: run, options: options)
    case .reduced:
      engine = try ReducedEngine(continuing: [run], options: options)
    }
    return try engine.advance([run], options: options, monitors: [monitor])[0].get()
  }

  /// Continues an interrupted run, or a finished one by `extraTime`: the result has the same bits
  /// as a run that was never stopped.
  ///
  /// - Parameters:
  ///   - run: a run of SGD by either method.
  ///   - extraTime: α to add to the last phase. Where `until` had ended that phase, it goes on for
  ///     `extraTime` without the condition.
  ///   - monitor: as in `run`.
  /// - Throws: as `run`; `TrainingError.invalid` where the run is not a simulation or diverged.
  public static func resume(
    _ run: Run, extraTime: Double? = nil, monitor: Monitor = .none
  ) throws -> Run {
    guard case .descent(let options) = run.engine else {
      throw TrainingError.invalid("only a simulation can be continued by Descent")
    }
    if case .diverged(let divergence) = run.ending {
      throw TrainingError.invalid(
        "the run diverged at α = \(divergence.alpha.brief) and cannot be continued")
    }
    var run = run
    if let extraTime, let last = run.plan.indices.last {
      guard extraTime >= 0, extraTime.isFinite else {
        throw TrainingError.invalid("the extra time must be a number ≥ 0")
      }
      if run.end.phase == run.plan.count {
        run.end.phase = last
        if run.end.phaseAlpha * run.N < (run.plan[last].time * run.N).rounded() {
          run.plan[last].time = run.end.phaseAlpha
          run.plan[last].until = nil
        }
      }
      run.plan[last].time += extraTime
    }
    if run.end.descent == nil {
      // It was stopped before it had weights.
      run = try beginning(
        student: run.student, teacher: run.teacher, plan: run.plan, from: run.end.state,
        N: Int(run.N), seed: run.seed, options: options, monitor: monitor)
    }
    return try advance(run, options, monitor)
  }

  /// The same experiment for many seeds, `threads` at a time, each with the start of its seed.
  ///
  /// Every run has the bits that `run` gives for its seed. Reduced runs advance eight at a time in
  /// the lanes of the vector units, each with its own stopping conditions and end, which takes
  /// about as long as two or three of them alone.
  ///
  /// - Parameters:
  ///   - student: the network that learns.
  ///   - teacher: the network that labels.
  ///   - plan: the phases, one after the other.
  ///   - N: the dimension of the inputs, at least K + M.
  ///   - seeds: one for each run, in their order.
  ///   - start: the order parameters before the first step for a seed; nil draws them from the
  ///     networks.
  ///   - past: runs of these seeds that `Keeper` was given: they go on where they stopped, and
  ///     those that had come to their end are not run again.
  ///   - options: method, batch, inputs, and what is recorded.
  ///   - threads: how many runs advance at a time; the result does not depend on it.
  ///   - monitor: told of the whole ensemble, as in `Ensemble.run`.
  /// - Throws: `EnsembleError` of the first seed that failed.
  public static func runEnsemble(
    student: Student, teacher: Teacher, plan: [Phase], N: Int, seeds: [UInt64],
    from start: (@Sendable (UInt64) throws -> OrderParameters)? = nil,
    continuing past: [UInt64: Run] = [:], options: DescentOptions = DescentOptions(),
    threads: Int = Workers.processorCount, monitor: Monitor = .none
  ) throws -> Ensemble {
    @Sendable func beginning(_ seed: UInt64, _ monitor: Monitor) throws -> Run {
      if let run = past[seed] { return run }
      let state =
        if let start { try start(seed) } else {
          try InitialState.draw(
            student: student, teacher: teacher, N: Double(N), seed: seed, plan: plan,
            inputs: options.inputs,
            needsTeacher: !(options.trainingData?.hasLabels ?? false))
        }
      return try Self.beginning(
        student: student, teacher: teacher, plan: plan, from: state, N: N, seed: seed,
        options: options, monitor: monitor)
    }
    // Two runs are as quick one after the other.
    let share = (seeds.count + threads - 1) / max(1, threads)
    guard options.method == .reduced, options.inputs == .isotropic, share > 2 else {
      return try Ensemble.run(seeds: seeds, threads: threads, monitor: monitor) {
        if let run = past[$0], run.isAtItsEnd(telling: $1) { return run }
        return try advance(try beginning($0, $1), options, $1)
      }
    }
    return try Ensemble.run(
      seeds: seeds, groups: groups(of: seeds, past), threads: threads, monitor: monitor
    ) { seeds, monitors in
      var results = zip(seeds, monitors).map { seed, monitor in
        Result { try beginning(seed, monitor) }
      }
      let begun = results.indices.filter {
        guard case .success = results[$0] else { return false }
        return past[seeds[$0]]?.isAtItsEnd(telling: monitors[$0]) != true
      }
      guard !begun.isEmpty else { return results }
      do {
        let runs = try begun.map { try results[$0].get() }
        let ends = try ReducedEngine(continuing: runs, options: options)
          .advance(runs, options: options, monitors: begun.map { monitors[$0] })
        for (index, end) in zip(begun, ends) { results[index] = end }
      } catch {
        for index in begun { results[index] = .failure(error) }
      }
      return results
    }
  }

  /// Places of runs that can advance in lanes together: those that stand at the same step.
  private static func groups(of seeds: [UInt64], _ past: [UInt64: Run]) -> [[Int]] {
    var groups: [[Int]] = []
    /// The group that has room, for each number of steps done.
    var open: [Int: Int] = [:]
    for (place, seed) in seeds.enumerated() {
      let steps = past[seed]?.end.steps ?? 0
      if let group = open[steps], groups[group].count < ReducedEngine.lanes {
        groups[group].append(place)
      } else {
        open[steps] = groups.count
        groups.append([place])
      }
    }
    return groups
  }

  private static func check(
    _ start: OrderParameters, student: Student, teacher: Teacher
  ) throws {
    let K = student.hiddenUnits
    let M = teacher.hiddenUnits
    let fits =
      start.Q.rows == K && start.Q.columns == K && start.R.rows == K && start.R.columns == M
      && start.T.rows == M && start.T.columns == M && start.v.count == K
      && start.vStar == teacher.secondLayer(ofTask: start.task)
      && start.heads.count == teacher.tasks.count
    if !fits { throw TrainingError.invalid("the start does not fit the networks") }
    // A state that the equations were integrated to is a covariance up to their tolerance only.
    let size = start.covariance.diagonal.reduce(1, max)
    try InitialState.requireCovariance(start, tolerance: 1e-6 * size)
    guard start.v.allSatisfy(\.isFinite) else {
      throw TrainingError.invalid("v must be finite numbers")
    }
  }

  private static func check(_ options: DescentOptions) throws {
    if options.batch < 1 { throw TrainingError.invalid("a batch has at least one sample") }
    try options.recording.check()
    if options.method == .reduced {
      guard options.trainingData == nil else {
        throw TrainingError.invalid(
          "the reduced method draws every sample afresh; a finite training set needs the full one")
      }
      guard options.keepWeights.isEmpty else {
        throw TrainingError.invalid(
          "there are no weights to keep where only the order parameters are simulated; "
            + "use the full method")
      }
      guard options.precision == .float64 else {
        throw TrainingError.invalid(
          "single precision is for weights, and the reduced method keeps none")
      }
    }
    var wanted = options.keepWeights
    if case .at(let times) = options.recording {
      for (earlier, later) in zip(times, times.dropFirst()) where !(earlier < later) {
        throw TrainingError.invalid(
          "the times to record must increase: \(earlier.plain) is followed by \(later.plain)")
      }
      wanted += times
    }
    for alpha in wanted where !(alpha >= 0) {
      throw TrainingError.invalid(
        "nothing can be recorded at α = \(alpha.plain): a run begins at 0")
    }
    if let set = options.instructionSet, !set.isSupported {
      throw TrainingError.invalid("this machine has no \(set) instructions")
    }
  }
}
