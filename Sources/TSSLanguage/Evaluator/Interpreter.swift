/// Runs programs: the state of a session, and everything that may be done with it.
///
/// Used from one thread at a time; programs run on a thread of the interpreter's own with a deep
/// stack, whichever thread asks. What may be used from any thread: `interrupt`, and the context
/// that host functions are given.
public final class Interpreter {
  /// How a program is read and what is shown of it.
  public enum Mode: Sendable {
    /// Checked as a whole; the values of expression statements are shown as they come.
    case file
    /// One input of a prompt: `_` may be read, and the caller shows the value.
    case prompt
    /// A text of the host's: nothing is shown.
    case embedded
  }

  /// The names of a session and what they are bound to. Cheap: values are immutable.
  public struct Snapshot: Sendable {
    fileprivate let globals: [String: Value]
    fileprivate let used: Set<String>
    fileprivate let lastResult: Value?
  }

  /// The names that programs start with.
  public let vocabulary: Vocabulary
  private let modules: [String: Source]
  private let prelude: Globals
  private let globals: Globals
  private var moduleGlobals: [String: Globals] = [:]
  /// Files and modules that were used, each once.
  private var used: Set<String> = []
  private let machine: Machine
  private let evaluation: Evaluation
  private let runner = Runner()
  /// A host function may run another program while one runs.
  private var isRunning = false

  /// What is wrong with the standard library's own text; empty unless someone broke it.
  public private(set) var preludeDiagnostics: [Diagnostic] = []
  /// Whether the last statement of the last run was an expression, whose value a prompt shows.
  public private(set) var endsInExpression = false

  /// `prelude` is run first, in a scope of its own; `modules` are what `use name` finds.
  public init(
    vocabulary: Vocabulary, prelude: Source?, modules: [String: Source], host: any Host,
    limits: Limits
  ) {
    self.vocabulary = vocabulary
    self.modules = modules
    machine = Machine(host: host, limits: limits)
    evaluation = Evaluation(machine)
    let library = Globals(
      base: { vocabulary.entries[$0]?.value }, baseNames: { Array(vocabulary.entries.keys) })
    self.prelude = library
    globals = Globals(
      base: { library[$0] }, baseNames: { library.ownNames + library.baseNames() },
      hasViews: true)
    for module in modules.values { machine.addLibrary(module) }
    if let prelude { load(prelude: prelude) }
  }

  /// Values nest as deep as programs make them, and are freed as deep: on the thread whose stack
  /// is made for that.
  ///
  /// Jobs end with their interpreter.
  deinit {
    machine.jobs.cancelAll()
    try? runner.perform { () throws(Diagnostic) in
      globals.releaseAll()
      for globals in moduleGlobals.values { globals.releaseAll() }
      machine.lastResult = nil
      machine.partial = nil
    }
  }

  private func load(prelude source: Source) {
    machine.addLibrary(source)
    do {
      try runner.perform { () throws(Diagnostic) in
        let unit = Unit(try Parser.parse(source), key: "prelude")
        resolve(unit, prelude, [], .embedded)
        preludeDiagnostics = unit.resolution!.diagnostics
        if let first = preludeDiagnostics.first { throw first }
        _ = try evaluation.entering { (strand) throws(Diagnostic) in
          try execute(unit, prelude, .embedded, isLibrary: true, strand)
        }
      }
    } catch {
      if preludeDiagnostics.isEmpty { preludeDiagnostics = [error] }
    }
  }

  // MARK: Programs

  /// All that is wrong with a program, found without running it.
  public func check(_ source: Source, mode: Mode = .file) -> [Diagnostic] {
    do {
      return try runner.perform { () throws(Diagnostic) in try prepare(source, mode).diagnostics }
    } catch {
      return [error]
    }
  }

