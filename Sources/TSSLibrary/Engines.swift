import Groundwork
import LearningDynamics
import Synchronization
import TSSLanguage

/// `ode` and `sgd`: the same experiment by the equations and by simulation.
enum Engines {
  /// What to integrate or simulate: from a student and a teacher, or from a run.
  struct Experiment: Sendable {
    var student: Student
    var teacher: Teacher
    var plan: [Phase]
    /// The schedules of single seeds, where they differ: those that greedy runs recorded.
    var plans: [UInt64: [Phase]] = [:]
    var N: Double
    var seeds: [UInt64]
    /// Whether seeds were given as a list, which makes an ensemble of even one.
    var isEnsemble: Bool
    /// The α at which a repeated run was recorded, for curves that can be subtracted.
    var times: [Double]?
    /// How a repeated simulation was done; what is not said anew stays as it was.
    var descent: DescentOptions?
    var batch = 1
    var inputs = Inputs.isotropic
    var fluctuations = false
    /// The finite set of samples to learn from; nil draws a fresh one at every step.
    var data: TrainingData?
  }

  static func install(in vocabulary: inout Vocabulary) {
    let networks = [
      Parameter("student", .required, "the student, or a run to repeat by this engine"),
      Parameter("teacher", .optional("none"), "the teacher; none where the experiment is repeated"),
      Parameter(
        "plan", .optional("none"), "a list of phases; where none, the arguments of one phase",
        isNamedOnly: true),
    ]
    let common = [
      Parameter("N", .optional("1000"), "input dimension, a whole number", isNamedOnly: true),
      Parameter(
        "seed", .optional("1"), "seed of all that is random; a list makes an ensemble",
        isNamedOnly: true),
      Parameter(
        "at", .optional("none"), "the values of α to record; where none, `points` of them",
        isNamedOnly: true),
      Parameter(
        "points", .optional("200"), "how many values of α to record, spread logarithmically",
        isNamedOnly: true),
      Checkpoints.parameter,
    ]
    let batch = Parameter(
      "batch", .optional("1"), "samples that one update averages over", isNamedOnly: true)
    let phase = Schedules.parameters(time: .optional("none"))
    vocabulary.define(
      "ode",
      networks + phase + common
        + [
          InputsArgument.parameter, batch,
          Parameter(
            "tol", .optional("1e-8"), "relative tolerance of the integrator", isNamedOnly: true),
          Parameter(
            "fluctuations", .optional("false"),
            "whether to compute how runs of `sgd` scatter around the equations", isNamedOnly: true),
        ],
      result: "run",
      Documentation(
        "Integrates the order-parameter equations for Q, R and v, which describe online SGD as "
          + "N → ∞ (Saad and Solla 1995; Goldt et al. 2019). `N` and `seed` only draw the initial "
          + "overlaps. `inputs=gaussian(λ, fractions=ψ)` are structured; `.blocks` then has the "
          + "overlaps in each eigenspace. `ode(run)` repeats a run's experiment from the same "
          + "start, recorded at the same α; for a run on a finite training set that is the limit "
          + "of many samples. With `fluctuations=true` the run also has `sd_eg`, `sd_Q`, `sd_R` and "
          + "`sd_v`, the standard deviations over runs of SGD from this start at the run's N, and "
          + "`covariance`, N times the covariance of R (row by row), Q (its upper triangle) and v "
          + "(a central limit theorem: it does not hold where a run escapes from a plateau).",
        examples: [
          ("ode(student(K=1), teacher(M=1), η=0.5, time=100).eg[-1] < 1e-6", "true"),
          (
            "ode(student(1), teacher(1, σ=0.1), η=0.5, time=9, fluctuations=true).sd_eg[1]", "0"
          ),
        ],
        seeAlso: ["sgd", "compare", "rates", "phase", "run", "plot"])
    ) { (call) throws(Diagnostic) in
      let experiment = try experiment(call)
      if experiment.descent?.trainingData?.table != nil {
        throw call.error(
          "the equations are for Gaussian inputs, and this run has real ones", code: "type",
          at: "student")
      }
      let options = try equationOptions(call, like: experiment)
      return try run(experiment, call, task: "ode", engine: .equations(options))
    }
    vocabulary.define(
      "sgd",
      networks + phase + common + [
        Parameter(
          "method", .optional("full"),
          "full keeps every weight; reduced keeps Q, R and v, at a cost that does not depend on N",
          choices: DescentOptions.Method.allCases.map(\.rawValue), isNamedOnly: true),
        batch,
        Parameter(
          "precision", .optional("float64"), "type of the weights",
          choices: DescentOptions.Precision.allCases.map(\.rawValue), isNamedOnly: true),
        Parameter(
          "keep_weights", .optional("[]"), "values of α at which the weights are kept",
          isNamedOnly: true),
      ] + TrainingSets.parameters,
      result: "run",
      Documentation(
        "Simulates online SGD at finite N, a fresh Gaussian sample at every step (Goldt et al. "
          + "2019, eqs. 2 and 3). Time is α = steps/N. `seed=1:5` makes an ensemble: its eg is the mean, with `sem` and `runs`. "
          + "`samples=P` learns from P samples again and again, and `inputs` from real data; the "
          + "run then has the error on the training set, `train`, beside `eg`. With `labels` there "
          + "need be no teacher.",
        examples: [
          ("count(sgd(student(1), teacher(1), η=0.5, time=1, N=50, seed=1:3).runs)", "3")
        ],
        seeAlso: ["ode", "compare", "resume", "early_stopping", "phase", "run", "plot"])
    ) { (call) throws(Diagnostic) in
      var experiment = try experiment(call)
      if case .object(let object as RunObject)? = call["student"] {
        experiment.plan = object.first.planAsRecorded
        experiment.plans = try plansAsRecorded(object, experiment.seeds, call)
      }
      experiment.data = try TrainingSets.read(call, repeating: experiment.descent?.trainingData)
      experiment.N = try TrainingSets.dimension(experiment.data, experiment.N, call)
      try TrainingSets.check(experiment.data, experiment.student, experiment.teacher, call)
      let options = try descentOptions(call, like: experiment)
      return try run(experiment, call, task: "sgd", engine: .descent(options))
    }
    for (word, text) in [
      ("full", "SGD that keeps every weight."),
      ("reduced", "SGD through the order parameters alone: the same law at any N."),
      ("float64", "Weights in double precision."), ("float32", "Weights in single precision."),
    ] {
      vocabulary.define(word: word, text, seeAlso: ["sgd"])
    }
    vocabulary.define(
      type: .init(
        "run", RunObject.fields,
        Documentation(
          "What `ode` and `sgd` give: a learning curve and what it was made from. Lists go along "
            + "`run.α`; `run.eg[-1]` is the end. An ensemble (`seed=1:5`) has means over its runs.",
          examples: [
            (
              "r = ode(student(1), teacher(1), η=0.5, time=9, at=[0, 9]); [count(r.eg), r.K]",
              "[2, 1]"
            )
          ],
          seeAlso: ["runs", "ode", "sgd", "compare", "resume"])))
  }

