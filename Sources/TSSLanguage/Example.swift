/// An example in documentation, which is run as a test:
///
///     ## >>> leaky(-2, a=0.1)
///     ## -0.2
///
/// The lines up to the next empty one or `>>>` are what the value prints, numbers compared with
/// `≈`; `error: text` expects an error whose message contains the text.
public struct Example: Sendable, Hashable {
  public var code: String
  /// What is printed, line by line; empty where nothing is.
  public var expected: String
  /// The line of the documentation that it starts on, from 0.
  public var line: Int

  public init(code: String, expected: String, line: Int = 0) {
    self.code = code
    self.expected = expected
    self.line = line
  }

  /// The examples in the text of `##` lines, without their marks.
  public static func all(in documentation: String) -> [Example] {
    var examples: [Example] = []
    var isOpen = false
    let lines = documentation.split(separator: "\n", omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() {
      let text = line.drop { $0 == " " }
      if text.hasPrefix(">>>") {
        let code = text.dropFirst(3).drop { $0 == " " }
        examples.append(Example(code: String(code), expected: "", line: number))
        isOpen = true
      } else if text.isEmpty {
        isOpen = false
      } else if isOpen {
        let last = examples.count - 1
        examples[last].expected += (examples[last].expected.isEmpty ? "" : "\n") + text
      }
    }
    return examples
  }

  /// Whether what was printed is what is expected: the same text up to spaces, the same numbers
  /// up to `≈`.
  public func accepts(_ printed: String) -> Bool {
    let (a, b) = (Self.pieces(expected), Self.pieces(printed))
    return a.count == b.count
      && zip(a, b).allSatisfy { x, y in
        if x == y { return true }
        guard let x = Double(x), let y = Double(y) else { return false }
        return Operations.areNear(x, y)
      }
  }

  /// Whether an error is the expected one.
  public func accepts(_ error: Diagnostic) -> Bool {
    guard expected.hasPrefix("error:") else { return false }
    let text = expected.dropFirst("error:".count).drop { $0 == " " }
    return error.message.indices.contains { error.message[$0...].hasPrefix(text) } || text.isEmpty
  }

  /// Numbers, words and other characters one by one, without the spaces between them.
  private static func pieces(_ text: String) -> [Substring] {
    var pieces: [Substring] = []
    var rest = text[...]
    while let first = rest.first {
      let piece: Substring
      if first.isWhitespace {
        rest.removeFirst()
        continue
      } else if first.isNumber || first == "." {
        var previous: Character = " "
        piece = rest.prefix { next in
          defer { previous = next }
          return next.isNumber || next == "." || next == "e"
            || (previous == "e" && (next == "-" || next == "+"))
        }
      } else if first.isLetter || first == "_" {
        piece = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
      } else {
        piece = rest.prefix(1)
      }
      pieces.append(piece)
      rest = rest[piece.endIndex...]
    }
    return pieces
  }
}
