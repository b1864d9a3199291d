import Foundation
import TestSupport
import Testing

/// The guide to the prompt, docs/prompt.md: every screen in it is taken here, from a session that is
/// typed on a real pseudo-terminal. A screen that has changed is a failure;
/// `TSS_UPDATE_SNAPSHOTS=1` takes them anew, as text and as pictures.
@Suite struct GuideTests {
  private let folder = TemporaryFolder()

  private func start() -> TerminalSession {
    let own = ["XDG_STATE_HOME": folder.path, "XDG_CONFIG_HOME": folder.path, "EDITOR": "true"]
    return TerminalSession(["--color=always"], environment: own, columns: 84)
  }

  /// Compares the screen with docs/prompt/`name`.txt, and writes the picture beside it.
  private func expectScreen(_ session: TerminalSession, _ name: String) throws {
    let file = Programs.root.appending(path: "docs/prompt/\(name)")
    let text = session.screen.text + "\n"
    if ProcessInfo.processInfo.environment["TSS_UPDATE_SNAPSHOTS"] == "1" {
      try text.write(to: file.appendingPathExtension("txt"), atomically: true, encoding: .utf8)
      try ScreenPicture(screen: session.screen).svg.write(
        to: file.appendingPathExtension("svg"), atomically: true, encoding: .utf8)
    }
    let expected = Programs.text(of: file.appendingPathExtension("txt"))
    #expect(text == expected, "the screen of \(name) has changed")
  }

  @Test func theCallInHand() throws {
    let session = start()
    session.expectPrompt()
    session.send("η = 0.2\r")
    session.expectPrompt()
    session.send("S = student(K=3, g=erf, init=normal(0.1))\r")
    session.expectPrompt()
    session.send("T = teacher(M=2, g=")
    session.expect("  g: ")
    try expectScreen(session, "1-the-call-in-hand")
  }

  @Test func aRunAndItsPlot() throws {
    let session = start()
    session.expectPrompt()
    session.send("r = ode(student(3), teacher(2, σ=0.1), η=0.2, time=300)\r")
    session.expectPrompt()
    session.send("r\r")
    session.expect("eg ")
    session.expectPrompt()
    session.send("plot(r)\r")
    session.expectPrompt()
    try expectScreen(session, "2-a-run-and-its-plot")
  }

  @Test func manyLines() throws {
    let session = start()
    session.expectPrompt()
    session.send("r = ode(student(2), teacher(2), η=0.5, time=50)\r")
    session.expectPrompt()
    session.send("decay(run, n=count(run.eg)) = {  # per unit of α\r")
    session.expect("# per unit of α")
    session.send("log(run.eg[1] / run.eg[n]) / run.α[n]\r")
    session.expect("run.α[n]")
    session.send("}\r")
    session.expectPrompt()
    session.send("decay(r)\r")
    session.expectPrompt()
    session.send("dec")
    session.expect("decay(r)", times: 2)
    try expectScreen(session, "3-many-lines")
  }

  @Test func mistakes() throws {
    let session = start()
    session.expectPrompt()
    session.send("student(K=2, inti=normal(0.1))\r")
    session.expectPrompt()
    session.send("[1, 2] * [3, 4]\r")
    session.expectPrompt()
    try expectScreen(session, "4-mistakes")
  }

  @Test func completion() throws {
    let session = start()
    session.expectPrompt()
    session.send("teacher(2, \t")
    session.expect("weights=")
    session.expect("tss> teacher(2,", times: 2)
    session.expect("The fixed network")
    try expectScreen(session, "5-completion")
  }
}