  // MARK: Reading the call

  /// The rates that each run of an ensemble found for itself, greedily; empty for one run, whose
  /// schedule any seed may follow, and for ensembles with one schedule.
  private static func plansAsRecorded(
    _ past: RunObject, _ seeds: [UInt64], _ call: Call
  ) throws(Diagnostic) -> [UInt64: [Phase]] {
    guard past.runs.count > 1, past.first.plan.contains(where: \.isGreedy) else { return [:] }
    var plans: [UInt64: [Phase]] = [:]
    for run in past.runs { plans[run.seed] = run.planAsRecorded }
    if let other = seeds.first(where: { plans[$0] == nil }) {
      throw call.error(
        "each run of the ensemble has a greedy rate of its own, and none is of seed \(other)",
        code: "schedule", at: "seed", help: "sgd(run.runs[1], seed=…) follows that of the first")
    }
    return plans
  }

  private static func experiment(_ call: Call) throws(Diagnostic) -> Experiment {
    if case .object(let object)? = call["student"], let past = object as? RunObject {
      return try experiment(call, repeating: past)
    }
    let hasLabels = call.function.signature.has("labels") && call["labels"] != nil
    guard let student = try call.optionalObject("student", StudentObject.self, wants: "a student"),
      let teacher = try call.optionalObject("teacher", TeacherObject.self, wants: "a teacher")?
        .teacher ?? (hasLabels ? Teacher.absent : nil)
    else {
      throw call.error(
        "`\(call.function.name ?? "")` needs a student and a teacher, or a run",
        code: "missing-argument",
        help: "\(call.function.name ?? "")(student(K=2), teacher(M=2), η=0.5, time=100)")
    }
    let (seeds, isEnsemble) = try Self.seeds(call) ?? ([1], false)
    let inputs = try InputsArgument.read(call) ?? .isotropic
    return Experiment(
      student: student.student, teacher: teacher, plan: try Schedules.plan(call),
      N: try InputsArgument.dimension(call, inputs, standard: 1000), seeds: seeds,
      isEnsemble: isEnsemble, inputs: inputs)
  }

