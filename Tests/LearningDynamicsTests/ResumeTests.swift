import Foundation
import Groundwork
import LearningDynamics
import Synchronization
import Testing

/// Runs that were stopped, at any moment and however often, have the bits of those that were not.
@Suite struct ResumeTests {
  /// A monitor that stops after so many questions, and how many it was asked.
  private final class Patience: Sendable {
    private let asked = Atomic<Int>(0)
    var count: Int { asked.load(ordering: .relaxed) }
    func monitor(_ limit: Int = .max, keeper: Keeper? = nil) -> Monitor {
      Monitor(keeper: keeper) { [self] _ in
        asked.add(1, ordering: .relaxed).newValue < limit
      }
    }
  }

  private func sameBits(_ a: Run, _ b: Run, _ comment: Comment) {
    #expect(a.samples == b.samples, comment)
    #expect(a.end.state == b.end.state, comment)
    #expect(a.end.alpha == b.end.alpha && a.end.phaseAlpha == b.end.phaseAlpha, comment)
    #expect(a.end.phase == b.end.phase && a.end.integration == nil, comment)
    #expect(a.phaseStarts == b.phaseStarts && a.ending == b.ending, comment)
  }

  /// Before there are weights there is nothing to keep but the start.
  @Test func weightsThatWereNotMadeAreMadeAnew() throws {
    let learner = committee(K: 2, M: 2) { $0 == $1 ? 0.4 : 0.1 }
    func run(_ monitor: Monitor) throws -> Run {
      try Descent.run(
        student: learner.student, teacher: learner.teacher, plan: [Self.phase(1e-4)],
        from: learner.start, N: 100_000, seed: 3, monitor: monitor)
    }
    let whole = try run(.none)
    for limit in [1, 2, 9] {
      let part = try run(Patience().monitor(limit))
      #expect(part.ending == .interrupted && part.end.descent == nil && part.samples.isEmpty)
      let rest = try Descent.resume(part)
      #expect(rest.samples == whole.samples && rest.ending == .completed)
      #expect(rest.end.descent?.studentWeights == whole.end.descent?.studentWeights)
    }
  }

