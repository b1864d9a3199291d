import TSS
import TSSPrompt

/// `tss test`: runs the examples in the documentation of scripts, and the scripts themselves with
/// their asserts; without files the examples of the standard library.
struct TestCommand {
  let console: Console

  func run(files: [String]) -> Int32 {
    var count = Count()
    if files.isEmpty {
      let engine = Engine()
      test(engine.examples, in: engine.session(output: .capture), &count)
    }
    for path in files {
      let text: String
      do { text = try TextFile.read(path) } catch {
        console.note("tss: \(error.message)")
        return 2
      }
      test(text, name: path, &count)
    }
    let isTold = StandardStream.output.write(
      "\(count.passed) passed, \(count.failed) failed\n")
    return count.failed == 0 && isTold ? 0 : 1
  }

  private struct Count {
    var passed = 0
    var failed = 0
  }

  /// Running the script is a test by itself where it asserts something or fails.
  private func test(_ text: String, name: String, _ count: inout Count) {
    let session = Engine().session(output: .capture)
    session.script = name
    session["args"] = [String]()
    do {
      try console.watching(session) { () throws(Diagnostic) in
        try session.eval(text, name: name, mode: .file)
      }
      for failure in session.failedCells {
        console.report(failure)
        count.failed += 1
      }
      if session.failedCells.isEmpty, text.contains("assert") { count.passed += 1 }
    } catch {
      console.report(error)
      count.failed += 1
    }
    test(Example.find(in: text, name: name), in: session, &count)
  }

  private func test(_ examples: [Example], in session: Session, _ count: inout Count) {
    for example in examples {
      if let failure = console.watching(session, { session.failure(of: example) }) {
        count.failed += 1
        StandardStream.output.write(
          """
          \(example.place): \(example.code)
            expected: \(indented(example.expected))
            got:      \(indented(failure.got))

          """)
      } else {
        count.passed += 1
      }
    }
  }

  private func indented(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .joined(separator: "\n            ")
  }
}