  /// The same start, teacher and schedule; `N` and `seed` may be chosen anew.
  private static func experiment(
    _ call: Call, repeating past: RunObject
  ) throws(Diagnostic) -> Experiment {
    let fixed = ["teacher", "plan", "inputs"] + Schedules.names
    if let extra = fixed.first(where: { call[$0] != nil }) {
      throw call.error(
        "`\(extra)` is that of the run, which is repeated as it was", code: "schedule", at: extra,
        help: "leave it out, or name a student and a teacher instead of the run")
    }
    let run = past.first
    let (seeds, isEnsemble) = try Self.seeds(call) ?? (past.runs.map(\.seed), past.isEnsemble)
    return Experiment(
      student: run.student, teacher: run.teacher, plan: run.plan,
      N: try InputsArgument.dimension(call, run.inputs, standard: run.N), seeds: seeds,
      isEnsemble: isEnsemble, times: past.samples.map(\.alpha), descent: run.descentOptions,
      batch: run.batch, inputs: run.inputs, fluctuations: run.fluctuations != nil)
  }

  /// The seeds, and whether they make an ensemble; nil where none was given.
  static func seeds(_ call: Call) throws(Diagnostic) -> (seeds: [UInt64], isEnsemble: Bool)? {
    guard let value = call["seed"] else { return nil }
    let numbers: [Double]
    if case .number(let number) = value {
      numbers = [number]
    } else {
      guard let list = value.numbers else {
        throw call.mismatch("seed", wants: "a whole number or a list of them", help: "seed=1:5")
      }
      guard !list.isEmpty else { throw call.error("`seed` names no seed", at: "seed") }
      numbers = list
    }
    guard numbers.allSatisfy({ $0 == $0.rounded() && $0 >= 0 && $0 < 9e15 }) else {
      throw call.error("a seed is a whole number of at least 0", at: "seed", help: "seed=1:5")
    }
    guard Set(numbers).count == numbers.count else {
      throw call.error("each seed may stand only once in an ensemble", at: "seed")
    }
    if case .number = value { return (numbers.map { UInt64($0) }, false) }
    return (numbers.map { UInt64($0) }, true)
  }

  static func dimension(_ call: Call) throws(Diagnostic) -> Double? {
    guard let N = try call.optionalNumber("N") else { return nil }
    guard N >= 1, N == N.rounded() || N == .infinity else {
      throw call.error("`N` must be a whole number of at least 1, not \(N.printed)", at: "N")
    }
    return N
  }

  private static func recording(
    _ call: Call, like experiment: Experiment
  ) throws(Diagnostic) -> Recording {
    guard let value = call["at"] else {
      if call["points"] == nil, let times = experiment.times { return .at(times) }
      return .logarithmic(points: try points(call))
    }
    if call["points"] != nil {
      throw call.error("`at` and `points` exclude each other", code: "argument", at: "points")
    }
    let times: [Double]? = if case .number(let time) = value { [time] } else { value.numbers }
    guard let times else { throw call.mismatch("at", wants: "a list of values of α") }
    guard !times.isEmpty else { throw call.error("`at` names no value of α", at: "at") }
    guard times.allSatisfy({ $0.isFinite && $0 >= 0 }), zip(times, times.dropFirst()).allSatisfy(<)
    else {
      throw call.error("`at` needs values of α of at least 0, in increasing order", at: "at")
    }
    let total = experiment.plan.reduce(0) { $0 + $1.time }
    guard times[times.count - 1] <= total * (1 + 1e-12) else {
      throw call.error(
        "`at` goes beyond the end of the run at α = \(short(total))", at: "at",
        help: "a longer time, or at=[…] up to \(short(total))")
    }
    return .at(times)
  }

