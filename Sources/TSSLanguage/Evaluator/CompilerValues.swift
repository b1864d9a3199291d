import Groundwork

/// Values that are made of others: strings, lists, matrices, records, comprehensions, loops.
extension Compiler {
  mutating func string(_ parts: [StringPart]) -> Code {
    if parts.isEmpty { return { (_, _) throws(Unwinding) in .string("") } }
    if parts.count == 1, case .text(let text) = parts[0] {
      let value = Value.string(text)
      return { (_, _) throws(Unwinding) in value }
    }
    var pieces: [StringCode] = []
    for part in parts { pieces.append(piece(part)) }
    return { (slots, strand) throws(Unwinding) in
      var text = ""
      for piece in pieces { text += try piece(slots, strand) }
      return .string(text)
    }
  }

  private typealias StringCode = (Slots, Strand) throws(Unwinding) -> String

  // The closures are named before they go into an array: the compiler (6.3) crashes on a literal
  // of a type with typed throws as a generic argument.
  private mutating func piece(_ part: StringPart) -> StringCode {
    switch part {
    case .text(let text): return { (_, _) throws(Unwinding) in text }
    case .value(let expression, let format, let formatSpan):
      let value = code(expression)
      guard let format else {
        return { (slots, strand) throws(Unwinding) in
          let value = try value(slots, strand)
          return value.printed()
        }
      }
      return { (slots, strand) throws(Unwinding) in
        let value = try value(slots, strand)
        return try locating(expression.span) { () throws(Diagnostic) in
          try value.formatted(format, at: formatSpan)
        }
      }
    }
  }

  mutating func list(_ elements: [Argument], _ span: Span) -> Code {
    var codes: [(code: Piece, spread: Span?)] = []
    for element in elements {
      let isSpread = if case .spread = element { true } else { false }
      codes.append((Piece(code(element.expression)), isSpread ? element.expression.span : nil))
    }
    if codes.allSatisfy({ $0.spread == nil }) {
      let codes = codes.map(\.code)
      return { (slots, strand) throws(Unwinding) in
        var values: [Value] = []
        values.reserveCapacity(codes.count)
        for code in codes { values.append(try code.run(slots, strand)) }
        return .list(values)
      }
    }
    return { (slots, strand) throws(Unwinding) in
      // All parts before the list, so that one that is too long is refused before it is made.
      var parts: [[Value]] = []
      parts.reserveCapacity(codes.count)
      var count = 0
      for (code, spread) in codes {
        let value = try code.run(slots, strand)
        if let spread {
          guard let elements = value.spreadElements else {
            throw Unwinding(
              "type", "`..` in a list needs a list, not \(value.kindName)", at: spread)
          }
          parts.append(elements)
        } else {
          parts.append([value])
        }
        count += parts[parts.count - 1].count
        try strand.checkSize(count, span)
      }
      var values: [Value] = []
      values.reserveCapacity(count)
      for part in parts { values += part }
      return .list(values)
    }
  }

  mutating func matrix(_ rows: [[Expression]], _ span: Span) -> Code {
    let columns = rows.first?.count ?? 0
    let expressions = rows.flatMap { $0 }
    var codes: [Piece] = []
    for expression in expressions { codes.append(Piece(code(expression))) }
    let count = rows.count
    return { (slots, strand) throws(Unwinding) in
      var elements: [Double] = []
      elements.reserveCapacity(codes.count)
      for (index, code) in codes.enumerated() {
        let value = try code.run(slots, strand)
        guard case .number(let number) = value else {
          throw Unwinding(
            "type", "the elements of a matrix are numbers, not \(value.kindName)",
            at: expressions[index].span)
        }
        elements.append(number)
      }
      return .matrix(Matrix(rows: count, columns: columns, elements: elements))
    }
  }

  mutating func record(_ fields: [Argument], _ span: Span) -> Code {
    var codes: [(name: String?, code: Piece, span: Span)] = []
    for field in fields {
      switch field {
      case .named(let name, let value): codes.append((name.name, Piece(code(value)), name.span))
      case .positional(let value), .spread(let value, _):
        codes.append((nil, Piece(code(value)), value.span))
      }
    }
    return { (slots, strand) throws(Unwinding) in
      var names: [String] = []
      var values: [Value] = []
      func put(_ name: String, _ value: Value) {
        if let known = names.firstIndex(of: name) {
          values[known] = value
        } else {
          names.append(name)
          values.append(value)
        }
      }
      for (name, code, span) in codes {
        let value = try code.run(slots, strand)
        if let name {
          put(name, value)
        } else if case .record(let record) = value {
          for (name, value) in zip(record.names, record.values) { put(name, value) }
        } else {
          throw Unwinding(
            "type", "`..` in a record needs a record, not \(value.kindName)", at: span)
        }
      }
      return .record(Record(names: names, values: values))
    }
  }

