/// A rectangle of character cells, each with its colours: the paper on which the terminal draws.
///
/// Text is kept as cells until the end, so that charts can be put side by side and lines cut
/// without counting escape sequences.
struct TextGrid {
  struct Cell {
    /// The second half of a wide character is an empty string.
    var text: String = " "
    /// `nil` for the terminal's own colour.
    var colour: Colour? = nil
    /// The place among the 256 colours of what lies behind; `nil` for the terminal's own.
    var background: UInt8? = nil
  }

  enum Colour: Hashable {
    /// The parameter of an escape sequence.
    case basic(UInt8)
    /// A place among the 256 colours.
    case indexed(UInt8)

    var parameters: String {
      switch self {
      case .basic(let parameter): String(parameter)
      case .indexed(let place): "38;5;\(place)"
      }
    }
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
  ///
  /// On the colours of a heat map they stay behind it, and the text is black or white.
  mutating func write(_ text: String, column: Int, row: Int, colour: UInt8? = nil) {
    var column = column
    for character in text {
      let columns = character.columns
      if columns == 0 { continue }
      guard column + columns <= width else { return }
      let behind = column >= 0 && row >= 0 && row < height ? self[column, row].background : nil
      let ink = behind.map { Colour.indexed(ColourScale.contrast($0)) } ?? colour.map(Colour.basic)
      self[column, row] = Cell(text: String(character), colour: ink, background: behind)
      if columns == 2 { self[column + 1, row] = Cell(text: "", colour: ink, background: behind) }
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
      guard let last = line.lastIndex(where: { $0.text != " " || $0.background != nil }) else {
        result += "\n"
        continue
      }
      var current = Cell()
      for cell in line[...last] {
        // A blank has no colour of its own to show.
        let isBlank = cell.text == " " && cell.background == nil
        let isSame =
          cell.background == current.background && (isBlank || cell.colour == current.colour)
        if colour, !isSame {
          result += Self.change(from: current, to: cell)
          current = cell
          if isBlank { current.colour = nil }
        }
        result += cell.text
      }
      if current.colour != nil || current.background != nil { result += "\u{1b}[0m" }
      result += "\n"
    }
    return result
  }
}

extension TextGrid {
  /// The escape sequence between two cells.
  private static func change(from old: Cell, to new: Cell) -> String {
    let isBlank = new.text == " " && new.background == nil
    guard !isBlank, let colour = new.colour else { return "\u{1b}[0m" }
    var parameters: [String] = []
    if old.background != nil, new.background == nil { parameters.append("0") }
    parameters.append(colour.parameters)
    if let behind = new.background, behind != old.background {
      parameters.append("48;5;\(behind)")
    }
    return "\u{1b}[\(parameters.joined(separator: ";"))m"
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
