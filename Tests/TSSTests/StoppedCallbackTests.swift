import LearningDynamics
import Synchronization
import TSS
import Testing

/// A request to stop that falls into a function of the user's which an engine has called: what was
/// done is kept, and goes on to the bits of a run that was not stopped.
@Suite struct StoppedCallbackTests {
  /// Counts the calls of `tick()`, and requests a stop at one of them.
  private final class Bell: Sendable {
    private let calls = Atomic<Int>(0)
    private let last = Atomic<Int>(.max)
    private let interrupt = Mutex<(@Sendable () -> Void)?>(nil)

    /// How often it was called since this was last asked.
    func count() -> Int { calls.exchange(0, ordering: .relaxed) }

    func ring(at call: Int, _ request: @escaping @Sendable () -> Void) {
      interrupt.withLock { $0 = request }
      calls.store(0, ordering: .relaxed)
      last.store(call, ordering: .relaxed)
    }

    func tick() {
      let call = calls.add(1, ordering: .relaxed).newValue
      if call == last.load(ordering: .relaxed) { interrupt.withLock { $0?() } }
    }
  }

  private static func session() throws -> (Session, Bell) {
    var engine = Engine()
    let bell = Bell()
    engine.define("tick") { () -> Bool in
      bell.tick()
      return true
    }
    let s = engine.session(output: .capture, environment: .init(threads: 1))
    // A request is heard before the next statement.
    try s.eval("heard(x) = { tick(); x }")
    return (s, bell)
  }

  /// Stops at the first calls, and at others up to nine tenths of the run: in whatever an engine was
  /// about to do.
  @Test(arguments: [
    "ode(S, T, η = t -> heard(0.2), time=9)",
    "ode(S, T, η=0.2, time=9, until = r -> heard(r.α > 5))",
    "ode(S, T, η=0.2, time=9, at=[0, 1, 5], until = r -> heard(r.α > 5))",
    "ode(S, noisy, η=0.2, time=9)",
    "sgd(S, T, η = t -> heard(0.2), time=9, N=20)",
    "sgd(S, T, η=0.2, time=9, N=20, until = r -> heard(r.α > 5))",
    "sgd(S, T, plan=plan, N=20)",
    "sgd(S, noisy, η=0.2, time=9, N=20)",
    "sgd(S, T, η = t -> heard(0.2), time=9, N=20, seed=1:4, method=reduced)",
  ])
  func keepsWhatWasDone(engine: String) throws {
    let (s, bell) = try Self.session()
    try s.eval(
      """
      S = student(2); T = teacher(2); noisy = teacher(2, σ = t -> heard(0.1))
      plan = [phase(2, η=0.2, until = r -> heard(r.α > 5)), phase(2, η = t -> heard(0.1))]
      """)
    _ = bell.count()
    try s.eval("whole = \(engine)")
    let total = bell.count()
    #expect(total > 30)
    for call in [1, 2, 3] + (1...9).map({ $0 * total / 10 }) {
      let stop = s.interrupt
      bell.ring(at: call) { stop.request() }
      try s.eval("part = \(engine)")
      #expect(s.partial != nil, "call \(call) of \(total)")
      #expect(try s.eval("part.ending", as: String.self) == "interrupted")
      #expect(try s.eval("resume(part) == whole", as: Bool.self), "call \(call) of \(total)")
    }
  }

  /// Half a step would be worth nothing: activations that run step by step are called to their end.
  @Test func activationsComeToTheirEnd() throws {
    let (s, bell) = try Self.session()
    try s.eval("S = student(1, g = x -> heard(x)); plan = [phase(1, η=0.2) for i in 1:40]")
    let engine = "sgd(S, teacher(1), plan=plan, N=8, at=[0], keep_weights=[40])"
    _ = bell.count()
    try s.eval("whole = \(engine)")
    let total = bell.count()
    for call in 1...9 {
      let stop = s.interrupt
      bell.ring(at: call * total / 10) { stop.request() }
      try s.eval("part = \(engine)")
      #expect(try s.eval("part.ending", as: String.self) == "interrupted", "\(call)")
      #expect(try s.eval("resume(part).w[1].w == whole.w[1].w", as: Bool.self), "\(call)")
    }
  }
}
