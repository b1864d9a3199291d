import Groundwork

extension Compiler {
  mutating func code(_ expression: Expression, isTail: Bool = false) -> Code {
    let span = expression.span
    switch expression.kind {
    case .number(let number):
      let value = Value.number(number)
      return { (_, _) throws(Unwinding) in value }
    case .bool(let bool): return { (_, _) throws(Unwinding) in .bool(bool) }
    case .string(let parts): return string(parts)
    case .name(let name): return read(name, span)
    case .negate(let operand): return negation(operand, span)
    case .binary(let operation, let left, let right, let operatorSpan):
      return binary(operation, left, right, span, operatorSpan)
    case .not, .comparison, .and, .or:
      let condition = condition(expression)
      return { (slots, strand) throws(Unwinding) in .bool(try condition(slots, strand)) }
    case .range(let start, let step, let stop):
      let range = range(start, step, stop, span)
      return { (slots, strand) throws(Unwinding) in
        let range = try range(slots, strand)
        try strand.checkSize(range.count, span)
        return .list(range.values)
      }
    case .list(let elements): return list(elements, span)
    case .matrix(let rows): return matrix(rows, span)
    case .comprehension(let element, let binders, let filter):
      return comprehension(expression, element, binders, filter)
    case .record(let fields): return record(fields, span)
    case .call(let callee, let arguments, _): return call(expression, callee, arguments)
    case .index(let value, let indices): return index(value, indices, span)
    case .field(let value, let name):
      let value = code(value)
      let (name, nameSpan) = (name.name, name.span)
      return { (slots, strand) throws(Unwinding) in
        let value = try value(slots, strand)
        return try locating(nameSpan) { () throws(Diagnostic) in
          try Operations.field(value, name)
        }
      }
    case .transpose(let operand):
      let operand = code(operand)
      return { (slots, strand) throws(Unwinding) in
        let value = try operand(slots, strand)
        return try locating(span) { () throws(Diagnostic) in try Operations.transpose(value) }
      }
    case .lambda(let function): return closure(function)
    case .if(let condition, let then, let otherwise):
      let condition = self.condition(condition, in: "if")
      let then = block(then, isTail: isTail)
      var other: Code = { (_, _) throws(Unwinding) in .nothing }
      if let otherwise { other = block(otherwise, isTail: isTail) }
      return Choice(condition, then, other).run
    case .sweep(let binders, let body): return sweep(binders, body, span)
    }
  }

  /// `if condition { … } else { … }`
  private final class Choice {
    private let condition: Condition
    private let then: Code
    private let other: Code

    init(_ condition: @escaping Condition, _ then: @escaping Code, _ other: @escaping Code) {
      (self.condition, self.then, self.other) = (condition, then, other)
    }

    func run(_ slots: Slots, _ strand: Strand) throws(Unwinding) -> Value {
      try condition(slots, strand) ? try then(slots, strand) : try other(slots, strand)
    }
  }

  // MARK: Operators

  private mutating func negation(_ operand: Expression, _ span: Span) -> Code {
    if case .number(let number) = operand.kind {
      let value = Value.number(-number)
      return { (_, _) throws(Unwinding) in value }
    }
    let operand = code(operand)
    return { (slots, strand) throws(Unwinding) in
      let value = try operand(slots, strand)
      if case .number(let number) = value { return .number(-number) }
      return try locating(span) { () throws(Diagnostic) in try Operations.negate(value) }
    }
  }

  private mutating func binary(
    _ operation: Operator, _ left: Expression, _ right: Expression, _ span: Span,
    _ operatorSpan: Span
  ) -> Code {
    arithmetic(
      operation, operands(left, right),
      slowBinary(operation, left, right, span, operatorSpan))
  }

  /// Everything but two numbers.
  private func slowBinary(
    _ operation: Operator, _ left: Expression, _ right: Expression, _ span: Span,
    _ operatorSpan: Span
  ) -> SlowOperation {
    let isOneLine = !span.text.utf8.contains(UInt8(ascii: "\n"))
    let place = isOneLine ? span : operatorSpan
    return { (x, y, strand) throws(Unwinding) in
      if case .string(let x) = x, case .string(let y) = y {
        try strand.checkSize((x.utf8.count + y.utf8.count) / 16, place)
      }
      return try locating(place) { () throws(Diagnostic) in
        try Operations.apply(
          operation, x, y, (left.briefText ?? "x", right.briefText ?? "y"))
      }
    }
  }

