import Groundwork

/// Results over several lines. Small values stand on one line, as the program would write them;
/// larger ones keep that form, broken and aligned; the largest show their ends, size and course.
extension Printer {
  /// Lines that a list may take before it is summed up.
  private static let linesOfList = 8
  private static let elementsInBlock = 20
  private static let rowsInBlock = 20

  func block(_ value: Value, width: Int) -> [String] {
    switch value {
    case .matrix(let matrix) where !matrix.elements.isEmpty:
      return matrixBlock(matrix, width: width)
    case .table(let table): return tableBlock(table, width: width)
    case .list(let elements) where elements.count > Self.elementsOnLine:
      return longList(elements, width: width)
    default: break
    }
    let text = line(value)
    if text.columns <= width { return [text] }
    switch value {
    case .record(let record): return recordBlock(record, width: width)
    case .list(let elements):
      let isFlat = elements.allSatisfy {
        switch $0 {
        case .number, .bool, .nothing, .word: true
        case .string(let string): string.count < 20
        default: false
        }
      }
      return isFlat ? wrapped(elements, width: width) : column(elements, width: width)
    case .string: return [text]
    default: return [truncated(text, to: width)]
    }
  }

  /// A block behind a text that its first line continues, the rest aligned under it.
  private func hung(_ head: String, _ value: Value, tail: String, width: Int) -> [String] {
    let room = width - head.columns - tail.columns
    guard room >= 16 else {
      return [truncated(head + line(value), to: width - tail.columns) + tail]
    }
    var lines = block(value, width: room)
    let indent = String(repeating: " ", count: head.columns)
    for index in lines.indices {
      lines[index] = (index == 0 ? head : indent) + lines[index]
    }
    lines[lines.count - 1] += tail
    return lines
  }

  private func recordBlock(_ record: Record, width: Int) -> [String] {
    var lines: [String] = []
    for (index, field) in record.fields.enumerated() {
      let head = (index == 0 ? "(" : " ") + name(field.0) + "="
      let tail = index == record.names.count - 1 ? ")" : ","
      lines += hung(head, field.1, tail: tail, width: width)
    }
    return lines
  }

  /// A list of short elements, as many on a line as fit.
  private func wrapped(_ elements: [Value], width: Int) -> [String] {
    var lines: [String] = []
    var last = "["
    for (index, element) in elements.enumerated() {
      let text = brief(element, limit: width - 2) + (index == elements.count - 1 ? "]" : ",")
      if last.count > 1, last.columns + 1 + text.columns > width {
        lines.append(last)
        last = " "
      }
      last += (last.count > 1 ? " " : "") + text
    }
    lines.append(last)
    return lines.count > Self.linesOfList ? longList(elements, width: width) : lines
  }

  /// A list of larger things, each on lines of its own.
  private func column(_ elements: [Value], width: Int) -> [String] {
    var lines: [String] = []
    let isLong = elements.count > Self.elementsInBlock
    let shown =
      isLong
      ? Array(0..<6) + [-1] + Array(elements.count - 3..<elements.count)
      : Array(elements.indices)
    for (position, index) in shown.enumerated() {
      let head = position == 0 ? "[" : " "
      let isLast = position == shown.count - 1
      let tail = isLast ? "]" : ","
      if index < 0 {
        lines.append(" " + ellipsis)
      } else if isLong {
        lines.append(head + brief(elements[index], limit: width - 2) + tail)
      } else {
        lines += hung(head, elements[index], tail: tail, width: width)
      }
    }
    // A list of matrices or runs can still be a screen or more.
    if lines.count > 60, !isLong {
      return elements.indices.map { index in
        (index == 0 ? "[" : " ") + brief(elements[index], limit: width - 2)
          + (index == elements.count - 1 ? "]" : ",")
      }
    }
    return isLong ? lines + ["\(elements.count) elements"] : lines
  }

