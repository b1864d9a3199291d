/// What an operator, a condition or a call reads, in the forms that programs have most: a local
/// variable, a number as written, and anything else.
///
/// Nodes that are generic over their operands (`Arithmetic`, `Test`) are compiled once for each pair
/// of forms, so that `n < 2` and `i + 1` read slots and constants without going through two more
/// closures.
protocol Operand {
  func value(_ slots: Slots, _ strand: Strand) throws(Unwinding) -> Value
}

/// A local variable that no closure shares.
struct Local: Operand {
  let slot: Int
  /// Reads it, or says that it has no value yet.
  let read: Code

  @inline(__always)
  func value(_ slots: Slots, _ strand: Strand) throws(Unwinding) -> Value {
    if case .number(let number)? = slots[slot] { return .number(number) }
    return try read(slots, strand)
  }
}

/// A number as written.
struct Constant: Operand {
  let number: Double

  @inline(__always)
  func value(_ slots: Slots, _ strand: Strand) throws(Unwinding) -> Value { .number(number) }
}

/// Anything else.
struct Computed: Operand {
  let code: Code

  @inline(__always)
  func value(_ slots: Slots, _ strand: Strand) throws(Unwinding) -> Value {
    try code(slots, strand)
  }
}

/// The two operands of an operator in the forms that have nodes of their own.
enum OperandPair {
  case localConstant(Local, Constant)
  case localLocal(Local, Local)
  case localComputed(Local, Computed)
  case computedConstant(Computed, Constant)
  case computedLocal(Computed, Local)
  case computedComputed(Computed, Computed)
}

extension Compiler {
  /// The operands of an operator. Code is made in the order in which it runs.
  mutating func operands(_ left: Expression, _ right: Expression) -> OperandPair {
    if let a = local(left) {
      if let b = constant(right) { return .localConstant(a, b) }
      if let b = local(right) { return .localLocal(a, b) }
      return .localComputed(a, Computed(code: code(right)))
    }
    let a = Computed(code: code(left))
    if let b = constant(right) { return .computedConstant(a, b) }
    if let b = local(right) { return .computedLocal(a, b) }
    return .computedComputed(a, Computed(code: code(right)))
  }

  private func constant(_ expression: Expression) -> Constant? {
    if case .number(let number) = expression.kind { Constant(number: number) } else { nil }
  }

  /// The local variable that an expression is, unless closures share it.
  private func local(_ expression: Expression) -> Local? {
    guard case .name(let name) = expression.kind, name != "nothing", name != "_",
      let variable = scope.find(name), !variable.isBoxed
    else { return nil }
    return Local(slot: variable.slot, read: read(name, expression.span))
  }
}

// MARK: Arithmetic

/// An operation on two numbers as a type, so that a node holds the instruction and no switch.
protocol NumberOperation {
  static func apply(_ x: Double, _ y: Double) -> Double
}

enum Sum: NumberOperation {
  @inline(__always) static func apply(_ x: Double, _ y: Double) -> Double { x + y }
}
enum Difference: NumberOperation {
  @inline(__always) static func apply(_ x: Double, _ y: Double) -> Double { x - y }
}
enum Product: NumberOperation {
  @inline(__always) static func apply(_ x: Double, _ y: Double) -> Double { x * y }
}
enum Quotient: NumberOperation {
  @inline(__always) static func apply(_ x: Double, _ y: Double) -> Double { x / y }
}
enum Power: NumberOperation {
  @inline(__always) static func apply(_ x: Double, _ y: Double) -> Double { raise(x, y) }
}

/// What an operator does with everything but two numbers.
typealias SlowOperation = (Value, Value, Strand) throws(Unwinding) -> Value

/// `a + b` and its like.
///
/// A node is an object, and its method is the code: a method that is used as a closure needs no
/// function between caller and callee that unpacks what was captured.
final class Arithmetic<Operation: NumberOperation, A: Operand, B: Operand> {
  private let a: A
  private let b: B
  private let slow: SlowOperation

  init(_: Operation.Type, _ a: A, _ b: B, _ slow: @escaping SlowOperation) {
    (self.a, self.b, self.slow) = (a, b, slow)
  }

  func run(_ slots: Slots, _ strand: Strand) throws(Unwinding) -> Value {
    let x = try a.value(slots, strand)
    let y = try b.value(slots, strand)
    if case .number(let x) = x, case .number(let y) = y { return .number(Operation.apply(x, y)) }
    return try slow(x, y, strand)
  }
}

