import Foundation
import Groundwork
import LearningDynamics
import Testing

@Suite struct PlateauTests {
  /// PHYSICS.md, D8.
  @Test(arguments: [
    (2, 2, 0.011611, 0.0657), (3, 3, 0.020297, 0.0461), (4, 4, 0.028377, 0.0356),
    (3, 2, 0.012677, 0.0495), (4, 2, 0.013550, 0.0384), (5, 2, 0.014037, 0.0311),
  ])
  func values(K: Int, M: Int, error: Double, rate: Double) throws {
    let plateau = try Plateau(hiddenUnits: K, teacherUnits: M)
    #expect(abs(plateau.error - error) < 6e-7, "\(plateau)")
    #expect(abs(plateau.rate - rate) < 6e-5, "\(plateau)")
  }

  /// Saad and Solla 1995.
  @Test func asManyUnitsAsTheTeacher() throws {
    for M in [2, 3, 4, 7, 20] {
      let plateau = try Plateau(hiddenUnits: M, teacherUnits: M)
      let m = Double(M)
      #expect(abs(plateau.R * (m * (2 * m - 1)).squareRoot() - 1) < 1e-14)
      #expect(abs(plateau.Q * (2 * m - 1) - 1) < 1e-14)
      let error = m / .pi * (.pi / 6 - m * asin(0.5 / m))
      #expect(abs(plateau.error - error) < 1e-13)
      let rate = 2 * m / .pi / ((2 * m - 1).squareRoot() * pow(2 * m + 1, 1.5))
      #expect(abs(plateau.rate / rate - 1) < 1e-12)
    }
    #expect(abs(try Plateau(hiddenUnits: 6, teacherUnits: 4).error - 0.028894) < 6e-7)
  }

  /// A fixed point of the gradient flow, and the whole Jacobian's eigenvalues against those of the
  /// blocks.
  @Test(arguments: [(1, 1), (2, 1), (2, 2), (3, 2), (5, 2), (6, 4), (4, 4)])
  func blocksHaveTheEigenvaluesOfTheWhole(K: Int, M: Int) throws {
    let plateau = try Plateau(hiddenUnits: K, teacherUnits: M)
    let state = OrderParameters(
      Q: Matrix(rows: K, columns: K, repeating: plateau.Q),
      R: Matrix(rows: K, columns: M, repeating: plateau.R), T: .identity(M),
      v: .init(repeating: 1, count: K), vStar: .init(repeating: 1, count: M))
    let equations = OrderParameterEquations(
      student: Student(hiddenUnits: K), teacher: Teacher(secondLayer: state.vStar),
      phase: Phase(time: 0, firstRate: .constant(1e-9), secondRate: .constant(0)), start: state)
    var dy = [Double](repeating: 0, count: equations.count)
    try equations.derivative(0, equations.pack(state), &dy)
    #expect(dy.map { abs($0) / 1e-9 }.max()! < 1e-8)

    let whole = Plateau.jacobian(state).eigenvalues
    let blocks = Plateau.growthRates(state)
    func contains(_ all: [Eigenvalue], _ one: Eigenvalue) -> Bool {
      all.contains { hypot($0.real - one.real, $0.imaginary - one.imaginary) < 1e-6 }
    }
    for value in whole { #expect(contains(blocks, value), "\(value) \(blocks)") }
    for value in blocks { #expect(contains(whole, value), "\(value) \(whole)") }
    #expect(abs(whole.map(\.real).max()! - plateau.rate) < 1e-7)
  }

  /// The escape itself: a run at a small rate from the plateau.
  @Test func runsLeaveThePlateauAtItsRate() throws {
    let (K, M, eta) = (3, 2, 1e-3)
    let plateau = try Plateau(hiddenUnits: K, teacherUnits: M)
    let epsilon = 1e-7
    let start = OrderParameters(
      Q: Matrix(rows: K, columns: K) { plateau.Q + ($0 == $1 ? 1e-3 : 0) },
      R: Matrix(rows: K, columns: M) { i, n in
        plateau.R + epsilon * [1.0, -1, 0][i] * [1.0, -1][n]
      }, T: .identity(M), v: [1, 1, 1], vStar: [1, 1])
    let phase = Phase(time: 1e5, firstRate: .constant(eta), secondRate: .constant(0))
    let run = try Equations.run(
      student: Student(hiddenUnits: K), teacher: Teacher(secondLayer: [1, 1]), plan: [phase],
      from: start, options: EquationOptions(recording: .at([2e4, 6e4])))
    func asymmetry(_ sample: Run.Sample) -> Double {
      let R = sample.state.R
      return R[0, 0] - R[0, 1] - R[1, 0] + R[1, 1]
    }
    let growth = log(asymmetry(run.samples[1]) / asymmetry(run.samples[0])) / 4e4 / eta
    #expect(abs(growth / plateau.rate - 1) < 0.01, "\(growth) \(plateau.rate)")
  }

  @Test func fewerUnitsThanTheTeacherAreAnError() {
    #expect(throws: TheoryError.self) { try Plateau(hiddenUnits: 1, teacherUnits: 2) }
    #expect(throws: TheoryError.self) { try Plateau(hiddenUnits: 1, teacherUnits: 0) }
  }
}
