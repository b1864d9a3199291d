/// Expressions, from the loosest operator to the tightest.
extension Parser {
  /// `lambda { "|>" postfix }`
  mutating func expression() throws(Diagnostic) -> Expression {
    let start = current.start
    return try pipes(after: try lambda(), from: start)
  }

  mutating func pipes(
    after first: Expression, from start: Int
  ) throws(Diagnostic) -> Expression {
    var value = first
    while take(.pipe) {
      let right = try postfix()
      if case .call(let function, let arguments, let isPiped) = right.kind, !right.isBracketed,
        !isPiped
      {
        let all = [.positional(value)] + arguments
        value = try node(.call(function, all, isPiped: true), from: start)
      } else {
        value = try node(.call(right, [.positional(value)], isPiped: true), from: start)
      }
    }
    return value
  }

  /// `or [ "->" ( lambda | block ) ]`
  private mutating func lambda() throws(Diagnostic) -> Expression {
    try enter()
    defer { leave() }
    let start = current.start
    let left = try or()
    guard at(.arrow) else { return left }
    let parameters =
      if case .record(let arguments) = left.kind, !left.isBracketed {
        try parameters(arguments, ofDefinition: false)
      } else {
        try parameters([.positional(left)], ofDefinition: false)
      }
    advance()
    let body: Block
    if at(.openBrace) {
      body = try block(after: nil)
    } else {
      let value = try lambda()
      body = Block([Statement(.expression(value), value.span)], value.span)
    }
    let function = FunctionSyntax(
      name: nil, parameters: parameters, body: body, documentation: "", span: span(from: start))
    return try node(.lambda(function), from: start)
  }

  private mutating func or() throws(Diagnostic) -> Expression {
    let start = current.start
    var left = try and()
    while take(.or) {
      let right = try and()
      left = try node(.or(left, right), from: start)
    }
    return left
  }

  private mutating func and() throws(Diagnostic) -> Expression {
    let start = current.start
    var left = try not()
    while take(.and) {
      let right = try not()
      left = try node(.and(left, right), from: start)
    }
    return left
  }

  private mutating func not() throws(Diagnostic) -> Expression {
    let start = current.start
    guard take(.not) else { return try comparison() }
    try enter()
    defer { leave() }
    let operand = try not()
    return try node(.not(operand), from: start)
  }

  /// Comparisons chain: `0 < x < 1`.
  private mutating func comparison() throws(Diagnostic) -> Expression {
    let start = current.start
    let first = try range()
    guard comparisonOperator != nil else { return first }
    var operands = [first]
    var operators: [Comparison] = []
    while let comparison = comparisonOperator {
      advance()
      operators.append(comparison)
      operands.append(try range())
    }
    return try node(.comparison(operands, operators), from: start)
  }

  private var comparisonOperator: Comparison? {
    guard case .symbol(let symbol) = current.kind else { return nil }
    return Comparison(rawValue: symbol.rawValue)
  }

  /// `sum [ ":" sum [ ":" sum ] ]`
  private mutating func range() throws(Diagnostic) -> Expression {
    let start = current.start
    let first = try sum()
    guard at(.colon) else { return first }
    let second = try rangeEnd(after: first)
    guard at(.colon) else {
      return try node(.range(start: first, step: nil, stop: second), from: start)
    }
    let third = try rangeEnd(after: second)
    if at(.colon) {
      throw error(
        "range", "a range has at most three parts", span(of: current),
        help: ["write  start:stop  or  start:step:stop"])
    }
    return try node(.range(start: first, step: second, stop: third), from: start)
  }

  private mutating func rangeEnd(after start: Expression) throws(Diagnostic) -> Expression {
    let colon = current
    advance()
    if isInHeader { headerColon = colon }
    if isInHeader, current.startsLine || at(.openBrace) { throw pythonBlock(span(of: colon)) }
    if at(.closeBracket) || at(.comma) || at(.closeParenthesis) || at(.colon) {
      throw openRange(colon, start: start.span.text)
    }
    return try sum()
  }

  private mutating func sum() throws(Diagnostic) -> Expression {
    let start = current.start
    var left = try product()
    while at(.plus) || at(.minus) {
      left = try binary(left, from: start) { parser throws(Diagnostic) in try parser.product() }
    }
    return left
  }

