import Groundwork
import LearningDynamics
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The order-parameter equations for structured Gaussian inputs (PHYSICS.md, E4).
@Suite struct BlockEquationsTests {
  static let Q = Matrix(rows: 2, columns: 2, elements: [0.8, 0.2, 0.2, 0.5])
  static let R = Matrix(rows: 2, columns: 2, elements: [0.3, -0.1, 0.15, 0.4])
  static let T = Matrix(rows: 2, columns: 2, elements: [1, 0.2, 0.2, 1.3])

  /// A state whose parts are not in proportion to each other.
  static func state(_ eigenvalues: [Double], _ fractions: [Double]) -> OrderParameters {
    OrderParameters(
      blocks: zip(eigenvalues, fractions).enumerated().map { e, part in
        let psi = part.1, twist = 1 + 0.3 * Double(e)
        return OverlapBlock(
          eigenvalue: part.0, fraction: psi, Q: Self.Q.map { $0 * psi * twist },
          R: Self.R.map { $0 * psi / twist }, T: Self.T.map { $0 * psi })
      }, v: [0.9, -0.7], vStar: [1, 0.6])
  }

  static func phase(_ layers: Layers, eta: Double = 0.4, decay: Double = 0.1) -> Phase {
    Phase(
      time: 1, firstRate: .constant(eta), secondRate: .constant(eta / 2), layers: layers,
      decay: .constant(decay))
  }

  static func networks(_ g: Activation, _ h: Activation) -> (Student, Teacher) {
    (
      Student(hiddenUnits: 2, activation: g, scale: 0.8),
      Teacher(activation: h, secondLayer: [1, 0.6], labelNoise: 0.3)
    )
  }

