import CLineEditor
import Synchronization
import TSS

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What ^C does while a program runs: the first asks it to stop. Where it does not listen, the next
/// ends the process; at the prompt, where there are values to lose, the next says so and only the
/// one after it ends the process.
public enum InterruptKey {
  /// The address of an `Interrupt`, or 0: the handler may take no locks.
  private static let target = Atomic<UInt>(0)
  /// Times in milliseconds, 0 for never: of the last ^C while this program runs, and of the warning.
  private static let lastPress = Atomic<Int64>(0)
  private static let warning = Atomic<Int64>(0)
  private static let isPrompt = Atomic(false)
  /// Whether ^C came between the end of a line and the start of what it asks for.
  private static let isEarly = Atomic(false)

  /// A line is about to be read: ^C from now on is for what the line will start.
  static func awaitLine() { isEarly.store(false, ordering: .relaxed) }

  /// Sends ^C to a program's request to stop; to nothing for nil.
  static func stops(_ interrupt: Interrupt?, atPrompt: Bool = false) {
    install()
    lastPress.store(0, ordering: .relaxed)
    warning.store(0, ordering: .relaxed)
    isPrompt.store(atPrompt, ordering: .relaxed)
    // Never released: a handler on another thread may still be using it.
    let new = interrupt.map { UInt(bitPattern: Unmanaged.passRetained($0).toOpaque()) }
    target.store(new ?? 0, ordering: .releasing)
    if let interrupt, isEarly.exchange(false, ordering: .relaxed) {
      lastPress.store(milliseconds(), ordering: .relaxed)
      interrupt.request()
    }
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
    guard let target = UnsafeRawPointer(bitPattern: address) else {
      return isEarly.store(true, ordering: .relaxed)
    }
    let now = milliseconds()
    let last = lastPress.exchange(now, ordering: .relaxed)
    if last == 0 {
      Unmanaged<Interrupt>.fromOpaque(target).takeUnretainedValue().request()
    } else if now - last > repeatMilliseconds {
      // It had time to stop and did not.
      let warned = warning.load(ordering: .relaxed)
      if isPrompt.load(ordering: .relaxed), warned == 0 || now - warned > validMilliseconds {
        warning.store(now, ordering: .relaxed)
        _ = write(2, message.utf8Start, message.utf8CodeUnitCount)
      } else {
        line_editor_restore_terminal()
        signal(SIGINT, SIG_DFL)
        raise(SIGINT)
      }
    }
  }

  /// Sooner is one key that bounces or is held down.
  private static let repeatMilliseconds: Int64 = 100
  /// How long a warning counts.
  private static let validMilliseconds: Int64 = 5000
  private static let message: StaticString =
    "\r\nstill stopping; ^C once more ends tss, and its values are lost\r\n"

  private static func milliseconds() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000 + 1
  }
}
