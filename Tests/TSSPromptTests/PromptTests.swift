import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a user sees and does at the prompt, on a real pseudo-terminal.
@Suite struct PromptTests {
  private let folder = TemporaryFolder()

  private func start(
    _ arguments: [String] = ["--color=never"], _ environment: [String: String] = [:],
    columns: Int = 80
  ) -> TerminalSession {
    let own = ["XDG_STATE_HOME": folder.path, "XDG_CONFIG_HOME": folder.path]
    return TerminalSession(
      arguments, environment: own.merging(environment) { $1 }, columns: columns)
  }

  @Test func evaluates() {
    let session = start()
    session.expectPrompt()
    #expect(session.screen.lines.first?.hasPrefix("tss ") == true)
    session.send("1 + 2\r")
    session.expect("tss> 1 + 2\n3\ntss>")
    session.send("_ * 2\r")
    session.expect("\n6\ntss>")
    session.send("_1\r")
    session.expect("tss> _1\n3\ntss>")
    session.send("\"text\"\r")
    session.expect("\n\"text\"\ntss>")
    session.send("nothing\r")
    session.expect("tss> nothing\ntss>")
    session.send("\u{4}")
    #expect(session.end() == 0)
  }

  @Test func showsErrorsAndGoesOn() {
    let session = start()
    session.expectPrompt()
    session.send("1 + undefined_name\r")
    session.expect("error: ")
    session.expect("<input 1>:1:5")
    session.send("2 * 21\r")
    session.expect("\n42\ntss>")
  }

  @Test func opensLinesInUnfinishedInput() {
    let session = start()
    session.expectPrompt()
    session.send("f(x) = {\r")
    session.expect("tss> f(x) = {")
    session.send("y = 2x\ry + 1\r")
    session.send("}\r")
    session.expect("tss> f(x) = {\n  y = 2x\n  y + 1\n}\ntss>")
    session.send("f(3)\r")
    session.expect("\n7\ntss>")
    // Alt-Enter opens a line where ⏎ would not.
    session.send("1\u{1b}\r+ 1")
    session.expect("tss> 1\n+ 1")
    session.send("\u{3}")
    session.expectPrompt()
  }

  @Test func movesInsideManyLinesBeforeTheHistory() {
    let session = start()
    session.expectPrompt()
    session.send("5\r")
    session.expect("\n5\ntss>")
    session.send("[1,\r2]\u{1b}[A")
    // On the first line, under the end of the second.
    session.send("\u{5}10, ")
    session.expect("tss> [1,10,\n")
    session.send("\u{1b}[B\r")
    session.expect("[1, 10, 2]")
    session.expectPrompt()
    session.send("\u{1b}[A")
    session.expect("tss> [1,10,", times: 2)
    session.send("\u{1b}[A\u{1b}[A")
    session.expect("tss> 5", times: 2)
    session.send("\r")
    session.expect("tss> 5\n5\ntss>", times: 2)
  }

  @Test func historyOutlivesTheSession() {
    let first = start()
    first.expectPrompt()
    first.send("111\r")
    first.expectPrompt()
    first.send("g(x) =\r  x + 1\r")
    first.expectPrompt()
    first.send("\u{4}")
    #expect(first.end() == 0)
    var status = stat()
    #expect(stat("\(folder.path)/tss/history", &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)

    let second = start()
    second.expectPrompt()
    second.send("\u{1b}[A")
    second.expect("tss> g(x) =\n  x + 1")
    second.send("\u{1b}[A\u{1b}[A\r")
    second.expect("tss> 111\n111\ntss>")
    // The prefix that is written selects.
    second.send("g\u{1b}[A")
    second.expect("tss> g(x) =\n  x + 1")
    second.send("\u{3}\u{12}11")
    second.expect("111")
    second.send("\r\r")
    second.expect("\n111\n", times: 2)
  }

  @Test func completes() {
    let session = start()
    session.expectPrompt()
    session.send("unmistakable = 7\r")
    session.expectPrompt()
    session.send("unmis\t\r")
    session.expect("tss> unmistakable\n7\ntss>")
    session.send("r = (first_field=1, second_field=2)\r")
    session.expectPrompt()
    session.send("r.se\t\r")
    session.expect("tss> r.second_field\n2\ntss>")
    session.send("\\eta\t = 3\r")
    session.expect("tss> η = 3\n")
    session.send("eta\r")
    session.expect("tss> eta\n3\ntss>")
    // Several: they are listed, and the input stands below again.
    session.send("r.\t")
    session.expect("  first_field")
    session.expect("tss> r.", times: 3)
    session.send("\u{3}")
    session.expectPrompt()
    session.send(":he\t")
    session.expect("tss> :help")
  }

  @Test func pastesProgramsAndSessions() {
    let session = start()
    session.expectPrompt()
    session.send("\u{1b}[200~a = 1\nb = {\n\ta + 1\n}\n\u{1b}[201~")
    session.expect("tss> a = 1\nb = {\n  a + 1\n}")
    session.send("\r")
    session.expectPrompt()
    session.send("b\r")
    session.expect("tss> b\n2\ntss>")
    session.send("\u{1b}[200~tss> a + 5\n6\ntss> [a,\n  b]\n[1, 2]\n\u{1b}[201~")
    session.expect("tss> a + 5\n[a,\n  b]")
    session.send("\r")
    session.expect("[1, 2]")
  }

  @Test func cancelsTheLine() {
    let session = start()
    session.expectPrompt()
    session.send("12345\u{3}")
    session.expect("tss> 12345^C\ntss>")
    session.expectPrompt()
    session.send("\u{1b}[A\r")
    session.expect("tss> 12345\n12345\ntss>")
  }

