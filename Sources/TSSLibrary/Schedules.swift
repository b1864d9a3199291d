import LearningDynamics
import TSSLanguage

/// A part of a schedule as a value of the language.
public final class PhaseObject: NativeObject, @unchecked Sendable {
  public let phase: Phase
  /// What the user gave, in the order in which it is shown.
  private let settings: [(String, Value)]

  init(_ phase: Phase, settings: [(String, Value)]) {
    self.phase = phase
    self.settings = settings
  }

  public override var typeName: String { "phase" }
  public override var fieldNames: [String] { settings.map(\.0) }
  public override func field(_ name: String) -> Value? { settings.first { $0.0 == name }?.1 }

  public override func describe() -> String {
    "phase(" + settings.map { "\($0)=\($1.printed())" }.joined(separator: ", ") + ")"
  }
}

/// `phase`, and the same arguments where they stand in the call of an engine.
enum Schedules {
  /// The arguments that make up a phase, for every function that takes them.
  static func parameters(time: Parameter.Requirement, isPhase: Bool = false) -> [Parameter] {
    [
      Parameter("time", time, "length in α = steps/N", isNamedOnly: !isPhase),
      Parameter(
        "η", .optional("none"),
        "learning rate of both layers: a number, a function of α, or `greedy`", isNamedOnly: true),
      Parameter("η_w", .optional("η"), "learning rate of the first layer", isNamedOnly: true),
      Parameter("η_v", .optional("η"), "learning rate of the second layer", isNamedOnly: true),
      Parameter(
        "layers", .optional("first"), "what learns; both where η_v is given",
        choices: Layers.allCases.map(\.rawValue), isNamedOnly: true),
      Parameter(
        "decay", .optional("0"),
        "weight decay κ of the trained layers, per unit of α and not times η: a number, or a "
          + "function of α",
        isNamedOnly: true),
      Parameter(
        "momentum", .optional("0"), "β of the heavy ball, from 0 up to but not 1",
        isNamedOnly: true),
      Parameter(
        "dropout", .optional("0"),
        "the probability with which each hidden unit is left out of a sample, from 0 up to but not 1",
        isNamedOnly: true),
      Parameter(
        "task", .optional("1"), "which task of a teacher with several is trained",
        isNamedOnly: true),
      Parameter(
        "until", .optional("none"), "ends the phase where this function of the state first holds",
        isNamedOnly: true),
    ]
  }

  static func install(in vocabulary: inout Vocabulary) {
    for (layers, text) in [
      ("first", "Only the first layer learns."), ("second", "Only the second layer learns."),
      ("both", "Both layers learn."),
    ] {
      vocabulary.define(word: layers, text, seeAlso: ["phase"])
    }
    vocabulary.define(
      "greedy", .word("greedy"),
      Documentation(
        "The learning rate that lowers eg fastest at every moment, for `ode`: η = -A/(2B), where "
          + "deg/dα = η A + η² B with the label noise in B. `run.η` has it; `sgd(run)` repeats it, and "
          + "`recorded_schedule(run)` makes it a schedule. It looks no further than the moment: it stays "
          + "long on a plateau, and late it leaves slow directions behind.",
        examples: [
          (
            "r = ode(student(1), teacher(1, σ=0.1), η=greedy, time=500)\n"
              + "r.η[1] > 1 and r.η[-1] < 0.02", "true"
          )
        ],
        seeAlso: ["phase", "recorded_schedule", "schedules", "ode"]))
    vocabulary.define(
      "phase", parameters(time: .required, isPhase: true), result: "phase",
      Documentation(
        "One part of a training schedule. A rate is a number or a function of α since the phase "
          + "began; `until` gets the present state, with α, eg, Q, R, T, v and the run so far as "
          + "`past`. With `momentum=β` a step is remembered: d ← β d + step, w ← w + d, and v alike; "
          + "as N → ∞ that is the rate η/(1 − β). Nothing but the state is inherited from the phase "
          + "before, and d begins at 0. With `dropout=q` every sample is learnt by the units that "
          + "are left after each was left out with probability q; `eg` is that of all units, with "
          + "the output times 1 − q. `task=2` trains the second task of a teacher with several, and "
          + "of v only the head of that task.",
        examples: [
          ("phase(50, η=0.5).layers", "first"), ("phase(50, η=0.5, dropout=0.2).dropout", "0.2"),
        ],
        seeAlso: ["schedules", "greedy", "two_tasks", "state", "ode", "sgd"])
    ) { (call) throws(Diagnostic) in .object(try phase(call)) }
    vocabulary.define(
      type: .init(
        "phase",
        parameters(time: .required).map { .init($0.name, nil, $0.documentation) }))
    vocabulary.define(
      type: .init(
        "state",
        [
          .init("α", "number", "time, steps/N"),
          .init("eg", "number", "generalisation error against the noiseless teacher"),
          .init("Q", "matrix", "student overlaps, K×K"),
          .init("R", "matrix", "student-teacher overlaps, K×M"),
          .init("T", "matrix", "teacher overlaps, M×M"),
          .init("v", "list", "second layer of the student"),
          .init("past", "run", "what was recorded up to now: a run with α, eg, Q, R, v"),
        ],
        Documentation(
          "What the function `until` of a phase is given: the state at one moment.",
          examples: [
            (
              "r = ode(student(1), teacher(1), η=0.5, time=99, until = r -> r.eg < 1e-3)\n"
                + "round(r.eg[-1], 6)", "0.001"
            )
          ],
          seeAlso: ["phase", "ode"])))
  }

