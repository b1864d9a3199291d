/// What the parser says when a text is no program.
///
/// Each function is called where one rule fails, looks at the tokens around, and says the most
/// likely mistake in the user's words.
extension Parser {
  func error(
    _ code: String, _ message: String, _ span: Span, label: String = "",
    related: [Diagnostic.Label] = [], help: [String] = []
  ) -> Diagnostic {
    Diagnostic(
      .syntax(isIncomplete: isAtEnd), code, message, at: span, label: label, related: related,
      help: help)
  }

  /// An error that no further input can mend.
  func wrong(
    _ code: String, _ message: String, _ span: Span, help: String? = nil,
    related: [Diagnostic.Label] = []
  ) -> Diagnostic {
    Diagnostic(
      .syntax(isIncomplete: false), code, message, at: span, related: related,
      help: help.map { [$0] } ?? [])
  }

  /// A token as messages name it.
  func describe(_ token: Token) -> String {
    switch token.kind {
    case .end: return "the end of the input"
    case .newline: return "the end of the line"
    case .stringStart: return "a string"
    case .symbol(.interpolationEnd): return "the end of the value"
    case .format: return "a format"
    default:
      let written = text(token.start, token.end)
      return written.count > 30 ? "`\(written.prefix(29))…`" : "`\(written)`"
    }
  }

  /// At the end of the input: what is still open there.
  private func unfinished() -> Diagnostic {
    if let opening = openBrackets.last {
      return error(
        "unclosed", "this `\(text(opening.start, opening.end))` is never closed",
        span(of: opening))
    }
    guard let last = previous else {
      return error("unfinished", "the input is empty", span(of: current))
    }
    return error(
      "unfinished", "something must follow `\(text(last.start, last.end))`",
      span(of: last))
  }

  /// One certain thing is missing.
  func expected(_ what: String, help: String? = nil) -> Diagnostic {
    if isAtEnd { return unfinished() }
    return wrong(
      "expected", "expected \(what), found \(describe(current))", span(of: current), help: help)
  }

  // MARK: Expressions

  func missingExpression() -> Diagnostic {
    if isAtEnd { return unfinished() }
    let span = span(of: current)
    guard case .symbol(let symbol) = current.kind else { return unexpected() }
    switch symbol {
    case .openBrace:
      return wrong(
        "expected", "a block cannot stand here", span, help: "a record is written (a=1, b=2)")
    case .not:
      return wrong(
        "expected", "`not` needs brackets here", span,
        help: "write `(\(restOfLine(from: current.start)))`")
    case .colon:
      return wrong(
        "range", "a range begins with a number", span,
        help: "a `:` alone stands in an index only, as in A[:, 1]")
    case .arrow:
      return wrong(
        "expected", "the parameters are missing before `->`", span, help: "write  () -> …")
    case .assign where previous?.kind.is(.assign) == true:
      return wrong("expected", "expected a value, found `=`", span)
    case .closeParenthesis, .closeBracket, .closeBrace:
      if let opening = openBrackets.last, closing(opening.kind) != symbol {
        return mismatch(opening)
      }
      if openBrackets.isEmpty { return strayBracket() }
    case _ where symbol.isKeyword && next.kind.is(.assign):
      return wrong(
        "keyword", "`\(symbol.rawValue)` is a keyword and cannot be a name", span)
    case .for, .while, .use, .return:
      return wrong(
        "expected", "`\(symbol.rawValue)` begins a statement and has no value", span,
        help: symbol == .for ? "a list is made by [f(x) for x in xs]" : nil)
    default: break
    }
    let after = previous.map { " after \(describe($0))" } ?? ""
    return wrong(
      "expected", "expected a value\(after), found \(describe(current))", span)
  }

  /// `a/2x`
  func ambiguousDivision(
    from start: Int, by mark: Token, _ rightStart: Int, _ product: Expression
  ) -> Diagnostic {
    guard case .binary(_, _, _, operatorSpan: let gap) = product.kind else { return unexpected() }
    let left = text(start, mark.start).trimmed + text(mark.start, mark.end)
    let whole = Span(source, start, previousEnd)
    let number = text(rightStart, gap.start)
    let factor = text(gap.start, previousEnd)
    return wrong(
      "ambiguous-division", "`\(whole.text)` can be read in two ways", whole,
      help: "write  \(left)(\(number)\(factor))  or  \(left)\(number)*\(factor)")
  }

  /// `x[2:]`, `x[:3]`, `x[::2]`; `start` is what stands before the colon.
  func openRange(_ colon: Token, start: String?) -> Diagnostic {
    let end =
      switch current.kind {
      case .number, .name: text(current.start, current.end)
      default: "-1"
      }
    let step = at(.colon) ? ":2" : ""
    return wrong(
      "range", "a range needs both ends", span(of: colon),
      help: "write `\(start ?? "1")\(step):\(end)`; in an index -1 is the last")
  }

  func missingField(of value: Expression) -> Diagnostic {
    if case .symbol(let symbol) = current.kind, symbol.isKeyword {
      let base = text(value.span.start, value.span.end)
      return wrong(
        "keyword", "`\(symbol.rawValue)` is a keyword and cannot be a field", span(of: current),
        help: "write  \(base)[\"\(symbol.rawValue)\"]")
    }
    return expected("the name of a field after `.`")
  }

