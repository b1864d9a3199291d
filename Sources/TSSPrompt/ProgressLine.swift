import Synchronization
import TSS

/// One line on standard error that says how far a long computation is.
///
/// It appears after a second, is drawn at most ten times a second, and leaves no trace.
public final class ProgressLine: Sendable {
  private struct State {
    var began = ContinuousClock.now
    var drawn: ContinuousClock.Instant?
    var isShown = false
    /// The computation that is reported; those inside it are not.
    var task = ""
    var taskBegan = ContinuousClock.now
    var taskSeen = ContinuousClock.now
    var firstFraction = 0.0
  }

  private let state = Mutex(State())

  /// A program starts.
  public func begin() { state.withLock { $0 = State() } }

  /// It ended.
  public func end() { state.withLock { Self.erase(&$0) } }

  /// Runs `body` while the line is away; it comes back with the next report.
  public func erased<Result>(_ body: () -> Result) -> Result {
    state.withLock {
      Self.erase(&$0)
      // What is returned concerns only the caller's thread.
      nonisolated(unsafe) let result = body()
      return result
    }
  }

  private static func erase(_ state: inout State) {
    if state.isShown { StandardStream.error.write("\r\u{1b}[K") }
    state.isShown = false
  }

  public func update(_ report: ProgressReport) {
    let now = ContinuousClock.now
    // Engines report far more often than anyone can read; a line that is being drawn will do.
    _ = state.withLockIfAvailable { state in
      let isStale = now - state.taskSeen > .seconds(2)
      if state.task != report.task {
        // A sweep's cells report as well; the sweep is what the user waits for.
        guard state.task != "sweep" || isStale else { return }
        state.task = report.task
        state.taskBegan = now
        state.firstFraction = report.fraction
      } else if report.fraction < state.firstFraction || isStale {
        state.taskBegan = now
        state.firstFraction = report.fraction
      }
      state.taskSeen = now
      guard now - state.began >= .seconds(1) else { return }
      if let drawn = state.drawn, now - drawn < .milliseconds(100) { return }
      state.drawn = now
      state.isShown = true
      let elapsed = (now - state.taskBegan) / .seconds(1)
      let line = Self.text(report, since: state.firstFraction, elapsed: elapsed)
      StandardStream.error.write("\r" + line.prefix(Console.width - 1) + "\u{1b}[K")
    }
  }

  /// "sgd  42%  α = 126  phase 1  eg = 1.2e-3  η = 0.2  3.1 s left"
  public static func text(
    _ report: ProgressReport, since first: Double, elapsed: Double
  ) -> String {
    let fraction = min(max(report.fraction, 0), 1)
    var parts = [report.task, "\(Int(fraction * 100))%"]
    if !report.detail.isEmpty { parts.append(report.detail) }
    if fraction > first, elapsed > 0.2 {
      parts.append(duration(elapsed * (1 - fraction) / (fraction - first)) + " left")
    }
    return parts.joined(separator: "  ")
  }

  /// "3.1 s", "2 min 5 s", "3 h 20 min".
  public static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e7 else { return "a long time" }
    if seconds < 10 { return "\((seconds * 10).rounded() / 10) s" }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
  }
}
