/// A screen as an SVG picture, character by character.
struct ScreenPicture {
  let screen: Screen

  private static let cell = (width: 8.4, height: 17.0)
  private static let margin = 12.0
  private static let ink = "#d8dee9"

  var svg: String {
    let rows = Array(screen.rows.prefix(screen.lines.count))
    let width = Double(screen.columns) * Self.cell.width + 2 * Self.margin
    let height = Double(rows.count) * Self.cell.height + 2 * Self.margin
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(width) \(height)\""
        + " width=\"\(width)\" height=\"\(height)\" font-size=\"14\""
        + " font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\">",
      "<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#1e222a\"/>",
    ]
    for (index, row) in rows.enumerated() { lines += self.line(row, index) }
    return (lines + ["</svg>", ""]).joined(separator: "\n")
  }

  /// Words of one style each, every one at its own place: not all that draws SVG knows the widths
  /// of the terminal's characters.
  private func line(_ row: [Screen.Cell], _ index: Int) -> [String] {
    let y = Self.margin + Double(index) * Self.cell.height + 14
    var pieces: [String] = []
    var start = 0
    while start < row.count {
      guard let first = row[start].character, first != " " else {
        start += 1
        continue
      }
      if let dots = dots(first, column: start, row: index, row[start].style) {
        pieces.append(dots)
        start += 1
        continue
      }
      var end = start
      while end < row.count, row[end].style == row[start].style, row[end].character != " ",
        !Self.isBraille(row[end].character)
      {
        end += 1
      }
      let x = ((Self.margin + Double(start) * Self.cell.width) * 10).rounded() / 10
      let text = row[start..<end].compactMap(\.character).map(Self.escaped).joined()
      pieces.append(
        "<text x=\"\(x)\" y=\"\(y)\"\(Self.attributes(row[start].style))>\(text)</text>")
      start = end
    }
    return pieces
  }

  private static func isBraille(_ character: Character?) -> Bool {
    character?.unicodeScalars.first.map { (0x2800...0x28ff).contains($0.value) } ?? false
  }

  /// Braille as dots, since fonts differ in its width; nil for other characters.
  private func dots(_ character: Character, column: Int, row: Int, _ style: String) -> String? {
    guard Self.isBraille(character) else { return nil }
    let pattern = character.unicodeScalars.first!.value - 0x2800
    // Bits 0, 1, 2, 6 are the left column from the top, 3, 4, 5, 7 the right one.
    let places = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]
    var path = ""
    for (bit, place) in places.enumerated() where pattern >> UInt32(bit) & 1 == 1 {
      let x = Self.margin + (Double(column) + 0.25 + 0.5 * Double(place.0)) * Self.cell.width
      let y = Self.margin + (Double(row) + 0.125 + 0.25 * Double(place.1)) * Self.cell.height
      path += "M\((x * 10).rounded() / 10) \((y * 10).rounded() / 10)h0"
    }
    let color = Self.color(style)
    return "<path d=\"\(path)\" stroke=\"\(color)\" stroke-width=\"2\" stroke-linecap=\"round\"/>"
  }

  /// Of the numbers of SGR sequences.
  private static func attributes(_ style: String) -> String {
    var text = " fill=\"\(color(style))\""
    for number in style.split(separator: ";") {
      switch number {
      case "1": text += " font-weight=\"bold\""
      case "2": text += " opacity=\"0.55\""
      case "3": text += " font-style=\"italic\""
      case "4": text += " text-decoration=\"underline\""
      default: break
      }
    }
    return text
  }

  private static func color(_ style: String) -> String {
    style.split(separator: ";").compactMap { palette[String($0)] }.last ?? ink
  }

  private static let palette = [
    "31": "#e06c75", "32": "#98c379", "33": "#e5c07b", "34": "#61afef", "35": "#c678dd",
    "36": "#56b6c2", "90": "#7f848e", "91": "#e06c75", "92": "#98c379", "93": "#e5c07b",
    "94": "#61afef", "95": "#c678dd", "96": "#56b6c2",
  ]

  private static func escaped(_ character: Character) -> String {
    switch character {
    case "<": "&lt;"
    case ">": "&gt;"
    case "&": "&amp;"
    default: String(character)
    }
  }
}
