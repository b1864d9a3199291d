import TSSLanguage
import TSSLibrary

extension Session {
  /// What is known of a name: how it is called, what it is, its arguments, examples. nil where
  /// there is no such name.
  public func help(_ name: String) -> String? {
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

extension Value {
  /// On one line, strings in quotes, as it would stand inside a list.
  public var describe: String {
    if case .string(let text) = self { text.quoted } else { printed() }
  }
}
