/// The scopes of a program, each at the body it belongs to, and what is wrong with its names.
final class Resolution {
  let top: Scope
  private var scopes: [ObjectIdentifier: Scope] = [:]
  private var jobs: [ObjectIdentifier: Scope] = [:]
  var diagnostics: [Diagnostic] = []

  init(top: Scope) { self.top = top }

  /// The scope of a function or a sweep.
  subscript(body: Block) -> Scope? {
    get { scopes[ObjectIdentifier(body)] }
    set { scopes[ObjectIdentifier(body)] = newValue }
  }
}

extension Resolution {
  /// The scope of what a call of `background` runs; nil for other calls.
  subscript(job call: Expression) -> Scope? {
    get { jobs[ObjectIdentifier(call)] }
    set { jobs[ObjectIdentifier(call)] = newValue }
  }
}

/// Finds out what each name means before anything runs, and reports all that cannot mean anything.
struct Resolver {
  /// What is known besides the program.
  struct Surroundings {
    var globals: Globals
    var vocabulary: Vocabulary
    /// Names that used files and modules bring.
    var used: Set<String> = []
    var mode: Interpreter.Mode = .file
  }

  let surroundings: Surroundings
  let resolution: Resolution
  var scope: Scope
  /// How deep the walk is inside blocks: `use` stands at the top only.
  private var depth = 0

  static func resolve(_ program: Program, _ surroundings: Surroundings) -> Resolution {
    let resolution = Resolution(top: Scope(top: AssignedNames(program.statements)))
    var resolver = Resolver(
      surroundings: surroundings, resolution: resolution, scope: resolution.top)
    for statement in program.statements { resolver.visit(statement) }
    return resolution
  }

  private init(surroundings: Surroundings, resolution: Resolution, scope: Scope) {
    self.surroundings = surroundings
    self.resolution = resolution
    self.scope = scope
  }

  func report(
    _ code: String, _ message: String, at span: Span, help: [String] = [],
    suggestions: [String] = [], related: [Diagnostic.Label] = []
  ) {
    resolution.diagnostics.append(
      Diagnostic(
        .check, code, message, at: span, related: related, help: help, suggestions: suggestions))
  }

  // MARK: Statements

  private mutating func visit(_ block: Block) {
    depth += 1
    for statement in block.statements { visit(statement) }
    depth -= 1
  }

  private mutating func visit(_ statement: Statement) {
    switch statement.kind {
    case .assign(let target, let block):
      visit(block)
      visitTarget(target)
    case .define(let function):
      if let name = function.name { checkAssignable(name) }
      visit(function)
    case .for(let binders, let body):
      for binder in binders {
        visit(binder.values)
        checkAssignable(binder.name, mayBeUnused: true)
        scope.openLoop(binder.name.name)
      }
      visit(body)
      scope.closeLoops(binders.count)
    case .expression, .while: visit(statement.kind.children)
    case .return:
      if scope.kind == .top {
        report(
          "return", "`return` stands outside of a function", at: statement.span,
          help: ["the last expression of a block is its value"])
      }
      visit(statement.kind.children)
    case .use:
      if depth > 0 || scope.kind != .top {
        report("use", "`use` stands at the top level only", at: statement.span)
      }
    }
  }

  private mutating func visitTarget(_ target: Statement.Target) {
    checkAssignable(target.root)
    if !target.path.isEmpty, !isKnown(root: target.root.name) {
      reportUnknown(target.root.name, target.root.span)
    }
    visit(target.children)
  }

  /// Whether a variable of which a part is assigned may have a value. Where only an outer one has,
  /// the error at run time explains more.
  private func isKnown(root name: String) -> Bool {
    if name == "_" || name == "nothing" || scope.target(name)?.hasValue == true { return true }
    if scope.names.definitions.contains(name) || isGlobal(name) { return true }
    return scope.parent?.find(name) != nil
  }

