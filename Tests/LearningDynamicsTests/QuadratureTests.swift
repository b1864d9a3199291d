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
      let precision = [student, teacher].contains { $0 == .relu || $0 == .sign } ? 1e-5 : 3e-7
      for (name, (a, b)) in zip(
        ["drift", "noise", "second", "error"], zip(values(quadrature), values(closed)))
      {
        let size = max(b.map(abs).max()!, 1e-10)
        let error = zip(a, b).map { abs($0 - $1) }.max()! / size
        #expect(error < precision, "\(name)")
      }
    }
  }

  /// A ReLU student (K = 2) with other teachers (M = 1): dR, dQ_11, dQ_12, dQ_22, dv, eg from a
  /// three-dimensional Gauss-Legendre rule in the four quadrants of the student's fields (NumPy).
  @Test(
    arguments: [
      (
        Activation.erf,
        [
          0.0826571845434, -0.132403564449, 0.0105174658879, 0.108446446706, -0.373278943328,
          -0.0119960351242, 0.15070417832, 0.702796384733,
        ]
      ),
      (
        .linear,
        [
          0.159775484818, -0.238441227327, 0.113708755265, 0.0446919069983, -0.342259537116,
          0.0172154422527, 0.162388769271, 1.28313823099,
        ]
      ),
      (
        .quadratic,
        [
          0.186437631437, -0.0971303658055, 0.393400093058, 0.0256401459427, -0.371364041989,
          0.0877917631025, 0.274897287409, 3.75747979735,
        ]
      ),
      (
        .sign,
        [
          0.11872071322, -0.181990916379, 0.0734257564947, 0.0729669818951, -0.330589725843,
          0.0016643924047, 0.156168349332, 1.22663012072,
        ]
      ),
      (
        .relu,
        [
          0.1264656028, -0.144569619671, 0.133260517385, 0.087119825992, -0.467029693407,
          0.031205672599, 0.201408711323, 0.977036990892,
        ]
      ),
    ] as [(Activation, [Double])])
  func reluStudentsLearnFromAnyTeacher(activation: Activation, known: [Double]) throws {
    let student = Student(hiddenUnits: 2, activation: .relu)
    let teacher = Teacher(activation: activation, secondLayer: [1.3], labelNoise: 0.4)
    let state = OrderParameters(
      Q: Matrix(rows: 2, columns: 2, elements: [0.9, -0.3, -0.3, 1.4]),
      R: Matrix(rows: 2, columns: 1, elements: [0.5, 0.2]),
      T: Matrix(rows: 1, columns: 1, elements: [1.1]), v: [0.8, -1.1], vStar: [1.3])
    let rates = try OrderParameterRates(
      student: student, teacher: teacher, state: state,
      phase: Phase(
        time: 1, firstRate: .constant(0.3), secondRate: .constant(0.2), layers: .both))
    let found =
      rates.dR.elements + [rates.dQ[0, 0], rates.dQ[0, 1], rates.dQ[1, 1]] + rates.dv
      + [rates.error]
    for (a, b) in zip(found, known) { #expect(abs(a - b) < 1e-6, "\(a), not \(b)") }
    let error = state.generalisationError(student: student, teacher: teacher)
    #expect(abs(error - known[7]) < 1e-9)
    #expect((rates.quadratureError == nil) == [.relu, .linear].contains(activation))
  }

  @Test func studentsCannotHaveSign() throws {
    let student = Student(hiddenUnits: 2, activation: .sign)
    let teacher = Teacher(activation: .sign, secondLayer: [1, 1])
    #expect(throws: TrainingError.self) {
      try InitialState.draw(
        student: student, teacher: teacher, N: 100, seed: 1, trainsSecondLayer: false)
    }
    let state = OrderParameters(
      Q: .identity(2), R: Matrix(rows: 2, columns: 2), T: .identity(2), v: [1, 1], vStar: [1, 1])
    #expect(throws: TrainingError.self) {
      try Equations.run(
        student: student, teacher: teacher,
        plan: [Phase(time: 1, firstRate: .constant(0.1), secondRate: .constant(0))], from: state)
    }
  }

  /// The equations of a custom activation follow those of the closed forms through learning, and
  /// the run says how good its quadrature was.
  @Test func learningCurvesOfCustomActivationsFollowTheClosedForms() throws {
    for (custom, closed, precision) in [
      (handWrittenErf, Activation.erf, 1e-6), (KinkTests.relu, .relu, 1e-4),
    ] {
      let runs = try [Activation.custom(custom), closed].map { activation in
        let (student, teacher, start) = committee(
          K: 2, M: 2, activation: activation, sigma: 0.1
        ) { i, n in 0.1 * sin(Double(3 * i + 5 * n * n)) }
        let phase = Phase(time: 10, firstRate: .constant(0.2), secondRate: .constant(0))
        return try Equations.run(
          student: student, teacher: teacher, plan: [phase], from: start,
          options: EquationOptions(tolerance: 1e-7, recording: .logarithmic(points: 20)))
      }
      #expect(try #require(runs[0].quadratureError) < precision)
      #expect(runs[1].quadratureError == nil)
      for (a, b) in zip(runs[0].samples, runs[1].samples) {
        #expect(abs(a.error / b.error - 1) < precision, "\(closed), α = \(a.alpha)")
      }
    }
  }

  /// D6: a ReLU student at the teacher, ε_g*/σ² = 0.05888 for K = M = 2 at η = 0.2.
  @Test func reluReachesItsAsymptoticError() throws {
    let sigma = 0.1
    let (student, teacher, start) = committee(
      K: 2, M: 2, activation: .relu, sigma: sigma, length: 1e-6
    ) { i, n in i == n ? 0.999 : 0 }
    let run = try Equations.run(
      student: student, teacher: teacher,
      plan: [Phase(time: 1000, firstRate: .constant(0.2), secondRate: .constant(0))], from: start)
    // First order in σ².
    #expect(abs(run.samples.last!.error / (sigma * sigma) / 0.058884 - 1) < 0.02)
  }

  @Test func timesAreShown() throws {
    guard ProcessInfo.processInfo.environment["TSS_SHOW"] != nil else { return }
    let leaky = CustomActivation(name: "leaky") { x, count, g, dg in
      for i in 0..<count { (g[i], dg[i]) = x[i] > 0 ? (x[i], 1) : (0.1 * x[i], 0.1) }
    }
    for (g, K, time) in [
      (Activation.relu, 4, 1000.0), (.custom(handWrittenErf), 2, 100),
      (.custom(handWrittenReLU), 2, 100), (.custom(leaky), 2, 100), (.erf, 2, 100),
      (.relu, 2, 100), (.custom(handWrittenErf), 4, 1),
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
