import TestSupport
import Testing

/// The command line and the exit statuses: 0 done, 1 runtime error, 2 parse or check error or
/// wrong usage, 130 interrupted.
@Suite struct CommandLineTests {
  private let folder = TemporaryFolder()

  @Test func runsCode() {
    let outcome = tss(["-e", "x = 2", "-e", "x + 1", "-e", "-x"])
    #expect(outcome.output == "3\n-2\n")
    #expect(outcome.errors == "")
    #expect(outcome.status == 0)
  }

  @Test(arguments: [
    ("1 + 1", Int32(0)), ("[1, 2][3]", 1), ("1 +", 2), ("unknown_name", 2),
    ("f(x) = x; f(1, 2)", 2),
  ])
  func exitStatus(code: String, status: Int32) {
    #expect(tss(["-e", code]).status == status, "-e \(code)")
    #expect(tss([], input: code).status == status, "stdin: \(code)")
    #expect(tss(["-"], input: code).status == status, "- \(code)")
    let file = folder.write(code + "\n", to: "a.tss")
    #expect(tss([file]).status == status, "file: \(code)")
    #expect(tss(["--check", file]).status == (status == 2 ? 2 : 0), "--check \(code)")
  }

  @Test func errorsGoToStandardError() {
    let file = folder.write("print(\"before\")\n[1, 2][3]\nprint(\"after\")\n", to: "a.tss")
    let outcome = tss([file])
    #expect(outcome.output == "before\n")
    #expect(outcome.errors.hasPrefix("error: "))
    #expect(outcome.errors.contains("a.tss:2:"))
    #expect(!outcome.errors.contains("\u{1b}"))
    #expect(tss(["--color=always", file]).errors.contains("\u{1b}["))
  }

  @Test func checkRunsNothing() {
    let good = folder.write("print(1)\n", to: "good.tss")
    let bad = folder.write("print(undefined_name)\n", to: "bad.tss")
    let outcome = tss(["--check", good, bad])
    #expect(outcome.output == "")
    #expect(outcome.errors.contains("bad.tss:1:7"))
    #expect(outcome.status == 2)
    #expect(tss(["--check", good]).status == 0)
  }

  @Test func scriptsGetTheirArguments() {
    let file = folder.write("#!/usr/bin/env tss\nprint(args)\n", to: "a.tss")
    #expect(
      tss([file, "-x", "--help", "-e", "3"]).output == "[\"-x\", \"--help\", \"-e\", \"3\"]\n")
    #expect(tss(["-", "a"], input: "args").output == "[\"a\"]\n")
    #expect(tss([file]).output == "[]\n")
  }

  @Test func usage() {
    #expect(tss(["--bogus"]).status == 2)
    #expect(tss(["--threads", "0", "-e", "1"]).status == 2)
    #expect(tss(["--threads", "x", "-e", "1"]).status == 2)
    #expect(tss(["--check"]).status == 2)
    let missing = tss(["\(folder.path)/missing.tss"])
    #expect(missing.status == 2)
    #expect(missing.errors.contains("missing.tss: No such file or directory"))
    #expect(tss([folder.path]).status == 2)
    #expect(tss(["--version"]).output.hasPrefix("tss "))
    let help = tss(["--help"])
    #expect(help.status == 0)
    #expect(help.output.contains("tss test"))
  }

  @Test func testsExamples() {
    let file = folder.write(
      """
      ## Twice x.
      ## >>> twice(2)
      ## 4
      ## >>> twice(0.1 + 0.2)
      ## 0.6
      ## >>> twice("a")
      ## error: number
      twice(x) = 2*x

      ## >>> thrice(1)
      ## 4
      thrice(x) = 3*x
      assert(twice(1) == 2)

      """, to: "a.tss")
    let outcome = tss(["test", file])
    #expect(outcome.output.contains("a.tss:10: thrice(1)\n  expected: 4\n  got:      3\n"))
    #expect(outcome.output.hasSuffix("\n4 passed, 1 failed\n"), "\(outcome)")
    #expect(outcome.status == 1)
    let failing = folder.write("assert(1 == 2, \"no\")\n", to: "b.tss")
    let failed = tss(["test", failing])
    #expect(failed.output == "0 passed, 1 failed\n")
    #expect(failed.errors.contains("error: no"))
  }

  @Test func theLibrarysExamplesHold() {
    let outcome = tss(["test"])
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(outcome.output.hasSuffix(" passed, 0 failed\n"))
  }

  @Test func interruptedIs130() {
    let file = folder.write("print(\"ready\")\nwhile true { x = 1 }\n", to: "a.tss")
    let session = TerminalSession(["--color=never", file])
    session.expect("ready")
    session.send("\u{3}")
    #expect(session.end() == 130)
    #expect(session.screen.text == "ready\n^C\ninterrupted")
  }

  @Test func aStoppedRunStopsTheScript() {
    let file = folder.write(
      """
      print("ready")
      r = sgd(student(K=2), teacher(M=2), η=0.1, time=1e6, N=1e4)
      print("after")

      """, to: "a.tss")
    let session = TerminalSession(["--color=never", "--quiet", file])
    session.expect("ready")
    session.send("\u{3}")
    #expect(session.end() == 130)
    #expect(session.screen.text == "ready\n^C\ninterrupted")
  }

  @Test func outputThatCannotBeWrittenIsAnError() {
    let run = "'\(Executable.path)' -e 'print(1)'"
    #expect(pipeline("\(run) >&-; echo $?").hasSuffix("\n1\n"))
    #if os(Linux)
      #expect(
        pipeline("\(run) >/dev/full; echo $?")
          == "tss: standard output: No space left on device\n1\n")
    #endif
  }

  @Test func checkReportsAllFiles() {
    let good = folder.write("1\n", to: "good.tss")
    let bad = folder.write("undefined_name\n", to: "bad.tss")
    let missing = "\(folder.path)/missing.tss"
    for files in [[good, bad, missing], [missing, good, bad], [missing, bad]] {
      let outcome = tss(["--check"] + files)
      #expect(outcome.errors.contains("bad.tss:1:1"))
      #expect(outcome.errors.contains("missing.tss: No such file or directory"))
      #expect(outcome.status == 2)
    }
  }

  @Test func failedCellsAreToldOnce() {
    let outcome = tss(["-e", "t = sweep i in 1:14 { [1][i] }"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.split(separator: "in the cell").count == 11)
    #expect(outcome.errors.hasSuffix("\n… and 3 more cells failed\n"))
  }

  @Test func textThatIsNotUTF8IsAnError() {
    let file = "\(folder.path)/a.tss"
    _ = pipeline("printf 'x = 1\\ny = \"\\377\"\\n' >'\(file)'")
    let outcome = tss([file])
    #expect(outcome.errors.hasSuffix("a.tss: line 2 is not UTF-8\n"), "\(outcome)")
    #expect(outcome.status == 2)
    let user = folder.write("use \"a.tss\"\n", to: "b.tss")
    #expect(tss([user]).errors.contains("line 2 is not UTF-8"))
  }

  @Test func aClosedPipeIsNoCrash() {
    let file = folder.write("for i in 1:100000 { print(i) }\n", to: "a.tss")
    let shell = tss(["-e", "1"])
    #expect(shell.status == 0)
    let outcome = pipeline("'\(Executable.path)' '\(file)' | head -1")
    #expect(outcome == "1\n")
  }
}
