import LearningDynamics
import TSSLanguage

/// `split`: of a run's error into bias and noise, and of a text as in any language.
enum ErrorSplit {
  static func install(in vocabulary: inout Vocabulary) {
    vocabulary.define(
      "split",
      [
        Parameter("text", .required, "a string, or a run or an ensemble"),
        Parameter(
          "by", .optional("none"),
          "what stands between the pieces of a text; where none, spaces and line ends"),
        Parameter(
          "time", .optional("none"),
          "for a run: how long it goes on without noise, in α; where none, as long as the run",
          isNamedOnly: true),
      ],
      Documentation(
        "The pieces of a text; or what the last eg of a run is made of, a record (eg, bias, noise, "
          + "scatter) with eg = bias + noise + scatter. `bias` is the σ-free part: eg where the "
          + "equations lead from the mean state without label noise. `noise` is what eg at the mean "
          + "state is above that. `scatter` is what the mean eg of an ensemble is above eg of its "
          + "mean Q, R and v, of the order of 1/N. For runs that have come to rest.",
        examples: [
          ("split(\"a,b\", \",\")", "[\"a\", \"b\"]"), ("split(\" a  b\")", "[\"a\", \"b\"]"),
          (
            "split(ode(student(1), teacher(1, σ=0.1), η=0.5, time=99)).bias < 1e-6", "true"
          ),
        ],
        seeAlso: ["join", "lines", "chars", "final_error", "fixed_point"])
    ) { (call) throws(Diagnostic) in
      guard case .object(let object)? = call["text"], let run = object as? RunObject else {
        if let value = call["text"], case .string = value {
          if call["time"] != nil {
            throw call.error("`time` is for runs, not for a text", at: "time")
          }
          return try StandardVocabulary.splitText(call)
        }
        throw call.mismatch("text", wants: "a string or a run")
      }
      return try parts(of: run, call)
    }
  }

  private static func parts(of run: RunObject, _ call: Call) throws(Diagnostic) -> Value {
    if call["by"] != nil { throw call.error("`by` is for texts, not for a run", at: "by") }
    if run.first.descentOptions?.trainingData != nil {
      throw call.error(
        "`split` is for runs on fresh Gaussian samples, and this one has a training set",
        code: "type", at: "text")
    }
    let own = run.runs.map(\.end.alpha).max() ?? 0
    let time = try nonNegative(call, "time") ?? own
    let parts: ErrorParts
    do {
      let runs = run.runs.map { run in
        var run = run
        run.plan = run.planAsRecorded
        return run
      }
      parts = try ErrorParts(
        of: runs, time: time, monitor: Engines.monitor(task: "split", call.context))
    } catch { throw diagnostic(error, call) }
    try call.context.poll()
    if !parts.isInterrupted,
      abs(parts.restingError - parts.meanStateError) > 0.1 * parts.meanStateError
    {
      call.context.note(
        "this run has not come to rest: with its noise eg goes from "
          + "\(short(parts.meanStateError)) to \(short(parts.restingError)) in another α = "
          + "\(short(time)), and `noise` is not the noise alone")
    }
    return .record(
      Record([
        ("eg", .number(parts.error)), ("bias", .number(parts.bias)),
        ("noise", .number(parts.noise)), ("scatter", .number(parts.scatter)),
      ]))
  }
}
