/// Turns syntax into closures over slots: names are resolved once, nothing is looked up while
/// the program runs.
///
/// Walks each body in the order in which the resolver walked it, with the same comprehensions and
/// loops open, so that both find the same variables.
struct Compiler {
  let resolution: Resolution
  let globals: Globals
  let machine: Machine
  /// The text is the standard library's.
  let isLibrary: Bool
  var scope: Scope
  /// The functions by name whose value is a function, by the latter.
  private var makers: [ObjectIdentifier: FunctionSyntax] = [:]

  init(_ resolution: Resolution, _ globals: Globals, _ machine: Machine, isLibrary: Bool) {
    self.resolution = resolution
    self.globals = globals
    self.machine = machine
    self.isLibrary = isLibrary
    scope = resolution.top
  }

  // MARK: Variables

  /// Where a variable lives.
  enum Place {
    case slot(Int)
    case box(Int)
    case cell(Cell)

    @inline(__always)
    func store(_ value: Value?, _ slots: Slots) {
      switch self {
      case .slot(let slot): slots[slot] = value
      case .box(let slot): sharedBox(slots, slot).value = value
      case .cell(let cell): cell.store(value)
      }
    }

    @inline(__always)
    func load(_ slots: Slots) -> Value? {
      switch self {
      case .slot(let slot): slots[slot]
      case .box(let slot): sharedBox(slots, slot).value
      case .cell(let cell): cell.value
      }
    }
  }

  func place(_ variable: Variable) -> Place {
    variable.isBoxed ? .box(variable.slot) : .slot(variable.slot)
  }

  /// Where a name is assigned; nil for `_`, which is not.
  func target(_ name: String) -> Place? {
    if name == "_" { return nil }
    if let variable = scope.target(name) { return place(variable) }
    let cell = globals.cell(name)
    cell.isOwn = true
    return .cell(cell)
  }

  func read(_ name: String, _ span: Span) -> Code {
    if name == "nothing" { return { (_, _) throws(Unwinding) in .nothing } }
    if name == "_" {
      return { (_, strand) throws(Unwinding) in
        if let value = strand.pointee.context?.machine.lastResult { return value }
        throw Unwinding("unset", "`_` has no value yet: there is no last result", at: span)
      }
    }
    guard let variable = scope.find(name) else { return readGlobal(name, span) }
    let slot = variable.slot
    if variable.isBoxed {
      let unset = unsetLocal(name, span)
      return { (slots, _) throws(Unwinding) in
        guard let value = sharedBox(slots, slot).value else { throw unset() }
        return value
      }
    }
    return LocalRead(slot, unset: unsetLocal(name, span)).run
  }

  /// Reads a local variable that no closure shares.
  private final class LocalRead {
    private let slot: Int
    private let unset: () -> Unwinding

    init(_ slot: Int, unset: @escaping () -> Unwinding) { (self.slot, self.unset) = (slot, unset) }

    func run(_ slots: Slots, _ strand: Strand) throws(Unwinding) -> Value {
      if case .number(let number)? = slots[slot] { return .number(number) }
      guard let value = slots[slot] else { throw unset() }
      return value
    }
  }

  private func readGlobal(_ name: String, _ span: Span) -> Code {
    let isOfLoop = resolution.top.names.loopNames.contains(name)
    return GlobalRead(globals.cell(name)) {
      isOfLoop
        ? Unwinding(
          "unset", "`\(name)` has no value yet: its loop has had no round", at: span,
          help: "give `\(name)` a value before the loop")
        : Unwinding(
          "unset", "`\(name)` has no value yet: its definition has not run", at: span,
          help: "move the definition up, before this runs")
    }.run
  }

  /// Reads a variable of the top level.
  private final class GlobalRead {
    private let cell: Cell
    // The cell's own, one step nearer.
    private let contents: UnsafeMutablePointer<CellContents>
    private let number: Int
    private let unset: () -> Unwinding

    init(_ cell: Cell, unset: @escaping () -> Unwinding) {
      (self.cell, contents, number, self.unset) = (cell, cell.contents, cell.number, unset)
    }

    func run(_ slots: Slots, _ strand: Strand) throws(Unwinding) -> Value {
      guard let value = strand.contents(contents, number).pointee.value else { throw unset() }
      return value
    }
  }

