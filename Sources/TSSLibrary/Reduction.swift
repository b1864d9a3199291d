import Groundwork
import TSSLanguage

/// What `mean`, `sum`, `max` and their like share: many values become one.
///
/// Of a table, `over="seed"` takes the values along one axis together and leaves a smaller table.
/// The values are numbers, or lists or matrices of equal shape, which are taken element by
/// element; `nothing` (a failed cell) is left out.
struct Reduction {
  let call: Call
  let reduce: ([Double]) -> Double
  /// The result for no numbers at all; nil where that is an error.
  var empty: Double?

  init(_ call: Call, empty: Double? = nil, _ reduce: @escaping ([Double]) -> Double) {
    self.call = call
    self.empty = empty
    self.reduce = reduce
  }

  private var name: String { call.function.name ?? "function" }

  /// An error about the values, which are the first argument.
  private func error(_ message: String, code: String, help: String? = nil) -> Diagnostic {
    let span = call.restSpans.first ?? call.spans.first ?? nil
    return .runtime(code, message, at: span ?? call.span, help: help)
  }

  func apply(to value: Value) throws(Diagnostic) -> Value {
    if case .table(let table) = value { return try apply(to: table) }
    guard call["over"] == nil else {
      throw call.error(
        "`over` is for tables; `\(name)` of \(value.kindName) takes all its elements", at: "over")
    }
    switch value {
    case .number(let number): return .number(reduce([number]))
    case .matrix(let matrix): return .number(try checked(matrix.elements))
    case .list(let elements):
      let result = try combine(elements)
      if case .nothing = result { return .number(try checked([])) }
      return result
    default: throw mismatch(value)
    }
  }

  private func checked(_ numbers: [Double]) throws(Diagnostic) -> Double {
    guard numbers.isEmpty else { return reduce(numbers) }
    guard let empty else { throw error("`\(name)` of no numbers", code: "empty") }
    return empty
  }

  private func mismatch(_ value: Value) -> Diagnostic {
    let field: String? =
      switch value {
      case .record(let record): record.names.first
      case .object(let object): object.fieldNames.contains("eg") ? "eg" : object.fieldNames.first
      default: nil
      }
    let isTable = if case .table = call.values[0] ?? call.rest.first { true } else { false }
    return error(
      "`\(name)` needs numbers, or lists or matrices of equal shape, not \(value.kindName)",
      code: "type",
      help: field.map {
        "take a field of each: " + (isTable ? "\(name)(t.\($0))" : "\(name)([x.\($0) for x in xs])")
      })
  }

  /// One value for many; `nothing` where there is none.
  private func combine(_ all: [Value]) throws(Diagnostic) -> Value {
    var numbers: [Double] = []
    numbers.reserveCapacity(all.count)
    var others: [Value] = []
    for value in all {
      switch value {
      case .number(let number): numbers.append(number)
      case .nothing: continue
      default: others.append(value)
      }
    }
    guard let first = others.first else {
      return numbers.isEmpty ? .nothing : .number(reduce(numbers))
    }
    guard numbers.isEmpty else {
      throw error(
        "`\(name)` of numbers together with \(first.kindName)", code: "shape")
    }
    switch first {
    case .list(let elements):
      var lists: [[Value]] = []
      for value in others {
        guard case .list(let list) = value, list.count == elements.count else {
          throw unequal(first, value)
        }
        lists.append(list)
      }
      var results: [Value] = []
      for index in elements.indices { results.append(try combine(lists.map { $0[index] })) }
      return .list(results)
    case .matrix(let matrix):
      var matrices: [Matrix] = []
      for value in others {
        guard case .matrix(let other) = value, other.rows == matrix.rows,
          other.columns == matrix.columns
        else { throw unequal(first, value) }
        matrices.append(other)
      }
      return .matrix(
        Matrix(
          rows: matrix.rows, columns: matrix.columns,
          elements: matrix.elements.indices.map { i in reduce(matrices.map { $0.elements[i] }) }))
    default: throw mismatch(first)
    }
  }

  private func unequal(_ a: Value, _ b: Value) -> Diagnostic {
    func shape(_ value: Value) -> String {
      switch value {
      case .list(let elements): "a list of \(elements.count)"
      case .matrix(let matrix): "a \(matrix.rows)×\(matrix.columns) matrix"
      default: value.kindName
      }
    }
    return error(
      "`\(name)` needs equal shapes, not \(shape(a)) and \(shape(b))", code: "shape")
  }

  // MARK: Tables

  private func apply(to table: Table) throws(Diagnostic) -> Value {
    let taken = try axes(of: table)
    let kept = table.axes.indices.filter { !taken.contains($0) }
    var strides = [Int](repeating: 1, count: table.axes.count)
    for axis in table.axes.indices.reversed().dropFirst() {
      strides[axis] = strides[axis + 1] * table.axes[axis + 1].values.count
    }
    // For every cell, the cell of the smaller table that it goes into.
    let count = kept.reduce(1) { $0 * table.axes[$1].values.count }
    var groups = [[Value]](repeating: [], count: count)
    for (index, cell) in table.cells.enumerated() {
      var target = 0
      for axis in kept {
        let length = table.axes[axis].values.count
        target = target * length + index / strides[axis] % length
      }
      groups[target].append(cell)
    }
    var cells: [Value] = []
    for group in groups {
      try call.context.poll()
      cells.append(try combine(group))
    }
    return kept.isEmpty ? cells[0] : .table(Table(axes: kept.map { table.axes[$0] }, cells: cells))
  }

  /// The axes that `over` names; all without it.
  private func axes(of table: Table) throws(Diagnostic) -> [Int] {
    let names: [String]
    switch call["over"] {
    case nil: return Array(table.axes.indices)
    case .string(let name), .word(let name): names = [name]
    case .list(let elements):
      var list: [String] = []
      for element in elements {
        guard case .string(let name) = element else {
          throw call.mismatch("over", wants: "the name of an axis, or a list of names")
        }
        list.append(name)
      }
      names = list
    default: throw call.mismatch("over", wants: "the name of an axis, or a list of names")
    }
    var found: [Int] = []
    for name in names {
      // "eta" names the axis η: the spelled form is the same for both.
      guard
        let axis = table.axes.firstIndex(where: {
          Greek.spelledName($0.name) == Greek.spelledName(name)
        })
      else {
        let known = table.axes.map { "\"\($0.name)\"" }.joined(separator: ", ")
        throw call.error(
          "the table has no axis \(name.quoted)", code: "unknown-axis", at: "over",
          help: "its axes: \(known)")
      }
      found.append(axis)
    }
    return found
  }
}
