import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a user keeps of a session, and what the commands show of it, on a pseudo-terminal.
@Suite struct SessionTests {
  private let folder = TemporaryFolder()

  private func start(
    _ arguments: [String] = ["--color=never"], columns: Int = 80
  ) -> TerminalSession {
    let own = ["XDG_STATE_HOME": folder.path, "XDG_CONFIG_HOME": folder.path]
    let session = TerminalSession(arguments, environment: own, columns: columns)
    session.expectPrompt()
    return session
  }

  private func text(_ name: String) -> String { pipeline("cat '\(folder.path)/\(name)'") }

  @Test func savesWhatCameFromFilesAndInitializationToo() {
    mkdir("\(folder.path)/tss", 0o700)
    mkdir("\(folder.path)/lib", 0o700)
    _ = folder.write("from_init = 40\n", to: "tss/init.tss")
    _ = folder.write("from_lib = 2\n", to: "lib/lib.tss")
    let script = folder.write("use \"lib.tss\"\nboth = from_init + from_lib\n", to: "lib/a.tss")
    let session = start()
    for line in [
      ":load \(script)", "both + 1", "x = 1; [1][2]", "x", "x = 5; x", "_ + both",
      ":save \(folder.path)/s.tss",
    ] {
      session.send(line + "\r")
      session.expectPrompt()
    }
    session.expect("4 inputs written")
    session.expect("left out, since it reads what a stopped or failed input left behind: 4")
    let saved = text("s.tss")
    #expect(saved.contains("session's own seed was 0"))
    let outcome = tss(["\(folder.path)/s.tss"])
    #expect(outcome.status == 0 && outcome.errors == "")
    #expect(outcome.output == "43\n5\n47\n")
    // It may be written again, but nothing else is overwritten.
    session.send(":save \(folder.path)/s.tss\r")
    session.expect("4 inputs written", times: 2)
    session.send(":save \(script)\r")
    session.expect("was not written by :save")
    #expect(text("lib/a.tss").hasPrefix("use"))
  }

  @Test func savesScriptsThatDrawTheSameNumbers() {
    let session = start()
    for line in [
      "r = sgd(student(2), teacher(2), η=0.5, time=2, N=50)", "r.eg[-1]", "random(2)",
      "sum(shuffle(1:9, seed=4)[1:3])", ":save \(folder.path)/s.tss",
    ] {
      session.send(line + "\r")
      session.expectPrompt()
    }
    session.expect("4 inputs written")
    let lines = tss(["\(folder.path)/s.tss"]).output.split(separator: "\n")
    #expect(lines.count == 3)
    for line in lines { session.expect("\n\(line)\n") }
  }

  @Test func survivesABrokenInitialization() {
    mkdir("\(folder.path)/tss", 0o700)
    _ = folder.write("early = 7\nearly + nothing_known\n", to: "tss/init.tss")
    let session = start()
    session.expect("tss/init.tss:2:9")
    session.send("1 + 1\r")
    session.expect("\n2\ntss>")
  }

  @Test func listsInputsWithTheirEndings() {
    let first = start()
    first.expectPrompt()
    first.send("1 + 1\r")
    first.expectPrompt()
    first.send("unknown\r")
    first.expectPrompt()
    first.send("while true { }\r")
    first.expect("tss> while true { }")
    first.expectRunning()
    first.send("\u{3}")
    first.expectPrompt()
    first.send(":hist\r")
    #expect(
      first.wait {
        $0.screen.lines.contains { $0.hasPrefix("1  ") && $0.hasSuffix(" 1 + 1") }
      })
    first.expect("\n2  failed ")
    first.expect("\n3  stopped ")
    first.expectPrompt()
    // It is written before it runs: a crash leaves its cause.
    first.send("while true { 7 }\r")
    first.expect("tss> while true { 7 }")
    _ = first.wait { _ in text("tss/history").contains("{ 7 }") }
    first.signal(SIGKILL)
    _ = first.end()
    let history = text("tss/history")
    #expect(history.contains(" 1 + 1\n"))
    #expect(history.split(separator: "\n").filter { $0.hasPrefix("\\=") }.count == 4)

