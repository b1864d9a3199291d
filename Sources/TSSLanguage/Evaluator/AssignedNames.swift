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

  init(_ function: FunctionSyntax) { visit(function.children) }

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
      case .assign(let target, let block):
        assign(target.root.name, isWhole: target.path.isEmpty)
        if target.path.isEmpty, block.statements.count == 1,
          case .expression(let value) = block.statements[0].kind
        {
          values[target.root.name] = value
        }
        visit(statement.kind.children)
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
      default: visit(statement.kind.children)
      }
    }
  }

  private mutating func visit(_ expression: Expression) {
    switch expression.kind {
    case .comprehension:
      let outer = hidden.count
      visit(expression.children)
      hidden.removeLast(hidden.count - outer)
    case .sweep(let binders, _): for binder in binders { visit(binder.values) }
    default: visit(expression.children)
    }
  }

  private mutating func visit(_ children: [SyntaxChild]) {
    for child in children {
      switch child {
      case .expression(let expression): visit(expression)
      case .block(let block): visit(block.statements)
      case .function: break
      case .binder(let binder):
        visit(binder.values)
        hidden.append(binder.name.name)
      }
    }
  }
}
