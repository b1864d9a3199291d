import Foundation
import Groundwork
import LearningDynamics
import Testing

/// The expectation of functions of the local fields, by the trapezoidal rule in whitened
/// coordinates, which converges geometrically for analytic functions.
private struct FieldAverage {
  private let root: Matrix
  private let dimensions: Int
  init(_ covariance: Matrix) {
    root = Cholesky(covariance)!.lower
    dimensions = covariance.rows
  }

  /// The averages of `count` functions at once.
  func callAsFunction(count: Int, _ f: ([Double]) -> [Double]) -> [Double] {
    let h = 0.3, half = 30
    var sums = [Double](repeating: 0, count: count)
    var index = [Int](repeating: -half, count: dimensions)
    while true {
      let z = index.map { h * Double($0) }
      let weight = exp(-0.5 * z.reduce(0) { $0 + $1 * $1 })
      if weight > 1e-30 {
        for (j, value) in f(root * z).enumerated() { sums[j] += weight * value }
      }
      var position = 0
      while position < dimensions, index[position] == half {
        index[position] = -half
        position += 1
      }
      if position == dimensions { break }
      index[position] += 1
    }
    let norm = pow(h / (2 * .pi).squareRoot(), Double(dimensions))
    return sums.map { $0 * norm }
  }
}

private func g(_ activation: Activation, _ x: Double) -> Double {
  switch activation {
  case .erf: erf(x / 2.0.squareRoot())
  case .quadratic: x * x
  default: x
  }
}

private func derivative(_ activation: Activation, _ x: Double) -> Double {
  switch activation {
  case .erf: (2 / Double.pi).squareRoot() * exp(-0.5 * x * x)
  case .quadratic: 2 * x
  default: 1
  }
}

private let smoothActivations: [Activation] = [.erf, .linear, .quadratic]

@Suite struct EquationsTests {
  /// K = 2, M = 1, with scales, noise and decay: the equations against their definition as
  /// averages over one SGD step.
  @Test(arguments: smoothActivations, smoothActivations)
  func ratesAreAveragesOfOneStep(of own: Activation, teacher other: Activation) throws {
    let student = Student(hiddenUnits: 2, activation: own, scale: 0.7)
    let teacher = Teacher(activation: other, secondLayer: [1.3], labelNoise: 0.4, scale: 1.2)
    let state = OrderParameters(
      Q: Matrix(rows: 2, columns: 2, elements: [0.9, -0.3, -0.3, 1.4]),
      R: Matrix(rows: 2, columns: 1, elements: [0.5, 0.2]),
      T: Matrix(rows: 1, columns: 1, elements: [1.1]), v: [0.8, -1.1], vStar: [1.3])
    let eta = 0.3, etaV = 0.2, kappa = 0.05
    let rates = try OrderParameterRates(
      student: student, teacher: teacher, state: state,
      phase: Phase(
        time: 1, firstRate: .constant(eta), secondRate: .constant(etaV), layers: .both,
        decay: .constant(kappa)))

    let s = student.scale, v = state.v
    let expected = FieldAverage(state.covariance)(count: 9) { x in
      let error =
        teacher.scale * 1.3 * g(other, x[2]) - s * v[0] * g(own, x[0]) - s * v[1] * g(own, x[1])
      // dw_k = η step_k x/√N, on average over the noise; its square has the noise too.
      let step = [0, 1].map { s * v[$0] * derivative(own, x[$0]) }
      let squared = error * error + 0.16
      return [
        eta * step[0] * error * x[2], eta * step[1] * error * x[2],
        2 * eta * step[0] * error * x[0] + eta * eta * step[0] * step[0] * squared,
        eta * error * (step[0] * x[1] + step[1] * x[0]) + eta * eta * step[0] * step[1] * squared,
        2 * eta * step[1] * error * x[1] + eta * eta * step[1] * step[1] * squared,
        etaV * s * g(own, x[0]) * error, etaV * s * g(own, x[1]) * error, 0.5 * error * error, 1,
      ]
    }
    let Q = state.Q, R = state.R
    let found = [
      rates.dR[0, 0] + kappa * R[0, 0], rates.dR[1, 0] + kappa * R[1, 0],
      rates.dQ[0, 0] + 2 * kappa * Q[0, 0], rates.dQ[0, 1] + 2 * kappa * Q[0, 1],
      rates.dQ[1, 1] + 2 * kappa * Q[1, 1], rates.dv[0] + kappa * v[0],
      rates.dv[1] + kappa * v[1], rates.error, 1,
    ]
    for (j, (a, b)) in zip(found, expected).enumerated() {
      #expect(abs(a - b) < 1e-12, "rate \(j)")
    }
    #expect(rates.dQ[1, 0] == rates.dQ[0, 1])
    let error = state.generalisationError(student: student, teacher: teacher)
    #expect(abs(error - rates.error) < 1e-14)
  }

