/// The height of trees: how deep a function that walks one recursively can get.
///
/// Every node stores its height when it is made, so that the parser can refuse a tree that is too
/// deep to walk (or to deallocate, which is recursive as well) before it grows any further.

extension Expression {
  /// A node that is one higher than its highest child.
  public convenience init(_ kind: Kind, _ span: Span, isBracketed: Bool = false) {
    self.init(kind, span, isBracketed: isBracketed, height: 1 + kind.childHeight)
  }
}

extension Expression.Kind {
  var childHeight: Int {
    switch self {
    case .number, .bool, .name: 0
    case .string(let parts): parts.map(\.height).max() ?? 0
    case .negate(let a), .not(let a), .transpose(let a), .field(let a, _): a.height
    case .binary(_, let a, let b, _), .and(let a, let b), .or(let a, let b):
      max(a.height, b.height)
    case .comparison(let operands, _): operands.map(\.height).max() ?? 0
    case .range(let start, let step, let stop):
      max(start.height, step?.height ?? 0, stop.height)
    case .list(let elements), .record(let elements):
      elements.map(\.expression.height).max() ?? 0
    case .matrix(let rows): rows.joined().map(\.height).max() ?? 0
    case .comprehension(let element, let binders, let filter):
      max(element.height, binders.height, filter?.height ?? 0)
    case .call(let function, let arguments, _):
      max(function.height, arguments.map(\.expression.height).max() ?? 0)
    case .index(let base, let indices):
      max(base.height, indices.map(\.height).max() ?? 0)
    case .lambda(let function): function.height
    case .if(let condition, let then, let otherwise):
      max(condition.height, then.height, otherwise?.height ?? 0)
    case .sweep(let binders, let body): max(binders.height, body.height)
    }
  }
}

extension Statement.Kind {
  var height: Int {
    switch self {
    case .expression(let value): value.height
    case .assign(let target, let value): max(target.height, value.height)
    case .define(let function): function.height
    case .for(let binders, let body): max(binders.height, body.height)
    case .while(let condition, let body): max(condition.height, body.height)
    case .return(let value): value?.height ?? 0
    case .use: 0
    }
  }
}

extension FunctionSyntax {
  var height: Int { max(body.height, parameters.compactMap(\.defaultValue?.height).max() ?? 0) }
}

extension Statement.Target {
  var height: Int {
    let steps = path.map { step in
      if case .index(let indices, _) = step { indices.map(\.height).max() ?? 0 } else { 0 }
    }
    return path.count + (steps.max() ?? 0)
  }
}

extension StringPart {
  var height: Int {
    if case .value(let value, _, _) = self { value.height } else { 0 }
  }
}

extension Index {
  var height: Int {
    switch self {
    case .value(let value), .key(_, let value): value.height
    case .all: 0
    }
  }
}

extension [Binder] {
  var height: Int { map(\.values.height).max() ?? 0 }
}
