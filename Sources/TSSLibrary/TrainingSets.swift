import Groundwork
import LearningDynamics
import TSSLanguage

/// Finite training sets and real inputs: the arguments `samples`, `inputs`, `labels`, `test` and
/// `standardise` of `sgd`, and `early_stopping`.
enum TrainingSets {
  static let parameters = [
    Parameter(
      "samples", .optional(""), "size P of a finite training set, met in reshuffled epochs",
      isNamedOnly: true),
    Parameter(
      "inputs", .optional("isotropic"),
      "law of the inputs: isotropic, or gaussian(…); or real ones: a matrix or list of rows, or a "
        + "record of columns", isNamedOnly: true),
    Parameter(
      "labels", .optional(""),
      "a label for each row of inputs, or the name of their column; else the teacher's",
      isNamedOnly: true),
    Parameter(
      "test", .optional("0.2"), "rows of inputs held out to measure eg: a number or a fraction",
      isNamedOnly: true),
    Parameter(
      "standardise", .optional("true"),
      "whether inputs get mean 0 and standard deviation 1 over the training rows and columns",
      isNamedOnly: true),
  ]

  static func install(in vocabulary: inout Vocabulary) {
    vocabulary.define(
      "early_stopping",
      [Parameter("run", .required, "a run or an ensemble of `sgd` on a finite training set")],
      result: "record",
      Documentation(
        "Where one would have to stop training on a finite set: a record (α, eg, train) of the "
          + "recorded instant with the smallest test error. For an ensemble, of the mean curves.",
        examples: [
          (
            "r = sgd(student(4), teacher(1, σ=1), samples=100, η=0.5, time=100, N=50)\n"
              + "early_stopping(r).eg < r.eg[-1]", "true"
          )
        ],
        seeAlso: ["sgd", "plot"])
    ) { (call) throws(Diagnostic) in
      guard let run = try call.optionalObject("run", RunObject.self, wants: "a run") else {
        throw call.mismatch("run", wants: "a run")
      }
      guard run.first.finiteSet != nil else {
        throw call.error(
          "this run never meets a sample twice, so there is nothing to stop early", code: "type",
          at: "run", help: "sgd(…, samples=1000) trains on a finite set")
      }
      guard let best = run.curve.bestSample else {
        throw call.error("this run has recorded nothing", at: "run")
      }
      return .record(
        Record([
          ("α", .number(best.alpha)), ("eg", .number(best.error)),
          ("train", best.trainingError.map { .number($0) } ?? .nothing),
        ]))
    }
  }

  /// The finite set that a call of `sgd` asks for; `past` where it asks for nothing new.
  static func read(
    _ call: Call, repeating past: TrainingData?
  ) throws(Diagnostic) -> TrainingData? {
    let samples = try call.optionalCount("samples", minimum: 1)
    guard InputsArgument.isData(call) else {
      if let extra = ["labels", "test", "standardise"].first(where: { call[$0] != nil }) {
        throw call.error(
          "`\(extra)` is for real inputs, and there are none", code: "argument", at: extra,
          help: "inputs=load(\"digits.npz\").data")
      }
      guard let samples else { return past }
      guard var table = past?.table else { return .gaussian(samples: samples) }
      table.trainingRows = samples
      try checkCounts(table, call)
      return .rows(table)
    }
    let (inputs, labels) = try TrainingInputs(call).parts
    var table = DataTable(inputs: inputs, labels: labels, testRows: 0, trainingRows: samples)
    table.standardises = try call.optionalBool("standardise") ?? true
    table.testRows = try testRows(call, of: inputs.rows)
    try checkCounts(table, call)
    if table.standardises, inputs.elements.allSatisfy({ $0 == inputs.elements[0] }) {
      throw call.error(
        "all numbers of `inputs` are equal, so they cannot be standardised", at: "inputs",
        help: "standardise=false")
    }
    return .rows(table)
  }

