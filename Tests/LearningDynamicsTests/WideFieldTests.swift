import Foundation
import Groundwork
import LearningDynamics
import Synchronization
import Testing

/// Quadrature for fields that are wide against what the functions do.
@Suite struct WideFieldTests {
  /// erf(a x/√2), not known to be what the closed forms have.
  static func erf(_ a: Double) -> Activation {
    .custom(
      CustomActivation(name: "erf") { x, count, g, dg in
        for i in 0..<count {
          g[i] = Foundation.erf(a * x[i] / 2.0.squareRoot())
          dg[i] = a * (2 / Double.pi).squareRoot() * exp(-0.5 * a * a * x[i] * x[i])
        }
      })
  }

  /// Students of variance q, teachers of variance t; all fields correlated by ±`common`, and student
  /// i with teacher i by `found` but for its sign.
  static func state(
    K: Int, M: Int, q: Double, t: Double, common: Double, found: Double
  ) -> OrderParameters {
    let n = K + M
    let C = Matrix(rows: n, columns: n) { a, b in
      let size = (a < K ? q : t).squareRoot() * (b < K ? q : t).squareRoot()
      let (i, m) = (a < K ? a : a - K, b < K ? b : b - K)
      if i == m { return a == b ? size : size * found }
      return ((i + m) % 2 == 0 ? 1.0 : -1.0) * size * common
    }
    return OrderParameters(
      Q: Matrix(rows: K, columns: K) { C[$0, $1] },
      R: Matrix(rows: K, columns: M) { C[$0, K + $1] },
      T: Matrix(rows: M, columns: M) { C[K + $0, K + $1] },
      v: (0..<K).map { 1 - 0.1 * Double($0) }, vStar: (0..<M).map { 1 - 0.15 * Double($0) })
  }

  static func rates(
    _ student: Activation, _ teacher: Activation, _ state: OrderParameters
  ) throws -> OrderParameterRates {
    try OrderParameterRates(
      student: Student(hiddenUnits: state.v.count, activation: student),
      teacher: Teacher(activation: teacher, secondLayer: state.vStar, labelNoise: 0.1),
      state: state,
      phase: Phase(time: 1, firstRate: .constant(0.5), secondRate: .constant(0.3), layers: .both))
  }

  /// The worst relative error of the rates and ε_g, each kind by its largest.
  static func difference(_ a: OrderParameterRates, _ b: OrderParameterRates) -> Double {
    [
      relativeDifference(a.dQ.elements, b.dQ.elements),
      relativeDifference(a.dR.elements, b.dR.elements), relativeDifference(a.dv, b.dv),
      abs(a.error - b.error) / b.error,
    ].max()!
  }

  /// Closed forms of erf(a x/√2): those of erf for fields that are a times as wide. dR/a and dQ/a²
  /// are theirs.
  static func scaled(_ a: Double, _ state: OrderParameters) throws -> OrderParameterRates {
    var wide = state
    wide.Q = state.Q.map { a * a * $0 }
    wide.R = state.R.map { a * a * $0 }
    wide.T = state.T.map { a * a * $0 }
    var rates = try OrderParameterRates(
      student: Student(hiddenUnits: state.v.count, activation: .erf),
      teacher: Teacher(activation: .erf, secondLayer: state.vStar, labelNoise: 0.1),
      state: wide,
      phase: Phase(
        time: 1, firstRate: .constant(0.5 * a * a), secondRate: .constant(0.3), layers: .both))
    rates.dQ = rates.dQ.map { $0 / (a * a) }
    rates.dR = rates.dR.map { $0 / (a * a) }
    return rates
  }

  // MARK: Tests

  /// erf by hand against erf, and a narrow one, from Q = 0.01 to 1e4 and to correlations of 0.999:
  /// to 1e-8, which is what the estimate of the error says.
  @Test(arguments: [1.0, 5 * 2.0.squareRoot()])
  func handWrittenErfAgreesHoweverWideTheFields(a: Double) throws {
    let g = Self.erf(a)
    for q in [0.01, 1, 16, 100, 1e4] {
      for t in [1.0, 100, 1e4] {
        for found in [-0.3, 0.9, 0.999] {
          let state = Self.state(K: 1, M: 1, q: q, t: t, common: 0, found: found)
          try check(g, g, state, against: Self.scaled(a, state), to: 1e-8)
        }
      }
    }
  }

