import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// ^C while something runs, and going on.
@Suite struct StoppingTests {
  private let folder = TemporaryFolder()

  private func start(_ environment: [String: String] = [:]) -> TerminalSession {
    let own = ["XDG_STATE_HOME": folder.path, "XDG_CONFIG_HOME": folder.path]
    return TerminalSession(["--color=never"], environment: own.merging(environment) { $1 })
  }

  /// Sends ^C to what computes, and waits for the prompt. How soon it comes is measured in
  /// `docs/design/prompt.md`: what runs here would go on for longer than a test waits, or be whole.
  private func stop(_ session: TerminalSession, expecting text: String) {
    session.send("\u{3}")
    session.expect(text)
    session.expectPrompt()
  }

  /// Part of the work, ^C, the rest: the bits are those of the whole. Each takes half a second and
  /// more, so that ^C comes in its midst on quicker machines, too.
  @Test(arguments: [
    "ode(student(K=16), teacher(M=16), η=0.2, time=1000)",
    "ode(student(K=2, g=relu), teacher(M=2), η=0.2, time=60)",
    "sgd(student(K=2), teacher(M=2), η=0.2, time=60000, N=100)",
    "sgd(student(K=2), teacher(M=2), η=0.2, time=100000, N=100, method=reduced)",
    "sgd(student(K=2), teacher(M=2), η=0.2, time=30000, N=100, seed=1:4)",
    "sgd(student(K=2), teacher(M=2), η = t -> { for i in 1:20000 { }; 0.2 }, time=40, N=100)",
  ])
  func goesOnToTheSameBits(engine: String) {
    let session = start()
    session.expectPrompt()
    session.send("whole = \(engine); save(whole, \"\(folder.path)/a.csv\")\r")
    session.expectPrompt()
    session.send("part = \(engine)\r")
    session.expect("tss> part = ")
    session.expectRunning()
    session.expectBusy(milliseconds: 50)
    stop(session, expecting: "stopped; what was done is `_`, and `resume(_)` continues it\ntss>")
    session.send("_.ending\r")
    session.expect("\n\"interrupted\"\ntss>")
    session.send("0 < part.α[-1] and part.α[-1] < whole.α[-1]\r")
    session.expect("\ntrue\ntss>")
    session.send("save(resume(part), \"\(folder.path)/b.csv\")\r")
    session.expectPrompt()
    #expect(pipeline("cmp '\(folder.path)/a.csv' '\(folder.path)/b.csv' && echo same") == "same\n")
  }

  @Test func goesOnWithASweep() {
    let session = start()
    session.expectPrompt()
    let sweep =
      "sweep k in 1:8 { sgd(student(K=2), teacher(M=2), η=0.2, time=12000, N=100, seed=k).eg[-1] }"
    session.send("whole = \(sweep)\r")
    session.expectPrompt()
    session.send("part = \(sweep)\r")
    session.expect("tss> part = ")
    session.expectRunning()
    session.expectBusy(milliseconds: 50)
    stop(session, expecting: "stopped; what was done is `_`, and `resume(_)` continues it\ntss>")
    session.send("resume(part) == whole\r")
    session.expect("\ntrue\ntss>")
  }

  @Test func stopsGnuplot() {
    let path = folder.write("#!/bin/sh\nsleep 20\n", to: "gnuplot")
    chmod(path, 0o755)
    let session = start(["PATH": "\(folder.path):/usr/bin:/bin"])
    session.expectPrompt()
    session.send("save(plot([1, 2]), \"\(folder.path)/p.png\")\r")
    session.expect("p.png")
    let isDrawing = session.wait { _ in pipeline("pgrep -f '^/bin/sh \(path)'") != "" }
    #expect(isDrawing)
    stop(session, expecting: "stopped\ntss>")
    session.send("1 + 1\r")
    session.expect("\n2\ntss>")
    // Neither it nor what it has started is left, nor a half of the file.
    let isTidy = session.wait { _ in
      pipeline("ls -A '\(folder.path)'; pgrep -f '^/bin/sh \(path)'") == "gnuplot\ntss\n"
    }
    #expect(isTidy)
  }

  @Test func warnsBeforeItEnds() {
    // Opening a named pipe that nobody writes to waits in the kernel.
    _ = pipeline("mkfifo '\(folder.path)/pipe'")
    let session = start()
    session.expectPrompt()
    session.send("kept = 1\r")
    session.expectPrompt()
    session.send("load(\"\(folder.path)/pipe\")\r")
    session.expect("/pipe")
    session.expectRunning()
    // It waits there as soon as it has parsed the line, and nothing tells that it does.
    sleep(1)
    // A key that bounces is one request.
    session.send("\u{3}\u{3}\u{3}\u{3}")
    #expect(!session.wait(seconds: 0.2) { $0.screen.text.contains("still") })
    session.send("\u{3}")
    session.expect("still stopping; ^C once more ends tss, and its values are lost")
    usleep(200_000)
    session.send("\u{3}")
    #expect(session.wait { $0.modes.c_lflag & tcflag_t(ECHO) != 0 })
    #expect(session.end() == 128 + SIGINT)
  }
}