  static func batch(_ call: Call) throws(Diagnostic) -> Int? {
    try call.optionalCount("batch", minimum: 1)
  }

  private static func points(_ call: Call) throws(Diagnostic) -> Int {
    let points = try call.optionalCount("points", minimum: 2) ?? 200
    guard points <= 1_000_000 else {
      throw call.error("`points` is at most 1000000", at: "points")
    }
    return points
  }

  private static func equationOptions(
    _ call: Call, like experiment: Experiment
  ) throws(Diagnostic) -> EquationOptions {
    let tolerance = try call.optionalNumber("tol") ?? 1e-8
    guard tolerance >= 1e-14, tolerance <= 0.1 else {
      throw call.error("`tol` must lie between 1e-14 and 0.1", at: "tol", help: "tol=1e-8")
    }
    return EquationOptions(
      tolerance: tolerance, recording: try recording(call, like: experiment),
      batch: try batch(call) ?? experiment.batch, inputs: experiment.inputs,
      fluctuations: try call.optionalBool("fluctuations") ?? experiment.fluctuations)
  }

  private static func descentOptions(
    _ call: Call, like experiment: Experiment
  ) throws(Diagnostic) -> DescentOptions {
    let kept: [Double] =
      if case .number(let time)? = call["keep_weights"] { [time] } else {
        try call.optionalNumbers("keep_weights") ?? []
      }
    let total = experiment.plan.reduce(0) { $0 + $1.time }
    guard kept.allSatisfy({ $0 >= 0 && $0 <= total }) else {
      throw call.error(
        "`keep_weights` lies outside the run, which goes from α = 0 to \(short(total))",
        at: "keep_weights")
    }
    let method =
      try call.optionalChoice("method", DescentOptions.Method.self)
      ?? experiment.descent?.method ?? .full
    try TrainingSets.check(experiment.data, method, call)
    var samples = try TrainingSets.wholeBatch(call, experiment.data)
    if samples == nil { samples = try batch(call) }
    return DescentOptions(
      batch: samples ?? experiment.batch,
      precision: try call.optionalChoice("precision", DescentOptions.Precision.self)
        ?? experiment.descent?.precision ?? .float64,
      recording: try recording(call, like: experiment), keepWeights: kept, method: method,
      inputs: experiment.inputs, trainingData: experiment.data)
  }

  // MARK: Running

