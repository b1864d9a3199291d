import Foundation
import Groundwork
import LearningDynamics
import Testing

private func phase(_ time: Double, _ eta: Double, layers: Layers = .first) -> Phase {
  Phase(time: time, firstRate: .constant(eta), secondRate: .constant(eta), layers: layers)
}

@Suite struct FixedPointTests {
  @Test func runsEndAtTheirFixedPoint() throws {
    let learner = committee(K: 2, M: 2, sigma: 0.1) { $0 == $1 ? 0.4 : 0.1 }
    let short = try Equations.run(
      student: learner.student, teacher: learner.teacher, plan: [phase(300, 0.2)],
      from: learner.start)
    let long = try Equations.run(
      student: learner.student, teacher: learner.teacher, plan: [phase(1e5, 0.2)],
      from: learner.start)
    let fixed = try FixedPoint(of: short)
    #expect(abs(fixed.error / long.samples.last!.error - 1) < 1e-6)
    #expect(fixed.residual < 1e-14)
    #expect(fixed.stable == 7 && fixed.unstable == 0 && fixed.flat == 0 && fixed.isStable)
    #expect(fixed.eigenvalues.count == 7)
    // The run relaxes as the slowest eigenvalue says.
    let times = [200.0, 300]
    let late = try Equations.run(
      student: learner.student, teacher: learner.teacher, plan: [phase(300, 0.2)],
      from: learner.start, options: EquationOptions(tolerance: 1e-11, recording: .at(times)))
    let excess = late.samples.map { abs($0.state.R[0, 0] - fixed.state.R[0, 0]) }
    let rate = log(excess[0] / excess[1]) / 100
    #expect(abs(rate * fixed.relaxationTime! - 1) < 0.05, "\(rate) \(fixed.eigenvalues)")
  }

  @Test func stopsWhereItIsToldTo() throws {
    let learner = committee(K: 8, M: 8, sigma: 0.1) { $0 == $1 ? 0.4 : 0.1 }
    let run = try Equations.run(
      student: learner.student, teacher: learner.teacher, plan: [phase(10, 0.2)],
      from: learner.start)
    for limit in [1, 2, 20] {
      var questions = 0
      #expect(throws: Interruption.self) {
        try FixedPoint(of: run) {
          questions += 1
          return questions >= limit
        }
      }
      #expect(questions >= limit && questions < limit + 5)
    }
  }

  /// η with batches of b moves as η/b with single samples does, b times as fast.
  @Test func batchesHaveTheirOwnFixedPoint() throws {
    let learner = committee(K: 2, M: 2, sigma: 0.1) { $0 == $1 ? 0.4 : 0.1 }
    func run(_ eta: Double, batch: Int, time: Double) throws -> Run {
      try Equations.run(
        student: learner.student, teacher: learner.teacher, plan: [phase(time, eta)],
        from: learner.start, options: EquationOptions(batch: batch))
    }
    let batches = try run(0.8, batch: 4, time: 75), singles = try run(0.2, batch: 1, time: 300)
    #expect(abs(batches.samples.last!.error / singles.samples.last!.error - 1) < 1e-6)
    let fixed = try FixedPoint(of: batches), other = try FixedPoint(of: singles)
    #expect(abs(fixed.error / other.error - 1) < 1e-9)
    for (a, b) in zip(fixed.eigenvalues, other.eigenvalues) {
      #expect(abs(a.real / (4 * b.real) - 1) < 1e-6)
    }
    // A simulation of batches ends near the fixed point of its own batch.
    let descent = try Descent.run(
      student: learner.student, teacher: learner.teacher, plan: [phase(75, 0.8)],
      from: learner.start, N: 1000, seed: 1, options: DescentOptions(batch: 4))
    #expect(abs(try FixedPoint(of: descent).error / other.error - 1) < 1e-9)
    #expect(throws: TrainingError.self) { try run(0.2, batch: 0, time: 1) }
  }

  /// D5: ε_g of a linear committee decays at 2 η K - η² K², and all directions in which the sum of
  /// the units does not change are flat.
  @Test func linearCommittees() throws {
    let (K, M, eta) = (3, 2, 0.1)
    let learner = committee(K: K, M: M, activation: .linear, sigma: 0.1, length: 1) { i, n in
      0.3 * cos(Double(i + n))
    }
    let run = try Equations.run(
      student: learner.student, teacher: learner.teacher, plan: [phase(40, eta)],
      from: learner.start)
    let fixed = try FixedPoint(of: run)
    let k = Double(K)
    #expect(abs(fixed.error / (eta * 0.01 * k / (4 - 2 * eta * k)) - 1) < 1e-9)
    #expect(fixed.unstable == 0)
    // Of R the mean over units decays; of Q its products with R and with itself.
    #expect(fixed.stable == M + K && fixed.flat == K * M + K * (K + 1) / 2 - M - K)
    let fastest = fixed.eigenvalues.map(\.real).min()!
    #expect(abs(fastest + (2 * eta * k - eta * eta * k * k)) < 1e-6 * k, "\(fixed.eigenvalues)")
  }

  /// Both layers: rescaling is no symmetry of erf units, so the fixed point is isolated but slow.
  @Test func bothLayers() throws {
    let learner = committee(K: 2, M: 2, sigma: 0.1) { $0 == $1 ? 0.6 : 0.1 }
    let run = try Equations.run(
      student: learner.student, teacher: learner.teacher, plan: [phase(5000, 0.2, layers: .both)],
      from: learner.start)
    let fixed = try FixedPoint(of: run)
    #expect(fixed.eigenvalues.count == 9)
    #expect(fixed.isStable)
    #expect(abs(fixed.error / run.samples.last!.error - 1) < 0.05)
    let theory = try AsymptoticError(
      student: learner.student, teacher: learner.teacher, layers: .both, learningRate: 0.2)
    #expect(abs(fixed.error / theory.error - 1) < 0.05, "\(fixed.error) \(theory.error)")
  }

  @Test func plateausAreUnstable() throws {
    let plateau = try Plateau(hiddenUnits: 3, teacherUnits: 2)
    let eta = 1e-3
    let state = OrderParameters(
      Q: Matrix(rows: 3, columns: 3, repeating: plateau.Q),
      R: Matrix(rows: 3, columns: 2, repeating: plateau.R), T: .identity(2), v: [1, 1, 1],
      vStar: [1, 1])
    let fixed = try FixedPoint(
      student: Student(hiddenUnits: 3), teacher: Teacher(secondLayer: [1, 1]),
      phase: phase(0, eta), near: state)
    #expect(fixed.unstable > 0 && !fixed.isStable)
    #expect(abs(fixed.eigenvalues[0].real / eta / plateau.rate - 1) < 0.05)
    #expect(abs(fixed.error / plateau.error - 1) < 0.05)
  }

  @Test func withoutAFixedPointNearbyThereIsAnError() throws {
    // Linear beyond its stable rate, with noise: Q would have to be negative.
    let student = Student(hiddenUnits: 1, activation: .linear)
    let teacher = Teacher(activation: .linear, secondLayer: [1], labelNoise: 1)
    let state = OrderParameters(
      Q: .identity(1), R: .identity(1), T: .identity(1), v: [1], vStar: [1])
    let fixed = try FixedPoint(
      student: student, teacher: teacher, phase: phase(0, 3), near: state)
    #expect(fixed.error < 0 && !fixed.isStable)
    let silent = try Equations.run(
      student: student, teacher: teacher, plan: [], from: state)
    #expect(throws: TheoryError.self) { try FixedPoint(of: silent) }
  }
}

