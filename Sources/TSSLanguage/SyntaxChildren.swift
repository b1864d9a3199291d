/// The walk of the tree that all others are made of: what stands directly in a node, in the order
/// in which it is evaluated.
enum SyntaxChild {
  case expression(Expression)
  case block(Block)
  case function(FunctionSyntax)
  /// Of a loop, a sweep or a comprehension: the values, then the name that stands for each.
  case binder(Binder)
}

extension Expression {
  var children: [SyntaxChild] { kind.children }
}

extension Expression.Kind {
  var children: [SyntaxChild] {
    switch self {
    case .number, .bool, .name: []
    case .string(let parts): parts.compactMap(\.child)
    case .negate(let a), .not(let a), .transpose(let a), .field(let a, _): [.expression(a)]
    case .binary(_, let a, let b, _), .and(let a, let b), .or(let a, let b):
      [.expression(a), .expression(b)]
    case .comparison(let operands, _): operands.map { .expression($0) }
    case .range(let start, let step, let stop):
      [start, step, stop].compactMap { $0.map { .expression($0) } }
    case .list(let elements), .record(let elements): elements.map(\.child)
    case .matrix(let rows): rows.joined().map { .expression($0) }
    case .comprehension(let element, let binders, let filter):
      binders.map { .binder($0) } + [filter, element].compactMap { $0.map { .expression($0) } }
    case .call(let function, let arguments, _): [.expression(function)] + arguments.map(\.child)
    case .index(let base, let indices): [.expression(base)] + indices.compactMap(\.child)
    case .lambda(let function): [.function(function)]
    case .if(let condition, let then, let otherwise):
      [.expression(condition), .block(then)] + (otherwise.map { [.block($0)] } ?? [])
    case .sweep(let binders, let body): binders.map { .binder($0) } + [.block(body)]
    }
  }
}

extension Statement.Kind {
  var children: [SyntaxChild] {
    switch self {
    case .expression(let value): [.expression(value)]
    case .assign(let target, let value): [.block(value)] + target.children
    case .define(let function): [.function(function)]
    case .for(let binders, let body): binders.map { .binder($0) } + [.block(body)]
    case .while(let condition, let body): [.expression(condition), .block(body)]
    case .return(let value): value.map { [.expression($0)] } ?? []
    case .use: []
    }
  }
}

extension Statement.Target {
  var children: [SyntaxChild] {
    path.flatMap { (step) -> [SyntaxChild] in
      if case .index(let indices, _) = step { indices.compactMap(\.child) } else { [] }
    }
  }
}

extension FunctionSyntax {
  var children: [SyntaxChild] {
    parameters.compactMap { $0.defaultValue.map { .expression($0) } } + [.block(body)]
  }
}

extension Argument {
  fileprivate var child: SyntaxChild { .expression(expression) }
}

extension StringPart {
  fileprivate var child: SyntaxChild? {
    if case .value(let value, _, _) = self { .expression(value) } else { nil }
  }
}

extension Index {
  fileprivate var child: SyntaxChild? {
    switch self {
    case .value(let value), .key(_, let value): .expression(value)
    case .all: nil
    }
  }
}

// MARK: Height

extension Expression {
  /// A node that is one higher than its highest child. By its height the parser refuses a tree that
  /// is too deep to walk (or to deallocate, which is recursive as well) before it grows any
  /// further.
  public convenience init(_ kind: Kind, _ span: Span, isBracketed: Bool = false) {
    self.init(kind, span, isBracketed: isBracketed, height: 1 + kind.children.height)
  }
}

extension Statement.Kind {
  var height: Int {
    if case .assign(let target, _) = self {
      target.path.count + children.height
    } else {
      children.height
    }
  }
}

extension SyntaxChild {
  fileprivate var height: Int {
    switch self {
    case .expression(let expression): expression.height
    case .block(let block): block.height
    case .function(let function): function.children.height
    case .binder(let binder): binder.values.height
    }
  }
}

extension [SyntaxChild] {
  fileprivate var height: Int { map(\.height).max() ?? 0 }
}