  /// The ends of a list, its length, and of numbers the course.
  private func longList(_ elements: [Value], width: Int) -> [String] {
    let count = elements.count
    guard let numbers = Value.list(elements).numbers else {
      let isFlat = elements.allSatisfy { if case .list = $0 { false } else { line($0).count < 20 } }
      guard isFlat else { return column(elements, width: width) }
      let ends = elements.prefix(3).map(line) + [ellipsis] + elements.suffix(3).map(line)
      return [
        truncated("[" + ends.joined(separator: ", ") + "]", to: width), "\(count) elements",
      ]
    }
    let attempts: [(Int, (Double) -> String)] = [
      (3, { text($0) }), (3, { text($0, digits: 6) }), (2, { text($0, digits: 6) }),
      (1, { text($0, digits: 4) }),
    ]
    var corners = ""
    for (ends, text) in attempts {
      let parts = numbers.prefix(ends).map(text) + [ellipsis] + numbers.suffix(ends).map(text)
      corners = "[" + parts.joined(separator: ", ") + "]"
      if corners.columns <= width { break }
    }
    var lines = [truncated(corners, to: width)]
    let size = "\(count) numbers"
    if style.hasUnicode {
      let room = min(40, width - size.columns - 2)
      if room >= 8 {
        lines.append("\(Sparkline.text(numbers, columns: room))  \(size)")
        let finite = numbers.filter(\.isFinite)
        if let low = finite.min(), let high = finite.max() {
          let range = ", \(low.shortened(to: 6)) to \(high.shortened(to: 6))"
          if lines[1].columns + range.columns <= width { lines[1] += range }
        }
        return lines
      }
    }
    return lines + [size]
  }

  private func matrixBlock(_ matrix: Matrix, width: Int) -> [String] {
    let isTall = matrix.rows > Self.rowsInBlock
    let rows =
      isTall
      ? Array(0..<5) + [-1] + Array(matrix.rows - 3..<matrix.rows) : Array(0..<matrix.rows)
    // Beyond this no digits could make a row fit.
    let all = matrix.columns * 3 > width ? nil : Array(0..<matrix.columns)
    for digits in [17, 6] {
      if let all, let lines = matrixLines(matrix, rows, all, digits, width) {
        return isTall ? lines + [sizeLine(matrix)] : lines
      }
    }
    // As many columns as fit, the last two among them.
    for shown in (2...max(2, min(matrix.columns - 1, width / 3))).reversed() {
      let last = min(2, shown - 1)
      let columns =
        Array(0..<shown - last) + [-1] + Array(matrix.columns - last..<matrix.columns)
      if let lines = matrixLines(matrix, rows, columns, 6, width) {
        return lines + [sizeLine(matrix)]
      }
    }
    return [truncated(line(.matrix(matrix)), to: width), sizeLine(matrix)]
  }

  private func sizeLine(_ matrix: Matrix) -> String {
    "\(matrix.rows)\(times)\(matrix.columns) matrix"
  }

  /// Aligned rows, -1 standing for those left out; nil where they are wider than `width`.
  private func matrixLines(
    _ matrix: Matrix, _ rows: [Int], _ columns: [Int], _ digits: Int, _ width: Int
  ) -> [String]? {
    let cells = rows.map { row in
      columns.map { column in
        if row < 0 || column < 0 { return ellipsis }
        let element = matrix[row, column]
        return digits < 17 ? text(element, digits: digits) : text(element)
      }
    }
    let widths = columns.indices.map { column in cells.map { $0[column].columns }.max()! }
    guard widths.reduce(0, +) + 2 * columns.count + 1 <= width else { return nil }
    return cells.enumerated().map { index, row in
      let body = zip(row, widths).map { $0.indented(to: $1) }.joined(separator: ", ")
      let end = index < rows.count - 1 ? ";" : matrix.rows == 1 ? ";]" : "]"
      return (index == 0 ? "[" : " ") + body + end
    }
  }
}
