/// A name or a number in a program's text, outside of comments and of strings but for what stands in
/// their braces.
struct ProgramWord {
  var text: String
  /// Whether it stands at the start of a statement and `=` follows: `x = 1`, `f(x) = x^2`.
  var isBound: Bool

  static func all(in text: String) -> [ProgramWord] {
    var words: [ProgramWord] = []
    var isStart = true
    var isOpen = false
    // A word may be bound while only its parameters have come since.
    var candidate: Int?
    var depth = 0
    var characters = Array(text)[...]
    split(text) { piece, kind in
      characters = characters.dropFirst(piece.count)
      if kind == .name {
        words.append(ProgramWord(text: piece, isBound: false))
        if isStart { candidate = words.count - 1 } else if depth == 0 { candidate = nil }
        (isStart, isOpen) = (false, true)
        return
      }
      if kind == .text {
        // A comment or a string; the quotes belong to the code.
        return
      }
      switch piece {
      case " ", "\t": if depth == 0 { isOpen = false }
      case "\n", ";", "{", "}": if depth == 0 { (isStart, candidate) = (true, nil) }
      case "(":
        if depth == 0, !isOpen { candidate = nil }
        depth += 1
        isStart = false
      case ")": depth = max(0, depth - 1)
      case "[":
        // `x[2] = 5` reads x.
        if depth == 0 { candidate = nil }
        depth += 1
      case "]": depth = max(0, depth - 1)
      case "=" where depth == 0:
        if let found = candidate, characters.first != "=" { words[found].isBound = true }
        (candidate, isStart) = (nil, false)
      default:
        isStart = false
        if depth == 0 { candidate = nil }
      }
    }
    return words
  }

  /// The text with a name in the place of `_`.
  static func replacingLast(in text: String, with name: String) -> String {
    var result = ""
    split(text) { piece, kind in result += kind == .name && piece == "_" ? name : piece }
    return result
  }

  private enum Kind { case name, code, text }

  /// Hands out names, and what is between them character by character.
  private static func split(_ text: String, _ receive: (String, Kind) -> Void) {
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
      if !word.isEmpty { receive(word, .name) }
      word = ""
      receive(String(character), isInText && character != "\n" ? .text : .code)
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
    if !word.isEmpty { receive(word, .name) }
  }
}
