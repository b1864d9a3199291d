/// What expressions begin with: names, literals, and everything in brackets.
extension Parser {
  mutating func primary() throws(Diagnostic) -> Expression {
    let token = current
    switch token.kind {
    case .number(let value):
      advance()
      return try node(.number(value), from: token.start)
    case .name(let name):
      advance()
      return try node(.name(name), from: token.start)
    case .string(let text):
      advance()
      return try node(.string(text.isEmpty ? [] : [.text(text)]), from: token.start)
    case .stringStart: return try string()
    case .symbol(.true), .symbol(.false):
      advance()
      return try node(.bool(token.kind.is(.true)), from: token.start)
    case .symbol(.openParenthesis): return try bracket()
    case .symbol(.openBracket): return try list()
    case .symbol(.if): return try conditional()
    case .symbol(.sweep):
      beginHeader()
      let binders = try binders()
      let body = try block(after: "sweep")
      return try node(.sweep(binders, body), from: token.start)
    default: throw missingExpression()
    }
  }

  /// A string with values in it.
  private mutating func string() throws(Diagnostic) -> Expression {
    let start = current.start
    advance()
    var parts: [StringPart] = []
    while true {
      switch current.kind {
      case .text(let text):
        advance()
        parts.append(.text(text))
      case .stringEnd:
        advance()
        return try node(.string(parts), from: start)
      case .symbol(.interpolation):
        let outside = open(ignoringNewlines: true)
        let value = try expression()
        if case .format(let format) = current.kind {
          parts.append(.value(value, format: format, formatSpan: span(of: current)))
          advance()
        } else {
          parts.append(.value(value, format: nil, formatSpan: nil))
        }
        try close(.interpolationEnd, outside)
      default: throw unexpected()
      }
    }
  }

  /// `if c { a } else if d { b } else { e }`
  private mutating func conditional() throws(Diagnostic) -> Expression {
    let start = current.start
    beginHeader()
    let condition = try condition()
    let then = try block(after: "if")
    var otherwise: Block?
    if take(.else) {
      if at(.if) {
        try enter()
        defer { leave() }
        let second = try conditional()
        otherwise = Block([Statement(.expression(second), second.span)], second.span)
      } else {
        otherwise = try block(after: "else")
      }
    }
    return try node(.if(condition, then: then, else: otherwise), from: start)
  }

  // MARK: ( )

  /// A bracketed expression, a record, or, before `->`, parameters.
  private mutating func bracket() throws(Diagnostic) -> Expression {
    let start = current.start
    let (arguments, endsInComma) = try arguments()
    // Parameters travel to `lambda` as a record, whatever they are.
    if at(.arrow) { return try node(.record(arguments), from: start) }
    if arguments.count == 1, !endsInComma, case .positional(let value) = arguments[0] {
      return Expression(value.kind, value.span, isBracketed: true, height: value.height)
    }
    let hasPositional = arguments.contains {
      if case .positional = $0 { true } else { false }
    }
    if hasPositional { throw tuple(arguments, from: start) }
    try validate(arguments)
    return try node(.record(arguments), from: start)
  }

  /// `( [ arg { "," arg } [ "," ] ] )`
  mutating func arguments() throws(Diagnostic) -> ([Argument], endsInComma: Bool) {
    let outside = open(ignoringNewlines: true)
    var arguments: [Argument] = []
    var endsInComma = false
    while !at(.closeParenthesis) {
      arguments.append(try argument())
      endsInComma = take(.comma)
      if !endsInComma { break }
    }
    try close(.closeParenthesis, outside)
    return (arguments, endsInComma)
  }

  private mutating func argument() throws(Diagnostic) -> Argument {
    let start = current.start
    if take(.spread) {
      let value = try expression()
      return .spread(value, span(from: start))
    }
    let value = try expression()
    guard at(.assign) else { return .positional(value) }
    guard case .name(let name) = value.kind, !value.isBracketed else {
      throw error(
        "argument-name", "the name of an argument is a plain name", value.span,
        help: ["to compare, write `==`"])
    }
    advance()
    return .named(Identifier(name, value.span), try expression())
  }

