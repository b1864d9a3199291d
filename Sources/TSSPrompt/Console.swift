import CLineEditor
import Synchronization
import TSS

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// When to use colour.
public enum ColorChoice: String, Sendable, CaseIterable {
  case auto, always, never
}

/// The process's standard streams, as sessions and messages use them.
///
/// Output goes to standard output; errors, notes and progress go to standard error.
public final class Console: Sendable {
  public let hasOutputColor: Bool
  public let hasErrorColor: Bool
  /// Whether it may be had there when the user asks for it: on a terminal, and always with
  /// `--color=always`.
  let mayColorOutput: Bool
  let mayColorErrors: Bool
  /// Whether the terminal obeys control sequences at all.
  public let isDumb: Bool
  private let progress: ProgressLine?
  private let isOutputOpen = Atomic(true)
  /// Where everything that is shown goes as well, since `:log`.
  private let log = Mutex<Transcript?>(nil)
  private let endsLine = Atomic(true)
  let pictures: TerminalPictures
  private let pictureTerminal: PictureTerminal
  /// The program that runs.
  private let running = Mutex<Interrupt?>(nil)

  /// - Parameter showsProgress: whether long computations say how far they are, on a terminal.
  public init(color: ColorChoice, showsProgress: Bool) {
    isDumb = (environment("TERM") ?? "dumb") == "dumb"
    let isWanted = color == .auto && environment("NO_COLOR") == nil && !isDumb
    hasOutputColor = color == .always || (isWanted && StandardStream.output.isTerminal)
    hasErrorColor = color == .always || (isWanted && StandardStream.error.isTerminal)
    mayColorOutput = hasOutputColor || (!isDumb && StandardStream.output.isTerminal)
    mayColorErrors = hasErrorColor || (!isDumb && StandardStream.error.isTerminal)
    let isVisible = showsProgress && StandardStream.error.isTerminal && !isDumb
    progress = isVisible ? ProgressLine() : nil
    let wanted = environment("TSS_GRAPHICS")
    let choice = wanted.map { GraphicsChoice(rawValue: $0) } ?? .auto
    let pictures = TerminalPictures(
      choice: choice ?? .auto, mayAsk: hasOutputColor && StandardStream.output.isTerminal)
    self.pictures = pictures
    pictureTerminal = PictureTerminal { pictures.ability }
    line_editor_use_utf8()
    // A reader that leaves, such as `head`, is no reason to die in the middle of a file.
    signal(SIGPIPE, SIG_IGN)
    if choice == nil, let wanted {
      note("tss: TSS_GRAPHICS is auto, braille, kitty or sixel, not \(wanted)")
    }
  }

  /// Columns of the terminal; 80 where there is none.
  public static var width: Int {
    for descriptor: Int32 in [1, 2, 0] {
      let columns = line_editor_columns(descriptor)
      if columns > 0 { return Int(columns) }
    }
    return 80
  }

  /// Rows of the terminal; 24 where there is none.
  static var height: Int {
    var size = winsize()
    for descriptor: Int32 in [1, 2, 0] {
      #if canImport(Musl)
        let request = Int32(TIOCGWINSZ)
      #else
        let request = UInt(TIOCGWINSZ)
      #endif
      if ioctl(descriptor, request, &size) == 0, size.ws_row > 0 { return Int(size.ws_row) }
    }
    return 24
  }

  /// What sessions are told about the terminal.
  public var traits: TerminalTraits {
    TerminalTraits(
      isTerminal: StandardStream.output.isTerminal, width: Self.width, hasUnicode: true,
      hasColor: hasOutputColor, pictures: pictureTerminal)
  }

  /// For sessions: writes to standard output, and stops the program where nobody reads it.
  public var output: Output {
    .to { [self] text in
      if let last = text.utf8.last { endsLine.store(last == 10, ordering: .relaxed) }
      // The reason at once: whatever is called next changes it.
      transcribe(text)
      let problem = beside { StandardStream.output.write(text) ? 0 : errno }
      if problem != 0 {
        let isNew = isOutputOpen.exchange(false, ordering: .relaxed)
        // A reader that has seen enough is no problem.
        if isNew, problem != EPIPE {
          note("tss: standard output: \(String(cString: strerror(problem)))")
        }
        running.withLock { $0 }?.request()
      }
    }
  }

  /// Whether all that was written has been taken.
  public var isOpen: Bool { isOutputOpen.load(ordering: .relaxed) }

  /// Whether what programs have written ends with a line.
  var isAtLineStart: Bool { endsLine.load(ordering: .relaxed) }

  /// Prints a message about a program.
  public func report(_ diagnostic: Diagnostic) {
    note(diagnostic.render(color: hasErrorColor, width: Self.width))
  }

  /// Prints what went wrong in the cells of sweeps: the first ten, then how many more there are.
  public func report(
    failedCells failures: [Diagnostic], one: ((Diagnostic) -> Void)? = nil
  ) {
    for failure in failures.prefix(10) { (one ?? report)(failure) }
    if failures.count > 10 {
      let rest = failures.count - 10
      note("… and \(rest) more cell\(rest == 1 ? "" : "s") failed")
    }
  }

  /// Prints to standard error, with a newline.
  public func note(_ text: String) {
    let line = text.hasSuffix("\n") ? text : text + "\n"
    transcribe(line)
    beside { StandardStream.error.write(line) }
  }

  // MARK: The transcript

  /// The file that everything goes to; nil for none.
  var transcript: Transcript? {
    get { log.withLock { $0 } }
    set {
      log.withLock {
        $0?.end()
        $0 = newValue
      }
    }
  }

  /// For the transcript alone: what the screen has from the user.
  func transcribe(_ text: String) {
    let problem: String? = log.withLock { transcript in
      guard let current = transcript, !current.write(text) else { return nil }
      let reason = TextFile.lastProblem
      current.end()
      transcript = nil
      return "\(current.path): \(reason); the transcript ends here"
    }
    if let problem { note(problem) }
  }

  /// Writes while no progress line is in the way.
  @discardableResult
  func beside<Result>(_ body: () -> Result) -> Result {
    guard let progress else { return body() }
    return progress.erased(body)
  }

  // MARK: While a program runs

  /// Runs something that ^C stops through `interrupt`, and shows its progress.
  ///
  /// - Parameter atPrompt: a warning comes before ^C ends the process.
  @discardableResult
  public func watching<Result, Failure: Error>(
    _ session: Session, atPrompt: Bool = false, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    if let progress {
      progress.begin()
      session.onProgress { report in
        progress.update(report)
        return .go
      }
    }
    let interrupt = session.interrupt
    running.withLock { $0 = interrupt }
    InterruptKey.stops(interrupt, atPrompt: atPrompt)
    defer {
      running.withLock { $0 = nil }
      InterruptKey.stops(nil)
      progress?.end()
    }
    return try body()
  }
}
