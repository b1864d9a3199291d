import Groundwork
import LearningDynamics
import TSSLibrary
import Testing

/// Checkpoints hold a run to the bit, and all of it.
@Suite struct RunArchiveTests {
  private let student = Student(hiddenUnits: 3, initialisation: .normal(sd: 0.5))
  private let teacher = Teacher(secondLayer: [1, 0.7], labelNoise: 0.1)
  private let plan = [
    Phase(time: 3, firstRate: .constant(0.2), secondRate: .constant(0.2)),
    Phase(
      time: 40, firstRate: .constant(0.2), secondRate: .constant(0.2), layers: .both,
      momentum: 0.5),
  ]

  private func labels(_ value: Any) -> Set<String> {
    Set(Mirror(reflecting: value).children.compactMap(\.label))
  }

  /// A run of each engine, stopped on its way.
  private func runs() throws -> [Run] {
    let stop = Monitor { $0.alpha < 20 }
    let start = try InitialState.draw(
      student: student, teacher: teacher, N: 60, seed: 5, plan: plan)
    var runs = [
      try Equations.run(
        student: student, teacher: teacher, plan: plan, from: start, N: 60, seed: 5, monitor: stop)
    ]
    for method in DescentOptions.Method.allCases {
      let options = DescentOptions(keepWeights: method == .full ? [0, 1, 7] : [], method: method)
      runs.append(
        try Descent.run(
          student: student, teacher: teacher, plan: plan, from: start, N: 60, seed: 5,
          options: options, monitor: stop))
    }
    return runs
  }

  private func again(_ run: Run) throws -> Run {
    let (about, arrays) = try RunArchive.decode(try RunArchive.encode(run, about: []))
    let blank = Run.blank(
      student: student, teacher: teacher, plan: plan, engine: run.engine, N: 60, seed: 5)
    return try #require(RunArchive.run(blank, about, arrays))
  }

  @Test func runsComeBackToTheBit() throws {
    for run in try runs() {
      let copy = try again(run)
      #expect(run.ending == .interrupted && run.phaseStarts.count == 2)
      #expect(copy.samples == run.samples && copy.ending == run.ending)
      #expect(copy.phaseStarts == run.phaseStarts && copy.seconds == run.seconds)
      #expect(copy.keptWeights == run.keptWeights)
      #expect(copy.end.alpha == run.end.alpha && copy.end.phase == run.end.phase)
      #expect(copy.end.phaseAlpha == run.end.phaseAlpha && copy.end.steps == run.end.steps)
      #expect(copy.end.state == run.end.state && copy.end.integration == run.end.integration)
      #expect(copy.end.descent?.studentWeights == run.end.descent?.studentWeights)
      #expect(copy.end.descent?.teacherWeights == run.end.descent?.teacherWeights)
      #expect(copy.end.descent?.v == run.end.descent?.v)
      #expect(copy.end.descent?.reduced == run.end.descent?.reduced)
      #expect(copy.end.descent?.buffers == run.end.descent?.buffers)
      switch run.engine {
      case .equations:
        #expect(try Equations.resume(copy).samples == Equations.resume(run).samples)
      case .descent:
        #expect(try Descent.resume(copy).samples == Descent.resume(run).samples)
      }
    }
  }

  /// Of two tasks, in the second of which the run stopped, and of a greedy rate.
  @Test func tasksAndGreedyRatesComeBack() throws {
    let tasks = Teacher(tasks: [[1, 0], [0, 1]], labelNoise: 0.1)
    let greedy = Phase(time: 3, firstRate: .greedy, secondRate: .greedy, layers: .both)
    let second = Phase(
      time: 9, firstRate: .constant(0.2), secondRate: .constant(0.2), layers: .both, task: 1)
    let stop = Monitor { $0.alpha < 6 }
    var runs: [(Run, [Phase])] = []
    for first in [greedy, plan[0]] {
      let plan = [first, second]
      let start = try InitialState.draw(
        student: student, teacher: tasks, N: 60, seed: 5, plan: plan)
      if first.isGreedy {
        runs.append(
          (
            try Equations.run(
              student: student, teacher: tasks, plan: plan, from: start, N: 60, seed: 5,
              monitor: stop), plan
          ))
        continue
      }
      for method in DescentOptions.Method.allCases {
        runs.append(
          (
            try Descent.run(
              student: student, teacher: tasks, plan: plan, from: start, N: 60, seed: 5,
              options: DescentOptions(method: method), monitor: stop), plan
          ))
      }
    }
    for (run, plan) in runs {
      let (about, arrays) = try RunArchive.decode(try RunArchive.encode(run, about: []))
      let blank = Run.blank(
        student: student, teacher: tasks, plan: plan, engine: run.engine, N: 60, seed: 5)
      let copy = try #require(RunArchive.run(blank, about, arrays))
      #expect(run.end.state.task == 1 && copy.end.state == run.end.state)
      #expect(copy.samples == run.samples)
      switch run.engine {
      case .equations:
        #expect(run.samples[9].greedyRate != nil && run.samples.last?.greedyRate == nil)
        #expect(try Equations.resume(copy).samples == Equations.resume(run).samples)
      case .descent:
        #expect(try Descent.resume(copy).samples == Descent.resume(run).samples)
      }
    }
  }

