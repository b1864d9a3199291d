/// What an interpreter is given by whoever runs it. All members may be used from any thread.
public protocol Host: AnyObject, Sendable {
  /// The program's output.
  func write(_ text: String)
  /// A line beside the output: notes, warnings.
  func note(_ text: String)
  /// A problem that does not end the program: a cell of a sweep that failed.
  func report(_ diagnostic: Diagnostic)
  /// Told now and then how far a long computation is; may stop it.
  func progress(_ report: ProgressReport) -> ProgressDecision
  /// Told what a job says; on the job's threads.
  func receive(_ event: JobEvent, of job: Job)
  var terminal: TerminalTraits { get }
  /// Threads for sweeps and ensembles.
  var threads: Int { get }
  /// The current folder.
  var directory: String { get }
  var seed: UInt64 { get }
  /// What `help("…")` prints of a name, a topic or words to look for; nil where nothing is known.
  func explanation(of question: String) -> String?
}

extension Host {
  /// As a note; a host that can renders the whole picture.
  public func report(_ diagnostic: Diagnostic) { note("error: \(diagnostic.message)") }

  /// A host without a book of help knows nothing.
  public func explanation(of question: String) -> String? { nil }

  /// Output and notes go where those of the program go.
  public func receive(_ event: JobEvent, of job: Job) {
    switch event {
    case .output(let text): write(text)
    case .note(let text): note(text)
    case .progress, .ended: break
    }
  }
}

/// What a program may use up before it is stopped with an error.
public struct Limits: Sendable {
  /// Evaluation steps; nil for no limit.
  public var steps: Int?
  /// Nested calls.
  public var depth: Int
  /// Bytes held by lists, matrices and strings made in one step; nil for no limit.
  public var memory: Int?
  public var files: FileAccess

  public init(
    steps: Int? = nil, depth: Int = 4000, memory: Int? = nil, files: FileAccess = .all
  ) {
    self.steps = steps
    self.depth = depth
    self.memory = memory
    self.files = files
  }
}
