/// Words that begin a statement or join two values in other languages, met where they cannot stand.
/// What each is answered is in ``Habits``; here the answer is made of what was written.
extension Parser {
  /// `def f(x)`, `let x = 3`, `print x`: a word that begins something elsewhere.
  func foreignStatement() -> Diagnostic? {
    guard let left = previous, case .name(let name) = left.kind, !current.startsLine,
      startsValue, !current.touches || !at(.openParenthesis)
    else { return nil }
    let word = text(left.start, left.end)
    let rest = restOfLine(from: current.start)
    let help: String
    switch name {
    case "print", "println", "echo", "assert", "disp", "puts":
      let function = name == "assert" ? "assert" : "print"
      return wrong(
        "foreign-call", "a call needs round brackets", span(of: left),
        help: "write  \(function)(\(rest))")
    case "def", "fn", "func", "fun", "function", "proc", "macro":
      help = definitionHelp(rest) ?? Habits.statements[name]!
    case "let", "const", "var", "val", "auto", "local", "double", "float", "int":
      guard case .name = current.kind else { return nil }
      help = "write  \(rest)"
    case "λ":
      guard case .name = current.kind else { return nil }
      help = lambdaHelp(rest) ?? Habits.statements[name]!
    case "import", "from", "using", "include", "require":
      help = Habits.statements[name]!
    default:
      guard let known = Habits.statements[name] else { return nil }
      help = known
    }
    return wrong(
      "foreign-word", "`\(word)` is not part of the language", span(of: left), help: help)
  }

  private var startsValue: Bool {
    switch current.kind {
    case .name, .number, .string, .stringStart: return true
    case .symbol(let symbol):
      return symbol == .openParenthesis || symbol == .openBrace || symbol == .not
    default: return false
    }
  }

  /// `a mod b`, `x is None`.
  func foreignInfix() -> Diagnostic? {
    guard case .name(let name) = current.kind, let help = Habits.infix[name], !current.startsLine
    else {
      guard case .name(let name) = current.kind, let help = Habits.statements[name],
        ["elif", "elsif", "elseif", "then", "do", "begin", "catch", "except"].contains(name)
      else { return nil }
      return wrong(
        "foreign-word", "`\(name)` is not part of the language", span(of: current), help: help)
    }
    return wrong(
      "foreign-word", "`\(name)` is not an operator here", span(of: current), help: help)
  }

  /// `f(x, y):` and `f(x, y) {` as `f(x, y) = …`.
  private func definitionHelp(_ rest: String) -> String? {
    guard let end = rest.firstIndex(of: ")"), rest.count < 80 else { return nil }
    let head = rest[...end]
    var body = String(rest[rest.index(after: end)...]).trimmed
    if body.first == ":" || body.first == "=" { body = String(body.dropFirst()).trimmed }
    if body.hasPrefix("return ") { body = String(body.dropFirst(7)) }
    if body.isEmpty || body.first == "{" || body.first == "-" { body = "{ … }" }
    return "write  \(head) = \(body)"
  }

  /// `x, y: x + y` as `(x, y) -> x + y`.
  private func lambdaHelp(_ rest: String) -> String? {
    guard let colon = rest.firstIndex(of: ":"), rest.count < 80 else { return nil }
    let parameters = String(rest[..<colon]).trimmed
    let body = String(rest[rest.index(after: colon)...]).trimmed
    let left = parameters.contains(",") ? "(\(parameters))" : parameters
    return "write  \(left) -> \(body.isEmpty ? "…" : body)"
  }

  /// From there to the end of the statement on this line, outside the brackets around it.
  func restOfLine(from start: Int) -> String {
    var end = start
    var depth = 0
    let bytes = source.bytes
    while end < bytes.count, bytes[end] != UInt8(ascii: "\n"), bytes[end] != UInt8(ascii: "#") {
      if "([{".utf8.contains(bytes[end]) { depth += 1 }
      if ")]}".utf8.contains(bytes[end]) { depth -= 1 }
      if depth < 0 { break }
      end += 1
    }
    return text(start, end).trimmed
  }
}
