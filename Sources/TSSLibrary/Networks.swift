import Groundwork
import LearningDynamics
import TSSLanguage

/// `teacher`, `student`, and the words for how they begin.
enum Networks {
  static func install(in vocabulary: inout Vocabulary) {
    installWords(in: &vocabulary)
    installTeacher(in: &vocabulary)
    installStudent(in: &vocabulary)
    installInitialisations(in: &vocabulary)
  }

  private static func installWords(in vocabulary: inout Vocabulary) {
    vocabulary.define(
      word: "orthonormal", "Teacher weights with T = 1 exactly, at any N.", seeAlso: ["teacher"])
    vocabulary.define(
      word: "isotropic",
      "Teacher weights w* ~ N(0, 1)^N, drawn at the run's N and seed; also inputs x ~ N(0, 1)^N.",
      seeAlso: ["teacher", "gaussian"])
    vocabulary.define(
      word: "graded", "Teacher weights of growing length: T_nm = n δ_nm.", seeAlso: ["teacher"])
    vocabulary.define(
      word: "mixed", "A start with w ~ N(0, 1)^N/√N and, where trained, v ~ N(0, 1)/√K.",
      seeAlso: ["student", "normal"])
  }

  private static func installTeacher(in vocabulary: inout Vocabulary) {
    vocabulary.define(
      "teacher",
      [
        Parameter("M", .required, "number of hidden units"),
        Parameter(
          "g", .optional("erf"), "activation, or a function of one number",
          choices: ActivationValue.names, isNamedOnly: true),
        Parameter(
          "v", .optional("1"),
          "second layer v*: a number, a list of M, or a row for each task",
          isNamedOnly: true),
        Parameter(
          "σ", .optional("0"),
          "standard deviation of the label noise: a number, or a function of α since the run began",
          isNamedOnly: true),
        Parameter(
          "weights", .optional("orthonormal"),
          "first layer: one of these words, or an M×M overlap matrix T",
          choices: ["orthonormal", "isotropic", "graded"], isNamedOnly: true),
        Parameter("scale", .optional("1"), scaleDocumentation, isNamedOnly: true, isMinor: true),
      ], result: "teacher",
      Documentation(
        "The fixed network that labels the data: y = Σ_m v_m g(w_m·x/√N) + σ ζ with ζ ~ N(0, 1). "
          + "It knows neither N nor a seed; a run draws its weights. σ may be a function of α since "
          + "the run began. A matrix v makes several tasks, outputs of their own of the same units, "
          + "one for each row; a phase trains one of them, `task=2`.",
        examples: [
          ("teacher(2, σ=0.1)", "teacher(M=2, g=erf, σ=0.1)"),
          (
            "teacher(2, σ = α -> 0.1*exp(-α/100))",
            "teacher(M=2, g=erf, σ=α -> 0.1*exp(-α/100))"
          ),
        ],
        seeAlso: ["networks", "activations", "student", "two_tasks", "ode", "sgd"])
    ) { (call) throws(Diagnostic) in
      let M = try hiddenUnits(call, "M")
      let schedule = try noiseSchedule(call)
      let tasks = try secondLayers(call, count: M)
      var teacher = Teacher(
        activation: try ActivationValue.read(call),
        secondLayer: try tasks == nil ? secondLayer(call, count: M) ?? ones(M) : tasks![0],
        labelNoise: schedule == nil ? try nonNegative(call, "σ") ?? 0 : 0,
        weights: try weights(call, M: M), scale: try scale(call, units: M),
        noiseSchedule: schedule)
      teacher.tasks = tasks ?? []
      return .object(
        TeacherObject(
          teacher, function: ActivationValue.function(call),
          noise: schedule == nil ? nil : call["σ"]))
    }
    vocabulary.define(
      type: .init(
        "teacher",
        [
          .init("M", "number", "number of hidden units"), .init("g", nil, "activation"),
          .init("v", nil, "second layer v*; a matrix where there are several tasks"),
          .init("σ", nil, "standard deviation of the label noise"),
          .init("T", nil, "overlap matrix w*·w*/N, M×M"),
          .init("scale", "number", "factor of the output"),
        ]))
  }

