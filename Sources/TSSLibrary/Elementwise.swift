import Groundwork
import TSSLanguage

/// How functions of numbers extend to lists, matrices and tables.
extension Call {
  /// The argument at a position, which the function requires.
  func value(_ index: Int) throws(Diagnostic) -> Value {
    if let value = values[index] { return value }
    throw error(
      "`\(function.name ?? "function")` needs `\(function.signature.parameters[index].name)`",
      code: "missing-argument")
  }

  /// A function of one number applied to every number of an argument, the first unless told.
  func mapNumbers(
    of index: Int = 0, _ transform: (Double) -> Double
  ) throws(Diagnostic) -> Value {
    try mapped(try value(index), at: index, transform)
  }

  /// Goes through elements, of which there may be millions, and asks now and then whether that is
  /// still wanted.
  func each<Element, Result>(
    _ elements: [Element], _ body: (Element) throws(Diagnostic) -> Result
  ) throws(Diagnostic) -> [Result] {
    var results: [Result] = []
    results.reserveCapacity(elements.count)
    var start = 0
    while start < elements.count {
      let end = min(start + 1 << 16, elements.count)
      for element in elements[start..<end] { results.append(try body(element)) }
      if end < elements.count { try context.poll() }
      start = end
    }
    return results
  }

  private func mapped(
    _ value: Value, at index: Int? = nil, _ transform: (Double) -> Double
  ) throws(Diagnostic) -> Value {
    switch value {
    case .number(let number): return .number(transform(number))
    case .matrix(let matrix): return .matrix(matrix.map(transform))
    case .list(let elements):
      return .list(
        try each(elements) { (element) throws(Diagnostic) in
          try mapped(element, at: index, transform)
        })
    case .table(let table):
      var cells: [Value] = []
      cells.reserveCapacity(table.cells.count)
      for cell in table.cells {
        if case .nothing = cell {
          cells.append(cell)
        } else {
          cells.append(try mapped(cell, at: index, transform))
        }
      }
      return .table(Table(axes: table.axes, cells: cells))
    default:
      throw error(
        "`\(function.name ?? "function")` needs numbers, not \(value.kindName)", code: "type",
        at: index.map { function.signature.parameters[$0].name })
    }
  }

  /// A function of two numbers applied elementwise: number with anything, equal shapes.
  func zipNumbers(
    _ a: Value, _ b: Value, _ combine: (Double, Double) -> Double
  ) throws(Diagnostic) -> Value {
    switch (a, b) {
    case (.number(let x), .number(let y)): return .number(combine(x, y))
    case (.number(let x), _): return try mapped(b) { combine(x, $0) }
    case (_, .number(let y)): return try mapped(a) { combine($0, y) }
    case (.list(let xs), .list(let ys)):
      guard xs.count == ys.count else {
        throw error(
          "`\(function.name ?? "function")` of lists of \(xs.count) and of \(ys.count) elements",
          code: "shape")
      }
      return .list(
        try each(Array(xs.indices)) { (index) throws(Diagnostic) in
          try zipNumbers(xs[index], ys[index], combine)
        })
    case (.matrix(let A), .matrix(let B)):
      guard A.rows == B.rows, A.columns == B.columns else {
        throw error(
          "`\(function.name ?? "function")` of a \(A.rows)×\(A.columns) and "
            + "a \(B.rows)×\(B.columns) matrix", code: "shape")
      }
      return .matrix(
        Matrix(
          rows: A.rows, columns: A.columns,
          elements: zip(A.elements, B.elements).map { combine($0, $1) }))
    default:
      throw error(
        "`\(function.name ?? "function")` needs numbers, not \(a.kindName) and \(b.kindName)",
        code: "type")
    }
  }

  /// A question to every number: a truth value, or a list of them.
  func ask(_ question: (Double) -> Bool) throws(Diagnostic) -> Value {
    try asked(try value(0), question)
  }

  private func asked(_ value: Value, _ question: (Double) -> Bool) throws(Diagnostic) -> Value {
    switch value {
    case .number(let number): return .bool(question(number))
    case .matrix(let matrix):
      return .list(
        (0..<matrix.rows).map { .list(matrix.row($0).map { .bool(question($0)) }) })
    case .list(let elements):
      return .list(
        try each(elements) { (element) throws(Diagnostic) in try asked(element, question) })
    default: throw mismatch(function.signature.parameters[0].name, wants: "numbers")
    }
  }
}
