/// A line as it is shown in a message: tabs as spaces, and cut to the width of the terminal around
/// what is marked in it.
struct LineExcerpt {
  private(set) var text = ""
  /// The bytes of the line.
  private let range: Range<Int>
  /// Where each character that is shown begins, in bytes and in columns; one more for the end.
  private var starts: [(offset: Int, column: Int)] = []

  init(_ source: Source, _ line: Int, around focus: Span, columns: Int) {
    range = source.lineRange(line)
    // Of a megabyte line only the neighbourhood is looked at.
    var low = range.lowerBound
    var high = range.upperBound
    if range.count > 8 * columns {
      low = max(low, min(focus.start, high) - 4 * columns)
      high = min(high, max(focus.start, low) + 4 * columns)
      while low > range.lowerBound, source.bytes[low] & 0xC0 == 0x80 { low -= 1 }
      while high < range.upperBound, source.bytes[high] & 0xC0 == 0x80 { high += 1 }
    }
    var cells: [(text: String, width: Int, offset: Int)] = []
    var offset = low
    for character in String(decoding: source.bytes[low..<high], as: UTF8.self) {
      let shown = LineExcerpt.shown(character)
      cells.append((shown, DisplayWidth.of(shown), offset))
      offset += character.utf8.count
    }
    let total = cells.reduce(0) { $0 + $1.width }
    var first = 0
    var last = cells.count
    if total > columns || high - low < range.count {
      let target = cells.firstIndex { $0.offset >= focus.start } ?? cells.count
      // The mark stands in the first half, unless the line ends sooner.
      var room = (columns - 2) / 3
      first = target
      while first > 0, cells[first - 1].width <= room {
        first -= 1
        room -= cells[first].width
      }
      room = columns - 2
      last = first
      while last < cells.count, cells[last].width <= room {
        room -= cells[last].width
        last += 1
      }
      if last == cells.count {
        while first > 0, cells[first - 1].width <= room {
          first -= 1
          room -= cells[first].width
        }
      }
    }
    let isCutLeft = first > 0 || low > range.lowerBound
    let isCutRight = last < cells.count || high < range.upperBound
    text = isCutLeft ? "…" : ""
    var column = isCutLeft ? 1 : 0
    for cell in cells[first..<last] {
      starts.append((cell.offset, column))
      text += cell.text
      column += cell.width
    }
    starts.append((last < cells.count ? cells[last].offset : offset, column))
    if isCutRight { text += "…" }
  }

  /// Where a span stands in the text, and whether it goes on in the next line; nil where it was
  /// cut off.
  func columns(of span: Span) -> (column: Int, count: Int, goesOn: Bool)? {
    guard let first = starts.lastIndex(where: { $0.offset <= span.start }) else { return nil }
    if first == starts.count - 1, span.start < range.upperBound { return nil }
    let end = starts.first { $0.offset >= span.end } ?? starts[starts.count - 1]
    let goesOn = span.end > range.upperBound + 2 && span.start < range.upperBound
    return (starts[first].column, max(1, end.column - starts[first].column), goesOn)
  }

  private static func shown(_ character: Character) -> String {
    if character == "\t" { return "    " }
    guard let scalar = character.unicodeScalars.first else { return "" }
    switch scalar.properties.generalCategory {
    // Nothing that steers a terminal, and nothing invisible.
    case .control, .format, .lineSeparator, .paragraphSeparator: return "\u{FFFD}"
    default: return String(character)
    }
  }
}
