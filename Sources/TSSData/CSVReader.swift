extension CSVTable {
  /// Reads a table.
  ///
  /// - The delimiter is a tab if the first row has one, else a semicolon if it has one, else a
  ///   comma.
  /// - The first row is a header if it has text and no numbers. Without one, the last comment is
  ///   it, if it has a name for every column (as `np.savetxt` writes it); else the columns are
  ///   named `c1`, `c2`, ….
  /// - Lines end as on Unix, Windows or old Macintoshes; empty ones and those that begin with `#`
  ///   are no rows. A byte-order mark is skipped. Text in quotes is text, even `"3"`.
  ///
  /// - Parameter header: whether the first row is one; `nil` finds out.
  /// - Throws: ``DataError/malformed(_:at:problem:)`` with the line.
  public init(decoding bytes: [UInt8], header: Bool? = nil) throws(DataError) {
    var reader = try CSVReader(bytes)
    var rows: [[CSVCell]] = []
    while let row = try reader.row() {
      // Blanks on a line are no row, unless rows are single cells.
      if row.cells == [.empty], rows.first?.count != 1 { continue }
      if let first = rows.first, row.cells.count != first.count {
        func cells(_ count: Int) -> String { "\(count) \(count == 1 ? "cell" : "cells")" }
        throw .malformed(
          .csv, at: .init(line: row.line),
          problem: "\(cells(row.cells.count)), but the first row has \(cells(first.count))")
      }
      rows.append(row.cells)
    }
    let width = rows.first?.count ?? 0
    let isHeader = header ?? rows.first.map(Self.looksLikeHeader) ?? false
    var comments = reader.comments
    let names: [String]
    if isHeader, let first = rows.first {
      names = first.map { Self.name($0) }
      rows.removeFirst()
    } else if let last = comments.last, width > 0,
      let row = try? CSVReader.row(of: last, delimiter: reader.delimiter), row.count == width,
      Self.looksLikeHeader(row)
    {
      names = row.map { Self.name($0) }
      comments.removeLast()
    } else {
      names = (0..<width).map { "c\($0 + 1)" }
    }
    let columns = (0..<width).map { column in rows.map { $0[column] } }
    self.init(names: names, columns: columns, comments: comments)
  }

  private static func looksLikeHeader(_ row: [CSVCell]) -> Bool {
    var hasText = false
    for cell in row {
      if case .number = cell { return false }
      if case .text = cell { hasText = true }
    }
    return hasText
  }

  private static func name(_ cell: CSVCell) -> String {
    switch cell {
    case .text(let text): text
    case .number(let value): NumberText.write(value)
    case .empty: ""
    }
  }
}

/// Takes a CSV file apart into rows.
struct CSVReader {
  private let bytes: [UInt8]
  private var position = 0
  private var line = 1
  private(set) var comments: [String] = []
  let delimiter: UInt8

  /// How UTF-8 begins on Windows.
  static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

