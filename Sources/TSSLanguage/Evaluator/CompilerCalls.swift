/// Calls, indices and assignments.
extension Compiler {
  mutating func call(
    _ expression: Expression, _ callee: Expression, _ arguments: [Argument]
  ) -> Code {
    let site = CallSite(expression.span)
    let function = code(callee)
    var positional: [Expression] = []
    for case .positional(let value) in arguments { positional.append(value) }
    if let body = resolution[job: expression], let only = positional.first {
      return startJob(only, body, site)
    }
    guard positional.count == arguments.count else {
      return mixedCall(function, callee, arguments, site)
    }
    let slow = slowCall(callee, positional, site)
    if case .name(let name) = callee.kind, scope.kind != .top, scope.find(name) == nil {
      return globalCall(globals.cell(name), function, positional, site, slow)
    }
    if positional.count == 1 {
      let first = code(positional[0])
      return { (slots, strand) throws(Unwinding) in
        let target = try function(slots, strand)
        guard case .function(let function) = target,
          let closure = function.asClosure(parameters: 1)
        else { return try slow(target, [try first(slots, strand)], strand) }
        let size = closure.frameSize
        let frame = try Calls.push(size, strand, site)
        defer { strand.pop(frame, size) }
        frame[0] = try first(slots, strand)
        return try Calls.enter(closure, frame, strand, site)
      }
    }
    var codes: [Piece] = []
    for argument in positional { codes.append(Piece(code(argument))) }
    return { (slots, strand) throws(Unwinding) in
      let target = try function(slots, strand)
      guard case .function(let function) = target,
        let closure = function.asClosure(parameters: codes.count)
      else {
        var values: [Value] = []
        values.reserveCapacity(codes.count)
        for code in codes { values.append(try code.run(slots, strand)) }
        return try slow(target, values, strand)
      }
      let size = closure.frameSize
      let frame = try Calls.push(size, strand, site)
      defer { strand.pop(frame, size) }
      for index in codes.indices { frame[index] = try codes[index].run(slots, strand) }
      return try Calls.enter(closure, frame, strand, site)
    }
  }

  private typealias SlowCall = (Value, [Value], Strand) throws(Unwinding) -> Value

  /// Calls a function of the top level from inside another function.
  ///
  /// Takes no reference to it: while a function runs, the top level waits, and nothing else
  /// assigns its names; a job's view holds what it calls. (At the top level an argument may assign
  /// the very function that is being called.)
  private mutating func globalCall(
    _ cell: Cell, _ function: @escaping Code, _ arguments: [Expression], _ site: CallSite,
    _ slow: @escaping SlowCall
  ) -> Code {
    let (contents, number) = (cell.contents, cell.number)
    if arguments.count == 1 {
      return GlobalCall(cell, function, code(arguments[0]), site, slow).run
    }
    var codes: [Piece] = []
    for argument in arguments { codes.append(Piece(code(argument))) }
    return { (slots, strand) throws(Unwinding) in
      if let target = strand.contents(contents, number).pointee.callee,
        target._withUnsafeGuaranteedRef({ $0.parameterCount }) == codes.count
      {
        let size = target._withUnsafeGuaranteedRef { $0.frameSize }
        let frame = try Calls.push(size, strand, site)
        defer { strand.pop(frame, size) }
        for index in codes.indices { frame[index] = try codes[index].run(slots, strand) }
        return try Calls.enter(target, frame, strand, site)
      }
      if codes.count == 2, case let cell = strand.contents(contents, number),
        let builtin = cell.pointee.builtin?.takeUnretainedValue(), let quick = builtin.quick
      {
        let a = try codes[0].run(slots, strand), b = try codes[1].run(slots, strand)
        guard let result = quick(a, b) else {
          return try slow(.function(builtin), [a, b], strand)
        }
        try strand.tick()
        return result
      }
      let target = try function(slots, strand)
      var values: [Value] = []
      values.reserveCapacity(codes.count)
      for code in codes { values.append(try code.run(slots, strand)) }
      return try slow(target, values, strand)
    }
  }

  /// Calls a function of the top level with one argument.
  private final class GlobalCall {
    private let cell: Cell
    private let contents: UnsafeMutablePointer<CellContents>
    private let number: Int
    private let function: Code
    private let argument: Code
    private let site: CallSite
    private let slow: SlowCall

    init(
      _ cell: Cell, _ function: @escaping Code, _ argument: @escaping Code, _ site: CallSite,
      _ slow: @escaping SlowCall
    ) {
      (self.cell, contents, number) = (cell, cell.contents, cell.number)
      (self.function, self.argument, self.site, self.slow) = (function, argument, site, slow)
    }

