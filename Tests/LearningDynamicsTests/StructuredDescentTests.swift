import Groundwork
import LearningDynamics
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Online SGD with structured Gaussian inputs, by both methods.
@Suite struct StructuredDescentTests {
  static let inputs = Inputs.gaussian(
    try! Spectrum(eigenvalues: [2, 0.25], fractions: [0.25, 0.75]))

  static func options(
    _ method: DescentOptions.Method, at times: [Double], batch: Int = 1,
    instructionSet: InstructionSet? = nil, inputs: Inputs = inputs
  ) -> DescentOptions {
    DescentOptions(
      batch: batch, recording: .at(times), instructionSet: instructionSet, method: method,
      inputs: inputs)
  }

  /// The covariance with these eigenvalues in a random basis.
  static func covariance(_ eigenvalues: [Double]) -> Matrix {
    let N = eigenvalues.count
    var stream = RandomStream(seed: 5, purpose: .frame)
    let G = Matrix(rows: N, columns: N, elements: stream.gaussians(N * N))
    let V = SymmetricEigen(G * G.transpose).vectors
    let S = V * Matrix.diagonal(eigenvalues) * V.transpose
    return Matrix(rows: N, columns: N) { 0.5 * (S[$0, $1] + S[$1, $0]) }
  }

  // MARK: Starts

  @Test func dimensions() throws {
    let third = try Spectrum(eigenvalues: [3, 2, 1])
    #expect(try third.dimensions(N: 100) == [34, 33, 33])
    #expect(try third.dimensions(N: .infinity) == [.infinity, .infinity, .infinity])
    let tenths = try Spectrum(
      eigenvalues: .init(repeating: 1, count: 10), fractions: .init(repeating: 0.1, count: 10))
    #expect(try tenths.dimensions(N: 30) == .init(repeating: 3, count: 10))
    #expect(try tenths.dimensions(N: 1e15).reduce(0, +) == 1e15)
    let spiked = try Spectrum(eigenvalues: [5, 1], fractions: [0.001, 0.999])
    #expect(throws: TrainingError.self) { try spiked.dimensions(N: 100) }
    #expect(throws: TrainingError.self) { try third.dimensions(N: 2) }
  }

  /// Both engines begin with the overlaps that were drawn, and those that are given are exact.
  @Test(arguments: [
    Student.Initialisation.normal(sd: 0.3), .informed(noise: 0.1), .zeros,
    .blocks(
      Q: [Matrix.identity(2), Matrix.identity(2).map { 0.2 * $0 }],
      R: [Matrix.identity(2).map { 0.1 * $0 }, Matrix(rows: 2, columns: 2, repeating: 0.05)], v: nil
    ),
    .overlaps(Q: .identity(2), R: Matrix.identity(2).map { 0.2 * $0 }, v: nil),
  ]) func starts(_ initialisation: Student.Initialisation) throws {
    let student = Student(hiddenUnits: 2, initialisation: initialisation)
    let teacher = Teacher(
      secondLayer: [1, 1],
      weights: .overlaps(Matrix(rows: 2, columns: 2, elements: [1, 0.3, 0.3, 1.5])))
    let plan = [Phase(time: 0, firstRate: .constant(0.1), secondRate: .constant(0))]
    let start = try InitialState.draw(
      student: student, teacher: teacher, N: 202, seed: 9, plan: plan, inputs: Self.inputs)
    for method in DescentOptions.Method.allCases {
      let run = try Descent.run(
        student: student, teacher: teacher, plan: plan, from: start, N: 202, seed: 9,
        options: Self.options(method, at: [0]))
      for (a, b) in zip(run.samples[0].state.blocks, start.blocks) {
        #expect(BlockEquationsTests.worst(a.Q.elements, b.Q.elements) < 1e-14)
        #expect(BlockEquationsTests.worst(a.R.elements, b.R.elements) < 1e-14)
      }
    }
    switch initialisation {
    case .blocks(let Q, let R, _):
      #expect(start.blocks.map(\.Q) == Q)
      #expect(start.blocks.map(\.R) == R)
    case .overlaps(let Q, _, _):
      #expect(start.blocks[0].Q == Q.map { 0.25 * $0 })
    case .zeros:
      #expect(start.Q.elements.allSatisfy { $0 == 0 })
    default: break
    }
  }