  static func worst(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  /// Straight lines of slopes 0.1 and 1.
  static let leaky = Activation.custom(
    CustomActivation(name: "leaky") { x, count, g, dg in
      for i in 0..<count {
        dg[i] = x[i] > 0 ? 1 : 0.1
        g[i] = dg[i] * x[i]
      }
    })

  /// Every family of integrals: tilted, closed, quadratic, ReLU, straight lines, quadrature.
  static let pairs: [(Activation, Activation)] = [
    (.erf, .erf), (.linear, .erf), (.erf, .relu), (.erf, .sign), (.quadratic, .quadratic),
    (.quadratic, .relu), (.relu, .relu), (leaky, leaky), (leaky, .relu), (.relu, .erf),
  ]

  /// One eigenvalue 1 is the isotropic equations, and so are several eigenvalues 1 together; an
  /// eigenvalue c is isotropic inputs with fields and rates c times as large.
  @Test(arguments: pairs) func reducesToIsotropic(_ g: Activation, _ h: Activation) throws {
    let (student, teacher) = Self.networks(g, h)
    for layers in Layers.allCases {
      let several = Self.state([1, 1], [0.3, 0.7])
      let plain = OrderParameters(
        Q: several.Q, R: several.R, T: several.T, v: several.v, vStar: several.vStar)
      func rates(_ state: OrderParameters, _ eta: Double) throws -> OrderParameterRates {
        try OrderParameterRates(
          student: student, teacher: teacher, state: state,
          phase: Self.phase(layers, eta: eta, decay: 0.1), batch: 3)
      }
      let expected = try rates(plain, 0.4)
      let one = OrderParameters(
        blocks: [
          OverlapBlock(eigenvalue: 1, fraction: 1, Q: plain.Q, R: plain.R, T: plain.T)
        ], v: plain.v, vStar: plain.vStar)
      for state in [one, several] {
        let found = try rates(state, 0.4)
        #expect(Self.worst(found.dQ.elements, expected.dQ.elements) < 1e-12)
        #expect(Self.worst(found.dR.elements, expected.dR.elements) < 1e-12)
        #expect(Self.worst(found.dv, expected.dv) < 1e-12)
        #expect(abs(found.error - expected.error) < 1e-13)
      }
      guard layers == .first else { continue }
      let c = 0.6
      let scaled = OrderParameters(
        blocks: [
          OverlapBlock(
            eigenvalue: c, fraction: 1, Q: plain.Q.map { $0 / c }, R: plain.R.map { $0 / c },
            T: plain.T.map { $0 / c })
        ], v: plain.v, vStar: plain.vStar)
      let slower = try rates(plain, 0.4 * c)
      let found = try rates(scaled, 0.4)
      #expect(Self.worst(found.dQ.elements, slower.dQ.elements) < 1e-12)
      #expect(Self.worst(found.dR.elements, slower.dR.elements) < 1e-12)
    }
  }

  /// The rates of every block against averages over the fields' components, drawn from their
  /// covariances λ_e C^e.
  @Test(arguments: [Activation.erf, .relu]) func monteCarlo(_ g: Activation) throws {
    let (student, teacher) = Self.networks(g, g)
    let state = Self.state([2, 0.3], [0.25, 0.75])
    let rates = try OrderParameterRates(
      student: student, teacher: teacher, state: state, phase: Self.phase(.first, decay: 0))
    let roots = state.blocks.map { block in
      Cholesky(
        OrderParameters(
          Q: block.Q, R: block.R, T: block.T, v: state.v, vStar: state.vStar
        ).covariance.map { $0 * block.eigenvalue })!.lower
    }
    func value(_ x: Double) -> Double { g == .erf ? erf(x / 2.0.squareRoot()) : max(x, 0) }
    func slope(_ x: Double) -> Double {
      g == .erf ? (2 / Double.pi).squareRoot() * exp(-x * x / 2) : x > 0 ? 1 : 0
    }
    var stream = RandomStream(seed: 7, purpose: .student)
    let samples = 100_000, eta = 0.4
    // For each block dR (4), then dQ_00, dQ_01, dQ_11: sums and sums of squares.
    var sums = [Double](repeating: 0, count: 14), squares = sums
    for _ in 0..<samples {
      let parts = roots.map { $0 * stream.gaussians(4) }
      let fields = (0..<4).map { parts[0][$0] + parts[1][$0] }
      let output = 0.8 * (0..<2).reduce(0.0) { $0 + state.v[$1] * value(fields[$1]) }
      let label = (0..<2).reduce(0.0) { $0 + state.vStar[$1] * value(fields[2 + $1]) }
      let delta = output - label - 0.3 * stream.gaussian()
      let c = (0..<2).map { -eta * 0.8 * delta * state.v[$0] * slope(fields[$0]) }
      for (e, block) in state.blocks.enumerated() {
        let x = parts[e], noise = block.fraction * block.eigenvalue
        let values = [
          c[0] * x[2], c[0] * x[3], c[1] * x[2], c[1] * x[3],
          2 * c[0] * x[0] + noise * c[0] * c[0],
          c[0] * x[1] + c[1] * x[0] + noise * c[0] * c[1],
          2 * c[1] * x[1] + noise * c[1] * c[1],
        ]
        for (j, value) in values.enumerated() {
          sums[7 * e + j] += value
          squares[7 * e + j] += value * value
        }
      }
    }
    for (e, block) in rates.blocks.enumerated() {
      let expected = block.R.elements + [block.Q[0, 0], block.Q[0, 1], block.Q[1, 1]]
      for (j, rate) in expected.enumerated() {
        let mean = sums[7 * e + j] / Double(samples)
        let variance = squares[7 * e + j] / Double(samples) - mean * mean
        #expect(abs(mean - rate) < 4.5 * (variance / Double(samples)).squareRoot())
      }
    }
  }

  /// The Jacobian by the chain rule against plain differences.
  @Test(arguments: Layers.allCases) func jacobian(_ layers: Layers) throws {
    let (student, teacher) = Self.networks(.erf, .erf)
    let state = Self.state([2, 0.3, 1], [0.2, 0.5, 0.3])
    let equations = OrderParameterEquations.of(
      student: student, teacher: teacher, phase: Self.phase(layers), start: state, batch: 1)
    let n = equations.count
    #expect(n == (layers == .second ? 2 : 3 * 7 + (layers == .both ? 2 : 0)))
    var y = equations.pack(state)
    var chain = [Double](repeating: 0, count: n * n), plain = chain
    try equations.jacobian(0, &y, &chain)
    try equations.differenceJacobian(0, &y, &plain)
    #expect(Self.worst(chain, plain) < 1e-6)
    #expect(equations.unpack(y, onto: nil) == state)
  }

  /// A linear student of one unit in closed form: with D_e = |w*^e - w^e|²/N,
  /// dD_e = -2ηλ_e D_e + η²ψ_e λ_e (Σ_f λ_f D_f + σ²), integrated by Runge and Kutta's method.
  @Test func linearStudent() throws {
    let eigenvalues = [3, 0.5, 0.1], fractions = [0.1, 0.3, 0.6], eta = 0.4, sigma = 0.2
    let inputs = Inputs.gaussian(try Spectrum(eigenvalues: eigenvalues, fractions: fractions))
    let student = Student(
      hiddenUnits: 1, activation: .linear, initialisation: .normal(sd: 0.5))
    let teacher = Teacher(activation: .linear, secondLayer: [1], labelNoise: sigma)
    let start = try InitialState.draw(
      student: student, teacher: teacher, N: 1000, seed: 3, trainsSecondLayer: false,
      inputs: inputs)
    let run = try Equations.run(
      student: student, teacher: teacher,
      plan: [Phase(time: 50, firstRate: .constant(eta), secondRate: .constant(0))], from: start,
      options: EquationOptions(recording: .at([50]), inputs: inputs))
    func distances(_ state: OrderParameters) -> [Double] {
      state.blocks.map { $0.Q[0, 0] - 2 * $0.R[0, 0] + $0.T[0, 0] }
    }
    func slope(_ D: [Double]) -> [Double] {
      let error = zip(eigenvalues, D).reduce(sigma * sigma) { $0 + $1.0 * $1.1 }
      return D.indices.map {
        -2 * eta * eigenvalues[$0] * D[$0]
          + eta * eta * fractions[$0] * eigenvalues[$0] * error
      }
    }
    var D = distances(start)
    let h = 0.01
    func moved(_ k: [Double], _ h: Double) -> [Double] { zip(D, k).map { $0 + h * $1 } }
    for _ in 0..<5000 {
      let a = slope(D), b = slope(moved(a, h / 2)), c = slope(moved(b, h / 2)),
        d = slope(moved(c, h))
      for e in D.indices { D[e] += h / 6 * (a[e] + 2 * b[e] + 2 * c[e] + d[e]) }
    }
    let found = distances(run.samples[0].state)
    for (a, b) in zip(found, D) { #expect(abs(a - b) < 1e-7 * abs(b)) }
    let error = 0.5 * zip(eigenvalues, D).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(run.samples[0].error - error) < 1e-7 * error)
  }

  /// A stiff late phase, which NDF takes with the Jacobian above.
  @Test func lateLearning() throws {
    let inputs = Inputs.gaussian(try Spectrum(eigenvalues: [2, 1, 0.1]))
    let student = Student(hiddenUnits: 2), teacher = Teacher(secondLayer: [1, 1], labelNoise: 0.1)
    func end(_ tolerance: Double) throws -> Double {
      let plan = [Phase(time: 3000, firstRate: .constant(0.5), secondRate: .constant(0))]
      let start = try InitialState.draw(
        student: student, teacher: teacher, N: 1000, seed: 1, plan: plan, inputs: inputs)
      return try Equations.run(
        student: student, teacher: teacher, plan: plan, from: start,
        options: EquationOptions(tolerance: tolerance, recording: .at([3000]), inputs: inputs)
      ).samples[0].error
    }
    let fine = try end(1e-11)
    #expect(abs(try end(1e-8) - fine) < 1e-6 * fine)
  }

  @Test func interruptedAndResumed() throws {
    let inputs = Inputs.gaussian(try Spectrum(eigenvalues: [2, 0.5]))
    let student = Student(hiddenUnits: 2), teacher = Teacher(secondLayer: [1, 1])
    let plan = [Phase(time: 20, firstRate: .constant(0.5), secondRate: .constant(0))]
    let start = try InitialState.draw(
      student: student, teacher: teacher, N: 1000, seed: 1, plan: plan, inputs: inputs)
    let options = EquationOptions(recording: .at([5, 20]), inputs: inputs)
    func run(_ monitor: Monitor) throws -> Run {
      try Equations.run(
        student: student, teacher: teacher, plan: plan, from: start, options: options,
        monitor: monitor)
    }
    let whole = try run(.none)
    let part = try run(Monitor { $0.alpha < 3 })
    #expect(part.ending == .interrupted)
    let resumed = try Equations.resume(part)
    #expect(resumed.samples.count == 2)
    #expect(
      Self.worst(
        resumed.samples[1].state.blocks[1].Q.elements, whole.samples[1].state.blocks[1].Q.elements)
        < 1e-7)
    #expect(throws: TheoryError.self) { try FixedPoint(of: whole) }
    #expect(throws: TheoryError.self) {
      try AsymptoticError(
        state: whole.end.state, student: student, teacher: teacher, learningRate: 0.5)
    }
    #expect(throws: TrainingError.self) {
      try Equations.run(student: student, teacher: teacher, plan: plan, from: start)
    }
  }
}
