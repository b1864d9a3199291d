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
    } else if text == "help" {
      // The function itself would say nothing but its name.
      name = "?"
      argument = ""
    } else {
      return nil
    }
  }

  static func isCommand(_ input: String) -> Bool { Command(input) != nil }

  /// What a command is followed by, for completion.
  enum Argument {
    case none, file, script, code, scriptOrCode, name, setting
    case words([String])
  }

  /// What `:help` says of a command.
  struct Description {
    var name: String
    var argument: String
    var kind: Argument
    var text: String

    init(_ name: String, _ argument: String = "", _ kind: Argument = .none, _ text: String) {
      self.name = name
      self.argument = argument
      self.kind = kind
      self.text = text
    }
  }

  static let all: [Description] = [
    Description("help", "[SUBJECT]", .name, "this list, or what is known of a subject"),
    Description("tour", "[N|off]", .words(["off"]), "ten steps through what tss does"),
    Description("load", "FILE", .script, "run a script here; its names stay"),
    Description("save", "FILE", .file, "write the inputs that worked as a script"),
    Description("log", "FILE|off", .file, "write all that is shown here to a file as well"),
    Description("time", "CODE", .code, "run and say how long it took"),
    Description("bg", "CODE", .code, "compute in the background; the job is `_`"),
    Description("jobs", "", .none, "what runs in the background, or was not waited for"),
    Description("vars", "", .none, "the names you have defined, with kinds and sizes"),
    Description("hist", "[N|TEXT]", .none, "the last inputs, or those of all times with a text"),
    Description("set", "[NAME VALUE]", .setting, "digits, color, hints, threads, graphics"),
    Description("check", "FILE|CODE", .scriptOrCode, "look for mistakes without running"),
    Description("clear", "", .none, "forget all names you have defined"),
    Description("quit", "", .none, "leave (as ^D does)"),
  ]

  /// "there is no command :qiut; did you mean :quit?"
  static func unknown(_ name: String) -> String {
    let near = Suggestions.best(for: name, among: all.map(\.name), limit: 1).first
    return "there is no command :\(name); "
      + (near.map { "did you mean :\($0)?" } ?? ":help lists them")
  }

  /// `:help`
  static var overview: String {
    let lines = all.map { command in
      let left = ":\(command.name) \(command.argument)"
      return "  \(left)\(String(repeating: " ", count: max(1, 20 - left.count)))\(command.text)"
    }
    let keys = """
        ?NAME               what a name is, its arguments, examples; ??NAME its source
        ?WORDS              names that have to do with these words: ?learning rate
        ?                   the subjects, as help() lists them

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
