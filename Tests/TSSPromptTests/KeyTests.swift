import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Keys that are not typed every day, each of which leaves a prompt that works.
@Suite struct KeyTests {
  private let folder = TemporaryFolder()

  private func start(
    color: String = "never", isVi: Bool = false, columns: Int = 80, rows: Int = 24
  ) -> TerminalSession {
    if isVi { _ = folder.write("bind -v\n", to: ".editrc") }
    let own = [
      "XDG_STATE_HOME": folder.path, "XDG_CONFIG_HOME": folder.path, "HOME": folder.path,
    ]
    let session = TerminalSession(
      ["--color=\(color)"], environment: own, columns: columns, rows: rows)
    session.expectPrompt()
    return session
  }

  @Test func cutsAndYanksAsEmacsDoes() {
    let session = start()
    // ^A, ^K, ^Y twice, ^W, ^U, Alt-B, Ctrl-arrow, ^T.
    session.send("12 + 3\u{1}\u{b}\u{19} + \u{19}\r")
    session.expect("tss> 12 + 3 + 12 + 3\n30\ntss>")
    session.send("5 + wrong\u{17}6\u{1b}b\u{1b}[1;5D4\r")
    session.expect("tss> 45 + 6\n51\ntss>")
    session.send("nonsense\u{15}8\r")
    session.expect("tss> 8\n8\ntss>")
    session.send("9 1\u{1b}[D\u{8}+\u{1b}[H\u{1b}[3~7\u{1b}[F1\r")
    session.expect("tss> 7+11\n18\ntss>")
    // Ctrl-Space is nothing, and the key after it what it always is.
    session.send("3 3\u{0}\u{1b}[D\u{0}\u{8}*\r")
    session.expect("tss> 3*3\n9\ntss>")
  }

  /// libedit's own ^K cuts all the lines below.
  @Test func cutsToTheEndOfTheLine() {
    let session = start()
    session.send("s = [1,\r2,\r3]; sum(s)")
    session.expect("  3]; sum(s)")
    // In the middle of the line above, then at its end, then at the end of all.
    session.send("\u{1b}[A\u{1}\u{b}  20,")
    session.expect("tss> s = [1,\n  20,\n  3]; sum(s)")
    session.send("\u{b}\u{b}\u{b} 4]; sum(s)")
    session.expect("tss> s = [1,\n  20, 4]; sum(s)")
    // What was cut last is the line below.
    session.send(" + 0 * {\u{19}\r")
    session.expect("tss> s = [1,\n  20, 4]; sum(s) + 0 * {  3]; sum(s)")
    session.send("\u{3}")
    session.expectPrompt()
  }

  @Test func searchesTheHistory() {
    let session = start()
    for number in 1...3 {
      session.send("found_\(number) = \(number)\r")
      session.expectPrompt()
    }
    session.send("kept\u{12}found")
    session.expect("search `found`: found_3 = 3")
    session.send("\u{12}")
    session.expect("search `found`: found_2 = 2")
    session.send("x")
    session.expect("nothing older has `foundx`: found_2 = 2")
    session.send("\u{7f}")
    session.expect("search `found`: found_3 = 3")
    // ^G brings back what was written; an arrow keeps what was found.
    session.send("\u{7}")
    session.expect("tss> kept")
    session.send("\u{15}\u{12}d_1")
    session.expect("search `d_1`: found_1 = 1")
    session.send("\u{1b}[D0\r")
    session.expect("tss> found_1 = 01\ntss>")
    // ^C ends the search; the prompt is what it was.
    session.send("\u{12}found")
    session.expect("search `found`: ")
    session.send("\u{3}")
    #expect(session.wait { $0.screen.lines.last == "tss>" })
    session.send("found_2\r")
    session.expect("tss> found_2\n2\ntss>")
  }

  @Test func escapeEndsASearchAndTakesNoKeyWithIt() {
    let session = start()
    session.send("found = 11\r")
    session.expectPrompt()
    session.send("\u{12}found")
    session.expect("search `found`: found = 11")
    session.send("\u{1b}")
    #expect(session.wait { $0.screen.lines.last == "tss> found = 11" })
    session.send("\u{3}")
    session.expect("found = 11^C\ntss>")
    session.send("found\r")
    session.expect("tss> found\n11\ntss>")
  }

  /// As a key, and within a paste of anything.
  @Test func noByteStopsTheTerminal() {
    let session = start()
    session.send("12\u{13} + \u{13}\u{11}3\r")
    session.expect("tss> 12 + 3\n15\ntss>")
    let controls = String(String.UnicodeScalarView((0...31).map { Unicode.Scalar($0) }))
    session.send("\u{1b}[200~4\(controls)\(controls)\u{1b}[201~")
    session.expect("tss> 4")
    session.send("\u{15}\u{3}")
    session.expectPrompt()
    session.send("6 * 7\r")
    session.expect("tss> 6 * 7\n42\ntss>")
  }