  func tuple(_ arguments: [Argument], from start: Int) -> Diagnostic {
    // What follows may be a foreign arrow, which says more.
    if case .wrong = current.kind { return unexpected() }
    let elements = arguments.map { text($0.expression.span.start, $0.expression.span.end) }
    let isPlain = arguments.allSatisfy { if case .positional = $0 { true } else { false } }
    return error(
      "tuple", "round brackets hold one value, or a record whose values have names",
      span(from: start),
      help: isPlain
        ? ["write  [\(elements.joined(separator: ", "))]"] : ["a record is written (a=1, b=2)"])
  }

  // MARK: Statements

  /// A line cannot begin with an operator, nor with `else`.
  func rejectBeginning() throws(Diagnostic) {
    guard case .symbol(let symbol) = current.kind else { return }
    let span = span(of: current)
    switch symbol {
    case .else:
      throw wrong(
        "else", "`else` stands on the line of the `}` before it", span,
        help: "write  } else {")
    case .pipe:
      throw wrong(
        "pipe", "there is nothing to pipe here", span,
        help: "write  x |> f; a line that begins with `|>` goes on with the value before it")
    case .plus, .times, .divide, .power, .dotTimes, .dotDivide, .dotPower, .less, .greater,
      .lessOrEqual, .greaterOrEqual, .equal, .notEqual, .near, .assign, .arrow, .and, .or, .dot,
      .comma, .colon, .in, .spread, .transpose:
      // Nothing is before the first line that it could go on with.
      guard current.startsLine, previous != nil else { return }
      throw wrong(
        "line-start", "a line cannot begin with `\(symbol.rawValue)`", span,
        help: "leave it at the end of the line before, or put brackets around both lines")
    default: return
    }
  }

  func wrongTarget(_ left: Expression) -> Diagnostic {
    let span = Span(source, left.span.start, left.span.end)
    if case .call = left.kind, !left.isBracketed {
      return wrong("assignment", "the result of a call cannot be given a value", span)
    }
    if case .name = left.kind {
      return wrong(
        "assignment", "a name in brackets cannot be given a value", span,
        help: "write  \(span.text) = …")
    }
    if case .bool = left.kind {
      return wrong("keyword", "`\(span.text)` is a keyword and cannot be a name", span)
    }
    return wrong(
      "assignment", "only a name, an element or a field can be given a value", span,
      help: "to compare, write `==`")
  }

  // MARK: Headers and blocks

  func pythonBlock(_ colon: Span) -> Diagnostic {
    wrong(
      "foreign-block", "a block does not begin with a colon", colon,
      help: "a block is written { }, as in  if x > 0 { a } else { b }")
  }

  func missingBlock(after keyword: String) -> Diagnostic {
    if isAtEnd { return unfinished() }
    if at(.colon) { return pythonBlock(span(of: current)) }
    if let colon = headerColon, keyword == "if" || keyword == "while" {
      return pythonBlock(span(of: colon))
    }
    if case .name = current.kind {
      let word = text(current.start, current.end)
      if word == "then" || word == "do" || word == "begin" {
        return wrong(
          "foreign-word", "`\(word)` is not part of the language", span(of: current),
          help: "a block is written { }, as in  if x > 0 { a } else { b }")
      }
    }
    if let habit = foreignInfix() { return habit }
    if at(.in) || at(.not) { return unexpected() }
    return wrong(
      "expected", "`\(keyword)` needs a block in `{ }`, found \(describe(current))",
      span(of: current), help: isAtNewline ? "the `{` stands on the same line" : nil)
  }

  func missingBinder() -> Diagnostic {
    if at(.openParenthesis) {
      return wrong(
        "expected", "a loop has no round brackets", span(of: current),
        help: "write  for i in 1:10 { }")
    }
    if case .symbol(let symbol) = current.kind, symbol.isKeyword, symbol != .in {
      return wrong(
        "keyword", "`\(symbol.rawValue)` is a keyword and cannot be a name", span(of: current))
    }
    return expected("the name of a loop variable", help: "write  for x in xs { }")
  }

  func missingIn(after name: Identifier) -> Diagnostic {
    if at(.assign) {
      return wrong(
        "foreign-loop", "a loop is written with `in`", span(of: current),
        help: "write  for \(name.span.text) in 1:10 { }")
    }
    if at(.comma) {
      return wrong(
        "foreign-loop", "each loop variable has an `in` of its own", span(of: current),
        help: "write  for i in 1:count(xs) { }  and read  xs[i]")
    }
    return expected("`in` after `\(name.span.text)`")
  }

  /// `x = {"a": 1}`: a block that begins like a dictionary.
  func rejectDictionary(_ statements: [Statement], after keyword: String?) throws(Diagnostic) {
    guard keyword == nil, statements.count == 1,
      case .expression(let entry) = statements[0].kind,
      case .range(let key, nil, _) = entry.kind, case .string = key.kind, at(.closeBrace)
    else { return }
    throw dictionary(key)
  }

  func dictionary(_ key: Expression) -> Diagnostic {
    wrong(
      "foreign-dictionary", "braces hold statements, not values", span(of: openBrackets.last!),
      help: "a record is written (a=1, b=2)")
  }
}

extension String {
  var trimmed: String {
    var text = Substring(self)
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
