import Groundwork
import LearningDynamics
import TSSLanguage

/// `final_error`, `stable_rate`, `plateau`, `fixed_point` and `specialisation`.
enum Theory {
  static func install(in vocabulary: inout Vocabulary) {
    installFinalError(in: &vocabulary)
    installStableRate(in: &vocabulary)
    installPlateau(in: &vocabulary)
    installFixedPoint(in: &vocabulary)
    installSpecialisation(in: &vocabulary)
  }

  /// What the theory of the final state can be asked about: two networks, or the state of a run.
  private static let subject = [
    Parameter("student", .optional("none"), "the student; none with `state`"),
    Parameter("teacher", .optional("none"), "the teacher; none with `state`"),
    Parameter(
      "layers", .optional("first"), "what is trained", choices: ["first", "both"],
      isNamedOnly: true),
    Parameter(
      "copies", .optional("none"),
      "how many student units copy each teacher unit: a list of M; where none, those of the usual branch",
      isNamedOnly: true),
    Parameter(
      "state", .optional("none"), "a run, whose last Q and v are taken as they are",
      isNamedOnly: true),
  ]

  private static func installFinalError(in vocabulary: inout Vocabulary) {
    vocabulary.define(
      "final_error",
      subject + [
        Parameter(
          "η", .optional("none"), "learning rate of the first layer; that of `state` where none",
          isNamedOnly: true)
      ], result: "record",
      Documentation(
        "The error that learning from noisy labels ends with, to first order in σ²: a record "
          + "(eg, branch, X, stable). Branch `zero`: one unit for each teacher unit, the others at "
          + "zero; `copies`: units share a teacher unit; `linear`: any linear student. X is the "
          + "covariance of the weights' fluctuations over σ². With `state=run` the actual Q and v. Any "
          + "activation will do: without closed form the averages of its slope are done by quadrature. "
          + "To first order in η it is the result of Goldt et al. 2019 (arXiv:1906.08632).",
        examples: [
          ("round(final_error(student(2), teacher(2, σ=1), η=0.2).eg, 6)", "0.040219"),
          ("final_error(student(3), teacher(2, σ=1), η=0.2).branch", "\"zero\""),
        ], seeAlso: ["stable_rate", "plateau", "fixed_point", "ode"])
    ) { (call) throws(Diagnostic) in
      let result: AsymptoticError
      do {
        if let run = try state(call) {
          let eta = try nonNegative(call, "η") ?? lastRate(of: run)
          if let phase = run.plan.last, try phase.decay(run.end.phaseAlpha) > 0 {
            throw call.error(
              "the small-noise theory has no weight decay, and this run ends with some",
              code: "theory", at: "state", help: "fixed_point(run).eg has the error with decay")
          }
          result = try AsymptoticError(
            state: run.end.state, student: run.student,
            teacher: try run.teacher.stopped(at: run.end.alpha), learningRate: eta)
        } else {
          let (student, teacher) = try networks(call)
          guard teacher.noiseSchedule == nil else {
            throw call.error(
              "`final_error` needs one label noise, but σ of this teacher is a function of α",
              code: "theory", at: "teacher",
              help: "teacher(\(teacher.hiddenUnits), σ=0.1); eg/σ² does not depend on σ")
          }
          guard let eta = try nonNegative(call, "η") else {
            throw call.error(
              "`final_error` needs a learning rate `η`", code: "missing-argument", help: "η=0.2")
          }
          result = try AsymptoticError(
            student: student, teacher: teacher, layers: try layers(call), learningRate: eta,
            copies: try copies(call))
        }
      } catch { throw diagnostic(error, call) }
      if !result.isStable {
        call.context.note(
          "this solution is unstable above η = \(short(result.stableRate)): learning does not end "
            + "near it, and eg is infinite to first order")
      }
      return .record(
        Record([
          ("eg", .number(result.error)), ("branch", .string(result.branch.rawValue)),
          ("X", .matrix(result.fluctuations)), ("stable", .bool(result.isStable)),
        ]))
    }
  }

  private static func installStableRate(in vocabulary: inout Vocabulary) {
    vocabulary.define(
      "stable_rate", subject, result: "number",
      Documentation(
        "The largest stable learning rate of the first layer: up to it a perfect student without "
          + "noise stays perfect. Above it an erf student settles at an error that is not zero; a "
          + "linear one diverges. With `state=run` for the units as they are, with the run's batch "
          + "and momentum.",
        examples: [
          ("round(stable_rate(student(2), teacher(2)), 4)", "2.3068"),
          ("stable_rate(student(4, g=linear), teacher(2, g=linear))", "0.5"),
        ], seeAlso: ["final_error", "linear_stable_rate", "plateau"])
    ) { (call) throws(Diagnostic) in
      do {
        if let run = try state(call) {
          let largest = try StableRate.of(state: run.end.state, student: run.student)
          return .number(largest * run.effectiveRateDivisor)
        }
        let (student, teacher) = try networks(call)
        return .number(
          try StableRate.of(
            student: student, teacher: teacher, layers: try layers(call),
            copies: try copies(call)))
      } catch { throw diagnostic(error, call) }
    }
  }

