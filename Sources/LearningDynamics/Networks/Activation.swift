/// The transfer function g of the hidden units.
///
/// With local field λ, of unit variance where weights have length √N:
/// - `erf` is g(λ) = erf(λ/√2), as in Saad and Solla (1995) and Goldt et al. (2020);
/// - `linear` is g(λ) = λ, `relu` is max(0, λ), `quadratic` is λ²;
/// - `sign` is ±1 with the sign of λ, 0 at 0, for teachers only: its gradient vanishes;
/// - `custom` is any function; see ``CustomActivation``.
public enum Activation: Hashable, Sendable {
  case erf
  case linear
  case relu
  case quadratic
  case sign
  case custom(CustomActivation)
}

extension Activation: CaseIterable {
  /// The built-in activations.
  public static let allCases: [Activation] = [.erf, .linear, .relu, .quadratic, .sign]

  /// The activation's name: as below, or what a custom one is called.
  public var rawValue: String {
    switch self {
    case .erf: "erf"
    case .linear: "linear"
    case .relu: "relu"
    case .quadratic: "quadratic"
    case .sign: "sign"
    case .custom(let custom): custom.name
    }
  }

  /// The built-in activation of this name.
  public init?(rawValue: String) {
    guard let found = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = found
  }
}

extension Activation: CustomStringConvertible {
  public var description: String { rawValue }
}

extension Activation {
  /// Whether a user wrote it.
  public var isCustom: Bool { if case .custom = self { true } else { false } }

  /// Where g, g′ or g″ jumps, in increasing order.
  public var kinks: [Double] {
    switch self {
    case .erf, .linear, .quadratic: []
    case .relu, .sign: [0]
    case .custom: FieldFunction(self).kinks.map(\.place)
    }
  }

  /// Whether g is the same function, however it is written: the same values at many places.
  package func agrees(with other: Activation) -> Bool {
    if self == other { return true }
    let places = (-60...60).map { 0.1 * Double($0) + 0.0173 }
    let values = FieldFunction(self).values(places), others = FieldFunction(other).values(places)
    return zip(values, others).allSatisfy { abs($0 - $1) <= 1e-12 * (1 + abs($0)) }
  }

  /// Whether a student may have it: its gradient must not vanish everywhere.
  public var canLearn: Bool { self != .sign }

  /// Throws what a user should read where a student cannot have this activation.
  package func requireStudent() throws(TrainingError) {
    if !canLearn {
      throw .invalid(
        "a student with g=sign cannot learn, for g′ = 0 wherever it exists; sign is an activation "
          + "for teachers, and erf with long weights comes near it")
    }
  }
}
