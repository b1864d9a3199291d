/// Cuts a text into tokens, in one pass over its bytes.
///
/// The whole text is cut before it is parsed, so that parser needs no way back. What is no token
/// ends the cutting with a `wrong` token and its error; the parser reports that error only when it
/// gets there, so that the first mistake of a text is the one that is told.
package struct Lexer {
  let source: Source
  let bytes: [UInt8]
  var position = 0
  var tokens: [Token] = []
  /// The `##` lines directly above a token, by the token's index.
  package private(set) var documentation: [Int: String] = [:]
  package private(set) var failure: Diagnostic?

  /// The strings whose `{…}` is being read, innermost last.
  var openStrings: [OpenString] = []
  private var isAtLineStart = true
  private var commentLines: [String] = []
  /// Most words occur many times: what they are is found out once.
  private var knownWords: [String: Token.Kind] = [:]

  struct OpenString {
    var start: Int
    var brace: Int
    /// Brackets that are open inside its `{…}`.
    var brackets = 0
  }

  package static func lex(_ source: Source) -> (lexer: Lexer, tokens: [Token]) {
    var lexer = Lexer(source)
    do throws(Diagnostic) {
      try lexer.run()
    } catch {
      lexer.failure = error
      let start = error.span?.start ?? lexer.position
      lexer.append(.wrong, from: start, to: max(start, min(lexer.position, source.bytes.count)))
    }
    lexer.append(.end, from: lexer.bytes.count, to: lexer.bytes.count)
    return (lexer, lexer.tokens)
  }

  private init(_ source: Source) {
    self.source = source
    bytes = source.bytes
    tokens.reserveCapacity(bytes.count / 3)
  }

  private mutating func run() throws(Diagnostic) {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), 0x0B, 0x0C: position += 1
      case UInt8(ascii: "\n"): try newline()
      case UInt8(ascii: "#"): try comment()
      case UInt8(ascii: "\""): try string()
      case UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
      case UInt8(ascii: "."):
        if isDigit(byte(1)) { try number() } else { try symbol() }
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "_"):
        try word()
      case 0..<0x80: try symbol()
      default: try beyondASCII()
      }
    }
    if let open = openStrings.last { throw unclosedString(open.start) }
  }

  // MARK: Lines and comments

  private mutating func newline() throws(Diagnostic) {
    if let open = openStrings.last { throw unclosedString(open.start) }
    // An empty line separates a comment from what follows.
    if isAtLineStart { commentLines = [] }
    endLine()
  }

  private mutating func endLine() {
    if let last = tokens.last, last.kind.endsExpression {
      append(.newline, from: position, to: min(position + 1, bytes.count))
    }
    position += 1
    isAtLineStart = true
  }

  private mutating func comment() throws(Diagnostic) {
    if let open = openStrings.last {
      throw error(
        "comment-in-string", "a comment cannot stand inside a string", position, position + 1,
        related: [Diagnostic.Label(Span(source, open.start, open.start + 1), "of this string")])
    }
    let start = position
    while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
    guard isAtLineStart else { return }
    let text = bytes[start..<position]
    try rejectInclude(text)
    if text.starts(with: [0x23, 0x23]), text.dropFirst(2).first != 0x23 {
      var line = text.dropFirst(2)
      if line.first == UInt8(ascii: " ") { line = line.dropFirst() }
      if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
      commentLines.append(String(decoding: line, as: UTF8.self))
    }
    // The line break after a comment makes no empty line.
    if position < bytes.count { endLine() }
  }

  // MARK: Words and numbers

  private mutating func word() throws(Diagnostic) {
    let start = position
    while position < bytes.count {
      let byte = bytes[position]
      if byte < 0x80 {
        guard isNameByte(byte) else { break }
        position += 1
      } else {
        let (scalar, length) = scalar(at: position)
        guard continuesName(scalar) else { break }
        position += length
      }
    }
    try rejectSuperscript(after: start)
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if let known = knownWords[text] { return append(known, from: start, to: position) }
    let kind: Token.Kind =
      if let keyword = Symbol.keywords[text] { .symbol(keyword) } else {
        .name(Greek.canonicalName(text))
      }
    knownWords[text] = kind
    append(kind, from: start, to: position)
  }

  private mutating func number() throws(Diagnostic) {
    let start = position
    digits()
    if byte(0) == UInt8(ascii: "."), !dotBelongsToOperator {
      position += 1
      digits()
    }
    if byte(0) | 0x20 == UInt8(ascii: "e") {
      let sign = byte(1) == UInt8(ascii: "+") || byte(1) == UInt8(ascii: "-") ? 1 : 0
      if isDigit(byte(1 + sign)) {
        position += 1 + sign
        digits()
      }
    }
    try rejectOddNumber(from: start)
    append(.number(value(of: bytes[start..<position])), from: start, to: position)
    try rejectSuperscript(after: start)
  }

  /// In `2.^x` and `1..` the dot is the operator's.
  private var dotBelongsToOperator: Bool {
    switch byte(1) {
    case UInt8(ascii: "*"), UInt8(ascii: "/"), UInt8(ascii: "^"), UInt8(ascii: "."): true
    default: false
    }
  }

  private mutating func digits() {
    while isDigit(byte(0))
      || (byte(0) == UInt8(ascii: "_") && isDigit(byte(1)) && position > 0
        && isDigit(bytes[position - 1]))
    {
      position += 1
    }
  }

  private func value(of text: ArraySlice<UInt8>) -> Double {
    // Short whole numbers are most of the numbers, and exact.
    if text.count <= 15, text.allSatisfy(isDigit) {
      return Double(text.reduce(0) { $0 * 10 + Int($1 & 0xF) })
    }
    var plain = text.filter { $0 != UInt8(ascii: "_") }
    // `.5` and `5.` are numbers here, whatever the library thinks of them.
    if let dot = plain.firstIndex(of: UInt8(ascii: ".")) {
      if dot + 1 == plain.count || !isDigit(plain[dot + 1]) {
        plain.insert(UInt8(ascii: "0"), at: dot + 1)
      }
      if dot == 0 { plain.insert(UInt8(ascii: "0"), at: 0) }
    }
    return Double(String(decoding: plain, as: UTF8.self)) ?? .nan
  }

  // MARK: Marks

  private mutating func symbol() throws(Diagnostic) {
    let start = position
    if !openStrings.isEmpty, try endOfValue() { return }
    try rejectForeignOperator()
    let (symbol, length) = longestSymbol()
    guard let symbol else { throw unexpectedCharacter() }
    if symbol == .transpose, !(tokens.last.map { $0.end == start && $0.isOperand } ?? false) {
      throw foreignQuote()
    }
    if symbol == .pipe, case .newline? = tokens.last?.kind { tokens.removeLast() }
    position += length
    append(.symbol(symbol), from: start, to: position)
  }

  private func longestSymbol() -> (Symbol?, length: Int) {
    let pair: Symbol? =
      switch (byte(0), byte(1)) {
      case (UInt8(ascii: "."), UInt8(ascii: "*")): .dotTimes
      case (UInt8(ascii: "."), UInt8(ascii: "/")): .dotDivide
      case (UInt8(ascii: "."), UInt8(ascii: "^")): .dotPower
      case (UInt8(ascii: "."), UInt8(ascii: ".")): .spread
      case (UInt8(ascii: "<"), UInt8(ascii: "=")): .lessOrEqual
      case (UInt8(ascii: ">"), UInt8(ascii: "=")): .greaterOrEqual
      case (UInt8(ascii: "="), UInt8(ascii: "=")): .equal
      case (UInt8(ascii: "!"), UInt8(ascii: "=")): .notEqual
      case (UInt8(ascii: "-"), UInt8(ascii: ">")): .arrow
      case (UInt8(ascii: "|"), UInt8(ascii: ">")): .pipe
      default: nil
      }
    return pair.map { ($0, 2) } ?? (Lexer.singles[Int(byte(0))], 1)
  }

  /// The marks of one character, by their code.
  private static let singles: [Symbol?] = {
    var singles = [Symbol?](repeating: nil, count: 128)
    for symbol in Symbol.allCases where symbol.rawValue.utf8.count == 1 {
      singles[Int(symbol.rawValue.utf8.first!)] = symbol
    }
    return singles
  }()

  private mutating func beyondASCII() throws(Diagnostic) {
    let (scalar, length) = scalar(at: position)
    if scalar.properties.generalCategory == .spaceSeparator {
      position += length
    } else if startsName(scalar) {
      try word()
    } else if let symbol = Lexer.mathematicalSymbols[scalar] {
      append(.symbol(symbol), from: position, to: position + length)
      position += length
    } else {
      throw foreignCharacter(scalar, length)
    }
  }

  private static let mathematicalSymbols: [Unicode.Scalar: Symbol] = [
    "≈": .near, "≤": .lessOrEqual, "≥": .greaterOrEqual, "≠": .notEqual,
  ]

  // MARK: Helpers

  /// The byte that many places further on; zero beyond the end.
  func byte(_ offset: Int) -> UInt8 {
    position + offset < bytes.count ? bytes[position + offset] : 0
  }

  mutating func append(_ kind: Token.Kind, from start: Int, to end: Int) {
    var touches = tokens.last?.end == start
    if case .newline? = tokens.last?.kind { touches = false }
    if case .newline = kind {
    } else {
      if !commentLines.isEmpty {
        if isAtLineStart { documentation[tokens.count] = commentLines.joined(separator: "\n") }
        commentLines = []
      }
    }
    tokens.append(
      Token(
        kind: kind, start: start, end: end, touches: touches,
        startsLine: isAtLineStart))
    isAtLineStart = false
  }

  func error(
    _ code: String, _ message: String, _ start: Int, _ end: Int, help: String? = nil,
    related: [Diagnostic.Label] = []
  ) -> Diagnostic {
    Diagnostic(
      .syntax(isIncomplete: false), code, message, at: Span(source, start, min(end, bytes.count)),
      related: related, help: help.map { [$0] } ?? [])
  }
}

extension Token {
  /// Whether a quote that touches this token transposes it.
  var isOperand: Bool { kind.endsExpression && !kind.is(.return) }
}
