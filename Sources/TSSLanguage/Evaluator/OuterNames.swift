/// The names that a function reads and does not have itself: of the function around it, of the top
/// level, of the vocabulary. A walk that enters inner functions.
struct OuterNames {
  /// In the order in which they are first read.
  private(set) var names: [String] = []
  /// What the scopes around the walk have.
  private var own: Set<String> = []

  init(of function: FunctionSyntax) { visit([.function(function)]) }

  private mutating func visit(_ children: [SyntaxChild]) {
    for child in children {
      switch child {
      case .expression(let expression): visit(expression)
      case .block(let block): for statement in block.statements { visit(statement.kind.children) }
      case .function(let function):
        let parameters = function.parameters.map(\.name.name)
        within(parameters + AssignedNames(function).counts.keys) { $0.visit(function.children) }
      case .binder(let binder):
        visit(binder.values)
        own.insert(binder.name.name)
      }
    }
  }

  private mutating func visit(_ expression: Expression) {
    switch expression.kind {
    case .name(let name):
      if !own.contains(name), !names.contains(name) { names.append(name) }
    case .comprehension: within([]) { $0.visit(expression.children) }
    case .sweep(let binders, let body):
      for binder in binders { visit(binder.values) }
      let axes = binders.map(\.name.name)
      within(axes + AssignedNames(body.statements).counts.keys) { $0.visit([.block(body)]) }
    default: visit(expression.children)
    }
  }

  /// Walks through a scope that has these names, and those of its binders.
  private mutating func within(_ names: [String], _ body: (inout OuterNames) -> Void) {
    let outer = own
    own.formUnion(names)
    body(&self)
    own = outer
  }
}
