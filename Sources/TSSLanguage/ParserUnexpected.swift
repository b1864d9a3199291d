/// What the parser says of a token that cannot stand where it stands.
extension Parser {
  /// The current token fits nowhere; `statement` is what was read before it, if that was whole.
  func unexpected(after statement: Statement? = nil) -> Diagnostic {
    if isAtEnd {
      if let opening = openBrackets.last {
        return error(
          "unclosed", "this `\(text(opening.start, opening.end))` is never closed",
          span(of: opening))
      }
      return error("unfinished", "the input ends too early", span(of: current))
    }
    if let habit = foreignStatement() ?? foreignInfix() { return habit }
    if case .symbol(let symbol) = current.kind,
      let message = unexpected(symbol, after: statement)
    {
      return message
    }
    if let product = missingOperator() { return product }
    return plainly()
  }

  private func plainly() -> Diagnostic {
    let span = span(of: current)
    guard let opening = openBrackets.last, let closing = closing(opening.kind) else {
      return wrong(
        "unexpected", "unexpected \(describe(current))", span,
        help: "two statements on a line are separated by `;`")
    }
    if closing == .closeBrace {
      return wrong(
        "unexpected", "unexpected \(describe(current))", span,
        help: "two statements on a line are separated by `;`")
    }
    if closing == .interpolationEnd {
      return wrong(
        "unexpected", "expected `}` after the value in this string, found \(describe(current))",
        span)
    }
    let label = Diagnostic.Label(self.span(of: opening), "opened here")
    return wrong(
      "unexpected", "expected `,` or `\(closing.rawValue)`, found \(describe(current))", span,
      help: closing == .closeBracket
        ? "elements are separated by commas, rows of a matrix by `;`" : nil,
      related: [label])
  }

  func closing(_ opening: Token.Kind) -> Symbol? {
    guard case .symbol(let symbol) = opening else { return nil }
    switch symbol {
    case .openParenthesis: return .closeParenthesis
    case .openBracket: return .closeBracket
    case .openBrace: return .closeBrace
    case .interpolation: return .interpolationEnd
    default: return nil
    }
  }

  func mismatch(_ opening: Token) -> Diagnostic {
    let mark = text(opening.start, opening.end)
    return wrong(
      "bracket", "this `\(text(current.start, current.end))` does not close the `\(mark)`",
      span(of: current), help: closing(opening.kind).map { "write `\($0.closingMark)`" },
      related: [Diagnostic.Label(span(of: opening), "opened here")])
  }

  func strayBracket() -> Diagnostic {
    wrong(
      "bracket", "this `\(text(current.start, current.end))` closes nothing", span(of: current))
  }

  // MARK: Symbols

  private func unexpected(_ symbol: Symbol, after statement: Statement?) -> Diagnostic? {
    let span = span(of: current)
    switch symbol {
    case .closeParenthesis, .closeBracket, .closeBrace, .interpolationEnd:
      guard let opening = openBrackets.last else { return strayBracket() }
      return closing(opening.kind) == symbol ? nil : mismatch(opening)
    case .comma:
      guard openBrackets.last.map({ $0.kind.is(.openBrace) }) ?? true else { return nil }
      if case .expression(let entry)? = statement?.kind, case .range(let key, nil, _) = entry.kind,
        !openBrackets.isEmpty
      {
        return dictionary(key)
      }
      if case .expression(let first)? = statement?.kind, case .name = first.kind,
        case .name = next.kind
      {
        return wrong(
          "assignment", "each name is bound by an `=` of its own", span,
          help: "write  \(first.span.text) = …; \(text(next.start, next.end)) = …")
      }
      if let left = previous, case .number = left.kind, case .number = next.kind, next.touches,
        next.end - next.start == 3
      {
        return wrong(
          "number", "digits are not grouped by commas", span,
          help: "write  \(text(left.start, left.end))_\(text(next.start, next.end))")
      }
      return wrong(
        "unexpected", "a comma cannot stand here", span,
        help: "statements are separated by `;`; a list is written [a, b]")
    case .assign:
      if case .assign? = statement?.kind {
        return wrong(
          "assignment", "one statement gives one value", span,
          help: "write two statements; to compare, write `==`")
      }
      return wrong("assignment", "`=` cannot stand here", span, help: "to compare, write `==`")
    case .arrow:
      return wrong(
        "unexpected", "`->` cannot stand here", span,
        help: "brackets make a function one value: x |> (y -> y^2)")
    case .pipe:
      return wrong(
        "pipe", "there is nothing to pipe here", span,
        help: "brackets make one value of what is piped: (…) |> f")
    case .colon:
      if openBrackets.last?.kind.is(.openParenthesis) == true {
        return wrong(
          "unexpected", "`:` cannot stand here", span,
          help: "the value of an argument follows `=`: f(a=1)")
      }
      return nil
    case .if where openBrackets.last?.kind.is(.openBracket) != true:
      return wrong(
        "foreign-choice", "`if` does not follow a value", span,
        help: "a choice is written  if c { a } else { b }")
    case .for where openBrackets.last?.kind.is(.openParenthesis) == true:
      return wrong(
        "foreign-loop", "a list made by `for` stands in square brackets", span,
        help: "write  [f(x) for x in xs]")
    case .in:
      return wrong(
        "unexpected", "`in` stands in `for` and `sweep` only", span,
        help: "to look for x in a list: count([y for y in xs if y == x]) > 0")
    case .not:
      return wrong(
        "unexpected", "`not` stands before a condition", span,
        help: "not equal is `!=`")
    case .openBrace:
      if let call = statement?.value, case .call = call.kind {
        let written = text(call.span.start, call.span.end)
        for word in ["function", "fn", "func", "fun"] where written.hasPrefix(word + "(") {
          return wrong(
            "foreign-word", "`\(word)` is not part of the language",
            Span(source, call.span.start, call.span.start + word.utf8.count),
            help: "write  \(written.dropFirst(word.count)) -> { … }")
        }
        guard case .expression? = statement?.kind else { return nil }
        return wrong(
          "definition", "a definition needs `=` before its block", span,
          help: "write  \(written) = { … }")
      }
      return nil
    case .else:
      return wrong("else", "this `else` has no `if`", span)
    default: return nil
    }
  }

