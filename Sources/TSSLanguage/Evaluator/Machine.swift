import Groundwork
import Synchronization

/// What all threads of one interpreter share.
final class Machine: Sendable {
  let host: any Host
  let limits: Limits
  let interrupt: Interrupt
  private let steps = Atomic<Int>(0)
  private let plots = Atomic<Int>(0)
  private let state = Mutex(State())
  /// The jobs that programs have started.
  let jobs = JobList()
  /// For a job's: the machine of the program that started it.
  private let parent: Machine?

  private struct State {
    var partial: Value?
    var failedCells: [Diagnostic] = []
    var script: String?
    /// The standard library's texts: their frames are not the user's.
    var librarySources: Set<ObjectIdentifier> = []
    var lastResult: Value?
  }

  /// Steps between two looks at the interrupt.
  private static let quantum = 256

  init(host: any Host, limits: Limits) {
    self.host = host
    self.limits = limits
    interrupt = Interrupt()
    parent = nil
  }

  /// For a job: an interrupt, a count of steps, results of its own; `_` is what it is now.
  init(job host: any Host, of parent: Machine, interrupt: Interrupt) {
    self.host = host
    self.interrupt = interrupt
    self.parent = parent
    limits = parent.limits
    let past = parent.state.withLock { $0 }
    state.withLock {
      $0.script = past.script
      $0.librarySources = past.librarySources
      $0.lastResult = past.lastResult
    }
  }

  /// Whether its programs are jobs, which start none.
  var isOfJob: Bool { parent != nil }

  /// Called when a thread has used up its steps: throws when it must stop, else allows some more.
  func refuel(heeding heedsInterrupt: @autoclosure () -> Bool) throws(Diagnostic) -> Int {
    if interrupt.isRequested, heedsInterrupt() { throw Machine.interrupted }
    guard let limit = limits.steps else { return Machine.quantum }
    let used = steps.add(Machine.quantum, ordering: .relaxed).oldValue
    guard used < limit else {
      throw .runtime(
        "step-limit", "the program took more than \(limit) steps",
        help: "raise the limit, or look for a loop that does not end")
    }
    return min(Machine.quantum, limit - used)
  }

  static let interrupted = Diagnostic(.interrupted, "interrupted", "interrupted")

  /// Elements that a list may have: values take 16 bytes.
  var maximumElements: Int { (limits.memory ?? 2 << 30) / 16 }

  func resetSteps() { steps.store(0, ordering: .relaxed) }
  func nextPlotNumber() -> Int {
    if let parent { return parent.nextPlotNumber() }
    return plots.add(1, ordering: .relaxed).newValue
  }

  var partial: Value? {
    get { state.withLock { $0.partial } }
    set { state.withLock { $0.partial = newValue } }
  }

  var lastResult: Value? {
    get { state.withLock { $0.lastResult } }
    set { state.withLock { $0.lastResult = newValue } }
  }

  var script: String? {
    get { state.withLock { $0.script } }
    set { state.withLock { $0.script = newValue } }
  }

  var failedCells: [Diagnostic] {
    get { state.withLock { $0.failedCells } }
    set { state.withLock { $0.failedCells = newValue } }
  }

  func recordFailedCells(_ failures: [Diagnostic]) {
    state.withLock { $0.failedCells += failures }
  }

  func addLibrary(_ source: Source) {
    state.withLock { _ = $0.librarySources.insert(ObjectIdentifier(source)) }
  }

  func isLibrary(_ source: Source) -> Bool {
    state.withLock { $0.librarySources.contains(ObjectIdentifier(source)) }
  }
}
