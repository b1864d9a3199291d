import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Work in the background, as a user sees it.
@Suite struct JobsTests {
  private let folder = TemporaryFolder()
  /// Some seconds of work that reports how far it is.
  private let work = "sgd(student(K=2), teacher(M=2), η=0.2, time=4000000, N=50)"
  /// Some tenths of a second.
  private let short = "sgd(student(K=2), teacher(M=2), η=0.2, time=10000, N=50)"

  private func start(_ color: String = "never") -> TerminalSession {
    let own = ["XDG_STATE_HOME": folder.path, "XDG_CONFIG_HOME": folder.path]
    let session = TerminalSession(["--color=\(color)"], environment: own)
    session.expectPrompt()
    return session
  }

  @Test func oneTypesWhileAJobRuns() {
    let session = start()
    session.send(":bg run = \(work)\r")
    session.expectPrompt()
    session.send("1 + 2\r")
    session.expect("\n3\ntss>")
    // ^C concerns the line that is written, or what runs in front.
    session.send("5 + \u{3}")
    session.expectPrompt()
    session.send("while true { }\r")
    session.expect("while true { }")
    session.expectRunning()
    session.send("\u{3}")
    session.expect("stopped")
    session.expectPrompt()
    session.send("wait(run)\r")
    // It waits, and shows how far the job is.
    session.expect("%")
    session.send("\u{3}")
    session.expect("stopped waiting; job 1 goes on\ntss>")
    session.send(":jobs\r")
    session.expect("  1: running, ")
    session.expectPrompt()
    session.send("part = cancel(run); part.α[-1] > 0\r")
    session.expect("\ntrue\ntss>")
    session.send(":jobs\r")
    session.expect("no jobs\ntss>")
  }

  @Test func noticesStandAboveTheInput() {
    let session = start()
    session.send(":bg \(short).eg[-1]\r")
    session.expect("job 1: ")
    session.send("10 + (1 +\r2")
    session.expect("job 1 finished: ")
    #expect(session.wait { $0.screen.text.contains("wait(1) gives it\ntss> 10 + (1 +\n") })
    session.send(")\r")
    session.expect("\n13\ntss>")
    session.send(":bg print(\"from\", \"afar\")\r")
    session.expect("\nfrom afar\n")
    session.expect("job 2 finished: print(\"from\", \"afar\") in ")
    session.expectPrompt()
    session.send(":bg [1, 2][3]\r")
    session.expect("job 3 failed after ")
    session.expect("there are 2 elements")
    session.expectPrompt()
  }

  @Test func aLineBelowTheInputSaysHowFarItIs() {
    let session = start("always")
    session.send(":bg \(work)\r")
    #expect(session.wait { $0.screen.lines.last?.hasPrefix("job 1: sgd ") == true })
    #expect(session.screen.style(of: "job 1: sgd ") == "2")
    let first = session.screen.lines.last
    session.send("1 + 1")
    let goesOn = session.wait {
      $0.screen.lines.last != first && $0.screen.lines.last?.hasPrefix("job 1") == true
    }
    #expect(goesOn, "\(session.screen.text)")
    #expect(session.screen.lines.dropLast().last == "tss> 1 + 1")
    session.send("\r")
    session.expect("tss> 1 + 1\n2\ntss>")
    session.send("cancel(1).α[1]\r")
    session.expect("\n0\ntss>")
    #expect(session.wait { $0.screen.lines.last == "tss>" }, "\(session.screen.text)")
  }

  @Test func leavingAsksOnce() {
    let session = start()
    session.send(":bg \(work)\r")
    session.expect("job 1: ")
    session.expectPrompt()
    session.send("\u{4}")
    session.expect("a job still runs: leave again to cancel it, or wait(jobs())\ntss>")
    session.send("1\r")
    session.expect("\n1\ntss>")
    session.send(":quit\r")
    session.expect("a job still runs", times: 2)
    session.expectPrompt()
    session.send(":quit\r")
    #expect(session.end() == 0)
  }

  @Test func scriptsWaitForTheirJobs() {
    let done = tss(["-e", "j = background(print(\"late\")); print(\"early\")"])
    #expect(done.status == 0)
    #expect(done.output.split(separator: "\n").sorted() == ["early", "late"])
    let failed = tss(["-e", "j = background([1, 2][3]); 5"])
    #expect(failed.status == 1 && failed.output == "5\n")
    #expect(failed.errors.contains("there are 2 elements"))
  }
}
