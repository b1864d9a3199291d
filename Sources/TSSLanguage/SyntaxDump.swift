/// Trees as s-expressions, for the tests: `(+ 1 (* 2 x))`.
extension Program {
  package var dump: String { statements.map(\.dump).joined(separator: "\n") }
}

extension Statement {
  package var dump: String {
    switch kind {
    case .expression(let value): value.dump
    case .assign(let target, let value): "(= \(target.dump) \(value.dump))"
    case .define(let function): "(define \(function.dump))"
    case .for(let binders, let body): "(for \(binders.dump) \(body.dump))"
    case .while(let condition, let body): "(while \(condition.dump) \(body.dump))"
    case .return(let value): value.map { "(return \($0.dump))" } ?? "(return)"
    case .use(let name, let isFile, _): "(use \(isFile ? "\"\(name)\"" : name))"
    }
  }
}

extension Statement.Target {
  fileprivate var dump: String {
    path.reduce(root.name) { base, step in
      switch step {
      case .index(let indices, _): "(index \(base)\(indices.dump))"
      case .field(let name): "(. \(base) \(name.name))"
      }
    }
  }
}

extension Block {
  package var dump: String {
    // An expression that stands for a block has the block's span.
    if statements.count == 1, statements[0].span == span { return statements[0].dump }
    return "{\(statements.map(\.dump).joined(separator: "; "))}"
  }
}

extension FunctionSyntax {
  fileprivate var dump: String {
    let head = parameters.map { parameter in
      parameter.defaultValue.map { "\(parameter.name.name)=\($0.dump)" } ?? parameter.name.name
    }
    return "\(name?.name ?? "λ")(\(head.joined(separator: " "))) \(body.dump)"
  }
}

extension Expression {
  package var dump: String {
    switch kind {
    case .number(let value): return value.printed
    case .bool(let value): return "\(value)"
    case .name(let name): return name
    case .string(let parts): return "\"\(parts.map(\.dump).joined())\""
    case .negate(let value): return "(- \(value.dump))"
    case .not(let value): return "(not \(value.dump))"
    case .binary(let mark, let a, let b, let gap):
      let sign = gap.start == gap.end ? "·" : mark.rawValue
      return "(\(sign) \(a.dump) \(b.dump))"
    case .comparison(let operands, let marks):
      let rest = zip(marks, operands.dropFirst()).map { " \($0.rawValue) \($1.dump)" }
      return "(\(operands[0].dump)\(rest.joined()))"
    case .and(let a, let b): return "(and \(a.dump) \(b.dump))"
    case .or(let a, let b): return "(or \(a.dump) \(b.dump))"
    case .range(let start, let step, let stop):
      let parts = [start, step, stop].compactMap { $0?.dump }
      return "(: \(parts.joined(separator: " ")))"
    case .list(let elements): return "[\(elements.dump)]"
    case .matrix(let rows):
      let rows = rows.map { $0.map(\.dump).joined(separator: " ") }
      return "[\(rows.joined(separator: "; "))]"
    case .comprehension(let element, let binders, let filter):
      return "[\(element.dump) for \(binders.dump)\(filter.map { " if \($0.dump)" } ?? "")]"
    case .record(let fields): return "(record\(fields.isEmpty ? "" : " ")\(fields.dump))"
    case .call(let function, let arguments, let isPiped):
      let space = arguments.isEmpty ? "" : " "
      return "(\(isPiped ? "pipe" : "call") \(function.dump)\(space)\(arguments.dump))"
    case .index(let base, let indices): return "(index \(base.dump)\(indices.dump))"
    case .field(let base, let name): return "(. \(base.dump) \(name.name))"
    case .transpose(let value): return "(' \(value.dump))"
    case .lambda(let function): return "(\(function.dump))"
    case .if(let condition, let then, let otherwise):
      return "(if \(condition.dump) \(then.dump)\(otherwise.map { " \($0.dump)" } ?? ""))"
    case .sweep(let binders, let body): return "(sweep \(binders.dump) \(body.dump))"
    }
  }
}

extension StringPart {
  fileprivate var dump: String {
    switch self {
    case .text(let text): text
    case .value(let value, let format, _): "{\(value.dump)\(format.map { ":" + $0 } ?? "")}"
    }
  }
}

extension [Argument] {
  fileprivate var dump: String {
    map { argument in
      switch argument {
      case .positional(let value): value.dump
      case .named(let name, let value): "\(name.name)=\(value.dump)"
      case .spread(let value, _): "..\(value.dump)"
      }
    }.joined(separator: " ")
  }
}

extension [Index] {
  fileprivate var dump: String {
    map { index in
      switch index {
      case .value(let value): " \(value.dump)"
      case .all: " :"
      case .key(let name, let value): " \(name.name)=\(value.dump)"
      }
    }.joined()
  }
}

extension [Binder] {
  fileprivate var dump: String {
    map { "\($0.name.name) in \($0.values.dump)" }.joined(separator: ", ")
  }
}
