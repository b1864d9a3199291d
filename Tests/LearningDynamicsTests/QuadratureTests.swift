import Foundation
import Groundwork
import LearningDynamics
import Testing

/// erf and relu as a user would write them.
let handWrittenErf = CustomActivation(name: "erf") { x, count, g, dg in
  for i in 0..<count {
    g[i] = erf(x[i] / 2.0.squareRoot())
    dg[i] = (2 / Double.pi).squareRoot() * exp(-0.5 * x[i] * x[i])
  }
}

let handWrittenReLU = CustomActivation(name: "relu") { x, count, g, dg in
  for i in 0..<count { (g[i], dg[i]) = x[i] > 0 ? (x[i], 1) : (0, 0) }
}

@Suite struct QuadratureTests {
  /// The worst relative error of eg, dQ, dR and dv over all the reference states.
  func worst(
    _ name: String, student: Activation? = nil, teacher: Activation? = nil
  ) throws -> (eg: Double, rates: Double) {
    var result = (eg: 0.0, rates: 0.0)
    for var expected in try ReferenceRates.load() where expected.name.hasPrefix(name) {
      if let student { expected.student.activation = student }
      if let teacher { expected.teacher.activation = teacher }
      let rates = try OrderParameterRates(
        student: expected.student, teacher: expected.teacher, state: expected.state,
        phase: expected.phase)
      let error = abs(rates.error / expected.error - 1)
      result.eg = max(result.eg, error)
      var all = 0.0
      all = max(all, relativeDifference(rates.dQ.elements, expected.dQ.elements))
      all = max(all, relativeDifference(rates.dR.elements, expected.dR.elements))
      all = max(all, relativeDifference(rates.dv, expected.dv))
      result.rates = max(result.rates, all)
      if ProcessInfo.processInfo.environment["TSS_SHOW"] != nil {
        print(expected.name, error, all)
      }
    }
    return result
  }

  @Test func handWrittenErfAgreesWithTheClosedForms() throws {
    let erf = Activation.custom(handWrittenErf)
    for (student, teacher) in [(erf, erf), (erf, nil), (nil, erf)] as [(Activation?, Activation?)] {
      let error = try worst("erf", student: student, teacher: teacher)
      #expect(error.eg < 1e-6 && error.rates < 1e-6, "\(error)")
    }
  }

  @Test func handWrittenReLUAgreesWithTheClosedForms() throws {
    let relu = Activation.custom(handWrittenReLU)
    for (student, teacher) in [(relu, relu), (relu, nil), (nil, relu)]
      as [(Activation?, Activation?)]
    {
      let error = try worst("relu", student: student, teacher: teacher)
      #expect(error.eg < 1e-4 && error.rates < 1e-4, "\(error)")
    }
  }

  @Test func kinksAreFound() {
    #expect(handWrittenErf.kinks == [])
    #expect(handWrittenReLU.kinks == [0])
    let hard = CustomActivation(name: "hard tanh") { x, count, g, dg in
      for i in 0..<count {
        (g[i], dg[i]) = abs(x[i]) < 1 ? (x[i], 1) : (x[i] > 0 ? 1 : -1, 0)
      }
    }
    #expect(hard.kinks == [-1, 1])
    let step = CustomActivation(name: "step") { x, count, g, dg in
      for i in 0..<count { (g[i], dg[i]) = (x[i] > 0.3 ? 1 : 0, 0) }
    }
    #expect(step.kinks == [0.3])
    let steep = CustomActivation(name: "steep") { x, count, g, dg in
      for i in 0..<count {
        g[i] = tanh(50 * x[i])
        dg[i] = 50 * (1 - g[i] * g[i])
      }
    }
    #expect(steep.kinks == [])
  }
}