  /// The noise integrals of the fast path against the sum of I4 over all pairs.
  @Test func fastSumsAgreeWithTheIntegrals() throws {
    let expected = try ReferenceRates.load().first { $0.name == "erf K=6 M=3" }!
    let C = expected.state.covariance
    let u = expected.state.v.map { -$0 } + expected.state.vStar
    let n = u.count, K = expected.state.v.count
    let fields = LocalFields(K: K, M: n - K)
    for a in 0..<n {
      fields.u[a] = u[a]
      for b in 0..<n { fields.C[a * n + b] = C[a, b] }
    }
    let integrals = TiltedIntegrals(student: .erf, teacher: .erf, n: n)
    var drift = [Double](repeating: 0, count: K * n)
    var noise = [Double](repeating: 0, count: K * K)
    integrals.firstLayer(fields, noiseVariance: 0.3, drift: &drift, noise: &noise)
    for i in 0..<K {
      for b in 0..<n {
        var sum = 0.0
        for a in 0..<n { sum += u[a] * Erf.I3(C[i, i], C[i, b], C[i, a], C[b, a], C[a, a]) }
        #expect(abs(drift[i * n + b] - sum) < 1e-13)
      }
      for k in i..<K {
        var sum = 0.3 * Erf.J2(C[i, i], C[i, k], C[k, k])
        for a in 0..<n {
          for b in 0..<n {
            let nodes = [i, k, a, b]
            sum += u[a] * u[b] * Erf.I4(FourFields { C[nodes[$0], nodes[$1]] })
          }
        }
        #expect(abs(noise[i * K + k] - sum) < 1e-13)
      }
    }
  }

  @Test func onlyTrainedLayersMove() throws {
    let reference = try ReferenceRates.load().first { $0.name == "erf K=3 M=2" }!
    for layers in [Layers.first, .second] {
      var phase = reference.phase
      phase.layers = layers
      let rates = try OrderParameterRates(
        student: reference.student, teacher: reference.teacher, state: reference.state,
        phase: phase)
      if layers == .first {
        #expect(rates.dv == [0, 0, 0])
        #expect(relativeDifference(rates.dQ.elements, reference.dQ.elements) < 1e-12)
      } else {
        #expect(rates.dQ.elements.allSatisfy { $0 == 0 })
        #expect(rates.dR.elements.allSatisfy { $0 == 0 })
        #expect(relativeDifference(rates.dv, reference.dv) < 1e-12)
      }
    }
  }

  /// K = M = 1 … the symmetric solution of section D8 is at rest where η → 0.
  @Test(arguments: [(2, 0.011611), (3, 0.020297), (4, 0.028377)])
  func symmetricPlateauIsAtRest(M: Int, known: Double) throws {
    let R = 1 / Double(M * (2 * M - 1)).squareRoot(), Q = 1 / Double(2 * M - 1)
    let state = OrderParameters(
      Q: Matrix(rows: M, columns: M, repeating: Q), R: Matrix(rows: M, columns: M, repeating: R),
      T: .identity(M), v: .init(repeating: 1, count: M), vStar: .init(repeating: 1, count: M))
    let student = Student(hiddenUnits: M)
    let teacher = Teacher(secondLayer: state.vStar)
    let eta = 1e-6
    let rates = try OrderParameterRates(
      student: student, teacher: teacher, state: state,
      phase: Phase(time: 1, firstRate: .constant(eta), secondRate: .constant(0)))
    let closed = Double(M) / .pi * (.pi / 6 - Double(M) * asin(1 / Double(2 * M)))
    #expect(abs(rates.error - closed) < 1e-14)
    #expect(abs(rates.error - known) < 1e-6)
    #expect((rates.dQ.elements + rates.dR.elements).allSatisfy { abs($0) < 2 * eta * eta })
  }