  /// What says how a single phase trains.
  static let names = [
    "time", "η", "η_w", "η_v", "layers", "decay", "momentum", "dropout", "task", "until",
  ]

  /// The phases of an engine's call: `plan=[…]`, or the arguments of a single phase.
  static func plan(_ call: Call) throws(Diagnostic) -> [Phase] {
    guard let plan = call["plan"] else { return [try phase(call).phase] }
    if let extra = names.first(where: { call[$0] != nil }) {
      throw call.error(
        "`plan` says everything about training; `\(extra)` belongs into a phase", code: "schedule",
        at: extra, help: extra == "time" ? "plan=[phase(100, …)]" : "plan=[phase(100, \(extra)=…)]")
    }
    let elements: [Value] = if case .list(let list) = plan { list } else { [plan] }
    var phases: [Phase] = []
    for element in elements {
      guard case .object(let object) = element, let phase = object as? PhaseObject else {
        throw call.error(
          "`plan` is a list of phases; this holds \(element.kindName)", code: "type", at: "plan",
          help: "plan=[phase(100, η=0.2)]")
      }
      phases.append(phase.phase)
    }
    guard !phases.isEmpty else { throw call.error("`plan` has no phase", at: "plan") }
    return phases
  }

  static func phase(_ call: Call) throws(Diagnostic) -> PhaseObject {
    guard call["time"] != nil else {
      throw call.error(
        "`\(call.function.name ?? "phase")` needs `time`, the length of training in α = steps/N",
        code: "missing-argument", help: "time=100")
    }
    guard let time = try nonNegative(call, "time") else {
      throw call.mismatch("time", wants: "a number")
    }
    let rates = try Rates(call)
    var settings: [(String, Value)] = [
      ("time", .number(time)), ("layers", .word(rates.layers.rawValue)),
    ]
    for name in names where !["time", "layers"].contains(name) {
      if let value = call[name] { settings.append((name, value)) }
    }
    var phase = Phase(
      time: time, firstRate: rates.first, secondRate: rates.second, layers: rates.layers,
      decay: rates.decay, momentum: rates.momentum, dropout: rates.dropout, task: rates.task,
      until: try stop(call))
    let functions = settings.compactMap { name, value -> (String, Function)? in
      if case .function(let function) = value { (name, function) } else { nil }
    }
    if !functions.isEmpty {
      phase.source = FunctionText {
        functions.map { "\($0) = \(ValueText.of($1))" }.joined(separator: "; ")
      }
    }
    return PhaseObject(phase, settings: settings)
  }

  /// `until`, as the engines call it.
  private static func stop(
    _ call: Call
  ) throws(Diagnostic) -> (@Sendable (Moment) throws -> Bool)? {
    guard let function = try call.optionalFunction("until") else { return nil }
    try call.requireOneArgument(function, "until", help: "until = r -> r.eg < 1e-4")
    return { moment in
      let answer = try call.context.ask(function, .object(StateObject(moment)))
      guard case .bool(let isDone) = answer else {
        throw call.error(
          "`until` must give true or false, not \(answer.kindName)", code: "type", at: "until",
          help: "until = r -> r.eg < 1e-4")
      }
      return isDone
    }
  }
}

/// What a call with these arguments says of how a phase trains, but for its length.
struct Rates {
  var first: Rate
  var second: Rate
  var layers: Layers
  var decay: Rate
  var momentum: Double
  var dropout: Double
  /// From 0.
  var task: Int

  /// `layers` defaults to both where η_v is named, else to the first; a rate named for a layer that
  /// is not trained is an error.
  init(_ call: Call) throws(Diagnostic) {
    layers =
      try call.optionalChoice("layers", Layers.self) ?? (call["η_v"] == nil ? .first : .both)
    for (name, isTrained) in [("η_w", layers.trainFirst), ("η_v", layers.trainSecond)]
    where call[name] != nil && !isTrained {
      throw call.error(
        "`\(name)` is given but that layer does not learn: layers=\(layers.rawValue)",
        code: "schedule", at: name, help: "layers=both")
    }
    let common = try Self.rate(call, "η")
    let w = try Self.rate(call, "η_w") ?? common
    let v = try Self.rate(call, "η_v") ?? common
    if (layers.trainFirst && w == nil) || (layers.trainSecond && v == nil) {
      let missing = common == nil && w == nil && v == nil ? "η" : w == nil ? "η_w" : "η_v"
      throw call.error(
        "`\(call.function.name ?? "phase")` needs a learning rate `\(missing)`",
        code: "missing-argument", help: "\(missing)=0.2")
    }
    first = w ?? .constant(0)
    second = v ?? .constant(0)
    decay = try Self.rate(call, "decay") ?? .constant(0)
    momentum = try Self.fraction(
      call, "momentum", two: (", momentum=0.9", ", momentum=0.5"), help: "momentum=0.9")
    dropout = try Self.fraction(
      call, "dropout", two: (", dropout=0.5", ""), help: "dropout=0.5 leaves out half of the units")
    task = (try call.optionalCount("task", minimum: 1) ?? 1) - 1
    try checkGreedy(call)
  }

