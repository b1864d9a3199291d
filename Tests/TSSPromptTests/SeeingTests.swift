import TSS
import TSSPrompt
import Testing

/// What stands on the screen beside the characters that are typed.
@Suite struct SeeingTests {
  private let folder = TemporaryFolder()

  private func start(columns: Int = 80) -> TerminalSession {
    let own = ["XDG_STATE_HOME": folder.path, "XDG_CONFIG_HOME": folder.path]
    return TerminalSession(["--color=always"], environment: own, columns: columns)
  }

  @Test func coloursWhatIsTyped() {
    let session = start()
    session.expectPrompt()
    session.send("if 12 < sin(3) { \"ab\" } # c")
    session.expect("# c")
    #expect(session.wait { $0.screen.style(of: "# c") == "2" })
    #expect(session.screen.style(of: "if") == "1;35")
    #expect(session.screen.style(of: "12") == "36")
    #expect(session.screen.style(of: "sin") == "34")
    #expect(session.screen.style(of: "\"ab\"") == "32")
    #expect(session.screen.style(of: "<") == "")
    // What is sent is neither seen nor run differently.
    session.send("\r")
    session.expect("# c\ntss>")
  }

  @Test func marksThePartnerOfABracket() {
    let session = start()
    session.expectPrompt()
    session.send("[1, (2+3)]")
    #expect(session.wait { $0.screen.style(of: "[") == "1;4" && $0.screen.style(of: "]") == "1;4" })
    #expect(session.screen.style(of: "(") == "")
    session.send("\u{1b}[D\u{1b}[D")
    #expect(session.wait { $0.screen.style(of: "(") == "1;4" && $0.screen.style(of: "[") == "" })
    session.send("\u{5})")
    session.expect("tss> [1, (2+3)])")
    #expect(session.wait { $0.screen.style(of: "])") == nil })
  }

  @Test func suggestsFromTheHistory() {
    let session = start()
    session.expectPrompt()
    session.send("learning_rate = 0.25\r")
    session.expectPrompt()
    session.send("lear")
    session.expect("tss> learning_rate = 0.25", times: 2)
    #expect(session.screen.style(of: "ning_rate = 0.25") == "2")
    // Enter takes what was typed and nothing else, and the faint rest is gone.
    session.send("\r")
    session.expect("the name `lear` is not known")
    #expect(session.count(of: "tss> learning_rate = 0.25") == 1)
    session.expectPrompt()
    session.send("learning_r")
    session.expect("tss> learning_rate = 0.25", times: 2)
    session.send("\u{1b}[C * 3\r")
    session.expect("learning_rate = 0.25 * 3\n")
    session.expectPrompt()
  }

  @Test func hintsAtTheArgumentInHand() {
    let session = start()
    session.expectPrompt()
    session.send("S = student(2, g=")
    session.expect("  student(K, g=erf, v=1, init=normal(0.1), scale=1)")
    #expect(session.screen.style(of: "g=erf") == "1")
    #expect(session.wait { $0.screen.lines.last?.hasPrefix("  g: ") == true })
    session.send("relu)")
    #expect(session.wait { $0.screen.lines.last == "tss> S = student(2, g=relu)" })
    session.send("\r")
    session.expect("S = student(2, g=relu)\ntss>")
    // A wide hint is cut, one below many lines stands below the last.
    session.send("f(x) = {\r  ode(S, teacher(2), η=")
    session.expect("η=none")
    #expect(session.screen.lines.allSatisfy { $0.count < 80 })
    session.send("\u{3}")
    session.expectPrompt()
    #expect(!session.screen.text.contains("η=none"))
  }

  /// libedit alone puts the first of them over the prompt.
  @Test func insertsWideCharacters() {
    let session = start(columns: 40)
    session.expectPrompt()
    session.send("\"αα漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字\"")
    session.expect("漢字漢字\"")
    session.send("\u{1}漢")
    session.expect("tss> 漢\"αα漢字")
    session.send("\u{8}\r")
    session.expect("tss> \"αα漢字漢字漢字漢字漢字漢字漢字漢字\n漢字漢字\"\n\"αα漢字")
    session.expectPrompt()
  }

  @Test func showsNothingOfThisWithoutColour() {
    let own = ["XDG_STATE_HOME": folder.path, "XDG_CONFIG_HOME": folder.path, "NO_COLOR": "1"]
    let session = TerminalSession([], environment: own)
    session.expectPrompt()
    session.send("first = sqrt(4)\rfirst = sq")
    session.expect("tss> first = sq", times: 2)
    session.send("rt(")
    session.expect("tss> first = sqrt(", times: 2)
    #expect(session.screen.lines.last == "tss> first = sqrt(")
    #expect(!session.raw.contains("\u{1b}[2m") && !session.raw.contains("\u{1b}[36m"))
  }
}
