import Synchronization
import TSS

/// Work in the background, as the prompt shows it: a line below the input that says how far it is,
/// notices above it.
extension Prompt {
  /// Has the jobs of the session shown.
  func watchJobs() {
    let session = session
    let status = jobStatus
    status.hasColor.store(hasResultColor, ordering: .relaxed)
    reader.show { status.text(width: Console.width) }
    let window = JobWindow(reader: reader, console: console, status: status)
    session.onJob { job, event in
      window.show(event, of: job, color: status.hasColor.load(ordering: .relaxed))
    }
  }

  /// Ends them with the prompt.
  func leaveJobs() {
    session.onJob(nil)
    reader.show { nil }
    session.cancelJobs()
  }

  /// `:bg CODE`
  func startJob(_ code: String) -> InputEnding {
    if code.isEmpty {
      say("usage: :bg CODE or :bg NAME = CODE")
      return .failed
    }
    let (name, expression) = Self.assignment(code)
    // What ends in a comment must not hide the bracket.
    let end = expression.contains("#") ? "\n)" : ")"
    return evaluate((name.map { "\($0) = " } ?? "") + "background(\(expression)\(end)")
  }

  /// `r = sgd(…)` gives the job a name.
  static func assignment(_ code: String) -> (name: String?, expression: String) {
    let name = code.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    let rest = code.dropFirst(name.count).trimmingSpaces
    guard let first = name.first, !first.isNumber, rest.hasPrefix("="), !rest.hasPrefix("==") else {
      return (nil, code)
    }
    return (String(name), rest.dropFirst().trimmingSpaces)
  }

  /// `:jobs`
  func listJobs() {
    let jobs = session.jobs
    if jobs.isEmpty { return say("no jobs") }
    for job in jobs {
      let state = "\(job.number): \(job.stateText), \(ProgressLine.duration(job.seconds))  "
      say("  " + state + job.code(upTo: max(20, Console.width - state.count - 3)))
    }
  }
}

/// The line below the input: what the jobs that run last said.
///
/// Only jobs that have said something are known: one that is over at once never appears.
final class JobStatus: Sendable {
  private struct State {
    var jobs: [Job] = []
    var painted: ContinuousClock.Instant?
  }

  private let state = Mutex(State())
  /// Whether notices are in colour.
  let hasColor = Atomic(false)

  /// Notes that a job has said something; whether the line should be painted again, twice a second
  /// at most.
  func note(_ job: Job) -> Bool {
    state.withLock { state in
      if !state.jobs.contains(where: { $0 === job }) { state.jobs.append(job) }
      let now = ContinuousClock.now
      if let painted = state.painted, now - painted < .milliseconds(500) { return false }
      state.painted = now
      return true
    }
  }

  func end(_ job: Job) {
    state.withLock { state in state.jobs.removeAll { $0 === job } }
  }

  /// "job 1: sgd 42%  α = 126 …"; of several jobs each in short. Nil where none runs.
  func text(width: Int) -> String? {
    let running = state.withLock { $0.jobs }.filter(\.isRunning)
    var parts: [String] = []
    for job in running {
      guard let report = job.progress else { continue }
      let percent = "\(Int(min(max(report.fraction, 0), 1) * 100))%"
      var part = "job \(job.number): \(report.task) \(percent)"
      if running.count == 1 {
        if !report.detail.isEmpty { part += "  \(report.detail)" }
        let left = job.seconds * (1 - report.fraction) / report.fraction
        if job.seconds > 1, report.fraction > 0 { part += "  \(ProgressLine.duration(left)) left" }
      }
      parts.append(part)
    }
    if parts.isEmpty { return nil }
    return String(parts.joined(separator: "   ").prefix(width - 1))
  }
}

/// Where the events of jobs are shown. Its reader's `notice` and `repaint` are for any thread.
private final class JobWindow: @unchecked Sendable {
  private let reader: any InputReader
  private let console: Console
  private let status: JobStatus

  init(reader: any InputReader, console: Console, status: JobStatus) {
    self.reader = reader
    self.console = console
    self.status = status
  }

  func show(_ event: JobEvent, of job: Job, color: Bool) {
    switch event {
    case .output(let text): notice(text)
    case .note(let text): notice(text + "\n")
    case .progress: if status.note(job) { reader.repaint() }
    case .ended:
      status.end(job)
      if !job.wasAwaited { notice(ending(of: job, color) + "\n") }
      reader.repaint()
    }
  }

  /// Above the input; no progress line is in the way.
  private func notice(_ text: String) { console.beside { reader.notice(text) } }

  private func ending(of job: Job, _ color: Bool) -> String {
    let time = ProgressLine.duration(job.seconds)
    let head = "job \(job.number)"
    let render = { (error: Diagnostic) in error.render(color: color, width: Console.width) }
    switch job.state {
    case .running: return "\(head) runs"
    case .finished:
      let failures = job.failedCells
      // Of a job that only prints there is nothing to have.
      let result = if case .nothing? = job.value { "" } else { "; wait(\(job.number)) gives it" }
      return failures.prefix(3).map { render($0) + "\n" }.joined()
        + (failures.count > 3 ? "… and \(failures.count - 3) more cells failed\n" : "")
        + line("\(head) finished: ", job, " in \(time)\(result)")
    case .failed(let error, _): return "\(head) failed after \(time)\n" + render(error)
    case .cancelled: return line("\(head) was cancelled: ", job, "")
    }
  }

  /// What a job computes between other words, cut so that all of it fits the width.
  private func line(_ before: String, _ job: Job, _ after: String) -> String {
    before + job.code(upTo: max(16, Console.width - 1 - before.count - after.count)) + after
  }
}
