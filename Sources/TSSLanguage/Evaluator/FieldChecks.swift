/// Unknown fields of values whose type is known before anything runs.
///
/// Known is what cannot be otherwise: literals, calls of host functions that always give the same
/// type, names that are assigned exactly once, and the fields of all these. Nothing is said of the
/// rest, so that no correct program is ever refused.
extension Resolver {
  func checkField(_ owner: Expression, _ name: Identifier) {
    switch certainType(of: owner, in: scope) {
    case .named(let type)?:
      if let description = surroundings.vocabulary.types[type] {
        reportField(name, Self.article(type), among: description.fields.map(\.name))
      } else if Self.typesWithoutFields.contains(type) {
        report(
          "unknown-field", "\(Self.article(type)) has no field `\(name.span.text)`", at: name.span,
          help: type == "list" ? [elementwise(owner, name)] : [])
      }
    case .record(let fields, _, let span)?:
      reportField(
        name, "the record", among: fields.map(\.name),
        related: span.end <= name.span.start && span.source === name.span.source
          ? [Diagnostic.Label(span, "the record")] : [])
    case nil: break
    }
  }

  private func reportField(
    _ name: Identifier, _ owner: String, among known: [String], related: [Diagnostic.Label] = []
  ) {
    if known.contains(name.name) { return }
    let suggestions = Suggestions.best(for: name.name, among: known)
    let list = known.map { "`\($0)`" }.joined(separator: ", ")
    report(
      "unknown-field", "\(owner) has no field `\(name.span.text)`", at: name.span,
      help: [
        suggestions.first.map { "did you mean `\($0)`?" }
          ?? (known.isEmpty ? "it has no fields" : "its fields are \(list)")
      ], suggestions: suggestions, related: related)
  }

  /// `runs.eg` as it is written for a list of runs.
  private func elementwise(_ owner: Expression, _ name: Identifier) -> String {
    let written = owner.span.text
    let list = written.count < 30 && written != "x" ? written : "xs"
    return "`[x.\(name.span.text) for x in \(list)]` takes it of each element"
  }

  // MARK: Types

  /// What is certain of a value.
  enum CertainType {
    /// A type of the vocabulary or of the language, in the user's words.
    case named(String)
    /// A record as written, and the scope that its fields were written in.
    case record([(name: String, value: Expression)], Scope, Span)
  }

  private static let typesWithoutFields: Set<String> = [
    "number", "truth value", "string", "list", "matrix", "function",
  ]

  private static func article(_ type: String) -> String {
    "\("aeiou".contains(type.first ?? "x") ? "an" : "a") \(type)"
  }

  private func certainType(
    of expression: Expression, in scope: Scope, depth: Int = 0
  ) -> CertainType? {
    // `x = x.y` refers to itself.
    guard depth < 8 else { return nil }
    switch expression.kind {
    case .number: return .named("number")
    case .bool, .comparison, .and, .or, .not: return .named("truth value")
    case .string: return .named("string")
    case .list, .range, .comprehension: return .named("list")
    case .matrix: return .named("matrix")
    case .lambda: return .named("function")
    case .negate(let value):
      return isNumber(value, scope, depth) ? .named("number") : nil
    case .binary(_, let a, let b, _):
      return isNumber(a, scope, depth) && isNumber(b, scope, depth) ? .named("number") : nil
    case .record(let arguments): return record(arguments, scope, expression.span)
    case .call(let callee, _, _):
      guard case .name(let name) = callee.kind, self.scope.find(name) == nil,
        resolution.top.names.counts[name] == nil
      else { return nil }
      return certainFunction(callee)?.1.result.map { .named($0) }
    case .name(let name):
      guard let (value, owner) = scope.certainValue(name) else { return nil }
      return certainType(of: value, in: owner, depth: depth + 1)
    case .field(let owner, let name):
      switch certainType(of: owner, in: scope, depth: depth + 1) {
      case .named(let type)?:
        let fields = surroundings.vocabulary.types[type]?.fields
        return fields?.first { $0.name == name.name }?.type.map { .named($0) }
      case .record(let fields, let inside, _)?:
        guard let field = fields.first(where: { $0.name == name.name }) else { return nil }
        return certainType(of: field.value, in: inside, depth: depth + 1)
      case nil: return nil
      }
    default: return nil
    }
  }

  private func isNumber(_ expression: Expression, _ scope: Scope, _ depth: Int) -> Bool {
    if case .named("number")? = certainType(of: expression, in: scope, depth: depth + 1) {
      true
    } else {
      false
    }
  }

  /// A record without spreads, whose fields are all known.
  private func record(_ arguments: [Argument], _ scope: Scope, _ span: Span) -> CertainType? {
    var fields: [(name: String, value: Expression)] = []
    for argument in arguments {
      guard case .named(let name, let value) = argument else { return nil }
      fields.append((name.name, value))
    }
    return .record(fields, scope, span)
  }
}
