import Foundation
import Groundwork
import LearningDynamics
import Testing

/// Learning curves from an independent program (Tests/Reference/trajectories.json).
struct ReferenceTrajectory {
  let name: String
  let student: Student
  let teacher: Teacher
  let start: OrderParameters
  let phase: Phase
  let points: [(alpha: Double, error: Double, state: OrderParameters)]

  static func load() throws -> [ReferenceTrajectory] {
    try Reference.cases("trajectories.json").compactMap { json in
      guard let activation = Activation(rawValue: json.string("activation")) else { return nil }
      let v = json.list("v0"), vStar = json.list("v_star"), T = json.matrix("T")
      let second = json.number("eta_v")
      let points = json.objects("points").map { point in
        (
          alpha: point.number("alpha"), error: point.number("eg"),
          state: OrderParameters(
            Q: point.matrix("Q"), R: point.matrix("R"), T: T, v: point.list("v"), vStar: vStar)
        )
      }
      return ReferenceTrajectory(
        name: "\(activation) K=\(v.count) M=\(vStar.count)",
        student: Student(hiddenUnits: v.count, activation: activation),
        teacher: Teacher(
          activation: activation, secondLayer: vStar, labelNoise: json.number("sigma")),
        start: OrderParameters(
          Q: json.matrix("Q0"), R: json.matrix("R0"), T: T, v: v, vStar: vStar),
        phase: Phase(
          time: points.last!.alpha, firstRate: .constant(json.number("eta_w")),
          secondRate: .constant(second), layers: second > 0 ? .both : .first,
          decay: .constant(json.number("decay"))), points: points)
    }
  }

  func run(tolerance: Double) throws -> Run {
    try Equations.run(
      student: student, teacher: teacher, plan: [phase], from: start,
      options: EquationOptions(tolerance: tolerance, recording: .at(points.map(\.alpha))))
  }
}

/// A linear or erf committee machine with v = v* = 1 and T = 1 in a state near (sd, R).
func committee(
  K: Int, M: Int, activation: Activation = .erf, sigma: Double = 0, length: Double = 0.1,
  overlap: (Int, Int) -> Double
) -> (student: Student, teacher: Teacher, start: OrderParameters) {
  let student = Student(hiddenUnits: K, activation: activation)
  let teacher = Teacher(
    activation: activation, secondLayer: .init(repeating: 1, count: M), labelNoise: sigma)
  let R = Matrix(rows: K, columns: M) { overlap($0, $1) }
  let product = R * R.transpose
  let Q = Matrix(rows: K, columns: K) { product[$0, $1] + ($0 == $1 ? length : 0) }
  return (
    student, teacher,
    OrderParameters(
      Q: Q, R: R, T: .identity(M), v: .init(repeating: 1, count: K), vStar: teacher.secondLayer)
  )
}

