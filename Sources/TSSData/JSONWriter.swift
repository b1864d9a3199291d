extension JSON {
  /// The value in UTF-8, which ``init(decoding:)`` reads back bit for bit (but for the bits of a
  /// NaN).
  ///
  /// - Parameter pretty: whether arrays and objects are spread over lines; arrays of nothing but
  ///   numbers, strings and the like stay on one, so that a matrix has a line for each row.
  public func encoded(pretty: Bool = true) -> [UInt8] { encoded(pretty: pretty) {} }

  /// The same; `poll` is called every few thousand elements, and what it throws ends the writing.
  public func encoded(pretty: Bool = true, poll: () throws -> Void) rethrows -> [UInt8] {
    var writer = JSONWriter(isPretty: pretty)
    try writer.write(self, poll)
    if pretty { writer.bytes.append(0x0A) }
    return writer.bytes
  }
}

private struct JSONWriter {
  let isPretty: Bool
  var bytes: [UInt8] = []
  private var depth = 0

  init(isPretty: Bool) { self.isPretty = isPretty }

  mutating func write(_ value: JSON, _ poll: () throws -> Void) rethrows {
    switch value {
    case .null: put("null")
    case .bool(let truth): put(truth ? "true" : "false")
    case .number(let number): write(number)
    case .string(let text): write(text)
    case .array(let elements):
      let isFlat = elements.allSatisfy { $0.isScalar }
      try list("[", "]", elements, onLines: !isFlat, poll) { writer, element in
        try writer.write(element, poll)
      }
    case .object(let members):
      try list("{", "}", members, onLines: true, poll) { writer, member in
        writer.write(member.key)
        writer.put(writer.isPretty ? ": " : ":")
        try writer.write(member.value, poll)
      }
    }
  }

  private mutating func list<Element>(
    _ open: String, _ close: String, _ elements: [Element], onLines: Bool,
    _ poll: () throws -> Void, _ write: (inout JSONWriter, Element) throws -> Void
  ) rethrows {
    put(open)
    depth += 1
    for (i, element) in elements.enumerated() {
      if i & 4095 == 4095 { try poll() }
      if i > 0 { put(",") }
      if isPretty && onLines { newLine() } else if isPretty && i > 0 { put(" ") }
      try write(&self, element)
    }
    depth -= 1
    if isPretty && onLines && !elements.isEmpty { newLine() }
    put(close)
  }

  private mutating func newLine() {
    bytes.append(0x0A)
    for _ in 0..<2 * depth { bytes.append(0x20) }
  }

  private mutating func put(_ text: String) { bytes += text.utf8 }

  private mutating func write(_ number: Double) {
    if number.isFinite {
      put(NumberText.write(number))
    } else {
      put(number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity")
    }
  }

  private mutating func write(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): put("\\\"")
      case UInt8(ascii: "\\"): put("\\\\")
      case 0x0A: put("\\n")
      case 0x0D: put("\\r")
      case 0x09: put("\\t")
      case ..<0x20:
        put(byte < 0x10 ? "\\u000" : "\\u00")
        put(String(byte, radix: 16))
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}

extension JSON {
  fileprivate var isScalar: Bool {
    switch self {
    case .array, .object: false
    default: true
    }
  }
}
