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
  let history: History
  let reader: any InputReader
  private let editor: LineEditor?
  /// The inputs of this session in order.
  var inputs: [SessionInput] = []
  /// What ran before the first input: the user's initialization, the script of `-i`.
  var scripts: [(name: String, text: String)]
  /// The state before the first input, for `:clear`.
  private(set) var start: Snapshot
  var tour = Tour()
  let jobStatus = JobStatus()
  /// Whether the user was told that jobs run, and may leave them.
  private var mayLeaveJobs = false
  /// Whether the user was told how a plot becomes a file.
  private var hasOfferedFile = false

  // MARK: Settings

  /// Colour in results, messages and what is typed, each where it goes to a terminal.
  var hasColor: Bool {
    didSet {
      editor?.hasColor = hasResultColor
      jobStatus.hasColor.store(hasResultColor, ordering: .relaxed)
    }
  }
  var hasResultColor: Bool { hasColor && console.mayColorOutput }
  var hasMessageColor: Bool { hasColor && console.mayColorErrors }
  /// Whether the arguments of a call are shown while it is written.
  var showsHints = true { didSet { editor?.showsHints = showsHints } }
  /// Significant digits of what is shown; nil for all.
  var digits: Int?

  /// - Parameters:
  ///   - session: with `Console.output`; may have run scripts already.
  ///   - scripts: those, for `:save`.
  public init(session: Session, console: Console, scripts: [(name: String, text: String)] = []) {
    self.session = session
    self.console = console
    self.scripts = scripts
    hasColor = console.hasOutputColor || console.hasErrorColor
    history = History(path: UserFiles.history)
    let assistant = InputAssistant(session)
    let isPlain = console.isDumb || !StandardStream.output.isTerminal
    editor =
      isPlain
      ? nil : LineEditor(history: history, assistant: assistant, color: console.hasOutputColor)
    reader = editor ?? PlainInput(assistant: assistant)
    start = session.snapshot()
    editor?.offered = { [unowned self] in tour.line }
  }

  /// One line that says what this is and how to get on.
  public static func banner(version: String) -> String {
    "tss \(version), a laboratory for learning dynamics. Try :tour or :help; ^D leaves.\n"
  }

  /// Reads and runs until the user leaves.
  public func run() {
    InterruptKey.stops(nil)
    if let problem = history.problem {
      say("the history is kept for this session only: \(problem)")
    }
    watchJobs()
    defer { leaveJobs() }
    runInitialization()
    start = session.snapshot()
    while true {
      reader.putBack(console.pictures.takeTyped())
      InterruptKey.awaitLine()
      let outcome = reader.read()
      if case .end = outcome {
        if mayLeave() { return }
        continue
      }
      switch outcome {
      case .end: break
      case .cancelled(let text):
        if !text.trimmingSpaces.isEmpty { history.keep(text) }
      case .line(let text):
        if text.trimmingSpaces.isEmpty {
          // Where lines are read as the terminal gives them, ⏎ alone arrives here.
          guard let line = tour.line else { continue }
          StandardStream.output.write("tss> \(line)\n")
          if !take(line) { return }
        } else if !take(text) {
          if mayLeave() { return }
          continue
        }
      }
      mayLeaveJobs = false
      if !console.isOpen { return }
    }
  }

  /// Whether the user leaves; asked once where that would end jobs.
  private func mayLeave() -> Bool {
    let count = session.jobs.count(where: \.isRunning)
    if count == 0 || mayLeaveJobs || !console.isOpen { return true }
    mayLeaveJobs = true
    say(
      (count == 1 ? "a job still runs" : "\(count) jobs still run")
        + ": leave again to cancel \(count == 1 ? "it" : "them"), or wait(jobs())")
    return false
  }

  /// Runs what was typed; false where that was to leave.
  private func take(_ text: String) -> Bool {
    console.transcribe("tss> \(text)\n")
    let ticket = history.add(text)
    let begin = ContinuousClock.now
    var ending = InputEnding.done
    let command = Command(text)
    if let command, command.name == "quit" || command.name == "q" {
      history.finish(ticket, .done, seconds: 0)
      return false
    }
    if let command { ending = perform(command) } else { ending = evaluate(text) }
    history.finish(ticket, ending, seconds: (ContinuousClock.now - begin) / .seconds(1))
    continueTour(after: text, command, ending)
    return true
  }

  private func runInitialization() {
    guard let path = UserFiles.initialization, TextFile.exists(path) else { return }
    let text: String
    do { text = try TextFile.read(path) } catch { return say(error.message) }
    let ending = guarded { () throws(Diagnostic) in
      try session.eval(text, name: path, mode: .embedded)
    }
    if ending == .done { scripts.insert((path, text), at: 0) }
  }

  // MARK: Running

  /// Runs an input and shows what it gives.
  @discardableResult
  func evaluate(_ text: String) -> InputEnding {
    let ending = run(SessionInput(text: text)) { (place) throws(Diagnostic) in
      let value = try session.eval(text, name: "<input \(place + 1)>", mode: .prompt)
      if case .nothing = value {} else { inputs[place].givesResult = true }
      offerFile(for: value)
    }
    // What was stopped has left what it had.
    let number = inputs.count
    if ending == .stopped, session.partial != nil { inputs[number - 1].givesResult = true }
    if let result = session.lastResult { session["_\(number)"] = result }
    return ending
  }

  /// Takes an input into the list and keeps how it went; `body` is told its place there.
  func run(_ input: SessionInput, _ body: (Int) throws(Diagnostic) -> Void) -> InputEnding {
    let place = inputs.count
    inputs.append(input)
    let begin = ContinuousClock.now
    let lastJob = session.jobs.last?.number ?? 0
    let ending = guarded { () throws(Diagnostic) in try body(place) }
    inputs[place].ending = ending
    inputs[place].seconds = (ContinuousClock.now - begin) / .seconds(1)
    inputs[place].jobs = session.jobs.filter { $0.number > lastJob }
    for index in inputs.indices { inputs[index].settleJobs() }
    return ending
  }

  /// Runs something of the session's; reports what goes wrong.
  @discardableResult
  func guarded(_ body: () throws(Diagnostic) -> Void) -> InputEnding {
    var traits = console.traits
    traits.digits = digits
    traits.hasColor = hasResultColor
    session.terminal = traits
    session.interrupt.clear()
    var ending = InputEnding.done
    do {
      try console.watching(session, atPrompt: true, body)
      // An engine that was stopped gives what it has, and the program may have ended with that: it
      // has only a part of what the same script would have.
      if session.partial != nil {
        reportStop()
        ending = .stopped
      }
    } catch {
      report(error)
      if case .interrupted = error.stage { ending = .stopped } else { ending = .failed }
    }
    console.report(failedCells: session.failedCells) { self.report($0) }
    return ending
  }

  /// Where the terminal shows no pictures, the first plot says how to have one.
  private func offerFile(for value: Value) {
    guard !hasOfferedFile, ["a plot", "a figure"].contains(value.kindName),
      console.pictures.ability == nil
    else { return }
    hasOfferedFile = true
    say("`save(_, \"plot.pdf\")` writes it as a picture")
  }

  func report(_ diagnostic: Diagnostic) {
    if case .interrupted = diagnostic.stage {
      // One who has stopped waiting for a job is told what becomes of it.
      let isPlain = diagnostic.message == "interrupted"
      return isPlain ? reportStop() : say("\n" + diagnostic.message)
    }
    say(diagnostic.render(color: hasMessageColor, width: Console.width))
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