  // MARK: Conditions

  typealias Condition = (Slots, Strand) throws(Unwinding) -> Bool

  /// An expression that must be true or false; `place` is what needs it.
  mutating func condition(_ expression: Expression, in place: String = "") -> Condition {
    let span = expression.span
    switch expression.kind {
    case .bool(let bool): return { (_, _) throws(Unwinding) in bool }
    case .not(let operand):
      let operand = condition(operand, in: "not")
      return { (slots, strand) throws(Unwinding) in !(try operand(slots, strand)) }
    case .and(let a, let b):
      let a = condition(a, in: "and")
      let b = condition(b, in: "and")
      return { (slots, strand) throws(Unwinding) in
        guard try a(slots, strand) else { return false }
        return try b(slots, strand)
      }
    case .or(let a, let b):
      let a = condition(a, in: "or")
      let b = condition(b, in: "or")
      return { (slots, strand) throws(Unwinding) in
        if try a(slots, strand) { return true }
        return try b(slots, strand)
      }
    case .comparison(let operands, let comparisons):
      return comparison(operands, comparisons, span)
    default:
      let value = code(expression)
      return { (slots, strand) throws(Unwinding) in
        let value = try value(slots, strand)
        if case .bool(let bool) = value { return bool }
        throw Self.notBool(value, place, expression)
      }
    }
  }

  private static func notBool(
    _ value: Value, _ place: String, _ expression: Expression
  ) -> Unwinding {
    var help: String?
    let name = expression.briefText ?? "x"
    switch value {
    case .number: help = "compare it: `\(name) != 0`"
    case .list: help = "compare it: `count(\(name)) > 0`"
    case .nothing: help = "compare it: `\(name) != nothing`"
    default: break
    }
    return Unwinding(
      "type", "`\(place)` needs true or false, not \(value.kindName)", at: expression.span,
      help: help)
  }

  private mutating func comparison(
    _ operands: [Expression], _ comparisons: [Comparison], _ span: Span
  ) -> Condition {
    if operands.count == 2 {
      let comparison = comparisons[0]
      return test(comparison, self.operands(operands[0], operands[1])) {
        (x, y) throws(Unwinding) in try Self.compare(comparison, x, y, span)
      }
    }
    var codes: [Piece] = []
    for operand in operands { codes.append(Piece(code(operand))) }
    let spans = zip(operands, operands.dropFirst()).map { $0.span.through($1.span) }
    return { (slots, strand) throws(Unwinding) in
      var left = try codes[0].run(slots, strand)
      for index in comparisons.indices {
        let right = try codes[index + 1].run(slots, strand)
        guard try Self.compare(comparisons[index], left, right, spans[index]) else { return false }
        left = right
      }
      return true
    }
  }

  private static func compare(
    _ comparison: Comparison, _ x: Value, _ y: Value, _ span: Span
  ) throws(Unwinding) -> Bool {
    try locating(span) { () throws(Diagnostic) in try Operations.compare(comparison, x, y) }
  }
}

extension Expression {
  /// The source, where it is short enough to stand inside a message.
  var briefText: String? {
    let text = span.text
    guard text.utf8.count <= 24, !text.utf8.contains(UInt8(ascii: "\n")) else { return nil }
    switch kind {
    case .binary, .comparison, .and, .or, .not, .range, .lambda, .if, .sweep, .negate:
      return text.hasPrefix("(") ? text : "(\(text))"
    default: return text
    }
  }
}

extension Strand {
  /// Refuses to make what would not fit into memory; counts values of 16 bytes.
  func checkSize(_ count: Int, _ span: Span) throws(Unwinding) {
    let limit = pointee.maximumElements
    guard count > limit else { return }
    throw Unwinding(
      "memory",
      "this makes a value of \(Self.size(count)), more than the limit of \(Self.size(limit))",
      at: span)
  }

  /// How much memory so many values take.
  private static func size(_ count: Int) -> String {
    count >= 1 << 16 ? "\(count >> 16) MB" : "\(count << 4) bytes"
  }
}
