import Foundation
import Groundwork
import LearningDynamics
import Testing

/// A committee with these outputs, and its teacher.
private func networks(
  K: Int, M: Int, _ activation: Activation = .erf, v: Double = 1, vStar: Double = 1,
  sigma: Double = 0, T: Matrix? = nil
) -> (student: Student, teacher: Teacher) {
  (
    Student(
      hiddenUnits: K, activation: activation,
      secondLayer: .values(.init(repeating: v, count: K))),
    Teacher(
      activation: activation, secondLayer: .init(repeating: vStar, count: M), labelNoise: sigma,
      weights: T.map { .overlaps($0) } ?? .orthonormal)
  )
}

private func final(
  _ networks: (student: Student, teacher: Teacher), _ eta: Double, layers: Layers = .first,
  copies: [Int]? = nil
) throws -> AsymptoticError {
  try AsymptoticError(
    student: networks.student, teacher: networks.teacher, layers: layers, learningRate: eta,
    copies: copies)
}

/// eg/σ² of the committee with M teacher and L extra units, from the four equations that the
/// symmetry leaves (PHYSICS.md, D3): an independent way to the same number. m[j] = ⟨g′(z)^j⟩.
private func fourEquations(M: Int, L: Int, _ eta: Double) throws -> Double {
  let m = [0] + (1...4).map { pow(2 / .pi, Double($0) / 2) / Double(1 + $0).squareRoot() }
  let n = Double(M), q = (Double(L) * 2 / .pi).squareRoot(), G = q * q, h = q * m[1]
  let left = [
    [2 * m[2], 2 * (n - 1) * m[1] * m[1], 2 * h, 0],
    [2 * m[1] * m[1], 2 * m[2] + 2 * (n - 2) * m[1] * m[1], 2 * h, 0],
    [h, (n - 1) * h, m[2] + (n - 1) * m[1] * m[1] + G, h],
    [0, 0, 2 * n * h, 2 * G],
  ]
  let right = [
    [
      m[4] + (n - 1) * m[2] * m[2],
      2 * (n - 1) * m[3] * m[1] + (n - 1) * (n - 2) * m[2] * m[1] * m[1],
      2 * q * m[3] + 2 * (n - 1) * q * m[2] * m[1], G * m[2],
    ],
    [
      2 * m[3] * m[1] + (n - 2) * m[2] * m[1] * m[1],
      2 * m[2] * m[2] + 4 * (n - 2) * m[2] * m[1] * m[1]
        + (n - 2) * (n - 3) * pow(m[1], 4),
      4 * q * m[2] * m[1] + 2 * (n - 2) * q * pow(m[1], 3), G * m[1] * m[1],
    ],
    [
      q * (m[3] + (n - 1) * m[2] * m[1]),
      q * (2 * (n - 1) * m[2] * m[1] + (n - 1) * (n - 2) * pow(m[1], 3)),
      2 * G * (m[2] + (n - 1) * m[1] * m[1]), q * G * m[1],
    ],
    [G * n * m[2], G * n * (n - 1) * m[1] * m[1], 2 * G * n * q * m[1], G * G],
  ]
  let noise = [m[2], m[1] * m[1], h, G]
  let weights = [n * m[2], n * (n - 1) * m[1] * m[1], 2 * n * h, G]
  let kept = [0] + (M > 1 ? [1] : []) + (L > 0 ? [2, 3] : [])
  let system = Matrix(rows: kept.count, columns: kept.count) {
    left[kept[$0]][kept[$1]] - eta * right[kept[$0]][kept[$1]]
  }
  let x = try #require(system.solve(kept.map { eta * noise[$0] }))
  return zip(kept, x).reduce(0) { $0 + weights[$1.0] * $1.1 } / 2
}

@Suite struct AsymptoticErrorTests {
  // MARK: First layer, erf (D3)

