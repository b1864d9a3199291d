import CKernels
import Groundwork
import LearningDynamics
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Finite training sets (PHYSICS.md, sections A, C [V finite_set.py] and E13).
@Suite struct FiniteSetTests {
  static func plan(_ time: Double, rate: Double, layers: Layers = .first) -> [Phase] {
    [
      Phase(time: time, firstRate: .constant(rate), secondRate: .constant(rate), layers: layers)
    ]
  }

  static func simulate(
    _ student: Student, _ teacher: Teacher, _ data: TrainingData?, time: Double, rate: Double,
    layers: Layers = .first, N: Int, seed: UInt64 = 1, batch: Int = 1,
    recording: Recording = .logarithmic(points: 10), keepWeights: [Double] = [],
    instructionSet: InstructionSet? = nil, monitor: Monitor = .none
  ) throws -> Run {
    try Descent.runEnsemble(
      student: student, teacher: teacher, plan: plan(time, rate: rate, layers: layers), N: N,
      seeds: [seed],
      options: DescentOptions(
        batch: batch, recording: recording, keepWeights: keepWeights,
        instructionSet: instructionSet, trainingData: data), monitor: monitor
    ).runs[0]
  }

  // MARK: Orders

  func order(seed: UInt64 = 1, round: UInt64 = 0, count: Int) -> [UInt32] {
    var order = [UInt32](repeating: 0, count: count)
    tss_shuffle(seed, 7, round, &order, Int64(count))
    return order
  }

  @Test func shufflesArePermutations() {
    for count in [0, 1, 2, 3, 17, 1000] {
      #expect(order(count: count).sorted() == Array(0..<UInt32(count)))
    }
    let first = order(count: 100)
    #expect(order(count: 100) == first)
    #expect(order(round: 1, count: 100) != first)
    #expect(order(round: 1 << 32, count: 100) != first)
    #expect(order(seed: 2, count: 100) != first)
  }

  /// χ² over the 24 orders of four things has 23 degrees of freedom: mean 23, deviation 6.8.
  @Test func allOrdersAreEquallyLikely() {
    var counts: [[UInt32]: Double] = [:]
    let rounds = 24_000
    for round in 0..<rounds { counts[order(round: UInt64(round), count: 4), default: 0] += 1 }
    #expect(counts.count == 24)
    let expected = Double(rounds) / 24
    let chi = counts.values.reduce(0) { $0 + ($1 - expected) * ($1 - expected) / expected }
    #expect(chi < 23 + 4 * 6.8)
  }

  /// P inputs along the axes: sample i moves w_i alone, by η(1 − w_i)/b, so that the weights of a
  /// linear student count how often each was seen (inputs are single precision).
  func counters(_ P: Int) -> TrainingData {
    let inputs = Matrix(rows: P + 1, columns: P + 1) { $0 == $1 ? Double(P + 1).squareRoot() : 0 }
    return .rows(
      DataTable(
        inputs: inputs, labels: .init(repeating: 1, count: P + 1), testRows: 1,
        standardises: false))
  }

  /// The weights of the training samples after so many steps; the one never seen stays at zero.
  func weights(P: Int, batch: Int, steps: [Int], rate: Double, seed: UInt64 = 1) throws
    -> [[Double]]
  {
    let N = Double(P + 1)
    let student = Student(hiddenUnits: 1, activation: .linear, initialisation: .zeros)
    let run = try Self.simulate(
      student, .absent, counters(P), time: Double(steps.max()!) / N, rate: rate, N: P + 1,
      seed: seed, batch: batch, keepWeights: steps.map { Double($0) / N })
    return run.keptWeights.map(\.w.elements)
  }

  /// The only number of seen samples that is zero: the held-out row.
  @Test func everySampleIsSeenOnceInEachEpoch() throws {
    let P = 30
    let marks = [7, 15, 30, 45, 60, 90]
    for (steps, w) in zip(marks, try weights(P: P, batch: 1, steps: marks, rate: 0.5)) {
      let visits = w.map { (-log2(1 - $0)).rounded() }.sorted()
      let low = Double(steps / P)
      let high = steps % P
      let expected =
        [0] + .init(repeating: low, count: P - high) + .init(repeating: low + 1, count: high)
      #expect(visits == expected.sorted(), "\(steps)")
    }
    // A batch that does not divide the set goes over its end: two epochs in 15 steps of 4.
    let w = try weights(P: P, batch: 4, steps: [15], rate: 0.5)[0].filter { $0 != 0 }
    #expect(w.count == P)
    let apart = 1 - 0.875 * 0.875, together = 0.25
    #expect(w.allSatisfy { abs($0 - apart) < 1e-6 || abs($0 - together) < 1e-6 })
    // The whole set in one update.
    let whole = try weights(P: P, batch: P, steps: [3], rate: 3)[0].filter { $0 != 0 }
    #expect(whole.count == P && whole.allSatisfy { abs($0 - (1 - 0.9 * 0.9 * 0.9)) < 1e-6 })
  }