  typealias NumberCode = (Slots, Strand) throws(Unwinding) -> Double

  mutating func range(
    _ start: Expression, _ written: Expression?, _ stop: Expression, _ span: Span
  ) -> (Slots, Strand) throws(Unwinding) -> NumberRange {
    let start = number(start)
    var step: NumberCode = { (_, _) throws(Unwinding) in 1 }
    if let written { step = number(written) }
    let stepCode = step
    let stop = number(stop)
    return { (slots, strand) throws(Unwinding) in
      let first = try start(slots, strand)
      let step = try stepCode(slots, strand)
      let last = try stop(slots, strand)
      return try locating(span) { () throws(Diagnostic) in try NumberRange(first, step, last) }
    }
  }

  /// An end or a step of a range.
  mutating func number(
    _ expression: Expression
  ) -> NumberCode {
    let value = code(expression)
    return { (slots, strand) throws(Unwinding) in
      let value = try value(slots, strand)
      if case .number(let number) = value { return number }
      throw Unwinding(
        "type", "a range goes from number to number, not \(value.kindName)", at: expression.span)
    }
  }

  // MARK: Loops

  /// Runs a piece for each element of what it loops over.
  private typealias Round = (Slots, Strand, inout [Value]) throws(Unwinding) -> Void

  /// The values of a binder, stored one after the other.
  private mutating func rounds(_ values: Expression) -> (
    Slots, Strand, (Value) throws(Unwinding) -> Void
  ) throws(Unwinding) -> Void {
    let span = values.span
    if case .range(let start, let step, let stop) = values.kind {
      let range = range(start, step, stop, span)
      return { (slots, strand, body) throws(Unwinding) in
        let range = try range(slots, strand)
        for index in 0..<range.count {
          try strand.tick()
          try body(.number(range[index]))
        }
      }
    }
    let code = code(values)
    return { (slots, strand, body) throws(Unwinding) in
      let value = try code(slots, strand)
      let elements = try locating(span) { () throws(Diagnostic) in
        try Operations.elements(of: value)
      }
      for element in elements {
        try strand.tick()
        try body(element)
      }
    }
  }

  mutating func loop(_ binders: [Binder], _ body: Block) -> Code {
    guard let binder = binders.first else { return block(body) }
    let rounds = rounds(binder.values)
    let place = target(binder.name.name)
    scope.openLoop(binder.name.name)
    let inner = loop(Array(binders.dropFirst()), body)
    scope.closeLoops(1)
    return { (slots, strand) throws(Unwinding) in
      try rounds(slots, strand) { (value) throws(Unwinding) in
        place?.store(value, slots)
        _ = try inner(slots, strand)
      }
      return .nothing
    }
  }

  mutating func loop(_ condition: Expression, _ body: Block) -> Code {
    let condition = self.condition(condition, in: "while")
    let body = block(body)
    return { (slots, strand) throws(Unwinding) in
      while try condition(slots, strand) {
        try strand.tick()
        _ = try body(slots, strand)
      }
      return .nothing
    }
  }

  mutating func comprehension(
    _ expression: Expression, _ element: Expression, _ binders: [Binder], _ filter: Expression?
  ) -> Code {
    let variables = scope.variables(of: expression, binders)
    let rounds = comprehensionRounds(
      element, binders[...], variables[...], filter, expression.span)
    return { (slots, strand) throws(Unwinding) in
      var values: [Value] = []
      try rounds(slots, strand, &values)
      return .list(values)
    }
  }

  private mutating func comprehensionRounds(
    _ element: Expression, _ binders: ArraySlice<Binder>, _ variables: ArraySlice<Variable>,
    _ filter: Expression?, _ span: Span
  ) -> Round {
    guard let binder = binders.first, let variable = variables.first else {
      var keeps: Condition = { (_, _) throws(Unwinding) in true }
      if let filter { keeps = condition(filter, in: "if") }
      let filter = keeps
      let element = code(element)
      return { (slots, strand, values) throws(Unwinding) in
        guard try filter(slots, strand) else { return }
        try strand.checkSize(values.count, span)
        values.append(try element(slots, strand))
      }
    }
    let rounds = rounds(binder.values)
    let slot = variable.slot
    scope.open(variable)
    let inner = comprehensionRounds(
      element, binders.dropFirst(), variables.dropFirst(), filter, span)
    scope.closeVariables(1)
    return { (slots, strand, values) throws(Unwinding) in
      // An inout parameter cannot be captured by a closure that may escape; this one does not.
      try rounds(slots, strand) { (value) throws(Unwinding) in
        slots[slot] = value
        try inner(slots, strand, &values)
      }
    }
  }
}

extension Value {
  /// What `..` spreads into a list.
  var spreadElements: [Value]? {
    if case .list(let elements) = self { return elements }
    return row.map { $0.elements.map { .number($0) } }
  }
}