  private static func installPlateau(in vocabulary: inout Vocabulary) {
    vocabulary.define(
      "plateau",
      [
        Parameter("student", .required, "an erf student with v = 1"),
        Parameter("teacher", .required, "an erf teacher with v = 1 and T = 1"),
      ], result: "record",
      Documentation(
        "The symmetric plateau of first-layer learning at small rates: a record (R, Q, eg, rate). "
          + "All R_in = R and Q_ik = Q; `rate` times η is the growth rate with which the units "
          + "leave it for one teacher unit each, per unit of α (Saad and Solla 1995).",
        examples: [("round(plateau(student(2), teacher(2)).eg, 6)", "0.011611")],
        seeAlso: ["plateau_state", "plateau_time", "final_error", "ode"])
    ) { (call) throws(Diagnostic) in
      let (student, teacher) = try networks(call)
      let isCommittee =
        student.activation == .erf && teacher.activation == .erf
        && student.scale == 1 && teacher.scale == 1 && Set(teacher.secondLayer) == [1]
        && teacher.weights.hasUnitOverlaps
      guard isCommittee, case .values(let v) = student.secondLayer, Set(v) == [1] else {
        throw call.error(
          "the theory of the plateau is for erf networks with v = 1 and orthonormal teachers")
      }
      do {
        let plateau = try Plateau(
          hiddenUnits: student.hiddenUnits, teacherUnits: teacher.hiddenUnits)
        return .record(
          Record([
            ("R", .number(plateau.R)), ("Q", .number(plateau.Q)), ("eg", .number(plateau.error)),
            ("rate", .number(plateau.rate)),
          ]))
      } catch { throw diagnostic(error, call) }
    }
  }

  private static func installFixedPoint(in vocabulary: inout Vocabulary) {
    vocabulary.define(
      "fixed_point", [Parameter("run", .required, "a run that has nearly come to rest")],
      result: "record",
      Documentation(
        "The fixed point of the order-parameter equations near a run's end, by Newton's method: "
          + "a record (Q, R, v, eg, eigenvalues, frequencies, meaning). The eigenvalues are those "
          + "of the Jacobian per unit of α, real parts first to last from the largest; "
          + "`frequencies` are their imaginary parts.",
        examples: [
          (
            "round(fixed_point(ode(student(1), teacher(1), η=0.5, time=200)).Q[1, 1], 6)", "1"
          )
        ],
        seeAlso: ["final_error", "specialisation", "rates"])
    ) { (call) throws(Diagnostic) in
      let run = try isotropicRun(call, "run")
      let point: FixedPoint
      do {
        point = try FixedPoint(of: run, shouldStop: { call.isStopped })
      } catch { throw diagnostic(error, call) }
      var meaning =
        "\(point.stable) directions decay, \(point.unstable) grow, \(point.flat) are flat"
      if let time = point.relaxationTime {
        meaning += "; the slowest decay takes α = \(short(time))"
      }
      return .record(
        Record([
          ("Q", .matrix(point.state.Q)), ("R", .matrix(point.state.R)),
          ("v", Value(point.state.v)), ("eg", .number(point.error)),
          ("eigenvalues", Value(point.eigenvalues.map(\.real))),
          ("frequencies", Value(point.eigenvalues.map(\.imaginary))),
          ("meaning", .string(meaning)),
        ]))
    }
  }

  private static func installSpecialisation(in vocabulary: inout Vocabulary) {
    vocabulary.define(
      "specialisation",
      [
        Parameter("run", .required, "a run"),
        Parameter("threshold", .optional("0.9"), "least |overlap| that counts", isNamedOnly: true),
      ], result: "record",
      Documentation(
        "Which student unit follows which teacher unit at the end of a run: a record (overlaps, "
          + "units, copies, complete). `overlaps` are R_in/√(Q_ii T_nn); `units` has for each "
          + "student unit its teacher unit, negative where the sign is flipped, 0 for none; "
          + "`copies` how many follow each teacher unit.",
        examples: [
          (
            "specialisation(ode(student(2, init=informed()), teacher(2), η=0.5, time=1)).units",
            "[1, 2]"
          )
        ], seeAlso: ["fixed_point", "ode"])
    ) { (call) throws(Diagnostic) in
      let run = try singleRun(call, "run")
      let threshold = try nonNegative(call, "threshold") ?? 0.9
      guard threshold > 0, threshold <= 1 else {
        throw call.error("`threshold` lies between 0 and 1", at: "threshold")
      }
      let found = Specialisation(run.end.state, threshold: threshold)
      let units = found.followers.map { follower -> Double in
        guard let follower else { return 0 }
        let unit = Double(follower.teacherUnit + 1)
        return follower.overlap < 0 ? -unit : unit
      }
      return .record(
        Record([
          ("overlaps", .matrix(found.overlaps)), ("units", Value(units)),
          ("copies", Value(found.copies.map(Double.init))), ("complete", .bool(found.isComplete)),
        ]))
    }
  }