  private func checkAssignable(_ name: Identifier, mayBeUnused: Bool = false) {
    if name.name == "nothing" {
      report("assign", "`nothing` cannot be assigned", at: name.span)
    } else if name.name == "_", !mayBeUnused {
      report(
        "assign", "`_` cannot be assigned", at: name.span,
        help: ["an expression that stands alone needs no name"])
    }
  }

  // MARK: Expressions

  private mutating func visit(_ children: [SyntaxChild]) {
    for child in children {
      switch child {
      case .expression(let expression): visit(expression)
      case .block(let block): visit(block)
      case .function(let function): visit(function)
      case .binder(let binder): visit(binder.values)
      }
    }
  }

  private mutating func visit(_ expression: Expression) {
    switch expression.kind {
    case .name(let name): visitName(name, expression.span)
    case .comprehension(let element, let binders, let filter):
      let variables = scope.variables(of: expression, binders)
      for (binder, variable) in zip(binders, variables) {
        visit(binder.values)
        checkAssignable(binder.name, mayBeUnused: true)
        scope.open(variable)
      }
      if let filter { visit(filter) }
      visit(element)
      scope.closeVariables(binders.count)
    case .sweep(let binders, let body):
      for binder in binders { visit(binder.values) }
      visitSweep(binders, body)
    case .call(let callee, let arguments, _) where isBackground(callee):
      check(expression)
      visitBackground(expression, arguments)
    case .call(let callee, let arguments, _):
      visit(callee)
      for argument in arguments { visit(argument, of: callee) }
      check(expression)
    default:
      visit(expression.children)
      check(expression)
    }
  }

  /// An unknown name that stands for one of a few words is reported with these words.
  private mutating func visit(_ argument: Argument, of callee: Expression) {
    guard case .named(let name, let value) = argument, case .name(let word) = value.kind,
      word != "_", word != "nothing", scope.find(word) == nil, !isGlobal(word),
      let parameter = certainFunction(callee)?.1.parameters.first(where: { $0.name == name.name }),
      !parameter.choices.isEmpty
    else { return visit(argument.expression) }
    let choices = parameter.choices.map { "`\($0)`" }.joined(separator: ", ")
    reportUnknown(word, value.span, choices: "the words for `\(name.span.text)` are \(choices)")
  }

  private mutating func visit(_ function: FunctionSyntax) {
    var seen: Set<String> = []
    for parameter in function.parameters {
      checkAssignable(parameter.name, mayBeUnused: true)
      if parameter.name.name != "_", !seen.insert(parameter.name.name).inserted {
        report(
          "parameter-twice", "the parameter `\(parameter.name.name)` stands twice",
          at: parameter.name.span)
      }
    }
    if let required = function.parameters.drop(while: { $0.defaultValue == nil })
      .first(where: { $0.defaultValue == nil })
    {
      report(
        "parameter-order", "parameters with defaults come last", at: required.name.span,
        help: ["give `\(required.name.name)` a default, or move it to the left"])
    }
    let outer = scope
    let inner = Scope(
      .function, name: function.name?.name, parent: outer,
      parameters: function.parameters.map(\.name.name), names: AssignedNames(function))
    resolution[function.body] = inner
    scope = inner
    for (position, parameter) in function.parameters.enumerated() {
      guard let value = parameter.defaultValue else { continue }
      scope.visibleParameters = position
      visit(value)
    }
    scope.visibleParameters = nil
    visit(function.body)
    scope = outer
  }

  private mutating func visitSweep(_ binders: [Binder], _ body: Block) {
    var seen: Set<String> = []
    for binder in binders {
      if binder.name.name == "_" || binder.name.name == "nothing" {
        report("assign", "an axis of a sweep needs a name", at: binder.name.span)
      } else if !seen.insert(binder.name.name).inserted {
        report("axis-twice", "the axis `\(binder.name.name)` stands twice", at: binder.name.span)
      }
    }
    let outer = scope
    let inner = Scope(
      .sweep, name: nil, parent: outer, parameters: binders.map(\.name.name),
      names: AssignedNames(body.statements))
    resolution[body] = inner
    scope = inner
    visit(body)
    scope = outer
  }

