import Synchronization
import TSS
import Testing

/// The calls of a session that the prompt is built on, for whoever builds another.
/// (`complete`, `highlight` and `signatureHint` have suites of their own.)
@Suite struct PromptCallsTests {
  private let session = Engine().session(seed: 1, output: .capture)

  @Test(
    arguments: [
      ("1 + 1", nil), ("", nil), ("f(1,", 2), ("f(x) = {", 2), ("sweep K in 1:3 {\n  f(K,", 4),
      ("1 +", 0), ("\"open", nil), ("# a remark", nil), ("if x {\n} else {", 2),
    ] as [(String, Int?)])
  func isCompleteKnowsWhatIsMissing(text: String, indent: Int?) {
    switch session.isComplete(text) {
    case .complete: #expect(indent == nil && text != "\"open", "\(text)")
    case .incomplete(let found): #expect(found == indent, "\(text)")
    case .wrong(let error): #expect(text == "\"open", "\(error.message)")
    }
  }

  @Test func isCompleteSaysWhatNoLineCanMend() {
    for text in ["f(1))", "1 + * 2", "x = = 3", "\"never closed"] {
      guard case .wrong(let error) = session.isComplete(text) else {
        Issue.record("\(text) is \(session.isComplete(text))")
        continue
      }
      #expect(error.span != nil && !error.message.isEmpty)
    }
  }

  @Test func checkKnowsTheSessionAndRunsNothing() throws {
    try session.eval("width = 3; f(a, b=1) = a + b")
    #expect(session.check("print(f(width)); width = 7").isEmpty)
    #expect(session.output.isEmpty)
    #expect(session["width"] == 3)
    let found = session.check("f(widht); f(1, c=2); student(k=3)")
    #expect(found.map(\.code) == ["unknown-name", "unknown-argument", "unknown-argument"])
    #expect(found[0].suggestions.first == "width" && found[0].span?.text == "widht")
    #expect(session.check("1 +").first?.exitStatus == 2)
  }

  @Test func helpKnowsNamesWordsAndTheSession() throws {
    try session.eval("double(x) = 2x")
    #expect(session.help("ode")?.contains("see also") == true)
    #expect(session.help("double")?.contains("double(x)") == true)
    #expect(session.help("learning rate")?.contains("stable_rate") == true)
    #expect(session.help("qzxv") == nil)
    #expect(session.source(of: "double") == "double(x) = 2x")
  }

  /// What ^C does: the run so far is there, and goes on to the bits of one that was never stopped.
  @Test func interruptKeepsWhatWasDone() throws {
    try session.eval("S = student(2); T = teacher(2); e() = sgd(S, T, η=0.2, time=200, N=50)")
    try session.eval("whole = e()")
    let interrupt = session.interrupt
    let count = Mutex(0)
    session.onProgress { _ in
      count.withLock { $0 += 1 }
      interrupt.request()
      return .go
    }
    do { try session.eval("part = e()", mode: .prompt) } catch { #expect(error.exitStatus == 130) }
    #expect(count.withLock { $0 } > 0)
    #expect(session.partial != nil)
    session.onProgress { _ in .go }
    // The request was honoured: it stops nothing else.
    #expect(try session.eval("part = _; part.ending") == "interrupted")
    #expect(try session.eval("resume(part) == whole") == true)
  }

  @Test func onProgressTellsAndStops() throws {
    let reports = Mutex<[ProgressReport]>([])
    session.onProgress { report in
      reports.withLock { $0.append(report) }
      return .go
    }
    try session.eval("r = ode(student(2), teacher(2), η=0.2, time=2000, tol=1e-10)")
    let seen = reports.withLock { $0 }
    #expect(!seen.isEmpty)
    #expect(seen.allSatisfy { $0.task == "ode" && (0...1).contains($0.fraction) })
    #expect(seen.map(\.fraction) == seen.map(\.fraction).sorted())
    #expect(seen.last?.detail.contains("α") == true)

    session.onProgress { $0.fraction > 0.25 ? .stop : .go }
    do { _ = try session.eval("r = sgd(student(2), teacher(2), η=0.2, time=4000, N=50)") } catch {
      #expect(error.exitStatus == 130)
    }
    let partial: Run = try #require(session.partial.flatMap { Run.from($0) })
    #expect(partial.samples.last!.alpha >= 1000 && partial.samples.last!.alpha < 4000)
  }
}
