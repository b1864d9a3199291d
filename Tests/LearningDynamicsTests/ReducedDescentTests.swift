import Groundwork
import LearningDynamics
import Synchronization
import Testing

/// The course of reduced runs: the same bits in every circumstance, and the same conduct as in the
/// full method.
@Suite struct ReducedDescentTests: SimulationSuite {
  let teacher = Teacher(secondLayer: [1, 0.7], labelNoise: 0.1, weights: .isotropic)
  let student = Student(hiddenUnits: 3, initialisation: .normal(sd: 0.5))
  let N = 100

  func options(
    _ points: Int = 20, batch: Int = 1, set: InstructionSet? = nil
  ) -> DescentOptions {
    DescentOptions(
      batch: batch, recording: .logarithmic(points: points), instructionSet: set,
      method: .reduced)
  }

  func simulate(
    _ plan: [Phase], student: Student? = nil, teacher: Teacher? = nil, N: Int = 100,
    seed: UInt64 = 1, options: DescentOptions? = nil, monitor: Monitor = .none
  ) throws -> Run {
    try LearningDynamicsTests.simulate(
      student ?? self.student, teacher ?? self.teacher, plan, N: N, seed: seed,
      options: options ?? self.options(), monitor: monitor)
  }

  func expectSameBits(_ a: Run, _ b: Run, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(a.samples == b.samples, sourceLocation: sourceLocation)
    #expect(a.end.descent?.reduced == b.end.descent?.reduced, sourceLocation: sourceLocation)
    #expect(a.end.descent?.v == b.end.descent?.v, sourceLocation: sourceLocation)
    #expect(a.end.steps == b.end.steps && a.end.phase == b.end.phase)
    #expect(a.phaseStarts == b.phaseStarts && a.ending == b.ending)
  }

  // MARK: Coordinates

  @Test(arguments: [
    Student.Initialisation.normal(sd: 1), .normal(sd: 1e-6), .informed(noise: 0),
    .informed(noise: 1e-9), .denoise(noise: 0), .mixed, .zeros,
  ])
  func overlapsAreRealised(initialisation: Student.Initialisation) throws {
    for weights in [
      Teacher.Weights.isotropic, .graded, .orthonormal,
      .overlaps(Matrix(rows: 3, columns: 3) { _, _ in 1 }),
    ] {
      let teacher = Teacher(secondLayer: [1, 1, 1], weights: weights)
      let student = Student(hiddenUnits: 4, initialisation: initialisation)
      let start = try InitialState.draw(
        student: student, teacher: teacher, N: 784, seed: 5, plan: [])
      let run = try Descent.run(
        student: student, teacher: teacher, plan: [], from: start, N: 784, seed: 5,
        options: DescentOptions(recording: .at([0]), method: .reduced))
      let state = try #require(run.samples.first).state
      let scale = initialisation == .normal(sd: 1e-6) ? 1e-6 : 1
      #expect(worst(state.Q, start.Q) < 1e-14 * scale)
      #expect(worst(state.R, start.R) < 1e-14 * scale)
      let A = try #require(run.end.descent?.reduced).teacher
      #expect(worst(A * A.transpose, start.T) < 1e-14)
    }
  }

  func worst(_ a: Matrix, _ b: Matrix) -> Double {
    zip(a.elements, b.elements).map { abs($0 - $1) }.max() ?? 0
  }

  /// Students at zero and copies of the teacher learn, and stay finite, from a singular start.
  @Test(arguments: [1, 4]) func singularStartsLearn(batch: Int) throws {
    for initialisation in [Student.Initialisation.zeros, .informed(noise: 0)] {
      let student = Student(hiddenUnits: 3, initialisation: initialisation)
      let run = try simulate(plan(30), student: student, options: options(batch: batch))
      #expect(run.ending == .completed)
      #expect(run.samples.last!.error.isFinite && run.samples.last!.error < 0.3)
    }
    // Without noise on the labels a copy of the teacher has nothing to learn.
    let copy = Student(hiddenUnits: 2, initialisation: .informed(noise: 0))
    let clean = Teacher(secondLayer: [1, 1])
    let run = try simulate(plan(30), student: copy, teacher: clean, options: options(batch: batch))
    #expect(abs(run.samples.last!.error) < 1e-14)
  }

