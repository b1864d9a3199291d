import Groundwork
import Synchronization
import TSS
import TSSLanguage
import Testing

/// Work in the background, as programs and as Swift see it.
@Suite struct JobTests {
  /// A session whose programs may call `gate()`, which lasts until the test opens it.
  private static func session(
    threads: Int = 2, limits: Limits = Limits()
  ) -> (Session, gate: Latch) {
    var engine = Engine(limits: limits)
    let gate = Latch()
    engine.define("gate") { () -> Bool in
      gate.wait()
      return true
    }
    return (engine.session(output: .capture, environment: .init(threads: threads)), gate)
  }

  /// Whether it becomes true, however busy the machine is.
  private func eventually(_ condition: () -> Bool) -> Bool {
    let deadline = ContinuousClock.now + .seconds(60)
    while !condition(), ContinuousClock.now < deadline { _ = Latch().wait(milliseconds: 1) }
    return condition()
  }

  @Test func valuesArriveAsValues() throws {
    let (s, gate) = Self.session()
    try s.eval("j = background([gate(), 6*7][2])")
    #expect(try s.eval("[j.running, j.value == nothing]", as: [Bool].self) == [true, true])
    gate.open()
    #expect(try s.eval("wait(j)", as: Int.self) == 42)
    #expect(try s.eval("j.value", as: Int.self) == 42)
    #expect(try s.eval("[j.progress, j.number]", as: [Double].self) == [1, 1])
    #expect(try s.eval("j.name", as: String.self) == "[gate(), 6*7][2]")
    #expect(try s.eval("j.seconds > 0 and not j.running", as: Bool.self))
  }

  /// The names are those of the beginning, in the expression and in every function it reaches.
  @Test func namesKeepTheValuesOfTheBeginning() throws {
    let (s, gate) = Self.session()
    try s.eval(
      """
      a = 1; xs = [1, 2, 3]
      f(x) = a + x
      g(x) = f(2x)
      make(n) = { k = n; () -> k + a }
      h = make(10); record = (call = y -> g(y))
      j = background([gate(), g(1), a, sum(xs), h(), record.call(5), map([1], f)[1]][2:7])
      a = 100; xs[1] = 50; f(x) = 0; h = () -> 0; record = 3; g = 7
      """)
    gate.open()
    #expect(try s.eval("wait(j)", as: [Double].self) == [3, 1, 6, 11, 11, 2])
    #expect(try s.eval("a + xs[1] + g", as: Int.self) == 157)
  }

  /// A phase keeps the context it was made in, and an ensemble calls it from threads of its own.
  @Test func valuesThatHoldFunctionsSeeTheBeginningAsWell() throws {
    let (s, gate) = Self.session()
    try s.eval(
      """
      stop = 1; slope = 1
      p = phase(time=8, η=0.1, until = r -> r.α >= stop)
      S = student(2, g = x -> { y = 0; for i in 1:3 { y = y + slope*x/3 }; y })
      run() = sgd(S, teacher(2), plan=[p], N=20, seed=1:3)
      j = background([gate(), run()][2])
      stop = 5; slope = 9
      """)
    gate.open()
    let length: Double = try s.eval("wait(j).α[-1]")
    #expect(length >= 1 && length < 2)
    // And a value of a job that was made with its context is at home in the session.
    try s.eval(
      """
      limit = 1
      q(time) = phase(time=time, η=0.1, until = r -> r.α >= limit)
      made = wait(background(q(8))); limit = 4
      """)
    let end: Double = try s.eval("ode(student(1), teacher(1), plan=[made]).α[-1]")
    #expect(end >= 4 && end < 5)
  }

  @Test func sweepsAndTapesInsideSeeTheBeginning() throws {
    let (s, gate) = Self.session()
    try s.eval(
      """
      a = 2; f(x) = a*x
      j = background([gate(), (sweep x in 1:40 { f(x) }) |> map(y -> y)][2])
      k = background([gate(), student(1, g = x -> tanh(a*x)).g(1)][2])
      a = 1000; f(x) = -1
      """)
    gate.open()
    #expect(try s.eval("wait(j)", as: [Double].self) == (1...40).map { Double(2 * $0) })
    #expect(try s.eval("wait(k) == tanh(2)", as: Bool.self))
  }

  @Test func loopsAndComprehensionsStartMany() throws {
    let (s, gate) = Self.session()
    try s.eval("js = [background([gate(), n^2][2]) for n in 1:20]")
    try s.eval("for n in 21:25 { background([gate(), n^2][2]) }")
    #expect(s.jobs.count == 25 && s.jobs.allSatisfy(\.isRunning))
    gate.open()
    #expect(try s.eval("wait(jobs())", as: [Double].self) == (1...25).map { Double($0 * $0) })
    #expect(try s.eval("count(jobs())", as: Int.self) == 0)
  }

  @Test func tooManyAreRefused() throws {
    let (s, gate) = Self.session()
    do {
      try s.eval("for n in 1:101 { background(gate()) }")
      Issue.record("no error")
    } catch {
      #expect(error.code == "jobs" && error.span?.text == "background(gate())")
    }
    gate.open()
    #expect(s.jobs.count == 100)
    #expect(try s.waitForJobs().isEmpty)
  }

