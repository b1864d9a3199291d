/// Whether a text can be run as it stands, which the prompt asks at every Enter.
public enum Completeness: Sendable {
  case complete
  /// More lines may make it a program. The next one is indented by that many spaces.
  case incomplete(indent: Int)
  /// No further line can make it a program.
  case wrong(Diagnostic)
}

extension Parser {
  /// Judges the lines typed so far: what may follow them begins on a new line.
  public static func completeness(of text: String) -> Completeness {
    let source = Source(name: "<input>", text: text.hasSuffix("\n") ? text : text + "\n")
    do throws(Diagnostic) {
      _ = try parse(source, isPrompt: true)
      // What `##` lines document is still to come; an empty line gives up on it.
      let (lexer, tokens) = Lexer.lex(source)
      return lexer.documentation[tokens.count - 1] == nil ? .complete : .incomplete(indent: 0)
    } catch {
      guard case .syntax(isIncomplete: true) = error.stage else { return .wrong(error) }
      return .incomplete(indent: indentation(after: source))
    }
  }

  /// Two spaces for every line that opens brackets which are still open at the end.
  private static func indentation(after source: Source) -> Int {
    var lines: [Int] = []
    var line = 0
    for token in Lexer.lex(source).tokens {
      while line + 1 < source.lineStarts.count, source.lineStarts[line + 1] <= token.start {
        line += 1
      }
      switch token.kind {
      case .symbol(.openParenthesis), .symbol(.openBracket), .symbol(.openBrace):
        lines.append(line)
      case .symbol(.closeParenthesis), .symbol(.closeBracket), .symbol(.closeBrace):
        _ = lines.popLast()
      default: break
      }
    }
    return 2 * Set(lines).count
  }
}
