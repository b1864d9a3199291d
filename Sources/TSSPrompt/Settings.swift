import TSS

/// What `:set` changes.
struct Setting {
  var name: String
  var text: String
  /// The values that can be listed.
  var choices: [String]
  var show: (Prompt) -> String
  /// What the value may be, where it is none of these; nil where it was taken.
  var set: (Prompt, String) -> String?

  static var all: [Setting] {
    [
      Setting(
        name: "digits", text: "significant digits of shown numbers (print keeps all)",
        choices: ["all", "3", "4", "6", "8"], show: { $0.digits.map { "\($0)" } ?? "all" },
        set: { prompt, value in
          if value == "all" {
            prompt.digits = nil
          } else if let digits = Int(value), (1...17).contains(digits) {
            prompt.digits = digits
          } else {
            return "a whole number from 1 to 17, or all"
          }
          return nil
        }),
      toggle("color", "colour in results, messages and what is typed", \.hasColor),
      toggle("hints", "the arguments of the call that is being typed, below it", \.showsHints),
      Setting(
        name: "threads", text: "threads for sweeps and ensembles",
        choices: [], show: { "\($0.session.threads)" },
        set: { prompt, value in
          guard let threads = Int(value), (1...1024).contains(threads) else {
            return "a whole number from 1 to 1024"
          }
          prompt.session.threads = threads
          return nil
        }),
      Setting(
        name: "graphics", text: "how plots are drawn here",
        choices: GraphicsChoice.allCases.map(\.rawValue),
        show: { $0.console.pictures.choice.rawValue },
        set: { prompt, word in
          guard let choice = GraphicsChoice(rawValue: word) else {
            return GraphicsChoice.allCases.map(\.rawValue).joined(separator: ", ")
          }
          prompt.console.pictures.choice = choice
          return nil
        }),
    ]
  }

  private static func toggle(
    _ name: String, _ text: String, _ value: ReferenceWritableKeyPath<Prompt, Bool>
  ) -> Setting {
    Setting(
      name: name, text: text, choices: ["on", "off"],
      show: { $0[keyPath: value] ? "on" : "off" },
      set: { prompt, word in
        guard word == "on" || word == "off" else { return "on or off" }
        prompt[keyPath: value] = word == "on"
        return nil
      })
  }
}

extension Prompt {
  /// `:set`, `:set NAME`, `:set NAME VALUE`.
  func set(_ argument: String) -> InputEnding {
    let words = argument.split(separator: " ").map(String.init)
    guard let name = words.first else {
      say(Setting.all.map(line).joined(separator: "\n"))
      return .done
    }
    guard let setting = Setting.all.first(where: { $0.name == name }) else {
      let help = Suggestions.help(for: name, among: Setting.all.map(\.name))
      say("there is no setting \(name); " + (help ?? ":set lists them"))
      return .failed
    }
    guard words.count > 1 else {
      say(line(setting))
      return .done
    }
    let value = words.dropFirst().joined(separator: " ")
    guard let wanted = setting.set(self, value) else { return .done }
    say("\(name) is \(wanted), not \(value); it stays \(setting.show(self))")
    return .failed
  }

  private func line(_ setting: Setting) -> String {
    func column(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - text.count))
    }
    let line = "  \(column(setting.name, 8)) \(column(setting.show(self), 5)) \(setting.text)"
    return line.count < Console.width ? line : line.prefix(max(1, Console.width - 2)) + "…"
  }
}
