/// An argument of a call: a value at run time, nothing but a place for the static check.
struct Given<Payload> {
  /// Nil for a positional one.
  var name: String?
  var payload: Payload
  /// The name where there is one, else the value.
  var span: Span
  /// The value, at which its own errors point; nil where that is `span`.
  var valueSpan: Span?
  /// A field of a record that was spread, which gives way to a later one and a later one to it.
  var isSpread = false
}

/// The arguments of a call, each at its parameter.
struct Bound<Payload> {
  var values: [Payload?]
  var spans: [Span?]
  var rest: [Payload] = []
  var restSpans: [Span] = []
}

/// Puts arguments to parameters: the one rule for all calls, of host functions and of the user's,
/// at run time and in the check before it.
struct ArgumentBinder {
  let function: String?
  let signature: Signature
  /// The whole call.
  let span: Span?
  /// Whether a spread hides some of the arguments, as it does in the static check.
  var isPartial = false

  func bind<Payload>(_ arguments: [Given<Payload>]) throws(Diagnostic) -> Bound<Payload> {
    let parameters = signature.parameters
    var bound = Bound<Payload>(
      values: .init(repeating: nil, count: parameters.count),
      spans: .init(repeating: nil, count: parameters.count))
    var isSpread = [Bool](repeating: false, count: parameters.count)
    var position = 0
    var firstNamed: Span?
    for argument in arguments {
      guard let name = argument.name else {
        if let firstNamed { throw misplaced(argument.span, after: firstNamed) }
        while position < parameters.count, parameters[position].isNamedOnly { position += 1 }
        guard position < parameters.count else {
          throw tooMany(arguments.filter { $0.name == nil }.count, at: argument.span)
        }
        if parameters[position].requirement == .rest {
          bound.rest.append(argument.payload)
          bound.restSpans.append(argument.span)
        } else {
          bound.values[position] = argument.payload
          bound.spans[position] = argument.span
          position += 1
        }
        continue
      }
      if firstNamed == nil { firstNamed = argument.span }
      guard let index = self.index(of: name) else { throw unknown(argument) }
      if bound.values[index] != nil, !isSpread[index], !argument.isSpread {
        throw twice(name, at: argument.span, before: bound.spans[index])
      }
      bound.values[index] = argument.payload
      bound.spans[index] = argument.valueSpan ?? argument.span
      isSpread[index] = argument.isSpread
    }
    if !isPartial {
      for (index, parameter) in parameters.enumerated()
      where parameter.requirement == .required && bound.values[index] == nil {
        throw missing(parameter)
      }
    }
    return bound
  }

  private func index(of name: String) -> Int? {
    signature.parameters.firstIndex {
      $0.name == name && $0.requirement != .rest && name != "_"
    }
  }

  // MARK: What can be wrong

  private var title: String { function.map { "`\($0)`" } ?? "the function" }

  /// `student(K, g, v, init)`
  private var usage: String { signature.usage(function ?? "f") }

  private func problem(
    _ code: String, _ message: String, at span: Span?, related: [Diagnostic.Label] = [],
    help: String, suggestions: [String] = []
  ) -> Diagnostic {
    Diagnostic(
      .runtime, code, message, at: span, related: related, help: [help], suggestions: suggestions)
  }

  private func unknown<Payload>(_ argument: Given<Payload>) -> Diagnostic {
    let name = argument.name ?? ""
    let known = signature.parameters.filter { $0.requirement != .rest && $0.name != "_" }
      .map(\.name)
    let suggestions = Suggestions.best(for: name, among: known)
    return problem(
      "unknown-argument",
      "\(title) has no argument `\(name)`" + (argument.isSpread ? ", a field of the record" : ""),
      at: argument.span,
      help: (suggestions.first.map { "did you mean `\($0)`?  " } ?? "") + usage,
      suggestions: suggestions)
  }

  private func missing(_ parameter: Parameter) -> Diagnostic {
    problem(
      "missing-argument", "\(title) needs an argument `\(parameter.name)`", at: span, help: usage)
  }

  private func tooMany(_ count: Int, at span: Span) -> Diagnostic {
    let takes = signature.parameters.filter { !$0.isNamedOnly }.count
    let isWhole = takes == signature.parameters.count
    let kind = isWhole ? "argument" : "positional argument"
    let message =
      takes == 0
      ? "\(title) takes no \(kind)s"
      : "\(title) takes \(takes) \(kind)\(takes == 1 ? "" : "s"), not \(count)"
    return problem("too-many-arguments", message, at: span, help: usage)
  }

  private func twice(_ name: String, at span: Span, before: Span?) -> Diagnostic {
    problem(
      "argument-twice", "the argument `\(name)` is given twice", at: span,
      related: before.map { [Diagnostic.Label($0, "first here")] } ?? [], help: usage)
  }

  private func misplaced(_ span: Span, after named: Span) -> Diagnostic {
    problem(
      "positional-after-named", "positional arguments come before the named ones", at: span,
      related: [Diagnostic.Label(named, "a named argument")],
      help: "move it to the left, or name it: " + usage)
  }
}

extension Signature {
  /// The names of the parameters in order, as in a call, without the minor ones:
  /// `student(K, g, v, init)`.
  public func usage(_ function: String) -> String {
    let names = parameters.filter { !$0.isMinor }.map {
      $0.requirement == .rest ? "..\($0.name)" : $0.name
    }
    return "\(function)(\(names.joined(separator: ", ")))"
  }
}
