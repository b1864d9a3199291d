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
        print(expected.name, error, all, rates.quadratureError ?? -1)
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

  /// Closed forms and quadrature, two programs for the same sums, for all built-in pairs that have
  /// both, at a random state and where the student has found the teacher.
  @Test(arguments: [Activation.erf, .linear, .quadratic, .relu], Activation.allCases)
  func closedFormsAgreeWithQuadrature(student: Activation, teacher: Activation) throws {
    if student == .relu && teacher != .relu { return }
    let states = try ReferenceRates.load().filter { $0.name == "erf K=3 M=2" }
    #expect(states.count == 2)
    for state in states.map(\.state) {
      let C = state.covariance, n = 5, K = 3
      let fields = LocalFields(K: K, M: 2)
      for a in 0..<n {
        fields.u[a] = [0.7, -0.4, 0.9, -1.2, 0.5][a]
        for b in 0..<n { fields.C[a * n + b] = C[a, b] }
      }
      let closed: any FieldIntegrals =
        student == .relu
        ? RectifierIntegrals(n: n) : ClosedIntegrals(student: student, teacher: teacher, n: n)
      let quadrature = QuadratureIntegrals(student: student, teacher: teacher, n: n)
      func values(_ integrals: any FieldIntegrals) -> [[Double]] {
        var drift = [Double](repeating: 0, count: K * n)
        var noise = [Double](repeating: 0, count: K * K)
        var second = [Double](repeating: 0, count: K)
        integrals.firstLayer(fields, noiseVariance: 0.3, drift: &drift, noise: &noise)
        integrals.secondLayer(fields, drift: &second)
        return [drift, noise, second, [integrals.error(fields)]]
      }
      let precision = [student, teacher].contains { $0 == .relu || $0 == .sign } ? 1e-4 : 1e-7
      for (name, (a, b)) in zip(
        ["drift", "noise", "second", "error"], zip(values(quadrature), values(closed)))
      {
        let size = max(b.map(abs).max()!, 1e-10)
        let error = zip(a, b).map { abs($0 - $1) }.max()! / size
        #expect(error < precision, "\(name)")
        if ProcessInfo.processInfo.environment["TSS_SHOW"] != nil {
          print(student, teacher, name, error)
        }
      }
    }
  }

  @Test func timesAreShown() throws {
    guard ProcessInfo.processInfo.environment["TSS_SHOW"] != nil else { return }
    let leaky = CustomActivation(name: "leaky") { x, count, g, dg in
      for i in 0..<count { (g[i], dg[i]) = x[i] > 0 ? (x[i], 1) : (0.1 * x[i], 0.1) }
    }
    for (g, K, time) in [
      (Activation.relu, 4, 1000.0), (.custom(handWrittenErf), 2, 100),
      (.custom(handWrittenReLU), 2, 100), (.custom(leaky), 2, 100), (.erf, 2, 100),
      (.relu, 2, 100), (.custom(handWrittenErf), 4, 5),
    ] {
      let (student, teacher, start) = committee(K: K, M: K, activation: g, sigma: 0.1) { i, n in
        0.1 * sin(Double(3 * i + 5 * n * n))
      }
      let phase = Phase(time: time, firstRate: .constant(0.2), secondRate: .constant(0))
      let run = try Equations.run(student: student, teacher: teacher, plan: [phase], from: start)
      print(
        "time", g, K, time, run.seconds, run.samples.last!.error, run.quadratureError ?? -1)
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
