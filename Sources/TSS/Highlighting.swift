import TSSLanguage

/// A piece of a program that an editor shows in a style of its own.
public struct HighlightedSpan: Sendable, Hashable {
  public enum Style: String, Sendable, CaseIterable {
    case keyword, number, string, comment
    /// A name that is called.
    case function
    /// `K` of `K=4`, in a call or a record.
    case argument
    /// A closing bracket that closes nothing.
    case strayBracket
  }

  /// UTF-8 bytes of the text.
  public var range: Range<Int>
  public var style: Style

  public init(range: Range<Int>, style: Style) {
    self.range = range
    self.style = style
  }
}

extension Session {
  /// How an editor may colour a text, be it finished, unfinished or wrong. In the order of the
  /// text and without overlaps; what is between the spans is plain. Nothing is run.
  public func highlight(_ text: String) -> [HighlightedSpan] {
    let tokens = Lexer.lex(Source(name: "<highlight>", text: text)).tokens
    let bytes = Array(text.utf8)
    var spans: [HighlightedSpan] = []
    var brackets = BracketStack()
    var last = 0
    for (index, token) in tokens.enumerated() {
      // A string that is not closed is found wrong from its start, after tokens of its values.
      let start = max(token.start, last)
      if let comment = Self.comment(in: bytes, last..<min(start, bytes.count)) {
        spans.append(HighlightedSpan(range: comment, style: .comment))
      }
      last = max(last, token.end)
      let isStray = brackets.isStray(token, index)
      let next = index + 1 < tokens.count ? tokens[index + 1] : nil
      if let style = isStray ? .strayBracket : style(of: token, next, bytes, brackets),
        start < token.end
      {
        spans.append(HighlightedSpan(range: start..<token.end, style: style))
      }
    }
    return spans
  }

  private func style(
    of token: Token, _ next: Token?, _ bytes: [UInt8], _ brackets: BracketStack
  ) -> HighlightedSpan.Style? {
    switch token.kind {
    case .number, .symbol(.true), .symbol(.false): return .number
    case .string, .stringStart, .text, .format, .stringEnd: return .string
    // A string that is still being written.
    case .wrong: return bytes[token.start] == UInt8(ascii: "\"") ? .string : nil
    case .symbol(let symbol): return symbol.isKeyword ? .keyword : nil
    case .name:
      guard let next else { return nil }
      if next.kind.is(.openParenthesis), next.touches { return .function }
      return next.kind.is(.assign) && brackets.isInParentheses ? .argument : nil
    case .newline, .end: return nil
    }
  }

  private static func comment(in bytes: [UInt8], _ gap: Range<Int>) -> Range<Int>? {
    guard gap.lowerBound < gap.upperBound,
      let start = bytes[gap].firstIndex(of: UInt8(ascii: "#"))
    else { return nil }
    var end = gap.upperBound
    while end > start, bytes[end - 1] == UInt8(ascii: "\n") { end -= 1 }
    return start..<end
  }

  /// The bracket at the cursor, or else directly before it, and its partner: where each of them
  /// stands, in UTF-8 bytes. nil where there is no bracket or it has no partner.
  public func matchingBrackets(in text: String, at cursor: Int) -> (Int, Int)? {
    let tokens = Lexer.lex(Source(name: "<brackets>", text: text)).tokens
    var brackets = BracketStack()
    for (index, token) in tokens.enumerated() { _ = brackets.isStray(token, index) }
    for place in [cursor, cursor - 1] {
      for (open, close) in brackets.pairs
      where tokens[open].start == place || tokens[close].start == place {
        return (tokens[open].start, tokens[close].start)
      }
    }
    return nil
  }
}

/// Follows the brackets of a text.
private struct BracketStack {
  private var open: [(symbol: Symbol, token: Int)] = []
  /// Indices of tokens.
  private(set) var pairs: [(open: Int, close: Int)] = []

  private static let partners: [Symbol: Symbol] = [
    .closeParenthesis: .openParenthesis, .closeBracket: .openBracket, .closeBrace: .openBrace,
    .interpolationEnd: .interpolation,
  ]

  var isInParentheses: Bool { open.last?.symbol == .openParenthesis }

  /// Takes a token into account; true for a closing bracket that closes nothing.
  mutating func isStray(_ token: Token, _ index: Int) -> Bool {
    guard case .symbol(let symbol) = token.kind else { return false }
    switch symbol {
    case .openParenthesis, .openBracket, .openBrace, .interpolation:
      open.append((symbol, index))
    case .closeParenthesis, .closeBracket, .closeBrace, .interpolationEnd:
      guard let last = open.last, last.symbol == Self.partners[symbol] else { return true }
      open.removeLast()
      pairs.append((last.token, index))
    default: break
    }
    return false
  }
}