  @Test(arguments: [
    (2, 1, 0.2, 0.9, 100.0, 1.0), (2, 2, 0.3, 0.999, 16, 16), (2, 2, 0.2, 0.9, 1e4, 1e4),
    (2, 2, 0.999, 0.9991, 1, 1e4), (3, 1, 0.2, 0.99, 16, 1), (4, 4, 0.1, 0.9, 1, 1),
  ])
  func handWrittenErfAgreesForManyUnits(
    K: Int, M: Int, common: Double, found: Double, q: Double, t: Double
  ) throws {
    let state = Self.state(K: K, M: M, q: q, t: t, common: common, found: found)
    try check(Self.erf(1), Self.erf(1), state, against: Self.scaled(1, state), to: 1e-8)
  }

  private func check(
    _ g: Activation, _ h: Activation, _ state: OrderParameters,
    against exact: OrderParameterRates, to precision: Double
  ) throws {
    let rates = try Self.rates(g, h, state)
    let error = Self.difference(rates, exact)
    #expect(error < precision, "Q = \(state.Q[0, 0]), T = \(state.T[0, 0]), R = \(state.R[0, 0])")
    let estimate = try #require(rates.quadratureError)
    #expect(error < 2 * estimate + 1e-9, "Q = \(state.Q[0, 0]), T = \(state.T[0, 0])")
  }

  /// ReLU students of erf teachers with long weights: ε_g has a closed form.
  @Test(arguments: [(1.0, 100.0, 0.3), (1, 1e4, 0.9), (100, 100, 0.999)])
  func mixedPairsAgree(q: Double, t: Double, found: Double) throws {
    let state = Self.state(K: 2, M: 2, q: q, t: t, common: 0.1, found: found)
    let rates = try Self.rates(.relu, .erf, state)
    let exact = state.generalisationError(
      student: Student(hiddenUnits: 2, activation: .relu),
      teacher: Teacher(activation: .erf, secondLayer: state.vStar))
    #expect(abs(rates.error / exact - 1) < 1e-9)
    #expect(try #require(rates.quadratureError) < 1e-6)
  }

  /// K = M = 1 by Gauss and Legendre's rule in two dimensions, in panels that double from the
  /// places on where student's and teacher's functions are narrow, which is 0 for all of these.
  static func reference(_ custom: CustomActivation, _ state: OrderParameters) -> [Double] {
    func evaluate(_ x: [Double]) -> (g: [Double], slope: [Double]) {
      var g = x, slope = x
      custom.evaluate(x, count: x.count, g: &g, dg: &slope)
      return (g, slope)
    }
    let legendre = GaussRule.legendre(12)
    /// For a normal variable, with panels that grow from this place.
    func rule(
      _ place: Double, from narrow: Double, kinks: [Double]
    ) -> (z: [Double], w: [Double]) {
      var ends = [place] + kinks
      var size = narrow
      while size < 90 {
        ends += [place - size, place + size]
        size = min(2 * size, size + 0.8)
      }
      ends = ends.filter { abs($0) < 8.2 } + [-8.2, 8.2]
      ends.sort()
      var z: [Double] = [], w: [Double] = []
      for (low, high) in zip(ends, ends.dropFirst()) {
        for (node, weight) in zip(legendre.nodes, legendre.weights) {
          z.append(low + (high - low) * node)
          w.append(weight * (high - low) * exp(-0.5 * z.last! * z.last!) / (2 * .pi).squareRoot())
        }
      }
      return (z, w)
    }
    let s = state.Q[0, 0].squareRoot(), slope = state.R[0, 0] / s
    let rest = (state.T[0, 0] - slope * slope).squareRoot()
    let (v, vStar) = (state.v[0], state.vStar[0])
    let outer = rule(0, from: 0.05 / s, kinks: custom.kinks.map { $0 / s })
    let student = evaluate(outer.z.map { s * $0 })
    var sums = [Double](repeating: 0, count: 6)
    for (p, z) in outer.z.enumerated() {
      let inner = rule(
        -slope * z / rest, from: 0.05 / rest,
        kinks: custom.kinks.map { ($0 - slope * z) / rest })
      let y = inner.z.map { slope * z + rest * $0 }
      let (g, slope) = (student.g[p], student.slope[p])
      for (q, h) in evaluate(y).g.enumerated() {
        let error = vStar * h - v * g, w = outer.w[p] * inner.w[q]
        sums[0] += w * slope * y[q] * error
        sums[1] += w * slope * s * z * error
        sums[2] += w * slope * slope * (error * error + 0.01)
        sums[3] += w * g * error
        sums[4] += 0.5 * w * error * error
      }
    }
    return [
      0.5 * v * sums[0], v * sums[1] + 0.25 * v * v * sums[2], 0.3 * sums[3], sums[4],
    ]
  }

