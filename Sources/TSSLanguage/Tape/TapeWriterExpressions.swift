extension TapeWriter {
  /// What an expression is.
  mutating func value(
    _ expression: Expression, _ frame: TapeFrame
  ) throws(TapeProblem) -> TapeValue {
    let span = expression.span
    switch expression.kind {
    case .number(let number): return .number(graph.constant(number))
    case .bool(let bool): return .bool(graph.constant(bool ? 1 : 0))
    case .name(let name): return try read(name, span, frame)
    case .negate(let operand):
      return .number(graph.emit(.negate, try number(operand, frame, for: "-")))
    case .binary(let operation, let left, let right, _):
      let a = try number(left, frame, for: operation.rawValue)
      let b = try number(right, frame, for: operation.rawValue)
      try checkSize(span)
      return .number(graph.emit(operation.onTape, a, b))
    case .not(let operand): return .bool(graph.not(try bool(operand, frame, in: "not")))
    case .and(let left, let right):
      let a = try bool(left, frame, in: "and")
      if graph.value(of: a) == 0 { return .bool(a) }
      return .bool(graph.emit(.multiply, a, try certain(right, frame, in: "and")))
    case .or(let left, let right):
      let a = try bool(left, frame, in: "or")
      if graph.value(of: a) == 1 { return .bool(a) }
      let b = try certain(right, frame, in: "or")
      return .bool(graph.emit(.select, graph.constant(1), b, a))
    case .comparison(let operands, let comparisons):
      return .bool(try comparison(operands, comparisons, frame))
    case .call(let callee, let arguments, _):
      return try call(callee, arguments, span, frame)
    case .lambda(let function): return .function(.inner(function, frame))
    case .if(let condition, let then, let otherwise):
      return try choose(
        condition, then.statements, otherwise?.statements ?? [], frame, isBody: false)
    case .string: throw TapeProblem("a tape has no strings", at: span)
    case .list, .comprehension, .range: throw TapeProblem("a tape has no lists", at: span)
    case .matrix, .transpose: throw TapeProblem("a tape has no matrices", at: span)
    case .record, .field: throw TapeProblem("a tape has no records and fields", at: span)
    case .index: throw TapeProblem("a tape has no indices", at: span)
    case .sweep: throw TapeProblem("a tape has no sweeps", at: span)
    }
  }

  private mutating func read(
    _ name: String, _ span: Span, _ frame: TapeFrame
  ) throws(TapeProblem) -> TapeValue {
    if name == "nothing" { return .nothing }
    if name == "_" { throw TapeProblem("a tape cannot read the last result", at: span) }
    switch frame.find(name) {
    case .written(.undecided):
      throw TapeProblem(
        "what `\(name)` is depends on a condition that is known only when the tape runs", at: span)
    case .written(let value): return value
    case .known(let value): return taped(value)
    case .unset: throw TapeProblem("`\(name)` has no value yet", at: span)
    }
  }

  private mutating func taped(_ value: Value) -> TapeValue {
    switch value {
    case .number(let number): return .number(graph.constant(number))
    case .bool(let bool): return .bool(graph.constant(bool ? 1 : 0))
    case .nothing: return .nothing
    case .function(let function):
      if let closure = function as? Closure { return .function(.closure(closure)) }
      if let builtin = function as? Builtin { return .function(.builtin(builtin)) }
      return .other(value)
    default: return .other(value)
    }
  }

  // MARK: Kinds

  /// The step of an expression that must be a number; `user` is what needs it.
  private mutating func number(
    _ expression: Expression, _ frame: TapeFrame, for user: String
  ) throws(TapeProblem) -> Int {
    let value = try value(expression, frame)
    if case .number(let step) = value { return step }
    throw TapeProblem(
      "in a tape `\(user)` needs numbers, not \(value.kindName)", at: expression.span)
  }

  mutating func bool(
    _ expression: Expression, _ frame: TapeFrame, in place: String
  ) throws(TapeProblem) -> Int {
    let value = try value(expression, frame)
    if case .bool(let step) = value { return step }
    throw TapeProblem(
      "`\(place)` needs true or false, not \(value.kindName)", at: expression.span)
  }

  /// A right operand that the language evaluates in some cases only.
  private mutating func certain(
    _ expression: Expression, _ frame: TapeFrame, in place: String
  ) throws(TapeProblem) -> Int {
    if expression.assigns {
      throw TapeProblem("a tape has no assignments inside of `\(place)`", at: expression.span)
    }
    return try bool(expression, frame, in: place)
  }

  // MARK: Comparisons

  private mutating func comparison(
    _ operands: [Expression], _ comparisons: [Comparison], _ frame: TapeFrame
  ) throws(TapeProblem) -> Int {
    var result = graph.constant(1)
    var left = try value(operands[0], frame)
    for (index, comparison) in comparisons.enumerated() {
      let expression = operands[index + 1]
      if index > 0, expression.assigns {
        throw TapeProblem("a tape has no assignments inside of a chain", at: expression.span)
      }
      let right = try value(expression, frame)
      let span = operands[index].span.through(expression.span)
      result = graph.emit(.multiply, result, try compare(comparison, left, right, span))
      if graph.value(of: result) == 0 { return result }
      left = right
    }
    return result
  }

  private mutating func compare(
    _ comparison: Comparison, _ left: TapeValue, _ right: TapeValue, _ span: Span
  ) throws(TapeProblem) -> Int {
    let isOrder = [.less, .greater, .lessOrEqual, .greaterOrEqual].contains(comparison)
    let (a, b): (Int, Int)
    switch (left, right) {
    case (.number(let x), .number(let y)): (a, b) = (x, y)
    case (.bool(let x), .bool(let y)) where !isOrder: (a, b) = (x, y)
    default:
      throw TapeProblem(
        "in a tape `\(comparison.rawValue)` compares two numbers, not \(left.kindName) and "
          + right.kindName, at: span)
    }
    return switch comparison {
    case .less: graph.emit(.less, a, b)
    case .greater: graph.emit(.less, b, a)
    case .lessOrEqual: graph.emit(.lessOrEqual, a, b)
    case .greaterOrEqual: graph.emit(.lessOrEqual, b, a)
    case .equal: graph.emit(.equal, a, b)
    case .notEqual: graph.not(graph.emit(.equal, a, b))
    case .near: graph.emit(.near, a, b)
    }
  }
}

extension Operator {
  fileprivate var onTape: TapeOperation {
    switch self {
    case .add: .add
    case .subtract: .subtract
    case .multiply, .elementwiseMultiply: .multiply
    case .divide, .elementwiseDivide: .divide
    case .power, .elementwisePower: .power
    }
  }
}
