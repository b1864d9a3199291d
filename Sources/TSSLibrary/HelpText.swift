import TSSLanguage

/// The text that `help(f)` and the prompt's `?f` show.
public enum HelpText {
  /// `name(a, b=1, …)`, as messages show how a function is called.
  public static func signature(of function: Function) -> String {
    let parameters = function.signature.parameters.map(parameter)
    return "\(function.name ?? "")(\(parameters.joined(separator: ", ")))"
  }

  /// One parameter of it: `K`, `g=erf`, `values…`.
  public static func parameter(_ parameter: Parameter) -> String {
    switch parameter.requirement {
    case .required: parameter.name
    case .optional(let value): "\(parameter.name)=\(value.isEmpty ? "…" : value)"
    case .rest: "\(parameter.name)…"
    }
  }

  /// Signature, parameters, the paragraph, examples and related functions.
  public static func text(for function: Function, width: Int = 80) -> String {
    var lines = [signature(of: function)]
    let documentation = function.documentation
    if !documentation.text.isEmpty {
      lines.append("")
      lines += wrapped(documentation.text, width: width, indent: "  ")
    }
    let described = function.signature.parameters.filter { !$0.documentation.isEmpty }
    if !described.isEmpty {
      lines.append("")
      let column = described.map(\.name.count).max()!
      for parameter in described {
        let head = "  " + parameter.name
        let gap = String(repeating: " ", count: column - parameter.name.count + 2)
        var text = parameter.documentation
        if !parameter.choices.isEmpty { text += ": " + parameter.choices.joined(separator: ", ") }
        let indent = String(repeating: " ", count: column + 4)
        var body = wrapped(text, width: width, indent: indent)
        body[0] = head + gap + body[0].dropFirst(indent.count)
        lines += body
      }
    }
    if !documentation.examples.isEmpty {
      lines.append("")
      for example in documentation.examples {
        lines.append("  >>> " + example.code)
        if !example.output.isEmpty {
          lines += example.output.split(separator: "\n").map { "  " + $0 }
        }
      }
    }
    if !documentation.seeAlso.isEmpty {
      lines.append("")
      lines.append("  see also: " + documentation.seeAlso.joined(separator: ", "))
    }
    return lines.joined(separator: "\n")
  }

  /// Lines broken between words; the breaks that the text has are kept.
  static func wrapped(_ text: String, width: Int, indent: String) -> [String] {
    var lines: [String] = []
    for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
      var line = indent
      for word in paragraph.split(separator: " ") {
        if line.count > indent.count, line.count + 1 + word.count > width {
          lines.append(line)
          line = indent
        }
        line += (line.count > indent.count ? " " : "") + word
      }
      lines.append(line.count > indent.count ? line : "")
    }
    return lines
  }
}
