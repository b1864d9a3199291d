import Foundation
import Groundwork
import LearningDynamics
import Synchronization
import Testing

private func phase(
  _ time: Double, _ rate: Rate = .constant(0.2), layers: Layers = .first,
  until: (@Sendable (Moment) throws -> Bool)? = nil
) -> Phase {
  Phase(time: time, firstRate: rate, secondRate: rate, layers: layers, until: until)
}

private let learner = committee(K: 3, M: 2, sigma: 0.1) { i, n in
  0.2 * sin(Double(2 * i + 5 * n))
}

private func learn(
  _ plan: [Phase], at times: [Double]? = nil, monitor: Monitor = .none
) throws -> Run {
  try Equations.run(
    student: learner.student, teacher: learner.teacher, plan: plan, from: learner.start,
    options: EquationOptions(recording: times.map { .at($0) } ?? .logarithmic(points: 50)),
    monitor: monitor)
}

@Suite struct EquationRunTests {
  // MARK: Recording

  @Test func logarithmicRecordingsBeginAtZeroAndEndAtTheEnd() throws {
    let run = try learn([phase(10), phase(20)])
    #expect(run.samples.count == 50)
    #expect(run.samples.first!.alpha == 0)
    #expect(run.samples.first!.state == learner.start)
    #expect(run.samples.last!.alpha == 30)
    #expect(run.samples.last!.state == run.end.state)
    #expect(run.phaseStarts == [0, 10])
    #expect(run.end.phase == 2 && run.end.alpha == 30 && run.end.phaseAlpha == 20)
  }

  @Test func chosenTimesAndNoOthersAreRecorded() throws {
    let run = try learn([phase(10), phase(20)], at: [0, 0.5, 10, 17, 30, 40])
    #expect(run.samples.map(\.alpha) == [0, 0.5, 10, 17, 30])
    #expect(try learn([phase(5)], at: []).samples.isEmpty)
    #expect(try learn([phase(5)], at: [3]).end.alpha == 5)
  }

  @Test func phasesMayBeEmpty() throws {
    let run = try learn([phase(0), phase(10), phase(0), phase(10), phase(0)])
    #expect(run.phaseStarts == [0, 0, 10, 10, 20])
    #expect(run.samples.last!.alpha == 20)
    #expect(try learn([phase(0)]).samples.map(\.alpha) == [0])
    #expect(try learn([]).samples.map(\.alpha) == [0])
  }