  /// A student that equals its teacher has eg = 0 up to rounding, which is never shown as -5e-17.
  @Test func errorsAreNeverNegative() throws {
    for K in 2...6 {
      let T = Matrix(rows: K, columns: K) { $0 == $1 ? 1 + 0.3 * Double($0) : 0.1 }
      for step in 0..<20 {
        let v = (0..<K).map { 1 + 0.37 * Double($0 + step) }
        let student = Student(hiddenUnits: K), teacher = Teacher(secondLayer: v)
        let state = OrderParameters(Q: T, R: T, T: T, v: v, vStar: v)
        let error = state.generalisationError(student: student, teacher: teacher)
        #expect(error >= 0 && error.sign == .plus && error < 1e-12)
        let run = try Equations.run(
          student: student, teacher: teacher,
          plan: [Phase(time: 1, firstRate: .constant(0.01), secondRate: .constant(0))],
          from: state, options: EquationOptions(recording: .logarithmic(points: 5)))
        #expect(run.samples.allSatisfy { $0.error >= 0 && $0.error.sign == .plus })
      }
    }
  }

  /// η A + (η²/b) B is b times η′ A + η′² B at η′ = η/b.
  @Test(arguments: [1, 4, 7]) func batchesDivideTheNoise(batch b: Int) throws {
    let reference = try ReferenceRates.load().first { $0.name == "erf K=3 M=2" }!
    func rates(_ eta: Double, batch: Int) throws -> OrderParameterRates {
      try OrderParameterRates(
        student: reference.student, teacher: reference.teacher, state: reference.state,
        phase: Phase(
          time: 1, firstRate: .constant(eta), secondRate: .constant(eta), layers: .both),
        batch: batch)
    }
    let many = try rates(0.7, batch: b), few = try rates(0.7 / Double(b), batch: 1)
    for (values, others) in [
      (many.dQ.elements, few.dQ.elements), (many.dR.elements, few.dR.elements), (many.dv, few.dv),
    ] {
      #expect(relativeDifference(values, others.map { Double(b) * $0 }) < 1e-13)
    }
    #expect(throws: TrainingError.self) { try rates(0.1, batch: 0) }
  }

  /// The Jacobian against central differences, for every choice of layers and activations.
  @Test(arguments: [Activation.erf, .linear], [Activation.erf, .linear])
  func jacobianIsTheDerivative(of own: Activation, teacher other: Activation) throws {
    let reference = try ReferenceRates.load().first { $0.name == "erf K=3 M=2" }!
    let student = Student(hiddenUnits: 3, activation: own, scale: 0.7)
    let teacher = Teacher(
      activation: other, secondLayer: reference.state.vStar, labelNoise: 0.4, scale: 1.2)
    for layers in Layers.allCases {
      let phase = Phase(
        time: 1, firstRate: .constant(0.3), secondRate: .constant(0.2), layers: layers,
        decay: .constant(0.05))
      let equations = OrderParameterEquations(
        student: student, teacher: teacher, phase: phase, start: reference.state,
        batch: layers == .both ? 3 : 1)
      let n = equations.count
      var y = equations.pack(reference.state)
      var J = [Double](repeating: 0, count: n * n)
      try equations.jacobian(0, &y, &J)
      var right = [Double](repeating: 0, count: n), left = right
      for j in 0..<n {
        let kept = y[j], step = 1e-4
        func central(_ step: Double) throws -> [Double] {
          y[j] = kept + step
          try equations.derivative(0, y, &right)
          y[j] = kept - step
          try equations.derivative(0, y, &left)
          y[j] = kept
          return (0..<n).map { (right[$0] - left[$0]) / (2 * step) }
        }
        // Richardson's extrapolation to order 4.
        let coarse = try central(2 * step), fine = try central(step)
        for i in 0..<n {
          let difference = (4 * fine[i] - coarse[i]) / 3
          #expect(abs(J[i * n + j] - difference) < 1e-10, "\(layers): f\(i), y\(j)")
        }
      }
    }
  }
}
