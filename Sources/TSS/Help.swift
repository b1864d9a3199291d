import TSSLanguage
import TSSLibrary

extension Session {
  /// What is known of a name: how it is called, what it is, its arguments, examples. nil where
  /// there is no such name.
  public func help(_ name: String) -> String? {
    if let text = Self.keywordHelp[name] { return text }
    guard let value = valueIfKnown(name) else { return nil }
    if case .function(let function) = value {
      return HelpText.text(for: function, width: terminal.width)
    }
    let name = Greek.canonicalName(name)
    let isOwn = interpreter.globalNames.contains(name)
    let text = isOwn ? value.describe : engine.vocabulary.entries[name]?.documentation.text ?? ""
    return "\(name): \(value.kindName)" + (text.isEmpty ? "" : "\n\n  \(text)")
  }
}

extension Session {
  /// The text that defines a function of the language; nil for other names.
  public func source(of name: String) -> String? {
    guard case .function(let function)? = valueIfKnown(name) else { return nil }
    return function.definition
  }

  /// Words that are no names but may be asked about.
  private static let keywordHelp: [String: String] = {
    let choice = "if condition { a } else { b }: an expression; without else it may give nothing"
    let sweep = """
      sweep K in 4:10, seed in 1:20 { … }: a table with the value of the block for each point of \
      the grid; the cells run in parallel
      """
    let logic = "and, or, not take true and false only; and, or stop early"
    return [
      "if": choice, "else": choice, "sweep": sweep, "and": logic, "or": logic, "not": logic,
      "for": "for x in xs { … }; more loops after a comma, the last fastest",
      "in": "for x in xs { … }, [f(x) for x in xs], sweep x in xs { … }",
      "while": "while condition { … }",
      "return": "return x: leaves the function, or ends the sweep cell, with that value",
      "use": "use \"file.tss\" or use name: brings the names of a file, or of a library module",
    ]
  }()
}

extension Value {
  /// On one line, strings in quotes, as it would stand inside a list.
  public var describe: String {
    if case .string(let text) = self { text.quoted } else { printed() }
  }
}
