import TSSLanguage

/// A running state of the language: names with values, output, a request to stop.
///
/// A session is used from one thread at a time; only `interrupt` may be used from any.
public final class Session {
  /// How a text is run.
  public enum Mode: Sendable {
    /// Called from Swift: nothing is shown, the last value is the result.
    case embedded
    /// A script: values of statements are shown, the whole is checked before it runs.
    case file
    /// An input of the prompt: `_` may be read, and the value of the last statement is shown.
    case prompt
  }

  public let engine: Engine
  package let interpreter: Interpreter
  let host: SessionHost
  /// When names were used last, for completion.
  var usage = NameUsage()
  /// What the modules of the library offer.
  private(set) lazy var moduleNames = ModuleName.all(in: engine.modules)

  init(engine: Engine, seed: UInt64, output: Output, environment: Environment) {
    self.engine = engine
    host = SessionHost(
      seed: seed, output: output, environment: environment, vocabulary: engine.vocabulary)
    interpreter = Interpreter(
      vocabulary: engine.vocabulary, prelude: Standard.prelude, modules: engine.modules,
      host: host, limits: engine.limits)
    // The part of the library that is written in the language lies above the vocabulary.
    for name in interpreter.preludeNames where engine.hostNames.contains(name) {
      interpreter[global: name] = engine.vocabulary.entries[name]?.value
    }
  }

  // MARK: Running

  /// Runs a program and gives its last value.
  @discardableResult
  public func eval(
    _ text: String, name: String = "<eval>", mode: Mode = .embedded
  ) throws(Diagnostic) -> Value {
    interpreter.failedCells = []
    if mode == .prompt { usage.note(text) }
    let source = Source(name: name, text: text)
    let value = try interpreter.run(source, mode: mode.interpreterMode)
    if mode == .prompt, interpreter.endsInExpression {
      var shown = call(of: value, askedBy: text)
      if shown == nil { shown = try value.shown(in: interpreter.context) }
      if let shown { host.write(shown + "\n") }
    }
    return value
  }

  /// Runs a program and gives its last value as a Swift type.
  public func eval<Result: FromValue>(
    _ text: String, as _: Result.Type = Result.self, name: String = "<eval>"
  ) throws(Diagnostic) -> Result {
    let value: Value = try eval(text, name: name, mode: .embedded)
    return try convert(value, text)
  }

  /// What is wrong with a text, as far as can be said without running it.
  public func check(
    _ text: String, name: String = "<check>", mode: Mode = .prompt
  ) -> [Diagnostic] {
    interpreter.check(Source(name: name, text: text), mode: mode.interpreterMode)
  }

  /// Whether a text can be run, needs more lines, or is wrong.
  public func isComplete(_ text: String) -> Completeness {
    Parser.completeness(of: text)
  }

  // MARK: Values

  /// A global name, or one of the vocabulary where the session has none; nil where there is
  /// neither, or a value of another type.
  public subscript<T: FromValue & ToValue>(name: String) -> T? {
    get { interpreter[global: Greek.canonicalName(name)].flatMap { T.from($0) } }
    set { interpreter[global: Greek.canonicalName(name)] = newValue?.scriptValue }
  }

  /// The value of a global name or of a name of the vocabulary, as a Swift type.
  public func get<Result: FromValue>(
    _ name: String, as _: Result.Type = Result.self
  ) throws(Diagnostic) -> Result {
    try convert(lookUp(name), name)
  }

  /// A function of the language as a Swift function. Call it on the session's thread.
  public func function<each Argument: ToValue, Result: FromValue>(
    _ name: String
  ) throws(Diagnostic) -> (repeat each Argument) throws -> Result {
    guard case .function(let function) = try lookUp(name) else {
      throw .runtime("type", "`\(name)` is not a function")
    }
    return { [self] (arguments: repeat each Argument) in
      var values: [Value] = []
      for argument in repeat each arguments { values.append(argument.scriptValue) }
      // A request that was honoured must not stop the next call as well.
      defer { interpreter.interrupt.clear() }
      return try convert(interpreter.call(function, values), name)
    }
  }

  private func lookUp(_ name: String) throws(Diagnostic) -> Value {
    if let value = valueIfKnown(name) { return value }
    throw .runtime("unknown-name", "unknown name `\(name)`")
  }

  /// The value of a global name or of a name of the vocabulary.
  func valueIfKnown(_ name: String) -> Value? {
    interpreter[global: Greek.canonicalName(name)]
  }

  private func convert<Result: FromValue>(
    _ value: Value, _ what: String
  ) throws(Diagnostic) -> Result {
    if let result = Result.from(value) { return result }
    throw .runtime("type", "`\(what)` is \(value.kindName), not \(Result.wanted)")
  }

  /// The names that programs of this session have given values to, in alphabetical order.
  public var names: [String] { interpreter.globalNames.sorted() }

  /// The state now; cheap, since values are immutable.
  public func snapshot() -> Snapshot { interpreter.snapshot() }

  /// Goes back to a state of this session.
  public func restore(_ snapshot: Snapshot) { interpreter.restore(snapshot) }

  // MARK: While a program runs

  /// Stops what runs, from any thread or a signal handler.
  public var interrupt: Interrupt { interpreter.interrupt }

  /// Watches long computations, from any thread. One that is told to stop gives what it has.
  public func onProgress(_ watch: @escaping @Sendable (ProgressReport) -> ProgressDecision) {
    host.watcher = watch
  }

  /// What was written so far, with `Output.capture`.
  public var output: String { host.captured }

  /// Forgets what was captured.
  public func clearOutput() { host.captured = "" }

  /// Where values are shown; may change while a session lives, as a window does.
  public var terminal: TerminalTraits {
    get { host.terminal }
    set { host.terminal = newValue }
  }

  /// Threads for sweeps and ensembles, at least 1; results do not depend on it.
  public var threads: Int {
    get { host.threads }
    set { host.threads = max(1, newValue) }
  }

  /// What random numbers are drawn from that ask for no seed of their own.
  public var seed: UInt64 { host.seed }

  // MARK: After a program

  /// The value of the last input that had one: `_`.
  public var lastResult: Value? { interpreter.lastResult }

  /// What an interrupted computation had finished; nil where nothing was stopped.
  public var partial: Value? { interpreter.partial }

  /// The errors of sweep cells in the last program.
  public var failedCells: [Diagnostic] { interpreter.failedCells }

  /// The script that runs, for programs that want to know.
  public var script: String? {
    get { interpreter.script }
    set { interpreter.script = newValue }
  }
}

extension Session.Mode {
  var interpreterMode: Interpreter.Mode {
    switch self {
    case .embedded: .embedded
    case .file: .file
    case .prompt: .prompt
    }
  }
}
