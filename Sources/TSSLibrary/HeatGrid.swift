import Groundwork
import TSSLanguage

/// Numbers over a grid, read from a call of `heatmap`.
struct HeatGrid {
  var x: [Double]
  var y: [Double]
  var xName: String?
  var yName: String?
  var rows: Int
  var columns: Int
  /// Row by row.
  var values: [Double] = []

  init(_ call: Call) throws(Diagnostic) {
    switch call["data"] {
    case .table(let table)?:
      (rows, columns, x, y) = (0, 0, [], [])
      try read(table, call)
    case .matrix(let matrix)?:
      (rows, columns) = (matrix.rows, matrix.columns)
      (x, y) = try Self.places(rows, columns, call)
      for i in 0..<rows { for j in 0..<columns { values.append(matrix[i, j]) } }
    case .list(let list)? where list.contains { if case .list = $0 { true } else { false } }:
      let lists = try list.map { (row) throws(Diagnostic) in try Self.row(row, call) }
      (rows, columns) = (lists.count, lists[0].count)
      for (index, row) in lists.enumerated() where row.count != columns {
        throw call.error(
          "row \(index + 1) has \(row.count) numbers, and the first has \(columns)",
          code: "shape", at: "data")
      }
      guard columns > 0 else { throw call.error("the rows are empty", at: "data") }
      (x, y) = try Self.places(rows, columns, call)
      values = lists.flatMap { $0 }
    case .list?:
      throw call.error(
        "`heatmap` draws a list of rows, and this is a single one", code: "shape", at: "data",
        help: "plot(y) draws a list of numbers")
    default:
      throw call.mismatch("data", wants: "a table or a matrix")
    }
  }

  private static func row(_ value: Value, _ call: Call) throws(Diagnostic) -> [Double] {
    guard case .list(let elements) = value else {
      throw call.error(
        "each row is a list of numbers, not \(value.kindName)", code: "type", at: "data",
        help: "heatmap([[1, 2], [3, 4]])")
    }
    return try elements.map { (element) throws(Diagnostic) in try number(element, "row", call) }
  }

  /// A cell's number; not a number where there is nothing.
  private static func number(
    _ value: Value, _ place: String, _ call: Call
  ) throws(Diagnostic) -> Double {
    switch value {
    case .number(let number): return number
    case .nothing: return .nan
    default:
      throw call.error(
        "`heatmap` draws numbers; this \(place) holds \(value.kindName)", code: "type", at: "data",
        help: place == "table" ? "heatmap(t.eg) takes a field of every cell" : nil)
    }
  }

  /// The places that were given, or 1, 2, ….
  private static func places(
    _ rows: Int, _ columns: Int, _ call: Call
  ) throws(Diagnostic) -> ([Double], [Double]) {
    func given(_ name: String, _ count: Int) throws(Diagnostic) -> [Double] {
      guard let value = call[name] else { return (1...max(1, count)).map(Double.init) }
      guard let numbers = value.numbers else {
        throw call.mismatch(name, wants: "a list of numbers")
      }
      return numbers
    }
    return (try given("x", columns), try given("y", rows))
  }

  private mutating func read(_ table: Table, _ call: Call) throws(Diagnostic) {
    // An axis of one value is no axis of the picture.
    let long = table.axes.indices.filter { table.axes[$0].values.count > 1 }
    let axes = table.axes.count > 2 ? long : Array(table.axes.indices)
    let names = table.axes.map(\.name)
    guard axes.count == 2 else {
      // One that has no numbers, or the innermost, is chosen a value of.
      let isWords = { (axis: Int) in Value.list(table.axes[axis].values).numbers == nil }
      let others =
        axes.count > 2 ? table.axes[axes.first(where: isWords) ?? axes[axes.count - 1]] : nil
      throw call.error(
        "a heat map has two axes; this table has \(axes.count): "
          + axes.map { names[$0] }.joined(separator: ", "), code: "shape", at: "data",
        help: others.map { "heatmap(t[\($0.name)=\($0.values[0].printed())])" }
          ?? "plot(t) draws a table with one axis")
    }
    func asked(_ name: String) throws(Diagnostic) -> Int? {
      guard let value = call[name] else { return nil }
      guard case .string(let text) = value else {
        throw call.mismatch(name, wants: "the name of an axis of the table")
      }
      let axis = Greek.canonicalName(text)
      guard let place = axes.first(where: { names[$0] == axis }) else {
        throw call.error(
          "the table has no axis \"\(axis)\"; its axes are "
            + axes.map { names[$0] }.joined(separator: ", "), code: "unknown-axis", at: name,
          help: Suggestions.best(for: axis, among: names).first.map { "\(name)=\"\($0)\"" })
      }
      return place
    }
    let (wantedX, wantedY) = (try asked("x"), try asked("y"))
    if let wantedX, wantedX == wantedY {
      throw call.error("x and y are the same axis", code: "value", at: "y")
    }
    let across = wantedX ?? axes.last { $0 != wantedY }!
    let up = axes.first { $0 != across }!
    func numbers(_ axis: Int) throws(Diagnostic) -> [Double] {
      guard let numbers = Value.list(table.axes[axis].values).numbers else {
        throw call.error(
          "the axis \"\(names[axis])\" has no numbers for a place on the picture", code: "type",
          at: "data", help: "plot(t) draws a curve for each of its values")
      }
      return numbers
    }
    (x, y) = (try numbers(across), try numbers(up))
    (xName, yName) = (names[across], names[up])
    (rows, columns) = (y.count, x.count)
    func stride(_ axis: Int) -> Int {
      table.axes[(axis + 1)...].reduce(1) { $0 * $1.values.count }
    }
    for i in 0..<rows {
      for j in 0..<columns {
        values.append(
          try Self.number(table.cells[i * stride(up) + j * stride(across)], "table", call))
      }
    }
  }
}
