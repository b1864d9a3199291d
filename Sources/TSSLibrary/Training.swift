import Groundwork
import LearningDynamics
import TSSLanguage

/// `resume`, `compare` and `rates`.
enum Training {
  static func install(in vocabulary: inout Vocabulary) {
    installResume(in: &vocabulary)
    installCompare(in: &vocabulary)
    installRates(in: &vocabulary)
  }

  private static func installResume(in vocabulary: inout Vocabulary) {
    vocabulary.define(
      "resume",
      [
        Parameter("run", .required, "a run, an ensemble, or an unfinished sweep"),
        Parameter(
          "time", .optional("none"), "α to add to the last phase; where none, the plan is finished",
          isNamedOnly: true),
      ],
      Documentation(
        "Continues an interrupted run, or with `time` a finished one, and gives the whole run. "
          + "An interrupted run continues to the same bits as if it had not stopped; a finished "
          + "run of `ode` goes on to its tolerance.",
        examples: [
          (
            "resume(ode(student(1), teacher(1), η=0.5, time=10), time=5).α[-1]", "15"
          )
        ],
        seeAlso: ["long runs", "ode", "sgd", "sweep"])
    ) { (call) throws(Diagnostic) in
      if case .table(let table)? = call["run"] {
        guard table.canResume else { throw call.error("this sweep is complete", at: "run") }
        return .table(try table.resumed(in: call.context))
      }
      guard let past = try call.optionalObject("run", RunObject.self, wants: "a run") else {
        throw call.mismatch("run", wants: "a run")
      }
      let extra = try nonNegative(call, "time")
      let isFinished = past.runs.allSatisfy {
        $0.end.phase >= $0.plan.count && !$0.lacksFluctuations
      }
      if isFinished, extra == nil {
        throw call.error(
          "this run is complete", at: "run", help: "resume(run, time=100) trains on")
      }
      let runs = Dictionary(uniqueKeysWithValues: past.runs.map { ($0.seed, $0) })
      return try Engines.result(call, isEnsemble: past.isEnsemble) {
        try Ensemble.run(
          seeds: past.runs.map(\.seed), threads: call.context.threads,
          monitor: Engines.monitor(task: "resume", call.context)
        ) { seed, monitor in
          let run = runs[seed]!
          return switch run.engine {
          case .equations: try Equations.resume(run, extraTime: extra, monitor: monitor)
          case .descent: try Descent.resume(run, extraTime: extra, monitor: monitor)
          }
        }
      }
    }
  }

  private static func installCompare(in vocabulary: inout Vocabulary) {
    vocabulary.define(
      "compare",
      [
        Parameter("theory", .required, "a run of `ode`"),
        Parameter("sim", .required, "a run or an ensemble of `sgd`"),
      ], result: "table",
      Documentation(
        "Largest and mean absolute deviation of the simulation from the theory, for eg and over "
          + "the elements of Q, R and v; for an ensemble also in standard errors of its mean "
          + "(max_se, mean_se). The theory is interpolated to the simulation's α.",
        examples: [
          (
            "S = student(1); T = teacher(1)\n"
              + "c = compare(ode(S, T, η=0.5, time=9), sgd(S, T, η=0.5, time=9, N=99))\n"
              + "axes(c).quantity", "[\"eg\", \"Q\", \"R\", \"v\"]"
          )
        ],
        seeAlso: ["ode", "sgd", "plot"])
    ) { (call) throws(Diagnostic) in
      guard let theory = try call.optionalObject("theory", RunObject.self, wants: "a run"),
        let sim = try call.optionalObject("sim", RunObject.self, wants: "a run")
      else { throw call.mismatch("theory", wants: "a run") }
      let comparison: LearningDynamics.Comparison
      do {
        comparison = try .of(theory: theory.curve, simulation: sim.curve)
      } catch { throw diagnostic(error, call) }
      let rows = comparison.rows
      let columns = ["max", "mean", "max_se", "mean_se"]
      let cells: [Value] = rows.flatMap { row in
        [row.max, row.mean, row.maxInStandardErrors, row.meanInStandardErrors].map {
          $0.map { .number($0) } ?? .nothing
        }
      }
      return .table(
        Table(
          axes: [
            .init(name: "quantity", values: rows.map { .string($0.quantity) }),
            .init(name: "deviation", values: columns.map { .string($0) }),
          ], cells: cells))
    }
  }