    let second = start(columns: 100)
    second.send(":hist while\r")
    second.expect("stopped ")
    second.expect("did not end     while true { 7 }")
    second.send("\u{1b}[A\u{1b}[A")
    second.expect("tss> while true { 7 }")
  }

  @Test func keepsATranscript() {
    let session = start(["--color=always"], columns: 120)
    session.send(":log \(folder.path)/log.txt\r")
    session.expect("goes to")
    for line in ["a = [1,\r2]", "a", "unknown", "plot([1, 2, 3])", ":log off", "6 * 7"] {
      session.send(line + "\r")
      session.expectPrompt()
    }
    let log = text("log.txt")
    #expect(log.contains("tss> a = [1,\n  2]\ntss> a\n[1, 2]\ntss> unknown\nerror: "))
    #expect(log.contains("<input 3>:1:1"))
    #expect(log.contains("┤"))
    #expect(!log.contains("\u{1b}") && !log.contains("42"))
    session.send(":log /nonexistent/log.txt\r")
    session.expect("/nonexistent/log.txt: No such file or directory")
    session.send(":log \(folder.path)/log.txt\r")
    session.expect("behind what it has")
    session.send("123454321\r")
    session.expectPrompt()
    #expect(text("log.txt").hasPrefix(log) && text("log.txt").hasSuffix("123454321\n"))
  }

  @Test func changesSettings() {
    let session = start(["--color=always"])
    session.send(":set\r")
    session.expect("digits   all")
    session.expect("threads  ")
    session.send(":set digits 3\r")
    session.expectPrompt()
    session.send("1/3\r")
    session.expect("\n0.333\ntss>")
    session.send(":set digits 99\r")
    session.expect("digits is a whole number from 1 to 17, or all, not 99; it stays 3")
    session.send(":set colr off\r")
    session.expect("did you mean `color`?")
    session.send(":set threads 1\r")
    session.expectPrompt()
    session.send(":set threads\r")
    session.expect("threads  1 ")
    session.send(":set hints off\r")
    session.expectPrompt()
    session.send("sqrt(\u{3}")
    session.expect("sqrt(^C")
    session.expectPrompt()
    #expect(!session.screen.text.contains("sqrt(x)"))
    session.send(":set color off\r")
    session.expectPrompt()
    session.send("6 * 7\r")
    session.expect("\n42\ntss>")
    let length = session.raw.utf8.count
    session.send("unknown\r")
    session.expect("error: ")
    session.expectPrompt()
    #expect(!String(session.raw.utf8.dropFirst(length))!.contains("\u{1b}[1;3"))
  }

  @Test func describesNamesWithKindsAndSizes() {
    let session = start()
    session.send("A = identity(100); n = 3; t = sweep K in 1:7 { K }\r")
    session.expectPrompt()
    session.send(":vars\r")
    session.expect("  A  matrix, 100×100    80 kB  [1, 0")
    session.expect("  n  number  ")
    session.expect("  t  table, K: 7 ")
    session.expect("  3 names, 80 kB")
    session.send(":clear\r")
    session.expectPrompt()
    session.send(":vars\r")
    session.expect("no names are defined yet")
  }

  @Test func completesCommandsAndTheirArguments() {
    let script = folder.write("loaded = 12\n", to: "a_script.tss")
    let session = start()
    session.send(":lo\t")
    session.expect("  :load   FILE run a script here")
    session.send("\u{3}:load \(script.dropLast(9))\t\r")
    session.expect("a_script.tss\n")
    session.expectPrompt()
    session.send("?loade\t\r")
    session.expect("tss> ?loaded\nloaded: a number")
    session.send(":set co\toff\r")
    session.expect("tss> :set color off\ntss>")
    session.send(":time loade\t*2\r")
    session.expect("tss> :time loaded*2\n")
    session.send("\u{3}")
    session.send(":qiut\r")
    session.expect("there is no command :qiut; did you mean :quit?")
    session.send("?studnet\r")
    session.expect("nothing is known of `studnet`; did you mean `student`?")
  }

  @Test func pagesThroughLongLists() {
    let session = start(columns: 40)
    session.send("ode(\t")
    session.expect("  TAB shows more (1 of 2)")
    session.send("\t")
    session.expect("  TAB shows more (2 of 2)")
    session.send("\t")
    session.expect("  TAB shows more (1 of 2)")
    #expect(session.screen.lines.allSatisfy { $0.count <= 40 })
    session.send("tim\t")
    session.expect("tss> ode(time=")
  }
}