  // MARK: The same bits

  @Test(arguments: [1, 6])
  func everyInstructionSetAndEveryLaneGivesTheSameBits(batch: Int) throws {
    let sizes = [(1, 1, 17), (3, 2, 5), (4, 4, 1000), (8, 3, 1_000_000), (13, 5, 300)]
    let activations: [(Activation, Activation)] = [
      (.relu, .sign), (.erf, .erf), (.custom(DescentTests.tangent), .relu),
      (.relu, .custom(DescentTests.tangent)), (.erf, .quadratic),
    ]
    for ((K, M, N), (g, h)) in zip(sizes, activations) {
      let student = Student(hiddenUnits: K, activation: g, initialisation: .normal(sd: 0.5))
      let teacher = Teacher(
        activation: h, secondLayer: .init(repeating: 1, count: M), labelNoise: 0.1,
        weights: .isotropic)
      let plan =
        plan(400 / Double(N), layers: .both, decay: 0.01) + plan(50 / Double(N), layers: .second)
        + plan(90 / Double(N), rate: 0.1)
      let seeds: [UInt64] = [5, 1, 77, 3, 1 << 40, 6, 12, 2, 9, 10, 11]
      let alone = try seeds.map {
        try simulate(
          plan, student: student, teacher: teacher, N: N, seed: $0,
          options: options(batch: batch, set: .portable))
      }
      for set in InstructionSet.supported {
        let again = try simulate(
          plan, student: student, teacher: teacher, N: N, seed: 5,
          options: options(batch: batch, set: set))
        expectSameBits(again, alone[0])
        for threads in [1, 3] {
          let ensemble = try Descent.runEnsemble(
            student: student, teacher: teacher, plan: plan, N: N, seeds: seeds,
            options: options(batch: batch, set: set), threads: threads)
          #expect(ensemble.seeds == seeds)
          for (a, b) in zip(ensemble.runs, alone) { expectSameBits(a, b) }
        }
      }
    }
  }

  final class Counter: Sendable {
    let count = Mutex(0)
    func next() -> Int {
      count.withLock {
        $0 += 1
        return $0
      }
    }
  }

  func stopping(after count: Int) -> Monitor {
    let asked = Counter()
    return Monitor { _ in asked.next() <= count }
  }

  @Test(arguments: [1, 5], [0, 1, 4, 9])
  func resumedRunsHaveTheBitsOfUninterruptedOnes(batch: Int, questions: Int) throws {
    var plan = plan(6, layers: .both) + plan(9, rate: 0.1, decay: 0.02)
    plan[0].firstRate = .function { 0.3 / (1 + $0) }
    let options = options(15, batch: batch)
    let whole = try simulate(plan, options: options)
    #expect(whole.ending == .completed && whole.phaseStarts == [0, 6])
    var run = try simulate(plan, options: options, monitor: stopping(after: questions))
    #expect(run.ending == .interrupted && run.end.steps < 1500)
    run = try Descent.resume(run, monitor: stopping(after: 3))
    run = try Descent.resume(run)
    expectSameBits(run, whole)
  }

  @Test func extraTimeContinuesTheLastPhase() throws {
    var options = options()
    options.recording = .at([2, 7])
    let whole = try simulate(plan(10), options: options)
    let run = try Descent.resume(try simulate(plan(4), options: options), extraTime: 6)
    expectSameBits(run, whole)
  }

