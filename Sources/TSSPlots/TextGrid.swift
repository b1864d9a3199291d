/// A rectangle of character cells, each with a colour: the paper on which the terminal draws.
///
/// Text is kept as cells until the end, so that charts can be put side by side and lines cut
/// without counting escape sequences.
struct TextGrid {
  struct Cell {
    /// The second half of a wide character is an empty string.
    var text: String = " "
    /// The parameter of the escape sequence; `nil` for the terminal's own colour.
    var colour: UInt8? = nil
  }

  let width: Int
  let height: Int
  private var cells: [Cell]

  init(width: Int, height: Int) {
    self.width = max(0, width)
    self.height = max(0, height)
    cells = Array(repeating: Cell(), count: self.width * self.height)
  }

  subscript(column: Int, row: Int) -> Cell {
    get { cells[row * width + column] }
    set {
      guard column >= 0, column < width, row >= 0, row < height else { return }
      cells[row * width + column] = newValue
    }
  }

  /// Writes `text` from `column` on; what does not fit on the line is cut.
  mutating func write(_ text: String, column: Int, row: Int, colour: UInt8? = nil) {
    var column = column
    for character in text {
      let columns = character.columns
      if columns == 0 { continue }
      guard column + columns <= width else { return }
      self[column, row] = Cell(text: String(character), colour: colour)
      if columns == 2 { self[column + 1, row] = Cell(text: "", colour: colour) }
      column += columns
    }
  }

  /// Copies `other` so that its corner is at (`column`, `row`).
  mutating func place(_ other: TextGrid, column: Int, row: Int) {
    for y in 0..<other.height {
      for x in 0..<other.width { self[column + x, row + y] = other[x, y] }
    }
  }

  /// The lines, without blanks at their ends, each closed by a line end.
  func text(colour: Bool) -> String {
    var result = ""
    for row in 0..<height {
      let line = cells[row * width..<(row + 1) * width]
      guard let last = line.lastIndex(where: { $0.text != " " }) else {
        result += "\n"
        continue
      }
      var current: UInt8?
      for cell in line[...last] {
        // A blank has no colour to show.
        if colour, cell.text != " ", cell.colour != current {
          result += cell.colour.map { "\u{1b}[\($0)m" } ?? "\u{1b}[0m"
          current = cell.colour
        }
        result += cell.text
      }
      if current != nil { result += "\u{1b}[0m" }
      result += "\n"
    }
    return result
  }
}

extension Character {
  /// How many columns a terminal gives it.
  ///
  /// `wcwidth` would ask the locale, which a program that never calls `setlocale` does not have.
  var columns: Int {
    guard let first = unicodeScalars.first else { return 0 }
    switch first.properties.generalCategory {
    case .control, .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    switch first.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
      0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF,
      0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }
}

extension String {
  /// How many columns a terminal gives it.
  package var columns: Int { reduce(0) { $0 + $1.columns } }

  /// The beginning that fits in `width` columns, with an ellipsis where something was cut.
  func fitted(to width: Int, ascii: Bool) -> String {
    guard columns > width else { return self }
    let ellipsis = ascii ? "." : "…"
    var result = ""
    var used = 1
    for character in self {
      used += character.columns
      if used > width { break }
      result.append(character)
    }
    return width > 0 ? result + ellipsis : ""
  }
}
