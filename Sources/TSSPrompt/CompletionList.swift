import TSS

/// How several completions are shown under the input.
public enum CompletionList {
  /// With a line about each, very many in columns; in pages that leave room for the input.
  public static func pages(_ completions: [Completion], width: Int, height: Int) -> [String] {
    let rows = max(1, height - 4)
    let pages =
      completions.count <= 2 * rows
      ? stride(from: 0, to: completions.count, by: rows).map {
        described(completions[$0..<min($0 + rows, completions.count)], width: width)
      }
      : columns(completions.map(\.text), width: width, rows: rows)
    guard pages.count > 1 else { return pages }
    return pages.enumerated().map { index, page in
      page + shortened("  TAB shows more (\(index + 1) of \(pages.count))", width) + "\n"
    }
  }

  private static func described(_ completions: ArraySlice<Completion>, width: Int) -> String {
    // Long names must not push what is said of the others off the screen.
    let longest = min(completions.map(\.text.count).max() ?? 0, max(8, width / 2 - 4))
    return completions.map { completion in
      let line = "  " + padded(completion.text, longest) + "  " + completion.documentation
      return shortened(trimmed(line), width) + "\n"
    }.joined()
  }

  /// Each column is read downwards, as dictionaries are.
  private static func columns(_ names: [String], width: Int, rows limit: Int) -> [String] {
    let cell = (names.map(\.count).max() ?? 0) + 2
    let count = max(1, (width - 2) / cell)
    return stride(from: 0, to: names.count, by: count * limit).map { start in
      let shown = Array(names[start..<min(start + count * limit, names.count)])
      let rows = (shown.count + count - 1) / count
      return (0..<rows).map { row in
        let cells = stride(from: row, to: shown.count, by: rows).map { padded(shown[$0], cell) }
        return shortened(trimmed("  " + cells.joined()), width) + "\n"
      }.joined()
    }
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private static func trimmed(_ line: String) -> String {
    var line = line[...]
    while line.last == " " { line.removeLast() }
    return String(line)
  }

  private static func shortened(_ line: String, _ width: Int) -> String {
    line.count < width ? line : line.prefix(max(1, width - 2)) + "…"
  }
}
