import Synchronization
import TSSLanguage
import TSSLibrary

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The interpreter's view of the world around a session. Used from several threads at once.
final class SessionHost: Host {
  typealias Watcher = @Sendable (ProgressReport) -> ProgressDecision
  typealias JobWatcher = @Sendable (Job, JobEvent) -> Void

  private struct State {
    var captured = ""
    var watcher: Watcher?
    var jobWatcher: JobWatcher?
    var terminal: TerminalTraits
    var threads: Int
  }

  let seed: UInt64
  let directory: String
  private let destination: Output
  private let noteDestination: (@Sendable (String) -> Void)?
  private let state: Mutex<State>
  /// Keeps pieces of text whole; apart from the state, so that a slow reader blocks only writers.
  private let writing = Mutex(())

  private let shelf: Bookshelf

  init(seed: UInt64, output: Output, environment: Environment, vocabulary: Vocabulary) {
    self.seed = seed
    shelf = Bookshelf(vocabulary)
    directory = environment.directory
    destination = output
    noteDestination = environment.note
    state = Mutex(State(terminal: environment.terminal, threads: environment.threads))
  }

  func write(_ text: String) {
    switch destination {
    case .capture: state.withLock { $0.captured += text }
    case .discard: break
    case .to(let receive): writing.withLock { _ in receive(text) }
    case .standard:
      writing.withLock { _ in _ = StandardStream.output.write(text) }
    }
  }

  func note(_ text: String) {
    if let noteDestination { noteDestination(text) } else { write(text + "\n") }
  }

  var book: HelpBook { shelf.book }

  func explanation(of question: String) -> String? { book.answerOrRegret(question, terminal) }

  /// Failed cells wait in `Session.failedCells`: told here as well, each would be told twice.
  func report(_ diagnostic: Diagnostic) {}

  func progress(_ report: ProgressReport) -> ProgressDecision {
    state.withLock { $0.watcher }?(report) ?? .go
  }

  func receive(_ event: JobEvent, of job: Job) {
    if let watcher = state.withLock({ $0.jobWatcher }) { return watcher(job, event) }
    switch event {
    case .output(let text): write(text)
    case .note(let text): note(text)
    case .progress, .ended: break
    }
  }

  var jobWatcher: JobWatcher? {
    get { state.withLock { $0.jobWatcher } }
    set { state.withLock { $0.jobWatcher = newValue } }
  }

  var terminal: TerminalTraits {
    get { state.withLock { $0.terminal } }
    set { state.withLock { $0.terminal = newValue } }
  }

  var threads: Int {
    get { state.withLock { $0.threads } }
    set { state.withLock { $0.threads = newValue } }
  }

  var watcher: Watcher? {
    get { state.withLock { $0.watcher } }
    set { state.withLock { $0.watcher = newValue } }
  }

  var captured: String {
    get { state.withLock { $0.captured } }
    set { state.withLock { $0.captured = newValue } }
  }
}

/// Standard output and standard error, without C's buffers.
public enum StandardStream: Int32, Sendable {
  case output = 1
  case error = 2

  /// Writes all of it; false where nobody reads any more.
  @discardableResult
  public func write(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)[...]
      while !rest.isEmpty {
        #if canImport(Glibc)
          let count = Glibc.write(rawValue, rest.base.baseAddress! + rest.startIndex, rest.count)
        #elseif canImport(Musl)
          let count = Musl.write(rawValue, rest.base.baseAddress! + rest.startIndex, rest.count)
        #else
          let count = Darwin.write(rawValue, rest.base.baseAddress! + rest.startIndex, rest.count)
        #endif
        if count < 0 {
          if errno == EINTR || errno == EAGAIN { continue }
          return false
        }
        rest = rest.dropFirst(count)
      }
      return true
    }
  }

  /// Whether it is a terminal.
  public var isTerminal: Bool { isatty(rawValue) == 1 }
}
