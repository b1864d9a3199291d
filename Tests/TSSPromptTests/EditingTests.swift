import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Pastes, other editors, windows and jobs: the input stays whole and in its place.
@Suite struct EditingTests {
  private let folder = TemporaryFolder()

  private func start(
    _ arguments: [String] = ["--color=never"], _ environment: [String: String] = [:],
    columns: Int = 80, rows: Int = 24
  ) -> TerminalSession {
    let own = ["XDG_STATE_HOME": folder.path, "XDG_CONFIG_HOME": folder.path]
    return TerminalSession(
      arguments, environment: own.merging(environment) { $1 }, columns: columns, rows: rows)
  }

  private func script(_ text: String, _ name: String) -> String {
    let path = folder.write("#!/bin/sh\n" + text + "\n", to: name)
    chmod(path, 0o755)
    return path
  }

  // MARK: Another editor

  @Test func opensTheUsersEditor() {
    let editor = script(
      "head -1 \"$1\" > '\(folder.path)/seen'; ls -l \"$1\" > '\(folder.path)/listed'\n"
        + "printf 'f(x) = {\\n\\tx + 40\\n}; f(2)\\n\\n' > \"$1\"", "editor")
    let session = start(["--color=always"], ["VISUAL": editor, "EDITOR": "/nonexistent"])
    session.expectPrompt()
    session.send("f(x) =\u{18}\u{5}")
    session.expect("tss> f(x) = {\n  x + 40\n}; f(2)")
    // It can still be changed.
    session.send(" + 1\r")
    session.expect("f(2) + 1\n43\ntss>")
    #expect(pipeline("cat '\(folder.path)/seen'") == "f(x) =\n")
    #expect(pipeline("cat '\(folder.path)/listed'").hasPrefix("-rw------- "))
    #expect(pipeline("ls '\(folder.path)'").contains(".tss") == false)
  }

  @Test func leavesTheInputWhereTheEditorFails() {
    let editor = script("echo 99 > \"$1\"; exit 1", "editor")
    let session = start(["--color=never"], ["EDITOR": editor])
    session.expectPrompt()
    session.send("20 + 1\u{18}\u{5}")
    session.send("0\r")
    session.expect("tss> 20 + 10\n30\ntss>")
    let other = start(["--color=never"], ["EDITOR": "no-ed -w"])
    other.expectPrompt()
    other.send("7\u{18}\u{5}")
    other.expect(
      "there is no editor `no-ed`: set VISUAL or EDITOR to one that is installed\ntss> 7")
    other.send("7\r")
    other.expect("tss> 77\n77\ntss>")
  }

  @Test func opensTheEditorInViMode() {
    _ = folder.write("bind -v\n", to: ".editrc")
    let editor = script("echo 6 '*' 7 > \"$1\"", "editor")
    let session = start(["--color=never"], ["HOME": folder.path, "EDITOR": editor])
    session.expectPrompt()
    session.send("1\u{1b}")
    session.expectCursor(column: 5)
    session.send("v")
    session.expect("tss> 6 * 7")
    session.send("\r")
    session.expect("tss> 6 * 7\n42\ntss>")
  }

  // MARK: Long, wide and combining

  @Test func pastesTwentyThousandCharacters() {
    let session = start(["--color=always"])
    session.expectPrompt()
    let lines = (0..<800).map { "t[\($0 % 5 + 1)] + 2*sin(12 + 0*12)" }
    let text = "t = 1:5\r\ns = [" + lines.joined(separator: ",\r\n") + "]"
    #expect(text.utf8.count > 20_000)
    session.send("\u{1b}[200~\(text)\r\n\u{1b}[201~; 1001")
    session.expect("; 1001")
    session.send("\u{7f}2\r")
    session.expect("1002\n1002\ntss>")
    session.send("[count(s), abs(sum(s) - 1600*sin(12) - 2400) < 1e-6]\r")
    session.expect("\n[800, true]\ntss>")
  }

  @Test(arguments: ["--color=always", "--color=never"])
  func editsCombiningCharacters(color: String) {
    let session = start([color], columns: 40)
    session.expectPrompt()
    session.send("\"e\u{301}tude n\u{303} α\"")
    session.expect("tss> \"e\u{301}tude n\u{303} α\"")
    session.send("\u{1b}[D\u{7f}x")
    session.expect("tss> \"e\u{301}tude n\u{303} x\"")
    session.send("\u{1}\u{1b}[C\u{1b}[C\u{1b}[Cy")
    session.expect("tss> \"e\u{301}ytude n\u{303} x\"")
    // Beyond the row, and to and fro.
    session.send("\u{5}\u{7f}" + String(repeating: "o\u{308}", count: 30) + "end\"")
    session.expect("end\"")
    session.send("\u{1b}[D\u{1b}[D!\u{1}\u{1b}[Cz\u{5}")
    let whole = "tss> \"ze\u{301}ytude n\u{303} xo\u{308}"
    session.expect(whole)
    session.expect("o\u{308}en!d\"")
    session.send("\r")
    session.expect("o\u{308}en!d\"\n\"z")
    session.expectPrompt()
    #expect(session.count(of: "tss>") == 2 && session.count(of: whole) == 1)
  }

