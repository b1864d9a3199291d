extension TapeGraph {
  /// Adds the steps that compute the derivative of a step with respect to the input, and gives
  /// the last of them.
  ///
  /// Forward-mode: each step's derivative from those of its operands. A derivative that is 0
  /// everywhere is nil and makes no steps, so 0·inf never arises from one.
  mutating func differentiate(_ output: Int) -> Int {
    var derivatives: [Int: Int] = [:]
    for index in needed(for: [output]) {
      derivatives[index] = derivative(of: index, derivatives)
    }
    return derivatives[output] ?? constant(0)
  }

  private mutating func derivative(of index: Int, _ known: [Int: Int]) -> Int? {
    let step = steps[index]
    let (a, b) = (step.a, step.b)
    let da = step.operation.operandCount > 0 ? known[a] : nil
    let db = step.operation.operandCount > 1 ? known[b] : nil
    switch step.operation {
    case .input: return constant(1)
    case .constant, .less, .lessOrEqual, .equal, .near, .sign, .floor, .ceil, .trunc, .round:
      return nil
    case .add: return sum(da, db)
    case .subtract:
      guard let db else { return da }
      return da.map { emit(.subtract, $0, db) } ?? emit(.negate, db)
    case .multiply:
      if a == b { return da.map { emit(.multiply, emit(.multiply, constant(2), a), $0) } }
      let left = da.map { emit(.multiply, $0, b) }
      return sum(left, db.map { emit(.multiply, a, $0) })
    case .divide:
      let left = da.map { emit(.divide, $0, b) }
      guard let db else { return left }
      let right = emit(.divide, emit(.multiply, index, db), b)
      return left.map { emit(.subtract, $0, right) } ?? emit(.negate, right)
    case .power:
      // Exponents that do not vary first: their log of the base may be nan.
      let slope = da.map {
        let lower = emit(.power, a, emit(.subtract, b, constant(1)))
        return emit(.multiply, emit(.multiply, b, lower), $0)
      }
      guard let db else { return slope }
      return sum(slope, emit(.multiply, emit(.multiply, index, emit(.log, a)), db))
    case .minimum: return either(emit(.less, a, b), da, db)
    case .maximum: return either(emit(.less, b, a), da, db)
    case .select: return either(step.c, da, db)
    default:
      guard let da else { return nil }
      return function(step.operation, a, index, da)
    }
  }

  private mutating func sum(_ a: Int?, _ b: Int?) -> Int? {
    guard let a, let b else { return a ?? b }
    return emit(.add, a, b)
  }

  /// The derivative of the branch taken.
  private mutating func either(_ condition: Int, _ a: Int?, _ b: Int?) -> Int? {
    if a == nil, b == nil { return nil }
    let zero = constant(0)
    return emit(.select, a ?? zero, b ?? zero, condition)
  }

  /// The derivative of f(a) = `y`, times a′ = `da`.
  private mutating func function(_ f: TapeOperation, _ a: Int, _ y: Int, _ da: Int) -> Int {
    let one = constant(1)
    switch f {
    case .negate: return emit(.negate, da)
    case .abs: return emit(.multiply, emit(.sign, a), da)
    case .sqrt: return emit(.divide, da, emit(.multiply, constant(2), y))
    case .cbrt:
      return emit(.divide, da, emit(.multiply, constant(3), emit(.multiply, y, y)))
    case .exp: return emit(.multiply, y, da)
    case .expm1: return emit(.multiply, emit(.exp, a), da)
    case .log: return emit(.divide, da, a)
    case .log1p: return emit(.divide, da, emit(.add, one, a))
    case .log2: return emit(.divide, da, emit(.multiply, a, emit(.log, constant(2))))
    case .log10: return emit(.divide, da, emit(.multiply, a, emit(.log, constant(10))))
    case .sin: return emit(.multiply, emit(.cos, a), da)
    case .cos: return emit(.negate, emit(.multiply, emit(.sin, a), da))
    case .tan: return emit(.multiply, emit(.add, one, emit(.multiply, y, y)), da)
    case .asin: return emit(.divide, da, emit(.sqrt, oneMinusSquare(a)))
    case .acos: return emit(.negate, emit(.divide, da, emit(.sqrt, oneMinusSquare(a))))
    case .atan: return emit(.divide, da, emit(.add, one, emit(.multiply, a, a)))
    case .sinh: return emit(.multiply, emit(.cosh, a), da)
    case .cosh: return emit(.multiply, emit(.sinh, a), da)
    case .tanh: return emit(.multiply, oneMinusSquare(y), da)
    case .asinh: return emit(.divide, da, emit(.sqrt, emit(.add, one, emit(.multiply, a, a))))
    case .acosh:
      let product = emit(
        .multiply, emit(.sqrt, emit(.subtract, a, one)), emit(.sqrt, emit(.add, a, one)))
      return emit(.divide, da, product)
    case .atanh: return emit(.divide, da, oneMinusSquare(a))
    case .erf: return emit(.multiply, bell(a, 2), da)
    case .erfc: return emit(.multiply, bell(a, -2), da)
    default: preconditionFailure("\(f) is not a function of one number")
    }
  }

  /// (1 - x)(1 + x), accurate near ±1.
  private mutating func oneMinusSquare(_ x: Int) -> Int {
    let one = constant(1)
    return emit(.multiply, emit(.subtract, one, x), emit(.add, one, x))
  }

  /// scale/√π · exp(-x²)
  private mutating func bell(_ x: Int, _ scale: Double) -> Int {
    let exponential = emit(.exp, emit(.negate, emit(.multiply, x, x)))
    return emit(.multiply, constant(scale * 0.5641895835477563), exponential)
  }
}
