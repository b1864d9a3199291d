import Groundwork
import TSSLanguage
import TSSLibrary
import TSSStandardLibrary

/// The language with its vocabulary: what a program may call, the modules it may `use`, and what
/// it may use up.
///
/// An engine is a value that is built once and never runs anything itself; sessions hold the
/// state. It may be shared between threads.
///
/// ```swift
/// var engine = Engine(limits: .init(steps: 10_000_000, files: .none))
/// engine.define("swish", doc: "x/(1 + exp(-x))") { (x: Double) in x / (1 + exp(-x)) }
/// let session = engine.session(seed: 1, output: .capture)
/// let y: Double = try session.eval("swish(2)")
/// ```
public struct Engine: Sendable {
  package var vocabulary: Vocabulary
  package var modules: [String: Source]
  /// What the host has defined, which goes before names of the standard library.
  var hostNames: Set<String> = []
  /// What programs may use up.
  public var limits: Limits

  /// An engine with the standard vocabulary and the standard library.
  public init(limits: Limits = Limits()) {
    self.limits = limits
    vocabulary = Standard.vocabulary
    modules = Standard.modules
  }

  /// Adds a module that programs load with `use name`.
  public mutating func addModule(_ name: String, source: String) {
    modules[name] = Source(name: name, text: source)
  }

  /// The program that the bytes of a file are. What is no UTF-8 is an error that names the line:
  /// with characters replaced it would run as another program.
  public static func text(of bytes: [UInt8], name: String) throws(Diagnostic) -> String {
    try Source.text(of: bytes, name: name)
  }

  /// What is wrong with a program, as far as can be said without running it.
  public func check(_ text: String, name: String = "<check>") -> [Diagnostic] {
    session(output: .discard).interpreter.check(Source(name: name, text: text), mode: .file)
  }

  /// A new state: the engine's vocabulary and nothing else.
  ///
  /// - Parameters:
  ///   - seed: what programs find that ask for a seed without naming one.
  ///   - output: where `print` and shown values go.
  ///   - environment: threads, folder, terminal.
  public func session(
    seed: UInt64 = 0, output: Output = .standard, environment: Environment = Environment()
  ) -> Session {
    Session(engine: self, seed: seed, output: output, environment: environment)
  }
}

/// Where a session's output goes.
public enum Output: Sendable {
  /// Kept: `session.output`.
  case capture
  /// The process's standard output.
  case standard
  case discard
  /// Called with each piece of text, from any thread, one at a time.
  case to(@Sendable (String) -> Void)
}

/// What a session knows of the world besides its output.
public struct Environment: Sendable {
  /// For sweeps and ensembles.
  public var threads: Int
  /// Where relative paths start.
  public var directory: String
  public var terminal: TerminalTraits
  /// Receives notes and warnings, one line each, from any thread; nil sends them where the output
  /// goes.
  public var note: (@Sendable (String) -> Void)?

  public init(
    threads: Int = Workers.processorCount, directory: String = ".",
    terminal: TerminalTraits = TerminalTraits(), note: (@Sendable (String) -> Void)? = nil
  ) {
    self.threads = threads
    self.directory = directory
    self.terminal = terminal
    self.note = note
  }
}

/// What every engine starts with, put together once for the whole process.
enum Standard {
  static let vocabulary: Vocabulary = {
    var vocabulary = Vocabulary()
    StandardVocabulary.install(in: &vocabulary)
    PhysicsVocabulary.install(in: &vocabulary)
    return vocabulary
  }()

  static let prelude = source(of: StandardLibrary.prelude)

  /// What `use name` finds.
  static let modules: [String: Source] = Dictionary(
    uniqueKeysWithValues: StandardLibrary.modules.dropFirst().map { ($0.name, source(of: $0)) })

  static func source(of module: StandardLibrary.Module) -> Source {
    Source(name: "\(module.name).tss", text: String(decoding: module.source, as: UTF8.self))
  }
}
