/// Which characters make names, and the decoding of UTF-8.
extension Lexer {
  func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  func isNameByte(_ byte: UInt8) -> Bool {
    byte | 0x20 &- UInt8(ascii: "a") < 26 || isDigit(byte) || byte == UInt8(ascii: "_")
  }

  /// The character at an offset and the number of its bytes. The text of a source is valid UTF-8.
  func scalar(at offset: Int) -> (Unicode.Scalar, length: Int) {
    let lead = bytes[offset]
    let length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
    var value = UInt32(lead) & (length == 1 ? 0x7F : 0x7F >> UInt32(length))
    for index in 1..<max(1, length) where length > 1 {
      value = value << 6 | UInt32(bytes[offset + index] & 0x3F)
    }
    return (Unicode.Scalar(value) ?? "\u{FFFD}", length)
  }

  func startsName(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .otherLetter: true
    case .modifierLetter: Lexer.superscripts[scalar] == nil
    default: false
    }
  }

  /// Letters, subscript digits, and the accents that combine with a letter (x̂).
  func continuesName(_ scalar: Unicode.Scalar) -> Bool {
    if ("₀"..."₉").contains(scalar) || startsName(scalar) { return true }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .spacingMark: return true
    default: return false
    }
  }

  /// Superscripts, which names do not contain, and what they are in an exponent.
  static let superscripts: [Unicode.Scalar: String] = [
    "⁰": "0", "¹": "1", "²": "2", "³": "3", "⁴": "4", "⁵": "5", "⁶": "6", "⁷": "7", "⁸": "8",
    "⁹": "9", "⁻": "-", "ⁿ": "n", "ⁱ": "i", "ᵀ": "'", "ᵗ": "'",
  ]

  /// After a name or a number: `x²` is an error that offers `x^2`.
  func rejectSuperscript(after start: Int) throws(Diagnostic) {
    var end = position
    var exponent = ""
    while end < bytes.count, bytes[end] >= 0x80 {
      let (scalar, length) = scalar(at: end)
      guard let part = Lexer.superscripts[scalar] else { break }
      exponent += part
      end += length
    }
    if exponent.isEmpty { return }
    let base = String(decoding: bytes[start..<position], as: UTF8.self)
    let raised = exponent == "'" ? "\(base)'" : "\(base)^\(exponent)"
    throw error(
      "superscript", "superscripts are not part of the language", position, end,
      help: "write `\(raised)`")
  }
}
