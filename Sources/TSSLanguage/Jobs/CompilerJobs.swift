import Groundwork

extension Compiler {
  /// `background(expression)` at the top level: the expression becomes the body of a function
  /// without parameters, which sees what the place of the call sees.
  mutating func startJob(_ expression: Expression, _ inner: Scope, _ site: CallSite) -> Code {
    let outer = scope
    scope = inner
    let code = code(expression, isTail: true)
    scope = outer
    let template = Template(
      name: nil, signature: Signature([]), documentation: Documentation(""),
      span: expression.span, scope: inner, code: code, defaults: [], isLibrary: isLibrary)
    let make = make(template, inner)
    let globals = globals
    let text = expression.span.text.onOneLine
    return { (slots, strand) throws(Unwinding) in
      guard case .function(let function) = try make(slots, strand),
        let closure = function as? Closure, let context = strand.pointee.context
      else { return .nothing }
      // Functions that are under way own variables that the job might share.
      guard globals.hasViews, strand.pointee.depth == 0, !context.machine.isOfJob else {
        throw Unwinding(
          "background", "`background` stands at the top level of a program only", at: site.span)
      }
      return try locating(site.span) { () throws(Diagnostic) in
        .object(try context.startJob(closure, code: text, globals.view()))
      }
    }
  }
}

extension Evaluation {
  /// Starts a thread that calls a closure without parameters.
  func startJob(
    _ body: Closure, code: String, _ view: GlobalsView
  ) throws(Diagnostic) -> Job {
    let interrupt = Interrupt()
    guard let job = machine.jobs.add(code, interrupt) else {
      throw .runtime(
        "jobs", "\(JobList.maximumRunning) jobs run already", help: "wait(jobs())")
    }
    let host = JobHost(machine.host, job)
    let own = Evaluation(Machine(job: host, of: machine, interrupt: interrupt), view: view)
    let run = JobRun(job: job, host: host, outer: machine.host, evaluation: own, body: body)
    Thread { run.perform() }.detach()
    return job
  }

  /// Errors of cells of sweeps that a job has computed are this program's once it has waited.
  func take(failedCells: [Diagnostic]) { machine.recordFailedCells(failedCells) }
}

/// One job on its way: what its thread holds and lets go of when it ends.
private final class JobRun: @unchecked Sendable {
  private let job: Job
  private let host: JobHost
  private let outer: any Host
  private var evaluation: Evaluation?
  private var body: Closure?

  init(job: Job, host: JobHost, outer: any Host, evaluation: Evaluation, body: Closure) {
    self.job = job
    self.host = host
    self.outer = outer
    self.evaluation = evaluation
    self.body = body
  }

  /// The life of the thread.
  func perform() {
    guard let evaluation, let body else { return }
    let state = Self.compute(body, evaluation)
    let machine = evaluation.machine
    let failedCells = machine.failedCells
    host.flush()
    // Before anyone knows of the end: what the job held is freed here, where the stack is deep,
    // and a value that kept this context must not be stopped again by a request of the past.
    evaluation.releaseView()
    machine.partial = nil
    machine.lastResult = nil
    machine.interrupt.clear()
    self.body = nil
    self.evaluation = nil
    job.finish(state, failedCells: failedCells)
    outer.receive(.ended, of: job)
  }

  private static func compute(_ body: Closure, _ evaluation: Evaluation) -> Job.State {
    let machine = evaluation.machine
    do {
      let value = try evaluation.call(body, [])
      // An engine that was stopped gave what it has, of which this is some part.
      if let partial = machine.partial { return .cancelled(partial: partial) }
      return .finished(value)
    } catch {
      if case .interrupted = error.stage { return .cancelled(partial: machine.partial) }
      return .failed(error, partial: machine.partial)
    }
  }
}