  /// Runs a program and gives the value of its last statement. What it bound before an error
  /// stays bound.
  public func run(_ source: Source, mode: Mode = .file) throws(Diagnostic) -> Value {
    machine.resetSteps()
    machine.partial = nil
    endsInExpression = false
    defer { if !isRunning { machine.interrupt.clear() } }
    do {
      let value = try runner.perform { () throws(Diagnostic) in
        if !isRunning { globals.releaseRetired() }
        let wasRunning = isRunning
        isRunning = true
        defer { isRunning = wasRunning }
        let (unit, diagnostics) = try prepare(source, mode)
        if let first = diagnostics.first { throw first }
        return try evaluation.entering { (strand) throws(Diagnostic) in
          try execute(unit, globals, mode, isLibrary: false, strand)
        }
      }
      if mode == .prompt {
        if case .nothing = value {
          if let partial = machine.partial { machine.lastResult = partial }
        } else {
          machine.lastResult = value
        }
      }
      return value
    } catch {
      // What was stopped or failed on its way has left what it had.
      if let partial = machine.partial { machine.lastResult = partial }
      throw error
    }
  }

  /// Calls a function of the language with positional arguments.
  public func call(_ function: Function, _ arguments: [Value]) throws(Diagnostic) -> Value {
    defer { if !isRunning { machine.interrupt.clear() } }
    return try runner.perform { () throws(Diagnostic) in
      try evaluation.call(function, arguments)
    }
  }

  /// Brings the names of a module of the standard library.
  public func use(module name: String) throws(Diagnostic) {
    _ = try run(Source(name: "<use>", text: "use \(name)"), mode: .embedded)
  }

  // MARK: State

  /// A name of the session; also of the vocabulary where the session has none. Nil takes the
  /// session's away.
  public subscript(global name: String) -> Value? {
    get { globals[name] }
    set { globals[name] = newValue }
  }

  /// The names that the session has bound, sorted.
  public var globalNames: [String] { globals.ownNames }

  /// The names that the session has bound and that fit, in no order.
  public func globalNames(where fits: (String) -> Bool) -> [String] {
    globals.ownNames(where: fits)
  }

  /// Whether the session has bound a name.
  public func isOwn(global name: String) -> Bool { globals.isOwn(name) }

  /// The names that the standard library defines in the language itself, sorted.
  public var preludeNames: [String] { prelude.ownNames }

  public func snapshot() -> Snapshot {
    Snapshot(globals: globals.own, used: used, lastResult: machine.lastResult)
  }

  public func restore(_ snapshot: Snapshot) {
    try? runner.perform { () throws(Diagnostic) in globals.restore(snapshot.globals) }
    used = snapshot.used
    machine.lastResult = snapshot.lastResult
  }

  /// Stops what runs; may be requested from any thread and from a signal handler.
  public var interrupt: Interrupt { machine.interrupt }

  /// What an engine or a sweep had when it was interrupted.
  public var partial: Value? {
    get { machine.partial }
    set { machine.partial = newValue }
  }

  /// What runs in the background, or has ended and was not waited for, in the order of beginning.
  public var jobs: [Job] { machine.jobs.all }

  /// Stops all jobs and waits until they have stopped.
  public func cancelJobs() { machine.jobs.cancelAll() }

  /// `_` at the prompt.
  public var lastResult: Value? {
    get { machine.lastResult }
    set { machine.lastResult = newValue }
  }

  /// Cells of sweeps that failed, with their coordinates: the exit status is 1 if there are any.
  public var failedCells: [Diagnostic] {
    get { machine.failedCells }
    set { machine.failedCells = newValue }
  }

  /// The script that runs, as it was named on the command line.
  public var script: String? {
    get { machine.script }
    set { machine.script = newValue }
  }

  /// What host functions are given; for showing values.
  public var context: any Context { evaluation }

  // MARK: Units

