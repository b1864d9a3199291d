extension TapeWriter {
  /// A call as written: its function's body becomes part of the tape.
  mutating func call(
    _ callee: Expression, _ arguments: [Argument], _ span: Span, _ frame: TapeFrame
  ) throws(TapeProblem) -> TapeValue {
    let target = try value(callee, frame)
    guard case .function(let function) = target else {
      throw TapeProblem("\(target.kindName) cannot be called in a tape", at: callee.span)
    }
    var given: [Given<TapeValue>] = []
    for argument in arguments {
      switch argument {
      case .positional(let expression):
        given.append(
          Given(name: nil, payload: try value(expression, frame), span: expression.span))
      case .named(let name, let expression):
        given.append(
          Given(
            name: name.name, payload: try value(expression, frame), span: name.span,
            valueSpan: expression.span))
      case .spread(_, let span): throw TapeProblem("a tape has no lists and records", at: span)
      }
    }
    return try call(function, given, span)
  }

  /// A call with its arguments.
  mutating func call(
    _ function: TapeFunction, _ arguments: [Given<TapeValue>], _ span: Span
  ) throws(TapeProblem) -> TapeValue {
    calls += 1
    try checkSize(span)
    guard depth < Self.maximumDepth else {
      throw TapeProblem(
        "a tape has no recursion, unless constants end it within \(Self.maximumDepth) calls",
        at: span)
    }
    depth += 1
    defer { depth -= 1 }
    switch function {
    case .builtin(let builtin):
      let bound = try bind(builtin.name, builtin.signature, arguments, span)
      return .number(try call(builtin, bound, span))
    case .closure(let closure):
      guard let syntax = closure.template.syntax else {
        throw TapeProblem("the body of a sweep cannot be taped", at: span)
      }
      let bound = try bind(closure.name, closure.signature, arguments, span)
      return try enter(syntax, .closure(closure), bound)
    case .inner(let syntax, let frame):
      let bound = try bind(syntax.name?.name, Signature(syntax), arguments, span)
      return try enter(syntax, .frame(frame), bound)
    }
  }

  private func bind(
    _ name: String?, _ signature: Signature, _ arguments: [Given<TapeValue>], _ span: Span
  ) throws(TapeProblem) -> Bound<TapeValue> {
    do throws(Diagnostic) {
      return try ArgumentBinder(function: name, signature: signature, span: span).bind(arguments)
    } catch {
      throw TapeProblem(error.message, at: error.span)
    }
  }

  /// The body of a function, with the values of its parameters.
  private mutating func enter(
    _ syntax: FunctionSyntax, _ outer: TapeFrame.Outer, _ bound: Bound<TapeValue>
  ) throws(TapeProblem) -> TapeValue {
    let title = syntax.name?.name ?? "the function"
    let assigned = AssignedNames(syntax).counts
    var parameters: [String: TapeValue] = [:]
    for (index, parameter) in syntax.parameters.enumerated() {
      var value = bound.values[index]
      if value == nil, let expression = parameter.defaultValue {
        // A default sees the parameters before it and no local names.
        let frame = TapeFrame(name: title, outer: outer, ownNames: Set(parameters.keys))
        frame.variables = parameters
        value = try self.value(expression, frame)
        if case .function(.inner)? = value, parameters.keys.contains(where: { assigned[$0] != nil })
        {
          throw TapeProblem(
            "a tape cannot follow a default that sees a parameter which is assigned",
            at: expression.span)
        }
      }
      if parameter.name.name != "_" { parameters[parameter.name.name] = value }
    }
    let frame = TapeFrame(
      name: title, outer: outer, ownNames: Set(parameters.keys).union(assigned.keys))
    frame.variables = parameters
    return try block(syntax.body.statements, frame, isBody: true)
  }

  // MARK: Functions of the host

  private mutating func call(
    _ builtin: Builtin, _ bound: Bound<TapeValue>, _ span: Span
  ) throws(TapeProblem) -> Int {
    let name = builtin.name ?? ""
    var numbers: [Int] = []
    for value in bound.values.compactMap({ $0 }) + bound.rest {
      guard case .number(let step) = value else {
        throw TapeProblem("in a tape `\(name)` needs numbers, not \(value.kindName)", at: span)
      }
      numbers.append(step)
    }
    switch (name, numbers.count) {
    case ("linear", 1): return numbers[0]
    case ("quadratic", 1): return graph.emit(.multiply, numbers[0], numbers[0])
    case ("relu", 1): return graph.emit(.maximum, numbers[0], graph.constant(0))
    case ("round", 1): return graph.emit(.round, numbers[0])
    case ("min", 2...) where bound.values.allSatisfy({ $0 == nil }):
      return numbers.dropFirst().reduce(numbers[0]) { graph.emit(.minimum, $0, $1) }
    case ("max", 2...) where bound.values.allSatisfy({ $0 == nil }):
      return numbers.dropFirst().reduce(numbers[0]) { graph.emit(.maximum, $0, $1) }
    case ("clamp", 3):
      guard let low = graph.value(of: numbers[1]), let high = graph.value(of: numbers[2]) else {
        throw TapeProblem("in a tape the bounds of `clamp` are constants", at: span)
      }
      guard low <= high else {
        throw TapeProblem(
          "the lower bound \(low.printed) is above the upper bound \(high.printed)", at: span)
      }
      let (x, lower, upper) = (numbers[0], numbers[1], numbers[2])
      let rest = graph.emit(.select, upper, x, graph.emit(.less, upper, x))
      return graph.emit(.select, lower, rest, graph.emit(.less, x, lower))
    default:
      if numbers.count == 1, let operation = TapeOperation(builtin: name) {
        return graph.emit(operation, numbers[0])
      }
      throw TapeProblem("`\(name)` cannot be part of a tape", at: span)
    }
  }
}
