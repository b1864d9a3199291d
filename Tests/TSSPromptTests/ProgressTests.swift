import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Long computations on a terminal: the progress line, stopping, going on.
@Suite struct ProgressTests {
  private let folder = TemporaryFolder()
  /// Some seconds of work that reports how far it is.
  private let work = "run = sgd(student(K=2), teacher(M=2), η=0.2, time=400000, N=50)"

  @Test func theLineComesAndGoes() {
    let file = folder.write("\(work)\nprint(\"done\")\n", to: "a.tss")
    let session = TerminalSession(["--color=never", file])
    let appeared = session.wait { $0.screen.text.contains("%") }
    #expect(appeared, "\(session.screen.text)")
    #expect(session.screen.text.hasPrefix("sgd  "), "\(session.screen.text)")
    session.send("\u{3}")
    #expect(session.end() == 130)
    #expect(!session.screen.text.contains("%"), "\(session.screen.text)")
  }

  @Test func quietMeansNoLine() {
    let file = folder.write("\(work)\n", to: "a.tss")
    let session = TerminalSession(["--quiet", "--color=never", file])
    session.expectBusy(milliseconds: 1500)
    #expect(!session.screen.text.contains("%"))
    session.send("\u{3}")
    #expect(session.end() == 130)
  }

  @Test func whatWasDoneIsKept() {
    let session = TerminalSession(
      ["--color=never"], environment: ["XDG_STATE_HOME": folder.path])
    session.expectPrompt()
    session.send(work + "\r")
    session.expectRunning()
    session.expectBusy(milliseconds: 300)
    session.send("\u{3}")
    session.expect("stopped; what was done is `_`, and `resume(_)` continues it")
    session.expectPrompt()
    session.send("_.α[-1] > 0\r")
    session.expect("\ntrue\ntss>")
  }

  @Test func scriptsMayLeadToThePrompt() {
    let file = folder.write("a = 5\nprint(\"hello\")\n", to: "a.tss")
    let session = TerminalSession(
      ["--color=never", "-i", file], environment: ["XDG_STATE_HOME": folder.path])
    session.expect("hello\ntss>")
    session.send("a\r")
    session.expect("tss> a\n5\ntss>")
    session.send(":load \(file)\r")
    session.expect("hello", times: 2)
    session.expectPrompt()
  }
}
