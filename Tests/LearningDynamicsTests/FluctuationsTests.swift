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
    let batch = layers == .both ? 3 : 1
    let D = try Fluctuations(
      student: student, teacher: teacher, phase: phase, from: state, batch: batch, at: [time]
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
                step.append(d[i] * x[k] + d[k] * x[i] + d[i] * d[k] / Double(batch))
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
        let known = (square[i, j] - mean[i] * mean[j]) / Double(batch)
        #expect(abs(D[i, j] - known) < 1e-6 * (1 + abs(known)), "\(i) \(j): \(D[i, j]) \(known)")
      }
    }
  }

  /// Many runs of SGD from one start against the theory: the mean of (m - m(α))² over runs, as a
  /// χ² for each order parameter and eg. Both layers, two phases with a schedule, decay, batches.
  @Test(arguments: [(Activation.erf, 1), (.erf, 2), (.relu, 1)])
  func runsScatterAsTheySay(activation: Activation, batch: Int) throws {
    let student = Student(hiddenUnits: 2, activation: activation)
    let teacher = Teacher(activation: activation, secondLayer: [1, 1], labelNoise: 0.1)
    let start = OrderParameters(
      Q: Matrix(rows: 2, columns: 2, elements: [0.5, 0.1, 0.1, 0.5]),
      R: Matrix(rows: 2, columns: 2, elements: [0.2, 0.05, 0, 0.1]), T: .identity(2), v: [1, 1],
      vStar: [1, 1])
    let eta = activation == .erf ? 0.5 : 0.2
    let plan = [
      Phase(
        time: 2, firstRate: .constant(eta), secondRate: .constant(eta / 2), layers: .both,
        decay: .constant(0.02)),
      Phase(time: 3, firstRate: .function { eta / (1 + $0) }, secondRate: .constant(0)),
    ]
    let times = [0.5, 2, 5]
    let theory = try Fluctuations(
      student: student, teacher: teacher, stages: plan.map { ($0, $0.time) }, from: start,
      batch: batch, at: times)
    let means = try Equations.run(
      student: student, teacher: teacher, plan: plan, from: start,
      options: EquationOptions(recording: .at(times), batch: batch))
    let N = 1000.0, count = 400
    let runs = try Descent.runEnsemble(
      student: student, teacher: teacher, plan: plan, N: Int(N),
      seeds: (1...UInt64(count)).map { $0 }, from: { _ in start },
      options: DescentOptions(batch: batch, recording: .at(times), method: .reduced)
    ).runs
    for (t, sample) in theory.samples.enumerated() {
      let mean = means.samples[t]
      func expect(_ name: String, _ sd: Double, _ value: (Run.Sample) -> Double) {
        let found =
          runs.reduce(0) { sum, run in
            let deviation = value(run.samples[t]) - value(mean)
            return sum + deviation * deviation
          } / Double(count)
        // 400 runs know a standard deviation to 3.5%; the mean is off by the order of 1/N.
        let ratio = (found * N).squareRoot() / sd
        #expect(abs(ratio - 1) < 0.14, "\(name) at α = \(sample.alpha): \(ratio)")
      }
      expect("eg", sample.errorVariance.squareRoot()) { $0.error }
      for i in 0..<2 {
        expect("v\(i)", sample.deviations.v[i]) { $0.state.v[i] }
        for k in 0..<2 {
          expect("Q\(i)\(k)", sample.deviations.Q[i, k]) { $0.state.Q[i, k] }
          expect("R\(i)\(k)", sample.deviations.R[i, k]) { $0.state.R[i, k] }
        }
      }
    }
  }

  /// Interpolating D, and the average over points, against D at every step in closed form.
  @Test func interpolationIsExactEnough() throws {
    let student = Student(hiddenUnits: 2)
    let teacher = Teacher(secondLayer: [1, 1], labelNoise: 0.1)
    let start = OrderParameters(
      Q: Matrix(rows: 2, columns: 2, elements: [0.5, 0.1, 0.1, 0.5]),
      R: Matrix(rows: 2, columns: 2, elements: [0.2, 0.05, 0, 0.1]), T: .identity(2), v: [1, 1],
      vStar: [1, 1])
    let times = [1.0, 10, 100]
    let phase = Phase(time: 100, firstRate: .constant(0.5), secondRate: .constant(0))
    func found(_ tolerance: Double, _ noise: any StepNoise) throws -> [Fluctuations.Sample] {
      var samples: [Fluctuations.Sample] = []
      try FluctuationCourse(
        student: student, teacher: teacher, stages: [(phase, 100)], batch: 1, tolerance: tolerance,
        diffusionTolerance: tolerance == 1e-6 ? nil : 1e-5, noise: noise, monitor: .none
      ).run(from: start, at: times) { samples.append($0) }
      return samples
    }
    let exact = try found(1e-7, StepCovariance())
    let usual = try found(1e-6, StepCovariance())
    let points = try found(
      1e-6, SampledStepCovariance(fields: 4, student: .erf, teacher: .erf))
    for ((exact, usual), points) in zip(zip(exact, usual), points) {
      for (samples, tolerance) in [(usual, 1e-4), (points, 0.05)] {
        #expect(abs(samples.errorVariance / exact.errorVariance - 1) < tolerance)
        for i in 0..<7 {
          #expect(abs(samples.covariance[i, i] / exact.covariance[i, i] - 1) < tolerance)
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
      from: state, at: [0, 1, 9], monitor: Monitor { _ in false })
    #expect(found.samples.isEmpty)
  }

  /// Without noise a perfect student stays what it is: S is rounding, and known at once.
  @Test func perfectStudentsDoNotScatter() throws {
    let state = OrderParameters(
      Q: .identity(2), R: .identity(2), T: .identity(2), v: [1, 1], vStar: [1, 1])
    let phase = Phase(
      time: 1000, firstRate: .constant(0.5), secondRate: .constant(0.5), layers: .both)
    let found = try Fluctuations(
      student: Student(hiddenUnits: 2), teacher: Teacher(secondLayer: [1, 1]), phase: phase,
      from: state, at: [1000])
    #expect(found.samples[0].covariance.elements.allSatisfy { abs($0) < 1e-12 })
  }

  @Test func timesMustIncrease() {
    let state = OrderParameters(
      Q: .identity(1), R: .identity(1), T: .identity(1), v: [1], vStar: [1])
    let phase = Phase(time: 1, firstRate: .constant(0.1), secondRate: .constant(0))
    #expect(throws: TheoryError.self) {
      try Fluctuations(
        student: Student(hiddenUnits: 1), teacher: Teacher(secondLayer: [1]), phase: phase,
        from: state, at: [2, 1])
    }
  }
}
