import TSSLanguage
import TSSStandardLibrary

/// A program of one line in a piece of documentation, with what it prints: a `## >>>` comment.
public struct Example: Sendable {
  /// What messages call the place: `demo.tss:12`, `sqrt`.
  public var place: String
  public var code: String
  /// What is expected: the shown value and everything that is printed, or `error: ` and a part of
  /// the message.
  public var expected: String

  public init(place: String, code: String, expected: String) {
    self.place = place
    self.code = code
    self.expected = expected
  }

  /// How an example went wrong.
  public struct Failure: Sendable {
    public var example: Example
    public var got: String
  }

  /// The examples in the `##` comments of a text.
  ///
  /// What is expected ends with the block of comments, at a `##` that is empty, and at the next
  /// example.
  public static func find(in text: String, name: String) -> [Example] {
    var examples: [Example] = []
    var isOpen = false
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      guard let comment = documentation(line) else {
        isOpen = false
        continue
      }
      if comment.hasPrefix(">>>") {
        let code = String(comment.dropFirst(3).drop { $0 == " " })
        examples.append(Example(place: "\(name):\(index + 1)", code: code, expected: ""))
        isOpen = true
      } else if comment.isEmpty {
        isOpen = false
      } else if isOpen {
        let last = examples.count - 1
        examples[last].expected += (examples[last].expected.isEmpty ? "" : "\n") + comment
      }
    }
    return examples
  }

  /// What stands after `##`; nil on another line.
  private static func documentation(_ line: Substring) -> String? {
    let code = line.drop { $0 == " " || $0 == "\t" }
    guard code.hasPrefix("##") else { return nil }
    var comment = code.dropFirst(2)
    if comment.first == " " { comment.removeFirst() }
    while comment.last?.isWhitespace == true { comment.removeLast() }
    return String(comment)
  }
}

extension Engine {
  /// The examples of the vocabulary and of the standard library.
  public var examples: [Example] {
    let entries = vocabulary.entries.sorted { $0.key < $1.key }
    let builtin = entries.flatMap { name, entry in
      entry.documentation.examples.map {
        Example(place: name, code: $0.code, expected: $0.output)
      }
    }
    let topics = (book.groups.map(\.topic) + book.topics + book.keywords).flatMap { page in
      page.examples.map { Example(place: page.name, code: $0.code, expected: $0.output) }
    }
    return builtin + topics
      + StandardLibrary.modules.flatMap { module in
        let text = String(decoding: module.source, as: UTF8.self)
        return Example.find(in: text, name: "\(module.name).tss")
      }
  }
}

extension Session {
  /// Runs an example and leaves no trace; nil where it gives what it should. The session must
  /// capture its output.
  public func failure(of example: Example) -> Example.Failure? {
    let before = snapshot()
    clearOutput()
    defer {
      restore(before)
      clearOutput()
    }
    var got: String
    do {
      let value = try eval(example.code, name: example.place)
      got = output
      if interpreter.endsInExpression, value.isSomething {
        // Both ways of writing a matrix are right: on one line, and as the prompt shows it.
        if ExampleText.agree(got + value.printed(.shown()), example.expected) { return nil }
        got += value.describe
      }
    } catch {
      got = output + "error: " + error.message
      let marker = "error: "
      if example.expected.hasPrefix(marker),
        error.message.contains(example.expected.dropFirst(marker.count))
      {
        return nil
      }
    }
    while got.last?.isWhitespace == true { got.removeLast() }
    return ExampleText.agree(got, example.expected) ? nil : .init(example: example, got: got)
  }
}

extension Value {
  fileprivate var isSomething: Bool { if case .nothing = self { false } else { true } }
}

/// Compares printed texts, numbers by `≈`.
enum ExampleText {
  static func agree(_ a: String, _ b: String) -> Bool {
    let a = pieces(a)
    let b = pieces(b)
    return a.count == b.count && zip(a, b).allSatisfy { isNear($0, $1) }
  }

  private static func isNear(_ a: Substring, _ b: Substring) -> Bool {
    if a == b { return true }
    guard let x = Double(a), let y = Double(b) else { return false }
    return abs(x - y) <= 1e-12 + 1e-8 * max(abs(x), abs(y))
  }

  /// Numbers, and what is between them without the spaces: columns may be wider.
  private static func pieces(_ text: String) -> [Substring] {
    var pieces: [Substring] = []
    var rest = text[...]
    while let first = rest.first {
      if first.isWhitespace, first != "\n" {
        rest.removeFirst()
        continue
      }
      let length = numberLength(rest)
      pieces.append(rest.prefix(max(1, length)))
      rest = rest.dropFirst(max(1, length))
    }
    return pieces
  }

  /// How many characters at the start are a number; 0 where none is.
  private static func numberLength(_ text: Substring) -> Int {
    let characters = Array(text.prefix(40))
    var end = 0
    func digits() -> Bool {
      let start = end
      while end < characters.count, characters[end].isASCII, characters[end].isNumber { end += 1 }
      return end > start
    }
    func skip(_ options: String) -> Bool {
      guard end < characters.count, options.contains(characters[end]) else { return false }
      end += 1
      return true
    }
    _ = skip("-")
    guard digits() else { return 0 }
    var length = end
    if skip("."), digits() { length = end }
    end = length
    if skip("eE") {
      _ = skip("+-")
      if digits() { length = end }
    }
    return length
  }
}
