/// The text of `##` lines as documentation:
///
///     ## What the function does, in one paragraph.
///     ## - x: what the parameter is, with its unit,
///     ##   on as many lines as it takes
///     ## see also: erf, relu
///     ##
///     ## >>> f(1)
///     ## 2
extension Documentation {
  /// Reads such a text, without its marks, in one go over its bytes: every start of a session does
  /// so for the whole standard library.
  ///
  /// - Returns: the documentation, and what is said of each parameter.
  package static func read(
    _ text: String
  ) -> (documentation: Documentation, parameters: [String: String]) {
    var reader = DocumentationReader()
    for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      reader.add(Substring(line))
    }
    return (
      Documentation(reader.text, examples: reader.examples, seeAlso: reader.seeAlso),
      reader.parameters
    )
  }
}

extension FunctionSyntax {
  /// How the function is called and what its `##` lines say.
  package var described: (signature: Signature, documentation: Documentation) {
    var signature = Signature(self)
    if documentation.isEmpty { return (signature, Documentation("")) }
    let (documentation, texts) = Documentation.read(documentation)
    for index in signature.parameters.indices {
      guard let text = texts[signature.parameters[index].name] else { continue }
      signature.parameters[index].documentation = text
    }
    return (signature, documentation)
  }
}

private struct DocumentationReader {
  private enum Place { case text, parameter(String), example, after }

  var text = ""
  var parameters: [String: String] = [:]
  var examples: [(code: String, output: String)] = []
  var seeAlso: [String] = []
  private var place = Place.text

  mutating func add(_ line: Substring) {
    let content = line.trimmed
    if content.utf8.starts(with: ">>>".utf8) {
      examples.append((String(content.dropFirst(3).trimmed), ""))
      place = .example
    } else if content.utf8.starts(with: "see also:".utf8) {
      seeAlso += content.dropFirst(9).split(separator: ",").map {
        Greek.canonicalName(String($0.trimmed))
      }
      place = .after
    } else if case .example = place, !content.isEmpty {
      let last = examples.count - 1
      examples[last].output += (examples[last].output.isEmpty ? "" : "\n") + content
    } else if let (name, words) = Self.parameter(content) {
      parameters[name] = String(words)
      place = .parameter(name)
    } else if content.isEmpty {
      if case .text = place, !text.isEmpty { text += "\n\n" } else { place = .after }
    } else if case .parameter(let name) = place {
      parameters[name]! += " " + content
    } else {
      if case .after = place, !text.isEmpty, !text.hasSuffix("\n") { text += "\n\n" }
      place = .text
      text += (text.isEmpty || text.utf8.last == UInt8(ascii: "\n") ? "" : " ") + content
    }
    if case .text = place {} else { text.dropTrailingNewlines() }
  }

  /// `- name: words`
  private static func parameter(_ line: Substring) -> (String, Substring)? {
    guard line.utf8.starts(with: "- ".utf8),
      let colon = line.utf8.firstIndex(of: UInt8(ascii: ":"))
    else { return nil }
    let name = line[..<colon].dropFirst(2)
    guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: " ")) else { return nil }
    return (Greek.canonicalName(String(name)), line[line.index(after: colon)...].trimmed)
  }
}

extension Substring {
  /// Without spaces at both ends.
  fileprivate var trimmed: Substring {
    var bytes = utf8[...]
    while let first = bytes.first, first == 0x20 || first == 0x09 { bytes.removeFirst() }
    while let last = bytes.last, last == 0x20 || last == 0x09 || last == 0x0D {
      bytes.removeLast()
    }
    return Substring(bytes)
  }
}

extension String {
  fileprivate mutating func dropTrailingNewlines() {
    while utf8.last == UInt8(ascii: "\n") { removeLast() }
  }
}
