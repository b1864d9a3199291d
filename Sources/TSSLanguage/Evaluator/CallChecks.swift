/// What can be said of calls, fields and literals before anything runs.
extension Resolver {
  func check(_ expression: Expression) {
    switch expression.kind {
    case .call(let callee, let arguments, _): checkCall(expression, callee, arguments)
    case .field(let owner, let name): checkField(owner, name)
    case .record(let arguments): checkRecord(arguments)
    case .list(let arguments):
      for case .named(let name, _) in arguments {
        report("list", "the elements of a list have no names", at: name.span)
      }
    case .matrix(let rows):
      guard let first = rows.first else { return }
      for row in rows where row.count != first.count {
        report(
          "matrix-rows",
          "the rows of a matrix are equally long: this one has \(row.count) "
            + "elements, the first has \(first.count)",
          at: row.first.map { $0.span.through(row.last!.span) } ?? expression.span)
      }
    case .string(let parts):
      for case .value(_, let format?, let span) in parts {
        if let problem = FormatSpec.problem(in: format) {
          report("format", problem, at: span ?? expression.span)
        }
      }
    default: break
    }
  }

  private func checkRecord(_ arguments: [Argument]) {
    var written: [String: Span] = [:]
    for argument in arguments {
      switch argument {
      case .named(let name, _):
        if let before = written[name.name] {
          report(
            "field-twice", "the field `\(name.name)` is given twice", at: name.span,
            related: [Diagnostic.Label(before, "first here")])
        }
        written[name.name] = name.span
      case .positional(let value):
        report("record", "a field of a record needs a name", at: value.span)
      case .spread: break
      }
    }
  }

  // MARK: Calls

  private func checkCall(_ call: Expression, _ callee: Expression, _ arguments: [Argument]) {
    guard let (name, signature) = certainFunction(callee) else { return }
    var given: [Given<Void>] = []
    var isPartial = false
    for argument in arguments {
      switch argument {
      case .positional(let value):
        // After a spread of unknown length nothing is certain of the positions.
        if isPartial { continue }
        given.append(Given(name: nil, payload: (), span: value.span))
      case .named(let name, _):
        given.append(Given(name: name.name, payload: (), span: name.span))
      case .spread(let value, let span):
        guard case .record(let fields) = value.kind,
          !fields.contains(where: { if case .spread = $0 { true } else { false } })
        else {
          isPartial = true
          continue
        }
        for case .named(let field, _) in fields {
          given.append(
            Given(name: field.name, payload: (), span: span.through(value.span), isSpread: true))
        }
      }
    }
    let binder = ArgumentBinder(
      function: name, signature: signature, span: call.span, isPartial: isPartial)
    do { _ = try binder.bind(given) } catch {
      var problem = error
      problem.stage = .check
      resolution.diagnostics.append(problem)
    }
  }

  /// The function that an expression certainly means, whatever the program does.
  func certainFunction(_ callee: Expression) -> (String?, Signature)? {
    guard case .name(let name) = callee.kind else { return nil }
    if scope.find(name) != nil || resolution.top.names.counts[name] != nil {
      return scope.certainFunction(name).map { ($0.name?.name, Signature($0)) }
    }
    guard !surroundings.used.contains(name),
      case .function(let function)? = surroundings.globals[name],
      // A later input may redefine what an earlier one defined, before this body runs.
      scope.kind == .top || !surroundings.globals.isOwn(name)
    else { return nil }
    return (function.name ?? name, function.signature)
  }
}

extension Signature {
  /// Of a function as written.
  init(_ function: FunctionSyntax) {
    self.init(
      function.parameters.map { parameter in
        Parameter(
          parameter.name.name,
          parameter.defaultValue.map { .optional($0.span.text) } ?? .required)
      })
  }
}
