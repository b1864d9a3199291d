import CKernels
import Groundwork
import LearningDynamics
import Synchronization
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Heavy-ball momentum: d ← β d + step, w ← w + d − (κ/N) w (PHYSICS.md, E2).
@Suite struct MomentumTests {
  let teacher = Teacher(secondLayer: [1, 0.7], labelNoise: 0.1, weights: .isotropic)
  let student = Student(hiddenUnits: 3, initialisation: .normal(sd: 0.5))

  func phase(
    _ time: Double, rate: Double = 0.1, layers: Layers = .both, decay: Double = 0,
    momentum: Double
  ) -> Phase {
    Phase(
      time: time, firstRate: .constant(rate), secondRate: .constant(rate / 2), layers: layers,
      decay: .constant(decay), momentum: momentum)
  }

  func simulate(
    _ plan: [Phase], N: Int = 100, seed: UInt64 = 1, options: DescentOptions,
    monitor: Monitor = .none
  ) throws -> Run {
    let start = try InitialState.draw(
      student: student, teacher: teacher, N: Double(N), seed: seed, plan: plan)
    return try Descent.run(
      student: student, teacher: teacher, plan: plan, from: start, N: N, seed: seed,
      options: options, monitor: monitor)
  }

  // MARK: The full method

  /// Erf networks in plain code, with the inputs and the noise that the kernels draw.
  struct Reference {
    var w: [[Double]]
    var v: [Double]
    var d: [[Double]]
    var dv: [Double]
    let wStar: [[Double]]
    let teacher: Teacher

    mutating func step(_ phase: Phase, inputs: [[Float]], noise: [Double]) throws {
      let N = w[0].count, root = Double(N).squareRoot()
      var gw = w.map { $0.map { _ in 0.0 } }, gv = v.map { _ in 0.0 }
      for (x, zeta) in zip(inputs, noise) {
        func field(_ row: [Double]) -> Double {
          zip(row, x).reduce(0) { $0 + $1.0 * Double($1.1) } / root
        }
        let fields = w.map(field)
        let g = fields.map { erf($0 / 2.squareRoot()) }
        var delta = zip(v, g).reduce(0) { $0 + $1.0 * $1.1 } - teacher.labelNoise * zeta
        for (row, vStar) in zip(wStar, teacher.secondLayer) {
          delta -= vStar * erf(field(row) / 2.squareRoot())
        }
        delta /= Double(inputs.count)
        for k in v.indices {
          let slope = (2 / Double.pi).squareRoot() * exp(-fields[k] * fields[k] / 2)
          gv[k] += delta * g[k] / Double(N)
          for i in 0..<N { gw[k][i] += delta * v[k] * slope * Double(x[i]) / root }
        }
      }
      let rates = try phase.rates(at: 0), kappa = try phase.decay(0) / Double(N)
      for k in v.indices {
        if phase.layers.trainFirst {
          for i in 0..<N {
            d[k][i] = phase.momentum * d[k][i] - rates.first * gw[k][i]
            w[k][i] += d[k][i] - kappa * w[k][i]
          }
        }
        if phase.layers.trainSecond {
          dv[k] = phase.momentum * dv[k] - rates.second * gv[k]
          v[k] += dv[k] - kappa * v[k]
        }
      }
    }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var N = 50
    var layers = Layers.both
    var batch = 1
    var decay = 0.0
    var beta = 0.9
    var precision = DescentOptions.Precision.float64
    var testDescription: String { "N=\(N) \(layers) b=\(batch) κ=\(decay) β=\(beta) \(precision)" }
  }