  /// Parses, loads what is used, and resolves.
  private func prepare(
    _ source: Source, _ mode: Mode
  ) throws(Diagnostic) -> (Unit, diagnostics: [Diagnostic]) {
    var loader = Loader(
      modules: modules, directory: machine.host.directory, access: machine.limits.files,
      used: used)
    let path = Files.join(machine.host.directory, source.name)
    let key = mode == .file ? Files.canonical(path) ?? source.name : source.name
    let unit = try loader.load(source, key: key, isPrompt: mode == .prompt)
    var diagnostics = loader.diagnostics
    // A name that a file could not bring is no mistake of its own.
    if diagnostics.isEmpty {
      diagnostics += resolve(all: unit, mode)
    }
    return (unit, diagnostics)
  }

  private func resolve(all unit: Unit, _ mode: Mode) -> [Diagnostic] {
    if unit.resolution != nil { return [] }
    var diagnostics: [Diagnostic] = []
    var brought: Set<String> = []
    for use in unit.uses {
      switch use {
      case .file(let other):
        diagnostics += resolve(all: other, .file)
        brought.formUnion(other.names)
      case .module(let name, let other):
        let globals =
          moduleGlobals[name] ?? Globals(base: globals.baseValue, baseNames: globals.baseNames)
        moduleGlobals[name] = globals
        resolve(other, globals, [], .embedded)
        diagnostics += other.resolution!.diagnostics
        brought.formUnion(other.names)
      case .nothing: break
      }
    }
    resolve(unit, globals, brought, mode)
    return diagnostics + unit.resolution!.diagnostics
  }

  private func resolve(
    _ unit: Unit, _ globals: Globals, _ brought: Set<String>, _ mode: Mode
  ) {
    unit.resolution = Resolver.resolve(
      unit.program,
      Resolver.Surroundings(
        globals: globals, vocabulary: vocabulary, used: brought, mode: mode))
  }

  /// Runs a resolved program: all of it is compiled first, then its statements run in order.
  private func execute(
    _ unit: Unit, _ globals: Globals, _ mode: Mode, isLibrary: Bool, _ strand: Strand
  ) throws(Diagnostic) -> Value {
    guard let resolution = unit.resolution else { return .nothing }
    var compiler = Compiler(resolution, globals, machine, isLibrary: isLibrary)
    let codes = unit.program.statements.map { Piece(compiler.statement($0)) }
    var uses = unit.uses[...]
    var last = Value.nothing
    let size = resolution.top.size
    do throws(Unwinding) {
      let frame = try Calls.push(size, strand, nil)
      defer { strand.pop(frame, size) }
      for (statement, code) in zip(unit.program.statements, codes) {
        try strand.tick()
        last = .nothing
        if case .use = statement.kind {
          guard let use = uses.popFirst() else { continue }
          do throws(Diagnostic) { try execute(use, strand) } catch { throw Unwinding(error) }
          continue
        }
        last = try code.run(frame, strand)
        if mode == .file, statement.isShown {
          do throws(Diagnostic) {
            if let text = try last.shown(in: evaluation) { machine.host.write(text + "\n") }
          } catch {
            throw Unwinding(error.located(at: statement.span))
          }
        }
      }
    } catch {
      throw error.diagnostic ?? .runtime("return", "`return` outside of a function")
    }
    if case .expression? = unit.program.statements.last?.kind { endsInExpression = true }
    return last
  }

  private func execute(_ use: Unit.Use, _ strand: Strand) throws(Diagnostic) {
    switch use {
    case .nothing: break
    case .file(let unit):
      guard used.insert(unit.key).inserted else { return }
      do {
        _ = try execute(unit, globals, .embedded, isLibrary: false, strand)
      } catch {
        used.remove(unit.key)
        throw error
      }
    case .module(let name, let unit):
      guard let own = moduleGlobals[name] else { return }
      guard used.insert(unit.key).inserted else { return }
      do {
        _ = try execute(unit, own, .embedded, isLibrary: true, strand)
      } catch {
        used.remove(unit.key)
        throw error
      }
      for name in own.ownNames { globals[name] = own[name] }
    }
  }
}

extension Statement {
  /// Whether a file shows its value.
  fileprivate var isShown: Bool {
    guard case .expression(let value) = kind else { return false }
    if case .if = value.kind { return value.isBracketed }
    return true
  }
}