  /// Whether a callee is the vocabulary's `background`, which takes its argument unevaluated.
  private func isBackground(_ callee: Expression) -> Bool {
    guard case .name(let name) = callee.kind, scope.find(name) == nil,
      !resolution.top.names.definitions.contains(name), !surroundings.used.contains(name),
      case .function(let function)? = surroundings.globals[name], let builtin = function as? Builtin
    else { return false }
    return builtin.startsJob
  }

  private mutating func visitBackground(_ call: Expression, _ arguments: [Argument]) {
    guard arguments.count == 1, case .positional(let value) = arguments[0] else {
      for argument in arguments { visit(argument.expression) }
      return
    }
    let outer = scope
    if outer.kind != .top {
      let place =
        switch outer.kind {
        case .sweep: "in a sweep, whose cells run side by side already"
        case .job: "in a job"
        default: "in a function"
        }
      report(
        "background", "`background` stands at the top level only, not \(place)", at: call.span,
        help: outer.kind == .function
          ? ["return what the function computes and write background(f(…)) at the top level"] : [])
    }
    let inner = Scope(
      .job, name: nil, parent: outer, parameters: [], names: AssignedNames(value))
    resolution[job: call] = inner
    scope = inner
    visit(value)
    scope = outer
  }

  // MARK: Names

  private func visitName(_ name: String, _ span: Span) {
    if name == "nothing" { return }
    if name == "_" {
      if surroundings.mode == .file {
        report(
          "unknown-name", "`_` cannot be read", at: span,
          help: ["`_` is the last result at the prompt; in a file, give the value a name"])
      }
      return
    }
    if scope.find(name) == nil, !isGlobal(name) { reportUnknown(name, span) }
  }

  private func reportUnknown(_ name: String, _ span: Span, choices: String? = nil) {
    let known = knownNames
    let suggestions = Suggestions.best(for: name, among: known)
    report(
      "unknown-name", "the name `\(name)` is not known", at: span,
      help: help(for: name, span, suggestions, Set(known)) + [choices].compactMap(\.self),
      suggestions: suggestions)
  }

  func isGlobal(_ name: String) -> Bool {
    resolution.top.names.definitions.contains(name) || surroundings.used.contains(name)
      || surroundings.globals[name] != nil
  }

  private var knownNames: [String] {
    scope.visibleNames + resolution.top.names.counts.keys + surroundings.used
      + surroundings.globals.ownNames + surroundings.globals.baseNames() + ["nothing"]
  }

  private func help(
    for name: String, _ span: Span, _ suggestions: [String], _ known: Set<String>
  ) -> [String] {
    if name == "exit" || name == "quit", surroundings.mode == .prompt {
      return ["the prompt is left with `:quit` or ^D"]
    }
    if let hint = surroundings.vocabulary.hints[name] { return [hint] }
    if let habit = Habits.help(forUnknownName: name) { return [habit] }
    if let product = split(name, span, known) { return ["`\(product)` is a product"] }
    return suggestions.prefix(1).map { "did you mean `\($0)`?" }
  }

  /// `2πr` reads the name `πr`: the product that was probably meant.
  private func split(_ name: String, _ span: Span, _ known: Set<String>) -> String? {
    let characters = Array(name)
    for cut in characters.indices.dropFirst() {
      let (left, right) = (String(characters[..<cut]), String(characters[cut...]))
      // After a constant such as π the rest may be unknown as well: `π*r` is what was meant.
      let isConstant = left.utf8.count > 1 && left.count == 1 && right.utf8.allSatisfy { $0 < 128 }
      guard known.contains(left), known.contains(right) || isConstant else { continue }
      // The number that stands directly before, if there is one.
      let bytes = span.source.bytes
      var start = span.start
      while start > 0, "0123456789._".utf8.contains(bytes[start - 1]) { start -= 1 }
      return Span(span.source, start, span.start).text + "\(left)*\(right)"
    }
    return nil
  }
}
