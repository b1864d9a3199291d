import Groundwork
import Synchronization

/// An expression that is computed in the background: a value of the language, and a handle for
/// Swift programs, which may use it from any thread.
public final class Job: NativeObject, @unchecked Sendable {
  /// What has become of it.
  public enum State: Sendable {
    case running
    case finished(Value)
    /// With what there was before the error, if anything.
    case failed(Diagnostic, partial: Value?)
    /// With what there was when it was stopped, if anything: `resume` continues it.
    case cancelled(partial: Value?)
  }

  private struct Contents {
    var state = State.running
    var report: ProgressReport?
    var ended: ContinuousClock.Instant?
    var failedCells: [Diagnostic] = []
    var waiting = 0
    var wasAwaited = false
  }

  /// 1, 2, … in the order in which the jobs of a session began.
  public let number: Int
  /// What it computes, as it was written, on one line.
  public let code: String
  /// Stops this job and nothing else.
  private let interrupt: Interrupt
  private let began = ContinuousClock.now
  private let contents = Mutex(Contents())
  private let end = Latch()
  private weak let list: JobList?

  init(number: Int, code: String, interrupt: Interrupt, list: JobList) {
    self.number = number
    self.code = code
    self.interrupt = interrupt
    self.list = list
  }

  // MARK: What is known of it

  public var state: State { contents.withLock { $0.state } }

  public var isRunning: Bool { if case .running = state { true } else { false } }

  /// What it last said of itself; nil before it has said anything.
  public var progress: ProgressReport? { contents.withLock { $0.report } }

  /// Seconds since it began, until it ended.
  public var seconds: Double {
    let ended = contents.withLock { $0.ended }
    return ((ended ?? .now) - began) / .seconds(1)
  }

  /// The errors of cells of its sweeps.
  public var failedCells: [Diagnostic] { contents.withLock { $0.failedCells } }

  /// Whether someone waited for its end, who will tell it.
  public var wasAwaited: Bool { contents.withLock { $0.wasAwaited } }

  // MARK: Waiting and stopping

  /// Waits for the end and gives the value; throws the job's error, or that it was cancelled
  /// before it had anything. Takes it off the list of its session.
  public func wait() throws(Diagnostic) -> Value {
    awaiting { end.wait() }
    return try collect()
  }

  /// The same for a program: shows the job's progress as the program's own. An interrupt ends the
  /// waiting, not the job.
  public func wait(in context: Context) throws(Diagnostic) -> Value {
    try awaiting { () throws(Diagnostic) in
      while !end.wait(milliseconds: 20) {
        let isStopped =
          if let report = progress { context.progress(report) == .stop } else { false }
        if isStopped || context.interrupt.isRequested {
          throw Diagnostic(
            .interrupted, "interrupted", "stopped waiting; job \(number) goes on")
        }
      }
    }
    (context as? Evaluation)?.take(failedCells: failedCells)
    return try collect()
  }

  /// Asks it to stop, and returns at once.
  public func requestCancel() { interrupt.request() }

  /// Stops it, waits until it has stopped, and gives what it has: the value where it had ended,
  /// else what was finished, which `resume` continues; nothing where there is none. Not for the
  /// job's own threads, on which `Session.onJob` calls back.
  @discardableResult
  public func cancel() -> Value {
    awaiting {
      if isRunning { requestCancel() }
      end.wait()
    }
    list?.remove(self)
    return value ?? .nothing
  }

  /// The value, or what there was when it was stopped or failed.
  public var value: Value? {
    switch state {
    case .running: nil
    case .finished(let value): value
    case .failed(_, let partial), .cancelled(let partial): partial
    }
  }

  private func collect() throws(Diagnostic) -> Value {
    list?.remove(self)
    switch state {
    case .running: preconditionFailure("it has ended")
    case .finished(let value): return value
    case .failed(let error, _): throw error
    case .cancelled(let partial?): return partial
    case .cancelled(nil):
      throw .runtime("cancelled", "job \(number) was cancelled before it had anything")
    }
  }

  private func awaiting<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    contents.withLock { $0.waiting += 1 }
    defer { contents.withLock { $0.waiting -= 1 } }
    return try body()
  }

  // MARK: Its own thread

  func report(_ report: ProgressReport) { contents.withLock { $0.report = report } }

  func finish(_ state: State, failedCells: [Diagnostic]) {
    contents.withLock {
      $0.state = state
      $0.failedCells = failedCells
      $0.ended = .now
      $0.wasAwaited = $0.waiting > 0
    }
    end.open()
  }

  // MARK: As a value

  public override var typeName: String { "job" }

  /// The fields, for completion and the static check.
  public static let fields: [Vocabulary.TypeDescription.Field] = [
    .init("value", nil, "the value; what there is, if it was cancelled or failed; else nothing"),
    .init("running", "bool", "whether it still runs"),
    .init("progress", "number", "from 0 to 1, how far it is"),
    .init("seconds", "number", "how long it runs or has run"),
    .init("error", nil, "the message of the error that ended it, or nothing"),
    .init("name", "string", "what it computes"),
    .init("number", "number", "1 for the first job of the session"),
  ]

  public override var fieldNames: [String] { Self.fields.map(\.name) }

  public override func field(_ name: String) -> Value? {
    switch name {
    case "value": value ?? .nothing
    case "running": .bool(isRunning)
    case "progress": .number(fraction)
    case "seconds": .number(seconds)
    case "error":
      if case .failed(let error, _) = state { .string(error.message) } else { .nothing }
    case "name": .string(code)
    case "number": .number(Double(number))
    default: nil
    }
  }

  private var fraction: Double {
    if case .finished = state { return 1 }
    return progress.map { min(max($0.fraction, 0), 1) } ?? 0
  }

  /// "running, 42%"; "finished", "failed: …", "cancelled".
  public var stateText: String {
    switch state {
    case .running: progress == nil ? "running" : "running, \(Int(fraction * 100))%"
    case .finished: "finished"
    case .failed(let error, _): "failed: \(error.message)"
    case .cancelled: "cancelled"
    }
  }

  /// What it computes, cut to so many characters.
  public func code(upTo length: Int) -> String {
    code.count <= length ? code : code.prefix(max(1, length - 1)) + "…"
  }

  public override func describe() -> String {
    "job \(number): \(code(upTo: 50)) (\(stateText))"
  }
}

/// The jobs of a session that run, or have ended and were not waited for.
final class JobList: Sendable {
  private struct State {
    var jobs: [Job] = []
    var count = 0
  }

  private let state = Mutex(State())

  /// More would only be in each other's way.
  static let maximumRunning = 100

  var all: [Job] { state.withLock { $0.jobs } }

  /// A new job at the end of the list; nil where too many run.
  func add(_ code: String, _ interrupt: Interrupt) -> Job? {
    state.withLock { state in
      guard state.jobs.count(where: \.isRunning) < Self.maximumRunning else { return nil }
      state.count += 1
      let job = Job(number: state.count, code: code, interrupt: interrupt, list: self)
      state.jobs.append(job)
      return job
    }
  }

  func remove(_ job: Job) {
    state.withLock { state in state.jobs.removeAll { $0 === job } }
  }

  func cancelAll() {
    let jobs = all
    for job in jobs where job.isRunning { job.requestCancel() }
    for job in jobs { job.cancel() }
  }
}