@Suite struct SpecialisationTests {
  private func state(_ R: Matrix, lengths: [Double]? = nil) -> OrderParameters {
    OrderParameters(
      Q: .diagonal(lengths ?? .init(repeating: 1, count: R.rows)), R: R,
      T: .identity(R.columns), v: .init(repeating: 1, count: R.rows),
      vStar: .init(repeating: 1, count: R.columns))
  }

  @Test func copiesSignsAndOutsiders() {
    let R = Matrix(
      rows: 4, columns: 2, elements: [0.02, 1.98, -0.99, 0.05, 0, 0.99, 0.3, 0.4])
    let found = Specialisation(state(R, lengths: [4, 1, 1, 1]))
    #expect(found.followers.map { $0?.teacherUnit } == [1, 0, 1, nil])
    #expect(abs(found.followers[0]!.overlap - 0.99) < 1e-12)
    #expect(found.followers[1]!.overlap == -0.99)
    #expect(found.copies == [1, 2] && found.isComplete)
    #expect(found.partners[1] == 0 && found.partners.compactMap { $0 }.sorted() == [0, 1])
    #expect(!Specialisation(state(R, lengths: [4, 1, 1, 1]), threshold: 0.995).isComplete)
  }

  @Test func unitsOfLengthZeroFollowNobody() {
    let R = Matrix(rows: 2, columns: 1)
    let found = Specialisation(state(R, lengths: [0, 0]))
    #expect(found.followers == [nil, nil] && found.overlaps.elements == [0, 0])
  }

  /// Against all pairings of small matrices.
  @Test func pairingsAreOptimal() {
    var seed: UInt64 = 11
    func random() -> Double {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(seed >> 11) * 0x1p-53
    }
    func best(_ gains: Matrix, _ row: Int, _ used: Set<Int>) -> Double {
      if row == gains.rows { return 0 }
      var largest = gains.rows > gains.columns ? best(gains, row + 1, used) : -Double.infinity
      for j in 0..<gains.columns where !used.contains(j) {
        largest = max(largest, gains[row, j] + best(gains, row + 1, used.union([j])))
      }
      return largest
    }
    for (rows, columns) in [(1, 1), (3, 3), (5, 5), (4, 6), (6, 3)] {
      for _ in 0..<20 {
        let gains = Matrix(rows: rows, columns: columns) { _, _ in random() }
        let found = Specialisation.assignment(gains)
        let columnsUsed = found.compactMap { $0 }
        #expect(columnsUsed.count == min(rows, columns))
        #expect(Set(columnsUsed).count == columnsUsed.count)
        var sum = 0.0
        for (row, column) in found.enumerated() { sum += column.map { gains[row, $0] } ?? 0 }
        #expect(abs(sum - best(gains, 0, [])) < 1e-12)
      }
    }
  }

  @Test func twentyUnits() {
    let order = (0..<20).map { (7 * $0 + 3) % 20 }
    let R = Matrix(rows: 20, columns: 20) { $1 == order[$0] ? 0.5 : 0.3 }
    #expect(Specialisation(state(R)).partners == order)
  }
}