  // MARK: Reading the call

  private static func networks(_ call: Call) throws(Diagnostic) -> (Student, Teacher) {
    guard let student = try call.optionalObject("student", StudentObject.self, wants: "a student"),
      let teacher = try call.optionalObject("teacher", TeacherObject.self, wants: "a teacher")
    else {
      throw call.error(
        "`\(call.function.name ?? "")` needs a student and a teacher", code: "missing-argument",
        help: "\(call.function.name ?? "")(student(K=2), teacher(M=2))")
    }
    guard teacher.teacher.tasks.isEmpty else {
      throw call.error(
        "`\(call.function.name ?? "")` is for a teacher of one task; this one has "
          + "\(teacher.teacher.tasks.count)", code: "theory", at: "teacher")
    }
    return (student.student, teacher.teacher)
  }

  private static func state(_ call: Call) throws(Diagnostic) -> Run? {
    guard call["state"] != nil else { return nil }
    if let extra = ["student", "teacher", "copies"].first(where: { call[$0] != nil }) {
      throw call.error(
        "with `state` the networks are those of the run; `\(extra)` would not be read",
        code: "argument", at: extra, help: "\(call.function.name ?? "")(state=run)")
    }
    return try isotropicRun(call, "state")
  }

  /// A run whose inputs are isotropic, as this theory assumes.
  static func isotropicRun(_ call: Call, _ name: String) throws(Diagnostic) -> Run {
    let run = try singleRun(call, name)
    guard run.inputs == .isotropic else {
      throw call.error(
        "`\(call.function.name ?? "")` is for isotropic inputs, and those of this run are "
          + "structured", code: "theory", at: name,
        help: "the end of a long run of `ode` has what it tends to")
    }
    return run
  }

  private static func singleRun(_ call: Call, _ name: String) throws(Diagnostic) -> Run {
    guard let object = try call.optionalObject(name, RunObject.self, wants: "a run") else {
      throw call.mismatch(name, wants: "a run")
    }
    guard !object.isEnsemble else {
      throw call.error(
        "`\(name)` is an ensemble; the theory is for one run", code: "type", at: name,
        help: "[\(call.function.name ?? "f")(\(name == "run" ? "" : "\(name)=")r) for r in "
          + "ensemble.runs]")
    }
    guard object.first.finiteSet?.table == nil || call.function.name == "specialisation",
      object.first.teacher.hiddenUnits > 0
    else {
      throw call.error(
        "the theory is for Gaussian inputs and a teacher, and `\(name)` learns from real data",
        code: "theory", at: name)
    }
    var run = object.first
    run.plan = run.planAsRecorded
    try checkTraining(run, call, name)
    return run
  }

  /// The theory of the final state is for one task and for whole networks.
  private static func checkTraining(
    _ run: Run, _ call: Call, _ name: String
  ) throws(Diagnostic) {
    if ["specialisation", "fixed_point"].contains(call.function.name) { return }
    if !run.teacher.tasks.isEmpty {
      throw call.error(
        "the theory is for a teacher of one task, and that of this run has "
          + "\(run.teacher.tasks.count)", code: "theory", at: name)
    }
    if run.plan.contains(where: { $0.dropout > 0 }) {
      throw call.error(
        "the theory is for training without dropout", code: "theory", at: name,
        help: "fixed_point(run) has what the equations tend to")
    }
  }

  private static func layers(_ call: Call) throws(Diagnostic) -> Layers {
    try call.optionalChoice("layers", Layers.self) ?? .first
  }

  private static func copies(_ call: Call) throws(Diagnostic) -> [Int]? {
    guard let numbers = try call.optionalNumbers("copies") else { return nil }
    guard numbers.allSatisfy({ $0 == $0.rounded() && $0 >= 0 && $0 < 1e6 }) else {
      throw call.error("`copies` holds whole numbers of at least 0", at: "copies")
    }
    return numbers.map { Int($0) }
  }

  /// η_w/((1 − β) b) at the end of a run: what momentum and batches make of the rate, since batches
  /// only divide the noise of the gradient, η², as a smaller rate over a longer time does.
  private static func lastRate(of run: Run) throws -> Double {
    guard let phase = run.plan.last else { return 0 }
    return try phase.rates(at: run.end.phaseAlpha).first / run.effectiveRateDivisor
  }
}

extension Run {
  /// (1 − β) b: the rate divided by it has the fluctuations of this training without either.
  var effectiveRateDivisor: Double { (1 - (plan.last?.momentum ?? 0)) * Double(batch) }
}

extension Teacher.Weights {
  /// Whether T = 1, at least as N → ∞.
  fileprivate var hasUnitOverlaps: Bool {
    switch self {
    case .orthonormal, .isotropic: true
    case .graded: false
    case .overlaps(let T): T == .identity(T.rows)
    }
  }
}
