/// The names that a function reads and does not have itself: of the function around it, of the top
/// level, of the vocabulary. A walk that enters inner functions.
struct OuterNames {
  /// In the order in which they are first read.
  private(set) var names: [String] = []
  /// What the scopes around the walk have.
  private var own: Set<String> = []

  init(of function: FunctionSyntax) { visit(function) }

  private mutating func visit(_ function: FunctionSyntax) {
    let parameters = function.parameters.map(\.name.name)
    within(Set(parameters).union(AssignedNames(function).counts.keys)) { walk in
      for case let value? in function.parameters.map(\.defaultValue) { walk.visit(value) }
      walk.visit(function.body)
    }
  }

  /// Walks through a scope that has these names.
  private mutating func within(_ names: Set<String>, _ body: (inout OuterNames) -> Void) {
    let outer = own
    own.formUnion(names)
    body(&self)
    own = outer
  }

  private mutating func visit(_ block: Block) {
    for statement in block.statements {
      switch statement.kind {
      case .expression(let value): visit(value)
      case .assign(let target, let value):
        for case .index(let indices, _) in target.path { indices.forEach { visit($0) } }
        visit(value)
      case .define(let function): visit(function)
      case .for(let binders, let body):
        binders.forEach { visit($0.values) }
        visit(body)
      case .while(let condition, let body):
        visit(condition)
        visit(body)
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
    case .name(let name):
      if !own.contains(name), !names.contains(name) { names.append(name) }
    case .lambda(let function): visit(function)
    case .if(let condition, let then, let otherwise):
      visit(condition)
      visit(then)
      if let otherwise { visit(otherwise) }
    case .comprehension(let element, let binders, let filter):
      let outer = own
      for binder in binders {
        visit(binder.values)
        own.insert(binder.name.name)
      }
      if let filter { visit(filter) }
      visit(element)
      own = outer
    case .sweep(let binders, let body):
      binders.forEach { visit($0.values) }
      let names = Set(binders.map(\.name.name)).union(AssignedNames(body.statements).counts.keys)
      within(names) { $0.visit(body) }
    default: expression.forEachOperand { visit($0) }
    }
  }
}