extension Compiler {
  func arithmetic(
    _ operation: Operator, _ operands: OperandPair, _ slow: @escaping SlowOperation
  ) -> Code {
    switch operands {
    case .localConstant(let a, let b): arithmetic(operation, a, b, slow)
    case .localLocal(let a, let b): arithmetic(operation, a, b, slow)
    case .localComputed(let a, let b): arithmetic(operation, a, b, slow)
    case .computedConstant(let a, let b): arithmetic(operation, a, b, slow)
    case .computedLocal(let a, let b): arithmetic(operation, a, b, slow)
    case .computedComputed(let a, let b): arithmetic(operation, a, b, slow)
    }
  }

  private func arithmetic<A: Operand, B: Operand>(
    _ operation: Operator, _ a: A, _ b: B, _ slow: @escaping SlowOperation
  ) -> Code {
    switch operation {
    case .add: Arithmetic(Sum.self, a, b, slow).run
    case .subtract: Arithmetic(Difference.self, a, b, slow).run
    case .multiply, .elementwiseMultiply: Arithmetic(Product.self, a, b, slow).run
    case .divide, .elementwiseDivide: Arithmetic(Quotient.self, a, b, slow).run
    case .power, .elementwisePower: Arithmetic(Power.self, a, b, slow).run
    }
  }
}

// MARK: Comparisons

protocol NumberTest {
  static func holds(_ x: Double, _ y: Double) -> Bool
}

enum Less: NumberTest {
  @inline(__always) static func holds(_ x: Double, _ y: Double) -> Bool { x < y }
}
enum Greater: NumberTest {
  @inline(__always) static func holds(_ x: Double, _ y: Double) -> Bool { x > y }
}
enum LessOrEqual: NumberTest {
  @inline(__always) static func holds(_ x: Double, _ y: Double) -> Bool { x <= y }
}
enum GreaterOrEqual: NumberTest {
  @inline(__always) static func holds(_ x: Double, _ y: Double) -> Bool { x >= y }
}
enum Equal: NumberTest {
  @inline(__always) static func holds(_ x: Double, _ y: Double) -> Bool { x == y }
}
enum NotEqual: NumberTest {
  @inline(__always) static func holds(_ x: Double, _ y: Double) -> Bool { x != y }
}
enum Near: NumberTest {
  @inline(__always) static func holds(_ x: Double, _ y: Double) -> Bool {
    Operations.areNear(x, y)
  }
}

typealias SlowTest = (Value, Value) throws(Unwinding) -> Bool

/// `a < b` and its like.
final class Test<Relation: NumberTest, A: Operand, B: Operand> {
  private let a: A
  private let b: B
  private let slow: SlowTest

  init(_: Relation.Type, _ a: A, _ b: B, _ slow: @escaping SlowTest) {
    (self.a, self.b, self.slow) = (a, b, slow)
  }

  func run(_ slots: Slots, _ strand: Strand) throws(Unwinding) -> Bool {
    let x = try a.value(slots, strand)
    let y = try b.value(slots, strand)
    if case .number(let x) = x, case .number(let y) = y { return Relation.holds(x, y) }
    return try slow(x, y)
  }
}

extension Compiler {
  func test(
    _ comparison: Comparison, _ operands: OperandPair, _ slow: @escaping SlowTest
  ) -> Condition {
    switch operands {
    case .localConstant(let a, let b): test(comparison, a, b, slow)
    case .localLocal(let a, let b): test(comparison, a, b, slow)
    case .localComputed(let a, let b): test(comparison, a, b, slow)
    case .computedConstant(let a, let b): test(comparison, a, b, slow)
    case .computedLocal(let a, let b): test(comparison, a, b, slow)
    case .computedComputed(let a, let b): test(comparison, a, b, slow)
    }
  }

  private func test<A: Operand, B: Operand>(
    _ comparison: Comparison, _ a: A, _ b: B, _ slow: @escaping SlowTest
  ) -> Condition {
    switch comparison {
    case .less: Test(Less.self, a, b, slow).run
    case .greater: Test(Greater.self, a, b, slow).run
    case .lessOrEqual: Test(LessOrEqual.self, a, b, slow).run
    case .greaterOrEqual: Test(GreaterOrEqual.self, a, b, slow).run
    case .equal: Test(Equal.self, a, b, slow).run
    case .notEqual: Test(NotEqual.self, a, b, slow).run
    case .near: Test(Near.self, a, b, slow).run
    }
  }
}