  @Test(arguments: [1, 3]) func whatIsRecordedDoesNotChangeTheRun(batch: Int) throws {
    let ends = try [Recording.logarithmic(points: 300), .at([0.1, 3.3]), .at([])].map {
      var options = options(batch: batch)
      options.recording = $0
      return try simulate(plan(8, layers: .both), options: options).end.descent!
    }
    for end in ends { #expect(end.reduced == ends[0].reduced && end.v == ends[0].v) }
  }

  @Test(arguments: [1, 3]) func ratesOfZeroChangeNothing(batch: Int) throws {
    let run = try simulate(plan(5, rate: 0, layers: .both), options: options(batch: batch))
    #expect(run.samples.first?.state == run.samples.last?.state)
    let second = try simulate(plan(5, layers: .second), options: options(batch: batch))
    #expect(run.samples.first?.state.Q == second.samples.last?.state.Q)
    #expect(run.samples.first?.state.v != second.samples.last?.state.v)
    // Decay alone shrinks by a known factor.
    let decay = try simulate(plan(5, rate: 0, decay: 0.5), options: options(batch: batch))
    let factor = (0..<1000).reduce(1.0) { product, _ in product * (1 - 0.5 / 100) }
    let (Q, Q0) = (decay.samples.last!.state.Q, decay.samples[0].state.Q)
    for i in Q.elements.indices {
      #expect(abs(Q.elements[i] - factor * Q0.elements[i]) < 1e-14)
    }
  }

  // MARK: Members of an ensemble

  @Test func conditionsEndPhasesOfEachMemberAlone() throws {
    var plan = plan(50)
    plan[0].until = { $0.error < 0.15 }
    plan += self.plan(5, rate: 0.1, layers: .both, decay: 0.1)
    let seeds = Array(1...13 as ClosedRange<UInt64>)
    let ensemble = try Descent.runEnsemble(
      student: student, teacher: teacher, plan: plan, N: N, seeds: seeds,
      options: options(100), threads: 1)
    #expect(Set(ensemble.runs.map { $0.phaseStarts.last }).count > 4)
    for (run, seed) in zip(ensemble.runs, seeds) {
      expectSameBits(run, try simulate(plan, seed: seed, options: options(100)))
      #expect(run.end.alpha < 50 && run.end.phase == 2)
      let longer = try Descent.resume(run, extraTime: 2)
      #expect(longer.end.steps == run.end.steps + 200)
    }
  }

  @Test func divergenceOfAMemberLeavesTheOthersAlone() throws {
    // Above η = 2/K all runs diverge sooner or later; most of these before the end.
    let student = Student(hiddenUnits: 3, activation: .linear, initialisation: .normal(sd: 1))
    let teacher = Teacher(activation: .linear, secondLayer: [1, 1])
    let plan = plan(16, rate: 0.85)
    let seeds = Array(1...8 as ClosedRange<UInt64>)
    let ensemble = try Descent.runEnsemble(
      student: student, teacher: teacher, plan: plan, N: 30, seeds: seeds, options: options(),
      threads: 1)
    var diverged = 0
    for (run, seed) in zip(ensemble.runs, seeds) {
      expectSameBits(
        run, try simulate(plan, student: student, teacher: teacher, N: 30, seed: seed))
      guard case .diverged(let divergence) = run.ending else { continue }
      diverged += 1
      #expect(divergence.quantity == "Q" && divergence.firstRate == 0.85)
      #expect(run.samples.allSatisfy { $0.error.isFinite && $0.alpha <= divergence.alpha })
      #expect(throws: TrainingError.self) { try Descent.resume(run) }
    }
    #expect(diverged > 0 && diverged < 8)
  }

  @Test func interruptedMembersCanBeResumed() throws {
    let plan = plan(2000, layers: .both)
    let seeds = Array(1...8 as ClosedRange<UInt64>)
    let (student, teacher, N) = (student, teacher, N)
    let ensemble = try Descent.runEnsemble(
      student: student, teacher: teacher, plan: plan, N: N, seeds: seeds, options: options(),
      threads: 1, monitor: stopping(after: 43))
    for (run, seed) in zip(ensemble.runs, seeds) {
      #expect(run.ending == .interrupted && run.end.steps > 0 && run.end.alpha < 2000)
      expectSameBits(try Descent.resume(run), try simulate(plan, seed: seed))
    }
  }

  struct Mistake: Error {}

  @Test func failuresAreOfTheFirstSeed() throws {
    var plan = plan(20)
    plan[0].until = { if $0.error < 0.15 { throw Mistake() } else { false } }
    let error = #expect(throws: EnsembleError.self) {
      try Descent.runEnsemble(
        student: student, teacher: teacher, plan: plan, N: N, seeds: Array(1...11),
        options: options(100))
    }
    #expect(error?.seed == 1 && error?.underlying is Mistake)
  }

