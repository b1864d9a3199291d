/// Statements and blocks.
extension Parser {
  /// Statements up to a closing brace or the end.
  mutating func statements() throws(Diagnostic) -> [Statement] {
    var statements: [Statement] = []
    while true {
      while take(.semicolon) || takeNewline() {}
      if isAtEnd || (at(.closeBrace) && !openBrackets.isEmpty) { return statements }
      try rejectBeginning()
      statements.append(try statement())
      try endStatement(statements)
    }
  }

  /// After a statement comes a new line, a `;`, or the end of the block.
  func endStatement(_ statements: [Statement]) throws(Diagnostic) {
    if isAtNewline || at(.semicolon) || isAtEnd { return }
    if at(.closeBrace), !openBrackets.isEmpty { return }
    throw unexpected(after: statements.last)
  }

  private mutating func statement() throws(Diagnostic) -> Statement {
    let start = current.start
    let documentation = currentDocumentation
    let kind = try statementKind(documentation)
    return Statement(kind, span(from: start), documentation: documentation)
  }

  private mutating func statementKind(
    _ documentation: String
  ) throws(Diagnostic) -> Statement.Kind {
    let start = current.start
    if take(.use) { return try use(from: start) }
    if at(.for) {
      beginHeader()
      let binders = try binders()
      return .for(binders, try block(after: "for"))
    }
    if at(.while) {
      beginHeader()
      let condition = try condition()
      return .while(condition, try block(after: "while"))
    }
    if take(.return) {
      if isAtNewline || isAtEnd || at(.semicolon) || at(.closeBrace) { return .return(nil) }
      return .return(try expression())
    }
    let left = try expression()
    guard at(.assign) else { return .expression(left) }
    if case .call(let callee, let arguments, isPiped: false) = left.kind, !left.isBracketed {
      let name = try definedName(callee)
      let parameters = try parameters(arguments, ofDefinition: true)
      advance()
      let body = try value()
      return .define(
        FunctionSyntax(
          name: name, parameters: parameters, body: body, documentation: documentation,
          span: span(from: start)))
    }
    let target = try target(left)
    advance()
    return .assign(target, try value())
  }

  private mutating func use(from start: Int) throws(Diagnostic) -> Statement.Kind {
    if !openBrackets.isEmpty {
      throw error(
        "use", "`use` stands at the top level only", Span(source, start, previousEnd),
        related: [Diagnostic.Label(span(of: openBrackets.last!), "it stands inside this block")])
    }
    let written = span(of: current)
    switch current.kind {
    case .string(let file):
      advance()
      return .use(file, isFile: true, written)
    case .name(let module):
      advance()
      if at(.dot) || at(.divide) {
        let file = restOfLine(from: written.start)
        throw wrong(
          "use", "the name of a file stands in quotes", written, help: "write  use \"\(file)\"")
      }
      return .use(module, isFile: false, written)
    case .stringStart:
      throw error("use", "the file of a `use` is a plain string, without values in it", written)
    default:
      throw expected("a file or a module after `use`", help: "use \"style.tss\"")
    }
  }

  /// The right side of `=`: an expression stands for a block of its own.
  private mutating func value() throws(Diagnostic) -> Block {
    if at(.openBrace) { return try block(after: nil) }
    let value = try expression()
    return Block([Statement(.expression(value), value.span)], value.span)
  }

  /// `{ … }`
  mutating func block(after keyword: String?) throws(Diagnostic) -> Block {
    isInHeader = false
    guard at(.openBrace) else { throw missingBlock(after: keyword ?? "=") }
    try enter()
    defer { leave() }
    let start = current.start
    let outside = open(ignoringNewlines: false)
    let statements = try statements()
    try rejectDictionary(statements, after: keyword)
    try close(.closeBrace, outside)
    return Block(statements, span(from: start))
  }

  /// Reads a keyword that is followed by a header and a block.
  mutating func beginHeader() {
    advance()
    isInHeader = true
    headerColon = nil
  }

  /// `name in values, …`
  mutating func binders() throws(Diagnostic) -> [Binder] {
    var binders: [Binder] = []
    repeat {
      guard case .name = current.kind else { throw missingBinder() }
      let name = try declared(takeName()!)
      guard take(.in) else { throw missingIn(after: name) }
      binders.append(Binder(name: name, values: try expression()))
    } while take(.comma)
    return binders
  }

  /// The condition of `if`, `while` or a comprehension's filter.
  mutating func condition() throws(Diagnostic) -> Expression {
    let condition = try expression()
    if at(.assign) {
      if let colon = headerColon { throw pythonBlock(span(of: colon)) }
      throw wrong(
        "assignment-in-condition", "`=` assigns; a condition compares", span(of: current),
        help: "write `==`")
    }
    return condition
  }

  // MARK: Left sides

  private func definedName(_ callee: Expression) throws(Diagnostic) -> Identifier {
    guard case .name(let name) = callee.kind, !callee.isBracketed else {
      throw error(
        "definition", "only a plain name can be defined as a function", callee.span,
        help: ["to compare, write `==`"])
    }
    return try declared(Identifier(name, callee.span))
  }

  private func target(_ left: Expression) throws(Diagnostic) -> Statement.Target {
    if !left.isBracketed {
      switch left.kind {
      case .name("_"):
        throw error(
          "assignment", "`_` cannot be assigned", left.span, help: ["leave out `_ =`"])
      case .name(let name):
        return Statement.Target(root: try declared(Identifier(name, left.span)), path: [])
      case .field(let base, let name):
        var target = try target(base)
        target.path.append(.field(name))
        return target
      case .index(let base, let indices):
        var target = try target(base)
        target.path.append(.index(indices, left.span))
        return target
      default: break
      }
    }
    throw wrongTarget(left)
  }

  /// A name that is given a meaning.
  func declared(_ name: Identifier) throws(Diagnostic) -> Identifier {
    if name.name == "nothing" {
      throw error(
        "reserved-name", "`nothing` cannot be assigned", name.span,
        help: ["it is a value, like `true`"])
    }
    return name
  }

  /// What stood in the brackets of `f(…) =` or before `->`, read as parameters.
  func parameters(
    _ arguments: [Argument], ofDefinition: Bool
  ) throws(Diagnostic) -> [ParameterSyntax] {
    var parameters: [ParameterSyntax] = []
    for argument in arguments {
      let parameter: ParameterSyntax
      switch argument {
      case .named(let name, let value):
        parameter = ParameterSyntax(name: try declared(name), defaultValue: value)
      case .positional(let value):
        guard case .name(let name) = value.kind, !value.isBracketed else {
          throw error(
            "parameter", "a parameter is a plain name", value.span,
            help: ofDefinition
              ? [
                "`=` after a call defines a function; an element is written x[1], a comparison `==`"
              ]
              : ["a function is written  x -> x^2  or  (x, y) -> x*y"])
        }
        parameter = ParameterSyntax(
          name: try declared(Identifier(name, value.span)), defaultValue: nil)
        if let last = parameters.last, last.defaultValue != nil {
          throw error(
            "parameter", "parameters with defaults come last", value.span,
            related: [Diagnostic.Label(last.name.span, "this one has a default")])
        }
      case .spread(_, let span):
        throw error("parameter", "a parameter is a plain name", span)
      }
      if parameter.name.name != "_",
        let first = parameters.first(where: { $0.name.name == parameter.name.name })
      {
        throw error(
          "parameter", "the parameter `\(parameter.name.span.text)` stands twice",
          parameter.name.span, related: [Diagnostic.Label(first.name.span, "the first one")])
      }
      parameters.append(parameter)
    }
    return parameters
  }
}
