import Groundwork
import LearningDynamics
import TSSLanguage

/// The law of the inputs as a value of the language: `gaussian([4, 0.25])`.
public final class InputsObject: NativeObject, @unchecked Sendable {
  public let inputs: Inputs

  public init(_ inputs: Inputs) { self.inputs = inputs }

  public override var typeName: String { "inputs" }
  public override var fieldNames: [String] { InputsArgument.fields.map(\.name) }

  public override func field(_ name: String) -> Value? {
    let eigenspaces = inputs.spectrum?.eigenspaces ?? []
    return switch name {
    case "λ": Value(eigenspaces.map(\.eigenvalue))
    case "fractions": Value(eigenspaces.map(\.fraction))
    case "N": inputs.dimension.map { .number(Double($0)) } ?? .nothing
    default: nil
    }
  }

  public override func describe() -> String {
    guard let spectrum = inputs.spectrum else { return "isotropic" }
    if let N = spectrum.dimension {
      let count = spectrum.eigenspaces.count
      return "gaussian(\(N)×\(N) matrix, \(count) \(count == 1 ? "eigenvalue" : "eigenvalues"))"
    }
    var text = "gaussian(\(Value(spectrum.eigenvalues).printed())"
    if Set(spectrum.fractions).count > 1 {
      text += ", fractions=\(Value(spectrum.fractions).printed())"
    }
    return text + ")"
  }

  public override func isEqual(to other: NativeObject) -> Bool {
    (other as? InputsObject)?.inputs == inputs
  }
}

/// `gaussian`, and the argument `inputs` of the engines and of `rates`.
enum InputsArgument {
  static let fields: [Vocabulary.TypeDescription.Field] = [
    .init("λ", "list", "eigenvalues of the covariance"),
    .init("fractions", "list", "the fraction of all directions that belongs to each"),
    .init("N", nil, "the size of a covariance matrix, else nothing"),
  ]

  static let parameter = Parameter(
    "inputs", .optional("isotropic"), "law of the inputs: isotropic, or gaussian(…)",
    choices: ["isotropic"], isNamedOnly: true)

  static func install(in vocabulary: inout Vocabulary) {
    vocabulary.define(
      "gaussian",
      [
        Parameter("λ", .required, "a list of eigenvalues, or a covariance matrix"),
        Parameter(
          "fractions", .optional("equal"), "fraction ψ of all directions for each, Σψ = 1",
          isNamedOnly: true),
      ], result: "inputs",
      Documentation(
        "Gaussian inputs with a covariance Σ, for `inputs=` of `ode`, `sgd` and `rates`: its "
          + "eigenvalues λ ≥ 0 with the fractions ψ of all directions that belong to each, "
          + "Σψ = 1; nothing is rescaled. Or Σ itself, an N×N matrix, which fixes N; eigenvalues "
          + "that differ by less than 1e-9 of the largest count as one.",
        examples: [
          (
            "gaussian([4, 0.25], fractions=[0.2, 0.8])", "gaussian([4, 0.25], fractions=[0.2, 0.8])"
          ),
          ("gaussian([2, 0.5; 0.5, 2]).λ", "[2.5, 1.5]"),
        ], seeAlso: ["ode", "sgd", "rates", "power_law"])
    ) { (call) throws(Diagnostic) in
      .object(InputsObject(.gaussian(try spectrum(call))))
    }
    vocabulary.define(
      type: .init(
        "inputs", fields,
        Documentation(
          "What `gaussian` gives, and `run.inputs`: the law of the inputs.",
          seeAlso: ["gaussian", "structured inputs", "run"])))
  }

  private static func spectrum(_ call: Call) throws(Diagnostic) -> Spectrum {
    if case .matrix(let covariance)? = call["λ"] {
      if call["fractions"] != nil {
        throw call.error(
          "a covariance matrix has its own fractions", code: "argument", at: "fractions",
          help: "leave `fractions` out, or give the eigenvalues as a list")
      }
      guard covariance.rows <= 4000 else {
        throw call.error(
          "a covariance matrix has at most 4000 rows, not \(covariance.rows)", at: "λ",
          help: "gaussian(λ, fractions=ψ) with few eigenvalues")
      }
      do { return try Spectrum(covariance: covariance) } catch { throw diagnostic(error, call) }
    }
    let eigenvalues: [Double]? =
      if case .number(let value)? = call["λ"] { [value] } else { call["λ"]?.numbers }
    guard let eigenvalues else {
      throw call.mismatch(
        "λ", wants: "a list of eigenvalues or a covariance matrix",
        help: "gaussian([4, 0.25], fractions=[0.2, 0.8])")
    }
    let fractions = try call.optionalNumbers("fractions")
    do { return try Spectrum(eigenvalues: eigenvalues, fractions: fractions) } catch {
      throw diagnostic(error, call)
    }
  }

