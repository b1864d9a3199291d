/// Which names a scope assigns, and how often: a walk that does not enter inner functions.
package struct AssignedNames {
  package private(set) var counts: [String: Int] = [:]
  /// Those that are given a whole value somewhere, which `x[1] = 2` and `x.a = 2` do not.
  private(set) var definitions: Set<String> = []
  /// Those that nothing but loops give a value.
  private(set) var loopNames: Set<String> = []
  /// The functions that are defined by name.
  private(set) var functions: [String: FunctionSyntax] = [:]
  /// The expressions that are assigned to whole names.
  private(set) var values: [String: Expression] = [:]
  /// Names of comprehensions around the walk, which catch assignments.
  private var hidden: [String] = []

  package init(_ statements: [Statement]) { visit(statements) }

  init(_ expression: Expression) { visit(expression) }

  init(_ function: FunctionSyntax) {
    for case let value? in function.parameters.map(\.defaultValue) { visit(value) }
    visit(function.body.statements)
  }

  private mutating func assign(_ name: String, isWhole: Bool = true, isLoop: Bool = false) {
    if hidden.contains(name) { return }
    counts[name, default: 0] += 1
    guard isWhole else { return }
    let isNew = definitions.insert(name).inserted
    if !isLoop { loopNames.remove(name) } else if isNew { loopNames.insert(name) }
  }

  private mutating func visit(_ statements: [Statement]) {
    for statement in statements {
      switch statement.kind {
      case .expression(let value): visit(value)
      case .assign(let target, let block):
        assign(target.root.name, isWhole: target.path.isEmpty)
        if target.path.isEmpty, block.statements.count == 1,
          case .expression(let value) = block.statements[0].kind
        {
          values[target.root.name] = value
        }
        for case .index(let indices, _) in target.path { indices.forEach { visit($0) } }
        visit(block.statements)
      case .define(let function):
        if let name = function.name {
          assign(name.name)
          functions[name.name] = function
        }
      case .for(let binders, let body):
        for binder in binders {
          assign(binder.name.name, isLoop: true)
          visit(binder.values)
        }
        visit(body.statements)
      case .while(let condition, let body):
        visit(condition)
        visit(body.statements)
      case .return(let value): if let value { visit(value) }
      case .use: break
      }
    }
  }

  private mutating func visit(_ index: Index) {
    switch index {
    case .value(let value), .key(_, let value): visit(value)
    case .all: break
    }
  }

  private mutating func visit(_ expression: Expression) {
    switch expression.kind {
    case .if(let condition, let then, let otherwise):
      visit(condition)
      visit(then.statements)
      if let otherwise { visit(otherwise.statements) }
    case .comprehension(let element, let binders, let filter):
      let outer = hidden.count
      for binder in binders {
        visit(binder.values)
        hidden.append(binder.name.name)
      }
      if let filter { visit(filter) }
      visit(element)
      hidden.removeLast(hidden.count - outer)
    case .sweep(let binders, _): binders.forEach { visit($0.values) }
    case .lambda: break
    default: expression.forEachOperand { visit($0) }
    }
  }
}

extension Expression {
  /// The expressions that stand directly in this one, from left to right, where they stand in the
  /// same scope and nothing but them does: not for functions, blocks and comprehensions.
  func forEachOperand(_ body: (Expression) -> Void) {
    switch kind {
    case .number, .bool, .name, .lambda, .if, .sweep, .comprehension: break
    case .string(let parts):
      for case .value(let value, _, _) in parts { body(value) }
    case .negate(let value), .not(let value), .transpose(let value), .field(let value, _):
      body(value)
    case .binary(_, let a, let b, _), .and(let a, let b), .or(let a, let b):
      body(a)
      body(b)
    case .comparison(let operands, _): operands.forEach(body)
    case .range(let start, let step, let stop):
      body(start)
      if let step { body(step) }
      body(stop)
    case .list(let arguments), .record(let arguments):
      arguments.forEach { body($0.expression) }
    case .matrix(let rows): rows.forEach { $0.forEach(body) }
    case .call(let callee, let arguments, _):
      body(callee)
      arguments.forEach { body($0.expression) }
    case .index(let value, let indices):
      body(value)
      for index in indices {
        switch index {
        case .value(let value), .key(_, let value): body(value)
        case .all: break
        }
      }
    }
  }
}
