import TestSupport
import Testing

/// What the prompt says of commands that cannot be done, of history that cannot be kept, and where
/// it says things in colour.
@Suite struct SayingTests {
  private let folder = TemporaryFolder()

  private func start(
    _ arguments: [String] = ["--color=never"], _ environment: [String: String] = [:],
    program: String = Executable.path
  ) -> TerminalSession {
    let own = ["XDG_STATE_HOME": folder.path, "XDG_CONFIG_HOME": folder.path]
    let session = TerminalSession(
      arguments, environment: own.merging(environment) { $1 }, program: program)
    session.expectPrompt()
    return session
  }

  @Test func commandsWithMistakesHaveFailed() {
    let session = start()
    let wrong = [
      ":set foo", ":set digits 99", ":tour 99", ":check", ":load",
      ":vars x", ":qiut",
    ]
    let right = [":set", ":set digits", ":set digits 5", ":check 1 + 1", ":tour off", ":hist"]
    for command in wrong + right {
      session.send(command + "\r")
      session.expectPrompt()
    }
    session.send("\u{4}")
    #expect(session.end() == 0)
    let endings = pipeline("sed -n 's/^.=[^ ]* \\([a-z]*\\) .*/\\1/p' '\(folder.path)/tss/history'")
    let expected = wrong.map { _ in "failed" } + right.map { _ in "done" }
    #expect(endings.split(separator: "\n").map(String.init) == expected)
  }

  @Test func saysThatHistoryIsNotKept() {
    let file = folder.write("", to: "file")
    let session = start([], ["XDG_STATE_HOME": file + "/below"])
    let said = "the history is kept for this session only: \(file)/below/tss/history: "
    #expect(session.raw.contains(said))
    session.send("6 * 7\r")
    session.expect("6 * 7\n42\ntss>")
    session.send("\u{1b}[A\r")
    session.expect("6 * 7\n42\ntss>", times: 2)
    #expect(session.count(of: "kept for this session") == 1)
    // Where it is kept nothing is said.
    #expect(!start().screen.text.contains("history"))
  }

  @Test func savesNoJobThatFailedOrWasCancelled() {
    let path = folder.path + "/saved.tss"
    let session = start()
    session.send(":bg error(\"x\")\r")
    session.expect("job 1 failed")
    session.expectPrompt()
    session.send(":bg r = 20 + 1\r")
    session.expect("job 2 finished")
    session.expectPrompt()
    session.send("2 * wait(r)\r")
    session.expect("\n42\ntss>")
    session.send("z = background(sgd(student(2), teacher(2), η=0.1, N=1000, time=1e9)); 0\r")
    session.expect("; 0\n0\ntss>")
    session.send("w = cancel(z); 1\r")
    session.expect("; 1\n1\ntss>")
    session.send(":save \(path)\r")
    session.expect("written to")
    session.expectPrompt()
    let saved = pipeline("grep -v '^#' '\(path)'")
    #expect(saved.contains("r = background(20 + 1)\n2 * wait(r)\n"))
    #expect(!saved.contains("error(") && !saved.contains("cancel(") && !saved.contains("sgd("))
    let outcome = tss([path])
    #expect(outcome.status == 0 && outcome.output.hasPrefix("42\n"), "\(outcome.errors)")
  }

  /// Messages go to a file, results to the terminal: colour where the terminal is.
  @Test func coloursWhatGoesToTheTerminal() {
    let errors = folder.path + "/errors"
    let environment = ["TSS": Executable.path, "ERRORS": errors, "TERM": "xterm"]
    let session = start(["-c", "exec \"$TSS\" 2> \"$ERRORS\""], environment, program: "/bin/sh")
    session.send("12 + nothing_known\r")
    session.expectPrompt()
    session.send("student(2)\r")
    session.expect("student")
    session.expectPrompt()
    #expect(session.screen.style(of: "tss>") == "1;36")
    session.send(":set color on\r")
    session.expectPrompt()
    session.send("12 + nothing_known\r")
    session.expectPrompt()
    #expect(!pipeline("cat '\(errors)'").contains("\u{1b}"))
    session.send(":set color off\r")
    session.expectPrompt()
    #expect(session.screen.lines.last == "tss>" && session.screen.rows.last?.first?.style == "")
    session.send("\u{4}")
    #expect(session.end() == 0)
    #expect(pipeline("cat '\(errors)'").contains("the name `nothing_known` is not known"))
  }
}
