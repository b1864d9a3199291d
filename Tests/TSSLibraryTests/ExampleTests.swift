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
    #expect(problems.isEmpty, "\(problems.map(\.message))")
  }

  @Test(arguments: StandardLibrary.parts + StandardLibrary.modules.dropFirst())
  func examplesOfTheStandardLibrary(module: StandardLibrary.Module) throws {
    let examiner = Examiner()
    var count = 0
    for statement in try Parser.parse(source(module)).statements {
      guard case .define(let function) = statement.kind else { continue }
      for example in Example.all(in: function.documentation) {
        count += 1
        let complaint = examiner.complaint(example)
        #expect(complaint == nil, "\(module.name)")
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

  /// Functions of the library and operators of the language together.
  @Test(arguments: [
    ("t = sweep K in 4:5, η in [1, 2] { K*η }; mean(t, over=\"eta\")[K=5]", "7.5"),
    ("t = sweep K in 1:2 { (eg=K^2, n=1) }; max(t.eg)", "4"),
    ("t = sweep K in 1:2 { (eg=K^2, n=1) }; mean(t)", "error: `mean` needs numbers"),
    ("Q = [4, 0; 0, 9]; R = [2, 0; 0, 3]; R ./ (sqrt(diag(Q))*ones(2)')", "[1, 0; 0, 1]"),
    ("x = [1, 2]; A = x*x'; trace(A) == dot(x, x)", "true"),
    ("count([x for x in [1, 2; 3, 4] if x > 1])", "3"),
    ("[3, 1] |> sort |> map(x -> 2x) |> string", "\"[2, 6]\""),
    ("sqrt([4, 9]')", "[2, 3;]"),
    ("[f(0) for f in [exp, cos, relu, x -> erf(x)]]", "[1, 1, 0, 0]"),
    ("integrate(x -> if x < 1 { x } else { 2 - x }, 0, 2)", "1"),
    ("solve([2, 1; 1, 3], [3, 5])", "[0.8, 1.4]"),
    ("xs = logspace(1e-6, 1e-1, 11); xs[-1] == 1e-1 and xs[1] == 1e-6", "true"),
    ("format = 3; \"{format:.1f}\"", "\"3.0\""), ("\"{[1.5, 2]:d}\"", "error: whole number"),
    ("root(x -> [x], 0, 1)", "error: must give a number, not a list"),
    ("assert(1 > 2)", "error: the assertion `1 > 2` is false"),
    // Values that PHYSICS.md gives from numerical solutions (section C, figure 2).
    (
      "use theory; [round(erf_final_error(0.05, M, M + 3), 5) for M in [2, 4]]",
      "[0.03544, 0.04622]"
    ),
    ("normal_quantile(0.5) == 0 and hermite(0, 3) == 1", "true"),
  ])
  func programs(code: String, expected: String) {
    let complaint = Examiner().complaint(Example(code: code, expected: expected))
    #expect(complaint == nil)
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
