import Groundwork

/// The world as a running program sees it: one for the interpreter, and one for the cells of each
/// sweep, whose engines keep quiet, and for each job.
///
/// A value may keep the context that it was made with, as a phase does whose `until` is a function,
/// and be used by another program: what is asked of a context goes to the program that runs on the
/// current thread, where one does.
final class Evaluation: Context {
  let machine: Machine
  private let isQuiet: Bool
  /// For a job, the variables of the top level; until it ends.
  private(set) nonisolated(unsafe) var view: GlobalsView?

  init(_ machine: Machine, isQuiet: Bool = false, view: GlobalsView? = nil) {
    self.machine = machine
    self.isQuiet = isQuiet
    self.view = view
  }

  /// The program that runs on the current thread, or that has started it.
  static var current: Evaluation? {
    Workers.task.map { Unmanaged<Evaluation>.fromOpaque($0).takeUnretainedValue() }
  }

  private var actual: Evaluation { Evaluation.current ?? self }

  /// Lets go of what a job saw; called when all of its threads have ended.
  func releaseView() { view = nil }

  func call(_ function: Function, _ arguments: [Value]) throws(Diagnostic) -> Value {
    try actual.entering { (strand) throws(Diagnostic) in
      do throws(Unwinding) {
        return try Calls.call(function, arguments, strand)
      } catch {
        throw error.diagnostic ?? .runtime("return", "`return` outside of a function")
      }
    }
  }

  func finish(_ function: Function, _ arguments: [Value]) throws(Diagnostic) -> Value {
    let strand = Strand.current
    let outer = strand.pointee.finishing
    strand.pointee.finishing = outer ?? .infinity
    defer { strand.pointee.finishing = outer }
    return try call(function, arguments)
  }

  /// Runs code on the current thread as part of this evaluation.
  func entering<Result>(
    _ body: (Strand) throws(Diagnostic) -> Result
  ) throws(Diagnostic) -> Result {
    let strand = Strand.current
    if strand.pointee.context === self { return try body(strand) }
    let (context, depth, site, view, task) = (
      strand.pointee.context, strand.pointee.maximumDepth, strand.pointee.site,
      strand.pointee.view, Workers.task
    )
    strand.pointee.context = self
    strand.pointee.view = self.view?.contents
    Workers.task = UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque())
    strand.pointee.maximumDepth = machine.limits.depth
    strand.pointee.maximumElements = machine.maximumElements
    strand.pointee.site = nil
    strand.pointee.fuel = 0
    defer {
      strand.pointee.context = context
      strand.pointee.view = view
      Workers.task = task
      strand.pointee.maximumDepth = depth
      strand.pointee.site = site
    }
    return try body(strand)
  }

  func write(_ text: String) { actual.machine.host.write(text) }
  func note(_ text: String) { actual.machine.host.note(text) }

  func poll() throws(Diagnostic) {
    if actual.machine.interrupt.isRequested, Strand.current.heedsInterrupt {
      throw Machine.interrupted
    }
  }

  func progress(_ report: @autoclosure () -> ProgressReport) -> ProgressDecision {
    let actual = actual
    let machine = actual.machine
    if machine.interrupt.isRequested { return .stop }
    guard !actual.isQuiet else { return .go }
    let decision = machine.host.progress(report())
    // Whoever stops a computation stops the program: nothing may build on half a run.
    if case .stop = decision { machine.interrupt.request() }
    return decision
  }

  func keepPartial(_ value: Value) {
    let actual = actual
    if !actual.isQuiet { actual.machine.partial = value }
  }

  var interrupt: Interrupt { actual.machine.interrupt }
  var threads: Int { actual.isQuiet ? 1 : actual.machine.host.threads }
  var files: FileAccess { machine.limits.files }
  var directory: String { machine.host.directory }
  var script: String? { machine.script }
  var terminal: TerminalTraits { actual.machine.host.terminal }
  func nextPlotNumber() -> Int { machine.nextPlotNumber() }
  var seed: UInt64 { machine.host.seed }
  var jobs: [Job] { actual.machine.jobs.all }
  func explanation(of question: String) -> String? {
    actual.machine.host.explanation(of: question)
  }
}