  /// The closed formula of the paper, through PHYSICS.md.
  @Test(arguments: [
    (1, 0, 0.1, 0.00942110), (2, 0, 0.2, 0.0402187), (2, 1, 0.2, 0.0801224),
    (2, 3, 0.1, 0.0763564), (4, 2, 0.1, 0.0798033), (2, 0, 0.5, 0.117126),
  ])
  func valuesOfTheCommittee(M: Int, L: Int, eta: Double, value: Double) throws {
    let found = try final(networks(K: M + L, M: M, sigma: 0.3), eta)
    #expect(abs(found.perNoiseVariance / value - 1) < 6e-6, "\(found.perNoiseVariance)")
    #expect(abs(found.error / (0.09 * value) - 1) < 6e-6)
    #expect(found.branch == .zero && found.isStable)
  }

  @Test func theGeneralEquationIsTheSymmetricOne() throws {
    var worst = 0.0
    for M in 1...6 {
      for L in 0...5 {
        for eta in [0.01, 0.1, 0.3] {
          let general = try final(networks(K: M + L, M: M), eta).perNoiseVariance
          worst = max(worst, abs(general / (try fourEquations(M: M, L: L, eta)) - 1))
        }
      }
    }
    #expect(worst < 1e-12)
  }

  /// Figure 2: η = .05, L = 0 … 6.
  @Test(arguments: [
    (2, Activation.erf, [0.00939, 0.01779, 0.02646, 0.03544, 0.04472, 0.05433, 0.06429]),
    (4, .erf, [0.01914, 0.02786, 0.03689, 0.04622, 0.05588, 0.06590, 0.07628]),
    (2, .linear, [0.0263, 0.0405, 0.0556, 0.0714, 0.0882, 0.1061, 0.125]),
  ])
  func figureTwo(M: Int, activation: Activation, values: [Double]) throws {
    for (L, value) in values.enumerated() {
      let found = try final(networks(K: M + L, M: M, activation), 0.05).perNoiseVariance
      #expect(abs(found - value) < (activation == .erf ? 6e-6 : 6e-5), "L = \(L): \(found)")
    }
  }

  @Test func theSeriesIsTheBeginning() throws {
    for (M, L) in [(1, 0), (2, 1), (4, 2), (3, 5)] {
      let pair = networks(K: M + L, M: M)
      for eta in [1e-3, 1e-2] {
        let series = try AsymptoticError.series(
          student: pair.student, teacher: pair.teacher, learningRate: eta)
        let size = Double(L) + Double(M) / 3.0.squareRoot()
        let second = size * size + Double(M) * (1 / 5.0.squareRoot() - 1 / 3)
        let closed = eta / (2 * .pi) * (size + eta / .pi * second)
        #expect(abs(series / closed - 1) < 1e-13)
        let exact = try final(pair, eta).perNoiseVariance
        #expect(abs(series - exact) < 2 * pow(size * eta, 3))
      }
    }
  }

  @Test func teachersThatOverlap() throws {
    let T = Matrix(rows: 2, columns: 2, elements: [1, 0.4, 0.4, 1.2])
    let found = try final(networks(K: 2, M: 2, T: T), 0.2).perNoiseVariance
    #expect(abs(found / 0.0389881 - 1) < 2e-6, "\(found)")
  }

  /// The order-parameter equations at their fixed point, as σ → 0.
  @Test(arguments: [(2, 2), (2, 3), (3, 3)])
  func theEquationsAgreeAsNoiseVanishes(M: Int, K: Int) throws {
    let sigma = 1e-3
    let pair = networks(K: K, M: M, sigma: sigma)
    let start = OrderParameters(
      Q: Matrix(rows: K, columns: K) { $0 == $1 && $0 < M ? 1 : 0 },
      R: Matrix(rows: K, columns: M) { $0 == $1 ? 1 : 0 }, T: .identity(M),
      v: .init(repeating: 1, count: K), vStar: pair.teacher.secondLayer)
    let fixed = try FixedPoint(
      student: pair.student, teacher: pair.teacher,
      phase: Phase(time: 0, firstRate: .constant(0.2), secondRate: .constant(0)), near: start)
    let theory = try final(pair, 0.2)
    #expect(abs(fixed.error / theory.error - 1) < 1e-4, "\(fixed.error) \(theory.error)")
    #expect(fixed.isStable)
    // The units' own fluctuations are Q's excess over the teacher's space.
    for k in 0..<K {
      var excess = fixed.state.Q[k, k]
      for n in 0..<M { excess -= fixed.state.R[k, n] * fixed.state.R[k, n] }
      #expect(abs(excess / (sigma * sigma * theory.fluctuations[k, k]) - 1) < 1e-3)
    }
  }

