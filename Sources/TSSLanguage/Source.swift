/// A program text: a file, an input of the prompt, a module of the standard library.
public final class Source: Sendable {
  /// What messages call it: `demo.tss`, `<command line>`, `<input 3>`.
  public let name: String
  public let text: String
  /// The text as UTF-8; spans count these bytes.
  public let bytes: [UInt8]
  /// The offset of the first byte of each line.
  public let lineStarts: [Int]

  public init(name: String, text: String) {
    self.name = name
    self.text = text
    bytes = Array(text.utf8)
    var starts = [0]
    for (offset, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
      starts.append(offset + 1)
    }
    lineStarts = starts
  }

  /// The text of a file. What is no UTF-8 is an error: a program that was silently changed in
  /// reading would run as another one.
  public static func text(of bytes: [UInt8], name: String) throws(Diagnostic) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var decoder = UTF8()
    var rest = bytes.makeIterator()
    var line = 1
    while case .scalarValue(let scalar) = decoder.decode(&rest) { if scalar == "\n" { line += 1 } }
    throw Diagnostic(
      .syntax(isIncomplete: false), "encoding", "\(name): line \(line) is not UTF-8",
      help: ["save the file in the encoding UTF-8"])
  }
}

/// A piece of a program: half-open, in UTF-8 bytes.
public struct Span: Sendable, Hashable {
  public let source: Source
  public let start: Int
  public let end: Int

  public init(_ source: Source, _ start: Int, _ end: Int) {
    self.source = source
    self.start = start
    self.end = end
  }

  /// From the start of this one to the end of the other.
  public func through(_ other: Span) -> Span { Span(source, start, max(end, other.end)) }

  public var text: String { String(decoding: source.bytes[start..<end], as: UTF8.self) }

  public static func == (a: Span, b: Span) -> Bool {
    a.source === b.source && a.start == b.start && a.end == b.end
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(ObjectIdentifier(source))
    hasher.combine(start)
    hasher.combine(end)
  }
}