  init(_ bytes: [UInt8]) throws(DataError) {
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw .unsupported(.csv, what: "the text is in UTF-16; save it as UTF-8")
    }
    self.bytes = bytes
    position = bytes.starts(with: Self.mark) ? 3 : 0
    delimiter = Self.delimiter(of: bytes, from: position)
  }

  private init(_ bytes: [UInt8], delimiter: UInt8) {
    self.bytes = bytes
    self.delimiter = delimiter
  }

  /// The cells of a line by itself.
  static func row(of text: String, delimiter: UInt8) throws(DataError) -> [CSVCell] {
    var reader = CSVReader(Array(text.utf8), delimiter: delimiter)
    return try reader.row()?.cells ?? []
  }

  private static func delimiter(of bytes: [UInt8], from start: Int) -> UInt8 {
    var isQuoted = false
    var isComment = false
    var isLineStart = true
    var found: Set<UInt8> = []
    for byte in bytes[start...] {
      if byte == 0x0A || byte == 0x0D {
        // The first line with something in it decides.
        if !isQuoted && !isComment && !isLineStart { break }
        if !isQuoted {
          isComment = false
          isLineStart = true
        }
        continue
      }
      if isLineStart { isComment = byte == 0x23 }
      isLineStart = false
      if isComment { continue }
      if byte == 0x22 { isQuoted.toggle() }
      if !isQuoted { found.insert(byte) }
    }
    return found.contains(0x09) ? 0x09 : found.contains(0x3B) ? 0x3B : 0x2C
  }

  /// The next row, and the line it begins on; `nil` at the end.
  mutating func row() throws(DataError) -> (cells: [CSVCell], line: Int)? {
    skipNonRows()
    guard position < bytes.count else { return nil }
    let start = line
    var cells: [CSVCell] = []
    while true {
      cells.append(try cell())
      guard position < bytes.count, bytes[position] == delimiter else { break }
      position += 1
    }
    takeLineEnd()
    return (cells, start)
  }

  private mutating func skipNonRows() {
    while position < bytes.count {
      if takeLineEnd() { continue }
      guard bytes[position] == 0x23 else { return }
      let start = position + 1
      while position < bytes.count, bytes[position] != 0x0A, bytes[position] != 0x0D {
        position += 1
      }
      let text = String(decoding: bytes[start..<position], as: UTF8.self)
      comments.append(String(text.first == " " ? text.dropFirst() : text[...]))
    }
  }

  @discardableResult
  private mutating func takeLineEnd() -> Bool {
    guard position < bytes.count, bytes[position] == 0x0A || bytes[position] == 0x0D else {
      return false
    }
    let isPair =
      bytes[position] == 0x0D && position + 1 < bytes.count && bytes[position + 1] == 0x0A
    position += isPair ? 2 : 1
    line += 1
    return true
  }

  private mutating func cell() throws(DataError) -> CSVCell {
    var start = position
    while start < bytes.count, bytes[start] == 0x20 || (bytes[start] == 0x09 && delimiter != 0x09) {
      start += 1
    }
    if start < bytes.count, bytes[start] == 0x22 {
      position = start
      return .text(try quoted())
    }
    while position < bytes.count, bytes[position] != delimiter, bytes[position] != 0x0A,
      bytes[position] != 0x0D
    {
      position += 1
    }
    var end = position
    while end > start, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
    if start >= end { return .empty }
    if let value = Self.number(bytes, from: start, to: end) { return .number(value) }
    return .text(String(decoding: bytes[start..<end], as: UTF8.self))
  }

  private mutating func quoted() throws(DataError) -> String {
    let opened = line
    var text: [UInt8] = []
    position += 1
    while position < bytes.count {
      let byte = bytes[position]
      if byte == 0x22 {
        position += 1
        if position < bytes.count, bytes[position] == 0x22 {
          text.append(byte)
          position += 1
          continue
        }
        try expectCellEnd()
        return String(decoding: text, as: UTF8.self)
      }
      if byte == 0x0A || (byte == 0x0D && bytes.dropFirst(position + 1).first != 0x0A) {
        line += 1
      }
      text.append(byte)
      position += 1
    }
    throw .malformed(.csv, at: .init(line: opened), problem: "a quote is not closed")
  }

  private mutating func expectCellEnd() throws(DataError) {
    while position < bytes.count, bytes[position] == 0x20 { position += 1 }
    guard position < bytes.count else { return }
    let byte = bytes[position]
    guard byte == delimiter || byte == 0x0A || byte == 0x0D else {
      throw .malformed(
        .csv, at: .init(line: line),
        problem: "after a closing quote the cell must end (a quote within is written twice)")
    }
  }

  /// The number that is the whole of the bytes from `start` to `end`.
  static func number(_ bytes: [UInt8], from start: Int, to end: Int) -> Double? {
    guard start < end else { return nil }
    if let scan = NumberText.scan(bytes, from: start, to: end) {
      return scan.end == end ? scan.value : nil
    }
    guard end - start <= 9 else { return nil }
    switch String(decoding: bytes[start..<end], as: UTF8.self).lowercased() {
    case "nan", "+nan", "-nan": return .nan
    case "inf", "+inf", "infinity", "+infinity": return .infinity
    case "-inf", "-infinity": return -.infinity
    default: return nil
    }
  }
}
