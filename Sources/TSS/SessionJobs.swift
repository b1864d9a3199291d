import TSSLanguage

extension Session {
  /// Runs an expression in the background and gives its job, which sees the session's names as they
  /// are now. The session may be used meanwhile; its end cancels its jobs.
  ///
  /// ```swift
  /// let job = try session.background("sgd(S, T, N=500, η=0.5, time=100)")
  /// let run = Run.from(try job.wait())
  /// ```
  public func background(
    _ expression: String, name: String = "<background>"
  ) throws(Diagnostic) -> Job {
    // On lines of its own, so that a comment at the end hides no bracket.
    try eval("background(\(expression)\n)", as: Job.self, name: name)
  }

  /// The jobs that run, or have ended and were not waited for, in the order of beginning.
  public var jobs: [Job] { interpreter.jobs }

  /// Told what jobs write, note and how far they are, and when they end, from their threads; nil
  /// for nobody. Without it, output and notes go where the session's go, in whole lines.
  public func onJob(_ watch: (@Sendable (Job, JobEvent) -> Void)?) { host.jobWatcher = watch }

  /// Stops all jobs and waits until they have stopped.
  public func cancelJobs() { interpreter.cancelJobs() }

  /// Waits for all jobs, as the end of a script does. Watched by `onProgress`; an interrupt ends
  /// the waiting and is thrown.
  ///
  /// - Returns: the errors of jobs that failed, and of cells of their sweeps.
  public func waitForJobs() throws(Diagnostic) -> [Diagnostic] {
    var failures: [Diagnostic] = []
    for job in jobs {
      do {
        _ = try job.wait(in: interpreter.context)
        failures += job.failedCells
      } catch {
        if case .interrupted = error.stage { throw error }
        failures.append(error)
      }
    }
    return failures
  }
}
