/// A computation as a graph without repetitions: every step once, constants folded.
struct TapeGraph {
  /// A step and the steps that it reads, which come before it.
  struct Step: Hashable {
    var operation: TapeOperation
    var a = 0
    var b = 0
    var c = 0
    /// The bits of a constant, so that -0 and nan are themselves.
    var bits: UInt64 = 0

    var operands: [Int] { Array([a, b, c].prefix(operation.operandCount)) }
  }

  private(set) var steps: [Step] = []
  private var known: [Step: Int] = [:]

  /// The argument of the function is step 0.
  init() { _ = add(Step(operation: .input)) }

  private mutating func add(_ step: Step) -> Int {
    if let index = known[step] { return index }
    steps.append(step)
    known[step] = steps.count - 1
    return steps.count - 1
  }

  mutating func constant(_ value: Double) -> Int {
    add(Step(operation: .constant, bits: value.bitPattern))
  }

  /// The value of a step that is a constant.
  func value(of step: Int) -> Double? {
    steps[step].operation == .constant ? Double(bitPattern: steps[step].bits) : nil
  }

  // MARK: Steps

  mutating func emit(_ operation: TapeOperation, _ a: Int, _ b: Int = 0, _ c: Int = 0) -> Int {
    if let simpler = simplified(operation, a, b, c) { return simpler }
    let step = Step(operation: operation, a: a, b: b, c: c)
    let values = step.operands.compactMap { value(of: $0) }
    if values.count == operation.operandCount {
      var result = 0.0
      values.withUnsafeBufferPointer {
        let x = $0.baseAddress!
        TapeKernels.run(operation, &result, x, x + min(1, $0.count - 1), x + $0.count - 1, 1)
      }
      return constant(result)
    }
    if operation.isCommutative, a > b { return add(Step(operation: operation, a: b, b: a)) }
    return add(step)
  }

  /// What gives the same number with less work.
  private mutating func simplified(
    _ operation: TapeOperation, _ a: Int, _ b: Int, _ c: Int
  ) -> Int? {
    switch operation {
    case .multiply:
      if value(of: a) == 1 { return b }
      if value(of: b) == 1 { return a }
      if value(of: a) == -1 { return emit(.negate, b) }
      if value(of: b) == -1 { return emit(.negate, a) }
    case .divide where value(of: b) == 1: return a
    case .negate where steps[a].operation == .negate: return steps[a].a
    case .select:
      if a == b { return a }
      if let chosen = value(of: c) { return chosen != 0 ? a : b }
    case .power:
      guard value(of: a) == nil, let exponent = value(of: b) else { return nil }
      return power(a, exponent)
    default: break
    }
    return nil
  }

  /// Small whole powers without `pow`.
  private mutating func power(_ a: Int, _ exponent: Double) -> Int? {
    switch exponent {
    case 0: return constant(1)
    case 1: return a
    case 2: return emit(.multiply, a, a)
    case 3...8 where exponent == exponent.rounded():
      let half = emit(.power, a, constant((exponent / 2).rounded(.down)))
      let even = emit(.multiply, half, half)
      return exponent.remainder(dividingBy: 2) == 0 ? even : emit(.multiply, even, a)
    case -8 ... -1 where exponent == exponent.rounded():
      let inverse = emit(.power, a, constant(-exponent))
      return emit(.divide, constant(1), inverse)
    default: return nil
    }
  }

  mutating func not(_ a: Int) -> Int { emit(.subtract, constant(1), a) }

  // MARK: What remains

  /// The steps that the given ones need, themselves included, in order.
  func needed(for outputs: [Int]) -> [Int] {
    var isNeeded = [Bool](repeating: false, count: steps.count)
    for output in outputs { isNeeded[output] = true }
    for index in steps.indices.reversed() where isNeeded[index] {
      for operand in steps[index].operands { isNeeded[operand] = true }
    }
    return steps.indices.filter { isNeeded[$0] }
  }

  /// What each of these steps chooses where the input is x, as numbers that can be compared.
  func choose(_ choices: [Int], at x: Double) -> [Double] {
    guard let last = choices.last else { return [] }
    var values = [Double](repeating: 0, count: last + 1)
    values.withUnsafeMutableBufferPointer { buffer in
      let values = buffer.baseAddress!
      for (index, step) in steps[...last].enumerated() {
        switch step.operation {
        case .input: values[index] = x
        case .constant: values[index] = Double(bitPattern: step.bits)
        default:
          TapeKernels.run(
            step.operation, values + index, values + step.a, values + step.b, values + step.c, 1)
        }
      }
    }
    return choices.map { index in
      let a = values[steps[index].a], b = values[steps[index].b]
      return switch steps[index].operation {
      case .minimum, .maximum: a < b ? 1 : 0
      case .abs: a < 0 ? 1 : 0
      default: values[index]
      }
    }
  }
}
