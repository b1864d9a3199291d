import Groundwork
import LearningDynamics
import TSSLanguage

/// A run, or an ensemble of runs over seeds, as a value of the language.
///
/// An ensemble has the fields of a run, as means over its members, and `sem` and `runs` besides.
public final class RunObject: NativeObject, @unchecked Sendable {
  public let runs: [Run]
  /// The means, where there is more than one seed or the seed was given as a list.
  public let ensemble: Ensemble?

  public init(_ run: Run) {
    runs = [run]
    ensemble = nil
  }

  public init(_ ensemble: Ensemble) {
    runs = ensemble.runs
    self.ensemble = ensemble
  }

  /// A member, or the run itself: what all members share can be read from it.
  var first: Run { runs[0] }
  public var isEnsemble: Bool { ensemble != nil }
  /// What was recorded; the means of an ensemble.
  var samples: [Run.Sample] { ensemble?.mean ?? first.samples }

  var curve: any LearningCurve { if let ensemble { ensemble } else { first } }

  /// The worst of the members; nil where the integrals are closed forms.
  var quadratureError: Double? { runs.compactMap(\.quadratureError).max() }

  var isSimulation: Bool {
    if case .descent = first.engine { true } else { false }
  }

  public override var typeName: String { isEnsemble ? "ensemble" : "run" }

  static let fields: [Vocabulary.TypeDescription.Field] = [
    .init("α", "list", "recorded times, steps/N"),
    .init("steps", "list", "recorded times, in steps"),
    .init("eg", "list", "generalisation error against the noiseless teacher"),
    .init("Q", "list", "student overlaps, a K×K matrix for each α"),
    .init("R", "list", "student-teacher overlaps, a K×M matrix for each α"),
    .init("T", "matrix", "teacher overlaps that were used"),
    .init("v", "list", "second layer, a list of K for each α"),
    .init("η", "list", "learning rate of the first layer, or of the second where only it learns"),
    .init("errors", "list", "of several tasks: a list of their eg for each α"),
    .init("heads", "list", "of several tasks: their second layers, a matrix for each α"),
    .init(
      "blocks", "list", "for structured inputs: records (λ, fraction, Q, R, T) of the eigenspaces"),
    .init("inputs", nil, "the law of the inputs"),
    .init("phases", "list", "α at which the phases began"),
    .init("K", "number", "hidden units of the student"),
    .init("M", "number", "hidden units of the teacher"),
    .init("N", "number", "input dimension"),
    .init("seed", nil, "the seed, or the list of an ensemble"),
    .init("samples", "list", "samples seen up to each α"),
    .init(
      "quadrature_error", "number",
      "how far a finer quadrature of the integrals moves the rates and eg of an ode run, relative to "
        + "the largest of each kind; 0 where the integrals are closed forms"),
    .init("P", "number", "size of a finite training set"),
    .init("epochs", "list", "how often a finite training set was seen up to each α"),
    .init("test", "list", "test error of a finite training set: the same as eg"),
    .init("train", "list", "error on a finite training set, with its label noise"),
    .init("seconds", "number", "wall-clock time"),
    .init("ending", "string", "completed, interrupted or diverged"),
    .init("sem", "list", "standard error of eg over an ensemble"),
    .init("runs", "list", "the members of an ensemble"),
    .init("w", "list", "kept weights: records (α, w) with w of K×N"),
    .init("sd_eg", "list", "standard deviation of eg over runs of the run's N"),
    .init("sd_Q", "list", "the same for Q, a K×K matrix for each α"),
    .init("sd_R", "list", "the same for R, a K×M matrix for each α"),
    .init("sd_v", "list", "the same for v, a list of K for each α"),
    .init(
      "covariance", "list", "N times the covariance of R (row by row), Q (upper triangle) and v"),
  ]

  public override var fieldNames: [String] {
    Self.fields.map(\.name).filter {
      switch $0 {
      case "sem", "runs": isEnsemble
      case "blocks": first.inputs != .isotropic
      case "errors", "heads": !first.teacher.tasks.isEmpty
      case "samples": isSimulation
      case "quadrature_error": !isSimulation
      case "P", "epochs", "test", "train": first.finiteSet != nil
      case "w": isSimulation && !isEnsemble
      case "sd_eg", "sd_Q", "sd_R", "sd_v", "covariance":
        first.fluctuations != nil && !isEnsemble
      default: true
      }
    }
  }