  /// Eigenspaces of one dimension each: given overlaps are kept as a whole, and no block holds more
  /// than one direction.
  @Test func smallEigenspaces() throws {
    let N = 30
    let covariance = Self.covariance((1...N).map { 0.1 * Double($0) })
    let inputs = Inputs.gaussian(try Spectrum(covariance: covariance))
    let Q = Matrix(rows: 2, columns: 2, elements: [0.5, 0.1, 0.1, 0.3])
    let student = Student(
      hiddenUnits: 2, initialisation: .overlaps(Q: Q, R: .identity(2).map { 0.3 * $0 }, v: nil))
    let teacher = Teacher(secondLayer: [1, 1])
    let plan = [Phase(time: 5, firstRate: .constant(0.1), secondRate: .constant(0))]
    let start = try InitialState.draw(
      student: student, teacher: teacher, N: Double(N), seed: 4, plan: plan, inputs: inputs)
    #expect(start.blocks.count == N)
    var sum = Matrix(rows: 2, columns: 2)
    for block in start.blocks {
      for i in 0..<4 { sum.elements[i] += block.Q.elements[i] }
      #expect(abs(block.Q[0, 0] * block.Q[1, 1] - block.Q[0, 1] * block.Q[1, 0]) < 1e-16)
    }
    #expect(BlockEquationsTests.worst(sum.elements, Q.elements) < 1e-14)

    var options = Self.options(.full, at: [0, 5], inputs: inputs)
    options.keepWeights = [5]
    let run = try Descent.run(
      student: student, teacher: teacher, plan: plan, from: start, N: N, seed: 4, options: options)
    #expect(BlockEquationsTests.worst(run.samples[0].state.Q.elements, start.Q.elements) < 1e-14)
    // The kept weights are in the basis of the covariance: Q = w Σ wᵀ/N.
    let w = run.keptWeights[0].w
    let fields = (w * covariance * w.transpose).map { $0 / Double(N) }
    #expect(
      BlockEquationsTests.worst(fields.elements, run.samples[1].state.Q.elements) < 1e-13)
  }

  /// A covariance matrix and its eigenvalues are the same inputs.
  @Test func covarianceAndSpectrum() throws {
    let matrix = try Spectrum(
      covariance: Self.covariance(
        .init(repeating: 0.25, count: 30) + .init(repeating: 2, count: 10)))
    let spectrum = try Spectrum(eigenvalues: [2, 0.25], fractions: [0.25, 0.75])
    #expect(BlockEquationsTests.worst(matrix.eigenvalues, spectrum.eigenvalues) < 1e-14)
    #expect(matrix.fractions == spectrum.fractions)
    let student = Student(hiddenUnits: 2), teacher = Teacher(secondLayer: [1, 1])
    let plan = [Phase(time: 10, firstRate: .constant(0.5), secondRate: .constant(0))]
    let ends = try [matrix, spectrum].map { spectrum in
      try Descent.run(
        student: student, teacher: teacher, plan: plan,
        from: InitialState.draw(
          student: student, teacher: teacher, N: 40, seed: 2, plan: plan,
          inputs: .gaussian(spectrum)), N: 40, seed: 2,
        options: Self.options(.full, at: [10], inputs: .gaussian(spectrum))
      ).samples[0].state.Q.elements
    }
    #expect(BlockEquationsTests.worst(ends[0], ends[1]) < 1e-6)
  }

  // MARK: Laws

  struct Case: Sendable, CustomTestStringConvertible {
    var activation: Activation
    var layers: Layers
    var batch = 1
    var testDescription: String { "\(activation) \(layers) batch=\(batch)" }
  }

  static func networks(_ test: Case) -> (Student, Teacher, [Phase]) {
    let rate = test.activation == .linear ? 0.2 : 0.5
    return (
      Student(
        hiddenUnits: 2, activation: test.activation, secondLayer: .values([0.9, 0.6]),
        initialisation: .overlaps(
          Q: Matrix(rows: 2, columns: 2, elements: [0.5, 0.1, 0.1, 0.3]),
          R: Matrix(rows: 2, columns: 2, elements: [0.3, 0, -0.1, 0.2]), v: nil)),
      Teacher(activation: test.activation, secondLayer: [1, 0.7], labelNoise: 0.2),
      [
        Phase(
          time: 6, firstRate: .constant(rate), secondRate: .constant(rate / 2),
          layers: test.layers, decay: .constant(0.05))
      ]
    )
  }

  static func ensemble(
    _ test: Case, _ method: DescentOptions.Method, N: Int, seeds: [UInt64]
  ) throws -> Ensemble {
    let (student, teacher, plan) = networks(test)
    return try Descent.runEnsemble(
      student: student, teacher: teacher, plan: plan, N: N, seeds: seeds,
      options: options(method, at: [1, 6], batch: test.batch))
  }

  /// eg, v and the overlaps in every eigenspace.
  static func numbers(_ sample: Run.Sample) -> [Double] {
    [sample.error] + sample.state.v
      + sample.state.blocks.flatMap { $0.Q.elements + $0.R.elements }
  }

  /// The reduced method has the law of the full one at small N: means and variances.
  @Test(arguments: [
    Case(activation: .erf, layers: .both), Case(activation: .relu, layers: .first, batch: 3),
  ]) func reducedLaw(_ test: Case) throws {
    let count: UInt64 = 1500
    let full = try Self.ensemble(test, .full, N: 20, seeds: Array(1...count))
    let reduced = try Self.ensemble(test, .reduced, N: 20, seeds: Array(100_001...100_000 + count))
    for t in 0..<2 {
      let a = full.runs.map { Self.numbers($0.samples[t]) }
      let b = reduced.runs.map { Self.numbers($0.samples[t]) }
      for i in a[0].indices {
        let (x, y) = (Moments(a.map { $0[i] }), Moments(b.map { $0[i] }))
        let scatter = ((x.variance + y.variance) / Double(count)).squareRoot()
        #expect(abs(x.mean - y.mean) <= 4.5 * scatter + 1e-14)
        let scatterOfVariance = ((x.fourth + y.fourth) / Double(count)).squareRoot()
        #expect(abs(x.variance - y.variance) <= 4.5 * scatterOfVariance + 1e-14)
      }
    }
  }

  private struct Moments {
    var mean: Double
    var variance: Double
    /// The variance of (x - mean)².
    var fourth: Double

    init(_ x: [Double]) {
      let n = Double(x.count), center = x.reduce(0, +) / n
      let squares = x.map { ($0 - center) * ($0 - center) }
      let spread = squares.reduce(0, +) / n
      (mean, variance) = (center, spread)
      fourth = squares.reduce(0) { $0 + ($1 - spread) * ($1 - spread) } / n
    }
  }

  /// The equations against SGD: the mean over runs is theirs up to 1/N, which is much less than the
  /// deviation of a single run.
  @Test(arguments: [
    (Case(activation: .erf, layers: .first), DescentOptions.Method.full),
    (Case(activation: .relu, layers: .both), .full),
    (Case(activation: .linear, layers: .both, batch: 2), .reduced),
  ]) func equations(_ test: Case, _ method: DescentOptions.Method) throws {
    let N = 800, count = 24
    let (student, teacher, plan) = Self.networks(test)
    let simulation = try Self.ensemble(
      test, method, N: N, seeds: (1...count).map { UInt64($0) })
    let start = try InitialState.draw(
      student: student, teacher: teacher, N: Double(N), seed: 1, plan: plan, inputs: Self.inputs)
    let theory = try Equations.run(
      student: student, teacher: teacher, plan: plan, from: start,
      options: EquationOptions(recording: .at([1, 6]), batch: test.batch, inputs: Self.inputs))
    for t in 0..<2 {
      let expected = Self.numbers(theory.samples[t])
      let runs = simulation.runs.map { Self.numbers($0.samples[t]) }
      for i in expected.indices {
        let x = Moments(runs.map { $0[i] })
        let scatter = (x.variance / Double(count)).squareRoot()
        #expect(
          abs(x.mean - expected[i]) < 4.5 * scatter + 3 / Double(N) * abs(expected[i]) + 1e-12)
      }
    }
  }

  // MARK: Bits

  @Test(arguments: [1, 3]) func bits(_ batch: Int) throws {
    let test = Case(activation: .erf, layers: .both, batch: batch)
    let (student, teacher, plan) = Self.networks(test)
    for method in DescentOptions.Method.allCases {
      func run(_ set: InstructionSet, until stop: Double = .infinity) throws -> Run {
        let start = try InitialState.draw(
          student: student, teacher: teacher, N: 120, seed: 6, plan: plan, inputs: Self.inputs)
        return try Descent.run(
          student: student, teacher: teacher, plan: plan, from: start, N: 120, seed: 6,
          options: Self.options(method, at: [1, 3, 6], batch: batch, instructionSet: set),
          monitor: Monitor { $0.alpha < stop })
      }
      let best = try run(.best)
      for set in InstructionSet.allCases where set.isSupported {
        #expect(try run(set).samples == best.samples)
      }
      #expect(try Descent.resume(try run(.best, until: 2)).samples == best.samples)
    }
  }

  @Test func refusals() throws {
    let student = Student(hiddenUnits: 3), teacher = Teacher(secondLayer: [1, 1])
    let plan = [Phase(time: 1, firstRate: .constant(0.5), secondRate: .constant(0))]
    let start = try InitialState.draw(
      student: student, teacher: teacher, N: 12, seed: 1, plan: plan, inputs: Self.inputs)
    #expect(throws: TrainingError.self) {
      try Descent.run(
        student: student, teacher: teacher, plan: plan, from: start, N: 12, seed: 1,
        options: Self.options(.reduced, at: [1]))
    }
    #expect(throws: TrainingError.self) {
      try Descent.run(
        student: student, teacher: teacher, plan: plan, from: start, N: 12, seed: 1)
    }
    #expect(throws: SpectrumError.badSum(1.5)) {
      try Spectrum(eigenvalues: [1, 2], fractions: [0.5, 1])
    }
    #expect(throws: SpectrumError.badEigenvalue(-1)) { try Spectrum(eigenvalues: [1, -1]) }
    #expect(throws: SpectrumError.notSymmetric) {
      try Spectrum(covariance: Matrix(rows: 2, columns: 2, elements: [1, 0.5, 0.4, 1]))
    }
  }
}