  private static func installStudent(in vocabulary: inout Vocabulary) {
    vocabulary.define(
      "student",
      [
        Parameter("K", .required, "number of hidden units"),
        Parameter(
          "g", .optional("erf"), "activation, or a function of one number",
          choices: ActivationValue.names, isNamedOnly: true),
        Parameter(
          "v", .optional("1"),
          "second layer at the start: a number for all, a list of K, normal(sd), or a matrix with a "
            + "row for each task",
          isNamedOnly: true),
        Parameter(
          "init", .optional("normal(0.1)"),
          "the start: normal(sd), informed(noise), denoise(noise), mixed, zeros, "
            + "or a record (Q=…, R=…)",
          choices: ["normal", "informed", "denoise", "mixed", "zeros"], isNamedOnly: true),
        Parameter("scale", .optional("1"), scaleDocumentation, isNamedOnly: true, isMinor: true),
      ], result: "student",
      Documentation(
        "The network that learns: φ(x) = Σ_k v_k g(w_k·x/√N). A run draws its start from `init`, "
          + "the run's N and its seed.",
        examples: [("student(K=3)", "student(K=3, g=erf, init=normal(0.1))")],
        seeAlso: ["networks", "activations", "teacher", "normal", "informed", "ode", "sgd"])
    ) { (call) throws(Diagnostic) in
      let K = try hiddenUnits(call, "K")
      let activation = try ActivationValue.read(call)
      guard activation.canLearn else {
        throw call.error(
          "a student with g=sign cannot learn: its gradient vanishes", at: "g",
          help: "sign is for teachers; g=erf with long weights comes near it")
      }
      let heads = try secondLayers(call, count: K)
      var student = Student(
        hiddenUnits: K, activation: activation,
        secondLayer: try heads == nil ? studentSecondLayer(call, K: K) : .values(heads![0]),
        initialisation: try initialisation(call, K: K), scale: try scale(call, units: K))
      student.heads = heads ?? []
      return .object(StudentObject(student, function: ActivationValue.function(call)))
    }
    vocabulary.define(
      type: .init(
        "student",
        [
          .init("K", "number", "number of hidden units"), .init("g", nil, "activation"),
          .init("v", nil, "second layer at the start"), .init("init", nil, "the start"),
          .init("scale", "number", "factor of the output"),
        ]))
  }

  private static func installInitialisations(in vocabulary: inout Vocabulary) {
    vocabulary.define(
      "normal",
      [
        Parameter("sd", .required, "standard deviation of a weight"),
        Parameter(
          "perturb", .optional("0"), "adds perturb·N(0, 1) to Q, R and a trained v",
          isNamedOnly: true),
      ], result: "initialisation",
      Documentation(
        "A start with independent Gaussian weights, w ~ sd·N(0, 1)^N. At N = ∞ that is Q = sd²·1, "
          + "R = 0, which stays on the symmetric plateau; `perturb=1e-9` leaves it. "
          + "As a second layer, `v=normal(sd)`.",
        examples: [("normal(0.5)", "normal(0.5)")], seeAlso: ["student", "informed", "mixed"])
    ) { (call) throws(Diagnostic) in
      guard let sd = try nonNegative(call, "sd") else {
        throw call.mismatch("sd", wants: "a number")
      }
      let perturb = try nonNegative(call, "perturb") ?? 0
      return .object(InitialisationObject(.normal(sd: sd, perturb: perturb)))
    }
    let noise = Parameter("noise", .optional("0"), "adds noise·N(0, 1)^N to the weights")
    vocabulary.define(
      "informed", [noise], result: "initialisation",
      Documentation(
        "A start at the teacher: w_k = w*_k for k ≤ M, the other units zero. Needs K ≥ M. "
          + "Where v is trained and was not chosen it starts at v*, the others at 1.",
        examples: [("informed(1e-3)", "informed(0.001)")], seeAlso: ["student", "denoise"])
    ) { (call) throws(Diagnostic) in
      .object(InitialisationObject(.informed(noise: try nonNegative(call, "noise") ?? 0)))
    }
    vocabulary.define(
      "denoise", [noise], result: "initialisation",
      Documentation(
        "A start where the student averages copies of the teacher's units: "
          + "w_k = w*_{1+(k−1) mod M} and, where v is trained, v_k = v*/(number of copies).",
        examples: [("denoise()", "denoise()")], seeAlso: ["student", "informed"])
    ) { (call) throws(Diagnostic) in
      .object(InitialisationObject(.denoise(noise: try nonNegative(call, "noise") ?? 0)))
    }
  }
}

// MARK: Reading the arguments

private let scaleDocumentation =
  "factor of the output: a number, or a function of the width"

private func ones(_ count: Int) -> [Double] { .init(repeating: 1, count: count) }

/// A finite number of at least 0.
func nonNegative(_ call: Call, _ name: String) throws(Diagnostic) -> Double? {
  guard let number = try call.optionalNumber(name) else { return nil }
  guard number.isFinite, number >= 0 else {
    throw call.error(
      "`\(name)` must be a finite number of at least 0, not \(number.printed)", at: name)
  }
  return number
}

