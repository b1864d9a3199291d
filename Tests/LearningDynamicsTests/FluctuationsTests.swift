import Foundation
import Groundwork
import LearningDynamics
import Testing

@Suite struct FluctuationsTests {
  /// The covariance after a very short time is D, against its definition as an average over one
  /// step, by the trapezoidal rule. K = 2, M = 1, scales, noise and decay.
  @Test(arguments: [Activation.erf, .linear], Layers.allCases)
  func covariancesOfOneStep(activation: Activation, layers: Layers) throws {
    let student = Student(hiddenUnits: 2, activation: activation, scale: 0.7)
    let teacher = Teacher(
      activation: activation, secondLayer: [1.3], labelNoise: 0.4, scale: 1.2)
    let state = OrderParameters(
      Q: Matrix(rows: 2, columns: 2, elements: [0.9, -0.3, -0.3, 1.4]),
      R: Matrix(rows: 2, columns: 1, elements: [0.5, 0.2]),
      T: Matrix(rows: 1, columns: 1, elements: [1.1]), v: [0.8, -1.1], vStar: [1.3])
    let (eta, etaV) = (0.3, 0.2)
    let phase = Phase(
      time: 1, firstRate: .constant(eta), secondRate: .constant(etaV), layers: layers,
      decay: .constant(0.05))
    let time = 1e-7
    let D = try Fluctuations(
      student: student, teacher: teacher, phase: phase, from: state, at: [time]
    ).samples[0].covariance.map { $0 / time }

    func g(_ x: Double) -> Double { activation == .erf ? erf(x / 2.0.squareRoot()) : x }
    func slope(_ x: Double) -> Double {
      activation == .erf ? (2 / Double.pi).squareRoot() * exp(-0.5 * x * x) : 1
    }
    let root = Cholesky(state.covariance)!.lower
    let count = D.rows
    var mean = [Double](repeating: 0, count: count)
    var square = Matrix(rows: count, columns: count)
    let h = 0.4, half = 18
    // Three points replace ζ: they have its moments up to the fifth.
    let noise = [(0.0, 2.0 / 3), (3.0.squareRoot(), 1.0 / 6), (-3.0.squareRoot(), 1.0 / 6)]
    for a in -half...half {
      for b in -half...half {
        for c in -half...half {
          let z = [a, b, c].map { h * Double($0) }
          let norm = pow(h / (2 * .pi).squareRoot(), 3)
          let density = norm * exp(-0.5 * z.reduce(0) { $0 + $1 * $1 })
          if density < 1e-20 { continue }
          let x = root * z
          let output =
            1.2 * 1.3 * g(x[2]) - 0.7 * (state.v[0] * g(x[0]) + state.v[1] * g(x[1]))
          for (zeta, probability) in noise {
            let e = output + 0.4 * zeta
            let d = (0..<2).map { eta * 0.7 * state.v[$0] * slope(x[$0]) * e }
            var step: [Double] = []
            if layers.trainFirst {
              step = [d[0] * x[2], d[1] * x[2]]
              for (i, k) in [(0, 0), (0, 1), (1, 1)] {
                step.append(d[i] * x[k] + d[k] * x[i] + d[i] * d[k])
              }
            }
            if layers.trainSecond { step += (0..<2).map { etaV * 0.7 * g(x[$0]) * e } }
            for i in 0..<count {
              mean[i] += density * probability * step[i]
              for j in 0..<count { square[i, j] += density * probability * step[i] * step[j] }
            }
          }
        }
      }
    }
    for i in 0..<count {
      for j in 0..<count {
        let known = square[i, j] - mean[i] * mean[j]
        #expect(abs(D[i, j] - known) < 1e-6 * (1 + abs(known)), "\(i) \(j): \(D[i, j]) \(known)")
      }
    }
  }

  /// Runs of SGD from one start. The case of the sketch: K = M = 2, η = .5, σ = .1.
  @Test func runsScatterAsTheySay() throws {
    let student = Student(hiddenUnits: 2)
    let teacher = Teacher(secondLayer: [1, 1], labelNoise: 0.1)
    let start = OrderParameters(
      Q: Matrix(rows: 2, columns: 2, elements: [0.5, 0.1, 0.1, 0.5]),
      R: Matrix(rows: 2, columns: 2, elements: [0.2, 0.05, 0, 0.1]), T: .identity(2), v: [1, 1],
      vStar: [1, 1])
    let phase = Phase(time: 5, firstRate: .constant(0.5), secondRate: .constant(0))
    let theory = try Fluctuations(
      student: student, teacher: teacher, phase: phase, from: start, at: [2, 5])
    let N = 200, runs = 400
    let ensemble = try Ensemble.run(seeds: (1...UInt64(runs)).map { $0 }) { seed, monitor in
      try Descent.run(
        student: student, teacher: teacher, plan: [phase], from: start, N: N, seed: seed,
        options: DescentOptions(recording: .at([2, 5])), monitor: monitor)
    }
    for (t, sample) in theory.samples.enumerated() {
      let scatter = ensemble.standardError[t]
      let scale = (Double(runs) * Double(N)).squareRoot()
      // A standard deviation of 400 runs is known to 3.5%; 1/N corrections are as large.
      func expect(_ found: Double, _ known: Double, _ name: String) {
        #expect(abs(found * scale / known - 1) < 0.15, "\(name): \(found * scale) \(known)")
      }
      expect(scatter.error, sample.errorVariance.squareRoot(), "eg")
      for i in 0..<2 {
        for k in 0..<2 {
          expect(scatter.state.Q[i, k], sample.deviations.Q[i, k], "Q")
          expect(scatter.state.R[i, k], sample.deviations.R[i, k], "R")
        }
      }
    }
  }

  @Test func monitorsMayStop() throws {
    let state = OrderParameters(
      Q: .identity(1), R: .identity(1), T: .identity(1), v: [1], vStar: [1])
    let phase = Phase(time: 9, firstRate: .constant(0.1), secondRate: .constant(0))
    let found = try Fluctuations(
      student: Student(hiddenUnits: 1), teacher: Teacher(secondLayer: [1]), phase: phase,
      from: state, at: [0, 1, 9], monitor: Monitor { $0.alpha < 1 })
    #expect(found.samples.map(\.alpha) == [0, 1])
    #expect(found.samples[0].covariance.elements.allSatisfy { $0 == 0 })
  }

  @Test func otherNetworksAreErrors() {
    let state = OrderParameters(
      Q: .identity(1), R: .identity(1), T: .identity(1), v: [1], vStar: [1])
    let phase = Phase(time: 1, firstRate: .constant(0.1), secondRate: .constant(0))
    #expect(throws: TheoryError.self) {
      try Fluctuations(
        student: Student(hiddenUnits: 1), teacher: Teacher(activation: .linear, secondLayer: [1]),
        phase: phase, from: state, at: [1])
    }
    #expect(throws: TheoryError.self) {
      try Fluctuations(
        student: Student(hiddenUnits: 1), teacher: Teacher(secondLayer: [1]), phase: phase,
        from: state, at: [2, 1])
    }
  }
}