  @Test func structuredInputsAndFiniteSetsComeBack() throws {
    let inputs = Inputs.gaussian(try Spectrum(eigenvalues: [4, 0.25], fractions: [0.3, 0.7]))
    let first = [plan[0]]
    let stop = Monitor { $0.alpha < 2 }
    let start = try InitialState.draw(
      student: student, teacher: teacher, N: 60, seed: 5, plan: first, inputs: inputs)
    var runs = [
      try Equations.run(
        student: student, teacher: teacher, plan: first, from: start, N: 60, seed: 5,
        options: EquationOptions(inputs: inputs), monitor: stop)
    ]
    for method in DescentOptions.Method.allCases {
      runs.append(
        try Descent.run(
          student: student, teacher: teacher, plan: first, from: start, N: 60, seed: 5,
          options: DescentOptions(
            method: method, inputs: inputs,
            trainingData: method == .full ? .gaussian(samples: 70) : nil), monitor: stop))
    }
    for run in runs {
      let (about, arrays) = try RunArchive.decode(try RunArchive.encode(run, about: []))
      let blank = Run.blank(
        student: student, teacher: teacher, plan: first, engine: run.engine, N: 60, seed: 5)
      let copy = try #require(RunArchive.run(blank, about, arrays))
      #expect(run.ending == .interrupted && run.end.state.blocks.count == 2)
      #expect(copy.samples == run.samples && copy.end.state == run.end.state)
      #expect(copy.end.descent?.reducedBlocks == run.end.descent?.reducedBlocks)
      switch run.engine {
      case .equations:
        #expect(try Equations.resume(copy).samples == Equations.resume(run).samples)
      case .descent:
        #expect(try Descent.resume(copy).samples == Descent.resume(run).samples)
      }
    }
  }

  @Test func endingsAreKept() throws {
    var run = try runs()[0]
    run.end.integration = nil
    run.quadratureError = 1e-11
    for ending in [
      Run.Ending.completed,
      .diverged(Divergence(quantity: "v", alpha: 1.5, firstRate: 0.1, secondRate: 1e300)),
    ] {
      run.ending = ending
      let copy = try again(run)
      #expect(copy.ending == ending && copy.end.integration == nil)
      #expect(copy.quadratureError == 1e-11)
    }
  }

  /// A field that is new to a run must be added to `RunArchive.fields`, and here. Fluctuations are
  /// not kept: they follow from the run.
  @Test func everyFieldIsKnown() throws {
    let all = try runs()
    let run = all[0]
    #expect(
      labels(run) == [
        "student", "teacher", "plan", "engine", "N", "seed", "samples", "phaseStarts", "ending",
        "seconds", "end", "keptWeights", "quadratureError", "fluctuations",
      ])
    #expect(
      labels(run.end) == [
        "alpha", "phase", "phaseAlpha", "state", "steps", "descent", "integration",
      ])
    #expect(labels(run.end.state) == ["Q", "R", "T", "v", "vStar", "blocks", "heads", "task"])
    #expect(labels(run.samples[0]) == ["alpha", "error", "state", "trainingError", "greedyRate"])
    #expect(labels(run.end.integration!) == ["numbers", "jacobian", "secondLayer"])
    let descent = try #require(all[1].end.descent)
    #expect(
      labels(descent) == [
        "studentWeights", "teacherWeights", "v", "reduced", "reducedBlocks", "buffers",
      ])
    #expect(labels(all[1].keptWeights[0]) == ["alpha", "w"])
    #expect(labels(try #require(all[2].end.descent?.reduced)) == ["student", "teacher", "buffers"])
    #expect(labels(try #require(descent.buffers)) == ["w", "v"])
  }
}
