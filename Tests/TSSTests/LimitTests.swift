import TSS
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Stopping programs: by limits, from other threads, by watching them.
@Suite struct LimitTests {
  @Test func stepsAreLimited() {
    let s = Engine(limits: .init(steps: 10_000)).session(output: .capture)
    #expect(throws: Diagnostic.self) { try s.eval("while true { x = 1 }") }
    // The next program has its own steps.
    #expect(throws: Never.self) { try s.eval("1 + 1") }
  }

  @Test func depthIsLimited() {
    let s = Engine(limits: .init(depth: 100)).session(output: .capture)
    #expect(throws: Diagnostic.self) { try s.eval("f(n) = f(n + 1); f(1)") }
  }

  @Test func filesAreForbidden() {
    let s = Engine(limits: .init(files: .none)).session(output: .capture)
    #expect(s.complete("load(\"/", at: 7).isEmpty)
  }

  @Test func anyThreadMayInterrupt() throws {
    let s = Engine().session(output: .capture)
    try s.eval("n = 0")
    // Not a task: other tests may occupy all threads that tasks have.
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { pointer in
        usleep(200_000)
        Unmanaged<Interrupt>.fromOpaque(pointer!).takeRetainedValue().request()
        return nil
      }, Unmanaged.passRetained(s.interrupt).toOpaque())
    do {
      try s.eval("while true { n = n + 1 }")
      Issue.record("it ended by itself")
    } catch {
      guard case .interrupted = error.stage else {
        Issue.record("\(error)")
        return
      }
    }
    pthread_join(thread, nil)
    #expect(try s.eval("n >= 0") == true)
  }

  @Test func snapshotsAreCheap() throws {
    let s = Engine().session(output: .capture)
    try s.eval("x = [1, 2]; f(y) = x[1] + y")
    let before = s.snapshot()
    try s.eval("x = [10, 20]; z = 1; f(y) = 0")
    s.restore(before)
    #expect(try s.eval("x") == [1, 2])
    #expect(try s.eval("f(1)") == 2)
    #expect(s["z"] as Int? == nil)
    #expect(throws: Diagnostic.self) { try s.eval("z") }
  }
}
