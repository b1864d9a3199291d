extension JSON {
  /// How deep arrays and objects may stand in one another: every level takes some of the stack,
  /// which a forged file could otherwise exhaust.
  public static let deepestNesting = 200

  /// Reads one value from UTF-8.
  ///
  /// - Throws: ``DataError/malformed(_:at:problem:)`` with line and column.
  public init(decoding bytes: [UInt8]) throws(DataError) {
    var parser = JSONParser(bytes)
    do {
      self = try parser.document()
    } catch {
      throw .malformed(.json, at: parser.place(error.offset), problem: error.problem)
    }
  }

  /// Reads one value from text.
  public init(decoding text: String) throws(DataError) { try self.init(decoding: Array(text.utf8)) }
}

/// A parser by recursive descent over bytes: the structure of JSON is ASCII.
private struct JSONParser {
  struct Failure: Error {
    var offset: Int
    var problem: String
  }

  private let bytes: [UInt8]
  private var position = 0
  private var depth = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Line and column of a byte; a column is a character as Unicode counts them.
  func place(_ offset: Int) -> DataError.Place {
    var line = 1
    var column = 1
    for byte in bytes[..<min(offset, bytes.count)] {
      if byte == 0x0A {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    return DataError.Place(line: line, column: column)
  }

  mutating func document() throws(Failure) -> JSON {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    let value = try value()
    skipSpace()
    if position < bytes.count { throw failure("something follows the value") }
    return value
  }

  private func failure(_ problem: String) -> Failure {
    Failure(offset: position, problem: problem)
  }

  private var found: String {
    guard position < bytes.count else { return "the text ends" }
    let rest = String(decoding: bytes[position..<min(bytes.count, position + 16)], as: UTF8.self)
    guard let first = rest.unicodeScalars.first, first.value >= 0x20 else {
      return "there is a control character"
    }
    return "there is `\(first)`"
  }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  private mutating func value() throws(Failure) -> JSON {
    skipSpace()
    guard position < bytes.count else { throw failure("a value is expected, but \(found)") }
    switch bytes[position] {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-") where takeWord("-Infinity"): return .number(-.infinity)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    case UInt8(ascii: "t") where takeWord("true"): return .bool(true)
    case UInt8(ascii: "f") where takeWord("false"): return .bool(false)
    case UInt8(ascii: "n") where takeWord("null"): return .null
    case UInt8(ascii: "N") where takeWord("NaN"): return .number(.nan)
    case UInt8(ascii: "I") where takeWord("Infinity"): return .number(.infinity)
    default: throw failure("a value is expected, but \(found)")
    }
  }

  private mutating func takeWord(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard bytes.count - position >= count else { return false }
    for i in 0..<count where bytes[position + i] != word.utf8Start[i] { return false }
    position += count
    return true
  }

  private mutating func number() throws(Failure) -> JSON {
    guard let scan = NumberText.scan(bytes, from: position, to: bytes.count), scan.isPlain else {
      throw failure("this is not a number as JSON writes them")
    }
    position = scan.end
    return .number(scan.value)
  }

  // MARK: Arrays and objects

  private mutating func enter() throws(Failure) {
    depth += 1
    guard depth <= JSON.deepestNesting else {
      throw failure("values are nested more than \(JSON.deepestNesting) deep")
    }
    position += 1
    skipSpace()
  }

  /// Whether the bracket or brace closes here.
  private mutating func leaves(_ end: UInt8) -> Bool {
    skipSpace()
    guard position < bytes.count, bytes[position] == end else { return false }
    position += 1
    depth -= 1
    return true
  }

  private mutating func expectComma(or end: String) throws(Failure) {
    guard position < bytes.count, bytes[position] == UInt8(ascii: ",") else {
      throw failure("a comma or `\(end)` is expected, but \(found)")
    }
    position += 1
  }

  private mutating func array() throws(Failure) -> JSON {
    try enter()
    var elements: [JSON] = []
    if leaves(UInt8(ascii: "]")) { return .array(elements) }
    while true {
      elements.append(try value())
      if leaves(UInt8(ascii: "]")) { return .array(elements) }
      try expectComma(or: "]")
    }
  }

  private mutating func object() throws(Failure) -> JSON {
    try enter()
    var members: [JSON.Member] = []
    if leaves(UInt8(ascii: "}")) { return .object(members) }
    while true {
      skipSpace()
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
        throw failure("a name in double quotes is expected, but \(found)")
      }
      let key = try string()
      skipSpace()
      guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else {
        throw failure("a colon is expected after a name, but \(found)")
      }
      position += 1
      members.append(JSON.Member(key, try value()))
      if leaves(UInt8(ascii: "}")) { return Self.special(members) ?? .object(members) }
      try expectComma(or: "}")
    }
  }

  /// `{"$number": "nan"}`: the other way to write the numbers that JSON lacks.
  private static func special(_ members: [JSON.Member]) -> JSON? {
    guard members.count == 1, members[0].key == "$number" else { return nil }
    switch members[0].value.string {
    case "nan": return .number(.nan)
    case "inf": return .number(.infinity)
    case "-inf": return .number(-.infinity)
    default: return nil
    }
  }

  // MARK: Strings

  private mutating func string() throws(Failure) -> String {
    let opened = position
    position += 1
    var start = position
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        let rest = bytes[start..<position]
        position += 1
        guard
          let string = text.isEmpty
            ? String(validating: rest, as: UTF8.self)
            : String(validating: text + rest, as: UTF8.self)
        else { throw Failure(offset: opened, problem: "the string is not UTF-8") }
        return string
      }
      if byte < 0x20 {
        throw failure("a control character in a string must be written as \\n, \\t or \\u00…")
      }
      position += 1
      guard byte == UInt8(ascii: "\\") else { continue }
      text += bytes[start..<position - 1]
      text += String(try escape()).utf8
      start = position
    }
    throw Failure(offset: opened, problem: "the string is not closed")
  }

  private mutating func escape() throws(Failure) -> Unicode.Scalar {
    guard position < bytes.count else { throw failure("the text ends within a string") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicode()
    default:
      position -= 1
      throw failure("a backslash must be followed by one of \" \\ / b f n r t u")
    }
  }

  /// `\uXXXX`, two of them for what UTF-16 writes as two; half of such a pair is U+FFFD.
  private mutating func unicode() throws(Failure) -> Unicode.Scalar {
    let high = try hexadecimal()
    guard 0xD800..<0xDC00 ~= high else { return Unicode.Scalar(high) ?? "\u{FFFD}" }
    guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
      bytes[position + 1] == UInt8(ascii: "u")
    else { return "\u{FFFD}" }
    let before = position
    position += 2
    let low = try hexadecimal()
    guard 0xDC00..<0xE000 ~= low else {
      position = before
      return "\u{FFFD}"
    }
    return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)) ?? "\u{FFFD}"
  }

  private mutating func hexadecimal() throws(Failure) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard position < bytes.count,
        let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue
      else { throw failure("\\u must be followed by four hexadecimal digits") }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}
