import TSSLanguage

/// Work in the background: `background`, `jobs`, `wait`, `cancel`.
extension StandardVocabulary {
  static func installJobs(in v: inout Vocabulary) {
    v.define(
      type: .init(
        "job", Job.fields,
        Documentation(
          "What `background` gives: a computation that goes on beside the program.",
          seeAlso: ["background", "wait", "cancel", "jobs"])))
    v.define(
      startingJobs: "background",
      .required("expression", "what is to be computed; it is not evaluated before"),
      result: "job",
      Documentation(
        "Computes an expression while the program, or you at the prompt, go on. The job sees "
          + "all names as they are when it begins; what is assigned later does not change it. "
          + "Stands at the top level only; at the prompt `:bg CODE` is the same. "
          + "A script waits for its jobs before it ends.",
        examples: [
          ("wait(background(sum(1:100)))", "5050"),
          ("job = background(1 + 1); wait(job); [job.running, job.value]", "[false, 2]"),
        ],
        seeAlso: ["wait", "cancel", "jobs"])
    ) { (call) throws(Diagnostic) in
      throw call.error(
        "`background` takes what it runs unevaluated: it is called by its name, at the top level",
        code: "background", help: "background(sgd(…))")
    }
    v.define(
      "jobs", [], result: "list",
      about: "The jobs that run, and those that have ended and nobody waited for, in the order "
        + "in which they began. `wait` and `cancel` take a job off the list.",
      examples: [("jobs()", "[]")], seeAlso: ["background", "wait", "cancel"]
    ) { call throws(Diagnostic) in .list(call.context.jobs.map { .object($0) }) }
    v.define(
      "wait", [.required("job", "a job, its number, or a list of jobs")],
      about: "Waits for a job and gives its value; if the job failed, this is its error. Of a "
        + "list of jobs, the list of their values. ^C ends the waiting, not the job.",
      examples: [
        ("job = background(6*7); wait(job)", "42"),
        ("wait([background(n^2) for n in 1:3])", "[1, 4, 9]"),
      ], seeAlso: ["background", "cancel", "jobs"]
    ) { call throws(Diagnostic) in
      try each(call) { (job) throws(Diagnostic) in try job.wait(in: call.context) }
    }
    v.define(
      "cancel", [.required("job", "a job, its number, or a list of jobs")],
      about: "Stops a job and gives what it has: a run or a sweep that `resume` continues, or "
        + "`nothing`. Of a job that has ended, its value. Other jobs go on.",
      examples: [("job = background(1 + 1); wait(job); cancel(job)", "2")],
      seeAlso: ["background", "wait"]
    ) { call throws(Diagnostic) in
      try each(call) { (job) throws(Diagnostic) in job.cancel() }
    }
  }

  /// Does something with the job, or with each of the jobs, of a call.
  private static func each(
    _ call: Call, _ body: (Job) throws(Diagnostic) -> Value
  ) throws(Diagnostic) -> Value {
    if case .list(let elements)? = call["job"] {
      var values: [Value] = []
      for element in elements { values.append(try body(try job(element, call))) }
      return .list(values)
    }
    return try body(try job(call["job"] ?? .nothing, call))
  }

  private static func job(_ value: Value, _ call: Call) throws(Diagnostic) -> Job {
    if case .number(let number) = value {
      let jobs = call.context.jobs
      if let job = jobs.first(where: { Double($0.number) == number }) { return job }
      let numbers = jobs.map { "\($0.number)" }.joined(separator: ", ")
      throw call.error(
        "there is no job \(number.printed)", at: "job",
        help: jobs.isEmpty ? "background(sgd(…)) starts one" : "jobs() has \(numbers)")
    }
    guard case .object(let object) = value, let job = object as? Job else {
      throw call.mismatch("job", wants: "a job or a list of jobs", help: "background(sgd(…))")
    }
    return job
  }
}