  private mutating func product() throws(Diagnostic) -> Expression {
    let start = current.start
    var left = try unary()
    while at(.times) || at(.divide) || at(.dotTimes) || at(.dotDivide) {
      let isDivision = at(.divide) || at(.dotDivide)
      let mark = current
      left = try binary(left, from: start) { parser throws(Diagnostic) in
        let rightStart = parser.current.start
        let right = try parser.unary()
        if isDivision, let product = right.implicitProduct {
          throw parser.ambiguousDivision(from: start, by: mark, rightStart, product)
        }
        return right
      }
    }
    return left
  }

  /// Reads an operator and its right side.
  private mutating func binary(
    _ left: Expression, from start: Int,
    right: (inout Parser) throws(Diagnostic) -> Expression
  ) throws(Diagnostic) -> Expression {
    guard case .symbol(let symbol) = current.kind, let mark = Operator(rawValue: symbol.rawValue)
    else { throw unexpected() }
    let markSpan = span(of: current)
    advance()
    // Not inside the call of `node`, which would take the parser as it was before.
    let operand = try right(&self)
    return try node(.binary(mark, left, operand, operatorSpan: markSpan), from: start)
  }

  private mutating func unary() throws(Diagnostic) -> Expression {
    guard at(.minus) || at(.plus) else { return try power() }
    try enter()
    defer { leave() }
    let sign = current
    advance()
    let operand = try unary()
    if sign.kind.is(.minus) { return try node(.negate(operand), from: sign.start) }
    // `+x` is `x - 0`: the same bits for every number, and an error for what is no number.
    let zero = Expression(.number(0), span(of: sign))
    return try node(
      .binary(.subtract, operand, zero, operatorSpan: span(of: sign)), from: sign.start)
  }

  /// `postfix [ "^" unary ]`, or a number that directly precedes a factor: `2x`, `0.1(x+1)`.
  private mutating func power() throws(Diagnostic) -> Expression {
    let start = current.start
    let base = try postfix()
    if base.isPlainNumber, startsImplicitFactor {
      try enter()
      defer { leave() }
      let mark = Span(source, previousEnd, previousEnd)
      let factor = try power()
      return try node(.binary(.multiply, base, factor, operatorSpan: mark), from: start)
    }
    guard at(.power) || at(.dotPower) else { return base }
    try enter()
    defer { leave() }
    return try binary(base, from: start) { parser throws(Diagnostic) in try parser.unary() }
  }

  private var startsImplicitFactor: Bool {
    guard current.touches else { return false }
    if case .name = current.kind { return true }
    return at(.openParenthesis)
  }

  /// `primary { args | "[" args "]" | "." NAME | "'" }`, where brackets touch what they follow.
  mutating func postfix() throws(Diagnostic) -> Expression {
    let start = current.start
    var value = try primary()
    while true {
      if at(.openParenthesis), current.touches, !value.isPlainNumber {
        let (arguments, _) = try arguments()
        // Before `=` these are parameters, which have rules of their own.
        if !at(.assign) { try validate(arguments) }
        value = try node(.call(value, arguments, isPiped: false), from: start)
      } else if at(.openBracket), current.touches, !value.isPlainNumber {
        let indices = try indices()
        value = try node(.index(value, indices), from: start)
      } else if take(.dot) {
        guard let name = takeName() else { throw missingField(of: value) }
        value = try node(.field(value, name), from: start)
      } else if take(.transpose) {
        value = try node(.transpose(value), from: start)
      } else {
        return value
      }
    }
  }
}

extension Expression {
  fileprivate var isPlainNumber: Bool {
    if case .number = kind { !isBracketed } else { false }
  }

  /// The product `2x` that this is, perhaps behind signs.
  fileprivate var implicitProduct: Expression? {
    guard !isBracketed else { return nil }
    switch kind {
    case .binary(.multiply, _, _, let mark) where mark.start == mark.end: return self
    case .negate(let operand): return operand.implicitProduct
    case .binary(.subtract, let operand, _, let mark) where mark.start == span.start:
      return operand.implicitProduct
    default: return nil
    }
  }
}
