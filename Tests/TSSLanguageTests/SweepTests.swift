import Groundwork
import TSSLanguage
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite("Sweeps and tables")
struct SweepTests {
  @Test(arguments: [
    ("t = sweep K in 1:2, s in 1:3 { 10K + s }; [t[1, 1], t[2, 3], t[-1, 1]]", "[11, 23, 21]"),
    ("t = sweep K in 1:2, s in 1:3 { 10K + s }; [x for x in t[K=2]]", "[21, 22, 23]"),
    ("t = sweep K in 1:2, s in 1:3 { 10K + s }; [x for x in t[s=2]]", "[12, 22]"),
    ("t = sweep K in 1:2, s in 1:3 { 10K + s }; [x for x in t[2, :]]", "[21, 22, 23]"),
    ("t = sweep K in 1:2, s in 1:3 { 10K + s }; [x for x in t[K=[2], s=[3, 1]]]", "[23, 21]"),
    ("t = sweep K in 1:2, s in 1:3 { 10K + s }; t[K=2, s=1]", "21"),
    ("t = sweep K in 1:2, s in 1:3 { 10K + s }; [x for x in t]", "[11, 12, 13, 21, 22, 23]"),
    ("t = sweep x in [0.1, 0.3] { x }; t[x = 0.1 + 0.2] ≈ 0.3", "true"),
    ("t = sweep x in [1, 2] { x }; t[-1]", "2"),
    ("t = sweep x in [1, 2] { (eg=x, v=0) }; [e for e in t.eg]", "[1, 2]"),
    ("t = sweep x in 1:3 { x }; t.x", "[1, 2, 3]"),
    ("y = 1; t = sweep x in [1, 2] { y = x; y }; y", "1"),
    ("t = sweep x in [1, 2] { if x > 1 { return 7 }; x }; t[2]", "7"),
    ("f(a) = sweep x in [1, 2] { a*x }; f(3)[2]", "6"),
    ("(sweep x in [1, 2] { x }) == (sweep x in [1, 2] { x })", "true"),
    ("t = sweep l in [first, both] { l }; t[l=both]", "both"),
    ("t = sweep x in [1] { sweep y in [2] { x + y } }; t[1][1]", "3"),
    ("t = sweep g in [erf, x -> x] { g(0) }; count(t)", "2"),
  ])
  func tables(_ program: String, _ result: String) throws {
    #expect(try printed(program) == result)
  }

  @Test(arguments: [
    ("sweep K in 4 { K }", "`[4]`"), ("sweep K in [] { K }", "has no values"),
    ("sweep K in [1, 2, 1] { K }", "twice"),
    ("sweep K in [first, first] { K }", "twice"),
    ("t = sweep K in [1, 2] { K }; t[K=5]", "its values are 1, 2"),
    ("t = sweep K in [1, 2] { K }; t[k=1]", "did you mean `K`?"),
    ("t = sweep K in [1, 2], s in [1] { K }; t[1]", "t[1, :]"),
    ("t = sweep K in [1, 2] { K }; t[3]", "out of range"), ("x = [1]; x[K=1]", "only tables"),
    ("t = sweep K in [1, 2] { K }; t[1] = 3", "cannot be assigned"),
  ])
  func errors(_ program: String, _ part: String) {
    let message = failure(program)
    #expect(message.contains(part), "\(message)")
  }

  @Test("The same table at every number of threads")
  func threads() throws {
    let program = "sweep K in 1:5, s in 1:8 { x = s; for i in 1:K*20 { x = x*1.1 - i }; [x, K] }"
    let one = try Laboratory(threads: 1).value(program)
    for threads in [2, 4] {
      #expect(Operations.areEqual(one, try Laboratory(threads: threads).value(program)))
    }
  }

  @Test("A failed cell holds nothing, is reported, and the program goes on")
  func failures() throws {
    for threads in [1, 2] {
      let lab = Laboratory(threads: threads)
      let result = try lab.printed(
        "t = sweep K in [4, 5], seed in 1:2 { [1, 2, 3, 4][K*seed] }; [x for x in t]")
      #expect(result == "[4, nothing, nothing, nothing]")
      #expect(lab.interpreter.failedCells.count == 3)
      #expect(
        lab.host.reports.map { String($0.message.prefix(30)) } == [
          "in the cell K = 4, seed = 2: t", "in the cell K = 5, seed = 1: t",
          "in the cell K = 5, seed = 2: t",
        ])
    }
  }

  @Test func progress() throws {
    let lab = Laboratory(threads: 1)
    try lab.value("sweep K in 1:4 { sweep x in 1:3 { x } }")
    let reports = lab.host.state.withLock { $0.progress }
    #expect(reports.map(\.fraction) == [0.25, 0.5, 0.75, 1])
    #expect(reports.allSatisfy { $0.task == "sweep" })
  }

  @Test("An interrupted sweep keeps its finished cells and can be resumed")
  func resuming() throws {
    let lab = Laboratory(threads: 1) { $0.fraction == 0.5 ? .stop : .go }
    // The value of a sweep that is stopped is what it has, as with a run; what follows is stopped.
    let error = lab.failure("y = 2; t = sweep K in 1:4 { K*y }; y = 3", .prompt)
    guard case .interrupted? = error?.stage else {
      Issue.record("not interrupted")
      return
    }
    #expect(try lab.printed("y", .prompt) == "2")
    #expect(try lab.printed("[x for x in t]", .prompt) == "[2, 4, nothing, nothing]")
    #expect(lab.failure("t = sweep K in 1:4 { K*y }", .prompt) == nil)
    guard case .table(let table)? = lab.interpreter.partial else {
      Issue.record("no partial table")
      return
    }
    #expect(table.unreached == [2, 3])
    #expect(table.canResume)
    #expect(try lab.printed("[x for x in _]", .prompt) == "[2, 4, nothing, nothing]")
    let again = try table.resumed(in: lab.interpreter.context)
    #expect(again.unreached.isEmpty)
    #expect(Value.list(again.cells).printed() == "[2, 4, 6, 8]")
  }

  @Test func interruptedByRequest() throws {
    let stopping = Laboratory(threads: 2)
    let flag = stopping.interpreter.interrupt
    let host = stopping.host
    let thread = Thread {
      while host.state.withLock({ $0.progress.isEmpty }) { usleep(1000) }
      // The first cell has ended; the others are at work, or will find that they are not to.
      usleep(50_000)
      flag.request()
    }
    // Engines in cells give what they have as well; such a cell is not reached.
    let failure = stopping.failure(
      "sweep K in 1:3 { if K == 2 { engine() } else if K > 2 { while true { } } else { K } }",
      .prompt)
    thread.join()
    #expect(failure == nil)
    guard case .table(let table)? = stopping.interpreter.partial else {
      Issue.record("no partial table")
      return
    }
    #expect(table.unreached == [1, 2])
    #expect(try stopping.printed("_[1]", .prompt) == "1")
    #expect(!flag.isRequested)
  }
}