/// K or M: every matrix of a network grows with it.
private func hiddenUnits(_ call: Call, _ name: String) throws(Diagnostic) -> Int {
  let count = try call.count(name, minimum: 1)
  guard count <= InitialState.largestCount else {
    throw call.error(
      "\(name)=\(count) is too large: a network has at most \(InitialState.largestCount) hidden "
        + "units, for memory grows as (K + M)² and the time of the equations as (K + M)⁴", at: name)
  }
  return count
}

/// σ where it is a function of α, tried at once where every run begins.
private func noiseSchedule(_ call: Call) throws(Diagnostic) -> NoiseSchedule? {
  guard let value = call["σ"] else { return nil }
  guard case .function(let function) = value else {
    guard case .number = value else {
      throw call.mismatch("σ", wants: "a number or a function of α")
    }
    return nil
  }
  try call.requireOneArgument(function, "σ", help: "σ = α -> 0.1*exp(-α/100)")
  @Sendable func sigma(_ alpha: Double) throws -> Double {
    let value = try call.context.ask(function, .number(alpha))
    guard case .number(let sigma) = value, sigma.isFinite, sigma >= 0 else {
      throw call.error(
        "`σ` gave \(value.inWords) at α = \(alpha.printed); it must give a number of at least 0",
        at: "σ")
    }
    return sigma
  }
  do { _ = try sigma(0) } catch { throw diagnostic(error, call) }
  return NoiseSchedule(source: FunctionText { ValueText.of(function) }) { try sigma($0) }
}

/// A number for all units or a list with one each.
private func secondLayer(_ call: Call, count: Int) throws(Diagnostic) -> [Double]? {
  switch call["v"] {
  case nil: return nil
  case .number(let v):
    guard v.isFinite else { throw call.error("`v` must be finite, not \(v.printed)", at: "v") }
    return .init(repeating: v, count: count)
  case .some(let value):
    guard let v = value.numbers, v.allSatisfy(\.isFinite) else {
      throw call.mismatch("v", wants: "a finite number or a list of finite numbers")
    }
    guard v.count == count else {
      throw call.error(
        "`v` has \(v.count) elements for \(count) hidden units", code: "shape", at: "v",
        help: "one number stands for all: v=\((v.first ?? 1).printed)")
    }
    return v
  }
}

/// A row for each of several tasks where `v` is a matrix of more than one row.
private func secondLayers(_ call: Call, count: Int) throws(Diagnostic) -> [[Double]]? {
  guard case .matrix(let matrix)? = call["v"], matrix.rows > 1 else { return nil }
  guard matrix.columns == count else {
    throw call.error(
      "`v` has \(matrix.columns) columns for \(count) hidden units; its rows are tasks",
      code: "shape", at: "v")
  }
  guard matrix.elements.allSatisfy(\.isFinite) else {
    throw call.error("`v` must be finite", at: "v")
  }
  return (0..<matrix.rows).map { row in (0..<count).map { matrix[row, $0] } }
}

private func studentSecondLayer(_ call: Call, K: Int) throws(Diagnostic) -> Student.SecondLayer? {
  if case .object(let object)? = call["v"], let start = object as? InitialisationObject {
    guard case .normal(let sd, 0) = start.initialisation else {
      throw call.error("`v` is a number, a list, or normal(sd)", at: "v")
    }
    return .normal(sd: sd)
  }
  return try secondLayer(call, count: K).map { .values($0) }
}

private func scale(_ call: Call, units: Int) throws(Diagnostic) -> Double {
  guard let value = call["scale"] else { return 1 }
  if case .function(let function) = value {
    try call.requireOneArgument(function, "scale", help: "scale = K -> 1/K")
    guard case .number(let scale) = try call.context.call(function, [.number(Double(units))]),
      scale.isFinite
    else { throw call.error("`scale` must give a finite number", at: "scale") }
    return scale
  }
  let scale = try call.number("scale")
  guard scale.isFinite else { throw call.error("`scale` must be finite", at: "scale") }
  return scale
}

private func weights(_ call: Call, M: Int) throws(Diagnostic) -> Teacher.Weights {
  switch call["weights"] {
  case nil: return .orthonormal
  case .word("orthonormal"), .string("orthonormal"): return .orthonormal
  case .word("isotropic"), .string("isotropic"): return .isotropic
  case .word("graded"), .string("graded"): return .graded
  case .some(let value):
    guard let T = overlapMatrix(value, rows: M, columns: M) else {
      throw call.error(
        "`weights` is `orthonormal`, `isotropic`, `graded`, or a \(M)×\(M) matrix T",
        code: "choice", at: "weights")
    }
    guard T.elements.allSatisfy(\.isFinite), T.asymmetry <= 1e-10 else {
      throw call.error("the overlap matrix T must be finite and symmetric", at: "weights")
    }
    guard let smallest = T.symmetricEigenvalues.min(), smallest >= -1e-10 else {
      throw call.error(
        "no weights have these overlaps: T has the negative eigenvalue "
          + short(T.symmetricEigenvalues.min() ?? 0), at: "weights")
    }
    return .overlaps(T)
  }
}