  @Test func epochsAndSeedsHaveOrdersOfTheirOwn() throws {
    let P = 60
    let w = try weights(P: P, batch: 1, steps: [30, 60, 90], rate: 0.5)
    let firstHalf = Set(w[0].indices.filter { w[0][$0] > 0.4 })
    let secondHalf = Set(w[2].indices.filter { w[2][$0] > 0.7 })
    #expect(firstHalf.count == 30 && secondHalf.count == 30)
    #expect(firstHalf.intersection(secondHalf).count < 25)
    let other = try weights(P: P, batch: 1, steps: [30, 60], rate: 0.5, seed: 2)
    #expect(Set(other[0].indices.filter { other[0][$0] > 0.4 }) != firstHalf)
    // Another row was held out.
    #expect(other[1].firstIndex(of: 0) != w[1].firstIndex(of: 0))
  }

  // MARK: The same bits

  func expectSameBits(_ a: Run, _ b: Run) {
    #expect(a.samples == b.samples)
    #expect(a.end.descent?.studentWeights == b.end.descent?.studentWeights)
    #expect(a.end.descent?.v == b.end.descent?.v)
  }

  let student = Student(hiddenUnits: 3, initialisation: .normal(sd: 0.5))
  let teacher = Teacher(secondLayer: [1, 0.7], labelNoise: 0.3)

  /// Rows of correlated numbers that are far from standard.
  static func table(rows: Int, columns: Int, labels: Bool = false) -> DataTable {
    var x = [Float](repeating: 0, count: rows * columns)
    tss_gaussians(0, 11, 3, 0, &x, Int64(x.count))
    let inputs = Matrix(rows: rows, columns: columns) {
      100 + 7 * Double(x[$0 * columns + $1]) + 5 * Double(x[$0 * columns])
    }
    return DataTable(
      inputs: inputs, labels: labels ? (0..<rows).map { Double($0 % 5) - 2 } : nil, testRows: 20)
  }

  @Test(arguments: [1, 7])
  func resumeInTheMiddleOfAnEpochGivesTheSameBits(batch: Int) throws {
    for data in [TrainingData.gaussian(samples: 77), .rows(Self.table(rows: 97, columns: 50))] {
      func run(_ time: Double) throws -> Run {
        try Self.simulate(
          student, teacher, data, time: time, rate: 0.3, layers: .both, N: 50, batch: batch,
          recording: .at([0, 1.62, 5]))
      }
      let whole = try run(5)
      let parts = try Descent.resume(
        Descent.resume(run(1.62), extraTime: 1.4), extraTime: 1.98)
      expectSameBits(parts, whole)
      #expect(whole.samples.count == 3)
    }
  }

  /// However soon the monitor stops it, also while the set is made or errors are measured.
  @Test func interruptedRunsContinueToTheSameBits() throws {
    let data = TrainingData.gaussian(samples: 3000)
    func run(_ monitor: Monitor) throws -> Run {
      try Self.simulate(
        student, teacher, data, time: 6, rate: 0.3, N: 500, recording: .logarithmic(points: 6),
        monitor: monitor)
    }
    let whole = try run(.none)
    #expect(whole.samples.count == 6 && whole.samples.allSatisfy { $0.trainingError != nil })
    var interruptions = 0
    for patience in [0, 3, 9, 14, 20, 28, 40] {
      let asked = DescentTests.Box()
      var part = try run(Monitor { _ in asked.next() <= patience })
      if part.ending == .interrupted { interruptions += 1 }
      if part.ending == .interrupted { part = try Descent.resume(part) }
      expectSameBits(part, whole)
    }
    #expect(interruptions >= 5)
  }

  @Test func instructionSetsAndThreadsDoNotShow() throws {
    let data = TrainingData.rows(Self.table(rows: 90, columns: 45, labels: true))
    for batch in [1, 6] {
      let runs = try InstructionSet.supported.map {
        try Self.simulate(
          student, .absent, data, time: 4, rate: 0.2, layers: .both, N: 45, batch: batch,
          instructionSet: $0)
      }
      for run in runs.dropFirst() { expectSameBits(run, runs[0]) }
    }
    let ensembles = try [1, 2].map { threads in
      try Descent.runEnsemble(
        student: student, teacher: teacher, plan: Self.plan(3, rate: 0.2), N: 50,
        seeds: [4, 5, 6],
        options: DescentOptions(
          recording: .at([3]), trainingData: .gaussian(samples: 40)), threads: threads)
    }
    #expect(ensembles[0].mean == ensembles[1].mean)
    let errors = ensembles[0].runs.map { $0.samples[0].trainingError! }
    let mean = ensembles[0].mean[0].trainingError!
    #expect(abs(mean - errors.reduce(0, +) / 3) < 1e-15)
    #expect(ensembles[0].standardError[0].trainingError! > 0)
  }