  /// D4: the state of a run with M = 2, K = 4 whose extra units cancel, to four digits.
  @Test func cancellingPairsAreReadFromTheState() throws {
    let Q = Matrix(
      rows: 4, columns: 4,
      elements: [
        1, -0.2944, 0, 0.2944, -0.2944, 0.4245, -0.1429, -0.4245, 0, -0.1429, 1, 0.1429,
        0.2944, -0.4245, 0.1429, 0.4245,
      ])
    var state = OrderParameters(
      Q: Q, R: Matrix(rows: 4, columns: 2), T: .identity(2), v: [1, 1, 1, 1], vStar: [1, 1])
    for k in 0..<4 { (state.R[k, 0], state.R[k, 1]) = (Q[k, 0], Q[k, 2]) }
    let pair = networks(K: 4, M: 2, sigma: 0.01)
    let found = try AsymptoticError(
      state: state, student: pair.student, teacher: pair.teacher, learningRate: 0.2)
    #expect(abs(found.perNoiseVariance - 0.102041) < 2e-6, "\(found.perNoiseVariance)")
    #expect(found.branch == .state)
    let zero = try final(networks(K: 4, M: 2), 0.2).perNoiseVariance
    #expect(abs(zero - 0.12639) < 6e-6)
  }

  // MARK: Linear (D5)

  @Test func linearStudentsAreExact() throws {
    for (K, eta) in [(1, 0.5), (4, 0.1), (12, 0.01)] {
      let found = try final(networks(K: K, M: 4, .linear, sigma: 0.1), eta)
      let k = Double(K)
      #expect(abs(found.error / (eta * 0.01 * k / (4 - 2 * eta * k)) - 1) < 1e-13)
      #expect(found.branch == .linear)
    }
    // Figure 4, which ran simulations at N = 100: 2% above.
    for (K, value) in [(4, 1.04e-6), (5, 1.31e-6), (6, 1.59e-6), (8, 2.14e-6), (12, 3.26e-6)] {
      let found = try final(networks(K: K, M: 4, .linear, sigma: 0.01), 0.01)
      #expect(abs(found.error / value - 1) < 0.04)
    }
  }

  // MARK: ReLU (D6)

  @Test func reluUnitsInGroups() throws {
    func theory(K: Int, v: [Double]? = nil, vStar: [Double] = [1, 1]) throws -> SmallNoise {
      try ZeroLoss(
        student: Student(hiddenUnits: K, secondLayer: v.map { .values($0) }),
        teacher: Teacher(secondLayer: vStar), layers: .first, as: .relu
      ).smallNoise
    }
    let one = try theory(K: 2)
    #expect(abs(one.error(learningRate: 0.2) - 0.058884) < 6e-7)
    let two = try theory(K: 4)
    #expect(abs(two.error(learningRate: 0.2) - 0.14362) < 6e-6)
    // (η/8) K, and the second order of n_m copies each.
    #expect(abs(two.series.first - 4.0 / 8) < 1e-14)
    #expect(abs(two.series.second - (0.5 * 8 + 2 * 4 / 4) / 8) < 1e-14)
    // Lengths make up for outputs, but not for their signs.
    let signs = try theory(K: 3, v: [0.3, -1, 2], vStar: [-2, 1])
    #expect(abs(signs.series.first - (0.09 + 1 + 4) / 8) < 1e-14)
    #expect(throws: TheoryError.self) { try theory(K: 2, v: [1, 1], vStar: [1, -1]) }
    #expect(throws: TheoryError.self) { try theory(K: 2, v: [1, -1], vStar: [1]) }
  }

  // MARK: Both layers (D7)

