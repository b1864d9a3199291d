import Synchronization
import TSS

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What ^C does while a program runs: the first asks it to stop, a second one ends the process
/// where the program does not listen.
public enum InterruptKey {
  /// The address of an `Interrupt`, or 0: the handler may take no locks.
  private static let target = Atomic<UInt>(0)
  private static let firstRequest = Atomic<Int64>(0)

  /// Sends ^C to a program's request to stop; to nothing for nil.
  static func stops(_ interrupt: Interrupt?) {
    install()
    firstRequest.store(0, ordering: .relaxed)
    // Never released: a handler on another thread may still be using it.
    let new = interrupt.map { UInt(bitPattern: Unmanaged.passRetained($0).toOpaque()) }
    target.store(new ?? 0, ordering: .releasing)
  }

  private static func install() {
    var action = sigaction()
    // No SA_RESTART: a `read` that waits for a line of input must notice.
    action.sa_flags = 0
    #if canImport(Darwin)
      action.__sigaction_u.__sa_handler = handler
    #else
      action.__sigaction_handler.sa_handler = handler
    #endif
    sigaction(SIGINT, &action, nil)
  }

  private static let handler: @convention(c) (Int32) -> Void = { _ in
    let address = target.load(ordering: .acquiring)
    guard let target = UnsafeRawPointer(bitPattern: address) else { return }
    let now = milliseconds()
    let first = firstRequest.load(ordering: .relaxed)
    if first == 0 {
      firstRequest.store(now, ordering: .relaxed)
      Unmanaged<Interrupt>.fromOpaque(target).takeUnretainedValue().request()
    } else if now - first > 100 {
      // It had time to stop and did not. (Sooner is one key that bounced.)
      signal(SIGINT, SIG_DFL)
      raise(SIGINT)
    }
  }

  private static func milliseconds() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000 + 1
  }
}
