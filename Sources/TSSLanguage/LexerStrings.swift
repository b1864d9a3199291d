/// Strings, with escapes and with values in braces.
///
/// The tokens of `{expression:format}` go into the same stream as all others, so that the parser
/// needs nothing special for them and every span is right without arithmetic.
extension Lexer {
  /// At an opening quote.
  mutating func string() throws(Diagnostic) {
    if byte(1) == UInt8(ascii: "\""), byte(2) == UInt8(ascii: "\"") {
      throw error(
        "triple-quote", "strings have one quote at each end", position, position + 3,
        help: "strings stay on one line; a line break inside one is written \\n")
    }
    let start = position
    position += 1
    try text(ofStringAt: start, isFirst: true)
  }

  /// Text up to the closing quote or to the next value.
  private mutating func text(ofStringAt start: Int, isFirst: Bool) throws(Diagnostic) {
    let textStart = isFirst ? start : position
    var text: [UInt8] = []
    while position < bytes.count, byte(0) != UInt8(ascii: "\n") {
      let here = position
      switch byte(0) {
      case UInt8(ascii: "\""):
        position += 1
        let string = String(decoding: text, as: UTF8.self)
        if isFirst { return append(.string(string), from: start, to: position) }
        if !text.isEmpty { append(.text(string), from: textStart, to: here) }
        return append(.stringEnd, from: here, to: position)
      case UInt8(ascii: "\\"): try escape(into: &text, ofStringAt: start)
      case UInt8(ascii: "{") where byte(1) == UInt8(ascii: "{"),
        UInt8(ascii: "}") where byte(1) == UInt8(ascii: "}"):
        text.append(byte(0))
        position += 2
      case UInt8(ascii: "{"):
        try rejectEmptyValue()
        if isFirst { append(.stringStart, from: start, to: start + 1) }
        if !text.isEmpty {
          let string = String(decoding: text, as: UTF8.self)
          append(.text(string), from: max(textStart, start + 1), to: here)
        }
        position += 1
        openStrings.append(OpenString(start: start, brace: here))
        return append(.symbol(.interpolation), from: here, to: position)
      case UInt8(ascii: "}"):
        throw error(
          "lone-brace", "a `}` stands alone in this string", here, here + 1,
          help: "a brace that is meant as text is written twice: }}")
      case let byte:
        text.append(byte)
        position += 1
      }
    }
    throw unclosedString(start)
  }

  /// Inside `{…}`: the colon that begins the format and the brace that ends the value. Brackets
  /// hide both.
  mutating func endOfValue() throws(Diagnostic) -> Bool {
    let last = openStrings.count - 1
    switch byte(0) {
    case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): openStrings[last].brackets += 1
    case UInt8(ascii: ")"), UInt8(ascii: "]"): openStrings[last].brackets -= 1
    case UInt8(ascii: "}") where openStrings[last].brackets > 0: openStrings[last].brackets -= 1
    case UInt8(ascii: "}"):
      append(.symbol(.interpolationEnd), from: position, to: position + 1)
      position += 1
      try text(ofStringAt: openStrings.removeLast().start, isFirst: false)
      return true
    case UInt8(ascii: ":") where openStrings[last].brackets <= 0:
      try format(ofStringAt: openStrings[last].start)
      return true
    default: break
    }
    return false
  }

  private mutating func format(ofStringAt start: Int) throws(Diagnostic) {
    let colon = position
    position += 1
    if position >= bytes.count { throw unclosedString(start) }
    while byte(0) != UInt8(ascii: "}") {
      switch byte(0) {
      case UInt8(ascii: "{"):
        throw error(
          "nested-format", "a format cannot contain values", position, position + 1,
          help: "the digits are written out, as in {x:.3f}")
      case UInt8(ascii: "\""), UInt8(ascii: "\n"):
        throw unclosedString(start)
      default: position += 1
      }
      if position >= bytes.count { throw unclosedString(start) }
    }
    let format = String(decoding: bytes[colon + 1..<position], as: UTF8.self)
    append(.format(format), from: colon + 1, to: position)
  }

  private mutating func escape(
    into text: inout [UInt8], ofStringAt string: Int
  ) throws(Diagnostic) {
    let start = position
    position += 2
    switch byte(-1) {
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): text.append(byte(-1))
    case UInt8(ascii: "u") where byte(0) == UInt8(ascii: "{"):
      var end = position + 1
      while end < bytes.count, bytes[end] != UInt8(ascii: "}"), end - position < 10 { end += 1 }
      let digits = String(decoding: bytes[position + 1..<end], as: UTF8.self)
      guard end < bytes.count, bytes[end] == UInt8(ascii: "}"),
        let scalar = UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init)
      else {
        throw error(
          "escape", "this is no character's number", start, end,
          help: "a character is written by its number in hexadecimal, as \\u{3b7} for η")
      }
      text.append(contentsOf: String(Character(scalar)).utf8)
      position = end + 1
    default:
      // The escaped character as a whole, which may be several bytes.
      var end = start + 2
      while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
      end = min(end, bytes.count)
      if end == start + 1 || bytes[start + 1] == 0x0A { throw unclosedString(string) }
      let written = String(decoding: bytes[start..<end], as: UTF8.self)
      throw error(
        "escape", "`\(written)` means nothing in a string", start, end,
        help: bytes[start + 1] == UInt8(ascii: "{")
          ? "a brace that is meant as text is written twice: {{"
          : "a backslash is written \\\\; the others are \\n \\t \\r \\\" \\u{3b7}")
    }
  }

  private mutating func rejectEmptyValue() throws(Diagnostic) {
    var end = position + 1
    while end < bytes.count, bytes[end] == UInt8(ascii: " ") { end += 1 }
    guard end < bytes.count, bytes[end] == UInt8(ascii: "}") else { return }
    throw error(
      "empty-value", "these braces are empty", position, end + 1,
      help: "a value goes in, as in {x}; braces that are meant as text are written {{ and }}")
  }

  func unclosedString(_ start: Int) -> Diagnostic {
    if let brace = openStrings.last?.brace {
      return error(
        "unclosed-value", "this `{` in a string is never closed", brace, brace + 1,
        help: "a value, with or without a format, ends with a brace: {x:.3f}")
    }
    var end = start
    while end < bytes.count, bytes[end] != UInt8(ascii: "\n"), bytes[end] != UInt8(ascii: "\r") {
      end += 1
    }
    return error(
      "unclosed-string", "this string is never closed", start, max(end, start + 1),
      help: "strings stay on one line; a line break inside one is written \\n")
  }
}