  /// `test=`: a whole number of rows, or a part of all.
  private static func testRows(_ call: Call, of rows: Int) throws(Diagnostic) -> Int {
    let test = try call.optionalNumber("test") ?? 0.2
    guard test > 0, test < 1 || test == test.rounded() else {
      throw call.error(
        "`test` is a number of rows, at least 1, or a fraction below 1, not \(test.printed)",
        at: "test", help: "test=0.2")
    }
    let count = test < 1 ? (test * Double(rows)).rounded() : test
    guard count < Double(rows) else {
      throw call.error(
        "`test` = \(test.printed) leaves no row to learn from: there are \(rows)", at: "test",
        help: "test=0.2")
    }
    guard count >= 1 else {
      throw call.error(
        "\(rows) rows are too few to hold out a part of \(test.printed)", at: "test",
        help: "test=1")
    }
    return Int(count)
  }

  private static func checkCounts(_ table: DataTable, _ call: Call) throws(Diagnostic) {
    let left = table.inputs.rows - table.testRows
    if let samples = table.trainingRows, samples > left {
      throw call.error(
        "`samples` = \(samples) is more than the \(left) rows that are left to learn from when "
          + "\(table.testRows) of \(table.inputs.rows) are held out", at: "samples",
        help: "samples=\(left)")
    }
  }

  /// What only the full method can do, in a call that asks for another.
  static func check(
    _ data: TrainingData?, _ method: DescentOptions.Method, _ call: Call
  ) throws(Diagnostic) {
    guard data != nil, method == .reduced else { return }
    let name = call["samples"] != nil ? "samples" : InputsArgument.isData(call) ? "inputs" : nil
    throw call.error(
      "`method=reduced` draws every sample afresh; a finite training set needs method=full",
      code: "argument", at: call["method"] != nil ? "method" : name, help: "leave `method` out")
  }

  /// Labels are made once, and starts that are made of a teacher's weights need a teacher.
  static func check(
    _ data: TrainingData?, _ student: Student, _ teacher: Teacher, _ call: Call
  ) throws(Diagnostic) {
    if let data, !data.hasLabels, teacher.noiseSchedule != nil {
      throw call.error(
        "a finite training set is labelled once, so its noise `σ` cannot change with α",
        at: call["teacher"] == nil ? "student" : "teacher", help: "teacher(…, σ=0.1)")
    }
    guard teacher.hiddenUnits == 0 else { return }
    switch student.initialisation {
    case .normal, .mixed, .zeros: return
    case .informed, .denoise, .overlaps, .blocks:
      throw call.error(
        "this student starts from a teacher's weights, and there is no teacher", at: "student",
        help: "init=normal(1)")
    }
  }

  /// `batch=full`: the whole training set in every update; nil where `batch` is a number.
  static func wholeBatch(
    _ call: Call, _ data: TrainingData?
  ) throws(Diagnostic) -> Int? {
    guard case .word("full")? = call["batch"] else {
      if let data, let batch = try Engines.batch(call), batch > data.sampleCount {
        throw call.error(
          "`batch` = \(batch) is more than the \(data.sampleCount) samples of the training set",
          at: "batch", help: "batch=full")
      }
      return nil
    }
    guard let data else {
      throw call.error(
        "`batch=full` is the whole of a finite training set, and there is none", at: "batch",
        help: "samples=1000, batch=full")
    }
    return data.sampleCount
  }

  /// N is the number of columns of real inputs.
  static func dimension(
    _ data: TrainingData?, _ N: Double, _ call: Call
  ) throws(Diagnostic) -> Double {
    guard let columns = data?.table?.inputs.columns else { return N }
    if call["N"] != nil, N != Double(columns) {
      throw call.error(
        "`N` is the number of columns of `inputs`, which is \(columns), not \(N.printed)", at: "N",
        help: "leave `N` out")
    }
    return Double(columns)
  }
}

extension TrainingData {
  /// "1437 samples", or where they come from.
  var words: String {
    switch self {
    case .gaussian(let samples): "\(samples) samples"
    case .rows(let table): "\(sampleCount) samples, \(table.testRows) held out"
    }
  }
}
