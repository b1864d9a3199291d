import TSS

/// How an input ended.
public enum InputEnding: String, Sendable {
  case done, failed, stopped
}

/// An input of this session and how it went.
struct SessionInput {
  var text: String
  /// The file that it was read from, for `:load`.
  var file: String?
  /// nil while it runs.
  var ending: InputEnding?
  var seconds = 0.0
  /// Whether `_` is its value since.
  var givesResult = false
  /// The jobs that it started, until they have ended: they hold their results.
  var jobs: [Job] = []
  /// Whether one of them failed or was cancelled.
  var hasLostJob = false
  /// Whether `:clear` has forgotten what it did.
  var isForgotten = false

  /// Lets go of the jobs that have ended.
  mutating func settleJobs() {
    for job in jobs {
      switch job.state {
      case .running, .finished: break
      case .failed, .cancelled: hasLostJob = true
      }
    }
    jobs.removeAll { !$0.isRunning }
  }
}

/// A time as a reader wants it: "0.31 ms", "12 ms", "1.25 s", "2 min 5 s".
public func shownDuration(_ seconds: Double) -> String {
  func rounded(_ number: Double, _ digits: Double) -> String {
    let text = "\((number * digits).rounded() / digits)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
  if seconds < 0.01 { return rounded(seconds * 1000, 100) + " ms" }
  if seconds < 1 { return rounded(seconds * 1000, 1) + " ms" }
  return seconds < 10 ? rounded(seconds, 100) + " s" : ProgressLine.duration(seconds)
}