  @Test func withoutARateNothingMoves() throws {
    let run = try learn([phase(1000, .constant(0), layers: .both)])
    for sample in run.samples { #expect(sample.state == learner.start) }
  }

  // MARK: Rates

  @Test func aRateThatJumpsEqualsTwoPhases() throws {
    let two = try learn([phase(40), phase(60, .constant(0.05))], at: [39, 41, 100])
    let one = try learn([phase(100, .function { $0 < 40 ? 0.2 : 0.05 })], at: [39, 41, 100])
    for (a, b) in zip(one.samples, two.samples) { #expect(abs(a.error / b.error - 1) < 1e-6) }
  }

  @Test func aShortPulseIsNotSteppedOver() throws {
    let pulse = Rate.function { $0 > 500 && $0 < 520 ? 0.2 : 0 }
    let run = try learn([phase(1000, pulse)])
    let direct = try learn([phase(20)])
    #expect(abs(run.samples.last!.error / direct.samples.last!.error - 1) < 1e-6)
  }

  @Test func rateFunctionsBeginAnewWithEachPhase() throws {
    let rate = Rate.function { 0.3 / (1 + 0.1 * $0) }
    let together = try learn([phase(20, rate), phase(20, rate)])
    var again = try learn([phase(20, rate)])
    again = try Equations.run(
      student: again.student, teacher: again.teacher, plan: [phase(20, rate)],
      from: again.end.state)
    #expect(abs(together.samples.last!.error / again.samples.last!.error - 1) < 1e-7)
  }

  @Test func whatARateThrowsEndsTheRun() {
    struct Refusal: Error {}
    #expect(throws: Refusal.self) {
      try learn([phase(20, .function { if $0 > 10 { throw Refusal() } else { 0.2 } })])
    }
    #expect(throws: TrainingError.self) { try learn([phase(20, .function { 1 / ($0 - $0) })]) }
  }

  // MARK: until

  /// D5 gives the time at which a linear committee passes a threshold.
  @Test(arguments: [0.5, 0.1, 0.02])
  func conditionsAreLocatedOnTheTrajectory(threshold: Double) throws {
    let (student, teacher, start) = committee(
      K: 3, M: 2, activation: .linear, sigma: 0.1, length: 1
    ) { i, n in 0.3 * cos(Double(i + n)) }
    let eta = 0.02, k = 3.0
    let final = eta * 0.01 * k / (4 - 2 * eta * k)
    let rate = 2 * eta * k - eta * eta * k * k
    let first = start.generalisationError(student: student, teacher: teacher)
    let exact = log((first - final) / (threshold - final)) / rate
    let run = try Equations.run(
      student: student, teacher: teacher,
      plan: [phase(1e4, .constant(eta)) { $0.error < threshold }, phase(1, .constant(eta))],
      from: start, options: EquationOptions(recording: .at([1, 2, 3, 1e4])))
    #expect(abs(run.phaseStarts[1] / exact - 1) < 1e-6)
    #expect(run.end.alpha == run.phaseStarts[1] + 1)
    #expect(run.samples.map(\.alpha) == [1, 2, 3].filter { $0 <= run.end.alpha })
  }

  @Test func conditionsOnTimeAreExact() throws {
    let run = try learn([phase(1000) { $0.alpha >= 123.4 }])
    #expect(abs(run.end.alpha / 123.4 - 1) < 1e-6)
    #expect(run.end.alpha >= 123.4)
    #expect(run.samples.last!.alpha == run.end.alpha)
    #expect(run.ending == .completed)
  }

  @Test func conditionsThatHoldAtOnceEndAPhaseAtOnce() throws {
    let run = try learn([phase(10) { _ in true }, phase(10)])
    #expect(run.phaseStarts == [0, 0])
    #expect(run.end.alpha == 10)
  }

  @Test func conditionsSeeWhatWasRecorded() throws {
    let run = try learn([phase(1000) { $0.past.count >= 20 }])
    let grid = Recording.logarithmic(points: 50).times(total: 1000)
    #expect(abs(run.end.alpha / grid[19] - 1) < 1e-6)
    #expect(run.samples.count <= 21)
  }

  // MARK: Ends

  @Test func runsThatAreInterruptedContinue() throws {
    let whole = try learn([phase(50), phase(100) { $0.error < 0.001 }, phase(70)])
    for limit in [1, 7, 60, 130] {
      let calls = Atomic<Int>(0)
      let part = try learn(
        [phase(50), phase(100) { $0.error < 0.001 }, phase(70)],
        monitor: Monitor { _ in calls.add(1, ordering: .relaxed).newValue < limit })
      #expect(part.ending == .interrupted)
      #expect(part.end.alpha < whole.end.alpha)
      #expect(part.samples.last!.alpha == part.end.alpha)
      let rest = try Equations.resume(part)
      #expect(rest.ending == .completed)
      #expect(rest.samples.map(\.alpha) == whole.samples.map(\.alpha))
      #expect(rest.phaseStarts == whole.phaseStarts)
      for (a, b) in zip(rest.samples, whole.samples) { #expect(abs(a.error / b.error - 1) < 1e-6) }
    }
  }

  @Test func extraTimeLengthensTheLastPhase() throws {
    let rate = Rate.function { 0.3 / (1 + 0.1 * $0) }
    let times = [1.0, 10, 30, 45, 60]
    let whole = try learn([phase(20), phase(40, rate)], at: times)
    let part = try learn([phase(20), phase(15, rate)], at: times)
    let rest = try Equations.resume(part, extraTime: 25)
    #expect(rest.samples.map(\.alpha) == times)
    #expect(rest.plan[1].time == 40)
    for (a, b) in zip(rest.samples, whole.samples) { #expect(abs(a.error / b.error - 1) < 1e-6) }
    let logarithmic = try Equations.resume(try learn([phase(20)]), extraTime: 5)
    #expect(logarithmic.samples.last!.alpha == 25)
  }

  @Test func extraTimeGoesOnWhereUntilHadEnded() throws {
    let part = try learn([phase(100) { $0.alpha >= 10 }])
    let rest = try Equations.resume(part, extraTime: 5)
    #expect(abs(rest.end.alpha - 15) < 1e-4)
  }

  /// A linear committee diverges above η = 2/K.
  @Test func divergenceNamesTheTimeAndTheRate() throws {
    let (student, teacher, start) = committee(K: 3, M: 2, activation: .linear, length: 1) { _, _ in
      0.1
    }
    let run = try Equations.run(
      student: student, teacher: teacher, plan: [phase(1000, .constant(1))], from: start)
    guard case .diverged(let divergence) = run.ending else {
      Issue.record("\(run.ending)")
      return
    }
    #expect(divergence.quantity == "Q")
    #expect(divergence.firstRate == 1 && divergence.secondRate == 0)
    #expect(divergence.alpha > 1 && divergence.alpha < 100)
    #expect(run.samples.count > 10)
    #expect(run.samples.allSatisfy { $0.error.isFinite && $0.alpha <= divergence.alpha })
    #expect(throws: TrainingError.self) { try Equations.resume(run) }
  }

  @Test func aRateThatExplodesEndsTheRun() throws {
    for layers in [Layers.first, .both] {
      let run = try learn(
        [phase(1000, .function { 0.2 / ((10 - $0) * (10 - $0)) }, layers: layers)])
      guard case .diverged(let divergence) = run.ending else {
        Issue.record("\(layers) \(run.ending)")
        continue
      }
      #expect(abs(divergence.alpha - 10) < 0.1)
      #expect(max(divergence.firstRate, divergence.secondRate) > 100)
      #expect(run.samples.count > 10 && run.samples.allSatisfy { $0.error.isFinite })
    }
  }

  /// Above the stable rate an erf committee settles at an error that is not zero.
  @Test func boundedNetworksDoNotDiverge() throws {
    let run = try learn([phase(300, .constant(3))])
    #expect(run.ending == .completed)
    #expect(run.samples.last!.error > 0.1)
  }

  // MARK: Large networks

  /// The monitor is asked also within a right-hand side, of which one here takes seconds.
  @Test(arguments: [Activation.erf, .relu, .quadratic, .custom(handWrittenErf)])
  func monitorsAreAskedWithinLongSums(activation: Activation) throws {
    let (student, teacher, start) = committee(K: 200, M: 150, activation: activation) { i, n in
      0.01 * sin(Double(2 * i + 5 * n))
    }
    let questions = Atomic(0)
    let monitor = Monitor { _ in questions.add(1, ordering: .relaxed).newValue < 15 }
    let run = try Equations.run(
      student: student, teacher: teacher, plan: [phase(10)], from: start,
      options: EquationOptions(recording: .at([0])), monitor: monitor)
    #expect(run.ending == .interrupted && run.samples.count <= 1)
    // Each comes 20 ms after the last where nothing else runs.
    #expect(questions.load(ordering: .relaxed) == 15)
  }

  @Test func hugeSizesAreRefused() throws {
    func words(_ body: () throws -> Void) -> String {
      do { try body() } catch let error as TrainingError { return "\(error)" } catch {}
      return ""
    }
    let draw = { (K: Int, M: Int) in
      _ = try InitialState.draw(
        student: Student(hiddenUnits: K),
        teacher: Teacher(secondLayer: .init(repeating: 1, count: M)), N: 1e6, seed: 1,
        trainsSecondLayer: false)
    }
    #expect(words { try draw(501, 1) }.contains("K=501"))
    #expect(words { try draw(1, 1_000_000) }.contains("M=1000000"))
    for points in [1_000_001, Int.max] {
      let recording = Recording.logarithmic(points: points)
      let equations = words {
        _ = try Equations.run(
          student: learner.student, teacher: learner.teacher, plan: [phase(1)],
          from: learner.start, options: EquationOptions(recording: recording))
      }
      let descent = words {
        _ = try Descent.run(
          student: learner.student, teacher: learner.teacher, plan: [phase(1)],
          from: learner.start, N: 100, seed: 1, options: DescentOptions(recording: recording))
      }
      #expect(equations.contains("\(points) points") && descent == equations)
    }
  }

  // MARK: Validation

  @Test func valuesThatDoNotFitAreErrors() throws {
    var wrong = learner.start
    wrong.Q[0, 1] = 5
    wrong.Q[1, 0] = 5
    var asymmetric = learner.start
    asymmetric.Q[0, 1] += 0.01
    var short = learner.start
    short.v = [1, 1]
    for start in [wrong, asymmetric, short] {
      #expect(throws: TrainingError.self) {
        try Equations.run(
          student: learner.student, teacher: learner.teacher, plan: [phase(1)], from: start)
      }
    }
    #expect(throws: TrainingError.self) { try learn([phase(-1)]) }
    #expect(throws: TrainingError.self) { try learn([phase(.infinity)]) }
    #expect(throws: TrainingError.self) { try learn([phase(1, .constant(-0.1))]) }
    #expect(throws: TrainingError.self) { try learn([phase(1, .constant(.nan))]) }
    #expect(throws: TrainingError.self) { try learn([phase(1)], at: [1, 1]) }
    #expect(throws: TrainingError.self) { try learn([phase(1)], at: [-1, 1]) }
    #expect(throws: TrainingError.self) {
      try Equations.run(
        student: learner.student, teacher: learner.teacher, plan: [phase(1)],
        from: learner.start, options: EquationOptions(tolerance: 0))
    }
  }
}
