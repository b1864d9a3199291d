/// One cell of a table.
public enum CSVCell: Hashable, Sendable {
  /// A number, `nan` and `inf` among them.
  case number(Double)
  /// Anything else, and whatever stood in quotes.
  case text(String)
  /// Nothing between two delimiters.
  case empty

  /// The number in it; what is empty is not a number, as NumPy has it; `nil` for text.
  public var number: Double? {
    switch self {
    case .number(let value): value
    case .empty: .nan
    case .text: nil
    }
  }
}

/// Columns with names, as in a CSV file.
public struct CSVTable: Hashable, Sendable {
  /// The name of each column.
  public var names: [String]
  /// The cells of each column, all columns of one length.
  public var columns: [[CSVCell]]
  /// Lines before the header that begin with `#`, without it.
  public var comments: [String]

  /// - Precondition: there are as many names as columns, and all columns are of one length.
  public init(names: [String], columns: [[CSVCell]], comments: [String] = []) {
    precondition(names.count == columns.count)
    precondition(columns.allSatisfy { $0.count == columns[0].count })
    self.names = names
    self.columns = columns
    self.comments = comments
  }

  /// Columns of numbers.
  public init(_ columns: [(name: String, values: [Double])], comments: [String] = []) {
    self.init(
      names: columns.map(\.name), columns: columns.map { $0.values.map { .number($0) } },
      comments: comments)
  }

  /// How many rows there are below the header.
  public var rowCount: Int { columns.first?.count ?? 0 }

  /// The first column of this name.
  public subscript(name: String) -> [CSVCell]? {
    names.firstIndex(of: name).map { columns[$0] }
  }

  /// The numbers of the first column of this name; `nil` if it has text.
  public func numbers(_ name: String) -> [Double]? {
    guard let cells = self[name] else { return nil }
    let numbers = cells.compactMap(\.number)
    return numbers.count == cells.count ? numbers : nil
  }
}

extension CSVTable {
  /// The bytes of the table: comments, names, one line a row, each closed by a line feed.
  ///
  /// Numbers have the fewest digits that read back as the same number; `nan`, `inf` and `-inf` are
  /// spelled as NumPy does. Text is quoted where it would otherwise be read as something else, and
  /// nothing is written for an empty cell.
  public func encoded() -> [UInt8] { encoded {} }

  /// The same; `poll` is called every few thousand rows, and what it throws ends the writing.
  public func encoded(poll: () throws -> Void) rethrows -> [UInt8] {
    var bytes: [UInt8] = []
    for comment in comments {
      for line in comment.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
        bytes += Array("#\(line.isEmpty ? "" : " ")\(line)\n".utf8)
      }
    }
    guard !names.isEmpty else { return bytes }
    func writeRow(_ cell: (Int) -> String) {
      for i in names.indices {
        if i > 0 { bytes.append(0x2C) }
        bytes += cell(i).utf8
      }
      bytes.append(0x0A)
    }
    writeRow { Self.quoted(names[$0]) }
    for row in 0..<rowCount {
      if row & 4095 == 4095 { try poll() }
      writeRow { column in
        switch columns[column][row] {
        case .number(let value): return NumberText.write(value)
        case .text(let text): return Self.quoted(text)
        // A line with nothing on it is no row, so a cell alone on its line is written as a blank.
        case .empty: return names.count == 1 ? " " : ""
        }
      }
    }
    return bytes
  }

  private static func quoted(_ text: String) -> String {
    let bytes = Array(text.utf8)
    let special: [UInt8] = [0x22, 0x2C, 0x3B, 0x09, 0x0A, 0x0D]
    let edges: [UInt8?] = [0x20, 0x23]
    let isBare =
      !bytes.isEmpty && !bytes.contains { special.contains($0) } && !edges.contains(bytes.first)
      && bytes.last != 0x20 && !bytes.starts(with: CSVReader.mark)
      && CSVReader.number(bytes, from: 0, to: bytes.count) == nil
    if isBare { return text }
    return "\""
      + text.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"") + "\""
  }
}
