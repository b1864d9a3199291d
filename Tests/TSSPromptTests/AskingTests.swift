import Testing

/// What one asks at the prompt: TAB by context, help by name and by words, what was meant.
@Suite struct AskingTests {
  private let folder = TemporaryFolder()

  private func start(columns: Int = 100) -> TerminalSession {
    let own = ["XDG_STATE_HOME": folder.path, "XDG_CONFIG_HOME": folder.path]
    let session = TerminalSession(["--color=never"], environment: own, columns: columns)
    session.expectPrompt()
    return session
  }

  /// Whether the list above the input has a line that begins and ends so.
  private func lists(_ session: TerminalSession, _ name: String, _ text: String) -> Bool {
    session.wait {
      $0.screen.lines.contains { $0.hasPrefix("  \(name) ") && $0.contains(text) }
    }
  }

  @Test func completesByContext() {
    _ = folder.write("x,y\n1,2\n", to: "measured.csv")
    let session = start()
    session.send("S = student(2); r = ode(S, teacher(2), η=0.1, time=1)\r")
    session.expectPrompt()
    // Arguments with a line about each; what fits comes first.
    session.send("sgd(\t")
    #expect(lists(session, "S", "student"))
    #expect(lists(session, "momentum=", "heavy ball"))
    let rows = session.screen.lines
    let first = rows.firstIndex { $0.hasPrefix("  S ") }
    let later = rows.firstIndex { $0.hasPrefix("  momentum=") }
    #expect(first != nil && later != nil && first! < later!, "\(session.screen.text)")
    // The words an argument may be.
    session.send("\u{3}")
    session.expectPrompt()
    session.send("sgd(S, method=\t")
    session.expect("  reduced")
    session.send("\u{3}")
    session.expectPrompt()
    // Fields of a run, files in quotes, functions of a module.
    session.send("r.\t")
    #expect(lists(session, "eg", "generalisation error"), "\(session.screen.text)")
    session.send("\u{3}")
    session.expectPrompt()
    session.send("csv(\"\(folder.path)/meas\t")
    session.expect("/measured.csv")
    session.send("\u{3}")
    session.expectPrompt()
    session.send("plateau_r\t")
    session.expect("tss> plateau_rate(")
    session.send("\u{3}")
    session.expectPrompt()
  }

  @Test func explains() {
    let session = start()
    session.send("?student\r")
    session.expect("student(K, g=erf")
    for part in ["number of hidden units", ">>> ", "see also: "] { session.expect(part) }
    session.expectPrompt()
    session.send("?learning rate\r")
    session.expect("  stable_rate ")
    session.expectPrompt()
    session.send("help(\"tables\")\r")
    session.expect("A table holds a value for every point of a grid")
    session.expectPrompt()
    session.send(":help sgd\r")
    session.expect("sgd(student")
    session.expectPrompt()
    session.send("help\r")
    session.expect("\nfunctions\n  networks ")
    session.expectPrompt()
  }

  @Test func saysHowAFunctionIsCalled() {
    let session = start()
    session.send("jobs\r")
    session.expect("tss> jobs\njobs(): a function, ?jobs explains it\ntss>")
    session.send("ode\r")
    session.expect("\node(student, …): a function, ?ode explains it\ntss>")
    session.send("square(x) = x^2\r")
    session.expectPrompt()
    session.send("square\r")
    session.expect("tss> square\nsquare(x) = x^2\ntss>")
    session.send("x -> 2x\r")
    session.expect("tss> x -> 2x\nx -> 2x\ntss>")
  }

  @Test func suggestsWhatWasMeant() {
    let session = start()
    session.send("studnet(3)\r")
    session.expect("help: did you mean `student`?")
    session.expectPrompt()
    session.send("exit\r")
    session.expect("help: the prompt is left with `:quit` or ^D")
    session.expectPrompt()
    session.send("kept = 5\r")
    session.expectPrompt()
    // One name cannot be forgotten; the others are not lost in trying.
    session.send(":clear kept\r")
    session.expect("usage: :clear  (forget all names you have defined)")
    session.send("kept\r")
    session.expect("tss> kept\n5\ntss>")
  }

  @Test func filesThatCannotBeReadOrWritten() {
    mkdirOnce("\(folder.path)/dir")
    _ = folder.write("a = \u{1}\u{2}", to: "odd.tss")
    let session = start()
    for (input, answer) in [
      (":load \(folder.path)/none.tss", "none.tss: No such file or directory"),
      (":load \(folder.path)/dir", "/dir: Is a directory"),
      (":load /bin/sh", "/bin/sh: line "),
      (":load \(folder.path)/odd.tss", "error: "),
      (":save /proc/none.tss", "/proc/none.tss: No such file or directory"),
      (":save \(folder.path)/dir", "/dir: Is a directory"),
      (":time unknown", "took "),
      (":check \(folder.path)/dir", "/dir: Is a directory"),
    ] {
      session.send(input + "\r")
      session.expect(answer)
      session.expectPrompt()
    }
  }

  @Test func offersAFileForTheFirstPlot() {
    let session = start()
    session.send("plot([1, 4, 9])\r")
    session.expect("`save(_, \"plot.pdf\")` writes it as a picture\ntss>")
    session.send("plot([1, 2])\r")
    session.expectPrompt()
    #expect(session.count(of: "writes it as a picture") == 1)
  }

  private func mkdirOnce(_ path: String) { _ = pipeline("mkdir '\(path)'") }
}