@Suite struct TrajectoryTests {
  /// All cases of the reference (LSODA, relative tolerance 1e-10), the escapes from plateaus
  /// included: their amplification is below a hundred here. Where ε_g itself has decayed to the
  /// absolute tolerance, that is what is required.
  @Test func trajectoriesAgreeWithTheReference() throws {
    let references = try ReferenceTrajectory.load()
    #expect(references.count == 8)
    for reference in references {
      let run = try reference.run(tolerance: 1e-8)
      #expect(run.ending == .completed)
      #expect(run.samples.map(\.alpha) == reference.points.map(\.alpha))
      for (sample, point) in zip(run.samples, reference.points) {
        #expect(
          abs(sample.error - point.error) < 1e-6 * point.error + 1e-12,
          "\(reference.name), α = \(point.alpha)")
        for (found, known) in [
          (sample.state.Q.elements, point.state.Q.elements),
          (sample.state.R.elements, point.state.R.elements), (sample.state.v, point.state.v),
        ] {
          #expect(relativeDifference(found, known) < 1e-5, "\(reference.name), \(point.alpha)")
        }
      }
    }
  }

  /// The trajectory between the integrator's steps, at the default tolerance, against itself at a
  /// much smaller one.
  @Test func theToleranceHoldsBetweenSteps() throws {
    let (student, teacher, start) = committee(K: 4, M: 4, sigma: 0.1) { i, n in
      0.1 * sin(Double(3 * i + 5 * n * n))
    }
    let phase = Phase(time: 1000, firstRate: .constant(0.2), secondRate: .constant(0))
    let recording = Recording.logarithmic(points: 2000)
    let runs = try [1e-8, 1e-12].map {
      try Equations.run(
        student: student, teacher: teacher, plan: [phase], from: start,
        options: EquationOptions(tolerance: $0, recording: recording))
    }
    #expect(runs[0].samples.count == 2000)
    for (sample, exact) in zip(runs[0].samples, runs[1].samples) {
      #expect(abs(sample.error / exact.error - 1) < 1e-6, "α = \(sample.alpha)")
    }
  }

  /// D5: ε_g = ε* + (ε_0 - ε*) exp(-(2ηK - η²K²) α), with ε* = η σ² K/(4 - 2 η K).
  @Test(arguments: [(2, 2, 0.1), (5, 3, 0.2), (4, 4, 0.45)])
  func linearCommitteeFollowsTheClosedForm(K: Int, M: Int, eta: Double) throws {
    let (student, teacher, start) = committee(
      K: K, M: M, activation: .linear, sigma: 0.3, length: 1
    ) { i, n in 0.3 * sin(Double(3 * i + 5 * n)) }
    let run = try Equations.run(
      student: student, teacher: teacher,
      plan: [Phase(time: 100, firstRate: .constant(eta), secondRate: .constant(0))], from: start)
    let k = Double(K)
    let final = eta * 0.09 * k / (4 - 2 * eta * k)
    let rate = 2 * eta * k - eta * eta * k * k
    #expect(run.samples.count == 200)
    for sample in run.samples {
      let exact = final + (run.samples[0].error - final) * exp(-rate * sample.alpha)
      #expect(abs(sample.error / exact - 1) < 1e-6, "α = \(sample.alpha)")
    }
  }

  /// D3: ε_g*/σ² to first order in σ², from the teacher plus a little.
  @Test(arguments: [
    (1, 0, 0.1, 0.00942110), (2, 0, 0.2, 0.0402187), (2, 1, 0.2, 0.0801224),
    (2, 0, 0.5, 0.117126),
  ])
  func noisyCommitteesReachTheAsymptoticError(M: Int, L: Int, eta: Double, known: Double) throws {
    let sigma = 1e-3
    let (student, teacher, start) = committee(
      K: M + L, M: M, sigma: sigma, length: 1e-8
    ) { i, n in i == n ? 0.999 : 0 }
    let run = try Equations.run(
      student: student, teacher: teacher,
      plan: [Phase(time: 1e4, firstRate: .constant(eta), secondRate: .constant(0))], from: start)
    #expect(abs(run.samples.last!.error / (sigma * sigma) / known - 1) < 1e-5)
  }

  /// D9: the perfect solution is stable below η_max = 2.3068 (M = 2, L = 0) and not above.
  @Test func learningRatesAreStableUpToTheLargest() throws {
    let (student, teacher, start) = committee(K: 2, M: 2, length: 1e-6) { i, n in i == n ? 1 : 0 }
    for (factor, grows) in [(0.97, false), (1.03, true)] {
      let run = try Equations.run(
        student: student, teacher: teacher,
        plan: [Phase(time: 40, firstRate: .constant(2.3068 * factor), secondRate: .constant(0))],
        from: start)
      #expect((run.samples.last!.error > run.samples[100].error) == grows)
    }
  }

  /// A deviation of 1e-9 from the symmetric plateau grows by eight orders of magnitude before any
  /// error test can see it; the time of the escape is right nevertheless.
  @Test(arguments: [(2, 2, 0.1), (3, 3, 0.1), (3, 2, 0.5)])
  func escapesFromPlateausComeInTime(K: Int, M: Int, eta: Double) throws {
    let (student, teacher, symmetric) = committee(K: K, M: M, sigma: 0.01) { _, _ in 0 }
    var start = symmetric
    start.Q = Matrix(rows: K, columns: K) { ($0 == $1 ? 0.25 : 0) + 1e-9 * cos(Double($0 + $1)) }
    start.R = Matrix(rows: K, columns: M) { 1e-9 * sin(Double(1 + 3 * $0 + 5 * $1 * $1)) }
    let escapes = try [1e-8, 1e-12].map { tolerance in
      let run = try Equations.run(
        student: student, teacher: teacher,
        plan: [
          Phase(
            time: 1e5, firstRate: .constant(eta), secondRate: .constant(0),
            until: {
              $0.error < 0.003 * Double(M)
            })
        ], from: start, options: EquationOptions(tolerance: tolerance))
      return run.end.alpha
    }
    #expect(escapes[0] > 500)
    #expect(abs(escapes[0] / escapes[1] - 1) < 1e-6)
  }
}