  @Test func errorsComeWithTheirPlace() throws {
    let (s, _) = Self.session()
    try s.eval("f(x) = [1, 2][x]; j = background(1 + f(3))", name: "a.tss")
    do {
      try s.eval("wait(j)", name: "b.tss")
      Issue.record("no error")
    } catch {
      #expect(error.span?.source.name == "a.tss" && error.frames.map(\.function) == ["f"])
      #expect(try s.eval("j.error", as: String.self) == error.message)
    }
    #expect(try s.eval("[j.running, j.value == nothing]", as: [Bool].self) == [false, true])
    // One that nobody waits for is told by the end of the script.
    try s.eval("k = background(f(4))")
    #expect(try s.waitForJobs().map(\.code) == ["index"])
  }

  @Test func cancelledRunsContinueToTheSameBits() throws {
    let (s, _) = Self.session()
    let call = "sgd(student(2), teacher(2), N=50, η=0.2, time=4000)"
    s.onJob { job, event in
      if case .progress = event, job.progress!.fraction > 0.2 { job.requestCancel() }
    }
    let job = try s.background("\(call) # as usual")
    let partial = try job.wait()
    guard case .cancelled = job.state else {
      Issue.record("\(job.state)")
      return
    }
    s["part"] = partial
    #expect(try s.eval("part.α[-1] < 3900", as: Bool.self))
    #expect(try s.eval("whole = resume(part); whole.eg == (\(call)).eg", as: Bool.self))
    // Of what has ended the value, of what had nothing yet nothing.
    #expect(try s.eval("k = background(5); wait(k); cancel(k)", as: Int.self) == 5)
    try s.eval("spin() = { n = 0; while true { n = n + 1 } }; l = background(spin())")
    #expect(try s.eval("cancel(l) == nothing and not l.running", as: Bool.self))
  }

  @Test func interruptsConcernTheSessionOnly() throws {
    let (s, gate) = Self.session()
    try s.eval("j = background([gate(), 8][2])")
    let stop = s.interrupt
    s.onProgress { _ in .go }
    let helper = Thread(stackSize: 1 << 20) {
      _ = Latch().wait(milliseconds: 60)
      stop.request()
    }
    do {
      try s.eval("wait(j)")
      Issue.record("no error")
    } catch {
      #expect(error.exitStatus == 130 && error.message == "stopped waiting; job 1 goes on")
    }
    helper.join()
    #expect(s.jobs.first?.isRunning == true)
    gate.open()
    #expect(try s.eval("wait(1)", as: Int.self) == 8)
  }

  @Test func outputComesInWholeLines() throws {
    let (s, _) = Self.session()
    let events = Mutex<[String]>([])
    s.onJob { job, event in
      switch event {
      case .output(let text): events.withLock { $0.append(text) }
      case .note(let text): events.withLock { $0.append("note " + text) }
      case .progress: break
      case .ended: events.withLock { $0.append("ended \(job.number)") }
      }
    }
    try s.eval("f() = { print(\"a\", end=\"\"); print(\"b\"); print(\"c\", end=\"\"); 1 }")
    let job = try s.background("f()")
    _ = try job.wait()
    #expect(eventually { events.withLock { $0.count } >= 3 })
    #expect(events.withLock { $0 } == ["ab\n", "c\n", "ended 1"])
    #expect(s.output == "")
    s.onJob(nil)
    try s.eval("wait(background(f()))")
    #expect(s.output == "ab\nc\n")
  }

  @Test func theVocabularysNameMayBeTaken() throws {
    let (s, _) = Self.session()
    #expect(try s.eval("background(x) = x + 1; background(2)", as: Int.self) == 3)
  }

  @Test func limitsHoldForJobs() throws {
    let (s, _) = Self.session(limits: Limits(steps: 10_000))
    try s.eval("spin() = { n = 0; while true { n = n + 1 } }")
    do {
      try s.eval("wait(background(spin()))")
      Issue.record("no error")
    } catch {
      #expect(error.code == "step-limit")
    }
  }

  private final class Probe: NativeObject, @unchecked Sendable {}

  @Test func whatAJobHeldIsFreed() throws {
    let (s, gate) = Self.session()
    weak var held: Probe?
    do {
      let probe = Probe()
      held = probe
      s["probe"] = Value.object(probe)
    }
    let job = try s.background("[gate(), 3][2]")
    try s.eval("probe = 0")
    #expect(held != nil)
    gate.open()
    guard case .number(3) = try job.wait() else {
      Issue.record("another value")
      return
    }
    // The job's thread gives it up when it has told the others.
    #expect(eventually { held == nil })
    // And its value with the last that holds the job.
    weak var list: Job?
    try s.eval("k = background([x for x in 1:10])")
    list = s.jobs.first
    try s.eval("wait(k); k = 0")
    #expect(eventually { list == nil })
  }

  @Test func theEndOfASessionEndsItsJobs() throws {
    var s: Session? = Self.session().0
    try s!.eval("spin() = { n = 0; while true { n = n + 1 } }")
    let job = try s!.background("spin()")
    #expect(job.isRunning)
    s = nil
    guard case .cancelled(nil) = job.state else {
      Issue.record("\(job.state)")
      return
    }
  }
}