  /// Positional arguments come first, and no name is written twice.
  func validate(_ arguments: [Argument]) throws(Diagnostic) {
    var names: [String: Identifier] = [:]
    for argument in arguments {
      switch argument {
      case .positional(let value):
        guard let first = names.values.min(by: { $0.span.start < $1.span.start }) else { break }
        throw error(
          "argument-order", "positional arguments come before named ones", value.span,
          related: [Diagnostic.Label(first.span, "the first named one")],
          help: ["name it, or put it first"])
      case .named(let name, _):
        if let first = names.updateValue(name, forKey: name.name) {
          throw error(
            "duplicate-name", "`\(name.span.text)` is given twice", name.span,
            related: [Diagnostic.Label(first.span, "the first time")])
        }
      case .spread: break
      }
    }
  }

  // MARK: [ ]

  /// `x[…]`
  mutating func indices() throws(Diagnostic) -> [Index] {
    let outside = open(ignoringNewlines: true)
    var indices: [Index] = []
    while !at(.closeBracket) {
      indices.append(try index())
      if !take(.comma) { break }
    }
    if indices.isEmpty, at(.closeBracket) {
      throw error(
        "empty-index", "an index is missing", span(of: current),
        help: ["the last element is x[-1], all of them x[:]"])
    }
    try close(.closeBracket, outside)
    return indices
  }

  private mutating func index() throws(Diagnostic) -> Index {
    let token = current
    if take(.colon) {
      if at(.comma) || at(.closeBracket) || isAtEnd { return .all(span(of: token)) }
      throw openRange(token, start: nil)
    }
    let value = try expression()
    guard at(.assign) else { return .value(value) }
    guard case .name(let name) = value.kind, !value.isBracketed else {
      throw error(
        "argument-name", "the key of an index is a plain name", value.span,
        help: ["to compare, write `==`"])
    }
    advance()
    return .key(Identifier(name, value.span), try expression())
  }

  /// A list, a matrix or a comprehension.
  private mutating func list() throws(Diagnostic) -> Expression {
    let start = current.start
    let outside = open(ignoringNewlines: true)
    var rows: [[Argument]] = [[]]
    var rowStarts = [current.start]
    var isMatrix = false
    while !at(.closeBracket) {
      rows[rows.count - 1].append(try element())
      if at(.for), rows.count == 1, rows[0].count == 1, case .positional(let element) = rows[0][0] {
        let kind = try comprehension(of: element)
        try close(.closeBracket, outside)
        return try node(kind, from: start)
      }
      if at(.semicolon) {
        isMatrix = true
        advance()
        if at(.closeBracket) { break }
        rows.append([])
        rowStarts.append(current.start)
      } else if !take(.comma) {
        break
      }
    }
    try close(.closeBracket, outside)
    if !isMatrix { return try node(.list(rows[0]), from: start) }
    let matrix = try matrix(rows, rowStarts)
    return try node(.matrix(matrix), from: start)
  }

  private mutating func element() throws(Diagnostic) -> Argument {
    let start = current.start
    if take(.spread) {
      let value = try expression()
      return .spread(value, span(from: start))
    }
    let value = try expression()
    if at(.assign) {
      throw error(
        "name-in-list", "the elements of a list have no names", span(of: current),
        help: ["a record has round brackets: (a=1, b=2); to compare, write `==`"])
    }
    return .positional(value)
  }

  /// `for x in xs, y in ys if c`
  private mutating func comprehension(
    of element: Expression
  ) throws(Diagnostic) -> Expression.Kind {
    advance()
    let binders = try binders()
    var filter: Expression?
    if take(.if) { filter = try condition() }
    if at(.for) {
      throw error(
        "second-for", "a comprehension has one `for`", span(of: current),
        help: ["more binders follow a comma: for x in xs, y in ys"])
    }
    return .comprehension(element, binders, filter: filter)
  }

  private func matrix(
    _ rows: [[Argument]], _ starts: [Int]
  ) throws(Diagnostic) -> [[Expression]] {
    var matrix: [[Expression]] = []
    for (row, start) in zip(rows, starts) {
      var elements: [Expression] = []
      for element in row {
        guard case .positional(let value) = element else {
          throw error(
            "spread-in-matrix", "a row of a matrix is written element by element",
            Span(source, start, element.expression.span.end),
            help: ["a matrix of lists is matrix([row1, row2])"])
        }
        elements.append(value)
      }
      if let first = matrix.first, first.count != elements.count {
        throw error(
          "matrix-rows",
          "the rows of a matrix are equally long: this one has \(elements.count), "
            + "the first has \(first.count)",
          Span(source, start, elements.last!.span.end),
          related: [
            Diagnostic.Label(
              Span(source, starts[0], first.last!.span.end), "the first row")
          ])
      }
      matrix.append(elements)
    }
    return matrix
  }
}
