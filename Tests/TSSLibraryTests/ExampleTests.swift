import TSSLanguage
import TSSStandardLibrary
import Testing

/// Collects what programs print.
private final class Listener: Host, @unchecked Sendable {
  var output = ""
  func write(_ text: String) { output += text }
  func note(_ text: String) {}
  func progress(_ report: ProgressReport) -> ProgressDecision { .go }
  let terminal = TerminalTraits()
  let threads = 1
  let directory = "."
  let seed: UInt64 = 1
}

private func source(_ module: StandardLibrary.Module) -> Source {
  Source(name: module.name + ".tss", text: String(decoding: module.source, as: UTF8.self))
}

/// A session with everything in it.
private func session(_ host: any Host) -> Interpreter {
  let modules = StandardLibrary.modules.dropFirst().map { ($0.name, source($0)) }
  return Interpreter(
    vocabulary: standard, prelude: source(StandardLibrary.prelude),
    modules: Dictionary(uniqueKeysWithValues: modules), host: host, limits: Limits())
}

/// Runs examples one after the other, each in a session as new.
private struct Examiner {
  private let listener = Listener()
  private let interpreter: Interpreter
  private let start: Interpreter.Snapshot

  init() {
    interpreter = session(listener)
    start = interpreter.snapshot()
  }

  /// What is wrong with an example; nil if it does what it says.
  func complaint(_ example: Example) -> String? {
    interpreter.restore(start)
    listener.output = ""
    do throws(Diagnostic) {
      let program = Source(name: "<example>", text: example.code)
      let value = try interpreter.run(program, mode: .prompt)
      let shown = try value.shown(in: interpreter.context) ?? ""
      let printed = listener.output + shown
      return example.accepts(printed) ? nil : "\(example.code) prints \(printed)"
    } catch {
      return example.accepts(error) ? nil : "\(example.code): \(error.message)"
    }
  }
}

@Suite struct ExampleTests {
  @Test func thePreludeIsSound() {
    let problems = session(Listener()).preludeDiagnostics
    #expect(problems.isEmpty, "\(problems.map { "\($0.message) at \($0.span?.text ?? "")" })")
  }

  @Test(arguments: StandardLibrary.parts + StandardLibrary.modules.dropFirst())
  func examplesOfTheStandardLibrary(module: StandardLibrary.Module) throws {
    let examiner = Examiner()
    var count = 0
    for statement in try Parser.parse(source(module)).statements {
      guard case .define(let function) = statement.kind else { continue }
      for example in Example.all(in: function.documentation) {
        count += 1
        if let complaint = examiner.complaint(example) { Issue.record("\(module.name): \(complaint)") }
      }
    }
    #expect(count >= 5)
  }

  @Test func examplesOfTheVocabulary() {
    let examiner = Examiner()
    for (name, entry) in standard.entries.sorted(by: { $0.key < $1.key }) {
      for (code, output) in entry.documentation.examples {
        if let complaint = examiner.complaint(Example(code: code, expected: output)) {
          Issue.record("\(name): \(complaint)")
        }
      }
    }
  }

  @Test func examplesAreComparedByNumbersAndWords() {
    let example = Example(code: "", expected: "(slope=2, 1e-05)")
    #expect(example.accepts("(slope=2.0000000000000004,  1.00000000001e-05)"))
    #expect(!example.accepts("(slope=2.01, 1e-05)"))
    #expect(!example.accepts("(slope=2)"))
    #expect(
      Example.all(in: "Text.\n\n>>> f(1)\n2\n3\n>>> g\n\nmore")
        == [
          Example(code: "f(1)", expected: "2\n3", line: 2),
          Example(code: "g", expected: "", line: 5),
        ])
    #expect(Example(code: "", expected: "error: no").accepts(.runtime("a", "there is no b")))
  }
}
