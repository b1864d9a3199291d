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

@Suite struct DescentTests: SimulationSuite {
  let teacher = Teacher(secondLayer: [1, 0.7], labelNoise: 0.1)
  let student = Student(hiddenUnits: 3, initialisation: .normal(sd: 0.5))

  // MARK: The realisation of overlaps

  @Test(arguments: [
    Student.Initialisation.normal(sd: 1), .normal(sd: 1e-6), .informed(noise: 0),
    .informed(noise: 1e-9), .denoise(noise: 0), .mixed, .zeros,
  ])
  func overlapsAreRealised(initialisation: Student.Initialisation) throws {
    for N in [7, 50, 784] {
      for weights in [Teacher.Weights.isotropic, .graded, .orthonormal] {
        let teacher = Teacher(secondLayer: [1, 1, 1], weights: weights)
        let student = Student(hiddenUnits: 4, initialisation: initialisation)
        let start = try InitialState.draw(
          student: student, teacher: teacher, N: Double(N), seed: 5, trainsSecondLayer: false)
        let run = try Descent.run(
          student: student, teacher: teacher, plan: [], from: start, N: N, seed: 5,
          options: DescentOptions(recording: .at([0])))
        let state = try #require(run.samples.first).state
        #expect(worst(state.Q, start.Q) < 1e-12)
        #expect(worst(state.R, start.R) < 1e-12)
        #expect(state.T == start.T)
        let w = try #require(run.end.descent).teacherWeights
        for n in 0..<3 {
          for m in 0..<3 {
            let dot = (0..<N).reduce(0.0) { $0 + w[n * N + $1] * w[m * N + $1] } / Double(N)
            #expect(abs(dot - start.T[n, m]) < 1e-12)
          }
        }
      }
    }
  }

  func worst(_ a: Matrix, _ b: Matrix) -> Double {
    zip(a.elements, b.elements).map { abs($0 - $1) }.max() ?? 0
  }

  // MARK: The steps

  /// What the kernels compute, once more in plain code: naive sums, the C library's erf and exp.
  struct Reference {
    var w: [[Double]]
    var v: [Double]
    let student: Student
    let teacher: Teacher
    let wStar: [[Double]]

    func g(_ activation: Activation, _ x: Double) -> (Double, Double) {
      switch activation {
      case .linear: (x, 1)
      case .erf: (erf(x / 2.squareRoot()), (2 / Double.pi).squareRoot() * exp(-x * x / 2))
      case .relu: x > 0 ? (x, 1) : (0, 0)
      case .quadratic: (x * x, 2 * x)
      case .sign: (x > 0 ? 1 : x < 0 ? -1 : 0, 0)
      case .custom: (tanh(x), 1 / (cosh(x) * cosh(x)))
      }
    }

    mutating func step(
      inputs: [[Float]], noise: [Double], eta: Double, decay: Double, layers: Layers
    ) {
      let N = w[0].count
      let root = Double(N).squareRoot()
      var dw = w.map { $0.map { _ in 0.0 } }
      var dv = v.map { _ in 0.0 }
      for (x, zeta) in zip(inputs, noise) {
        func field(_ row: [Double]) -> Double {
          zip(row, x).reduce(0) { $0 + $1.0 * Double($1.1) } / root
        }
        let hidden = w.map { g(student.activation, field($0)) }
        var delta = student.scale * zip(v, hidden).reduce(0) { $0 + $1.0 * $1.1.0 }
        for (row, vStar) in zip(wStar, teacher.secondLayer) {
          delta -= teacher.scale * vStar * g(teacher.activation, field(row)).0
        }
        delta -= teacher.labelNoise * zeta
        for k in v.indices {
          let factor = student.scale * delta * eta / Double(inputs.count)
          dv[k] += factor / Double(N) * hidden[k].0
          for i in 0..<N { dw[k][i] += factor / root * v[k] * hidden[k].1 * Double(x[i]) }
        }
      }
      for k in v.indices {
        if layers.trainFirst {
          for i in 0..<N { w[k][i] -= dw[k][i] + decay / Double(N) * w[k][i] }
        }
        if layers.trainSecond { v[k] -= dv[k] + decay / Double(N) * v[k] }
      }
    }
  }

