import Synchronization

/// What a host is told of a job, from the job's threads.
public enum JobEvent: Sendable {
  /// Whole lines of the program's output, with the newline at the end.
  case output(String)
  /// A line beside the output.
  case note(String)
  /// `Job.progress` has changed; comes as often as engines report.
  case progress
  /// `Job.state` says how.
  case ended
}

/// The world of a job: that of the program that started it, with output in whole lines.
final class JobHost: Host {
  private let outer: any Host
  private let job: Job
  private let unfinished = Mutex("")

  init(_ outer: any Host, _ job: Job) {
    self.outer = outer
    self.job = job
  }

  func write(_ text: String) {
    // Inside the lock, or the lines of two threads might change places.
    unfinished.withLock { line in
      line += text
      guard let end = line.lastIndex(of: "\n") else { return }
      let next = line.index(after: end)
      let whole = String(line[..<next])
      line = String(line[next...])
      outer.receive(.output(whole), of: job)
    }
  }

  /// Writes a last line that has no end.
  func flush() {
    let rest = unfinished.withLock { line in
      defer { line = "" }
      return line
    }
    if !rest.isEmpty { outer.receive(.output(rest + "\n"), of: job) }
  }

  func note(_ text: String) { outer.receive(.note(text), of: job) }

  /// Failed cells wait in `Job.failedCells`.
  func report(_ diagnostic: Diagnostic) {}

  func progress(_ report: ProgressReport) -> ProgressDecision {
    job.report(report)
    outer.receive(.progress, of: job)
    return .go
  }

  var terminal: TerminalTraits { outer.terminal }
  var threads: Int { outer.threads }
  var directory: String { outer.directory }
  var seed: UInt64 { outer.seed }
}