  @Test func largeBatchesAreInterruptedWithinAStep() throws {
    // A step would take minutes.
    let questions = Atomic(0)
    let monitor = Monitor { _ in questions.add(1, ordering: .relaxed).newValue < 3 }
    let ensemble = try Descent.runEnsemble(
      student: student, teacher: teacher, plan: plan(10), N: 20_000, seeds: Array(1...8),
      options: options(batch: 1_000_000_000), threads: 1, monitor: monitor)
    #expect(ensemble.runs.allSatisfy { $0.ending == .interrupted && $0.end.steps == 0 })
  }

  // MARK: Limits

  @Test func impossibleSettingsAreErrors() throws {
    #expect(throws: TrainingError.dimensionTooSmall(N: 4, needed: 5)) {
      try simulate(plan(1), N: 4)
    }
    var keeping = options()
    keeping.keepWeights = [1]
    let error = #expect(throws: TrainingError.self) { try simulate(plan(1), options: keeping) }
    guard case .invalid(let words)? = error else { return }
    #expect(words.contains("full method"))
    var single = options()
    single.precision = .float32
    #expect(throws: TrainingError.self) { try simulate(plan(1), options: single) }
  }

  /// α ends where steps can no longer be told apart, far beyond what anyone waits for.
  @Test func dimensionsMayBeVast() throws {
    let N = 1_000_000_000_000_000
    let run = try simulate(plan(1e-10), N: N)
    #expect(run.ending == .completed && run.end.steps == 100_000)
    let (start, end) = (run.samples[0].state, run.samples.last!.state)
    #expect(start != end && worst(start.Q, end.Q) < 1e-8)
  }

  /// Numbers of steps and dimensions that a Double no longer counts are named, not counted.
  @Test func stepsAreCountedUpTo2To53() throws {
    func words(_ plan: [Phase], N: Int, method: DescentOptions.Method = .reduced) -> String {
      var options = options()
      options.method = method
      do { _ = try simulate(plan, N: N, options: options) } catch { return "\(error)" }
      return ""
    }
    for method in DescentOptions.Method.allCases {
      let error = words(plan(1e15), N: 1000, method: method)
      #expect(error.contains("1e+18 steps") && error.contains("2^53"), "\(error)")
    }
    #expect(words(plan(10), N: 1_000_000_000_000_000).contains("1e+16 steps"))
    // Phases that are short enough alone.
    let many = [Phase](repeating: plan(8e12)[0], count: 1200)
    #expect(words(many, N: 1000).contains("2^53"))
    #expect(words(plan(0), N: .max).contains("N=9223372036854775807"))
    // A run that ends by its condition may be given any time below.
    var short = plan(9e12)
    short[0].until = { $0.alpha > 0 || $0.error >= 0 }
    #expect(try simulate(short, N: 1000).ending == .completed)
    // Continuing counts too.
    let run = try simulate(plan(1), N: 1000)
    #expect(throws: TrainingError.self) { try Descent.resume(run, extraTime: 1e15) }
  }

  /// Many steps leave no trace of rounding: T = 1 and a learned student keep eg at its floor.
  @Test func roundingDoesNotGrow() throws {
    let copy = Student(hiddenUnits: 2, initialisation: .informed(noise: 1e-3))
    let run = try simulate(
      plan(2000, rate: 0.5), student: copy, teacher: Teacher(secondLayer: [1, 1]), N: 1000)
    #expect(abs(run.samples.last!.error) < 1e-13)
  }
}
