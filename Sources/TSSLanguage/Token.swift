/// The smallest meaningful piece of a program.
package struct Token: Sendable {
  package enum Kind: Sendable {
    case number(Double)
    /// A name in its canonical form.
    case name(String)
    /// A string without values in it. One with values is `stringStart`, then `text` and, between
    /// `interpolation` and `interpolationEnd`, the tokens of an expression and perhaps a `format`,
    /// and at last `stringEnd`.
    case string(String)
    case stringStart
    case text(String)
    case format(String)
    case stringEnd
    case symbol(Symbol)
    /// Only where it may end a statement: never after a token that cannot end an expression, nor
    /// before `|>`.
    case newline
    /// Where the lexer stopped; no rule of the grammar accepts it.
    case wrong
    case end
  }

  package var kind: Kind
  package var start: Int
  package var end: Int
  /// No space stands between this token and the one before.
  package var touches: Bool
  /// It is the first of its line.
  package var startsLine: Bool
}

/// Keywords, operators and brackets, as they are written.
package enum Symbol: String, Sendable, CaseIterable {
  case `if`, `else`, `for`, `in`, `while`, `return`, use, sweep, and, or, not, `true`, `false`

  case plus = "+"
  case minus = "-"
  case times = "*"
  case divide = "/"
  case power = "^"
  case dotTimes = ".*"
  case dotDivide = "./"
  case dotPower = ".^"
  case less = "<"
  case greater = ">"
  case lessOrEqual = "<="
  case greaterOrEqual = ">="
  case equal = "=="
  case notEqual = "!="
  case near = "≈"
  case assign = "="
  case arrow = "->"
  case pipe = "|>"
  case spread = ".."
  case dot = "."
  case comma = ","
  case semicolon = ";"
  case colon = ":"
  case transpose = "'"
  case openParenthesis = "("
  case closeParenthesis = ")"
  case openBracket = "["
  case closeBracket = "]"
  case openBrace = "{"
  case closeBrace = "}"
  case interpolation = "{ in a string"
  case interpolationEnd = "} in a string"

  /// The 13 words that are never names.
  package static let keywords: [String: Symbol] = Dictionary(
    uniqueKeysWithValues: allCases.prefix(13).map { ($0.rawValue, $0) })

  package var isKeyword: Bool { Symbol.keywords[rawValue] != nil }
}

extension Token.Kind {
  /// Whether a statement may end here, so that a line break after it counts.
  var endsExpression: Bool {
    switch self {
    case .number, .name, .string, .stringEnd: true
    case .symbol(let symbol):
      switch symbol {
      case .true, .false, .return, .transpose, .closeParenthesis, .closeBracket, .closeBrace: true
      default: false
      }
    default: false
    }
  }

  package func `is`(_ symbol: Symbol) -> Bool {
    if case .symbol(symbol) = self { true } else { false }
  }
}