  // MARK: Errors

  /// The training set is what online SGD of the same seed would meet first.
  @Test func trainingErrorAgreesWithPlainCode() throws {
    let N = 40, P = 90
    let run = try Self.simulate(
      student, teacher, .gaussian(samples: P), time: 4, rate: 0.3, layers: .both, N: N, seed: 8)
    let end = try #require(run.end.descent)
    var noise = [Float](repeating: 0, count: 4096)
    tss_gaussians(0, 8, 0x8000_0000, 0, &noise, 4096)
    var sum = 0.0
    for p in 0..<P {
      var x = [Float](repeating: 0, count: N)
      tss_gaussians(0, 8, 0, UInt64(p), &x, Int64(N))
      func output(_ w: [Double], _ v: [Double]) -> Double {
        v.indices.reduce(0.0) { total, k in
          let field =
            (0..<N).reduce(0.0) { $0 + w[k * N + $1] * Double(x[$1]) } / Double(N).squareRoot()
          return total + v[k] * erf(field / 2.0.squareRoot())
        }
      }
      let label =
        output(end.teacherWeights, teacher.secondLayer) + teacher.labelNoise * Double(noise[p])
      let difference = output(end.studentWeights, end.v) - label
      sum += difference * difference
    }
    let error = try #require(run.samples.last?.trainingError)
    #expect(abs(error - 0.5 * sum / Double(P)) < 1e-12)
    // A student that is its teacher has the labels' noise left, and nothing on fresh samples.
    let informed = Student(
      hiddenUnits: 2, secondLayer: .values([1, 0.7]), initialisation: .informed(noise: 0))
    let start = try Self.simulate(
      informed, teacher, .gaussian(samples: 4000), time: 0, rate: 0, N: N
    ).samples[0]
    #expect(abs(start.trainingError! / 0.045 - 1) < 4 * (2.0 / 4000).squareRoot())
    #expect(start.error < 1e-15)
  }

  /// Training and held-out rows are together all rows, whichever are which.
  @Test func errorsOfRealInputsAgreeWithPlainCode() throws {
    let table = Self.table(rows: 90, columns: 45, labels: true)
    var raw = table
    raw.standardises = false
    raw.inputs = table.inputs.map { Double(Float(($0 - 100) / 10)) }
    let run = try Self.simulate(
      student, .absent, .rows(raw), time: 2, rate: 0.1, N: 45, keepWeights: [2])
    let w = run.keptWeights[0].w
    let fields = w * raw.inputs.transpose
    let sum = (0..<90).reduce(0.0) { sum, row in
      let output = (0..<3).reduce(0.0) { total, k in
        total + erf(fields[k, row] / 90.0.squareRoot())
      }
      let difference = output - raw.labels![row]
      return sum + difference * difference / 2
    }
    let last = try #require(run.samples.last)
    #expect(abs(last.error * 20 + last.trainingError! * 70 - sum) < 1e-10 * sum)
    #expect(last.state.R.columns == 0 && last.state.T.rows == 0)
    let Q = w * w.transpose
    #expect(abs(last.state.Q[1, 2] - Q[1, 2] / 45) < 1e-12)
  }

  /// Weights of length √N see fields of unit variance after standardisation: what a teacher at
  /// work on noise of mean 100 could not have.
  @Test func standardisationIsThatOfTheTrainingRows() throws {
    let rows = 4000
    var x = [Float](repeating: 0, count: rows * 20)
    tss_gaussians(0, 5, 3, 0, &x, Int64(x.count))
    let inputs = Matrix(rows: rows, columns: 20, elements: x.map { 100 + 7 * Double($0) })
    let linear = Student(hiddenUnits: 1, activation: .linear, initialisation: .zeros)
    let run = try Self.simulate(
      linear, Teacher(activation: .linear, secondLayer: [1]),
      .rows(DataTable(inputs: inputs, testRows: 1000)), time: 0, rate: 0, N: 20)
    // ½⟨ρ²⟩ = ½, in both parts.
    #expect(abs(run.samples[0].error - 0.5) < 4 * 0.5 * (2.0 / 1000).squareRoot())
    #expect(abs(run.samples[0].trainingError! - 0.5) < 4 * 0.5 * (2.0 / 3000).squareRoot())
    let plain = try Self.simulate(
      linear, Teacher(activation: .linear, secondLayer: [1]),
      .rows(DataTable(inputs: inputs, testRows: 1000, standardises: false)), time: 0, rate: 0,
      N: 20)
    #expect(plain.samples[0].error > 20)
  }

