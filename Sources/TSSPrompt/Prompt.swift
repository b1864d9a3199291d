import CLineEditor
import TSS

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The interactive prompt: reads inputs, runs them in a session, shows results.
public final class Prompt {
  let session: Session
  let console: Console
  private let history: History
  private let reader: any InputReader
  /// The inputs of this session in order; `isGood` marks those that ran to the end.
  var inputs: [(text: String, isGood: Bool)] = []
  /// The state before the first input, for `:clear`.
  let start: Snapshot
  var hasColor: Bool

  /// - Parameter session: with `Console.output`; may have run a script already.
  public init(session: Session, console: Console) {
    self.session = session
    self.console = console
    hasColor = console.hasErrorColor
    history = History(path: UserFiles.history)
    let assistant = InputAssistant(session)
    let isPlain = console.isDumb || !StandardStream.output.isTerminal
    let editor =
      isPlain
      ? nil : LineEditor(history: history, assistant: assistant, color: console.hasOutputColor)
    reader = editor ?? PlainInput(assistant: assistant)
    start = session.snapshot()
  }

  /// One line that says what this is and how to get on.
  public static func banner(version: String) -> String {
    "tss \(version), a laboratory for learning dynamics. :help lists commands, ^D leaves.\n"
  }

  /// Reads and runs until the user leaves.
  public func run() {
    InterruptKey.stops(nil)
    runInitialization()
    while true {
      reader.putBack(console.pictures.takeTyped())
      switch reader.read() {
      case .end: return
      case .cancelled(let text):
        if !text.trimmingSpaces.isEmpty { history.keep(text) }
      case .line(let text):
        if text.trimmingSpaces.isEmpty { continue }
        history.add(text)
        if let command = Command(text) {
          if command.name == "quit" || command.name == "q" { return }
          perform(command)
        } else {
          evaluate(text)
        }
      }
      if !console.isOpen { return }
    }
  }

  private func runInitialization() {
    guard let path = UserFiles.initialization, TextFile.exists(path) else { return }
    let text: String
    do { text = try TextFile.read(path) } catch { return say(error.message) }
    guarded { () throws(Diagnostic) in
      try session.eval(text, name: path, mode: .embedded)
    }
  }

  // MARK: Running

  /// Runs an input and shows what it gives.
  func evaluate(_ text: String) {
    let number = inputs.count + 1
    inputs.append((text, false))
    guarded { () throws(Diagnostic) in
      try session.eval(text, name: "<input \(number)>", mode: .prompt)
      // One that was stopped has only a part of what the same script would have.
      inputs[number - 1].isGood = session.partial == nil
    }
    if let result = session.lastResult { session["_\(number)"] = result }
  }

  /// Runs something of the session's; reports what goes wrong.
  func guarded(_ body: () throws(Diagnostic) -> Void) {
    session.terminal = console.traits
    session.interrupt.clear()
    do {
      try console.watching(session, atPrompt: true, body)
      // An engine that was stopped gives what it has, and the program may have ended with that.
      if session.partial != nil { reportStop() }
    } catch {
      report(error)
    }
    console.report(failedCells: session.failedCells) { self.report($0) }
  }

  func report(_ diagnostic: Diagnostic) {
    if case .interrupted = diagnostic.stage { return reportStop() }
    say(diagnostic.render(color: hasColor, width: Console.width))
  }

  private func reportStop() {
    reader.forgetTyped()
    // Where the terminal echoes, it has written ^C.
    let isInLine = reader is PlainInput || !console.isAtLineStart
    say(
      (isInLine ? "\n" : "") + "stopped"
        + (session.partial == nil ? "" : "; what was done is `_`, and `resume(_)` continues it"))
  }

  /// Prints beside the results.
  func say(_ text: String) { console.note(text) }
}
