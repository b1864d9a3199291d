import TSS

/// How several completions are shown under the input.
enum CompletionList {
  /// Few with a line about each, many in columns.
  static func text(_ completions: [Completion], width: Int) -> String {
    completions.count <= 12
      ? described(completions, width: width) : columns(completions.map(\.text), width: width)
  }

  private static func described(_ completions: [Completion], width: Int) -> String {
    let longest = completions.map(\.text.count).max() ?? 0
    return completions.map { completion in
      let line = "  " + padded(completion.text, longest) + "  " + completion.documentation
      return shortened(trimmed(line), width) + "\n"
    }.joined()
  }

  private static func columns(_ names: [String], width: Int) -> String {
    let limit = 120
    let shown = names.prefix(limit)
    let cell = (shown.map(\.count).max() ?? 0) + 2
    let count = max(1, width / cell)
    let rows = (shown.count + count - 1) / count
    var text = ""
    for row in 0..<rows {
      var line = ""
      for index in stride(from: row, to: shown.count, by: rows) {
        line += padded(shown[index], cell)
      }
      text += trimmed(line) + "\n"
    }
    return names.count > limit ? text + "… and \(names.count - limit) more\n" : text
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
