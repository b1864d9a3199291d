import Groundwork

/// One index of `x[…]`, evaluated.
public enum Subscript: Sendable {
  case value(Value)
  /// A range that is written in the index: its negative ends count from the end.
  case range(Double, step: Double, Double)
  /// `:`
  case all
  /// `K=4`
  case key(String, Value)
}

/// Positions along one axis, from 0.
enum Selection {
  case one(Int)
  case many([Int])

  var positions: [Int] {
    switch self {
    case .one(let position): [position]
    case .many(let positions): positions
    }
  }
}

extension Operations {
  /// `x[…]`
  public static func index(
    _ value: Value, _ subscripts: [Subscript], _ name: @autoclosure () -> String = "x"
  ) throws(Diagnostic) -> Value {
    if case .table(let table) = value { return try index(table, subscripts, name()) }
    for case .key(let key, _) in subscripts {
      throw .runtime(
        "index", "only tables have keyed indices, not \(value.kindName)",
        help: "`\(name()).\(key)` reads a field")
    }
    switch value {
    case .list(let elements):
      switch try select(one(subscripts, value, name()), elements.count) {
      case .one(let position): return elements[position]
      case .many(let positions): return .list(positions.map { elements[$0] })
      }
    case .matrix(let matrix): return try index(matrix, subscripts, name())
    case .string(let string):
      let characters = Array(string)
      let chosen = try select(one(subscripts, value, name()), characters.count)
      return .string(String(chosen.positions.map { characters[$0] }))
    case .record(let record):
      guard case .value(.string(let field)) = try one(subscripts, value, name()) else {
        throw .runtime("index", "a record is indexed by the name of a field, as in `r[\"K\"]`")
      }
      guard let found = record[field] else {
        throw unknownField(field, value, among: record.names)
      }
      return found
    default:
      if let row = value.row {
        switch try select(one(subscripts, value, name()), row.elements.count) {
        case .one(let position): return .number(row.elements[position])
        case .many(let positions): return .row(positions.map { row.elements[$0] })
        }
      }
      let help: String? =
        if case .function = value { "a call has round brackets: `f(x)`" } else { nil }
      throw .runtime("not-indexable", "\(value.kindName) cannot be indexed", help: help)
    }
  }

  private static func one(
    _ subscripts: [Subscript], _ value: Value, _ name: String
  ) throws(Diagnostic) -> Subscript {
    guard subscripts.count == 1 else {
      throw .runtime(
        "index", "\(value.kindName) has one index, not \(subscripts.count)",
        help: subscripts.count > 1 ? "for an element of an element: `\(name)[1][2]`" : nil)
    }
    return subscripts[0]
  }

  private static func index(
    _ matrix: Matrix, _ subscripts: [Subscript], _ name: String
  ) throws(Diagnostic) -> Value {
    let (rows, columns) = try select(matrix, subscripts, name)
    switch (rows, columns) {
    case (.one(let i), .one(let j)): return .number(matrix[i, j])
    case (.one(let i), .many(let columns)): return .list(columns.map { .number(matrix[i, $0]) })
    case (.many(let rows), .one(let j)): return .list(rows.map { .number(matrix[$0, j]) })
    case (.many(let rows), .many(let columns)):
      return .matrix(
        Matrix(rows: rows.count, columns: columns.count) { matrix[rows[$0], columns[$1]] })
    }
  }

  static func select(
    _ matrix: Matrix, _ subscripts: [Subscript], _ name: String
  ) throws(Diagnostic) -> (Selection, Selection) {
    guard subscripts.count == 2 else {
      guard subscripts.count == 1 else {
        throw .runtime("index", "a matrix has two indices, not \(subscripts.count)")
      }
      let inside = text(of: subscripts[0])
      throw .runtime(
        "index", "a matrix has two indices",
        help: "`\(name)[\(inside), :]` is a row, `\(name)[:, \(inside)]` a column")
    }
    return (
      try select(subscripts[0], matrix.rows, "rows"),
      try select(subscripts[1], matrix.columns, "columns")
    )
  }

  private static func text(of index: Subscript) -> String {
    switch index {
    case .value(let value): value.printed()
    case .range(let start, let step, let stop):
      step == 1
        ? "\(start.printed):\(stop.printed)"
        : "\(start.printed):\(step.printed):\(stop.printed)"
    case .all: ":"
    case .key(let key, let value): "\(key)=\(value.printed())"
    }
  }

  /// The positions that an index means on an axis of `count`.
  static func select(
    _ index: Subscript, _ count: Int, _ things: String = "elements"
  ) throws(Diagnostic) -> Selection {
    switch index {
    case .all: return .many(Array(0..<count))
    case .range(let start, let step, let stop):
      let first = start < 0 ? start + Double(count) + 1 : start
      let last = stop < 0 ? stop + Double(count) + 1 : stop
      let range = try NumberRange(first, step, last)
      var positions: [Int] = []
      positions.reserveCapacity(range.count)
      for element in 0..<range.count {
        // An end that counted from the end of the list may have passed its start.
        guard range[element] > 0 || (start >= 0 && stop >= 0) else {
          throw outOfRange(start < 0 ? start : stop, count, things)
        }
        positions.append(try position(range[element], count, things))
      }
      return .many(positions)
    case .value(.number(let number)): return .one(try position(number, count, things))
    case .value(.list(let elements)):
      return .many(
        try elements.mapped { (element) throws(Diagnostic) in
          guard case .number(let number) = element else { throw wrongIndex(element) }
          return try position(number, count, things)
        })
    case .value(let value): throw wrongIndex(value)
    case .key: throw .runtime("index", "only tables have keyed indices")
    }
  }

  private static func wrongIndex(_ value: Value) -> Diagnostic {
    var help: String?
    if case .bool = value { help = "a comprehension filters: `[x for x in xs if c]`" }
    return .runtime(
      "index",
      "an index is a whole number, a range, a list of whole numbers or `:`, "
        + "not \(value.kindName)", help: help)
  }

  /// From the index of the language, which counts from 1 or from the end, to one from 0.
  @inline(__always)
  static func position(
    _ number: Double, _ count: Int, _ things: String = "elements"
  ) throws(Diagnostic) -> Int {
    let index = Int(exactly: number) ?? 0
    if index > 0, index <= count { return index - 1 }
    if index < 0, index >= -count { return count + index }
    throw outOfRange(number, count, things)
  }

  @inline(never)
  private static func outOfRange(_ number: Double, _ count: Int, _ things: String) -> Diagnostic {
    guard number == number.rounded() else {
      return .runtime("index", "an index is a whole number, not \(number.printed)")
    }
    if number == 0 {
      return .runtime(
        "index", "indices start at 1", help: "`[1]` is the first element, `[-1]` the last")
    }
    let thing = count == 1 ? String(things.dropLast()) : things
    return .runtime(
      "index",
      "the index \(number.printed) is out of range: there \(count == 1 ? "is" : "are") "
        + "\(count == 0 ? "no" : "\(count)") \(thing)")
  }
}
