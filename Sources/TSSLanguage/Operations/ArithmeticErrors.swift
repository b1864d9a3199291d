import Groundwork

extension Operations {
  static func differentSizes(_ operation: Operator, _ a: Value, _ b: Value) -> Diagnostic {
    .runtime(
      "shape",
      "`\(operation.rawValue)` needs two operands of the same shape, "
        + "not \(a.sizedKindName) and \(b.sizedKindName)")
  }

  static func inner(_ a: Value, _ b: Value) -> Diagnostic {
    .runtime(
      "shape",
      "\(a.sizedKindName) cannot be multiplied with \(b.sizedKindName): "
        + "the inner dimensions differ")
  }

  /// What is wrong with operands of these kinds, and what was probably meant.
  static func mismatch(
    _ operation: Operator, _ a: Value, _ b: Value, _ names: Names
  ) -> Diagnostic {
    let symbol = operation.rawValue
    let (x, y) = names
    var help: [String] = []
    var message = "`\(symbol)` does not work on \(a.kindName) and \(b.kindName)"
    switch (a, b) {
    case (.list, .list):
      message = "`\(symbol)` of two lists is not defined"
      if operation == .multiply {
        help = [
          "`\(x) .* \(y)` multiplies element by element",
          "`dot(\(x), \(y))` is the inner product",
        ]
      } else {
        help = ["`\(x) .\(symbol) \(y)` works element by element"]
      }
    case (.string, .number), (.number, .string):
      message = "a string and a number do not go together with `\(symbol)`"
      if operation == .add {
        if case .string = a {
          help = ["write the number into the string: \"…{\(y)}\""]
        } else {
          help = ["write the number into the string: \"{\(x)}…\""]
        }
      }
    case (.string, _) where operation == .add, (_, .string) where operation == .add:
      let other = if case .string = a { y } else { x }
      help = ["write the value into the string: \"{\(other)}\""]
    case (.bool, .number), (.number, .bool), (.bool, .bool):
      message = "`\(symbol)` needs numbers: a truth value is not a number"
      help = ["`if c { 1 } else { 0 }` turns a truth value into a number"]
    case (.number, .matrix) where operation == .power:
      message = "a number to the power of a matrix is not defined"
      help = ["`\(x) .^ \(y)` works element by element"]
    case (.number, .matrix) where operation == .divide:
      message = "a number divided by a matrix is not defined"
      help = ["`\(y)^-1` is the inverse", "`\(x) ./ \(y)` works element by element"]
    case (.list, .matrix) where operation == .multiply:
      message = "a list times a matrix is not defined"
      help = ["`\(x)'*\(y)` multiplies from the left"]
    case (.matrix, .list) where operation.isElementwise:
      message = "`\(symbol)` of a matrix and a list is not defined: nothing is stretched"
    case (.function, _), (_, .function):
      help = ["call the function first, or write `x -> f(x) \(symbol) …`"]
    case (.nothing, _), (_, .nothing):
      message = "`\(symbol)` does not work on `nothing`"
    default: break
    }
    return Diagnostic(.runtime, "type", message, help: help)
  }
}
