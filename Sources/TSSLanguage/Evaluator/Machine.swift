import Groundwork
import Synchronization

/// What all threads of one interpreter share.
final class Machine: Sendable {
  let host: any Host
  let limits: Limits
  let interrupt = Interrupt()
  private let steps = Atomic<Int>(0)
  private let plots = Atomic<Int>(0)
  private let state = Mutex(State())

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
  }

  /// Called when a thread has used up its steps: throws when it must stop, else allows some more.
  func refuel() throws(Diagnostic) -> Int {
    if interrupt.isRequested { throw Machine.interrupted }
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
  func nextPlotNumber() -> Int { plots.add(1, ordering: .relaxed).newValue }

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

/// The world as a running program sees it: one for the interpreter, and one for the cells of each
/// sweep, whose engines keep quiet.
final class Evaluation: Context {
  let machine: Machine
  private let isQuiet: Bool

  init(_ machine: Machine, isQuiet: Bool = false) {
    self.machine = machine
    self.isQuiet = isQuiet
  }

  func call(_ function: Function, _ arguments: [Value]) throws(Diagnostic) -> Value {
    try entering { (strand) throws(Diagnostic) in
      do throws(Unwinding) {
        return try Calls.call(function, arguments, strand)
      } catch {
        throw error.diagnostic ?? .runtime("return", "`return` outside of a function")
      }
    }
  }

  /// Runs code on the current thread as part of this evaluation.
  func entering<Result>(
    _ body: (Strand) throws(Diagnostic) -> Result
  ) throws(Diagnostic) -> Result {
    let strand = Strand.current
    if strand.pointee.context === self { return try body(strand) }
    let (context, depth, site) = (
      strand.pointee.context, strand.pointee.maximumDepth, strand.pointee.site
    )
    strand.pointee.context = self
    strand.pointee.maximumDepth = machine.limits.depth
    strand.pointee.maximumElements = machine.maximumElements
    strand.pointee.site = nil
    strand.pointee.fuel = 0
    defer {
      strand.pointee.context = context
      strand.pointee.maximumDepth = depth
      strand.pointee.site = site
    }
    return try body(strand)
  }

  func write(_ text: String) { machine.host.write(text) }
  func note(_ text: String) { machine.host.note(text) }

  func poll() throws(Diagnostic) {
    if machine.interrupt.isRequested { throw Machine.interrupted }
  }

  func progress(_ report: @autoclosure () -> ProgressReport) -> ProgressDecision {
    if machine.interrupt.isRequested { return .stop }
    guard !isQuiet else { return .go }
    let decision = machine.host.progress(report())
    // Whoever stops a computation stops the program: nothing may build on half a run.
    if case .stop = decision { machine.interrupt.request() }
    return decision
  }

  func keepPartial(_ value: Value) {
    if !isQuiet { machine.partial = value }
  }

  var interrupt: Interrupt { machine.interrupt }
  var threads: Int { isQuiet ? 1 : machine.host.threads }
  var files: FileAccess { machine.limits.files }
  var directory: String { machine.host.directory }
  var script: String? { machine.script }
  var terminal: TerminalTraits { machine.host.terminal }
  func nextPlotNumber() -> Int { machine.nextPlotNumber() }
  var seed: UInt64 { machine.host.seed }

  func explanation(of question: String) -> String? { machine.host.explanation(of: question) }
}