  /// Figure 3: both parameter sets have η v*² = .8.
  @Test func denoising() throws {
    let values = [0.2245, 0.1496, 0.0888, 0.0716, 0.0554, 0.0477, 0.0402]
    for (K, value) in zip(2...8, values) {
      for (eta, vStar) in [(0.05, 4.0), (0.2, 2)] {
        let found = try final(networks(K: K, M: 2, vStar: vStar), eta, layers: .both)
        #expect(abs(found.perNoiseVariance - value) < 6e-5, "K = \(K): \(found)")
        #expect(found.branch == .copies)
      }
    }
    // K = Z M at rate η is K = M at rate η/Z.
    let many = try final(networks(K: 40, M: 4), 0.3, layers: .both)
    let few = try final(networks(K: 4, M: 4), 0.03)
    #expect(abs(many.perNoiseVariance / few.perNoiseVariance - 1) < 1e-12)
    let uneven = try final(networks(K: 5, M: 2), 0.2, layers: .both, copies: [1, 4])
    let even = try final(networks(K: 5, M: 2), 0.2, layers: .both)
    #expect(uneven.perNoiseVariance > even.perNoiseVariance)
    // Fluctuations of copies: each has the same part of the group's.
    #expect(abs(even.fluctuations[0, 0] / even.fluctuations[0, 2] - 1) < 1e-12)
  }