  public override func field(_ name: String) -> Value? {
    let run = first
    switch name {
    case "η": return learningRates.map { Value($0) }
    case "errors": return taskErrors.map { .list($0.map { Value($0) }) }
    case "heads":
      guard !run.teacher.tasks.isEmpty else { return nil }
      return .list(samples.map { .matrix(Matrix($0.state.presentHeads.map(\.v))) })
    case "steps": return Value(samples.map { ($0.alpha * run.N).rounded() })
    case "T": return .matrix(samples.last?.state.T ?? run.end.state.T)
    case "phases": return Value(run.phaseStarts)
    case "blocks": return run.inputs == .isotropic ? nil : blocks
    case "inputs":
      return run.inputs == .isotropic ? .word("isotropic") : .object(InputsObject(run.inputs))
    case "K": return .number(Double(run.student.hiddenUnits))
    case "M": return .number(Double(run.teacher.hiddenUnits))
    case "N": return .number(run.N)
    case "seed":
      return isEnsemble ? Value(runs.map { Double($0.seed) }) : .number(Double(run.seed))
    case "samples":
      guard case .descent(let options) = run.engine else { return nil }
      return Value(samples.map { ($0.alpha * run.N).rounded() * Double(options.batch) })
    case "P": return run.finiteSet.map { .number(Double($0.sampleCount)) }
    case "epochs":
      return run.finiteSet.map { data in
        Value(samples.map { ($0.alpha * run.N).rounded() * run.updatesToEpochs(data) })
      }
    case "test": return run.finiteSet.map { _ in Value(samples.map(\.error)) }
    case "train":
      return run.finiteSet.map { _ in Value(samples.map { $0.trainingError ?? .nan }) }
    case "seconds": return .number(runs.reduce(0) { $0 + $1.seconds })
    case "quadrature_error": return isSimulation ? nil : .number(quadratureError ?? 0)
    case "ending":
      return .string(runs.map(\.ending.word).first { $0 != "completed" } ?? "completed")
    case "sem": return ensemble.map { Value($0.errorDeviation) }
    case "runs": return isEnsemble ? .list(runs.map { .object(RunObject($0)) }) : nil
    case "w":
      guard isSimulation, !isEnsemble else { return nil }
      return .list(
        run.keptWeights.map {
          .record(Record([("α", .number($0.alpha)), ("w", .matrix($0.w))]))
        })
    case "sd_eg", "sd_Q", "sd_R", "sd_v", "covariance":
      return isEnsemble ? nil : run.fluctuationField(name)
    default: return samples.field(name)
    }
  }

  public override func isEqual(to other: NativeObject) -> Bool {
    guard let other = other as? RunObject else { return false }
    return runs.count == other.runs.count && isEnsemble == other.isEnsemble
      && zip(runs, other.runs).allSatisfy {
        $0.samples == $1.samples && $0.student == $1.student && $0.teacher == $1.teacher
      }
  }

  // MARK: Printing

  /// Whether there is one, or the labels were given.
  private var hasTeacher: Bool { first.teacher.hiddenUnits > 0 }
  private var engineName: String { isSimulation ? "sgd" : "ode" }

  private var seedText: String {
    let seeds = runs.map(\.seed)
    guard isEnsemble, let low = seeds.first, let high = seeds.last else { return "\(first.seed)" }
    let isRange = seeds.enumerated().allSatisfy { $1 == low + UInt64($0) }
    return isRange ? "\(low):\(high)" : "[\(seeds.map { "\($0)" }.joined(separator: ", "))]"
  }

  public override func describe() -> String {
    let final = samples.last.map { ", eg=\(short($0.error))" } ?? ""
    return "\(engineName) run(K=\(first.student.hiddenUnits), M=\(first.teacher.hiddenUnits), "
      + "N=\(first.N.printed), seed=\(seedText), α=\(short(samples.last?.alpha ?? 0))\(final))"
  }

  /// The label noise, from the first to the last α where it changes.
  private var noiseText: String {
    let teacher = first.teacher
    guard teacher.noiseSchedule != nil else {
      return teacher.labelNoise == 0 ? "" : ", σ = \(teacher.labelNoise.printed)"
    }
    let ends = [samples.first?.alpha ?? 0, samples.last?.alpha ?? 0].map { alpha in
      (try? teacher.labelNoise(at: alpha)).map(short) ?? "?"
    }
    return ", σ = \(ends[0]) → \(ends[1])"
  }

  private var tasksText: String {
    first.teacher.tasks.isEmpty ? "" : ", \(first.teacher.tasks.count) tasks"
  }