  // MARK: The equations

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var activation: Activation = .erf
    var plan: [Phase]
    var recording: Recording = .logarithmic(points: 40)
    var K = 3
  }

  private static func phase(
    _ time: Double, _ rate: Rate = .constant(0.2), layers: Layers = .first,
    until: (@Sendable (Moment) throws -> Bool)? = nil
  ) -> Phase {
    Phase(time: time, firstRate: rate, secondRate: rate, layers: layers, until: until)
  }

  static let cases: [Case] = [
    Case(
      testDescription: "three phases, one ended by its condition",
      plan: [phase(50), phase(300, layers: .both) { $0.error < 0.001 }, phase(70, .constant(0.1))]),
    Case(testDescription: "stiff, to long times", plan: [phase(3e4, .constant(0.5))]),
    Case(
      testDescription: "stiff, both layers, chosen times", plan: [phase(5000, layers: .both)],
      recording: .at([0, 1, 10, 333, 4000])),
    Case(
      testDescription: "a rate that changes", plan: [phase(400, .function { 1 / (1 + $0) })]),
    Case(
      testDescription: "relu", activation: .relu, plan: [phase(200, .constant(0.1))]),
    Case(
      testDescription: "quadrature", activation: .custom(handWrittenErf), plan: [phase(3)], K: 2),
  ]

  @Test(arguments: cases)
  func runsOfTheEquationsContinueToTheBit(_ experiment: Case) throws {
    let (student, teacher, start) = committee(
      K: experiment.K, M: 2, activation: experiment.activation, sigma: 0.1
    ) { i, n in 0.2 * sin(Double(2 * i + 5 * n)) }
    func learn(_ monitor: Monitor) throws -> Run {
      try Equations.run(
        student: student, teacher: teacher, plan: experiment.plan, from: start,
        options: EquationOptions(recording: experiment.recording), monitor: monitor)
    }
    let questions = Patience()
    let whole = try learn(questions.monitor())
    let count = questions.count
    #expect(count > 3)
    for limit in [1, 2, 3] + stride(from: 4, through: count, by: max(1, count / 6)) {
      let part = try learn(Patience().monitor(limit))
      // Within long steps the monitor is asked by the clock: another run may be asked less often.
      guard part.ending == .interrupted else {
        #expect(limit > 3)
        continue
      }
      sameBits(try Equations.resume(part), whole, "stopped at question \(limit) of \(count)")
    }
    var pieces = try learn(Patience().monitor(2))
    var piece = 0
    while pieces.ending == .interrupted {
      piece += 1
      pieces = try Equations.resume(pieces, monitor: Patience().monitor(2 + piece % 11))
    }
    sameBits(pieces, whole, "in many pieces")
  }

  /// The monitor is asked within steps too; such a step is given up and taken again.
  @Test func stepsThatWereGivenUpAreTakenAgain() throws {
    let (student, teacher, start) = committee(K: 14, M: 14) { i, n in
      0.05 * sin(Double(2 * i + 5 * n))
    }
    func learn(_ monitor: Monitor) throws -> Run {
      try Equations.run(
        student: student, teacher: teacher, plan: [Self.phase(1)], from: start,
        options: EquationOptions(tolerance: 1e-5, recording: .at([0.3, 0.6])), monitor: monitor)
    }
    let whole = try learn(.none)
    var pieces = try learn(Patience().monitor(2))
    var piece = 0
    while pieces.ending == .interrupted {
      piece += 1
      pieces = try Equations.resume(pieces, monitor: Patience().monitor(2 + piece))
    }
    sameBits(pieces, whole, "in many pieces")
  }

  private final class Linear: DifferentialSystem {
    let count: Int
    let field: (UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void
    init(
      _ count: Int, _ field: @escaping (UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void
    ) {
      self.count = count
      self.field = field
    }
    func derivative(
      _ t: Double, _ y: UnsafePointer<Double>, _ dy: UnsafeMutablePointer<Double>
    ) { field(y, dy) }

    /// Heat conduction on a line of n cells.
    static func heat(_ n: Int) -> Linear {
      Linear(n) { y, dy in
        for i in 0..<n {
          dy[i] = -2 * y[i] + (i > 0 ? y[i - 1] : 0) + (i < n - 1 ? y[i + 1] : 0)
        }
      }
    }
  }

  @Test(arguments: [
    (AutomaticIntegrator.Method.dormandPrince, 20, 20.0), (.ndf, 20, 2000),
    (.rungeKuttaChebyshev, AutomaticIntegrator.large + 1, 500),
  ])
  func integratorsGoOnFromWhatTheyRemember(
    method: AutomaticIntegrator.Method, n: Int, end: Double
  ) throws {
    let heat = Linear.heat(n)
    let tolerance = Tolerance(relative: 1e-5, absolute: 1e-9)
    let start = (0..<n).map { sin(.pi * Double($0 + 1) / Double(n + 1)) + ($0 == 3 ? 0.1 : 0) }
    let whole = try AutomaticIntegrator(heat, t: 0, y: start, end: end, tolerance: tolerance)
    var states: [IntegrationState] = []
    while whole.t < end {
      try whole.step(to: end)
      states.append(IntegrationState())
      whole.remember(in: &states[states.count - 1])
    }
    #expect(whole.method == method)
    for from in stride(from: 0, to: states.count - 1, by: max(1, states.count / 15)) {
      let again = try AutomaticIntegrator(heat, tolerance: tolerance, from: states[from])
      for step in from + 1..<min(from + 30, states.count) {
        try again.step(to: end)
        var state = IntegrationState()
        again.remember(in: &state)
        #expect(state == states[step], "from \(from), at \(step)")
        if state != states[step] { break }
      }
    }
    var short = states[0]
    short.numbers.removeLast()
    for wrong in [short, IntegrationState()] {
      #expect(throws: TrainingError.self) {
        try AutomaticIntegrator(heat, tolerance: tolerance, from: wrong)
      }
    }
  }

  // MARK: What a keeper is given

  /// Collects all that it is given.
  private final class Collector: Sendable {
    private let runs = Mutex<[UInt64: [Run]]>([:])
    var all: [UInt64: [Run]] { runs.withLock { $0 } }
    var keeper: Keeper {
      Keeper(
        isDue: { seed in self.runs.withLock { ($0[seed]?.count ?? 0) < 40 } },
        keep: { run in self.runs.withLock { $0[run.seed, default: []].append(run) } })
    }
  }

  @Test func keptEquationsContinueToTheBit() throws {
    let (student, teacher, start) = committee(K: 3, M: 2, sigma: 0.1) { i, n in
      0.2 * sin(Double(2 * i + 5 * n))
    }
    let plan = [Self.phase(20), Self.phase(500, layers: .both)]
    let collector = Collector()
    let whole = try Equations.run(
      student: student, teacher: teacher, plan: plan, from: start, seed: 7,
      monitor: Monitor(keeper: collector.keeper) { _ in true })
    let plain = try Equations.run(
      student: student, teacher: teacher, plan: plan, from: start, seed: 7)
    sameBits(whole, plain, "a keeper changes nothing")
    let kept = try #require(collector.all[7])
    #expect(kept.count == 41 && kept.last!.ending == .completed)
    for run in kept.dropLast() { sameBits(try Equations.resume(run), whole, "\(run.end.alpha)") }
  }

  @Test(arguments: DescentOptions.Method.allCases)
  func keptMembersOfAnEnsembleContinueToTheBit(method: DescentOptions.Method) throws {
    let teacher = Teacher(secondLayer: [1, 0.7], labelNoise: 0.1)
    let student = Student(hiddenUnits: 3, initialisation: .normal(sd: 0.5))
    let plan = [Self.phase(30), Self.phase(60, layers: .both) { $0.error < 0.05 }]
    let seeds: [UInt64] = Array(1...11)
    func learn(_ monitor: Monitor, continuing past: [UInt64: Run] = [:]) throws -> [Run] {
      try Descent.runEnsemble(
        student: student, teacher: teacher, plan: plan, N: 100, seeds: seeds, continuing: past,
        options: DescentOptions(recording: .logarithmic(points: 20), method: method), threads: 2,
        monitor: monitor
      ).runs
    }
    let collector = Collector()
    let whole = try learn(Monitor(keeper: collector.keeper) { _ in true })
    let kept = collector.all
    for (run, plain) in zip(whole, try learn(.none)) { sameBits(run, plain, "seed \(run.seed)") }
    // Some are at their end, some on their way, some had not begun.
    var past: [UInt64: Run] = [:]
    for seed in seeds where seed % 4 != 0 {
      let runs = try #require(kept[seed])
      #expect(runs.count > 5)
      past[seed] = seed % 3 == 0 ? runs.last : runs[runs.count / 2]
    }
    let progress = Mutex(0.0)
    let again = try learn(
      Monitor { now in
        progress.withLock { $0 = now.fraction }
        return true
      }, continuing: past)
    #expect(progress.withLock { $0 } > 0.3)
    for (run, original) in zip(again, whole) { sameBits(run, original, "seed \(run.seed)") }
  }
}