  /// SCM with outputs divided by their number: copies where K is a multiple of M.
  @Test func normalisedCommittees() throws {
    for (K, value) in [(2, 0.0243), (4, 0.0118), (6, 0.0078)] {
      let student = Student(hiddenUnits: K, scale: 1 / Double(K))
      let teacher = Teacher(secondLayer: [1, 1], scale: 0.5)
      let found = try AsymptoticError(student: student, teacher: teacher, learningRate: 0.5)
      #expect(abs(found.perNoiseVariance - value) < 6e-5, "K = \(K): \(found)")
    }
    #expect(throws: TheoryError.self) {
      try AsymptoticError(
        student: Student(hiddenUnits: 3, scale: 1 / 3),
        teacher: Teacher(secondLayer: [1, 1], scale: 0.5), learningRate: 0.5)
    }
  }

  /// Signs of outputs do not matter to erf units, nor does the scale when v makes up for it.
  @Test func signsAndScales() throws {
    let plain = try final(networks(K: 3, M: 2), 0.2)
    let student = Student(
      hiddenUnits: 3, secondLayer: .values([0.5, -0.5, -0.5]), scale: 2)
    let teacher = Teacher(secondLayer: [1, -1])
    let flipped = try AsymptoticError(student: student, teacher: teacher, learningRate: 0.2)
    #expect(abs(flipped.perNoiseVariance / plain.perNoiseVariance - 1) < 1e-13)
  }

  // MARK: Stable rates (D9)

  @Test func stableRatesOfErf() throws {
    let table = [
      [4.0558, 1.8926, 1.1962, 0.8698, 0.6824], [2.3068, 1.3840, 0.9719, 0.7457, 0.6040],
      [1.6207, 1.0965, 0.8205, 0.6534, 0.5422], [1.2494, 0.9096, 0.7107, 0.5819, 0.4921],
      [1.0164, 0.7778, 0.6273, 0.5247, 0.4506], [0.8567, 0.6796, 0.5617, 0.4779, 0.4156],
    ]
    for M in 1...6 {
      for L in 0...4 {
        let pair = networks(K: M + L, M: M)
        let rate = try StableRate.of(student: pair.student, teacher: pair.teacher)
        #expect(abs(rate - table[M - 1][L]) < 6e-5, "M = \(M), L = \(L): \(rate)")
        #expect(try final(pair, 0.999 * rate).isStable)
        let beyond = try final(pair, 1.001 * rate)
        #expect(!beyond.isStable && beyond.perNoiseVariance == .infinity)
      }
    }
    let one = networks(K: 1, M: 1)
    let rate = try StableRate.of(student: one.student, teacher: one.teacher)
    #expect(abs(rate / (.pi * (5.0 / 3).squareRoot()) - 1) < 1e-13)
  }

  @Test func stableRatesOfOthers() throws {
    for (K, value) in zip(1...6, [2, 1.2679, 0.9619, 0.7775, 0.6525, 0.5621]) {
      let relu = try SmallNoise(.relu, Q: .identity(K), outputs: .init(repeating: 1, count: K))
      #expect(abs(relu.stableRate - value) < 6e-5)
      let linear = networks(K: K, M: 1, .linear)
      let rate = try StableRate.of(student: linear.student, teacher: linear.teacher)
      #expect(abs(rate * Double(K) / 2 - 1) < 1e-13)
    }
    // Denoising: η v*²/Z is what counts.
    let pair = networks(K: 6, M: 2, vStar: 3)
    let both = try StableRate.of(student: pair.student, teacher: pair.teacher, layers: .both)
    #expect(abs(both * 9 / 3 - 2.3068) < 6e-5)
  }

  /// The noiseless solution against the equations linearised there: the stable rate is where the
  /// largest eigenvalue of the equations passes 0.
  @Test(arguments: [(1, 0), (2, 0), (2, 1), (3, 2)])
  func stableRatesAreThoseOfTheEquations(M: Int, L: Int) throws {
    let pair = networks(K: M + L, M: M)
    let rate = try StableRate.of(student: pair.student, teacher: pair.teacher)
    let start = OrderParameters(
      Q: Matrix(rows: M + L, columns: M + L) { $0 == $1 && $0 < M ? 1 : 0 },
      R: Matrix(rows: M + L, columns: M) { $0 == $1 ? 1 : 0 }, T: .identity(M),
      v: .init(repeating: 1, count: M + L), vStar: pair.teacher.secondLayer)
    func growth(_ eta: Double) throws -> Double {
      let phase = Phase(time: 0, firstRate: .constant(eta), secondRate: .constant(0))
      return try FixedPoint(
        student: pair.student, teacher: pair.teacher, phase: phase, near: start
      ).eigenvalues.map(\.real).max()!
    }
    #expect(try growth(0.999 * rate) <= 1e-9)
    #expect(try growth(1.001 * rate) > 1e-6)
  }

  // MARK: What cannot be said

  @Test func unrealisableTeachersAreErrors() {
    func thrown(_ body: () throws -> Void) -> TheoryError? {
      do { try body() } catch { return error as? TheoryError }
      return nil
    }
    func isUnrealisable(_ error: TheoryError?) -> Bool {
      if case .unrealisable = error { true } else { false }
    }
    func needsState(_ error: TheoryError?) -> Bool {
      if case .needsState = error { true } else { false }
    }
    #expect(isUnrealisable(thrown { _ = try final(networks(K: 1, M: 2), 0.1) }))
    #expect(isUnrealisable(thrown { _ = try final(networks(K: 1, M: 2), 0.1, layers: .both) }))
    #expect(isUnrealisable(thrown { _ = try final(networks(K: 2, M: 2, v: 0.7), 0.1) }))
    #expect(
      isUnrealisable(
        thrown {
          _ = try AsymptoticError(
            student: Student(hiddenUnits: 2),
            teacher: Teacher(activation: .linear, secondLayer: [1]), learningRate: 0.1)
        }))
    #expect(needsState(thrown { _ = try final(networks(K: 2, M: 2, .linear), 0.1, layers: .both) }))
    let random = Student(hiddenUnits: 2, secondLayer: .normal(sd: 1))
    #expect(
      needsState(
        thrown {
          _ = try AsymptoticError(
            student: random, teacher: Teacher(secondLayer: [1]), learningRate: 0.1)
        }))
    #expect(
      thrown { _ = try final(networks(K: 3, M: 2), 0.1, layers: .both, copies: [3, 2]) } != nil)
    #expect(thrown { _ = try final(networks(K: 3, M: 2), -0.1) } != nil)
    #expect(thrown { _ = try final(networks(K: 3, M: 2), 0.1, layers: .second) } != nil)
    // A state on the plateau is no state without loss.
    let state = OrderParameters(
      Q: Matrix(rows: 2, columns: 2, repeating: 1.0 / 3),
      R: Matrix(rows: 2, columns: 2, repeating: 1 / 6.0.squareRoot()), T: .identity(2), v: [1, 1],
      vStar: [1, 1])
    let pair = networks(K: 2, M: 2, sigma: 0.01)
    let far = thrown {
      _ = try AsymptoticError(
        state: state, student: pair.student, teacher: pair.teacher, learningRate: 0.1)
    }
    guard case .farFromZeroLoss(let error, _) = far else {
      Issue.record("\(String(describing: far))")
      return
    }
    #expect(abs(error - 0.011611) < 1e-6)
  }
}