    func run(_ slots: Slots, _ strand: Strand) throws(Unwinding) -> Value {
      guard let target = strand.contents(contents, number).pointee.callee,
        target._withUnsafeGuaranteedRef({ $0.parameterCount }) == 1
      else { return try runOther(slots, strand) }
      let size = target._withUnsafeGuaranteedRef { $0.frameSize }
      let frame = try Calls.push(size, strand, site, first: argument, slots)
      defer { strand.pop(frame, size) }
      return try Calls.enter(target, frame, strand, site)
    }

    /// Calls what is no closure of one parameter.
    @inline(never)
    private func runOther(_ slots: Slots, _ strand: Strand) throws(Unwinding) -> Value {
      if let builtin = strand.contents(contents, number).pointee.builtin?.takeUnretainedValue(),
        let quick = builtin.quick
      {
        let value = try argument(slots, strand)
        guard let result = quick(value) else {
          return try slow(.function(builtin), [value], strand)
        }
        try strand.tick()
        return result
      }
      let target = try function(slots, strand)
      return try slow(target, [try argument(slots, strand)], strand)
    }
  }

  /// Positional arguments for what is no closure with as many parameters.
  private func slowCall(
    _ callee: Expression, _ arguments: [Expression], _ site: CallSite
  ) -> SlowCall {
    let spans = arguments.map { Optional($0.span) }
    return { (target, values, strand) throws(Unwinding) in
      guard case .function(let function) = target else {
        throw Self.notFunction(target, callee, arguments)
      }
      if let builtin = function as? Builtin {
        if let result = builtin.quick?(values) {
          try strand.tick()
          return result
        }
        if let counts = builtin.positionalCounts, counts.contains(values.count) {
          // Missing optional arguments at the end are nil.
          let rest = builtin.parameterCount - values.count
          let given = [Value?](unsafeUninitializedCapacity: builtin.parameterCount) {
            for (index, value) in values.enumerated() {
              $0.initializeElement(at: index, to: value.forHost)
            }
            for index in values.count..<values.count + rest {
              $0.initializeElement(at: index, to: nil)
            }
            $1 = values.count + rest
          }
          return try Calls.call(
            builtin, given, rest == 0 ? spans : spans + [Span?](repeating: nil, count: rest), [],
            [], strand, site)
        }
      }
      let given = zip(values, arguments).map { Given(name: nil, payload: $0, span: $1.span) }
      return try Calls.call(function, given, strand, site)
    }
  }

  static func notFunction(
    _ value: Value, _ callee: Expression, _ arguments: [Expression]
  ) -> Unwinding {
    var help: String?
    let name = callee.briefText
    switch value {
    case .number, .list, .matrix:
      if arguments.count == 1, let name {
        let inside = arguments[0].span.text
        help = "`\(name)*(\(inside))` is the product"
        if case .number = value {
        } else if case .name = callee.kind {
          help = "`\(name)[\(inside)]` is an element, `\(name)*(\(inside))` the product"
        }
      }
    default: break
    }
    return Unwinding(
      "not-a-function", "\(value.kindName) is not a function and cannot be called",
      at: callee.span, help: help)
  }

  /// Names and spreads among the arguments.
  private mutating func mixedCall(
    _ function: @escaping Code, _ callee: Expression, _ arguments: [Argument], _ site: CallSite
  ) -> Code {
    enum Form { case positional, named(String), spread }
    var pieces: [(form: Form, code: Piece, span: Span, value: Span)] = []
    for argument in arguments {
      let value = argument.expression
      let span: Span
      let form: Form
      switch argument {
      case .positional: (form, span) = (.positional, value.span)
      case .named(let name, _): (form, span) = (.named(name.name), name.span)
      case .spread(_, let dots): (form, span) = (.spread, dots.through(value.span))
      }
      pieces.append((form, Piece(code(value)), span, value.span))
    }
    return { (slots, strand) throws(Unwinding) in
      let target = try function(slots, strand)
      var given: [Given<Value>] = []
      for (form, code, span, valueSpan) in pieces {
        let value = try code.run(slots, strand)
        switch form {
        case .positional: given.append(Given(name: nil, payload: value, span: span))
        case .named(let name):
          given.append(Given(name: name, payload: value, span: span, valueSpan: valueSpan))
        case .spread:
          if case .record(let record) = value {
            for (name, value) in zip(record.names, record.values) {
              given.append(Given(name: name, payload: value, span: span, isSpread: true))
            }
          } else if let elements = value.spreadElements {
            given += elements.map { Given(name: nil, payload: $0, span: span) }
          } else {
            throw Unwinding(
              "type", "`..` in a call needs a record or a list, not \(value.kindName)", at: span)
          }
        }
      }
      guard case .function(let function) = target else {
        throw Self.notFunction(target, callee, [])
      }
      return try Calls.call(function, given, strand, site)
    }
  }

