import Groundwork

extension Table {
  /// How many cells one step along each axis skips; the last axis is fastest.
  public var strides: [Int] {
    var strides = [Int](repeating: 1, count: axes.count)
    for axis in axes.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * axes[axis + 1].values.count
    }
    return strides
  }

  /// The values of the axes at a cell.
  public func coordinates(ofCell cell: Int) -> [(name: String, value: Value)] {
    zip(axes, strides).map { axis, stride in
      (axis.name, axis.values[cell / stride % axis.values.count])
    }
  }
}

extension Operations {
  static func index(
    _ table: Table, _ subscripts: [Subscript], _ name: String
  ) throws(Diagnostic) -> Value {
    var choices: [Selection?] = .init(repeating: nil, count: table.axes.count)
    let keys = subscripts.filter { if case .key = $0 { true } else { false } }
    if keys.isEmpty {
      guard subscripts.count == table.axes.count else {
        let all = table.axes.dropFirst(max(1, subscripts.count)).map { _ in ":" }
        throw .runtime(
          "index",
          "the table has \(table.axes.count) \(table.axes.count == 1 ? "axis" : "axes"), "
            + table.axes.map { "`\($0.name)`" }.joined(separator: " and ")
            + ", not \(subscripts.count)",
          help: subscripts.count < table.axes.count
            ? "`\(name)[\((["1"] + all).joined(separator: ", "))]`, "
              + "or by value: `\(name)[\(table.axes[0].name)=\(table.axes[0].values[0].printed())]`"
            : nil)
      }
      for (axis, index) in subscripts.enumerated() {
        choices[axis] = try select(index, table.axes[axis].values.count, "values")
      }
    } else {
      for case .key(let key, let wanted) in keys {
        guard let axis = table.axes.firstIndex(where: { $0.name == key }) else {
          let names = table.axes.map(\.name)
          let suggestions = Suggestions.best(for: key, among: names)
          throw Diagnostic(
            .runtime, "unknown-axis", "the table has no axis `\(key)`",
            help: [
              suggestions.first.map { "did you mean `\($0)`?" }
                ?? "its axes are " + names.map { "`\($0)`" }.joined(separator: ", ")
            ], suggestions: suggestions)
        }
        guard choices[axis] == nil else {
          throw .runtime("index", "the axis `\(key)` is given twice")
        }
        choices[axis] = try find(wanted, on: table.axes[axis])
      }
      guard keys.count == subscripts.count else {
        throw .runtime(
          "index", "an index goes by names or by positions, not by both",
          help: "name all axes; those that are left out are kept whole")
      }
    }
    return try cut(table, choices)
  }

  private static func find(_ wanted: Value, on axis: Table.Axis) throws(Diagnostic) -> Selection {
    func position(of value: Value) throws(Diagnostic) -> Int {
      guard let position = axis.values.firstIndex(where: { areNear($0, value) }) else {
        let shown = axis.values.prefix(12).map { $0.printed() }.joined(separator: ", ")
        throw .runtime(
          "index", "the axis `\(axis.name)` has no value \(value.printed())",
          help: "its values are \(shown)" + (axis.values.count > 12 ? ", …" : ""))
      }
      return position
    }
    // The values of an axis may themselves be lists; then a list is one of them.
    if let found = axis.values.firstIndex(where: { areNear($0, wanted) }) { return .one(found) }
    guard case .list(let values) = wanted else { return .one(try position(of: wanted)) }
    return .many(
      try values.mapped { (value) throws(Diagnostic) in try position(of: value) })
  }

  /// The part of a table: axes with one choice go, those without any stay whole.
  private static func cut(_ table: Table, _ choices: [Selection?]) throws(Diagnostic) -> Value {
    var axes: [Table.Axis] = []
    for (axis, choice) in zip(table.axes, choices) {
      switch choice {
      case .one: continue
      case .many(let positions):
        guard !positions.isEmpty else {
          throw .runtime("index", "an axis needs at least one value: `\(axis.name)` has none")
        }
        guard Set(positions).count == positions.count else {
          throw .runtime("index", "the values of an axis do not repeat: `\(axis.name)`")
        }
        axes.append(Table.Axis(name: axis.name, values: positions.map { axis.values[$0] }))
      case nil: axes.append(axis)
      }
    }
    var cells = [0]
    for (axis, (choice, stride)) in zip(table.axes, zip(choices, table.strides)) {
      let positions = choice?.positions ?? Array(axis.values.indices)
      cells = cells.flatMap { base in positions.map { base + $0 * stride } }
    }
    if axes.isEmpty { return table.cells[cells[0]] }
    return .table(Table(axes: axes, cells: cells.map { table.cells[$0] }))
  }
}
