/// Marks and characters of other languages, each with what to write instead.
extension Lexer {
  /// Spelling and help, the longer spellings first.
  private static let foreignOperators: [(spelling: [UInt8], help: String)] = [
    ("===", "write `==`"), ("!==", "write `!=`"), ("...", "write `..`"),
    ("**", "a power is written with `^`"), ("&&", "write `and`"), ("||", "write `or`"),
    (":=", "write `=`"), ("=>", "an anonymous function is written with `->`: x -> x^2"),
    ("<>", "write `!=`"), ("~=", "write `!=` for not equal, `≈` for nearly equal"),
    ("//", "comments begin with `#`; a whole quotient is floor(a/b)"),
    ("/*", "comments begin with `#` and end with the line"),
    (".+", "`+` adds lists and matrices elementwise"),
    (".-", "`-` subtracts lists and matrices elementwise"),
    ("!", "write `not`"), ("&", "write `and`"), ("|", "write `or`; a pipe is `|>`"),
    ("~", "write `not`"), ("%", "the remainder is mod(a, b); comments begin with `#`"),
    ("?", "a choice is written  if c { a } else { b }"),
    ("@", "a product of matrices is written with `*`"),
    ("$", "names have no `$`; in a string a value is written {x}"),
    ("\\", "the solution of A x = b is inv(A)*b; a line goes on inside brackets"),
    ("`", "strings are written with double quotes"),
  ].map { (Array($0.0.utf8), $0.1) }

  /// What foreign operators begin with: most marks are none, and are not compared with any.
  private static let foreignBeginnings: [Bool] = (0..<128).map { byte in
    "+-".utf8.contains(UInt8(byte))
      || foreignOperators.contains { Int($0.spelling[0]) == byte }
  }

  func rejectForeignOperator() throws(Diagnostic) {
    guard Lexer.foreignBeginnings[Int(byte(0))] || byte(1) == UInt8(ascii: "=") else { return }
    if byte(0) == UInt8(ascii: "\\"), !openStrings.isEmpty {
      throw error(
        "escape", "there are no escapes inside the braces of a string", position, position + 1,
        help: "a string in there is written as anywhere: \"{r[\"K\"]}\"")
    }
    let rest = bytes[position..<min(position + 3, bytes.count)]
    if rest.starts(with: "!=".utf8), rest.last != UInt8(ascii: "=") || rest.count == 2 { return }
    if rest.starts(with: "|>".utf8) { return }
    try rejectUpdate()
    for (spelling, help) in Lexer.foreignOperators where rest.starts(with: spelling) {
      let mark = String(decoding: spelling, as: UTF8.self)
      throw error(
        "foreign-operator", "`\(mark)` is not an operator here", position,
        position + spelling.count, help: help)
    }
  }

  /// `x += 1`, `x++`: there is assignment only.
  private func rejectUpdate() throws(Diagnostic) {
    let mark = byte(0)
    guard "+-*/^".utf8.contains(mark) else { return }
    let sign = String(decoding: [mark], as: UTF8.self)
    if byte(1) == UInt8(ascii: "="), byte(2) != UInt8(ascii: "=") {
      let target = statementText(upTo: position)
      let value = lineText(from: position + 2)
      throw error(
        "foreign-operator", "`\(sign)=` is not an operator here", position, position + 2,
        help: "write `\(target) = \(target) \(sign) \(value.isEmpty ? "…" : value)`")
    }
    // Between two terms `--` is a difference and a sign; with nothing after it, C's decrement.
    if byte(1) == mark, "+-".utf8.contains(mark), endsStatement(at: position + 2) {
      let target = statementText(upTo: position)
      throw error(
        "foreign-operator", "`\(sign)\(sign)` is not an operator here", position, position + 2,
        help: target.isEmpty ? nil : "write `\(target) = \(target) \(sign) 1`")
    }
  }

  /// A quote that transposes nothing.
  func foreignQuote() -> Diagnostic {
    var end = position + 1
    while end < bytes.count, bytes[end] != UInt8(ascii: "\n"), bytes[end] != UInt8(ascii: "'") {
      end += 1
    }
    guard end < bytes.count, bytes[end] == UInt8(ascii: "'") else {
      return error(
        "foreign-quote", "this quote closes nothing", position, position + 1,
        help: "strings are written with double quotes; a transpose touches its matrix: A'")
    }
    let text = String(decoding: bytes[position + 1..<end], as: UTF8.self)
    return error(
      "foreign-quote", "strings are written with double quotes", position, end + 1,
      help: "write \"\(text)\"")
  }