  /// Three phases, of which the second has no momentum and the third another: buffers are cleared
  /// where a phase begins.
  @Test(arguments: [
    Case(), Case(N: 97, layers: .first, decay: 0.2), Case(layers: .second, beta: 0.5),
    Case(N: 64, batch: 3, decay: 0.1), Case(N: 33, layers: .first, batch: 6, beta: 0.5),
    Case(N: 70, precision: .float32), Case(N: 40, batch: 2, precision: .float32),
  ])
  func agreesWithPlainCode(test: Case) throws {
    let N = test.N
    func part(_ steps: Int, _ beta: Double) -> Phase {
      phase(
        Double(steps) / Double(N), layers: test.layers, decay: test.decay, momentum: beta)
    }
    let lengths = [60, 25, 40]
    let plan = [part(60, test.beta), part(25, 0), part(40, test.beta / 2)]
    let run = try simulate(
      plan, N: N, seed: 3,
      options: DescentOptions(
        batch: test.batch, precision: test.precision, recording: .logarithmic(points: 10),
        keepWeights: [0]))
    let end = try #require(run.end.descent)
    func rows(_ flat: [Double]) -> [[Double]] {
      stride(from: 0, to: flat.count, by: N).map { Array(flat[$0..<$0 + N]) }
    }
    let w = rows(run.keptWeights[0].w.elements)
    var reference = Reference(
      w: w, v: run.samples[0].state.v, d: [], dv: [], wStar: rows(end.teacherWeights),
      teacher: teacher)
    var zetas = [Float](repeating: 0, count: 4096)
    tss_gaussians(0, 3, 0x8000_0000, 0, &zetas, 4096)
    var step = 0
    for (phase, length) in zip(plan, lengths) {
      reference.d = w.map { $0.map { _ in 0 } }
      reference.dv = [0, 0, 0]
      for _ in 0..<length {
        let inputs = (0..<test.batch).map { sample in
          var x = [Float](repeating: 0, count: N)
          tss_gaussians(
            InstructionSet.best.rawValue, 3, UInt32(sample), UInt64(step), &x, Int64(N))
          return x
        }
        let noise = (0..<test.batch).map { Double(zetas[step * test.batch + $0]) }
        try reference.step(phase, inputs: inputs, noise: noise)
        step += 1
      }
    }
    let tolerance = test.precision == .float64 ? 1e-11 : 1e-4
    let buffers = try #require(end.buffers)
    func expectClose(_ a: [Double], _ b: [Double]) {
      #expect((zip(a, b).map { abs($0 - $1) }.max() ?? .infinity) < tolerance)
    }
    expectClose(end.studentWeights, reference.w.flatMap { $0 })
    expectClose(buffers.w, reference.d.flatMap { $0 })
    expectClose(end.v, reference.v)
    expectClose(buffers.v, reference.dv)
  }

  // MARK: The same bits

  func expectSameBits(_ a: Run, _ b: Run, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(a.samples == b.samples, sourceLocation: sourceLocation)
    let (x, y) = (a.end.descent, b.end.descent)
    #expect(x?.studentWeights == y?.studentWeights, sourceLocation: sourceLocation)
    #expect(x?.reduced == y?.reduced && x?.v == y?.v, sourceLocation: sourceLocation)
    #expect(x?.buffers == y?.buffers && x?.buffers != nil, sourceLocation: sourceLocation)
    #expect(a.end.steps == b.end.steps && a.phaseStarts == b.phaseStarts)
  }

  func stopping(after count: Int) -> Monitor {
    let asked = DescentTests.Box()
    return Monitor { _ in asked.next() <= count }
  }

  @Test(arguments: DescentOptions.Method.allCases, [1, 5])
  func resumedRunsHaveTheBitsOfUninterruptedOnes(
    method: DescentOptions.Method, batch: Int
  ) throws {
    var plan = [
      phase(6, momentum: 0.9), phase(3, layers: .first, decay: 0.1, momentum: 0),
      phase(6, layers: .second, momentum: 0.5), phase(5, momentum: 0.5),
    ]
    plan[0].firstRate = .function { 0.1 / (1 + $0) }
    let options = DescentOptions(
      batch: batch, recording: .logarithmic(points: 15), method: method)
    let whole = try simulate(plan, options: options)
    for questions in [0, 1, 4, 9] {
      var run = try simulate(plan, options: options, monitor: stopping(after: questions))
      #expect(run.ending == .interrupted && run.end.steps < 2000)
      run = try Descent.resume(run, monitor: stopping(after: 3))
      expectSameBits(try Descent.resume(run), whole)
    }
    // Trained on, the last phase keeps its buffers.
    plan[3].time = 2
    let short = try simulate(
      plan, options: DescentOptions(batch: batch, recording: .at([1, 16]), method: method))
    plan[3].time = 5
    expectSameBits(
      try Descent.resume(short, extraTime: 3),
      try simulate(
        plan, options: DescentOptions(batch: batch, recording: .at([1, 16]), method: method)))
  }

  @Test(arguments: [1, 4]) func everyInstructionSetAndEveryLaneGivesTheSameBits(batch: Int) throws {
    for (K, M, N) in [(3, 2, 8), (4, 4, 1000), (9, 3, 400)] {
      let student = Student(hiddenUnits: K, initialisation: .normal(sd: 0.5))
      let teacher = Teacher(
        secondLayer: .init(repeating: 1, count: M), labelNoise: 0.1, weights: .isotropic)
      var plan = [
        phase(200 / Double(N), decay: 0.01, momentum: 0.9),
        phase(50 / Double(N), layers: .second, momentum: 0.9),
        phase(70 / Double(N), layers: .first, momentum: 0),
        phase(50 / Double(N), layers: .first, momentum: 0.3),
      ]
      plan[0].until = { $0.alpha > 0 && $0.error < 0.5 }
      for method in DescentOptions.Method.allCases {
        func run(_ seeds: [UInt64], _ set: InstructionSet, threads: Int) throws -> [Run] {
          try Descent.runEnsemble(
            student: student, teacher: teacher, plan: plan, N: N, seeds: seeds,
            options: DescentOptions(
              batch: batch, recording: .logarithmic(points: 20), instructionSet: set,
              method: method), threads: threads
          ).runs
        }
        let seeds = Array(1...5 as ClosedRange<UInt64>)
        let alone = try seeds.flatMap { try run([$0], .portable, threads: 1) }
        for set in InstructionSet.supported {
          for (a, b) in zip(try run(seeds, set, threads: 1), alone) { expectSameBits(a, b) }
        }
      }
    }
  }

