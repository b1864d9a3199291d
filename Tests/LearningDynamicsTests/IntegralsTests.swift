import Foundation
import Groundwork
import LearningDynamics
import Testing

/// Right-hand sides at random states, from an independent program (Tests/Reference/rates.json).
struct ReferenceRates {
  let name: String
  var student: Student
  var teacher: Teacher
  let state: OrderParameters
  let phase: Phase
  let error: Double
  let dQ: Matrix
  let dR: Matrix
  let dv: [Double]

  static func load() throws -> [ReferenceRates] {
    try Reference.cases("rates.json").compactMap { json in
      guard let activation = Activation(rawValue: json.string("activation")) else { return nil }
      let v = json.list("v"), vStar = json.list("v_star")
      return ReferenceRates(
        name: "\(activation) K=\(v.count) M=\(vStar.count)",
        student: Student(
          hiddenUnits: v.count, activation: activation, secondLayer: .values(v)),
        teacher: Teacher(
          activation: activation, secondLayer: vStar, labelNoise: json.number("sigma")),
        state: OrderParameters(
          Q: json.matrix("Q"), R: json.matrix("R"), T: json.matrix("T"), v: v, vStar: vStar),
        phase: Phase(
          time: 1, firstRate: .constant(json.number("eta_w")),
          secondRate: .constant(json.number("eta_v")), layers: .both,
          decay: .constant(json.number("decay"))),
        error: json.number("eg"), dQ: json.matrix("dQ"), dR: json.matrix("dR"), dv: json.list("dv"))
    }
  }
}

/// The largest difference, relative to the largest element.
func relativeDifference(_ a: [Double], _ b: [Double]) -> Double {
  precondition(a.count == b.count)
  let size = b.map(abs).max() ?? 0
  return zip(a, b).map { abs($0 - $1) }.max().map { $0 / size } ?? 0
}

@Suite struct IntegralsTests {
  @Test func ratesAgreeWithTheReference() throws {
    let cases = try ReferenceRates.load()
    #expect(cases.count == 24)
    for expected in cases {
      let rates = try OrderParameterRates(
        student: expected.student, teacher: expected.teacher, state: expected.state,
        phase: expected.phase)
      // The reference gives fifteen decimals; its ReLU rates come from quadrature.
      let precision = expected.student.activation == .relu ? 1e-10 : 1e-12
      #expect(
        relativeDifference(rates.dQ.elements, expected.dQ.elements) < precision,
        "dQ \(expected.name)")
      #expect(
        relativeDifference(rates.dR.elements, expected.dR.elements) < precision,
        "dR \(expected.name)")
      #expect(relativeDifference(rates.dv, expected.dv) < precision, "dv \(expected.name)")
      #expect(abs(rates.error / expected.error - 1) < 1e-12, "eg \(expected.name)")
      let direct = expected.state.generalisationError(
        student: expected.student, teacher: expected.teacher)
      #expect(abs(direct / expected.error - 1) < 1e-12, "eg \(expected.name)")
    }
  }
}