  @Test func stopsAComputation() {
    let session = start()
    session.expectPrompt()
    session.send("i = 0\r")
    session.expectPrompt()
    session.send("while true { i = i + 1 }\r")
    session.expect("while true")
    session.expectRunning()
    session.expectBusy(milliseconds: 50)
    session.send("\u{3}")
    session.expect("stopped")
    session.expectPrompt()
    session.send("i > 0\r")
    session.expect("\ntrue\ntss>")
  }

  @Test func leavesTheLineAloneWhenTheWindowChanges() {
    let session = start(columns: 40)
    session.expectPrompt()
    session.send("\"" + String(repeating: "abcdefghij", count: 6) + "\"")
    session.expect("tss> \"abcdefghijabcdefghijabcdefghijabcd\nefghij")
    session.send("\u{1}\u{5}\u{7f}x\"\r")
    session.expect("abcdefghijx\"\ntss>")
  }

  @Test func speaksWithoutControlSequences() {
    let session = start(["--color=never"], ["TERM": "dumb"])
    session.expectPrompt()
    session.send("1 + 2\n")
    session.expect("\n3\ntss>")
    session.send("[1,\n")
    session.expect("...>")
    session.send("2]\n")
    session.expect("...> 2]\n[1, 2]\ntss>")
    #expect(!session.raw.contains("\u{1b}"))
    session.send("\u{4}")
    #expect(session.end() == 0)
  }

  @Test func takesGreekInTheCLocale() {
    let session = start(["--color=never"], ["LANG": "C"])
    session.expectPrompt()
    session.send("η = 3; λ_1 = 4é\u{7f}\r")
    session.expect("tss> η = 3; λ_1 = 4\n")
    session.send("η + lambda_1\r")
    session.expect("\n7\ntss>")
  }

  @Test func editsAsViDoes() {
    _ = folder.write("bind -v\n", to: ".editrc")
    let session = start(["--color=never"], ["HOME": folder.path])
    session.expectPrompt()
    session.send("11 + 5\u{1b}")
    session.expectCursor(column: 10)
    session.send("0x\r")
    session.expect("tss> 1 + 5\n6\ntss>")
    session.send("\u{1b}[A\r")
    session.expect("\n6\ntss>", times: 2)
  }

  @Test func runsTheUsersInitialization() {
    mkdir("\(folder.path)/tss", 0o700)
    _ = folder.write("from_init = 99\n", to: "tss/init.tss")
    let session = start()
    session.expectPrompt()
    session.send("from_init\r")
    session.expect("\n99\ntss>")
  }

  @Test func restoresTheTerminalWhenKilled() {
    let session = start()
    session.expectPrompt()
    session.send("1 + ")
    session.expect("tss> 1 +")
    session.signal(SIGTERM)
    #expect(session.end() == 128 + SIGTERM)
    #expect(session.raw.contains("\u{1b}[?2004l"))
  }

  @Test func savesWhatWorked() {
    let session = start()
    session.expectPrompt()
    for line in ["a = 2", "a + 1", "unknown + 1", "_ * 2", ":save \(folder.path)/s.tss"] {
      session.send(line + "\r")
      session.expectPrompt()
    }
    session.expect("3 inputs written")
    let outcome = tss(["\(folder.path)/s.tss"])
    #expect(outcome.status == 0)
    #expect(outcome.output == "3\n6\n")
  }

  @Test func bindsAStoppedRunAndDoesNotSaveItsInput() {
    let session = start()
    session.expectPrompt()
    session.send("a = 2\r")
    session.expectPrompt()
    session.send("r = sgd(student(K=2), teacher(M=2), η=0.1, time=1e6, N=1e4); b = 1\r")
    session.expect("b = 1\n")
    session.expectRunning()
    session.expectBusy(milliseconds: 300)
    session.send("\u{3}")
    session.expect("stopped; what was done is `_`")
    session.expectPrompt()
    session.send("[r.ending, _.ending]\r")
    session.expect("\n[\"interrupted\", \"interrupted\"]\n")
    session.expectPrompt()
    session.send("t = sweep k in 1:2 { if k > 1 { while true { } }; k }\r")
    session.expect("}; k }")
    session.expectRunning()
    session.expectBusy(milliseconds: 300)
    session.send("\u{3}")
    session.expect("stopped; what was done is `_`", times: 2)
    session.expectPrompt()
    session.send("t[1] + 40\r")
    session.expect("\n41\n")
    session.send(":save \(folder.path)/s.tss\r")
    // What reads the stopped runs is left out with them.
    session.expect("1 input written")
    let saved = pipeline("cat '\(folder.path)/s.tss'")
    #expect(saved.contains("a = 2\n"))
    #expect(!saved.contains("sgd") && !saved.contains("sweep"))
  }

  @Test func knowsItsCommands() {
    let session = start()
    session.expectPrompt()
    session.send(":help\r")
    session.expect(":quit")
    session.expectPrompt()
    session.send("?sqrt\r")
    session.expect("sqrt(")
    session.expectPrompt()
    session.send("?sweep\r")
    session.expect("sweep K in 4:10")
    session.expectPrompt()
    session.send("h(x) = x^2\r")
    session.expectPrompt()
    session.send("??h\r")
    session.expect("tss> ??h\nh(x) = x^2\ntss>")
    session.send("v = 1\r:vars\r")
    session.expect("  v  number ")
    session.expectPrompt()
    session.send(":nonsense\r")
    session.expect("there is no command :nonsense")
    session.send(":time 1 + 1\r")
    session.expect("took ")
    session.send(":check 1 + \r")
    session.expect("error: ")
    session.send(":quit\r")
    #expect(session.end() == 0)
  }
}
