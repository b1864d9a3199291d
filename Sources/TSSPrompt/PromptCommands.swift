import TSS

extension Prompt {
  /// Does what a `:command` or a question asks.
  func perform(_ command: Command) -> InputEnding {
    let argument = command.argument
    // `:clear x` must not forget all the others.
    if !argument.isEmpty, Command.all.first(where: { $0.name == command.name })?.argument == "" {
      return usage(command.name)
    }
    switch command.name {
    case "help" where argument.isEmpty: say(Command.overview)
    case "help", "?": say(explanation(argument))
    case "??": say(session.source(of: argument) ?? explanation(argument))
    case "tour": return takeTour(argument)
    case "load": return load(argument)
    case "save": return save(argument)
    case "log": return log(argument)
    case "time": return time(argument)
    case "bg": return startJob(argument)
    case "jobs": listJobs()
    case "vars": listNames()
    case "hist": listInputs(argument)
    case "clear":
      session.restore(start)
      for index in inputs.indices { inputs[index].isForgotten = true }
      say("all names are forgotten")
    case "set": return set(argument)
    case "check": return check(argument)
    default:
      say(Command.unknown(command.name))
      return .failed
    }
    return .done
  }

  /// Says how a command is used, which was used otherwise.
  func usage(_ name: String) -> InputEnding {
    if let command = Command.all.first(where: { $0.name == name }) {
      let call = ":\(command.name) \(command.argument)".trimmingSpaces
      say("usage: \(call)  (\(command.text))")
    }
    return .failed
  }

  /// In the colours of the prompt's messages, which are where it goes.
  private func explanation(_ subject: String) -> String {
    if subject.hasPrefix(":"),
      let command = Command.all.first(where: { $0.name == subject.dropFirst() })
    {
      return ":\(command.name) \(command.argument)".trimmingSpaces + "\n  \(command.text)"
    }
    var traits = console.traits
    traits.hasColor = hasMessageColor
    session.terminal = traits
    return session.explanation(of: subject)
  }

  private func load(_ path: String) -> InputEnding {
    if path.isEmpty { return usage("load") }
    let text: String
    do { text = try TextFile.read(path) } catch {
      say(error.message)
      return .failed
    }
    // It takes a number as other inputs do, so that `:save` has it in its place.
    return run(SessionInput(text: text, file: path)) { (_) throws(Diagnostic) in
      try session.eval(text, name: path, mode: .file)
    }
  }

  private func time(_ code: String) -> InputEnding {
    if code.isEmpty { return usage("time") }
    let ending = evaluate(code)
    say("took \(shownDuration(inputs.last?.seconds ?? 0))")
    return ending
  }

  /// A file where there is one of this name, else the text itself.
  private func check(_ argument: String) -> InputEnding {
    if argument.isEmpty { return usage("check") }
    var file: String?
    if TextFile.exists(argument) {
      do { file = try TextFile.read(argument) } catch {
        say(error.message)
        return .failed
      }
    }
    let found = session.check(
      file ?? argument, name: file == nil ? "<check>" : argument,
      mode: file == nil ? .prompt : .file)
    for diagnostic in found { report(diagnostic) }
    if found.isEmpty { say("no mistakes found") }
    return .done
  }

  private func log(_ argument: String) -> InputEnding {
    switch argument {
    case "":
      say(console.transcript.map { "the transcript goes to \($0.path)" } ?? "no transcript is kept")
    case "off":
      let old = console.transcript
      console.transcript = nil
      say(old.map { "the transcript in \($0.path) ends" } ?? "no transcript was kept")
    default:
      let isNew = !TextFile.exists(argument)
      guard let transcript = Transcript(path: argument) else {
        say("\(argument): \(TextFile.lastProblem)")
        return .failed
      }
      console.transcript = transcript
      say(
        "all that is shown goes to \(argument) as well\(isNew ? "" : ", behind what it has");"
          + " `:log off` ends it")
    }
    return .done
  }
}