private func initialisation(_ call: Call, K: Int) throws(Diagnostic) -> Student.Initialisation {
  switch call["init"] {
  case nil: return .normal(sd: 0.1)
  case .word("mixed"), .string("mixed"): return .mixed
  case .function(let function) where function.name == "zeros": return .zeros
  case .function(let function) where function.name == "informed": return .informed(noise: 0)
  case .function(let function) where function.name == "denoise": return .denoise(noise: 0)
  case .object(let object as InitialisationObject): return object.initialisation
  case .record(let record): return try overlaps(call, record, K: K)
  default:
    throw call.error(
      "`init` is normal(sd), informed(noise), denoise(noise), mixed, zeros, or a record (Q=…, R=…)",
      code: "choice", at: "init", help: "init=normal(0.1)")
  }
}

/// `(Q=…, R=…)`, with `v` where wanted. R's width is M, which only the run knows.
private func overlaps(
  _ call: Call, _ record: Record, K: Int
) throws(Diagnostic) -> Student.Initialisation {
  if let stranger = record.names.first(where: { !["Q", "R", "v"].contains($0) }) {
    throw call.error("a start has the fields Q, R and v, not `\(stranger)`", at: "init")
  }
  let Q = overlapMatrices(record["Q"], rows: K, columns: K)
  // Numbers in a list may be a row of R, unless Q says that they are one for each eigenspace.
  let R = overlapMatrices(record["R"], rows: K, columns: nil, asList: Q?.isList == true)
  guard let Q else {
    throw call.error(
      "`Q` must be a \(K)×\(K) matrix, or for structured inputs a list of them", code: "shape",
      at: "init", help: "init=(Q=0.01*identity(\(K)), R=…)")
  }
  guard let R else {
    throw call.error(
      "`R` must be a matrix of \(K) rows and M columns, or for structured inputs a list of them",
      code: "shape", at: "init")
  }
  guard Q.isList == R.isList, Q.matrices.count == R.matrices.count else {
    throw call.error(
      "`Q` and `R` of structured inputs are lists with one matrix for each eigenspace",
      code: "shape", at: "init", help: "init=(Q=[Q1, Q2], R=[R1, R2])")
  }
  var v: [Double]?
  switch record["v"] {
  case nil: break
  case .number(let number): v = .init(repeating: number, count: K)
  case .some(let value):
    guard let numbers = value.numbers, numbers.count == K else {
      throw call.error("`v` must be a number or a list of \(K)", code: "shape", at: "init")
    }
    v = numbers
  }
  let elements = (Q.matrices + R.matrices).flatMap(\.elements)
  guard (elements + (v ?? [])).allSatisfy(\.isFinite) else {
    throw call.error("a start must be finite", at: "init")
  }
  return Q.isList
    ? .blocks(Q: Q.matrices, R: R.matrices, v: v)
    : .overlaps(Q: Q.matrices[0], R: R.matrices[0], v: v)
}

/// A matrix of this shape, or for structured inputs a list of such matrices.
private func overlapMatrices(
  _ value: Value?, rows: Int, columns: Int?, asList: Bool = false
) -> (matrices: [Matrix], isList: Bool)? {
  if !asList, let value, let matrix = overlapMatrix(value, rows: rows, columns: columns) {
    return ([matrix], false)
  }
  guard case .list(let parts)? = value, !parts.isEmpty else { return nil }
  let matrices = parts.compactMap { overlapMatrix($0, rows: rows, columns: columns) }
  return matrices.count == parts.count ? (matrices, true) : nil
}

/// A matrix of this shape; where one side is 1, a number or a list stands for it.
private func overlapMatrix(_ value: Value, rows: Int, columns: Int?) -> Matrix? {
  switch value {
  case .matrix(let matrix):
    return matrix.rows == rows && matrix.columns == columns ?? matrix.columns ? matrix : nil
  case .number(let number):
    return rows == 1 && columns ?? 1 == 1
      ? Matrix(rows: 1, columns: 1, elements: [number]) : nil
  default:
    guard let numbers = value.numbers, !numbers.isEmpty else { return nil }
    if rows == 1, numbers.count == columns ?? numbers.count {
      return Matrix(rows: 1, columns: numbers.count, elements: numbers)
    }
    return numbers.count == rows && columns ?? 1 == 1
      ? Matrix(rows: rows, columns: 1, elements: numbers) : nil
  }
}
