import Groundwork
import LearningDynamics
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The reduced method has the law of SGD in weight space, at every N.
@Suite struct ReducedLawTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var N: Int
    var runs: Int
    var activation = Activation.erf
    var layers = Layers.first
    var batch = 1
    var decay = 0.0
    var scale = 1.0
    var times = [0.2, 1, 3, 6]
    var momentum = 0.0
    var testDescription: String {
      "N=\(N) \(activation) \(layers) batch=\(batch) decay=\(decay) scale=\(scale) β=\(momentum)"
    }
  }

  /// eg, Q, R and v at every time, one row for each run.
  func sample(_ test: Case, _ method: DescentOptions.Method) throws -> [[Double]] {
    let K = 3
    let student = Student(
      hiddenUnits: K, activation: test.activation, secondLayer: .values([0.9, 1.1, -0.6]),
      initialisation: .overlaps(
        Q: Matrix(rows: K, columns: K, elements: [0.5, 0.1, 0, 0.1, 0.3, -0.1, 0, -0.1, 0.4]),
        R: Matrix(rows: K, columns: 2, elements: [0.2, 0, -0.1, 0.3, 0, 0.1]), v: nil),
      scale: test.scale)
    let teacher = Teacher(
      activation: test.activation, secondLayer: [1, 0.7], labelNoise: 0.3,
      weights: .overlaps(Matrix(rows: 2, columns: 2, elements: [1, 0.3, 0.3, 1.5])))
    let rate = (test.activation == .linear ? 0.15 : 0.5) * (1 - test.momentum)
    let plan = [
      Phase(
        time: test.times.last!, firstRate: .constant(rate), secondRate: .constant(rate / 2),
        layers: test.layers, decay: .constant(test.decay), momentum: test.momentum)
    ]
    // The starts are the same; the seeds are not, so that the two samples are independent.
    let first: UInt64 = method == .full ? 1 : 1_000_001
    return try Descent.runEnsemble(
      student: student, teacher: teacher, plan: plan, N: test.N,
      seeds: Array(first..<first + UInt64(test.runs)),
      options: DescentOptions(
        batch: test.batch, recording: .at(test.times), method: method)
    ).runs.map { run in
      run.samples.flatMap { [$0.error] + $0.state.Q.elements + $0.state.R.elements + $0.state.v }
    }
  }

  /// Means and variances of everything within 4.5 standard errors of each other, and the law of eg
  /// by the test of Kolmogorov and Smirnov, at N from no rest at all (N = K + M) to 1000.
  @Test(arguments: [
    Case(N: 5, runs: 3000), Case(N: 6, runs: 3000), Case(N: 7, runs: 3000),
    Case(N: 8, runs: 3000), Case(N: 10, runs: 3000, layers: .both),
    Case(N: 8, runs: 3000, activation: .linear, layers: .both),
    Case(N: 30, runs: 2000, layers: .both, decay: 0.1, scale: 0.7),
    Case(N: 30, runs: 2000, layers: .second), Case(N: 100, runs: 2000),
    Case(N: 100, runs: 2000, activation: .linear), Case(N: 1000, runs: 400, times: [0.5, 3]),
    Case(N: 5, runs: 2000, batch: 2), Case(N: 6, runs: 2000, batch: 4),
    Case(N: 7, runs: 2000, layers: .both, batch: 5, decay: 0.2),
    Case(N: 30, runs: 2000, layers: .both, batch: 2), Case(N: 100, runs: 500, batch: 7),
    // With momentum K = 3, M = 2 leave no rest at N = 8.
    Case(N: 8, runs: 2000, momentum: 0.9), Case(N: 9, runs: 2000, layers: .both, momentum: 0.5),
    Case(N: 10, runs: 2000, activation: .linear, momentum: 0.9),
    Case(N: 30, runs: 2000, layers: .both, decay: 0.2, scale: 0.7, momentum: 0.9),
    Case(N: 9, runs: 1500, layers: .both, batch: 3, decay: 0.2, momentum: 0.5),
    Case(N: 30, runs: 1500, batch: 2, momentum: 0.9),
  ])
  func agreesWithWeightSpace(test: Case) throws {
    let full = try sample(test, .full)
    let reduced = try sample(test, .reduced)
    var worst = (z: 0.0, what: "")
    var squares = 0.0
    var count = 0.0
    for column in full[0].indices {
      let a = moments(full.map { $0[column] })
      let b = moments(reduced.map { $0[column] })
      // What does not vary is the same.
      if a.variance < 1e-20, b.variance < 1e-20 {
        #expect(abs(a.mean - b.mean) < 1e-9)
        continue
      }
      for (z, moment) in [
        ((a.mean - b.mean) / (a.meanError + b.meanError).squareRoot(), "mean"),
        ((a.variance - b.variance) / (a.varianceError + b.varianceError).squareRoot(), "variance"),
      ] {
        squares += z * z
        count += 1
        if abs(z) > abs(worst.z) { worst = (z, "\(moment) of column \(column)") }
      }
    }
    #expect(abs(worst.z) < 4.5, "the \(worst.what) differs by \(worst.z) standard errors")
    #expect(squares / count < 2.5, "the mean square of z is \(squares / count)")
    let width = full[0].count / test.times.count
    for t in test.times.indices {
      let distance = kolmogorov(full.map { $0[t * width] }, reduced.map { $0[t * width] })
      #expect(distance < 2.1, "eg at α = \(test.times[t]) is distributed otherwise")
    }
  }

  /// Mean and variance, and the squares of their standard errors.
  func moments(
    _ values: [Double]
  ) -> (mean: Double, meanError: Double, variance: Double, varianceError: Double) {
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
    let fourth = values.reduce(0) { $0 + pow($1 - mean, 4) } / n
    return (mean, variance / n, variance, max(0, fourth - variance * variance) / n)
  }

  /// The largest distance of two distribution functions, times √(n/2): beyond 2.1 once in 3000.
  func kolmogorov(_ a: [Double], _ b: [Double]) -> Double {
    let all = (a.map { ($0, 1.0) } + b.map { ($0, -1.0) }).sorted { $0.0 < $1.0 }
    var sum = 0.0
    var largest = 0.0
    for (_, step) in all {
      sum += step
      largest = max(largest, abs(sum))
    }
    return largest / Double(a.count) * (Double(a.count) / 2).squareRoot()
  }

  /// A linear student at zero takes one step: w = (η/b√N) Σ ρ_i x_i, so that with s = Σ ρ_i², read
  /// from R, the rest of Q is s χ² of N - 1 degrees. Moments to 3, down to N = K + M.
  @Test(arguments: [2, 3, 4, 5, 8, 100, 1_000_000, 1_000_000_000_000_000], [1, 3])
  func restHasItsDegreesOfFreedom(N: Int, batch: Int) throws {
    let student = Student(hiddenUnits: 1, activation: .linear, initialisation: .zeros)
    let teacher = Teacher(activation: .linear, secondLayer: [1])
    let plan = [
      Phase(time: 1 / Double(N), firstRate: .constant(0.5), secondRate: .constant(0))
    ]
    let ensemble = try Descent.runEnsemble(
      student: student, teacher: teacher, plan: plan, N: N, seeds: Array(1...8000),
      options: DescentOptions(
        batch: batch, recording: .at([1 / Double(N)]), method: .reduced))
    let unit = Double(batch) * Double(N) / 0.5
    let k = Double(N) - 1
    var sums = [0.0, 0.0, 0.0]
    for run in ensemble.runs {
      let state = run.samples[0].state
      let s = state.R[0, 0] * unit
      let chi = (state.Q[0, 0] * unit * unit - s * s) / s
      let x = (chi - k) / (2 * k).squareRoot()
      sums[0] += x
      sums[1] += x * x - 1
      sums[2] += x * x * x - (8 / k).squareRoot()
    }
    // Of a standardised χ²: cumulants 3, 4 and 6 are √(8/k), 12/k and 480/k².
    let skewness: Double = (8 / k).squareRoot()
    let fourth: Double = 3 + 12 / k
    let sixth: Double = 15 + 15 * 12 / k + 10 * skewness * skewness + 480 / (k * k)
    let variances: [Double] = [1, fourth - 1, sixth - skewness * skewness]
    let n = Double(ensemble.runs.count)
    for (sum, variance) in zip(sums, variances) {
      #expect(abs(sum / (n * variance).squareRoot()) < 4.2)
    }
  }

  /// √N times the deviation from the equations is the same at N = 10² and 10⁸ (Goldt et al. 2020,
  /// theorem 1.1): the slope over six decades, fitted with the errors of the means.
  @Test func deviationFallsAsTheRootOfN() throws {
    let student = Student(
      hiddenUnits: 2,
      initialisation: .overlaps(
        Q: Matrix(rows: 2, columns: 2, elements: [0.5, 0.1, 0.1, 0.3]),
        R: Matrix(rows: 2, columns: 2, elements: [0.3, 0, -0.1, 0.2]), v: nil))
    let teacher = Teacher(secondLayer: [1, 1], labelNoise: 0.3)
    let plan = [Phase(time: 0.04, firstRate: .constant(1), secondRate: .constant(0))]
    let start = try InitialState.draw(
      student: student, teacher: teacher, N: .infinity, seed: 1, plan: plan)
    let theory = try Equations.run(
      student: student, teacher: teacher, plan: plan, from: start,
      options: EquationOptions(tolerance: 1e-12, recording: .at([0.04])))
    let expected = theory.samples[0].state
    var points: [(x: Double, y: Double, weight: Double)] = []
    for (decade, runs) in [(2, 512), (3, 512), (4, 512), (5, 256), (6, 128), (7, 48), (8, 16)] {
      let ensemble = try Descent.runEnsemble(
        student: student, teacher: teacher, plan: plan, N: Int(pow(10, Double(decade))),
        seeds: Array(1...UInt64(runs)),
        options: DescentOptions(recording: .at([0.04]), method: .reduced))
      let squares = moments(
        ensemble.runs.map { run in
          let state = run.samples[0].state
          return zip(
            state.Q.elements + state.R.elements, expected.Q.elements + expected.R.elements
          ).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        })
      // The logarithm of the root-mean-square deviation, and the weight of its error.
      points.append(
        (
          Double(decade), log10(squares.mean) / 2,
          pow(2 * log(10) * squares.mean, 2) / squares.meanError
        ))
    }
    let weight = points.reduce(0) { $0 + $1.weight }
    let x = points.reduce(0) { $0 + $1.weight * $1.x } / weight
    let y = points.reduce(0) { $0 + $1.weight * $1.y } / weight
    let spread = points.reduce(0) { $0 + $1.weight * ($1.x - x) * ($1.x - x) }
    let slope = points.reduce(0) { $0 + $1.weight * ($1.x - x) * ($1.y - y) } / spread
    let error = 1 / spread.squareRoot()
    #expect(error < 0.01)
    #expect(abs(slope + 0.5) < 3 * error, "the slope is \(slope) ± \(error)")
  }
}
