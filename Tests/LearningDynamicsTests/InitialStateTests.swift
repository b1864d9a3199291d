import Groundwork
import LearningDynamics
import Testing

@Suite struct InitialStateTests {
  let teacher = Teacher(secondLayer: [1, 2, 3], weights: .isotropic)

  func draw(
    _ initialisation: Student.Initialisation, K: Int = 4, teacher: Teacher? = nil,
    N: Double = 100, seed: UInt64 = 1, trainsSecondLayer: Bool = false,
    secondLayer: Student.SecondLayer? = nil
  ) throws -> OrderParameters {
    try InitialState.draw(
      student: Student(
        hiddenUnits: K, secondLayer: secondLayer, initialisation: initialisation),
      teacher: teacher ?? self.teacher, N: N, seed: seed, trainsSecondLayer: trainsSecondLayer)
  }

  // MARK: Laws

  /// Means and covariances of Wishart matrices: E W_ij = N δ_ij,
  /// Cov(W_ij, W_kl) = N (δ_ik δ_jl + δ_il δ_jk), and R ~ sd √(T_nn/N) given T.
  @Test(arguments: [8, 30, 1e6] as [Double])
  func overlapsOfGaussianWeightsAreWishart(N: Double) throws {
    let count = 20_000
    let sd = 0.5
    var sums: [String: (Double, Double)] = [:]
    func tally(_ name: String, _ value: Double) {
      let old = sums[name] ?? (0, 0)
      sums[name] = (old.0 + value, old.1 + value * value)
    }
    for seed in 0..<count {
      let state = try draw(.normal(sd: sd), N: N, seed: UInt64(seed))
      let root = N.squareRoot()
      // All of mean 0 and variance 1.
      tally("T11", (state.T[0, 0] - 1) * (N / 2).squareRoot())
      tally("T33", (state.T[2, 2] - 1) * (N / 2).squareRoot())
      tally("T23", state.T[1, 2] * root)
      tally("Q11", (state.Q[0, 0] / sd / sd - 1) * (N / 2).squareRoot())
      tally("Q44", (state.Q[3, 3] / sd / sd - 1) * (N / 2).squareRoot())
      tally("Q13", state.Q[0, 2] / sd / sd * root)
      tally("Q34", state.Q[2, 3] / sd / sd * root)
      tally("R12", state.R[0, 1] / sd / (state.T[1, 1] / N).squareRoot())
      tally("R43", state.R[3, 2] / sd / (state.T[2, 2] / N).squareRoot())
      // Of mean 0: E R_11 R_21 Q_12 has mean sd⁴ T_11/N², times N^(3/2)…; of independent rows.
      tally("R12 R42", state.R[0, 1] * state.R[3, 1] / sd / sd / state.T[1, 1] * N)
    }
    let n = Double(count)
    for (name, (sum, squares)) in sums {
      let mean = sum / n
      let variance = squares / n - mean * mean
      // The variance's own scatter is that of a law of fourth moment at most 3 + 12/N · 4.
      #expect(abs(mean) * n.squareRoot() < 4.5, "\(name): mean \(mean)")
      let spread = ((8 + 48 / N) / n).squareRoot()
      #expect(abs(variance - 1) < 4.5 * spread, "\(name): variance \(variance)")
    }
  }

  /// The residual of Q beyond the teacher's span has N − M degrees of freedom.
  @Test func theRestHasFewerDegreesOfFreedom() throws {
    let N = 9.0
    let M = 3
    let count = 20_000
    var sum = 0.0
    for seed in 0..<count {
      let state = try draw(
        .normal(sd: 1), teacher: Teacher(secondLayer: [1, 1, 1]), N: N, seed: UInt64(seed))
      let along = (0..<M).reduce(0) { $0 + state.R[1, $1] * state.R[1, $1] }
      sum += N * (state.Q[1, 1] - along)
    }
    let expected = N - Double(M)
    let z = (sum / Double(count) - expected) / (2 * expected / Double(count)).squareRoot()
    #expect(abs(z) < 4)
  }

  @Test(arguments: [100, 1e12, .infinity] as [Double])
  func everyStartIsACovariance(N: Double) throws {
    let starts: [Student.Initialisation] = [
      .normal(sd: 1), .normal(sd: 0.3, perturb: 1e-9), .informed(noise: 0),
      .informed(noise: 1e-3), .denoise(noise: 0.1), .mixed, .zeros,
    ]
    for start in starts {
      for weights in [Teacher.Weights.isotropic, .orthonormal, .graded] {
        let state = try draw(
          start, teacher: Teacher(secondLayer: [1, 2, 3], weights: weights), N: N)
        #expect(state.Q.asymmetry == 0 && state.T.asymmetry == 0)
        let smallest = try #require(state.covariance.symmetricEigenvalues.min())
        #expect(smallest > -1e-12)
      }
    }
  }