  static let tangent = CustomActivation(name: "tanh") { x, count, g, dg in
    for i in 0..<count { (g[i], dg[i]) = (tanh(x[i]), 1 / (cosh(x[i]) * cosh(x[i]))) }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var K = 3
    var M = 2
    var N = 50
    var activation = Activation.erf
    var other: Activation?
    var layers = Layers.first
    var decay = 0.0
    var batch = 1
    var scale = 1.0
    var testDescription: String {
      "K=\(K) M=\(M) N=\(N) \(activation) \(other ?? activation) \(layers) decay=\(decay) batch=\(batch) scale=\(scale)"
    }
  }

  @Test(arguments: [
    Case(), Case(N: 97, layers: .both, decay: 0.01), Case(N: 64, activation: .linear),
    Case(K: 1, M: 1, N: 33, layers: .second), Case(K: 9, M: 5, N: 130, layers: .both, scale: 0.5),
    Case(K: 4, M: 4, N: 48, layers: .both, decay: 0.1, batch: 7),
    Case(activation: .relu, layers: .both), Case(N: 80, activation: .quadratic, scale: 0.3),
    Case(K: 5, N: 90, activation: .erf, other: .sign, batch: 3),
    Case(N: 70, activation: .custom(DescentTests.tangent), layers: .both),
    Case(K: 6, M: 3, N: 70, activation: .relu, other: .custom(DescentTests.tangent), batch: 6),
    Case(K: 5, M: 1, N: 1023, batch: 4), Case(K: 11, M: 3, N: 512, activation: .linear, batch: 3),
  ])
  func agreesWithPlainCode(test: Case) throws {
    let student = Student(
      hiddenUnits: test.K, activation: test.activation,
      secondLayer: .values((0..<test.K).map { 0.5 + 0.1 * Double($0) }),
      initialisation: .normal(sd: 0.4), scale: test.scale)
    let teacher = Teacher(
      activation: test.other ?? test.activation,
      secondLayer: (0..<test.M).map { 1 - 0.2 * Double($0) },
      labelNoise: 0.2, scale: test.scale)
    let steps = 150
    let N = test.N
    let plan = plan(
      Double(steps) / Double(N), rate: 0.1, layers: test.layers, decay: test.decay)
    let options = DescentOptions(
      batch: test.batch, recording: .logarithmic(points: 10), keepWeights: [0])
    let run = try simulate(student, teacher, plan, N: N, seed: 3, options: options)
    let end = try #require(run.end.descent)
    #expect(run.end.steps == steps)

    func rows(_ flat: [Double]) -> [[Double]] {
      stride(from: 0, to: flat.count, by: N).map { Array(flat[$0..<$0 + N]) }
    }
    var reference = Reference(
      w: rows(run.keptWeights[0].w.elements), v: run.samples[0].state.v, student: student,
      teacher: teacher, wStar: rows(end.teacherWeights))
    for step in 0..<steps {
      let inputs = (0..<test.batch).map { sample in
        var x = [Float](repeating: 0, count: N)
        tss_gaussians(InstructionSet.best.rawValue, 3, UInt32(sample), UInt64(step), &x, Int64(N))
        return x
      }
      let noise = (0..<test.batch).map { sample in
        var block = [Float](repeating: 0, count: 4096)
        tss_gaussians(0, 3, 0x8000_0000, 0, &block, 4096)
        return Double(block[step * test.batch + sample])
      }
      reference.step(
        inputs: inputs, noise: noise, eta: 0.1, decay: test.decay, layers: test.layers)
    }
    let w = rows(end.studentWeights)
    for k in 0..<test.K {
      #expect(abs(end.v[k] - reference.v[k]) < 1e-10)
      let difference = zip(w[k], reference.w[k]).map { abs($0 - $1) }.max()!
      #expect(difference < 1e-10)
    }
  }

  // MARK: The same bits

