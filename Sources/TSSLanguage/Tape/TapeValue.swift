/// What an expression is while a tape is written.
enum TapeValue {
  /// A step of the graph.
  case number(Int)
  /// A step whose number is 0 or 1.
  case bool(Int)
  case function(TapeFunction)
  case nothing
  /// A value that tapes do not compute with, kept for the message.
  case other(Value)
  /// It is one thing or another by a condition that is known only when the tape runs.
  case undecided

  var kindName: String {
    switch self {
    case .number: "a number"
    case .bool: "a truth value"
    case .function: "a function"
    case .nothing: "nothing"
    case .other(let value): value.kindName
    case .undecided: "one thing or another"
    }
  }
}

/// A function that is called while a tape is written.
enum TapeFunction {
  case closure(Closure)
  case builtin(Builtin)
  /// Written inside a function that is being taped.
  case inner(FunctionSyntax, TapeFrame)

  static func == (a: TapeFunction, b: TapeFunction) -> Bool {
    switch (a, b) {
    case (.closure(let a), .closure(let b)): a === b
    case (.builtin(let a), .builtin(let b)): a === b
    case (.inner(let a, let outerA), .inner(let b, let outerB)): a === b && outerA === outerB
    default: false
    }
  }
}

/// The variables of a call while a tape is written.
///
/// Names mean what the resolver says: parameters and all that the function assigns are its own,
/// from the start of the call on; others belong to the function around it.
final class TapeFrame {
  enum Outer {
    case frame(TapeFrame)
    case closure(Closure)
  }

  /// What messages call the function.
  let name: String
  let outer: Outer
  let ownNames: Set<String>
  var variables: [String: TapeValue] = [:]

  init(name: String, outer: Outer, ownNames: Set<String>) {
    self.name = name
    self.outer = outer
    self.ownNames = ownNames
  }

  /// What stands under a name.
  func find(_ name: String) -> Found {
    if ownNames.contains(name) {
      return variables[name].map { .written($0) } ?? .unset
    }
    switch outer {
    case .frame(let frame): return frame.find(name)
    case .closure(let closure): return closure.outerValue(name).map { .known($0) } ?? .unset
    }
  }

  enum Found {
    case written(TapeValue)
    /// A value of the program, outside of what is taped.
    case known(Value)
    case unset
  }
}

extension Closure {
  /// The value that a name has in the function's body, where it is neither a parameter nor
  /// assigned there; nil where it has none.
  func outerValue(_ name: String) -> Value? {
    if let index = template.captureNames.firstIndex(of: name) {
      if case .object(let object) = captured[index], let box = object as? Box { return box.value }
      return captured[index]
    }
    if template.selfSlot != nil, name == self.name { return .function(self) }
    return template.globals?.current(name)
  }
}
