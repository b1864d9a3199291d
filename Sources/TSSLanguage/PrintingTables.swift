import Groundwork

/// Tables: one axis gives a column beside it, two axes a grid, more a row for each cell.
extension Printer {
  private static let rowsOfTable = 20

  func tableBlock(_ table: Table, width: Int) -> [String] {
    let fields = commonFields(table)
    if table.axes.count == 2, fields == nil { return grid(table, width: width) }
    return longForm(table, fields: fields, width: width)
  }

  /// The fields of the cells where all are records of scalars with the same names: they become
  /// columns of their own.
  private func commonFields(_ table: Table) -> [String]? {
    var names: [String]?
    for cell in table.cells {
      switch cell {
      case .nothing: continue
      case .record(let record):
        guard !record.names.isEmpty, names == nil || names == record.names else { return nil }
        names = record.names
      default: return nil
      }
    }
    return names
  }

  /// Indices to show of `count`; nil stands for those left out.
  private func elided(_ count: Int, to limit: Int) -> [Int?] {
    guard count > limit else { return Array(0..<count) }
    let last = limit / 3
    return Array(0..<limit - last) + [nil] + Array(count - last..<count)
  }

  private func longForm(_ table: Table, fields: [String]?, width: Int) -> [String] {
    let cells = table.cells
    let rows = elided(cells.count, to: Self.rowsOfTable)
    var columns: [Column] = []
    // How many cells a step along each axis skips; the last axis is fastest.
    var stride = cells.count
    for axis in table.axes {
      stride /= axis.values.count
      let step = stride
      columns.append(
        Column(name(axis.name), rows.map { $0.map { axis.values[$0 / step % axis.values.count] } }))
    }
    for field in fields ?? ["value"] {
      columns.append(
        Column(
          name(field),
          rows.map { row in
            row.map { row -> Value in
              guard fields != nil else { return cells[row] }
              if case .record(let record) = cells[row] { return record[field] ?? .nothing }
              return .nothing
            }
          }))
    }
    var lines = layOut(columns, keeping: table.axes.count, width: width)
    if let gap = rows.firstIndex(where: { $0 == nil }) {
      let missing = cells.count - rows.count + 1
      lines[gap + 1] = truncated("\(ellipsis) \(missing) more rows", to: width)
    }
    return lines
  }

  private func grid(_ table: Table, width: Int) -> [String] {
    let (down, across) = (table.axes[0], table.axes[1])
    let rows = elided(down.values.count, to: Self.rowsOfTable)
    let corner = "\(name(down.name)) \\ \(name(across.name))"
    var columns = [Column(corner, rows.map { $0.map { down.values[$0] } })]
    for (index, value) in across.values.enumerated() {
      columns.append(
        Column(
          brief(unquoted: value, limit: 24),
          rows.map { $0.map { table.cells[$0 * across.values.count + index] } }))
    }
    var lines = layOut(columns, keeping: 1, width: width)
    if let gap = rows.firstIndex(where: { $0 == nil }) {
      let missing = down.values.count - rows.count + 1
      lines[gap + 1] = truncated("\(ellipsis) \(missing) more rows", to: width)
    }
    return lines
  }

  private func brief(unquoted value: Value, limit: Int) -> String {
    if case .string(let string) = value { return truncated(string, to: limit) }
    return brief(value, limit: limit)
  }

  private struct Column {
    var header: String
    /// nil for rows left out.
    var cells: [Value?]

    init(_ header: String, _ cells: [Value?]) {
      self.header = header
      self.cells = cells
    }
  }

  /// Texts of equal width, the header first.
  private func texts(of column: Column, limit: Int, digits: Int) -> [String] {
    let cells = column.cells.map { cell -> String in
      switch cell {
      case nil: ellipsis
      case .number(let number): digits < 17 ? text(number, digits: digits) : text(number)
      case .some(let value): brief(unquoted: value, limit: limit)
      }
    }
    let isNumeric = column.cells.contains { if case .number = $0 { true } else { false } }
    let body = isNumeric ? aligned(cells, column.cells) : cells
    let width = ([column.header] + body).map(\.columns).max()!
    return ([column.header] + body).map {
      isNumeric ? $0.indented(to: width) : $0.filled(to: width)
    }
  }

  /// Numbers with their points under each other.
  private func aligned(_ texts: [String], _ cells: [Value?]) -> [String] {
    let tails = zip(texts, cells).map { text, cell -> Int? in
      guard case .number(let number) = cell, number.isFinite else { return nil }
      return text.drop { $0 != "." && $0 != "e" }.count
    }
    let widest = tails.compactMap { $0 }.max() ?? 0
    return zip(texts, tails).map { text, tail in
      tail.map { text.filled(to: text.columns + widest - $0) } ?? text
    }
  }

  /// Rows of text that fit the width: fewer digits, then shorter cells, then columns left out of
  /// the middle, the first `keeping` always there.
  private func layOut(_ columns: [Column], keeping: Int, width: Int) -> [String] {
    func total(_ texts: [[String]]) -> Int { texts.reduce(-2) { $0 + $1[0].columns + 2 } }
    var texts = columns.map { self.texts(of: $0, limit: 40, digits: 17) }
    for (limit, digits) in [(40, 6), (24, 6), (12, 4)] where total(texts) > width {
      texts = columns.map { self.texts(of: $0, limit: limit, digits: digits) }
    }
    if total(texts) > width, columns.count > keeping + 2 {
      // The last column stays; columns are taken from before it.
      let gap = [String](repeating: ellipsis, count: texts[0].count)
      var shown = columns.count - 2
      while shown > keeping, total(texts[..<shown] + [gap, texts[columns.count - 1]]) > width {
        shown -= 1
      }
      texts = texts[..<shown] + [gap, texts[columns.count - 1]]
    }
    return texts[0].indices.map { row in
      truncated(texts.map { $0[row] }.joined(separator: "  ").trimmingEnd, to: width)
    }
  }
}
