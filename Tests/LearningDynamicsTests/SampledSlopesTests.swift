import Foundation
import Groundwork
import LearningDynamics
import Testing

/// The small-noise theory of activations without closed form, against those that have one.
@Suite struct SampledSlopesTests {
  private let erfByHand = Self.activation("erf by hand") { x in
    (erf(x / 2.0.squareRoot()), (2 / .pi).squareRoot() * exp(-0.5 * x * x))
  }
  private let reluByHand = Self.activation("relu by hand") { x in x > 0 ? (x, 1) : (0, 0) }
  private let tanhByHand = Self.activation("tanh") { x in (tanh(x), 1 - tanh(x) * tanh(x)) }
  private let swish = Self.activation("swish") { x in
    let s = 1 / (1 + exp(-x))
    return (x * s, s * (1 + x * (1 - s)))
  }

  private static let correlated = [
    Matrix(rows: 2, columns: 2, elements: [1, 0.4, 0.4, 1.2]),
    Matrix(rows: 3, columns: 3, elements: [1, 0.5, 0.2, 0.5, 1.3, 0.1, 0.2, 0.1, 1]),
    Matrix(rows: 4, columns: 4) { i, j in i == j ? 1.3 : -0.3 },
  ]

  @Test(arguments: [(1, 1), (2, 2), (3, 2), (5, 3)])
  func erfByHandIsErf(K: Int, M: Int) throws {
    for (layers, eta) in [(Layers.first, 0.1), (.both, 0.4)] {
      let found = try final(erfByHand, K, M, eta, layers: layers)
      let exact = try final(.erf, K, M, eta, layers: layers)
      #expect(found.branch == exact.branch)
      #expect(abs(found.perNoiseVariance / exact.perNoiseVariance - 1) < 1e-11)
      #expect(abs(found.stableRate / exact.stableRate - 1) < 1e-11)
    }
  }

  @Test(arguments: correlated.indices) func correlatedTeachers(index: Int) throws {
    let T = Self.correlated[index]
    for (custom, exact, tolerance) in [
      (erfByHand, Activation.erf, 1e-7), (reluByHand, .relu, 1e-6),
    ] {
      let found = try final(custom, T.rows, T.rows, 0.2, T: T).perNoiseVariance
      let closed = try final(exact, T.rows, T.rows, 0.2, T: T).perNoiseVariance
      #expect(abs(found / closed - 1) < tolerance, "\(custom) \(found) \(closed)")
    }
  }

  /// x²: with a = 2x the moments are ⟨a²⟩ = 4, ⟨a⁴⟩ = 48 and for one unit E = η m₂/(4 - 2 η m₄/m₂).
  @Test func oneQuadraticUnit() throws {
    for eta in [0.01, 0.1] {
      let found = try final(.quadratic, 1, 1, eta)
      #expect(abs(found.perNoiseVariance / (eta * 4 / (4 - 2 * eta * 12)) - 1) < 1e-11)
      #expect(abs(found.stableRate - 1.0 / 6) < 1e-12)
    }
  }

  /// Theory against the equations, where the labels' noise is small.
  @Test func theEquationsEndThere() throws {
    let student = Student(hiddenUnits: 2, activation: swish, secondLayer: .values([1, 1]))
    let teacher = Teacher(activation: swish, secondLayer: [1, 1], labelNoise: 0.003)
    let theory = try AsymptoticError(student: student, teacher: teacher, learningRate: 0.5)
    let start = OrderParameters(
      Q: .identity(2), R: .identity(2), T: .identity(2), v: [1, 1], vStar: [1, 1])
    let phase = Phase(time: 400, firstRate: .constant(0.5), secondRate: .constant(0))
    let run = try Equations.run(student: student, teacher: teacher, plan: [phase], from: start)
    let fixed = try FixedPoint(of: run)
    #expect(abs(fixed.error / theory.error - 1) < 1e-3, "\(fixed.error) \(theory.error)")
  }

  @Test func branchesThatNobodyKnows() throws {
    // Of an odd g extra units may be at 0; of another they need not.
    #expect(try final(tanhByHand, 3, 2, 0.1).branch == .zero)
    #expect(throws: TheoryError.self) { try final(swish, 3, 2, 0.1) }
    #expect(try final(swish, 4, 2, 0.1, v: 0.5, copies: [2, 2]).branch == .copies)
    #expect(throws: TheoryError.self) { try final(reluByHand, 2, 2, 0.1, layers: .both) }
    // A mirrored unit gives the opposite output only where g is odd.
    #expect(try final(tanhByHand, 2, 2, 0.1, v: -1).branch == .zero)
    #expect(throws: TheoryError.self) { try final(swish, 2, 2, 0.1, v: -1) }
    #expect(throws: TheoryError.self) { try final(.sign, 2, 2, 0.1) }
  }

  @Test func theSameFunctionWrittenTwice() throws {
    let again = Self.activation("another") { x in
      (erf(x / 2.0.squareRoot()), (2 / .pi).squareRoot() * exp(-0.5 * x * x))
    }
    #expect(again.agrees(with: erfByHand) && again.agrees(with: .erf))
    #expect(!again.agrees(with: tanhByHand) && !Activation.relu.agrees(with: .linear))
  }

  private static func activation(
    _ name: String, _ f: @escaping @Sendable (Double) -> (Double, Double)
  ) -> Activation {
    .custom(
      CustomActivation(name: name) { x, count, g, dg in
        for i in 0..<count { (g[i], dg[i]) = f(x[i]) }
      })
  }

  private func final(
    _ g: Activation, _ K: Int, _ M: Int, _ eta: Double, layers: Layers = .first,
    v: Double = 1, copies: [Int]? = nil, T: Matrix? = nil
  ) throws -> AsymptoticError {
    try AsymptoticError(
      student: Student(
        hiddenUnits: K, activation: g, secondLayer: .values(.init(repeating: v, count: K))),
      teacher: Teacher(
        activation: g, secondLayer: .init(repeating: 1, count: M), labelNoise: 1,
        weights: T.map { .overlaps($0) } ?? .orthonormal), layers: layers, learningRate: eta,
      copies: copies)
  }
}
