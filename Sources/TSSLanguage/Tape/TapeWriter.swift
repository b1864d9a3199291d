/// Walks a function's syntax and writes what it computes into a graph.
struct TapeWriter {
  var graph = TapeGraph()
  /// Calls under way, and calls altogether.
  var depth = 0
  var calls = 0

  static let maximumDepth = 64
  static let maximumCalls = 10_000
  static let maximumSteps = 20_000

  /// The value of a function of one number, whose argument is the graph's input.
  mutating func write(_ function: Function) throws(TapeProblem) -> Int {
    let callee: TapeFunction
    let span: Span
    if let closure = function as? Closure {
      callee = .closure(closure)
      span = closure.template.span
    } else if let builtin = function as? Builtin {
      callee = .builtin(builtin)
      span = Calls.hostSpan
    } else {
      throw TapeProblem("this function is neither written in the language nor of the host")
    }
    let place: Span? = span == Calls.hostSpan ? nil : span
    let argument = Given(name: nil, payload: TapeValue.number(0), span: span)
    do throws(TapeProblem) {
      let value = try call(callee, [argument], span)
      guard case .number(let step) = value else {
        throw TapeProblem(
          "\(Self.title(function.name)) gives \(value.kindName) where a number is needed",
          at: place)
      }
      return step
    } catch {
      if error.span == Calls.hostSpan { throw TapeProblem(error.message) }
      throw error
    }
  }

  static func title(_ name: String?) -> String { name.map { "`\($0)`" } ?? "the function" }

  // MARK: Statements

  /// The value of a block. Where `isBody`, its end is the function's end, and `return` may stand
  /// in it and in the branches of its `if` statements.
  mutating func block(
    _ statements: [Statement], _ frame: TapeFrame, isBody: Bool
  ) throws(TapeProblem) -> TapeValue {
    var last = TapeValue.nothing
    for (index, statement) in statements.enumerated() {
      switch statement.kind {
      case .expression(let expression):
        let isLast = index == statements.count - 1
        if isBody, case .if(let condition, let then, let otherwise) = expression.kind,
          isLast || then.returns || otherwise?.returns == true
        {
          // What follows belongs to each branch that does not return.
          let rest = Array(statements[(index + 1)...])
          return try choose(
            condition, then.statements + rest, (otherwise?.statements ?? []) + rest, frame,
            isBody: true)
        }
        last = try value(expression, frame)
      case .assign(let target, let block):
        guard target.path.isEmpty else {
          throw TapeProblem("a tape has no lists and records to assign to", at: statement.span)
        }
        frame.variables[target.root.name] = try self.block(
          block.statements, frame, isBody: false)
        last = .nothing
      case .define(let function):
        frame.variables[function.name?.name ?? ""] = .function(.inner(function, frame))
        last = .nothing
      case .return(let expression):
        guard isBody else {
          throw TapeProblem(
            "a tape has `return` in the function's own statements only", at: statement.span)
        }
        guard let expression else { return .nothing }
        return try value(expression, frame)
      case .for(let binders, let body):
        try loop(binders, body, frame, statement.span)
        last = .nothing
      case .while:
        throw TapeProblem("a tape has no `while`", at: statement.span)
      case .use:
        throw TapeProblem("a tape cannot `use` anything", at: statement.span)
      }
    }
    return last
  }

  /// `for` over a range of constants: its body again and again.
  private mutating func loop(
    _ binders: [Binder], _ body: Block, _ frame: TapeFrame, _ span: Span
  ) throws(TapeProblem) {
    let problem = TapeProblem("a tape has loops over ranges of constants only", at: span)
    guard binders.count == 1, case .range(let start, let step, let stop) = binders[0].values.kind
    else { throw problem }
    var ends: [Double] = []
    for expression in [start, step, stop] {
      guard let expression else {
        ends.append(1)
        continue
      }
      guard case .number(let index) = try value(expression, frame),
        let number = graph.value(of: index)
      else { throw problem }
      ends.append(number)
    }
    guard let range = try? NumberRange(ends[0], ends[1], ends[2]) else {
      throw problem
    }
    for index in 0..<range.count {
      calls += 1
      try checkSize(span)
      frame.variables[binders[0].name.name] = .number(graph.constant(range[index]))
      _ = try block(body.statements, frame, isBody: false)
    }
  }

  /// `if`: both branches, of which the condition chooses; one, where it is known already.
  mutating func choose(
    _ condition: Expression, _ then: [Statement], _ otherwise: [Statement], _ frame: TapeFrame,
    isBody: Bool
  ) throws(TapeProblem) -> TapeValue {
    let test = try bool(condition, frame, in: "if")
    if let known = graph.value(of: test) {
      return try block(known != 0 ? then : otherwise, frame, isBody: isBody)
    }
    let before = frame.variables
    let first = try block(then, frame, isBody: isBody)
    let afterFirst = frame.variables
    frame.variables = before
    let second = try block(otherwise, frame, isBody: isBody)
    for name in Set(afterFirst.keys).union(frame.variables.keys) {
      // A variable without a value in one branch has none that can be relied on.
      let one = afterFirst[name] ?? .undecided
      frame.variables[name] = select(test, one, frame.variables[name] ?? .undecided)
    }
    try checkSize(condition.span)
    return select(test, first, second)
  }

  private mutating func select(_ test: Int, _ a: TapeValue, _ b: TapeValue) -> TapeValue {
    switch (a, b) {
    case (.number(let a), .number(let b)): .number(graph.emit(.select, a, b, test))
    case (.bool(let a), .bool(let b)): .bool(graph.emit(.select, a, b, test))
    case (.function(let f), .function(let g)) where f == g: a
    case (.nothing, .nothing): .nothing
    default: .undecided
    }
  }

  func checkSize(_ span: Span) throws(TapeProblem) {
    if graph.steps.count > Self.maximumSteps || calls > Self.maximumCalls {
      throw TapeProblem("the function is too long for a tape", at: span)
    }
  }
}

extension Expression {
  /// Whether names are assigned in it, which matters where it may not be evaluated.
  var assigns: Bool {
    !AssignedNames([Statement(.expression(self), span)]).counts.isEmpty
  }
}

extension Block {
  /// Whether a `return` stands in it, not counting inner functions.
  fileprivate var returns: Bool {
    statements.contains { statement in
      switch statement.kind {
      case .return: true
      case .expression(let expression):
        if case .if(_, let then, let otherwise) = expression.kind {
          then.returns || otherwise?.returns == true
        } else {
          false
        }
      default: false
      }
    }
  }
}
