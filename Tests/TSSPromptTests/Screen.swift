import TSSLanguage

/// A small terminal: what a user would see after a program has written its bytes.
///
/// Knows what libedit sends to an xterm, which is little. A character of double width takes two
/// cells, of which the second is empty; one without width joins the character before it. Rows that
/// scroll off the top are kept, but no cursor reaches them.
struct Screen {
  /// One place on the screen; `style` has the numbers of the SGR sequences since the last reset.
  struct Cell: Hashable {
    var character: Character?
    var style = ""

    static let blank = Cell(character: " ")
  }

  private(set) var columns: Int
  private(set) var height: Int
  /// The uppermost row that is still on the screen.
  private(set) var top = 0
  private(set) var rows: [[Cell]] = [[]]
  private(set) var row = 0
  private(set) var column = 0
  private var saved = (row: 0, column: 0)
  private var pending = ""
  private var style = ""

  init(columns: Int, height: Int = 24) {
    self.columns = columns
    self.height = height
  }

  /// What is written stays where it is, as in an xterm that does not wrap lines anew.
  mutating func resize(columns: Int, height: Int) {
    self.columns = columns
    self.height = height
    top = max(0, rows.count - height)
  }

  /// The lines without spaces at their ends, and without empty lines at the bottom.
  var lines: [String] {
    var lines = rows.map { row in
      var line = String(row.compactMap(\.character))
      while line.last == " " { line.removeLast() }
      return line
    }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  /// The style of a text where it stands last on the screen; nil where it has none or several.
  func style(of text: String) -> String? {
    let wanted = Array(text)
    for row in rows.reversed() {
      let letters = row.filter { $0.character != nil }
      for start in (0..<max(1, letters.count - wanted.count + 1)).reversed()
      where letters.dropFirst(start).prefix(wanted.count).map(\.character!) == wanted {
        let styles = Set(letters[start..<start + wanted.count].map(\.style))
        return styles.count == 1 ? styles.first : nil
      }
    }
    return nil
  }

  var text: String { lines.joined(separator: "\n") }

  mutating func feed(_ text: String) {
    let scalars = Array((pending + text).unicodeScalars)
    pending = ""
    var index = 0
    while index < scalars.count {
      let scalar = scalars[index]
      index += 1
      switch scalar {
      case "\r": column = 0
      case "\n": down(1)
      case "\u{8}": column = max(0, column - 1)
      case "\u{7}": break
      case "\t": column = min(columns - 1, (column / 8 + 1) * 8)
      case "\u{1b}":
        guard let length = sequence(scalars[index...]) else {
          pending = String(String.UnicodeScalarView(scalars[(index - 1)...]))
          return
        }
        index += length
      default: put(Character(scalar))
      }
    }
  }

  private mutating func put(_ character: Character) {
    let width = DisplayWidth.of(character)
    if width == 0 { return join(character) }
    if column + width > columns {
      column = 0
      down(1)
    }
    fill(to: column + width)
    rows[row][column] = Cell(character: character, style: style)
    if width == 2 { rows[row][column + 1] = Cell(character: nil, style: style) }
    column += width
  }

  /// A combining character stands on the one before the cursor.
  private mutating func join(_ mark: Character) {
    var place = min(column, rows[row].count) - 1
    while place > 0, rows[row][place].character == nil { place -= 1 }
    guard place >= 0, let character = rows[row][place].character else { return }
    rows[row][place].character = Character(String(character) + String(mark))
  }

  private mutating func fill(to count: Int) {
    while rows[row].count < count { rows[row].append(.blank) }
  }

  private mutating func down(_ count: Int) {
    row += count
    while rows.count <= row { rows.append([]) }
    top = max(top, row - height + 1)
  }

  /// `ESC [ B` does not scroll.
  private mutating func downOnScreen(_ count: Int) { down(min(count, top + height - 1 - row)) }

  /// Obeys a sequence after its ESC; nil where it is not all there yet.
  private mutating func sequence(_ scalars: ArraySlice<Unicode.Scalar>) -> Int? {
    guard let first = scalars.first else { return nil }
    switch first {
    case "7": saved = (row, column)
    case "8": (row, column) = saved
    case "(", ")": return scalars.count > 1 ? 2 : nil
    case "_", "P":
      // Pictures and their like, to the terminator ESC \.
      let marks = scalars.indices.dropLast()
      guard let end = marks.first(where: { scalars[$0] == "\u{1b}" && scalars[$0 + 1] == "\\" })
      else { return nil }
      return end + 2 - scalars.startIndex
    case "[":
      let body = scalars.dropFirst()
      guard let end = body.firstIndex(where: { (0x40...0x7e).contains($0.value) }) else {
        return nil
      }
      let digits = String(String.UnicodeScalarView(body[..<end]))
      obey(scalars[end], digits)
      return end - scalars.startIndex + 1
    default: break
    }
    return 1
  }

  private mutating func obey(_ final: Unicode.Scalar, _ parameters: String) {
    let count = Int(parameters) ?? 1
    switch final {
    case "A": row = max(top, row - count)
    case "B": downOnScreen(count)
    case "C": column = min(columns - 1, column + count)
    case "D": column = max(0, column - count)
    case "G": column = count - 1
    case "H":
      row = top
      column = 0
    case "K":
      if rows[row].count > column { rows[row].removeLast(rows[row].count - column) }
    case "J":
      if rows[row].count > column { rows[row].removeLast(rows[row].count - column) }
      rows.removeLast(rows.count - row - 1)
    case "P":
      let end = min(column + count, rows[row].count)
      if end > column { rows[row].removeSubrange(column..<end) }
    case "@":
      fill(to: column)
      rows[row].insert(contentsOf: Array(repeating: .blank, count: count), at: column)
    case "m": style = parameters.isEmpty || parameters == "0" ? "" : graphics(parameters)
    default: break
    }
  }

  /// The style after the numbers of an SGR sequence.
  private func graphics(_ parameters: String) -> String {
    var numbers = style.split(separator: ";")
    for number in parameters.split(separator: ";") {
      switch number {
      case "0": numbers = []
      case "39": numbers.removeAll { $0.hasPrefix("3") }
      case "49": numbers.removeAll { $0.hasPrefix("4") && $0.count == 2 }
      default: numbers.append(number)
      }
    }
    return numbers.joined(separator: ";")
  }
}
