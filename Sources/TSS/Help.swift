import TSSLanguage

extension Function {
  /// How it is called, on one line: `student(K, g=erf, v=1)`.
  var call: String {
    let parameters = signature.parameters.map { parameter in
      switch parameter.requirement {
      case .required: parameter.name
      case .optional(let value): "\(parameter.name)=\(value.isEmpty ? "…" : value)"
      case .rest: "\(parameter.name)…"
      }
    }
    return "\(name ?? "function")(\(parameters.joined(separator: ", ")))"
  }
}

extension Session {
  /// What is known of a name: how it is called, what it is, its arguments, examples. nil where
  /// there is no such name.
  public func help(_ name: String) -> String? {
    let name = Greek.canonicalName(name)
    let entry = engine.vocabulary.entries[name]
    guard let value = interpreter[global: name] ?? entry?.value else { return nil }
    guard case .function(let function) = value else {
      let text = interpreter[global: name] == nil ? entry?.documentation.text ?? "" : ""
      return "\(name): \(value.kindName)" + (text.isEmpty ? "" : "\n  \(text)")
    }
    return Self.text(of: function)
  }

  private static func text(of function: Function) -> String {
    var lines = [function.call]
    let documentation = function.documentation
    if !documentation.text.isEmpty {
      lines += documentation.text.split(separator: "\n").map { "  \($0)" }
    }
    let described = function.signature.parameters.filter {
      !$0.documentation.isEmpty || !$0.choices.isEmpty
    }
    if !described.isEmpty {
      lines.append("")
      let width = described.map(\.name.count).max() ?? 0
      for parameter in described {
        let choices = parameter.choices.joined(separator: ", ")
        let parts = [parameter.documentation, choices.isEmpty ? "" : "one of \(choices)"]
        let padding = String(repeating: " ", count: width - parameter.name.count)
        lines.append(
          "  \(parameter.name)\(padding)  "
            + parts.filter { !$0.isEmpty }.joined(separator: "; "))
      }
    }
    for example in documentation.examples {
      lines.append("")
      lines.append("  >>> \(example.code)")
      lines += example.output.split(separator: "\n").map { "  \($0)" }
    }
    if !documentation.seeAlso.isEmpty {
      lines += ["", "  See also: " + documentation.seeAlso.joined(separator: ", ")]
    }
    return lines.joined(separator: "\n")
  }
}

extension Value {
  /// On one line, strings in quotes, as it would stand inside a list.
  public var describe: String {
    if case .string(let text) = self { text.quoted } else { printed() }
  }
}
