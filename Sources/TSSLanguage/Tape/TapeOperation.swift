/// What a step of a tape computes. Truth values are the numbers 0 and 1.
enum TapeOperation: UInt8 {
  case input, constant
  // Two operands.
  case add, subtract, multiply, divide, power, minimum, maximum
  case less, lessOrEqual, equal, near
  /// a where c is not 0, else b.
  case select
  // One operand.
  case negate, abs, sign, floor, ceil, trunc, round
  case sqrt, cbrt, exp, expm1, log, log1p, log2, log10
  case sin, cos, tan, asin, acos, atan
  case sinh, cosh, tanh, asinh, acosh, atanh
  case erf, erfc

  /// How many of a, b, c a step of this operation reads, in this order.
  var operandCount: Int {
    switch self {
    case .input, .constant: 0
    case .add, .subtract, .multiply, .divide, .power, .minimum, .maximum, .less, .lessOrEqual,
      .equal, .near:
      2
    case .select: 3
    default: 1
    }
  }

  /// Whether it picks one of several smooth functions.
  var isChoice: Bool {
    switch self {
    case .less, .lessOrEqual, .minimum, .maximum, .abs, .sign, .floor, .ceil, .trunc, .round: true
    default: false
    }
  }

  var isCommutative: Bool { self == .add || self == .multiply || self == .equal }

  /// The operation of a host function of one number that has this name.
  init?(builtin name: String) {
    guard let operation = Self.builtins[name] else { return nil }
    self = operation
  }

  private static let builtins: [String: TapeOperation] = [
    "abs": .abs, "sign": .sign, "floor": .floor, "ceil": .ceil, "trunc": .trunc,
    "sqrt": .sqrt, "cbrt": .cbrt, "exp": .exp, "expm1": .expm1, "log": .log, "log1p": .log1p,
    "log2": .log2, "log10": .log10, "sin": .sin, "cos": .cos, "tan": .tan, "asin": .asin,
    "acos": .acos, "atan": .atan, "sinh": .sinh, "cosh": .cosh, "tanh": .tanh,
    "asinh": .asinh, "acosh": .acosh, "atanh": .atanh, "erf": .erf, "erfc": .erfc,
  ]
}
