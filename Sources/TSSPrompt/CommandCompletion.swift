import TSS

extension Command {
  /// What completes programs, with the cursor in UTF-8 bytes.
  typealias Completer = (_ text: String, _ cursor: Int) -> [Completion]

  /// What TAB offers in a command and its argument; nil where the text is no command.
  static func completions(of before: String, _ complete: Completer) -> [Completion]? {
    if before.hasPrefix("?") {
      let name = before.drop { $0 == "?" }
      return names(String(name), at: before.utf8.count - name.utf8.count, complete)
    }
    guard before.hasPrefix(":") else { return nil }
    guard let space = before.firstIndex(where: \.isWhitespace) else {
      return words(
        all.map {
          (
            ":" + $0.name, $0.argument.isEmpty ? "" : " ",
            "\($0.argument) \($0.text)".trimmingSpaces
          )
        }, before, at: 0)
    }
    let argument = before[space...].drop(while: \.isWhitespace)
    let start = before.utf8.count - argument.utf8.count
    let name = before[..<space].dropFirst()
    guard let command = all.first(where: { $0.name == name }) else { return [] }
    let text = String(argument)
    switch command.kind {
    case .none: return []
    case .words(let choices):
      return words(choices.map { ($0, "", command.text) }, text, at: start)
    case .name: return names(text, at: start, complete)
    case .code: return shifted(complete(text, text.utf8.count), by: start)
    case .file: return files(text, "\"", at: start, complete)
    case .script: return files(text, "use \"", at: start, complete)
    case .scriptOrCode:
      let found = files(text, "use \"", at: start, complete)
      return found.isEmpty ? shifted(complete(text, text.utf8.count), by: start) : found
    case .setting: return settings(text, at: start)
    }
  }

  private static func words(
    _ choices: [(word: String, tail: String, text: String)], _ typed: String, at start: Int
  ) -> [Completion] {
    choices.filter { $0.word.hasPrefix(typed) }.map {
      Completion(
        text: $0.word + $0.tail, replaces: start..<start + typed.utf8.count,
        documentation: $0.text)
    }
  }

  private static func settings(_ text: String, at start: Int) -> [Completion] {
    guard let space = text.firstIndex(of: " ") else {
      return words(Setting.all.map { ($0.name, " ", $0.text) }, text, at: start)
    }
    guard let setting = Setting.all.first(where: { $0.name == text[..<space] }) else { return [] }
    let value = text[space...].trimmingSpaces
    let place = start + text.utf8.count - value.utf8.count
    return words(setting.choices.map { ($0, "", setting.text) }, value, at: place)
  }

  /// Without the bracket of a call.
  private static func names(
    _ name: String, at start: Int, _ complete: Completer
  ) -> [Completion] {
    shifted(complete(name, name.utf8.count), by: start).map {
      var completion = $0
      if let bracket = completion.text.firstIndex(of: "(") {
        completion.text = String(completion.text[..<bracket])
      }
      return completion
    }
  }

  /// As inside a string of the language.
  private static func files(
    _ path: String, _ opening: String, at start: Int, _ complete: Completer
  ) -> [Completion] {
    let text = opening + path
    return shifted(complete(text, text.utf8.count), by: start - opening.utf8.count)
  }

  private static func shifted(_ completions: [Completion], by offset: Int) -> [Completion] {
    completions.map {
      var completion = $0
      completion.replaces =
        $0.replaces.lowerBound + offset..<$0.replaces.upperBound + offset
      return completion
    }
  }
}
