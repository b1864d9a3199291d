/// A program with all that it uses, resolved: what can be checked, and run if nothing is wrong.
final class Unit {
  /// What a `use` statement brings.
  enum Use {
    case file(Unit)
    case module(name: String, Unit)
    /// Has been used before, or is wrong.
    case nothing
  }

  let program: Program
  /// For files that are used: what they are known by, so that each is run once.
  let key: String
  /// The `use` statements in order.
  var uses: [Use] = []
  var resolution: Resolution?

  init(_ program: Program, key: String) {
    self.program = program
    self.key = key
  }

  /// The names that using this brings: its own and those of the files it uses.
  var names: Set<String> {
    var names = AssignedNames(program.statements).counts.reduce(into: Set<String>()) {
      $0.insert($1.key)
    }
    for case .file(let unit) in uses { names.formUnion(unit.names) }
    for case .module(_, let unit) in uses { names.formUnion(unit.names) }
    return names
  }
}

/// Reads programs and what they use.
struct Loader {
  let modules: [String: Source]
  let directory: String
  let access: FileAccess
  /// What the session has used before.
  let used: Set<String>
  private(set) var diagnostics: [Diagnostic] = []
  private var loaded: [String: Unit] = [:]
  /// The files that are being read, outermost first.
  private var open: [(key: String, name: String)] = []

  init(modules: [String: Source], directory: String, access: FileAccess, used: Set<String>) {
    self.modules = modules
    self.directory = directory
    self.access = access
    self.used = used
  }

  /// All units that were loaded besides the first.
  var others: [Unit] { Array(loaded.values) }

  mutating func load(_ source: Source, key: String, isPrompt: Bool) throws(Diagnostic) -> Unit {
    let unit = Unit(try Parser.parse(source, isPrompt: isPrompt), key: key)
    open.append((key, source.name))
    for statement in unit.program.statements {
      guard case .use(let name, let isFile, let span) = statement.kind else { continue }
      unit.uses.append(isFile ? file(name, span) : module(name, span))
    }
    open.removeLast()
    return unit
  }

  private mutating func module(_ name: String, _ span: Span) -> Unit.Use {
    let key = "module:\(name)"
    guard let source = modules[name] else {
      let suggestions = Suggestions.best(for: name, among: modules.keys)
      report(
        "unknown-module", "the standard library has no module `\(name)`", span,
        [
          suggestions.first.map { "did you mean `\($0)`?" }
            ?? (modules.isEmpty
              ? "a file is used by its name in quotes: `use \"\(name).tss\"`"
              : "its modules are " + modules.keys.sorted().map { "`\($0)`" }.joined(separator: ", ")
                + "; what else it has is there without `use`")
        ], suggestions)
      return .nothing
    }
    if used.contains(key) { return .nothing }
    return read(source, key, span).map { .module(name: name, $0) } ?? .nothing
  }

  private mutating func file(_ name: String, _ span: Span) -> Unit.Use {
    let folder = Files.folder(of: span.source.name)
    let path = Files.join(folder, name)
    let full = Files.join(directory, path)
    guard access != .none else {
      report("files", "this program may not read files: `\(name)`", span, [], [])
      return .nothing
    }
    let canonical = Files.canonical(full)
    if let key = canonical, used.contains(key) { return .nothing }
    if let key = canonical, let bytes = Files.bytes(key) {
      do {
        return read(Source(name: path, text: try Source.text(of: bytes, name: path)), key, span)
          .map { .file($0) } ?? .nothing
      } catch {
        report(error.code, error.message, span, error.help, [])
        return .nothing
      }
    }
    guard canonical == nil else {
      report("missing-file", "the file `\(path)` cannot be read", span, [], [])
      return .nothing
    }
    let scripts = Files.scripts(in: Files.join(directory, folder))
    let suggestions = Suggestions.best(for: name, among: scripts)
    report(
      "missing-file", "there is no file `\(path)`", span,
      suggestions.first.map { ["did you mean `\($0)`?"] }
        ?? ["files are looked for beside the file that uses them"], suggestions)
    return .nothing
  }

  private mutating func read(_ source: Source, _ key: String, _ span: Span) -> Unit? {
    if let start = open.firstIndex(where: { $0.key == key }) {
      let cycle = (open[start...].map(\.name) + [source.name]).map { "`\($0)`" }
      report(
        "cycle", "files use each other in a circle: \(cycle.joined(separator: " uses "))", span,
        ["put what both need into a third file"], [])
      return nil
    }
    if let known = loaded[key] { return known }
    do {
      let unit = try load(source, key: key, isPrompt: false)
      loaded[key] = unit
      return unit
    } catch {
      diagnostics.append(error)
      return nil
    }
  }

  private mutating func report(
    _ code: String, _ message: String, _ span: Span, _ help: [String], _ suggestions: [String]
  ) {
    diagnostics.append(
      Diagnostic(.check, code, message, at: span, help: help, suggestions: suggestions))
  }
}
