import Groundwork
import LearningDynamics
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Label noise that is a function of α.
@Suite struct NoiseScheduleTests {
  let student = Student(hiddenUnits: 2, initialisation: .normal(sd: 0.5))

  func plan(_ times: [Double], layers: Layers = .both) -> [Phase] {
    times.map {
      Phase(
        time: $0, firstRate: .constant(0.4), secondRate: .constant(0.2), layers: layers)
    }
  }

  func simulate(_ teacher: Teacher, _ plan: [Phase], _ options: DescentOptions) throws -> Ensemble {
    try Descent.runEnsemble(
      student: student, teacher: teacher, plan: plan, N: 100, seeds: [1, 2, 3, 4], options: options,
      threads: 1)
  }

  /// Alone, in lanes and in batches a constant function has the bits of the constant, and one that
  /// changes at a step has those of a run whose teacher is exchanged there.
  @Test(arguments: DescentOptions.Method.allCases, [1, 3])
  func stepsHaveTheirOwnNoise(method: DescentOptions.Method, batch: Int) throws {
    let options = DescentOptions(batch: batch, recording: .at([0.37, 1.5, 3]), method: method)
    let constant = Teacher(secondLayer: [1, 1], labelNoise: 0.3)
    var function = constant
    function.labelNoise = 7
    function.noiseSchedule = NoiseSchedule { _ in 0.3 }
    let expected = try simulate(constant, plan([3]), options)
    // α counts from the beginning of the run, not of the phase.
    for plan in [plan([3]), plan([1, 2])] {
      let found = try simulate(function, plan, options)
      for (a, b) in zip(found.runs, expected.runs) { #expect(a.samples == b.samples) }
    }
    // The noise falls at step 151, whose α is 1.5.
    let falling = Teacher(
      secondLayer: [1, 1], noiseSchedule: NoiseSchedule { $0 < 1.495 ? 0.3 : 0 })
    for plan in [plan([3]), plan([1, 2])] {
      let found = try simulate(falling, plan, options)
      for (a, b) in zip(found.runs, expected.runs) {
        #expect(a.samples[1] == b.samples[1] && a.samples[2] != b.samples[2])
      }
    }
    let alone = try Descent.runEnsemble(
      student: student, teacher: falling, plan: plan([3]), N: 100, seeds: [2], options: options)
    let lanes = try simulate(falling, plan([1, 2]), options)
    #expect(alone.runs[0].samples == lanes.runs[1].samples)
  }

  /// One linear unit has E = 2 eg with dE/dα = −λ E + η² σ², λ = 2η − η²; with σ = s e^(−α/τ),
  /// E = (1 − A) e^(−λα) + A e^(−2α/τ) from E = 1, A = η² s²/(λ − 2/τ).
  @Test func oneLinearUnitIsSolvedByHand() throws {
    let student = Student(hiddenUnits: 1, activation: .linear, initialisation: .zeros)
    let teacher = Teacher(
      activation: .linear, secondLayer: [1], noiseSchedule: NoiseSchedule { 2 * exp(-$0 / 5) })
    let eta = 0.5, lambda = 2 * eta - eta * eta
    let A = eta * eta * 4 / (lambda - 2.0 / 5)
    func exact(_ alpha: Double) -> Double {
      ((1 - A) * exp(-lambda * alpha) + A * exp(-2 * alpha / 5)) / 2
    }
    let phases = [3.0, 9].map {
      Phase(time: $0, firstRate: .constant(eta), secondRate: .constant(0))
    }
    let times = [0.5, 2, 4, 8, 12]
    let start = try InitialState.draw(
      student: student, teacher: teacher, N: 1000, seed: 1, plan: phases)
    let theory = try Equations.run(
      student: student, teacher: teacher, plan: phases, from: start,
      options: EquationOptions(recording: .at(times)))
    for sample in theory.samples {
      #expect(abs(sample.error / exact(sample.alpha) - 1) < 1e-6)
    }
    for (method, N) in [(DescentOptions.Method.full, 1000), (.reduced, 20_000)] {
      let ensemble = try Descent.runEnsemble(
        student: student, teacher: teacher, plan: phases, N: N, seeds: Array(1...16),
        options: DescentOptions(recording: .at(times), method: method))
      for (mean, deviation) in zip(ensemble.mean, ensemble.errorDeviation) {
        #expect(abs(mean.error - exact(mean.alpha)) < 4.5 * deviation, "\(method) \(mean.alpha)")
      }
    }
  }

  @Test func badNoiseIsAnErrorThatNamesAlpha() throws {
    for bad in [-1, Double.nan] {
      let teacher = Teacher(
        secondLayer: [1, 1], noiseSchedule: NoiseSchedule { $0 < 1 ? 0.1 : bad })
      for method in DescentOptions.Method.allCases {
        #expect(throws: EnsembleError.self) {
          try simulate(teacher, plan([3]), DescentOptions(method: method))
        }
      }
      let start = try InitialState.draw(
        student: student, teacher: teacher, N: 100, seed: 1, plan: plan([3]))
      do {
        _ = try Equations.run(student: student, teacher: teacher, plan: plan([3]), from: start)
        Issue.record("no error")
      } catch TrainingError.invalid(let words) {
        #expect(words.contains("at α = "))
      }
    }
  }

  /// Theory takes the noise of the run's end, or says that it needs one number.
  @Test func theoryTakesTheNoiseOfTheEnd() throws {
    let student = Student(hiddenUnits: 2, initialisation: .informed(noise: 0))
    let fading = Teacher(
      secondLayer: [1, 1], noiseSchedule: NoiseSchedule { $0 < 100 ? 0.3 : 0.1 })
    let start = try InitialState.draw(
      student: student, teacher: fading, N: 100, seed: 1, plan: plan([400], layers: .first))
    let run = try Equations.run(
      student: student, teacher: fading, plan: plan([400], layers: .first), from: start)
    let still = Teacher(secondLayer: [1, 1], labelNoise: 0.1)
    let same = try Equations.run(
      student: student, teacher: still, plan: plan([400], layers: .first), from: start)
    #expect(abs(try FixedPoint(of: run).error / FixedPoint(of: same).error - 1) < 1e-9)
    #expect(throws: TheoryError.self) {
      try AsymptoticError(student: student, teacher: fading, learningRate: 0.4)
    }
    #expect(try StableRate.of(student: student, teacher: fading) > 2.3)
  }
}
