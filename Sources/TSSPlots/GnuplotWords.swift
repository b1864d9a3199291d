/// Words in gnuplot's scripts.
extension GnuplotScript {
  /// Single quotes: in double ones gnuplot runs what stands between backquotes.
  func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
  }

  /// A user's words, none of which gnuplot takes for markup.
  func label(_ text: String) -> String {
    let markup = Markup(text)
    if markup.isLevel { return quoted(markup.text(ascii: false)) + " noenhanced" }
    return quoted(
      markup.parts.map { part in
        switch part {
        case .level(let text): return escaped(text)
        case .lowered(let text): return "_{\(escaped(text))}"
        case .raised(let text): return "^{\(escaped(text))}"
        }
      }.joined()) + " enhanced"
  }

  private func escaped(_ text: String) -> String {
    text.map { character in
      switch character {
      // The svg terminal writes an escaped ampersand as it is, which is no XML.
      case "&": return "\\046"
      case "_", "^", "{", "}", "@", "~", "\\": return "\\\(character)"
      default: return String(character)
      }
    }.joined()
  }
}
