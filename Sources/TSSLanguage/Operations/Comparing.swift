import Groundwork

extension Operations {
  /// `a == b`: by content, false for different kinds, functions by identity.
  public static func areEqual(_ a: Value, _ b: Value) -> Bool {
    matches(a, b) { $0 == $1 }
  }

  /// `a ≈ b`: every number within 1e-12 and a relative 1e-8.
  public static func areNear(_ a: Value, _ b: Value) -> Bool { matches(a, b, areNear) }

  public static func areNear(_ a: Double, _ b: Double) -> Bool {
    a == b || abs(a - b) <= 1e-12 + 1e-8 * max(abs(a), abs(b))
  }

  private static func matches(
    _ a: Value, _ b: Value, _ numbers: (Double, Double) -> Bool
  ) -> Bool {
    switch (a, b) {
    case (.number(let x), .number(let y)): return numbers(x, y)
    case (.bool(let x), .bool(let y)): return x == y
    case (.nothing, .nothing): return true
    case (.string(let x), .string(let y)), (.word(let x), .word(let y)): return x == y
    case (.list(let x), .list(let y)): return matches(x, y, numbers)
    case (.matrix(let x), .matrix(let y)): return matches(x, y, numbers)
    case (.record(let x), .record(let y)):
      return x.names.count == y.names.count
        && zip(x.names, x.values).allSatisfy { name, value in
          y[name].map { matches(value, $0, numbers) } ?? false
        }
    case (.function(let x), .function(let y)): return x === y
    case (.table(let x), .table(let y)):
      return x.axes.count == y.axes.count
        && zip(x.axes, y.axes).allSatisfy {
          $0.name == $1.name && matches($0.values, $1.values, numbers)
        } && matches(x.cells, y.cells, numbers)
    case (.object(let x), .object(let y)):
      if let x = x as? Row, let y = y as? Row { return matches(x.matrix, y.matrix, numbers) }
      return x.isEqual(to: y)
    case (.object(let x), .matrix(let y)), (.matrix(let y), .object(let x)):
      return (x as? Row).map { matches($0.matrix, y, numbers) } ?? false
    default: return false
    }
  }

  private static func matches(
    _ x: [Value], _ y: [Value], _ numbers: (Double, Double) -> Bool
  ) -> Bool {
    x.count == y.count && x.indices.allSatisfy { matches(x[$0], y[$0], numbers) }
  }

  private static func matches(
    _ x: Matrix, _ y: Matrix, _ numbers: (Double, Double) -> Bool
  ) -> Bool {
    x.rows == y.rows && x.columns == y.columns
      && x.elements.indices.allSatisfy { numbers(x.elements[$0], y.elements[$0]) }
  }

  /// Any comparison; `<` and its like take two numbers or two strings.
  public static func compare(
    _ comparison: Comparison, _ a: Value, _ b: Value
  ) throws(Diagnostic) -> Bool {
    switch comparison {
    case .equal: return areEqual(a, b)
    case .notEqual: return !areEqual(a, b)
    case .near: return areNear(a, b)
    default: break
    }
    switch (a, b) {
    case (.number(let x), .number(let y)): return comparison.holds(x, y)
    case (.string(let x), .string(let y)): return comparison.holds(x, y)
    default:
      let isMixed = "\(a.kindName) and \(b.kindName)"
      var help: String?
      if case .list = a, case .number = b {
        help = "compare the elements: `[x for x in xs if x > 0]`"
      }
      throw .runtime(
        "type", "`\(comparison.rawValue)` compares two numbers or two strings, not \(isMixed)",
        help: help)
    }
  }
}

extension Comparison {
  @inline(__always)
  func holds(_ x: Double, _ y: Double) -> Bool {
    switch self {
    case .less: x < y
    case .greater: x > y
    case .lessOrEqual: x <= y
    case .greaterOrEqual: x >= y
    case .equal: x == y
    case .notEqual: x != y
    case .near: Operations.areNear(x, y)
    }
  }

  func holds(_ x: String, _ y: String) -> Bool {
    switch self {
    case .less: x < y
    case .greater: x > y
    case .lessOrEqual: x <= y
    case .greaterOrEqual: x >= y
    case .equal, .near: x == y
    case .notEqual: x != y
    }
  }
}
