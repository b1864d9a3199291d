import Groundwork
import LearningDynamics
import Testing

/// Continual learning: several tasks, a head of the student for each (PHYSICS.md, E6).
@Suite struct TaskTests {
  let teacher = Teacher(
    tasks: [[1, 0], [0, 1]], labelNoise: 0.1,
    weights: .overlaps(Matrix(rows: 2, columns: 2, elements: [1, 0.5, 0.5, 1])))
  let student = Student(
    hiddenUnits: 2, secondLayer: .normal(sd: 1), initialisation: .normal(sd: 0.3))

  func phase(_ time: Double, task: Int) -> Phase {
    Phase(
      time: time, firstRate: .constant(0.5), secondRate: .constant(0.4), layers: .both, task: task)
  }

  func start(_ plan: [Phase], N: Double = 500, seed: UInt64 = 2) throws -> OrderParameters {
    try InitialState.draw(student: student, teacher: teacher, N: N, seed: seed, plan: plan)
  }

  /// Each task is an ordinary run with the other units' v* at 0 and its own head.
  @Test func phasesAreOrdinaryRunsOneAfterTheOther() throws {
    let plan = [phase(10, task: 0), phase(8, task: 1), phase(3, task: 0)]
    let first = try start(plan)
    let whole = try Equations.run(
      student: student, teacher: teacher, plan: plan, from: first,
      options: EquationOptions(recording: .at([10, 18, 21])))
    var state = first
    state.heads = []
    var heads = first.heads.map(\.v)
    #expect(heads[0] != heads[1])
    for (index, part) in plan.enumerated() {
      let task = part.task
      state.v = heads[task]
      state.vStar = teacher.tasks[task]
      var single = part
      single.task = 0
      let run = try Equations.run(
        student: student,
        teacher: Teacher(
          secondLayer: state.vStar, labelNoise: 0.1, weights: teacher.weights),
        plan: [single], from: state, options: EquationOptions(recording: .at([part.time])))
      state = run.end.state
      heads[task] = state.v
      let sample = whole.samples[index]
      #expect(abs(sample.error - run.samples[0].error) < 1e-7)
      for (a, b) in zip(sample.state.presentHeads.map(\.v), heads) {
        for (x, y) in zip(a, b) { #expect(abs(x - y) < 1e-6) }
      }
      let errors = sample.state.errorsOfTasks(student: student, teacher: teacher)
      #expect(abs(errors[task] - sample.error) < 1e-14 && errors[1 - task] != errors[task])
    }
  }

  @Test(arguments: DescentOptions.Method.allCases, [1, 2])
  func simulationsFollowTheEquations(method: DescentOptions.Method, batch: Int) throws {
    let plan = [phase(4, task: 1), phase(4, task: 0)], N = 400
    let seeds = (1...16).map { UInt64($0) }, at = Recording.at([1, 4, 5, 8])
    let (student, teacher) = (student, teacher)
    let simulated = try Descent.runEnsemble(
      student: student, teacher: teacher, plan: plan, N: N, seeds: seeds,
      options: DescentOptions(batch: batch, recording: at, method: method))
    let theory = try Ensemble.run(seeds: seeds) { seed, monitor in
      try Equations.run(
        student: student, teacher: teacher, plan: plan,
        from: InitialState.draw(
          student: student, teacher: teacher, N: Double(N), seed: seed, plan: plan),
        options: EquationOptions(recording: at, batch: batch), monitor: monitor)
    }
    for row in try Comparison.of(theory: theory, simulation: simulated).rows {
      #expect(try #require(row.maxInStandardErrors) < 4.5, "\(row.quantity)")
      #expect(try #require(row.meanInStandardErrors) < 1.8, "\(row.quantity)")
    }
    // Both heads, and the error of the task that rests.
    for task in 0..<2 {
      let difference = zip(simulated.runs, theory.runs).map { sim, theory in
        [sim, theory].map {
          $0.samples[3].state.errorsOfTasks(student: student, teacher: teacher)[task]
        }.reduce(0) { $1 - $0 }
      }
      let n = Double(difference.count), mean = difference.reduce(0, +) / n
      let squares = difference.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      #expect(abs(mean) < 4 * (squares / (n - 1) / n).squareRoot())
    }
  }

  /// The head of the task that rests stays as it is, and `until` may change tasks at different
  /// times in lanes: every run has the bits that it has alone.
  @Test(arguments: DescentOptions.Method.allCases)
  func bitsDependOnTheSeedAlone(method: DescentOptions.Method) throws {
    var first = phase(6, task: 0)
    first.until = { $0.error < 0.06 }
    let plan = [first, phase(2, task: 1)]
    let options = DescentOptions(recording: .logarithmic(points: 60), method: method)
    let members = try Descent.runEnsemble(
      student: student, teacher: teacher, plan: plan, N: 80, seeds: Array(1...9),
      options: options, threads: 1)
    #expect(Set(members.runs.map { $0.phaseStarts[1] }).count > 4)
    for seed in [1, 4, 9] as [UInt64] {
      let alone = try simulate(
        student, teacher, plan, N: 80, seed: seed, options: options)
      #expect(members.runs[Int(seed) - 1].samples == alone.samples)
      let change = alone.phaseStarts[1]
      let before = try #require(alone.samples.last { $0.alpha <= change })
      let after = try #require(alone.samples.last)
      #expect(after.state.presentHeads[0].v == before.state.v)
      #expect(after.state.presentHeads[1].v != before.state.presentHeads[1].v)
      let part = try simulate(
        student, teacher, plan, N: 80, seed: seed, options: options,
        monitor: Monitor { $0.alpha < change + 1 })
      #expect(part.end.state.task == 1)
      #expect(try Descent.resume(part).samples == alone.samples)
    }
  }

  @Test func tasksThatAreNotThereAreRefused() throws {
    #expect(throws: TrainingError.self) { try start([phase(1, task: 2)]) }
    var heads = student
    heads.heads = [[1, 1], [1, 1], [1, 1]]
    #expect(throws: TrainingError.self) {
      try simulate(heads, teacher, [phase(1, task: 0)])
    }
    var dropping = phase(1, task: 0)
    dropping.dropout = 0.5
    #expect(throws: TrainingError.self) { try start([dropping]) }
  }
}
