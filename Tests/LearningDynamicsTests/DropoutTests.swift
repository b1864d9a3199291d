import Groundwork
import LearningDynamics
import Testing

/// Dropout of hidden units: every sample is learnt by those that are left (PHYSICS.md, E5).
@Suite struct DropoutTests {
  let teacher = Teacher(secondLayer: [1, 0.7], labelNoise: 0.3)
  let student = Student(hiddenUnits: 3, initialisation: .normal(sd: 0.7))

  func phase(_ time: Double = 0, dropout: Double, rate: Double = 0.4) -> Phase {
    Phase(
      time: time, firstRate: .constant(rate), secondRate: .constant(rate), layers: .both,
      decay: .constant(0.05), dropout: dropout)
  }

  /// The equations are the average of those of all 2^K masks, each with r_k v_k for v_k.
  @Test(arguments: [Activation.erf, .linear, .relu, .quadratic])
  func equationsAverageOverAllMasks(activation: Activation) throws {
    var (student, teacher) = (student, teacher)
    (student.activation, teacher.activation, student.scale) = (activation, activation, 0.8)
    let q = 0.3
    var state = try InitialState.draw(
      student: student, teacher: teacher, N: 40, seed: 7, trainsSecondLayer: true)
    state.v = [1.1, -0.6, 0.4]
    let rates = try OrderParameterRates(
      student: student, teacher: teacher, state: state, phase: phase(dropout: q), batch: 2)
    var expected = [Double](repeating: 0, count: rates.dQ.elements.count + 6 + 3)
    for mask in 0..<8 {
      let r = (0..<3).map { mask >> $0 & 1 == 1 ? 1.0 : 0 }
      var masked = state
      masked.v = zip(r, state.v).map(*)
      // What decays does so whatever the mask.
      var phase = phase(dropout: 0)
      phase.decay = .constant(0)
      let part = try OrderParameterRates(
        student: student, teacher: teacher, state: masked, phase: phase, batch: 2)
      let dv = zip(r, part.dv).map(*)
      let weight = r.reduce(1) { $0 * ($1 == 1 ? 1 - q : q) }
      for (i, rate) in (part.dQ.elements + part.dR.elements + dv).enumerated() {
        expected[i] += weight * rate
      }
    }
    let decayed =
      state.Q.elements.map { 2 * $0 } + state.R.elements + state.v
    for (i, rate) in (rates.dQ.elements + rates.dR.elements + rates.dv).enumerated() {
      #expect(abs(rate - (expected[i] - 0.05 * decayed[i])) < 1e-12)
    }
    var whole = student
    whole.scale *= 1 - q
    let error = state.generalisationError(student: whole, teacher: teacher)
    #expect(abs(rates.error - error) < 1e-13)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var method: DescentOptions.Method
    var batch = 1
    var isStructured = false
    var testDescription: String { "\(method) b=\(batch)\(isStructured ? " structured" : "")" }
  }

  @Test(arguments: [
    Case(method: .full), Case(method: .full, batch: 3), Case(method: .reduced),
    Case(method: .reduced, batch: 3), Case(method: .reduced, isStructured: true),
    Case(method: .full, isStructured: true),
  ])
  func simulationsFollowTheEquations(test: Case) throws {
    let inputs =
      test.isStructured
      ? Inputs.gaussian(try Spectrum(eigenvalues: [1.6, 0.4], fractions: [0.5, 0.5])) : .isotropic
    let plan = [phase(2, dropout: 0.4), phase(3, dropout: 0.1)], N = 300
    let seeds = (1...16).map { UInt64($0) }
    let at = Recording.at([0.5, 1, 2, 3, 5])
    let (student, teacher) = (student, teacher)
    let simulated = try Descent.runEnsemble(
      student: student, teacher: teacher, plan: plan, N: N, seeds: seeds,
      options: DescentOptions(
        batch: test.batch, recording: at, method: test.method, inputs: inputs))
    let theory = try Ensemble.run(seeds: seeds) { seed, monitor in
      try Equations.run(
        student: student, teacher: teacher, plan: plan,
        from: InitialState.draw(
          student: student, teacher: teacher, N: Double(N), seed: seed, plan: plan, inputs: inputs),
        options: EquationOptions(recording: at, batch: test.batch, inputs: inputs),
        monitor: monitor)
    }
    for row in try Comparison.of(theory: theory, simulation: simulated).rows {
      #expect(try #require(row.maxInStandardErrors) < 4.5, "\(row.quantity)")
      #expect(try #require(row.meanInStandardErrors) < 1.8, "\(row.quantity)")
    }
  }

  /// Masks are keyed by seed and sample: the same bits on every instruction set, alone and in lanes,
  /// with and without a stop on the way.
  @Test(arguments: DescentOptions.Method.allCases, [1, 3])
  func bitsDependOnTheSeedAlone(method: DescentOptions.Method, batch: Int) throws {
    let plan = [phase(3, dropout: 0.5), phase(2, dropout: 0)]
    func options(_ set: InstructionSet) -> DescentOptions {
      DescentOptions(
        batch: batch, recording: .at([1, 3, 5]), instructionSet: set, method: method)
    }
    let run = try simulate(student, teacher, plan, N: 60, seed: 4, options: options(.best))
    let plain = try simulate(student, teacher, plan, N: 60, seed: 4, options: options(.portable))
    #expect(run.samples == plain.samples)
    let members = try Descent.runEnsemble(
      student: student, teacher: teacher, plan: plan, N: 60, seeds: Array(1...9),
      options: options(.best), threads: 1)
    #expect(members.runs[3].samples == run.samples)
    let part = try simulate(
      student, teacher, plan, N: 60, seed: 4, options: options(.best),
      monitor: Monitor { $0.alpha < 1.5 })
    #expect(part.ending == .interrupted)
    #expect(try Descent.resume(part).samples == run.samples)
    let without = try simulate(
      student, teacher, [phase(5, dropout: 0)], N: 60, seed: 4, options: options(.best))
    #expect(without.samples[0].state != run.samples[0].state)
  }

  /// Of a finite set, too, the whole network is tested, with its output times 1 - q.
  @Test func trainingErrorIsThatOfTheWholeNetwork() throws {
    let data = TrainingData.gaussian(samples: 50)
    let none = [phase(0, dropout: 0)], some = [phase(0, dropout: 0.5)]
    var half = student
    half.scale = 0.5
    let options = DescentOptions(recording: .at([0]), trainingData: data)
    let a = try simulate(half, teacher, none, N: 30, options: options)
    let b = try simulate(student, teacher, some, N: 30, options: options)
    #expect(a.samples[0].error == b.samples[0].error)
    let (x, y) = (a.samples[0].trainingError!, b.samples[0].trainingError!)
    #expect(abs(x - y) < 1e-12 * x)
  }

  @Test func impossibleDropoutIsRefused() {
    for q in [1, -0.1, .nan] {
      #expect(throws: TrainingError.self) {
        try simulate(student, teacher, [phase(1, dropout: q)])
      }
    }
    var greedy = phase(1, dropout: 0.2)
    (greedy.firstRate, greedy.secondRate) = (.greedy, .greedy)
    #expect(throws: TrainingError.self) {
      try Equations.run(
        student: student, teacher: teacher, plan: [greedy],
        from: InitialState.draw(
          student: student, teacher: teacher, N: 100, seed: 1, plan: [greedy]))
    }
  }
}
