/// Turns the inputs of a session into a script.
///
/// A script has no `_`: where an input reads the result of an earlier one, that one is given the
/// name that the prompt has for it, `_3`, and the reader names it.
package enum SavedInputs {
  package static func script(_ inputs: [(text: String, isGood: Bool)]) -> String {
    var lines = inputs.map(\.text)
    for index in inputs.indices where inputs[index].isGood {
      let text = lines[index]
      let last = inputs[..<index].lastIndex(where: \.isGood)
      let name = last.map { "_\($0 + 1)" } ?? "nothing"
      let rewritten = replacingLast(in: text, with: name)
      lines[index] = text.trimmingSpaces.hasPrefix("|>") ? "\(name) \(rewritten)" : rewritten
    }
    // Only results that are read get a name, so that the rest stays as it was typed.
    for index in inputs.indices where inputs[index].isGood {
      let name = "_\(index + 1)"
      let isRead = inputs.indices.dropFirst(index + 1).contains {
        inputs[$0].isGood && words(of: lines[$0]).contains(name)
      }
      if isRead { lines[index] = "\(name) = \(lines[index])\n\(name)" }
    }
    return inputs.indices.filter { inputs[$0].isGood }.map { lines[$0] + "\n" }.joined()
  }

  private static func replacingLast(in text: String, with name: String) -> String {
    var result = ""
    split(text) { piece, isName in result += isName && piece == "_" ? name : piece }
    return result
  }

  private static func words(of text: String) -> Set<String> {
    var words: Set<String> = []
    split(text) { piece, isName in if isName { words.insert(piece) } }
    return words
  }

  /// Hands out names, and what is between them character by character. What stands in comments and
  /// in strings outside of braces is no name.
  private static func split(_ text: String, _ receive: (String, _ isName: Bool) -> Void) {
    var word = ""
    var isComment = false
    // For each open string the depth of braces in its text: 0 in the text itself.
    var strings: [Int] = []
    for character in text {
      let isInText = isComment || strings.last == 0
      if !isInText, character.isLetter || character.isNumber || character == "_" {
        word.append(character)
        continue
      }
      if !word.isEmpty { receive(word, true) }
      word = ""
      receive(String(character), false)
      switch character {
      case "\n": isComment = false
      case _ where isComment: break
      case "\"": if isInText { strings.removeLast() } else { strings.append(0) }
      case "{" where !strings.isEmpty: strings[strings.count - 1] += 1
      case "}" where !isInText && !strings.isEmpty: strings[strings.count - 1] -= 1
      case "#" where !isInText: isComment = true
      default: break
      }
    }
    if !word.isEmpty { receive(word, true) }
  }
}
