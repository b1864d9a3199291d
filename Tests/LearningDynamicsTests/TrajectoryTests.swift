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

@Suite struct TrajectoryTests {
  @Test func print_() throws {
    for reference in try ReferenceTrajectory.load() {
      let run = try reference.run(tolerance: 1e-8)
      let tight = try reference.run(tolerance: 1e-11)
      print(reference.name, run.seconds * 1e3, "ms", tight.seconds * 1e3, "ms tight", run.ending)
      for (i, point) in reference.points.enumerated() {
        print(
          "   \(point.alpha) eg \(point.error)",
          String(
            format: "%.1e (tight %.1e) mutual %.1e", run.samples[i].error / point.error - 1,
            tight.samples[i].error / point.error - 1, run.samples[i].error / tight.samples[i].error - 1))
      }
    }
  }
}
