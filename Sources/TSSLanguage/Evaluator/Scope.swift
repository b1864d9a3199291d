/// A variable of a function, a sweep cell or a comprehension: a slot of its frame.
final class Variable {
  let name: String
  let slot: Int
  /// Its slot holds a `Box`, because a closure sees the variable itself.
  var isBoxed = false
  /// Never changes once a closure can see it, so that a copy does as well as a box.
  let isConstant: Bool
  /// Has its value from the start of its scope on.
  let hasValue: Bool

  init(_ name: String, slot: Int, isConstant: Bool, hasValue: Bool) {
    self.name = name
    self.slot = slot
    self.isConstant = isConstant
    self.hasValue = hasValue
  }
}

/// A variable that closures share.
final class Box: NativeObject, @unchecked Sendable {
  var value: Value?
  init(_ value: Value?) { self.value = value }
}

/// What the body of a function, a sweep or the top level may name.
///
/// Built by the resolver and used again, unchanged, by the compiler: both walk a body in the same
/// order and keep the same comprehensions and loops open while they do.
final class Scope {
  enum Kind { case top, function, sweep, job }

  /// A variable of an enclosing scope, copied into a slot when the closure is made.
  struct Capture {
    enum Source {
      case variable(Variable)
      /// A `for` variable of the top level, which keeps its round's value.
      case global(String)

      var name: String {
        switch self {
        case .variable(let variable): variable.name
        case .global(let name): name
        }
      }
    }

    var source: Source
    var slot: Int
  }

  let kind: Kind
  let parent: Scope?
  /// What messages call it.
  let name: String?
  /// Slots of a frame.
  private(set) var size = 0
  private(set) var captures: [Capture] = []
  /// Where a named function finds itself.
  private(set) var selfSlot: Int?
  /// Names that a definition inside refers to without a capture.
  private let selfName: String?
  private var parameters: [String: (variable: Variable, position: Int)] = [:]
  private(set) var locals: [String: Variable] = [:]
  private var captured: [String: Variable] = [:]
  /// What is assigned in this scope.
  let names: AssignedNames

  // What is open where the walk stands.
  private var overlays: [[String: Variable]] = []
  private var loops: [String] = []
  /// While defaults are walked: the parameters before this position, and no local, can be seen.
  var visibleParameters: Int?
  /// The variables of each comprehension.
  private var comprehensions: [ObjectIdentifier: [Variable]] = [:]

  init(top names: AssignedNames) {
    kind = .top
    parent = nil
    name = nil
    selfName = nil
    self.names = names
  }

  init(
    _ kind: Kind, name: String?, parent: Scope, parameters parameterNames: [String],
    names: AssignedNames
  ) {
    self.kind = kind
    self.parent = parent
    self.name = name
    self.names = names
    // A definition that is the only one of its name may refer to itself without a cycle of
    // references: the running function is what it means.
    if let name, kind == .function, parent.kind != .top, parent.names.counts[name] == 1,
      parent.parameters[name] == nil
    {
      selfName = name
    } else {
      selfName = nil
    }
    for (position, name) in parameterNames.enumerated() {
      let variable = Variable(
        name, slot: take(), isConstant: names.counts[name] == nil, hasValue: true)
      if name != "_" { parameters[name] = (variable, position) }
    }
    for name in names.counts.keys.sorted() where parameters[name] == nil && name != "_" {
      locals[name] = Variable(name, slot: take(), isConstant: false, hasValue: false)
    }
  }

  /// A new slot.
  func take() -> Int {
    size += 1
    return size - 1
  }

  // MARK: What is open

  /// The variables of a comprehension, all new: made by the resolver, found again by the compiler.
  func variables(of comprehension: Expression, _ binders: [Binder]) -> [Variable] {
    let key = ObjectIdentifier(comprehension)
    if let known = comprehensions[key] { return known }
    let variables = binders.map {
      Variable($0.name.name, slot: take(), isConstant: true, hasValue: true)
    }
    comprehensions[key] = variables
    return variables
  }

  func open(_ variable: Variable) { overlays.append([variable.name: variable]) }
  func closeVariables(_ count: Int) { overlays.removeLast(count) }
  func openLoop(_ name: String) { loops.append(name) }
  func closeLoops(_ count: Int) { loops.removeLast(count) }

  // MARK: Looking up

  /// What a name means here; nil for a name of the top level.
  func find(_ name: String) -> Variable? {
    if name == "_" { return nil }
    for overlay in overlays.reversed() {
      if let variable = overlay[name] { return variable }
    }
    if kind == .top { return nil }
    if let (variable, position) = parameters[name] {
      if position < visibleParameters ?? Int.max { return variable }
    }
    if visibleParameters == nil, let variable = locals[name] { return variable }
    if let variable = captured[name] { return variable }
    if name == selfName, visibleParameters == nil {
      let slot = take()
      selfSlot = slot
      let variable = Variable(name, slot: slot, isConstant: true, hasValue: true)
      captured[name] = variable
      return variable
    }
    return capture(name)
  }

  /// What an assignment to a name means here; nil for a name of the top level.
  func target(_ name: String) -> Variable? {
    for overlay in overlays.reversed() {
      if let variable = overlay[name] { return variable }
    }
    return parameters[name]?.variable ?? locals[name]
  }

  private func capture(_ name: String) -> Variable? {
    guard let parent else { return nil }
    let variable: Variable
    let source: Capture.Source
    if let outer = parent.find(name) {
      let isCopied = outer.isConstant || parent.loops.contains(name)
      if !isCopied { outer.isBoxed = true }
      source = .variable(outer)
      variable = Variable(name, slot: take(), isConstant: isCopied, hasValue: isCopied)
      variable.isBoxed = !isCopied
    } else if parent.kind == .top, parent.loops.contains(name) {
      source = .global(name)
      variable = Variable(name, slot: take(), isConstant: true, hasValue: true)
    } else {
      return nil
    }
    captured[name] = variable
    captures.append(Capture(source: source, slot: variable.slot))
    return variable
  }

  /// Whether a capture is of the variable itself, not of its value.
  func isShared(_ capture: Capture) -> Bool {
    captured.values.contains { $0.slot == capture.slot && $0.isBoxed }
  }

  /// Slots that must hold a box from the start, parameters included.
  var boxedSlots: [Int] {
    (locals.values.filter(\.isBoxed).map(\.slot)
      + parameters.values.filter(\.variable.isBoxed).map(\.variable.slot)).sorted()
  }

  /// All names that can be seen here except those of the top level.
  var visibleNames: [String] {
    overlays.flatMap(\.keys) + parameters.keys + locals.keys + (parent?.visibleNames ?? [])
  }

  /// The function that a name certainly means: defined once, by name, and never assigned.
  func certainFunction(_ name: String) -> FunctionSyntax? {
    if kind == .top || isOwn(name) {
      return names.counts[name] == 1 ? names.functions[name] : nil
    }
    return parent?.certainFunction(name)
  }

  /// The expression whose value a name certainly has: assigned once.
  func certainValue(_ name: String) -> (Expression, Scope)? {
    if overlays.contains(where: { $0[name] != nil }) || parameters[name] != nil { return nil }
    if kind == .top || locals[name] != nil {
      guard names.counts[name] == 1, let value = names.values[name] else { return nil }
      return (value, self)
    }
    return parent?.certainValue(name)
  }

  private func isOwn(_ name: String) -> Bool {
    locals[name] != nil || parameters[name] != nil || overlays.contains { $0[name] != nil }
  }
}
