import Groundwork
import LearningDynamics
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct EnsembleTests: SimulationSuite {
  let student = Student(hiddenUnits: 2, initialisation: .normal(sd: 0.5))
  let teacher = Teacher(secondLayer: [1, 1], labelNoise: 0.1)
  let usualRate = 0.4

  static func descend(
    _ student: Student, _ teacher: Teacher, _ plan: [Phase], N: Int, seed: UInt64,
    options: DescentOptions = DescentOptions(recording: .logarithmic(points: 40)),
    monitor: Monitor = .none
  ) throws -> Run {
    try simulate(
      student, teacher, plan, N: N, seed: seed, options: options, monitor: monitor)
  }

  func ensemble(
    _ seeds: ClosedRange<UInt64>, threads: Int = 2, plan: [Phase]
  ) throws -> Ensemble {
    let (student, teacher) = (student, teacher)
    return try Ensemble.run(seeds: Array(seeds), threads: threads) { seed, monitor in
      try Self.descend(student, teacher, plan, N: 100, seed: seed, monitor: monitor)
    }
  }

  @Test func threadsDoNotChangeTheResult() throws {
    let one = try ensemble(1...5, threads: 1, plan: plan(5))
    for threads in [2, 4] {
      let many = try ensemble(1...5, threads: threads, plan: plan(5))
      #expect(many.mean == one.mean && many.seeds == [1, 2, 3, 4, 5])
      for (a, b) in zip(one.runs, many.runs) {
        #expect(a.end.descent?.studentWeights == b.end.descent?.studentWeights)
      }
    }
  }

  @Test func meansAndStandardErrors() throws {
    let ensemble = try ensemble(1...4, plan: plan(5))
    let errors = ensemble.runs.map { $0.samples[7].error }
    let mean = errors.reduce(0, +) / 4
    let variance = errors.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 3
    #expect(abs(ensemble.error[7] - mean) < 1e-15)
    #expect(abs(ensemble.errorDeviation[7] - (variance / 4).squareRoot()) < 1e-15)
    let R = ensemble.runs.map { $0.samples[7].state.R[1, 0] }
    #expect(abs(ensemble.mean[7].state.R[1, 0] - R.reduce(0, +) / 4) < 1e-15)

    let single = Ensemble(runs: [ensemble.runs[0]])
    #expect(single.mean == ensemble.runs[0].samples && single.errorDeviation[3].isNaN)
  }

  @Test func runsThatEndEarlyShareTheirCommonPoints() throws {
    var plan = plan(20)
    plan[0].until = { $0.error < 0.03 }
    let ensemble = try ensemble(1...6, plan: plan)
    let ends = ensemble.runs.map(\.end.alpha)
    #expect(Set(ends).count > 1)
    #expect(ensemble.alpha.last! <= ends.min()!)
    #expect(ensemble.alpha == ensemble.runs[0].samples.map(\.alpha).filter { $0 <= ends.min()! })
  }

  struct Failure: Error, Equatable {}

  @Test func theFirstErrorIsReportedWithItsSeed() throws {
    do {
      _ = try Ensemble.run(seeds: [5, 6, 7, 8], threads: 2) { seed, _ in
        if seed >= 6 { throw Failure() }
        return try Self.descend(self.student, self.teacher, self.plan(1), N: 50, seed: seed)
      }
      Issue.record("an error was lost")
    } catch let error as EnsembleError {
      #expect(error.seed == 6 && error.underlying is Failure)
    }
  }

  @Test func interruptionReachesEveryMember() throws {
    let (student, teacher, plan) = (student, teacher, plan(1e5))
    let ensemble = try Ensemble.run(
      seeds: [1, 2, 3], threads: 2, monitor: Monitor { $0.fraction < 1e-3 }
    ) { seed, monitor in
      try Self.descend(student, teacher, plan, N: 100, seed: seed, monitor: monitor)
    }
    #expect(ensemble.runs.allSatisfy { $0.ending == .interrupted })
  }

  // MARK: Comparison

  @Test func comparisonOfARunWithItself() throws {
    let run = try Self.descend(student, teacher, plan(5), N: 100, seed: 1)
    let comparison = try Comparison.of(theory: run, simulation: run)
    #expect(comparison.rows.map(\.quantity) == ["eg", "Q", "R", "v"])
    #expect(comparison.rows.allSatisfy { $0.max == 0 && $0.mean == 0 })
    #expect(comparison.rows.allSatisfy { $0.maxInStandardErrors == nil })
    #expect(comparison.instants == run.samples.count)
  }

  /// The equations at 200 points, interpolated, against themselves at other points.
  @Test(arguments: [10, 1000, 1e5] as [Double])
  func interpolationIsFarBelowAnyScatter(time: Double) throws {
    let start = try InitialState.draw(
      student: student, teacher: teacher, N: 1000, seed: 4, trainsSecondLayer: false)
    let runs = try [200, 317].map {
      try Equations.run(
        student: student, teacher: teacher, plan: plan(time), from: start, N: 1000, seed: 4,
        options: EquationOptions(tolerance: 1e-10, recording: .logarithmic(points: $0)))
    }
    let comparison = try Comparison.of(theory: runs[0], simulation: runs[1])
    for row in comparison.rows { #expect(row.max < 1e-4, "\(row)") }
    for row in comparison.rows { #expect(row.mean < 1e-5, "\(row)") }
  }

  // MARK: Theory

  struct Setting: Sendable, CustomTestStringConvertible {
    var name: String
    var activation = Activation.erf
    var layers = Layers.first
    var noise = 0.0
    var decay = 0.0
    var scale = 1.0
    var rate = 0.4
    var testDescription: String { name }
  }

  /// SGD at N = 2000 against the equations up to α = 20. All 16 seeds have the same overlaps at the
  /// start, so that the scatter is that of SGD alone: means agree within five standard errors at
  /// every instant, and within 1.3 on average (0.8 is expected of pure chance).
  @Test(arguments: [
    Setting(name: "erf"), Setting(name: "linear", activation: .linear, noise: 0.3, rate: 0.3),
    Setting(name: "both layers", layers: .both, noise: 0.1),
    Setting(name: "second layer", layers: .second, noise: 0.3),
    Setting(name: "decay", layers: .both, decay: 0.05), Setting(name: "noise", noise: 1),
    Setting(name: "scale", layers: .both, noise: 0.2, scale: 0.5),
  ])
  func simulationAgreesWithTheory(setting: Setting) throws {
    let student = Student(
      hiddenUnits: 3, activation: setting.activation, initialisation: .normal(sd: 0.7),
      scale: setting.scale)
    let teacher = Teacher(
      activation: setting.activation, secondLayer: [1.5, 0.7], labelNoise: setting.noise,
      weights: .isotropic)
    let plan = plan(
      20, rate: setting.rate, layers: setting.layers, decay: setting.decay)
    let start = try InitialState.draw(
      student: student, teacher: teacher, N: 2000, seed: 1, plan: plan)
    let simulation = try Ensemble.run(seeds: Array(1...16)) { seed, monitor in
      try Descent.run(
        student: student, teacher: teacher, plan: plan, from: start, N: 2000, seed: seed,
        options: DescentOptions(recording: .logarithmic(points: 40)), monitor: monitor)
    }
    let theory = try Equations.run(
      student: student, teacher: teacher, plan: plan, from: start, N: 2000, seed: 1)
    for row in try Comparison.of(theory: theory, simulation: simulation).rows {
      if setting.layers == .first && row.quantity == "v" { continue }
      #expect(try #require(row.maxInStandardErrors) < 5, "\(row)")
      #expect(try #require(row.meanInStandardErrors) < 1.3, "\(row)")
    }
  }

  /// The equations with a batch against SGD with that batch; those of single samples are far off.
  @Test func batchesAgreeWithTheirEquations() throws {
    let student = Student(hiddenUnits: 2, initialisation: .normal(sd: 0.7))
    let teacher = Teacher(secondLayer: [1, 1], labelNoise: 0.5)
    let plan = plan(20, rate: 1)
    let start = try InitialState.draw(
      student: student, teacher: teacher, N: 1000, seed: 1, plan: plan)
    let simulation = try Ensemble.run(seeds: Array(1...16)) { seed, monitor in
      try Descent.run(
        student: student, teacher: teacher, plan: plan, from: start, N: 1000, seed: seed,
        options: DescentOptions(batch: 4, recording: .logarithmic(points: 40)), monitor: monitor)
    }
    for batch in [4, 1] {
      let theory = try Equations.run(
        student: student, teacher: teacher, plan: plan, from: start, N: 1000, seed: 1,
        options: EquationOptions(batch: batch))
      let rows = try Comparison.of(theory: theory, simulation: simulation).rows
      if batch == 1 {
        #expect(try #require(rows[0].maxInStandardErrors) > 15, "\(rows[0])")
        continue
      }
      for row in rows.dropLast() {
        #expect(try #require(row.maxInStandardErrors) < 5, "\(row)")
        #expect(try #require(row.meanInStandardErrors) < 1.4, "\(row)")
      }
    }
  }

  /// An ensemble of equations, run by run from the starts of the simulations, is as close; one with
  /// a learning rate that is wrong by a tenth is not, though the starts scatter by more than that.
  @Test func ensemblesOfBothEnginesAreComparedRunByRun() throws {
    let (student, plan) = (student, plan(10))
    let teacher = Teacher(secondLayer: [1, 1], labelNoise: 0.1, weights: .isotropic)
    let simulation = try Ensemble.run(seeds: Array(1...16)) { seed, monitor in
      try Self.descend(student, teacher, plan, N: 1000, seed: seed, monitor: monitor)
    }
    func theory(_ rate: Double, seeds: [UInt64]) throws -> Ensemble {
      let plan = self.plan(10, rate: rate)
      return try Ensemble.run(seeds: seeds) { seed, monitor in
        try Equations.run(
          student: student, teacher: teacher, plan: plan,
          from: InitialState.draw(
            student: student, teacher: teacher, N: 1000, seed: seed, plan: plan),
          N: 1000, seed: seed, monitor: monitor)
      }
    }
    // The order of the seeds does not matter.
    let right = try theory(0.4, seeds: (1...16).reversed())
    for i in 0..<4 {
      let pair = (right.mean[0].state.T.elements[i], simulation.mean[0].state.T.elements[i])
      #expect(abs(pair.0 - pair.1) < 1e-12)
    }
    let comparison = try Comparison.of(theory: right, simulation: simulation)
    #expect(comparison.isPaired && comparison.instants == simulation.mean.count)
    #expect(comparison.rows.last!.max < 1e-12 && comparison.rows.last!.maxInStandardErrors == 0)
    for row in comparison.rows.dropLast() {
      #expect(try #require(row.maxInStandardErrors) < 5.5, "\(row)")
      #expect(try #require(row.meanInStandardErrors) < 1.4, "\(row)")
    }
    // The difference of the means is the mean of the differences.
    let t = simulation.mean.count - 1
    let others = try Comparison.of(theory: right, simulation: Ensemble(runs: [simulation.runs[0]]))
    #expect(!others.isPaired && others.rows[0].maxInStandardErrors == nil)
    #expect(comparison.rows[0].max >= abs(simulation.error[t] - right.error.last!) - 1e-12)

    let wrong = try Comparison.of(
      theory: theory(0.44, seeds: Array(1...16)), simulation: simulation)
    #expect(try #require(wrong.rows[0].maxInStandardErrors) > 8, "\(wrong.rows[0])")
    #expect(try #require(wrong.rows[0].meanInStandardErrors) > 3, "\(wrong.rows[0])")
    let unpaired = try Comparison.of(
      theory: theory(0.44, seeds: Array(2...17)), simulation: simulation)
    #expect(!unpaired.isPaired)
    #expect(try #require(unpaired.rows[0].maxInStandardErrors) < 8, "\(unpaired.rows[0])")
  }

  /// One linear unit has E = 2 eg with dE/dα = −2ηE + (η²/b)(E + σ²).
  @Test func batchesDivideTheNoiseOfTheGradient() throws {
    let student = Student(hiddenUnits: 1, activation: .linear, initialisation: .zeros)
    let teacher = Teacher(activation: .linear, secondLayer: [1], labelNoise: 0.5)
    for batch in [1, 4, 10] {
      let eta = 0.5
      let noise = eta * eta / Double(batch)
      let plan = plan(12, rate: eta)
      let ensemble = try Ensemble.run(seeds: Array(1...8)) { seed, monitor in
        try Self.descend(
          student, teacher, plan, N: 1000, seed: seed,
          options: DescentOptions(batch: batch, recording: .logarithmic(points: 30)))
      }
      let final = noise * 0.25 / (2 * eta - noise)
      for (mean, deviation) in zip(ensemble.mean, ensemble.standardError) where mean.alpha > 0.1 {
        let expected = (final + (1 - final) * exp(-(2 * eta - noise) * mean.alpha)) / 2
        #expect(abs(mean.error - expected) < 4.5 * deviation.error + 1e-12)
      }
    }
  }
}