  /// libedit dereferences NULL for these.
  @Test func survivesViCommandsWithoutSense() {
    let session = start(isVi: true)
    for keys in ["_", "d_", "3G", ":\"\r", "/a\r", "@a", "n", "+"] {
      session.send("12\u{1b}")
      session.expectCursor(column: 6)
      session.send(keys)
      session.send("\u{3}")
      session.expectPrompt()
    }
    // In an empty line, whose end libedit takes to be before its beginning.
    session.send("\u{1b}\u{5}")
    session.send("x\u{5}Xx\u{5}D")
    session.send("i6 * 7\r")
    session.expect("tss> 6 * 7\n42\ntss>")
    let emacs = start()
    for keys in ["\u{1b}x\"\r", "\u{18}\u{18}", "\u{1b}p"] {
      emacs.send("12\(keys)\u{3}")
      emacs.expectPrompt()
    }
    emacs.send("6 * 7\r")
    emacs.expect("tss> 6 * 7\n42\ntss>")
  }

  /// libedit's model of the screen ends where the screen does.
  @Test(arguments: ["always", "never"])
  func editsInputsHigherThanTheScreen(color: String) {
    let session = start(color: color, columns: 20, rows: 5)
    let up = String(repeating: "\u{1b}[A", count: 12)
    session.send("\u{1b}[200~s = [1,\n2,\n3,\n4,\n5,\n6,\n7,\n8\n]; sum(s)\u{1b}[201~")
    session.expect("]; sum(s)")
    // Up to the first line, to its end and on; down again, and beyond the edge of the screen.
    session.send("\(up)\u{5}100,\u{1b}[F\u{1b}[H")
    session.send(String(repeating: "\u{1b}[B", count: 9) + "\u{5} ")
    for _ in 0..<30 { session.send("+ 1 ") }
    session.send("\r")
    session.expect("\n166\ntss>")
    session.expectPrompt()
    session.send("6 * 7\r")
    session.expect("tss> 6 * 7\n42\ntss>")
  }

  /// One the system has no entry for, such as a new one at the other end of ssh.
  @Test(arguments: ["always", "never"])
  func editsOnUnknownTerminals(color: String) {
    let own = [
      "XDG_STATE_HOME": folder.path, "XDG_CONFIG_HOME": folder.path,
      "TERM": "a-terminal-nobody-knows",
    ]
    let session = TerminalSession(["--color=\(color)"], environment: own, columns: 30)
    session.expectPrompt()
    #expect(!session.screen.text.contains("terminal type"))
    session.send("s = [1, 2,\r3]; sum(s)\u{1b}[A\u{5} 5,\u{1b}[B")
    session.expect("tss> s = [1, 2, 5,\n  3]; sum(s)")
    session.send("\u{5} + 1000 + 2000 + 3000 + 4000\u{1b}[H\u{1b}[3~\u{1b}[3~")
    session.expect("tss> s = [1, 2, 5,\n3]; sum(s) + 1000 + 2000 + 300\n0 + 4000")
    session.send("\r")
    session.expect("\n0 + 4000\n10011\ntss>")
  }

  @Test func anInputSurvivesEveryWindow() {
    let session = start(color: "always")
    session.send("sum([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])")
    for (columns, rows) in [(20, 5), (5, 2), (2, 1), (300, 3), (1, 1), (80, 24)] {
      session.resize(columns: columns, rows: rows)
      session.send(" + 1\u{1b}[D\u{1b}[C\t\u{12}\u{7}\u{1}\u{5}")
      _ = session.wait(seconds: 0.05) { _ in false }
    }
    session.send("\r")
    session.expect("\n61\n")
    session.expectPrompt()
  }

  @Test func drawsListsAnewInANewWindow() {
    let session = start(columns: 100)
    session.send("ode(\t")
    session.expect("  TAB shows more (1 of 2)\ntss> ode(")
    session.resize(columns: 40)
    session.send("\t")
    // The first page again, with lines that fit.
    session.expect("  TAB shows more (1 of 2)", times: 2)
    let page = session.screen.lines.suffix(12)
    #expect(page.allSatisfy { $0.count <= 40 }, "\(session.screen.text)")
  }

  /// A job ends while the history is searched, and while a list is open.
  @Test func noticesDoNotDisturbASearch() {
    let session = start()
    session.send("while_searched = 1\r")
    session.expectPrompt()
    session.send(":bg sgd(student(K=2), teacher(M=2), η=0.2, time=20000, N=50).N\r")
    session.expectPrompt()
    session.send("\u{12}while")
    session.expect("search `while`: while_searched = 1")
    session.expect("job 1 finished: ")
    #expect(session.wait { $0.screen.lines.last == "search `while`: while_searched = 1" })
    session.send("\r")
    session.expect("tss> while_searched = 1\ntss>")
  }
}