  // MARK: Values

  @Test func infiniteDimension() throws {
    let state = try draw(.normal(sd: 0.5), N: .infinity)
    #expect(state.Q == Matrix.identity(4).map { $0 * 0.25 })
    #expect(state.R == Matrix(rows: 4, columns: 3) && state.T == .identity(3))
    let perturbed = try draw(
      .normal(sd: 0.5, perturb: 1e-9), N: .infinity, trainsSecondLayer: true)
    #expect(perturbed.R != state.R && perturbed.v != state.v)
    #expect(perturbed.R.elements.allSatisfy { abs($0) < 1e-8 })
  }

  @Test func graded() throws {
    let state = try draw(.zeros, teacher: Teacher(secondLayer: [1, 1], weights: .graded))
    #expect(state.T == .diagonal([1, 2]) && state.Q == Matrix(rows: 4, columns: 4))
  }

  @Test func informed() throws {
    let state = try draw(.informed(noise: 0), trainsSecondLayer: true)
    for i in 0..<4 {
      for n in 0..<3 { #expect(state.R[i, n] == (i < 3 ? state.T[i, n] : 0)) }
    }
    #expect(state.v == [1, 2, 3, 1])
    #expect(try draw(.informed(noise: 0)).v == [1, 1, 1, 1])
    #expect(
      try draw(.informed(noise: 0), trainsSecondLayer: true, secondLayer: .values([4, 3, 2, 1])).v
        == [4, 3, 2, 1])
    #expect(throws: TrainingError.self) { try draw(.informed(noise: 0), K: 2) }
  }

  @Test func denoise() throws {
    let state = try draw(.denoise(noise: 0), K: 5, trainsSecondLayer: true)
    #expect(state.v == [0.5, 1, 3, 0.5, 1])
    #expect(state.Q[0, 3] == state.T[0, 0] && state.R[4, 2] == state.T[1, 2])
  }

  @Test func secondLayers() throws {
    let drawn = try draw(.zeros, secondLayer: .normal(sd: 2)).v
    #expect(Set(drawn).count == 4 && drawn.allSatisfy { abs($0) < 10 })
    let mixed = try draw(.mixed, trainsSecondLayer: true)
    #expect(mixed.v.map { $0 * 4 } == drawn, "N(0, 1)/√K and sd N(0, 1) are of one stream")
    #expect(abs(mixed.Q[0, 0] * 100 - 1) < 0.6)
  }

  @Test func oneSeedOneStart() throws {
    let small = try draw(.normal(sd: 0.1), seed: 3)
    #expect(try draw(.normal(sd: 0.1), seed: 3) == small)
    #expect(try draw(.normal(sd: 0.1), seed: 4).Q != small.Q)
    // The teacher does not depend on the student.
    #expect(try draw(.zeros, K: 7, seed: 3).T == small.T)
  }

  @Test func givenOverlaps() throws {
    let Q = Matrix(rows: 2, columns: 2, elements: [1, 0.2, 0.2, 1])
    let R = Matrix(rows: 2, columns: 2, elements: [0.5, 0, 0, 0.5])
    let teacher = Teacher(secondLayer: [1, 1])
    for N in [4, .infinity] as [Double] {
      let state = try draw(
        .overlaps(Q: Q, R: R, v: [2, 3]), K: 2, teacher: teacher, N: N)
      #expect(state.Q == Q && state.R == R && state.v == [2, 3])
    }
    #expect(throws: TrainingError.dimensionTooSmall(N: 3, needed: 4)) {
      try draw(.overlaps(Q: Q, R: R, v: nil), K: 2, teacher: teacher, N: 3)
    }
    #expect(throws: TrainingError.self) {
      try draw(.overlaps(Q: Q, R: R.transpose, v: [1]), K: 2, teacher: teacher)
    }
    var wide = R
    wide[0, 0] = 1.5
    do {
      _ = try draw(.overlaps(Q: Q, R: wide, v: nil), K: 2, teacher: teacher)
      Issue.record("R = 1.5 between vectors of length 1 is impossible")
    } catch TrainingError.notACovariance(let smallest) {
      #expect(smallest < -0.4)
    }
  }

  // MARK: Roots

  @Test func rootsOfSingularCovariances() {
    let S = Matrix(
      rows: 5, columns: 2, elements: [1, 2, -1, 1, 0, 0, 1e-9, 0, 2, 4])
    let C = S * S.transpose
    let X = CovarianceRoot.of(C)
    let back = X * X.transpose
    for i in 0..<5 {
      for j in 0..<5 {
        let size = (C[i, i] * C[j, j]).squareRoot()
        #expect(abs(back[i, j] - C[i, j]) <= 1e-14 * size)
      }
    }
  }
}