  // MARK: What is learned

  /// With more samples than steps no sample comes twice, which is online learning.
  @Test func manySamplesAreOnlineLearning() throws {
    let seeds = Array(1...60 as ClosedRange<UInt64>)
    func ensemble(_ data: TrainingData?) throws -> Ensemble {
      try Descent.runEnsemble(
        student: student, teacher: teacher, plan: Self.plan(12, rate: 0.5), N: 60, seeds: seeds,
        options: DescentOptions(recording: .at([1, 4, 12]), trainingData: data), threads: 2)
    }
    let finite = try ensemble(.gaussian(samples: 20_000)), online = try ensemble(nil)
    for t in 0..<3 {
      // The same starts: the differences scatter.
      let differences = zip(finite.runs, online.runs).map {
        $0.samples[t].error - $1.samples[t].error
      }
      let mean = differences.reduce(0, +) / 60
      let variance = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 59
      #expect(abs(mean) < 4 * (variance / 60).squareRoot(), "\(finite.alpha[t])")
      #expect(finite.runs[0].samples[t].error != online.runs[0].samples[t].error)
    }
  }

  @Test func aLargeStudentLearnsASmallSetByHeart() throws {
    let run = try Self.simulate(
      Student(hiddenUnits: 8, initialisation: .normal(sd: 1)),
      Teacher(secondLayer: [1, 1], labelNoise: 0.1), .gaussian(samples: 100), time: 2000,
      rate: 0.2, N: 50)
    let last = try #require(run.samples.last)
    #expect(last.trainingError! < 1e-6)
    #expect(last.error > 0.02)
    let best = try #require(run.bestSample)
    #expect(best.error < last.error && best.trainingError! > 1e-6)
  }

  /// PHYSICS.md C, finite_set.py: erf, N=100, M=2, η=0.2, σ=0.1, α=4000, weights N(0, 1); its
  /// numbers are medians of three runs at one instant, which scatter by a fifth.
  @Test(arguments: [
    (4, 8, Layers.first, 0.075), (8, 4, .first, 0.041), (32, 2, .first, 5.9e-4),
    (32, 8, .first, 5.4e-3), (128, 8, .both, 4.79e-4),
  ])
  func agreesWithTheReference(ratio: Int, K: Int, layers: Layers, reference: Double) throws {
    let ensemble = try Descent.runEnsemble(
      student: Student(
        hiddenUnits: K, secondLayer: layers == .both ? .normal(sd: 1) : nil,
        initialisation: .normal(sd: 1)),
      teacher: Teacher(secondLayer: [1, 1], labelNoise: 0.1, weights: .isotropic),
      plan: Self.plan(4000, rate: 0.2, layers: layers), N: 100, seeds: [1, 2, 3, 4, 5],
      options: DescentOptions(
        recording: .at([4000]), trainingData: .gaussian(samples: 100 * ratio)), threads: 2)
    let median = ensemble.runs.map { $0.samples[0].error }.sorted()[2]
    #expect(abs(median / reference - 1) < 0.3, "\(median)")
  }

  // MARK: What cannot be done

  @Test func wrongSetsAreErrors() {
    let table = Self.table(rows: 40, columns: 10)
    func fails(_ data: TrainingData, N: Int = 10, batch: Int = 1, _ words: String) {
      do {
        _ = try Self.simulate(student, teacher, data, time: 1, rate: 0.1, N: N, batch: batch)
        Issue.record("no error: \(words)")
      } catch {
        let message = "\((error as? EnsembleError)?.underlying ?? error)"
        #expect(message.contains(words), "\(message)")
      }
    }
    func changed(_ change: (inout DataTable) -> Void) -> TrainingData {
      var copy = table
      change(&copy)
      return .rows(copy)
    }
    fails(.gaussian(samples: 0), "at least one sample")
    fails(.gaussian(samples: 5), batch: 6, "a batch of 6 is more")
    fails(.gaussian(samples: 1 << 30), "too many to keep")
    fails(.rows(table), N: 11, "10 columns")
    fails(changed { $0.trainingRows = 30 }, "more than the 40")
    fails(changed { $0.testRows = 0 }, "held out")
    fails(changed { $0.labels = [1] }, "1 labels for 40 rows")
    fails(changed { $0.inputs[3, 3] = .nan }, "finite")
    fails(changed { $0.inputs = Matrix(rows: 40, columns: 10, repeating: 3) }, "same number")
  }
}