  @Test func hintsAtTheBottomOfTheScreen() {
    let session = start(["--color=always"], columns: 60, rows: 8)
    session.expectPrompt()
    for i in 1...5 {
      session.send("\(i)\r")
      session.expect("tss> \(i)\n\(i)\ntss>")
    }
    session.send("S = student(2, g=")
    session.expect("  student(")
    // Both rows of it are on the screen, below the input.
    #expect(session.wait { $0.screen.lines.last?.hasPrefix("  g: ") == true })
    #expect(session.screen.lines.suffix(3).first == "tss> S = student(2, g=")
    session.send("relu)\r")
    session.expect("g=relu)\ntss>")
    #expect(session.count(of: "tss> S = student") == 1)
    #expect(session.count(of: "g: ") == 0)
    // An input of more rows than fit above the hint.
    session.send("f(x) = {\r")
    for i in 1...6 { session.send("y\(i) = \(i)\r") }
    session.send("sqrt(")
    session.expect("  y6 = 6\n  sqrt(")
    session.send("x)\r}\r")
    session.expect("  y6 = 6\n  sqrt(x)\n}\ntss>")
    session.send("f(49)\r")
    session.expect("tss> f(49)\n7\ntss>")
  }

  @Test func followsTheWindow() {
    let session = start(["--color=always"], columns: 60)
    session.expectPrompt()
    session.send("11111 + 22222 + 33333 + 44444")
    session.expect("44444")
    session.resize(columns: 20)
    session.expect("tss> 11111 + 22222 +\n 33333 + 44444")
    session.send(" + 1")
    session.expect("33333 + 44444 + 1")
    session.resize(columns: 70)
    session.expect("tss> 11111 + 22222 + 33333 + 44444 + 1")
    session.send("\r")
    session.expect("\n111111\ntss>")
  }

  // MARK: Typed ahead, and jobs

  @Test func showsWhatIsTypedAheadOnce() {
    let session = start(["--color=always"])
    session.expectPrompt()
    session.send("i = 0; while i < 2e6 { i = i + 1 }\r")
    session.expect("i + 1 }")
    session.send("i + 1\r3 * 14")
    session.expect("tss> i + 1\n2000001\ntss> 3 * 14")
    #expect(session.count(of: "i + 1\n") == 1)
    #expect(session.count(of: "3 * 14") == 1)
    session.send("\r")
    session.expect("3 * 14\n42\ntss>")
  }

  @Test func forgetsWhatIsTypedAheadOfAStop() {
    let session = start()
    session.expectPrompt()
    session.send("while true {}\r7 * 6\r")
    session.expectRunning()
    session.send("5 * 5\r\u{3}")
    session.expect("stopped\ntss>")
    session.expectPrompt()
    session.send("1\r")
    session.expect("tss> 1\n1\ntss>")
    #expect(session.count(of: "42") == 0 && session.count(of: "25") == 0)
  }

  /// Under a shell, whose terminal must be as it was whenever it has it.
  @Test func isAJobAmongOthers() {
    let own = [
      "XDG_STATE_HOME": folder.path, "XDG_CONFIG_HOME": folder.path, "PS1": "shell: ",
      "TSS": Executable.path,
    ]
    let session = TerminalSession(
      ["--norc", "--noprofile", "--noediting", "-i"], environment: own, program: "/bin/bash")
    session.expect("shell:")
    session.send("$TSS --color=never\n")
    session.expectPrompt()
    session.send("12 + ")
    session.expect("tss> 12 +")
    session.send("\u{1a}")
    session.expect("Stopped")
    #expect(session.modes.c_lflag & tcflag_t(ECHO | ICANON) == tcflag_t(ECHO | ICANON))
    session.send("fg\n")
    session.expect("tss> 12 +", times: 2)
    session.send("30\r")
    session.expect("tss> 12 + 30\n42\ntss>")
    // And while a program runs.
    session.send("i = 0; while true { i = i + 1 }\r")
    session.expect("+ 1 }")
    session.expectRunning()
    session.send("\u{1a}")
    session.expect("Stopped", times: 2)
    #expect(session.modes.c_lflag & tcflag_t(ECHO | ICANON) == tcflag_t(ECHO | ICANON))
    session.send("fg\n")
    session.expectRunning()
    session.send("\u{3}")
    session.expect("stopped\ntss>")
    session.send("5 * 5\r")
    session.expect("tss> 5 * 5\n25\ntss>")
    session.send("\u{4}")
    session.expect("shell:", times: 4)
    #expect(session.modes.c_lflag & tcflag_t(ECHO | ICANON) == tcflag_t(ECHO | ICANON))
  }

  @Test(arguments: [SIGTERM, SIGHUP, SIGSEGV])
  func leavesTheTerminalAsItWas(signal: Int32) {
    let session = start(["--color=never"], ["SWIFT_BACKTRACE": "enable=no"])
    session.expectPrompt()
    session.send("123\r")
    session.expect("\n123\ntss>")
    let found = session.modes.c_lflag & tcflag_t(ECHO | ICANON)
    #expect(found == 0)
    session.send("while true {}\r")
    session.expect("{}")
    session.expectBusy(milliseconds: 50)
    session.signal(signal)
    // The terminal lives as long as this side of it.
    #expect(session.wait { $0.modes.c_lflag & tcflag_t(ECHO) != 0 })
    #expect(session.end() == 128 + signal)
    let history = pipeline("cat '\(folder.path)/tss/history'")
    #expect(history.contains(" 123\n") && history.contains(" while true {}\n"))
  }
}