  static func function(
    _ name: String, switches: [Double] = [], _ g: @escaping @Sendable (Double) -> (Double, Double)
  ) -> CustomActivation {
    CustomActivation(name: name, switches: switches) { x, count, values, slopes in
      for i in 0..<count { (values[i], slopes[i]) = g(x[i]) }
    }
  }

  static let functions: [CustomActivation] = [
    function("tanh(10 x)") { (tanh(10 * $0), 10 / (cosh(10 * $0) * cosh(10 * $0))) },
    function("softsign", switches: [0]) {
      ($0 / (1 + abs($0)), 1 / ((1 + abs($0)) * (1 + abs($0))))
    },
    function("exp(-20 x²)") { (exp(-20 * $0 * $0), -40 * $0 * exp(-20 * $0 * $0)) },
    function("softplus") {
      ($0 > 0 ? $0 + log1p(exp(-$0)) : log1p(exp($0)), 1 / (1 + exp(-$0)))
    },
    KinkTests.elu, KinkTests.hard,
  ]

  @Test(arguments: functions)
  func functionsAgreeWithTwoDimensionalQuadrature(g: CustomActivation) throws {
    for (q, t, found) in [(1.0, 1.0, 0.9), (16, 1, 0.5), (100, 1, 0.99), (1, 1e4, 0.9)] {
      let state = Self.state(K: 1, M: 1, q: q, t: t, common: 0, found: found)
      let rates = try Self.rates(.custom(g), .custom(g), state)
      let known = Self.reference(g, state)
      let found = [rates.dR[0, 0], rates.dQ[0, 0], rates.dv[0], rates.error]
      let error = zip(found, known).map { abs($0 / $1 - 1) }.max()!
      let estimate = try #require(rates.quadratureError)
      #expect(error < 2e-6, "\(g.name), Q = \(q), T = \(t): \(error), estimate \(estimate)")
      #expect(error < 3 * estimate + 1e-8, "\(g.name), Q = \(q), T = \(t): \(estimate)")
    }
  }