  private static func installRates(in vocabulary: inout Vocabulary) {
    let phase = Schedules.parameters(time: .optional("none")).filter {
      !["time", "until"].contains($0.name)
    }
    vocabulary.define(
      "rates",
      [
        Parameter("student", .required, "the student, at its start"),
        Parameter("teacher", .required, "the teacher"),
      ] + phase + [
        Parameter("batch", .optional("1"), "samples averaged in one update", isNamedOnly: true),
        Parameter("N", .optional("1000"), "input dimension of the start", isNamedOnly: true),
        Parameter("seed", .optional("1"), "seed of the start", isNamedOnly: true),
        InputsArgument.parameter,
      ], result: "record",
      Documentation(
        "The right-hand side of the order-parameter equations at the student's state (Saad and "
          + "Solla 1995; Goldt et al. 2019): a record (dQ, dR, dv, eg), per unit of α; with `η=greedy` also the rate, η. With "
          + "`init=(Q=…, R=…)` at any state. For structured "
          + "inputs dQ and dR are those of the fields' covariances, and `blocks` has the parts.",
        examples: [
          (
            "rates(student(1, init=(Q=1, R=1)), teacher(1), η=0.5).dQ", "[0;]"
          )
        ], seeAlso: ["ode", "fixed_point", "gaussian"])
    ) { (call) throws(Diagnostic) in
      guard let student = try call.optionalObject("student", StudentObject.self, wants: "a student")
      else { throw call.mismatch("student", wants: "a student") }
      guard let teacher = try call.optionalObject("teacher", TeacherObject.self, wants: "a teacher")
      else { throw call.mismatch("teacher", wants: "a teacher") }
      let settings = try Rates(call)
      let seeds = try Engines.seeds(call)
      guard seeds?.isEnsemble != true else {
        throw call.error(
          "`rates` are those of one state, and `seed` is a list", code: "type", at: "seed",
          help: "[rates(S, T, η=0.2, seed=s) for s in 1:3]")
      }
      let seed = seeds?.seeds[0] ?? 1
      let inputs = try InputsArgument.read(call) ?? .isotropic
      let N = try InputsArgument.dimension(call, inputs, standard: 1000)
      try InputsArgument.check(inputs, N: N, call)
      let interrupt = call.context.interrupt
      do {
        let phase = Phase(
          time: 0, firstRate: settings.first, secondRate: settings.second,
          layers: settings.layers, decay: settings.decay, momentum: settings.momentum,
          dropout: settings.dropout, task: settings.task)
        let state = try InitialState.draw(
          student: student.student, teacher: teacher.teacher, N: N, seed: seed, plan: [phase],
          inputs: inputs)
        let rates = try OrderParameterRates(
          student: student.student, teacher: teacher.teacher, state: state, phase: phase,
          batch: try Engines.batch(call) ?? 1, goesOn: { !interrupt.isRequested })
        let numbers = rates.dQ.elements + rates.dR.elements + rates.dv + [rates.error]
        guard numbers.allSatisfy(\.isFinite) else {
          throw Activation.failure(call.activations, call, "these rates average it")
            ?? call.error("the rates at this state are too large for numbers", at: "student")
        }
        if let error = rates.quadratureError {
          Engines.noteQuadrature(
            error, of: "these rates", student.student.activation, teacher.teacher.activation,
            call.context)
        }
        var fields: [(String, Value)] = [
          ("dQ", .matrix(rates.dQ)), ("dR", .matrix(rates.dR)), ("dv", Value(rates.dv)),
          ("eg", .number(rates.error)),
        ]
        if let rate = rates.greedyRate { fields.append(("η", .number(rate))) }
        if inputs != .isotropic {
          let blocks = rates.blocks.map { block in
            Value.record(
              Record([
                ("λ", .number(block.eigenvalue)), ("fraction", .number(block.fraction)),
                ("dQ", .matrix(block.Q)), ("dR", .matrix(block.R)),
              ]))
          }
          fields.append(("blocks", .list(blocks)))
        }
        return .record(Record(fields))
      } catch {
        try call.context.poll()
        throw diagnostic(error, call)
      }
    }
  }
}