  private static func run(
    _ experiment: Experiment, _ call: Call, task: String, engine: Run.Engine
  ) throws(Diagnostic) -> Value {
    if case .descent(let options) = engine { try checkSize(experiment.N, options, call) }
    let units = experiment.student.hiddenUnits + experiment.teacher.hiddenUnits
    let isReduced =
      if case .descent(let options) = engine { options.method == .reduced } else { false }
    try InputsArgument.check(
      experiment.inputs, N: experiment.N, smallest: isReduced ? units : 1, call)
    try checkTraining(experiment, call, engine)
    noteSymmetricStart(experiment, call.context)
    noteUnstableRate(experiment, engine.batch, call.context)
    let checkpoints = try Checkpoints(experiment, call, engine: engine)
    let past = checkpoints?.past ?? [:]
    var watch = monitor(task: task, call.context)
    watch.keeper = checkpoints?.keeper
    let monitor = watch
    return try result(call, isEnsemble: experiment.isEnsemble) {
      switch engine {
      case .equations(let options):
        try Ensemble.run(
          seeds: experiment.seeds, threads: call.context.threads, monitor: monitor
        ) { seed, monitor in
          let start = try InitialState.draw(
            student: experiment.student, teacher: experiment.teacher, N: experiment.N, seed: seed,
            plan: experiment.plan, inputs: experiment.inputs)
          if var run = past[seed] {
            // A checkpoint keeps the way of the equations; the fluctuations follow from it.
            if options.fluctuations { run.fluctuations = Fluctuations(start: start) }
            if !run.lacksFluctuations, run.isAtItsEnd(telling: monitor) { return run }
            return try Equations.resume(run, monitor: monitor)
          }
          return try Equations.run(
            student: experiment.student, teacher: experiment.teacher, plan: experiment.plan,
            from: start, N: experiment.N, seed: seed, options: options, monitor: monitor)
        }
      case .descent(let options) where experiment.plans.isEmpty:
        try Descent.runEnsemble(
          student: experiment.student, teacher: experiment.teacher, plan: experiment.plan,
          N: Int(experiment.N), seeds: experiment.seeds, continuing: past, options: options,
          threads: call.context.threads, monitor: monitor)
      case .descent(let options):
        try Ensemble.run(
          seeds: experiment.seeds, threads: call.context.threads, monitor: monitor
        ) { seed, monitor in
          try Descent.runEnsemble(
            student: experiment.student, teacher: experiment.teacher,
            plan: experiment.plans[seed] ?? experiment.plan, N: Int(experiment.N), seeds: [seed],
            continuing: past, options: options, threads: 1, monitor: monitor
          ).runs[0]
        }
      }
    }
  }

  /// Tells the host how far an engine is; the words are made only when the host asks for them.
  static func monitor(task: String, _ context: Context) -> Monitor {
    Monitor { progress in
      context.progress(
        ProgressReport(
          task: task, fraction: progress.fraction,
          detail: "α = \(short(progress.alpha))  phase \(progress.phase)  "
            + "\(errorWords(progress.error))  η = \(short(progress.rate))")) == .go
    }
  }

  /// eg, which below rounding is not known to be 0.
  private static func errorWords(_ error: Double) -> String {
    error == 0 ? "eg < 1e-15" : "eg = \(short(error))"
  }

  /// Weights have to fit into memory; the reduced method has none.
  private static func checkSize(
    _ N: Double, _ options: DescentOptions, _ call: Call
  ) throws(Diagnostic) {
    switch options.method {
    case .full:
      guard N < 1e9 else {
        throw call.error(
          "SGD that keeps every weight needs a finite N below 1e9, not \(N.printed)", at: "N",
          help: N > 1e15 ? "ode(…) describes the limit N → ∞" : "method=reduced")
      }
      if N >= 1e6, options.trainingData == nil {
        call.context.note(
          "method=reduced simulates the same law at a cost that does not depend on N")
      }
    case .reduced:
      guard N <= 1e15 else {
        throw call.error(
          "`method=reduced` needs an N of at most 1e15, not \(N.printed)", at: "N",
          help: "ode(…) describes the limit N → ∞")
      }
    }
  }

  /// Turns what the core made, or threw, into a value or a diagnostic; keeps what is unfinished.
  static func result(
    _ call: Call, isEnsemble: Bool, _ body: () throws -> Ensemble
  ) throws(Diagnostic) -> Value {
    let ensemble: Ensemble
    do { ensemble = try body() } catch { throw diagnostic(error, call) }
    let object = isEnsemble ? RunObject(ensemble) : RunObject(ensemble.runs[0])
    for run in ensemble.runs {
      if case .diverged(let divergence) = run.ending {
        // An activation that did not come to its end after a request to stop gave no numbers.
        try call.context.poll()
        call.context.keepPartial(.object(object))
        throw diverged(divergence, run, call)
      }
    }
    noteQuadrature(object, call.context)
    if ensemble.runs.contains(where: { $0.ending == .interrupted || $0.lacksFluctuations }) {
      call.context.keepPartial(.object(object))
    } else {
      noteLargeFluctuations(ensemble.runs, call.context)
    }
    return .object(object)
  }

  /// Says what quadrature reached where that is less than 1e-6, or than was asked for.
  private static func noteQuadrature(_ run: RunObject, _ context: Context) {
    guard let error = run.quadratureError, case .equations(let options) = run.first.engine,
      error > options.tolerance
    else { return }
    noteQuadrature(
      error, of: "this run", run.first.student.activation, run.first.teacher.activation, context)
  }