  func expectSameBits(_ a: Run, _ b: Run) {
    #expect(a.samples == b.samples)
    #expect(a.end.descent?.studentWeights == b.end.descent?.studentWeights)
    #expect(a.end.descent?.v == b.end.descent?.v)
    #expect(a.end.steps == b.end.steps && a.end.phase == b.end.phase)
    #expect(a.phaseStarts == b.phaseStarts && a.keptWeights == b.keptWeights)
  }

  @Test(arguments: DescentOptions.Precision.allCases, [1, 6])
  func everyInstructionSetGivesTheSameBits(
    precision: DescentOptions.Precision, batch: Int
  ) throws {
    let activations: [Activation] = [.custom(Self.tangent), .relu, .erf, .quadratic]
    for ((K, N), g) in zip([(1, 17), (3, 100), (8, 513), (13, 4100)], activations) {
      let student = Student(
        hiddenUnits: K, activation: g, initialisation: .normal(sd: 0.5),
        scale: g == .quadratic ? 0.1 : 1)
      let runs = try InstructionSet.supported.map { set in
        try simulate(
          student, teacher, plan(400 / Double(N), layers: .both, decay: 0.01), N: N,
          options: DescentOptions(
            batch: batch, precision: precision, recording: .logarithmic(points: 12),
            instructionSet: set))
      }
      for run in runs.dropFirst() { expectSameBits(run, runs[0]) }
    }
  }

  @Test(arguments: [1, 3])
  func whatIsRecordedDoesNotChangeTheRun(batch: Int) throws {
    let runs = try [Recording.logarithmic(points: 300), .at([0.1, 3.3]), .at([])].map {
      try simulate(
        student, teacher, plan(8, layers: .both),
        options: DescentOptions(batch: batch, recording: $0))
    }
    for run in runs {
      #expect(run.end.descent?.studentWeights == runs[0].end.descent?.studentWeights)
      #expect(run.end.descent?.v == runs[0].end.descent?.v)
    }
    #expect(runs[1].samples.map(\.alpha) == [0.1, 3.3])
  }

  /// Stops after so many questions.
  func stopping(after count: Int) -> Monitor {
    let asked = Box()
    return Monitor { _ in asked.next() <= count }
  }

  final class Box: Sendable {
    let count = Mutex(0)
    func next() -> Int {
      count.withLock {
        $0 += 1
        return $0
      }
    }
  }

  @Test(arguments: [1, 5], [0, 1, 4, 9])
  func resumedRunsHaveTheBitsOfUninterruptedOnes(batch: Int, questions: Int) throws {
    var plan = plan(6, layers: .both) + plan(9, rate: 0.1, decay: 0.02)
    plan[0].firstRate = .function { 0.3 / (1 + $0) }
    let options = DescentOptions(
      batch: batch, recording: .logarithmic(points: 15), keepWeights: [0, 2.5, 11])
    let whole = try simulate(student, teacher, plan, options: options)
    #expect(whole.ending == .completed && whole.phaseStarts == [0, 6])
    #expect(whole.keptWeights.map(\.alpha) == [0, 2.5, 11])
    var run = try simulate(
      student, teacher, plan, options: options, monitor: stopping(after: questions))
    #expect(run.ending == .interrupted && run.end.steps < 1500)
    run = try Descent.resume(run, monitor: stopping(after: 3))
    run = try Descent.resume(run)
    #expect(run.ending == .completed)
    expectSameBits(run, whole)
  }

  @Test func extraTimeContinuesTheLastPhase() throws {
    let whole = try simulate(student, teacher, plan(10), options: .init(recording: .at([2, 7])))
    let half = try simulate(student, teacher, plan(4), options: .init(recording: .at([2, 7])))
    let run = try Descent.resume(half, extraTime: 6)
    expectSameBits(run, whole)
  }

  // MARK: The course of a run