  /// What has no best rate, and what does not know it.
  private func checkGreedy(_ call: Call) throws(Diagnostic) {
    let w = layers.trainFirst && first.isGreedy
    guard w || layers.trainSecond && second.isGreedy else { return }
    let name = ["η_v", "η_w", "η"].first { call[$0]?.isGreedy == true }
    if !w {
      throw call.error(
        "a greedy rate needs the noise of the first layer's gradient: the faster the second layer "
          + "learns the better, as N → ∞", code: "schedule", at: name, help: "η=greedy, layers=both"
      )
    }
    if dropout > 0 {
      throw call.error(
        "`greedy` is for training without dropout", code: "schedule", at: "dropout",
        help: "η=0.2")
    }
    if call.function.name == "sgd" {
      throw call.error(
        "the greedy rate follows from the equations, and `sgd` does not know it", code: "schedule",
        at: name, help: "sgd(ode(S, T, η=greedy, time=100))")
    }
  }

  /// A number from 0 up to but not 1 that holds for a whole phase; 0 where it is not given.
  ///
  /// - Parameters:
  ///   - two: values of two phases, for the help on changing it.
  ///   - help: an example.
  private static func fraction(
    _ call: Call, _ name: String, two: (String, String), help: String
  ) throws(Diagnostic) -> Double {
    if case .function? = call[name] {
      throw call.error(
        "`\(name)` is one number for a whole phase, not a function", code: "type", at: name,
        help: "plan=[phase(50, η=0.1\(two.0)), phase(50, η=0.1\(two.1))]")
    }
    guard let value = try call.optionalNumber(name) else { return 0 }
    guard value >= 0, value < 1 else {
      throw call.error(
        "`\(name)` must be at least 0 and below 1, not \(value.printed)", at: name, help: help)
    }
    return value
  }

  /// A number of at least 0, or a function of α that gives one.
  private static func rate(_ call: Call, _ name: String) throws(Diagnostic) -> Rate? {
    guard case .function(let function)? = call[name] else {
      if name != "decay", call[name]?.isGreedy == true { return .greedy }
      guard case .number? = call[name] else {
        if call[name] == nil { return nil }
        throw call.mismatch(
          name,
          wants: "a number\(name == "decay" ? " or" : ",") a function of α"
            + (name == "decay" ? "" : ", or greedy"))
      }
      return try nonNegative(call, name).map { .constant($0) }
    }
    try call.requireOneArgument(function, name, help: "\(name) = α -> 1/(1 + α)")
    return .function { alpha in
      let value = try call.context.ask(function, .number(alpha))
      guard case .number(let rate) = value, rate.isFinite, rate >= 0 else {
        throw call.error(
          "`\(name)` gave \(value.inWords) at α = \(alpha.printed) of its phase; "
            + "it must give a number of at least 0", at: name)
      }
      return rate
    }
  }
}

extension Value {
  /// Whether this is the word for the greedy learning rate.
  fileprivate var isGreedy: Bool {
    switch self {
    case .word("greedy"), .string("greedy"): true
    default: false
    }
  }
}

/// The present state, as `until` sees it.
final class StateObject: NativeObject, @unchecked Sendable {
  let moment: Moment

  init(_ moment: Moment) { self.moment = moment }

  override var typeName: String { "state" }
  override var fieldNames: [String] { ["α", "eg", "Q", "R", "T", "v", "past"] }

  override func field(_ name: String) -> Value? {
    switch name {
    case "α": .number(moment.alpha)
    case "eg": .number(moment.error)
    case "Q": .matrix(moment.state.Q)
    case "R": .matrix(moment.state.R)
    case "T": .matrix(moment.state.T)
    case "v": Value(moment.state.v)
    case "past": .object(PastObject(moment.past))
    default: nil
    }
  }

  override func describe() -> String {
    "state(α=\(moment.alpha.printed), eg=\(moment.error.printed))"
  }
}

/// What was recorded up to now, as `until` sees it.
final class PastObject: NativeObject, @unchecked Sendable {
  let samples: [Run.Sample]

  init(_ samples: [Run.Sample]) { self.samples = samples }

  override var typeName: String { "run so far" }
  override var fieldNames: [String] { ["α", "eg", "Q", "R", "v"] }
  override func field(_ name: String) -> Value? { samples.field(name) }
}

extension [Run.Sample] {
  /// The fields that every recording has: lists along α.
  func field(_ name: String) -> Value? {
    switch name {
    case "α": Value(map(\.alpha))
    case "eg": Value(map(\.error))
    case "Q": .list(map { .matrix($0.state.Q) })
    case "R": .list(map { .matrix($0.state.R) })
    case "v": .list(map { Value($0.state.v) })
    default: nil
    }
  }
}