  private static func diagnostic(_ error: SpectrumError, _ call: Call) -> Diagnostic {
    switch error {
    case .empty:
      call.error("`λ` has no eigenvalue", at: "λ", help: "gaussian([4, 0.25])")
    case .badEigenvalue(let value):
      call.error(
        "an eigenvalue of a covariance is a finite number of at least 0, not \(value.printed)",
        at: "λ")
    case .badFraction(let value):
      call.error("a fraction is a positive number, not \(value.printed)", at: "fractions")
    case .counts(let eigenvalues, let fractions):
      call.error(
        "there are \(eigenvalues) eigenvalues but \(fractions) fractions", code: "shape",
        at: "fractions")
    case .badSum(let sum):
      call.error(
        "the fractions must sum to 1, not to "
          + ((try? Value.number(sum).formatted(".10g", at: nil)) ?? sum.printed), at: "fractions",
        help: "ψ / sum(ψ) for fractions=")
    case .shape(let rows, let columns):
      call.error(
        "a covariance is a square matrix, not \(rows)×\(columns)", code: "shape", at: "λ")
    case .notFinite:
      call.error("a covariance must be finite", at: "λ")
    case .notSymmetric:
      call.error("a covariance must be symmetric", at: "λ", help: "(Σ + Σ')/2")
    case .notPositive(let smallest):
      call.error(
        "a covariance has no negative eigenvalue; this matrix has \(short(smallest))", at: "λ")
    }
  }

  // MARK: The argument

  /// Whether a call of an engine that takes data has any.
  static func isData(_ call: Call) -> Bool {
    guard call.function.signature.has("labels") else { return false }
    return switch call["inputs"] {
    case nil, .word?, .string?: false
    case .object(let object)?: !(object is InputsObject)
    default: true
    }
  }

  /// The law of the inputs in this call; nil where it says nothing, or has data.
  static func read(_ call: Call) throws(Diagnostic) -> Inputs? {
    if isData(call) { return nil }
    return switch call["inputs"] {
    case nil: nil
    case .word("isotropic"), .string("isotropic"): .isotropic
    case .object(let object as InputsObject): object.inputs
    default:
      throw call.error(
        "`inputs` is `isotropic` or gaussian(…)", code: "choice", at: "inputs",
        help: "inputs=gaussian([4, 0.25], fractions=[0.2, 0.8])")
    }
  }

  /// N: as given, or that of a covariance matrix, or else `standard`.
  static func dimension(
    _ call: Call, _ inputs: Inputs, standard: Double
  ) throws(Diagnostic) -> Double {
    let given = try Engines.dimension(call)
    guard let size = inputs.dimension else { return given ?? standard }
    if let given, given != Double(size) {
      throw call.error(
        "N = \(given.printed), but the covariance of the inputs is \(size)×\(size)", at: "N",
        help: "leave `N` out")
    }
    return Double(size)
  }

  /// Throws where there are more eigenspaces than dimensions, or one would have none, or fewer than
  /// `smallest`, which the reduced method needs.
  static func check(
    _ inputs: Inputs, N: Double, smallest: Int = 1, _ call: Call
  ) throws(Diagnostic) {
    guard let spectrum = inputs.spectrum else { return }
    let dimensions: [Double]
    do { dimensions = try spectrum.dimensions(N: N) } catch {
      let message = TSSLibrary.diagnostic(error, call).message
      let needed = (1 / (spectrum.fractions.min() ?? 1)).rounded(.up)
      throw call.error(
        message, at: call["N"] == nil ? "inputs" : "N", help: "N=\(needed.printed)")
    }
    if let least = dimensions.min(), least < Double(smallest) {
      throw call.error(
        "the reduced method needs K + M = \(smallest) dimensions in every eigenspace; at "
          + "N = \(N.printed) one has \(least.printed)", at: "method", help: "method=full")
    }
  }
}

extension RunObject {
  /// The parts of structured inputs: records (λ, fraction, Q, R, T), of an ensemble the means.
  var blocks: Value {
    let times = Set(samples.map(\.alpha))
    let states = runs.map { run in run.samples.filter { times.contains($0.alpha) }.map(\.state) }
    func mean(_ e: Int, _ t: Int, _ part: KeyPath<OverlapBlock, Matrix>) -> Matrix {
      var total = states[0][t].blocks[e][keyPath: part]
      for state in states.dropFirst() {
        let other = state[t].blocks[e][keyPath: part]
        for i in total.elements.indices { total.elements[i] += other.elements[i] }
      }
      return runs.count == 1 ? total : total.map { $0 / Double(runs.count) }
    }
    let instants = states[0].indices
    let first = states[0].first?.blocks ?? []
    return .list(
      first.indices.map { e in
        .record(
          Record([
            ("λ", .number(first[e].eigenvalue)), ("fraction", .number(first[e].fraction)),
            ("Q", .list(instants.map { .matrix(mean(e, $0, \.Q)) })),
            ("R", .list(instants.map { .matrix(mean(e, $0, \.R)) })),
            ("T", .matrix(mean(e, 0, \.T))),
          ]))
      })
  }
}