  /// The momentum, or the dropout: one number for each phase where they differ.
  private func text(_ name: String, _ path: KeyPath<Phase, Double>) -> String {
    let values = first.plan.map { $0[keyPath: path] }
    guard values.contains(where: { $0 > 0 }) else { return "" }
    let different = Set(values).count > 1 ? values : [values[0]]
    return ", \(name) " + different.map(\.printed).joined(separator: ", ")
  }

  public override func display(in context: Context) throws(Diagnostic) -> String? {
    let run = first
    var title = "\(engineName) run"
    if isEnsemble { title = "\(engineName) ensemble of \(runs.count) runs" }
    let M = hasTeacher ? "M = \(run.teacher.hiddenUnits)" : "no teacher"
    let g =
      run.student.activation == run.teacher.activation || !hasTeacher
      ? run.student.activation.rawValue
      : "\(run.student.activation.rawValue) (teacher \(run.teacher.activation.rawValue))"
    let dimension =
      isSimulation ? "N = \(run.N.printed)" : "N → ∞, start drawn at N = \(run.N.printed)"
    let law =
      run.inputs == .isotropic ? "" : ", inputs \(InputsObject(run.inputs).describe())"
    var lines = [
      "\(title): K = \(run.student.hiddenUnits), \(M), \(g)\(tasksText)\(noiseText)"
        + "\(text("momentum", \.momentum))\(text("dropout", \.dropout)), "
        + "\(dimension)\(law), seed \(seedText)"
    ]
    if let start = samples.first, let end = samples.last {
      lines.append(
        "  α   \(short(start.alpha)) … \(short(end.alpha)), \(samples.count) recorded")
      var error = "  eg  \(short(start.error)) → \(short(end.error))"
      if let sem = ensemble?.errorDeviation.last, sem.isFinite { error += " ± \(short(sem))" }
      if let sd = errorScatter(N: run.N)?.last, sd > 0 {
        error += " ± \(short(sd)) over runs of this N"
      }
      lines.append(
        error + "  " + Sparkline.text(samples.map(\.error), columns: 24))
      if let errors = taskErrors, let last = errors.last {
        for task in last.indices {
          let curve = errors.map { $0[task] }
          lines.append(
            "  task \(task + 1)  \(short(curve[0])) → \(short(last[task]))  "
              + Sparkline.text(curve, columns: 24))
        }
      }
      if let data = run.finiteSet, let early = start.trainingError, let late = end.trainingError {
        lines.append(
          "  train  \(short(early)) → \(short(late))  "
            + Sparkline.text(samples.map { $0.trainingError ?? .nan }, columns: 24))
        let epochs = (end.alpha * run.N).rounded() * run.updatesToEpochs(data)
        lines.append("  \(data.words), \(short(epochs)) \(epochs == 1 ? "epoch" : "epochs")")
      }
    } else {
      lines.append("  nothing recorded")
    }
    if run.phaseStarts.count > 1 {
      lines.append("  phases begin at α = " + run.phaseStarts.map(short).joined(separator: ", "))
    }
    if let error = quadratureError {
      lines.append("  integrals by quadrature, relative error \(short(error))")
    }
    for member in runs {
      let name = isEnsemble ? "  seed \(member.seed): " : "  "
      if let remark = member.remark { lines.append(name + remark) }
    }
    return lines.joined(separator: "\n")
  }
}

extension Run {
  /// Epochs of a finite training set in one update.
  func updatesToEpochs(_ data: TrainingData) -> Double {
    Double(batch) / Double(data.sampleCount)
  }

  /// What a reader should know of how it went; nil where all is as planned.
  var remark: String? {
    switch ending {
    case .completed:
      guard lacksFluctuations else { return nil }
      let last = short(fluctuations?.samples.last?.alpha ?? 0)
      return "fluctuations interrupted at α = \(last); `resume` continues them"
    case .interrupted:
      return "interrupted at α = \(short(end.alpha)); `resume` continues it"
    case .diverged(let divergence) where divergence.step != nil:
      return "the equations became too stiff at α = \(short(divergence.alpha))"
    case .diverged(let divergence):
      return "\(divergence.quantity) diverged at α = \(short(divergence.alpha))"
    }
  }
}

extension Run.Ending {
  var word: String {
    switch self {
    case .completed: "completed"
    case .interrupted: "interrupted"
    case .diverged: "diverged"
    }
  }
}

/// Four digits, as in a caption.
func short(_ number: Double) -> String {
  (try? Value.number(number).formatted(".4g", at: nil)) ?? number.printed
}