  func unsetLocal(_ name: String, _ span: Span) -> () -> Unwinding {
    let scope = scope
    let globals = globals
    return {
      let owner =
        switch (scope.kind, scope.name) {
        case (.sweep, _): "the sweep"
        case (.job, _): "the job"
        case (_, let name?): "`\(name)`"
        case (_, nil): "the function"
        }
      // Other threads may ask at the same time: nothing may change.
      let isOutside =
        scope.parent?.visibleNames.contains(name) == true || globals.current(name) != nil
      return Unwinding(
        "unset", "`\(name)` is local to \(owner), which assigns it, and has no value yet",
        at: span,
        help: isOutside
          ? "an outer variable is never changed from inside; take `\(name)` as a parameter, "
            + "or use another name" : "give `\(name)` a value first")
    }
  }

  // MARK: Statements

  /// A block; the last statement gives its value. In the tail of a function a `return` is just
  /// the value.
  mutating func block(_ block: Block, isTail: Bool = false) -> Code {
    guard let final = block.statements.last else {
      return { (_, _) throws(Unwinding) in .nothing }
    }
    if block.statements.count == 1 { return statement(final, isTail: isTail) }
    let first = statement(block.statements[0])
    var codes: [Piece] = []
    for statement in block.statements.dropFirst().dropLast() {
      codes.append(Piece(self.statement(statement)))
    }
    let last = statement(final, isTail: isTail)
    if codes.isEmpty {
      return { (slots, strand) throws(Unwinding) in
        _ = try first(slots, strand)
        try strand.stopBetweenStatements()
        return try last(slots, strand)
      }
    }
    return { (slots, strand) throws(Unwinding) in
      _ = try first(slots, strand)
      for code in codes {
        try strand.stopBetweenStatements()
        _ = try code.run(slots, strand)
      }
      try strand.stopBetweenStatements()
      return try last(slots, strand)
    }
  }

  mutating func statement(_ statement: Statement, isTail: Bool = false) -> Code {
    switch statement.kind {
    case .expression(let value): return code(value, isTail: isTail)
    case .assign(let target, let value): return assignment(target, value)
    case .define(let function):
      let make = closure(function)
      guard let place = target(function.name!.name) else { return make }
      return { (slots, strand) throws(Unwinding) in
        place.store(try make(slots, strand), slots)
        return .nothing
      }
    case .for(let binders, let body): return loop(binders, body)
    case .while(let condition, let body): return loop(condition, body)
    case .return(let value):
      var result: Code = { (_, _) throws(Unwinding) in .nothing }
      if let value { result = code(value, isTail: isTail) }
      if isTail { return result }
      let value = result
      return { (slots, strand) throws(Unwinding) in
        strand.pointee.returned = try value(slots, strand)
        throw Unwinding.returning
      }
    case .use: return { (_, _) throws(Unwinding) in .nothing }
    }
  }

  // MARK: Functions

  /// Code that makes a closure.
  mutating func closure(_ function: FunctionSyntax) -> Code {
    make(template(function), resolution[function.body]!)
  }

  private mutating func template(_ function: FunctionSyntax) -> Template {
    let outer = scope
    scope = resolution[function.body]!
    defer { scope = outer }
    var defaults: [Piece?] = []
    for (position, parameter) in function.parameters.enumerated() {
      scope.visibleParameters = position
      if let value = parameter.defaultValue {
        defaults.append(Piece(code(value)))
      } else {
        defaults.append(nil)
      }
    }
    scope.visibleParameters = nil
    if function.name != nil, case .expression(let value)? = function.body.statements.last?.kind,
      case .lambda(let made) = value.kind
    {
      makers[ObjectIdentifier(made)] = function
    }
    let body = block(function.body, isTail: true)
    let (signature, documentation) = function.described
    return Template(
      name: function.name?.name, signature: signature, documentation: documentation,
      span: function.span, scope: scope, code: body, defaults: defaults, isLibrary: isLibrary,
      syntax: function, maker: makers[ObjectIdentifier(function)], globals: globals)
  }

  /// Code that joins a template with the variables it captures.
  func make(_ template: Template, _ inner: Scope) -> Code {
    if inner.captures.isEmpty {
      return { (_, _) throws(Unwinding) in .function(Closure(template, captured: [])) }
    }
    // A variable that is shared is captured as its box, whatever its value.
    let sources = inner.captures.map { capture -> Place in
      switch capture.source {
      case .variable(let variable) where inner.isShared(capture): .slot(variable.slot)
      case .variable(let variable): place(variable)
      case .global(let name): .cell(globals.cell(name))
      }
    }
    return { (slots, _) throws(Unwinding) in
      .function(Closure(template, captured: sources.map { $0.load(slots) ?? .nothing }))
    }
  }
}

@inline(__always)
func sharedBox(_ slots: Slots, _ slot: Int) -> Box {
  guard case .object(let object)? = slots[slot] else { preconditionFailure("no box") }
  return unsafeDowncast(object, to: Box.self)
}