  @Test func conditionsEndPhasesAtRecordedPoints() throws {
    var plan = plan(50)
    plan[0].until = { $0.error < 0.2 && $0.past.count > 1 }
    plan += self.plan(5)
    let run = try simulate(
      student, teacher, plan, N: 500, options: DescentOptions(recording: .logarithmic(points: 100)))
    let met = try #require(run.samples.dropFirst().first { $0.error < 0.2 })
    #expect(run.phaseStarts == [0, met.alpha])
    #expect(run.end.steps == Int((met.alpha * 500).rounded()) + 2500)
    #expect(run.samples.last?.alpha == run.end.alpha)

    let longer = try Descent.resume(run, extraTime: 2)
    #expect(longer.end.steps == run.end.steps + 1000)
    plan.removeLast()
    let short = try simulate(
      student, teacher, plan, N: 500, options: DescentOptions(recording: .logarithmic(points: 100)))
    let end = try #require(short.samples.dropFirst().first { $0.error < 0.2 }).alpha
    #expect(short.end.alpha == end && short.end.phase == 1 && end < 50)
    #expect(try Descent.resume(short, extraTime: 2).end.steps == short.end.steps + 1000)
  }

  @Test func largeBatchesAreInterruptedWithinAStep() throws {
    // A step would take minutes.
    let questions = Atomic(0)
    let run = try simulate(
      student, teacher, plan(10), N: 20_000, options: DescentOptions(batch: 100_000_000),
      monitor: Monitor { _ in questions.add(1, ordering: .relaxed).newValue < 3 })
    #expect(run.ending == .interrupted && run.end.steps == 0)
  }

  @Test func divergenceIsReported() throws {
    let student = Student(hiddenUnits: 3, activation: .linear, initialisation: .normal(sd: 1))
    let teacher = Teacher(activation: .linear, secondLayer: [1, 1])
    let run = try simulate(student, teacher, plan(1000, rate: 3))
    guard case .diverged(let divergence) = run.ending else {
      Issue.record("a linear student above η = 2/K must diverge")
      return
    }
    #expect(divergence.quantity == "Q" && divergence.firstRate == 3)
    #expect(divergence.alpha > 0 && divergence.alpha < 50 && run.end.alpha == divergence.alpha)
    #expect(run.samples.allSatisfy { $0.error.isFinite && $0.alpha <= divergence.alpha })
    #expect(throws: TrainingError.self) { try Descent.resume(run) }

    var broken = plan(10)
    broken[0].firstRate = .function { $0 < 2 ? 0.1 : .nan }
    let nan = try simulate(student, teacher, broken)
    guard case .diverged(let where2) = nan.ending else {
      Issue.record("weights that are not numbers must be noticed")
      return
    }
    #expect(abs(where2.alpha - 2) < 0.05)
  }

  @Test func impossibleSettingsAreErrors() throws {
    #expect(throws: TrainingError.dimensionTooSmall(N: 4, needed: 5)) {
      try simulate(student, teacher, plan(1), N: 4)
    }
    #expect(throws: TrainingError.self) {
      try simulate(student, teacher, plan(1), options: DescentOptions(batch: 0))
    }
    #expect(throws: TrainingError.self) { try simulate(student, teacher, plan(-1)) }
    #expect(throws: TrainingError.self) { try simulate(student, teacher, plan(.infinity)) }
  }

  @Test func ratesOfZeroChangeNothing() throws {
    let run = try simulate(student, teacher, plan(5, rate: 0, layers: .both))
    #expect(run.samples.first?.state == run.samples.last?.state)
  }

  /// Weights in single precision follow those in double precision while learning is fast.
  @Test func singlePrecisionFollowsDouble() throws {
    let runs = try DescentOptions.Precision.allCases.map {
      try simulate(
        student, teacher, plan(20, layers: .both), N: 300,
        options: DescentOptions(precision: $0, recording: .logarithmic(points: 30)))
    }
    for (a, b) in zip(runs[0].samples, runs[1].samples) {
      #expect(abs(a.error - b.error) < 2e-5)
      #expect(worst(a.state.Q, b.state.Q) < 2e-4)
    }
    #expect(runs[0].samples.last?.error != runs[1].samples.last?.error)
  }
}