  @Test func ratesStopWhenTold() throws {
    let state = Self.state(K: 12, M: 12, q: 1, t: 1, common: 0, found: 0.5)
    let questions = Atomic(0)
    #expect(throws: Interruption.self) {
      try OrderParameterRates(
        student: Student(hiddenUnits: 12, activation: Self.erf(1)),
        teacher: Teacher(activation: Self.erf(1), secondLayer: state.vStar), state: state,
        phase: Phase(time: 1, firstRate: .constant(0.5), secondRate: .constant(0)),
        goesOn: { questions.add(1, ordering: .relaxed).newValue < 3 })
    }
    #expect(questions.load(ordering: .relaxed) == 3)
  }

  @Test func gridIsShown() throws {
    guard ProcessInfo.processInfo.environment["TSS_SHOW"] == "grid" else { return }
    let clock = ContinuousClock()
    let sizes = ProcessInfo.processInfo.environment["TSS_SIZES"]
    for (K, M) in sizes == "large" ? [(4, 4)] : [(1, 1), (2, 2), (3, 1)] {
      for (common, found) in [(0.0, 0.3), (0.2, 0.9), (0.2, 0.99), (0.3, 0.999), (0.999, 0.999)] {
        for a in [1.0, 5 * 2.0.squareRoot()] {
          for (q, t) in [
            (0.01, 1.0), (1, 1), (4, 1), (16, 1), (16, 16), (100, 1), (1, 100), (100, 100),
            (1e4, 1), (1, 1e4), (1e4, 1e4),
          ] {
            let state = Self.state(K: K, M: M, q: q, t: t, common: common, found: found)
            let exact = try Self.scaled(a, state)
            var rates = exact
            let g = Self.erf(a)
            let time = try clock.measure { rates = try Self.rates(g, g, state) }
            let error = Self.difference(rates, exact)
            func f(_ x: Double) -> String { String(format: "%.1e", x) }
            print(
              "GRID", K, M, common, found, "a", f(a), "Q", q, "T", t, "error", f(error), "estimate",
              f(rates.quadratureError!), error > 1e-6 ? "BAD" : "",
              error > 2 * rates.quadratureError! + 1e-8 ? "DISHONEST" : "", "seconds",
              f(time / .seconds(1)))
          }
        }
      }
    }
  }
}

/// Measures of an error where what is measured vanishes.
@Suite struct QuadratureErrorTests {
  /// At a fixed point the rates are differences that vanish: their error is that of the terms.
  @Test func isSmallWhereNothingMoves() throws {
    let tanh = Activation.custom(
      CustomActivation(name: "tanh") { x, count, g, dg in
        for i in 0..<count {
          g[i] = Foundation.tanh(x[i])
          dg[i] = 1 - g[i] * g[i]
        }
      })
    let student = Student(hiddenUnits: 2, activation: tanh, secondLayer: .values([1, 1]))
    let teacher = Teacher(activation: tanh, secondLayer: [1, 1], labelNoise: 0.01)
    let start = OrderParameters(
      Q: .identity(2), R: .identity(2), T: .identity(2), v: [1, 1], vStar: [1, 1])
    let phase = Phase(time: 400, firstRate: .constant(0.2), secondRate: .constant(0))
    let run = try Equations.run(student: student, teacher: teacher, plan: [phase], from: start)
    #expect(try #require(run.quadratureError) < 1e-6)
  }

  /// (eˣ - e⁻ˣ)/(eˣ + e⁻ˣ) is no number beyond 710, where no field is.
  @Test func whereAFunctionIsNoNumberItIsNotLookedAt() throws {
    func evaluations(_ f: @escaping @Sendable (Double) -> Double) throws -> (Int, Double) {
      let count = Mutex(0)
      let g = Activation.custom(
        CustomActivation(name: "g") { x, n, g, dg in
          count.withLock { $0 += n }
          for i in 0..<n { (g[i], dg[i]) = (f(x[i]), 1 - f(x[i]) * f(x[i])) }
        })
      let rates = try OrderParameterRates(
        student: Student(hiddenUnits: 1, activation: g),
        teacher: Teacher(activation: g, secondLayer: [1]),
        state: OrderParameters(
          Q: .identity(1), R: Matrix(rows: 1, columns: 1, elements: [0.5]), T: .identity(1),
          v: [1], vStar: [1]),
        phase: Phase(time: 1, firstRate: .constant(0.2), secondRate: .constant(0)))
      return (count.withLock { $0 }, rates.dR[0, 0])
    }
    let overflowing = try evaluations { (exp($0) - exp(-$0)) / (exp($0) + exp(-$0)) }
    let safe = try evaluations { Foundation.tanh($0) }
    #expect(abs(overflowing.1 / safe.1 - 1) < 1e-8)
    #expect(overflowing.0 < 2 * safe.0, "\(overflowing.0) \(safe.0)")
  }
}