  // MARK: Indices

  typealias SubscriptCode = (Slots, Strand) throws(Unwinding) -> Subscript

  mutating func subscripts(_ indices: [Index]) -> [SubscriptCode] {
    var codes: [SubscriptCode] = []
    for index in indices { codes.append(subscriptCode(index)) }
    return codes
  }

  private mutating func subscriptCode(_ index: Index) -> SubscriptCode {
    switch index {
    case .all: return { (_, _) throws(Unwinding) in .all }
    case .key(let name, let value):
      let name = name.name
      let value = code(value)
      return { (slots, strand) throws(Unwinding) in .key(name, try value(slots, strand)) }
    case .value(let expression):
      guard case .range(let first, let written, let last) = expression.kind,
        !expression.isBracketed
      else {
        let value = code(expression)
        return { (slots, strand) throws(Unwinding) in .value(try value(slots, strand)) }
      }
      let start = number(first)
      var step: NumberCode = { (_, _) throws(Unwinding) in 1 }
      if let written { step = number(written) }
      let stepCode = step
      let stop = number(last)
      return { (slots, strand) throws(Unwinding) in
        let first = try start(slots, strand)
        let step = try stepCode(slots, strand)
        return .range(first, step: step, try stop(slots, strand))
      }
    }
  }

  mutating func index(_ expression: Expression, _ indices: [Index], _ span: Span) -> Code {
    let value = code(expression)
    let subscripts = subscripts(indices)
    let place = indices.span.map { span.source === $0.source ? $0 : span } ?? span
    let slow = { (value: Value, subscripts: [Subscript]) throws(Unwinding) -> Value in
      try locating(place) { () throws(Diagnostic) in
        try Operations.index(value, subscripts, expression.briefText ?? "x")
      }
    }
    if indices.count == 1, case .value(let only) = indices[0], !only.isRange {
      let index = code(only)
      return { (slots, strand) throws(Unwinding) in
        let value = try value(slots, strand)
        let index = try index(slots, strand)
        if case .list(let elements) = value, case .number(let number) = index, number >= 1,
          number <= Double(elements.count), number == number.rounded()
        {
          return elements[Int(number) - 1]
        }
        return try slow(value, [.value(index)])
      }
    }
    return { (slots, strand) throws(Unwinding) in
      let value = try value(slots, strand)
      var evaluated: [Subscript] = []
      for code in subscripts { evaluated.append(try code(slots, strand)) }
      return try slow(value, evaluated)
    }
  }
}

extension Function {
  /// The closure that this is, where it takes as many parameters.
  @inline(__always)
  fileprivate func asClosure(parameters count: Int) -> Closure? {
    guard type(of: self) == Closure.self else { return nil }
    let closure = unsafeDowncast(self, to: Closure.self)
    return closure.parameterCount == count ? closure : nil
  }
}

extension Builtin.Quick {
  @inline(__always)
  fileprivate func callAsFunction(_ value: Value) -> Value? {
    switch self {
    case .number(let function):
      if case .number(let x) = value { .number(function(x)) } else { nil }
    case .value(let function): function(value)
    case .numbers: nil
    }
  }

  @inline(__always)
  fileprivate func callAsFunction(_ a: Value, _ b: Value) -> Value? {
    guard case .numbers(let function) = self, case .number(let x) = a, case .number(let y) = b
    else { return nil }
    return .number(function(x, y))
  }

  fileprivate func callAsFunction(_ values: [Value]) -> Value? {
    switch values.count {
    case 1: self(values[0])
    case 2: self(values[0], values[1])
    default: nil
    }
  }
}

extension [Index] {
  /// From the first to the last index.
  fileprivate var span: Span? {
    guard let first = first?.span, let last = last?.span else { return nil }
    return first.through(last)
  }
}

extension Index {
  fileprivate var span: Span {
    switch self {
    case .value(let value): value.span
    case .all(let span): span
    case .key(let name, let value): name.span.through(value.span)
    }
  }
}

extension Expression {
  var isRange: Bool {
    if case .range = kind { !isBracketed } else { false }
  }
}
