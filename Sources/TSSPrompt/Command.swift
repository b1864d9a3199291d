import TSS

/// A line of the prompt that is no program: `:quit`, `?student`.
struct Command {
  /// `help`, `quit`; `?` and `??` for questions about a name.
  var name: String
  var argument: String

  init?(_ input: String) {
    let text = input.trimmingSpaces
    if text.hasPrefix("?") {
      name = text.hasPrefix("??") ? "??" : "?"
      argument = text.drop { $0 == "?" }.trimmingSpaces
    } else if text.hasPrefix(":") {
      let word = text.dropFirst().prefix { !$0.isWhitespace }
      name = String(word)
      argument = text.dropFirst(1 + word.count).trimmingSpaces
    } else {
      return nil
    }
  }

  static func isCommand(_ input: String) -> Bool { Command(input) != nil }

  /// All commands, with what they take and do.
  static let all: [(name: String, argument: String, text: String)] = [
    ("help", "", "this list; `?name` explains a name"),
    ("quit", "", "leave (as ^D does)"),
    ("load", "FILE", "run a script here; its names stay"),
    ("save", "FILE", "write the inputs that worked as a script"),
    ("time", "CODE", "run and say how long it took"),
    ("vars", "", "the names you have defined"),
    ("hist", "[N]", "the last inputs of this session"),
    ("clear", "", "forget all names you have defined"),
    ("set", "[NAME VALUE]", "settings: color on|off, graphics auto|braille|kitty|sixel"),
    ("check", "FILE|CODE", "look for mistakes without running"),
  ]

  /// What TAB offers in a command; nil where the text is none or wants something else.
  static func completions(of beforeCursor: String) -> [Completion]? {
    guard beforeCursor.hasPrefix(":"), !beforeCursor.contains(where: \.isWhitespace) else {
      return nil
    }
    return all.map { (":" + $0.name, $0) }.filter { $0.0.hasPrefix(beforeCursor) }.map {
      Completion(
        text: $0.0 + ($0.1.argument.isEmpty ? "" : " "), replaces: 0..<beforeCursor.utf8.count,
        documentation: $0.1.text)
    }
  }

  /// `:help`
  static var overview: String {
    let lines = all.map { command in
      let left = ":\(command.name) \(command.argument)"
      return "  \(left)\(String(repeating: " ", count: max(1, 18 - left.count)))\(command.text)"
    }
    let keys = """
        ?NAME             what a name is, its arguments, examples; ??NAME its source

        ⏎ runs, or opens a new line in unfinished input; Alt-⏎ always opens one.
        TAB completes; \\eta TAB writes η. ↑ ↓ and ^R search the history. ^X^E opens $EDITOR.
        _ is the last result, _3 that of input 3. ^C stops, ^D leaves.
      """
    return lines.joined(separator: "\n") + "\n" + keys
  }
}

extension StringProtocol {
  /// Without spaces and newlines at both ends.
  var trimmingSpaces: String {
    var rest = self[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}
