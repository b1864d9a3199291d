import TSS

extension Prompt {
  /// Does what a `:command` or a question asks.
  func perform(_ command: Command) {
    switch command.name {
    case "help": say(command.argument.isEmpty ? Command.overview : explanation(command.argument))
    case "?": say(command.argument.isEmpty ? Command.overview : explanation(command.argument))
    case "??": say(session.source(of: command.argument) ?? explanation(command.argument))
    case "load": load(command.argument)
    case "save": save(command.argument)
    case "time": time(command.argument)
    case "vars": listNames()
    case "hist": listInputs(Int(command.argument))
    case "clear":
      session.restore(start)
      say("all names are forgotten")
    case "set": set(command.argument)
    case "check": check(command.argument)
    default:
      say("there is no command :\(command.name); :help lists them")
    }
  }

  private func explanation(_ name: String) -> String {
    if let help = session.help(name) { return help }
    let near = session.complete(name, at: name.utf8.count).prefix(5).map(\.text)
    let hint = near.isEmpty ? "" : "; there is " + near.joined(separator: ", ")
    return "nothing is known of `\(name)`\(hint)"
  }

  private func load(_ path: String) {
    if path.isEmpty { return say("usage: :load FILE") }
    let text: String
    do { text = try TextFile.read(path) } catch { return say(error.message) }
    guarded { () throws(Diagnostic) in try session.eval(text, name: path, mode: .file) }
  }

  /// Only inputs that ran to the end, so that the file runs as well.
  private func save(_ path: String) {
    if path.isEmpty { return say("usage: :save FILE") }
    let good = SavedInputs.script(inputs)
    guard TextFile.write(good, to: path) else { return say("\(path): \(TextFile.lastProblem)") }
    let count = inputs.count(where: \.isGood)
    say("\(count) input\(count == 1 ? "" : "s") written to \(path)")
  }

  private func time(_ code: String) {
    if code.isEmpty { return say("usage: :time CODE") }
    let start = ContinuousClock.now
    evaluate(code)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let shown =
      seconds < 0.1
      ? "\((seconds * 1e5).rounded() / 100) ms" : "\((seconds * 1000).rounded() / 1000) s"
    say("took \(shown)")
  }

  private func listNames() {
    let names = session.names.filter { !$0.hasPrefix("_") }
    if names.isEmpty { return say("no names are defined yet") }
    let longest = names.map(\.count).max() ?? 0
    for name in names {
      guard let value: Value = session[name] else { continue }
      let line = "  \(name)\(String(repeating: " ", count: longest - name.count))  "
      let room = max(20, Console.width - longest - 6)
      let text = value.description(upTo: room)
      say(line + text)
    }
  }

  private func listInputs(_ count: Int?) {
    let first = max(0, inputs.count - (count ?? 20))
    for (index, input) in inputs.enumerated().dropFirst(first) {
      let lines = input.text.split(separator: "\n", omittingEmptySubsequences: false)
      say("\(index + 1): " + lines.joined(separator: "\n   "))
    }
  }

  private func set(_ argument: String) {
    let words = argument.split(separator: " ")
    switch (words.first, words.dropFirst().first) {
    case (nil, _):
      say("  color \(hasColor ? "on" : "off")\n  graphics \(console.pictures.choice)")
    case ("color", "on"): hasColor = true
    case ("color", "off"): hasColor = false
    case ("graphics", let choice?):
      guard let choice = GraphicsChoice(rawValue: String(choice)) else {
        return say("usage: :set graphics auto|braille|kitty|sixel")
      }
      console.pictures.choice = choice
    default: say("usage: :set color on|off, :set graphics auto|braille|kitty|sixel")
    }
  }

  /// A file where there is one of this name, else the text itself.
  private func check(_ argument: String) {
    if argument.isEmpty { return say("usage: :check FILE or :check CODE") }
    var file: String?
    if TextFile.exists(argument) {
      do { file = try TextFile.read(argument) } catch { return say(error.message) }
    }
    let found = session.check(
      file ?? argument, name: file == nil ? "<check>" : argument,
      mode: file == nil ? .prompt : .file)
    for diagnostic in found { report(diagnostic) }
    if found.isEmpty { say("no mistakes found") }
  }
}

extension Value {
  /// One line of at most so many columns.
  fileprivate func description(upTo width: Int) -> String {
    let text = String(describe.prefix { $0 != "\n" })
    return text.count <= width ? text : text.prefix(width - 1) + "…"
  }
}