  // MARK: Two values side by side

  /// Two values with no operator between them.
  private func missingOperator() -> Diagnostic? {
    guard let left = previous, left.kind.endsExpression, !current.startsLine,
      !left.kind.is(.return), !left.kind.is(.closeBrace)
    else { return nil }
    let span = span(of: current)
    // Where a bracket or a quote ends the left side, its text says too little.
    let isWord =
      switch left.kind {
      case .symbol, .stringEnd: false
      default: true
      }
    let a = isWord ? text(left.start, left.end) : "(…)"
    let b = text(current.start, current.end)
    let isShort = a.count + b.count < 40
    switch (left.kind, current.kind) {
    case (.name, .string), (.name, .stringStart):
      if ["f", "r", "b", "u", "fr", "rf", "L"].contains(a), current.touches {
        return wrong(
          "foreign-string", "a string has no prefix", self.span(of: left),
          help: "every string takes values in braces: \"x = {x}\"")
      }
    case (.number, .name), (.name, .name), (.name, .number), (.number, .number),
      (.symbol(.closeParenthesis), .name), (.symbol(.closeParenthesis), .number),
      (.symbol(.closeBracket), .name), (.symbol(.closeBracket), .number),
      (.symbol(.transpose), .name):
      if openBrackets.last?.kind.is(.openBracket) == true, isShort {
        let product =
          if case .number = current.kind { "" } else { "; a product is written \(a)*\(b)" }
        return wrong(
          "unexpected", "expected `,` or `]`, found `\(b)`", span,
          help: "two elements are written \(a), \(b)\(product)",
          related: [Diagnostic.Label(self.span(of: openBrackets.last!), "opened here")])
      }
      guard openBrackets.last.map({ $0.kind.is(.openBrace) }) ?? true, isShort,
        !next.kind.is(.assign)
      else { return nil }
      let product =
        if case .number = left.kind, case .name = current.kind { "\(a)\(b)" } else { "\(a)*\(b)" }
      return wrong(
        "unexpected", "unexpected `\(b)`", span,
        help: "a product is written \(product); statements are separated by `;`")
    case (_, .symbol(.openBracket)):
      if case .number = left.kind {
        return wrong("unexpected", "a number cannot be indexed", span, help: "write  \(a)*[…]")
      }
      return wrong(
        "unexpected", "unexpected `[`", span,
        help: "an index touches what it follows: \(isShort ? a : "x")[1]")
    case (.name, .symbol(.openParenthesis)):
      return wrong(
        "unexpected", "unexpected `(`", span,
        help: "a call is written \(a)\(bracketText), a product \(a)*\(bracketText)")
    case (.symbol(.closeParenthesis), .symbol(.openParenthesis)):
      return wrong(
        "unexpected", "unexpected `(`", span, help: "a product is written (…)*\(bracketText)")
    case (_, .symbol(.openParenthesis)):
      return wrong(
        "unexpected", "unexpected `(`", span, help: "a product is written \(a)*\(bracketText)")
    default: break
    }
    return nil
  }
}

extension Parser {
  /// The bracket that opens here, up to its end if that is near.
  fileprivate var bracketText: String {
    var end = current.start
    var depth = 0
    while end < source.bytes.count, source.bytes[end] != UInt8(ascii: "\n") {
      if source.bytes[end] == UInt8(ascii: "(") { depth += 1 }
      if source.bytes[end] == UInt8(ascii: ")") { depth -= 1 }
      end += 1
      if depth == 0 { break }
    }
    return depth == 0 && end - current.start < 40 ? text(current.start, end) : "(…)"
  }
}

extension Statement {
  /// The expression that it is or that it binds.
  fileprivate var value: Expression? {
    switch kind {
    case .expression(let value): return value
    case .assign(_, let block):
      guard case .expression(let value)? = block.statements.first?.kind else { return nil }
      return value
    default: return nil
    }
  }
}

extension Symbol {
  /// The mark as it is typed.
  var closingMark: String { self == .interpolationEnd ? "}" : rawValue }
}