  /// Says what quadrature reached, where that is not what closed forms would give.
  static func noteQuadrature(
    _ error: Double, of what: String, _ student: Activation, _ teacher: Activation,
    _ context: Context
  ) {
    guard error > 1e-6 else { return }
    let kinked = [student, teacher].compactMap { activation -> String? in
      let places = activation.kinks
      if places.isEmpty { return nil }
      let list = places.prefix(4).map(short).joined(separator: ", ")
      return "\(activation) has kinks at \(list)" + (places.count > 4 ? ", …" : "")
    }
    let reason = kinked.first ?? "\(student.isCustom ? student : teacher) varies fast"
    context.note(
      "the integrals of \(what) were done by quadrature, which reached a relative error of "
        + "\(short(error)): \(reason)")
  }

  /// Above the largest stable rate a perfect student does not stay perfect: an erf network settles
  /// at an error that is not zero, without diverging. Said once for each case.
  private static func noteUnstableRate(
    _ experiment: Experiment, _ batch: Int, _ context: Context
  ) {
    let student = experiment.student, teacher = experiment.teacher
    guard experiment.inputs == .isotropic, experiment.data == nil,
      experiment.teacher.tasks.isEmpty, experiment.plan.allSatisfy({ $0.dropout == 0 }),
      let phase = experiment.plan.last, phase.layers.trainFirst,
      case .constant(let eta) = phase.firstRate, student.hiddenUnits <= 20,
      let largest = stableRate(student, teacher, phase.layers),
      case let divisor = (1 - phase.momentum) * Double(batch), eta / divisor > largest
    else { return }
    let words =
      "η = \(short(eta))\(phase.momentum > 0 ? " with momentum \(phase.momentum.printed)" : "")"
      + "\(batch > 1 ? " and batches of \(batch)" : "") is above \(short(largest * divisor)), the "
      + "largest rate at which a student with K = \(student.hiddenUnits), "
      + "M = \(teacher.hiddenUnits) stays at zero error"
    if notedRates.withLock({ $0.insert(words).inserted }) { context.note(words) }
  }

  private static let notedRates = Mutex<Set<String>>([])

  /// What `stableRate` found lately; an eigenproblem takes up to 25 ms, and the runs of a sweep ask
  /// for the same few pairs of networks.
  private static let stableRates = Mutex<[StableRateKey: Double?]>([:])

  private struct StableRateKey: Hashable {
    var student: Student
    var teacher: Teacher
    var layers: Layers
  }

  /// The largest stable rate; nil where there is none.
  private static func stableRate(
    _ student: Student, _ teacher: Teacher, _ layers: Layers
  ) -> Double? {
    var key = StableRateKey(student: student, teacher: teacher, layers: layers)
    // Neither the start nor the labels' noise moves it.
    key.student.initialisation = .normal(sd: 1)
    key.teacher.labelNoise = 0
    if let known = stableRates.withLock({ $0[key] }) { return known }
    let rate = try? StableRate.of(student: student, teacher: teacher, layers: layers)
    stableRates.withLock {
      if $0.count >= 64 { $0.removeAll() }
      $0[key] = .some(rate)
    }
    return rate
  }

  /// An initial state without any difference between the units stays on the plateau.
  private static func noteSymmetricStart(_ experiment: Experiment, _ context: Context) {
    guard experiment.N == .infinity, experiment.student.hiddenUnits > 1,
      case .normal(let sd, 0) = experiment.student.initialisation
    else { return }
    context.note(
      "at N = ∞ this start is symmetric and stays on the plateau; "
        + "init=normal(\(sd.printed), perturb=1e-9) leaves it")
  }
}

extension Run {
  /// How a simulation was done; nil for a run of the equations.
  var descentOptions: DescentOptions? {
    if case .descent(let options) = engine { options } else { nil }
  }
  /// Samples averaged in one update.
  var batch: Int { engine.batch }
}

extension Run.Engine {
  var batch: Int {
    switch self {
    case .equations(let options): options.batch
    case .descent(let options): options.batch
    }
  }
}