  /// What a mathematician or a word processor writes, and how it is written here.
  private static let foreignCharacters: [Unicode.Scalar: String] = [
    "−": "write `-`", "–": "write `-`", "—": "write `-`", "×": "write `*`", "·": "write `*`",
    "⋅": "write `*`", "∗": "write `*`", "∘": "write `.*`", "⊙": "write `.*`", "÷": "write `/`",
    "∕": "write `/`", "√": "write sqrt(x)", "∞": "write inf", "∆": "the letter is Δ or Delta",
    "∑": "write sum(xs)", "∏": "write product(xs)", "→": "write `->`",
    "⇒": "write `->`", "↦": "write `->`", "←": "write `=`", "≔": "write `=`", "∈": "write `in`",
    "∧": "write `and`", "∨": "write `or`", "¬": "write `not`", "≡": "write `==`",
    "≃": "write `≈`", "≅": "write `≈`", "∼": "write `≈`", "…": "write `..`", "“": "write `\"`",
    "”": "write `\"`", "„": "write `\"`", "‘": "write `\"` around strings",
    "’": "write `'` for a transpose, `\"` around strings", "′": "write `'` for a transpose",
    "°": "write the angle in radians: 90*π/180", "±": "write both: a + b and a - b",
    "⟨": "write mean(xs)", "⟩": "write mean(xs)", "⊤": "write `'` for a transpose",
    "，": "write `,`", "；": "write `;`", "：": "write `:`", "（": "write `(`", "）": "write `)`",
    "＝": "write `=`",
  ]

  func foreignCharacter(_ scalar: Unicode.Scalar, _ length: Int) -> Diagnostic {
    if scalar == "\u{FFFD}" {
      return error(
        "not-utf8", "this text is not valid UTF-8", position, position + length,
        help: "save the file as UTF-8")
    }
    if let help = Lexer.foreignCharacters[scalar] {
      return error(
        "foreign-character", "`\(scalar)` is not part of the language", position,
        position + length, help: help)
    }
    if let power = Lexer.superscripts[scalar] {
      return error(
        "superscript", "superscripts are not part of the language", position, position + length,
        help: power == "'" ? "a transpose is written A'" : "a power is written x^\(power)")
    }
    return unexpectedCharacter()
  }

  func unexpectedCharacter() -> Diagnostic {
    let (scalar, length) = scalar(at: position)
    let number =
      "U+" + String(repeating: "0", count: max(0, 4 - hexadecimal(scalar).count))
      + hexadecimal(scalar)
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator, .nonspacingMark, .enclosingMark, .spacingMark:
      return error(
        "character", "an invisible character stands here (\(number))", position,
        position + length, help: "delete it")
    default:
      return error(
        "character", "`\(scalar)` (\(number)) is not part of the language", position,
        position + length)
    }
  }

  private func hexadecimal(_ scalar: Unicode.Scalar) -> String {
    String(scalar.value, radix: 16, uppercase: true)
  }

  /// `#include` is a comment, which nobody means by it.
  func rejectInclude(_ comment: ArraySlice<UInt8>) throws(Diagnostic) {
    guard comment.starts(with: "#include".utf8) else { return }
    let rest = comment.dropFirst(8).drop { $0 == UInt8(ascii: " ") }
    guard rest.first == UInt8(ascii: "\"") || rest.first == UInt8(ascii: "<") else { return }
    let file = rest.dropFirst().prefix { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: ">") }
    throw error(
      "foreign-include", "`#` begins a comment, so this includes nothing", comment.startIndex,
      comment.startIndex + 8, help: "write  use \"\(String(decoding: file, as: UTF8.self))\"")
  }

  /// A number that goes on in a way that numbers do not.
  func rejectOddNumber(from start: Int) throws(Diagnostic) {
    let text = bytes[start..<position]
    if byte(0) == UInt8(ascii: "_") {
      throw error(
        "number", "a `_` in a number stands between digits", position, position + 1)
    }
    if text.contains(UInt8(ascii: ".")), byte(0) == UInt8(ascii: "."), isDigit(byte(1)) {
      var end = position
      while end < bytes.count, isDigit(bytes[end]) || bytes[end] == UInt8(ascii: ".") { end += 1 }
      throw error("number", "a number has one decimal point", start, end)
    }
    if text.elementsEqual("0".utf8), byte(0) | 0x20 == UInt8(ascii: "x"),
      isDigit(byte(1)) || byte(1) | 0x20 &- UInt8(ascii: "a") < 6
    {
      var end = position
      while end < bytes.count, isNameByte(bytes[end]) { end += 1 }
      let digits = String(decoding: bytes[position + 1..<end], as: UTF8.self)
      throw error(
        "number", "numbers are decimal", start, end,
        help: UInt64(digits, radix: 16).map { "write \($0)" })
    }
  }

  private func endsStatement(at offset: Int) -> Bool {
    var offset = offset
    while offset < bytes.count, bytes[offset] == UInt8(ascii: " ") { offset += 1 }
    return offset >= bytes.count || "\r\n;})],#".utf8.contains(bytes[offset])
  }

  /// The statement so far, as far as it stands on this line: the target of `x += 1`.
  private func statementText(upTo end: Int) -> String {
    var start = end
    while start > 0, !"\n;{}#".utf8.contains(bytes[start - 1]) { start -= 1 }
    return trimmed(bytes[start..<end])
  }

  /// What follows on the line, up to the end of the statement.
  private func lineText(from start: Int) -> String {
    var end = start
    while end < bytes.count, !"\n;})],#".utf8.contains(bytes[end]) { end += 1 }
    return trimmed(bytes[min(start, bytes.count)..<end])
  }

  private func trimmed(_ text: ArraySlice<UInt8>) -> String {
    var text = text
    while let last = text.last, last <= 0x20 { text.removeLast() }
    while let first = text.first, first <= 0x20 { text.removeFirst() }
    return String(decoding: text, as: UTF8.self)
  }
}