  // MARK: The course of a run

  /// The second phase has no rate: what the first has left in the buffer does not move it.
  @Test(arguments: DescentOptions.Method.allCases, [1, 3])
  func buffersAreClearedWhereAPhaseBegins(method: DescentOptions.Method, batch: Int) throws {
    let options = DescentOptions(batch: batch, recording: .at([4, 7]), method: method)
    let run = try simulate(
      [phase(4, momentum: 0.9), phase(3, rate: 0, momentum: 0.9)], options: options)
    let (a, b) = (run.samples[0].state, run.samples[1].state)
    #expect(a.v == b.v)
    for (x, y) in zip(a.Q.elements + a.R.elements, b.Q.elements + b.R.elements) {
      #expect(abs(x - y) < 1e-12)
    }
    // A rate that falls to zero within a phase leaves the ball rolling.
    var rolling = phase(7, momentum: 0.9)
    rolling.firstRate = .function { $0 < 4 ? 0.1 : 0 }
    rolling.secondRate = rolling.firstRate
    let rolled = try simulate([rolling], options: options)
    #expect(rolled.samples[0].state.v != rolled.samples[1].state.v)
    #expect(abs(rolled.samples[0].state.Q[0, 0] - rolled.samples[1].state.Q[0, 0]) > 1e-6)
  }

  @Test func impossibleSettingsAreErrors() throws {
    let full = DescentOptions(), reduced = DescentOptions(method: .reduced)
    for beta in [-0.1, 1, .nan] {
      #expect(throws: TrainingError.self) {
        try simulate([phase(1, momentum: beta)], options: full)
      }
    }
    #expect(throws: TrainingError.dimensionTooSmallForMomentum(N: 7, needed: 8)) {
      try simulate([phase(1, momentum: 0.5)], N: 7, options: reduced)
    }
    #expect(try simulate([phase(1, momentum: 0)], N: 7, options: reduced).ending == .completed)
    #expect(try simulate([phase(1, momentum: 0.5)], N: 7, options: full).ending == .completed)
  }

  // MARK: The equations

  /// The equations know momentum as a rate over 1 − β, for both layers, and not the decay.
  @Test func equationsTakeTheRateOverOneMinusMomentum() throws {
    func run(_ phase: Phase) throws -> Run {
      let start = try InitialState.draw(
        student: student, teacher: teacher, N: 100, seed: 1, plan: [phase])
      return try Equations.run(
        student: student, teacher: teacher, plan: [phase], from: start,
        options: EquationOptions(recording: .at([5, 20])))
    }
    let with = try run(phase(20, rate: 0.125, decay: 0.1, momentum: 0.75))
    let without = try run(phase(20, rate: 0.5, decay: 0.1, momentum: 0))
    #expect(with.samples == without.samples)
    #expect(try FixedPoint(of: with).error == FixedPoint(of: without).error)
  }

  /// Runs with momentum at large N against the equations, all from one start, so that the scatter
  /// is that of SGD: means within 4.5 standard errors at every instant.
  @Test(arguments: [(0.5, 1, 0.0), (0.9, 1, 0.2), (0.9, 3, 0.0)])
  func equationsDescribeTheSimulation(beta: Double, batch: Int, decay: Double) throws {
    let plan = [phase(6, rate: 0.8 * (1 - beta), decay: decay, momentum: beta)]
    let N = 10_000
    let start = try InitialState.draw(
      student: student, teacher: teacher, N: Double(N), seed: 1, plan: plan)
    let times = [0.5, 2, 4, 6]
    let simulation = try Descent.runEnsemble(
      student: student, teacher: teacher, plan: plan, N: N, seeds: Array(1...16),
      from: { _ in start },
      options: DescentOptions(batch: batch, recording: .at(times), method: .reduced))
    func deviation(_ momentum: Double) throws -> Double {
      var plan = plan
      plan[0].momentum = momentum
      let theory = try Equations.run(
        student: student, teacher: teacher, plan: plan, from: start,
        options: EquationOptions(recording: .at(times), batch: batch))
      return try Comparison.of(theory: theory, simulation: simulation).rows
        .compactMap(\.maxInStandardErrors).max() ?? .infinity
    }
    #expect(try deviation(beta) < 4.5)
    #expect(try deviation(beta - 0.1) > 20)
  }
}
