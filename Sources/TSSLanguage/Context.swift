import Synchronization

/// A request to stop, safe to make from any thread and from a signal handler.
public final class Interrupt: Sendable {
  private let flag = Atomic<Bool>(false)

  public init() {}
  public func request() { flag.store(true, ordering: .relaxed) }
  public func clear() { flag.store(false, ordering: .relaxed) }
  public var isRequested: Bool { flag.load(ordering: .relaxed) }
}

/// What a long computation says of itself. A field is nil where it does not apply.
public struct ProgressReport: Sendable {
  /// What is running: `ode`, `sgd`, `sweep`.
  public var task: String
  /// From 0 to 1.
  public var fraction: Double
  /// More, ready to print: "α = 12.3  phase 2  eg = 1.2e-3  η = 0.5".
  public var detail: String

  public init(task: String, fraction: Double, detail: String = "") {
    self.task = task
    self.fraction = fraction
    self.detail = detail
  }
}

public enum ProgressDecision: Sendable { case go, stop }

/// What may be done to files.
public enum FileAccess: Sendable, Hashable { case none, readOnly, all }

/// The world as seen by a running program: everything is injected, nothing is global.
///
/// All members may be used from several threads at once: sweeps and ensembles run in parallel.
public protocol Context: AnyObject, Sendable {
  /// Calls a function value with positional arguments, from whatever thread this is.
  func call(_ function: Function, _ arguments: [Value]) throws(Diagnostic) -> Value
  /// The same for a function of which half an answer is worth nothing: a request to stop does not
  /// end it, unless it takes a second longer.
  func finish(_ function: Function, _ arguments: [Value]) throws(Diagnostic) -> Value
  /// Writes to the program's output, without adding a newline.
  func write(_ text: String)
  /// Says something beside the output (standard error for the command), one line.
  func note(_ text: String)
  /// Throws when the user wants to stop or a limit is reached. Called in every loop.
  func poll() throws(Diagnostic)
  /// For engines: whether the user wants to stop. Reports progress along the way; an engine that
  /// is told to stop returns what it has and calls `keepPartial`; the program stops after the
  /// statement, which may bind that.
  func progress(_ report: @autoclosure () -> ProgressReport) -> ProgressDecision
  /// Keeps an unfinished result, which the prompt offers as `_`.
  func keepPartial(_ value: Value)
  var interrupt: Interrupt { get }
  var threads: Int { get }
  var files: FileAccess { get }
  /// The folder that relative paths start from: the current one.
  var directory: String { get }
  /// The script that runs, as it was named on the command line; nil at the prompt.
  var script: String? { get }
  /// Whether values are shown on a terminal, its width in columns, whether it can show Greek, and
  /// whether colour is wanted.
  var terminal: TerminalTraits { get }
  /// 1, 2, … for the plots that this session writes.
  func nextPlotNumber() -> Int
  /// The jobs of the session that run, or have ended and were not waited for.
  var jobs: [Job] { get }
  /// A number that scripts draw nothing from unless they ask: the session's seed.
  var seed: UInt64 { get }
  /// What the host knows of a name, a topic or words to look for.
  func explanation(of question: String) -> String?
}

extension Context {
  public func finish(
    _ function: Function, _ arguments: [Value]
  ) throws(Diagnostic) -> Value { try call(function, arguments) }
  public func explanation(of question: String) -> String? { nil }
}

extension Context {
  /// None, where there is nobody to start them.
  public var jobs: [Job] { [] }
}

/// Where values are shown.
public struct TerminalTraits: Sendable, Hashable {
  public var isTerminal: Bool
  public var width: Int
  public var hasUnicode: Bool
  public var hasColor: Bool
  /// Significant digits of the numbers that are shown; nil for all that they have.
  public var digits: Int?
  /// Pictures; nil where it certainly shows none.
  public var pictures: PictureTerminal?

  public init(
    isTerminal: Bool = false, width: Int = 80, hasUnicode: Bool = true, hasColor: Bool = false,
    digits: Int? = nil, pictures: PictureTerminal? = nil
  ) {
    self.isTerminal = isTerminal
    self.width = width
    self.hasUnicode = hasUnicode
    self.hasColor = hasColor
    self.digits = digits
    self.pictures = pictures
  }
}

/// How a terminal shows pictures.
public struct PictureAbility: Sendable, Hashable {
  public enum Format: String, Sendable, Hashable {
    /// The graphics protocol of kitty: PNG files in base64.
    case kitty
    /// DEC's sixels: palette pixels in printable characters.
    case sixel
  }

  public var format: Format
  /// Pixels of a character's cell.
  public var cellWidth: Int
  public var cellHeight: Int

  public init(format: Format, cellWidth: Int, cellHeight: Int) {
    self.format = format
    self.cellWidth = cellWidth
    self.cellHeight = cellHeight
  }
}

/// A terminal that is asked whether it can show pictures when the first one is to be shown.
public final class PictureTerminal: Sendable, Hashable {
  private let ask: @Sendable () -> PictureAbility?

  /// - Parameter ask: called for each picture, from any thread; nil for none.
  public init(_ ask: @escaping @Sendable () -> PictureAbility?) { self.ask = ask }

  /// nil where the terminal shows characters only.
  public var ability: PictureAbility? { ask() }

  public static func == (a: PictureTerminal, b: PictureTerminal) -> Bool { a === b }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
