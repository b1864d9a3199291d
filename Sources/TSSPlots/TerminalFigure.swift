extension Chart {
  /// The chart as text for a terminal, its notes below; every line ends with a line end.
  public func drawn(_ options: TerminalOptions = TerminalOptions()) -> String {
    Figure([self]).drawn(options)
  }

  /// What a drawing leaves out and why, one sentence each.
  public var notes: [String] { PreparedChart(self).notes }
}

extension Figure {
  /// The charts as text for a terminal: side by side as far as the width allows.
  public func drawn(_ options: TerminalOptions = TerminalOptions()) -> String {
    let gap = 2
    let fitting = max(1, (options.width + gap) / (TerminalChart.leastWidth + gap))
    let across = min(grid, fitting)
    var one = options
    one.width = (max(16, options.width) - gap * (across - 1)) / across
    // Charts side by side keep the shape of one alone.
    if across > 1 { one.height = min(options.height, max(14, one.width * 9 / 20)) }
    let drawings = charts.map { TerminalChart($0, options: one) }
    var text = ""
    let ascii = options.ascii
    if let title = title.map({ Markup($0).text(ascii: ascii) }), !title.isEmpty {
      var line = TextGrid(width: max(16, options.width), height: 1)
      let fitted = title.fitted(to: line.width, ascii: ascii)
      line.write(
        fitted, column: (line.width - fitted.columns) / 2, row: 0, colour: TerminalStyle.bold)
      text += line.text(colour: options.colour)
    }
    for start in stride(from: 0, to: charts.count, by: across) {
      let grids = drawings[start..<min(start + across, charts.count)].map { $0.grid() }
      let height = grids.map(\.height).max() ?? 0
      var row = TextGrid(width: across * (one.width + gap), height: height)
      for (i, grid) in grids.enumerated() {
        // The axes of a row stand on one line.
        row.place(grid, column: i * (one.width + gap), row: height - grid.height)
      }
      text += row.text(colour: options.colour)
    }
    for note in drawings.flatMap(\.prepared.notes) {
      for line in wrapped("note: " + Markup(note).text(ascii: ascii), width: options.width) {
        var grid = TextGrid(width: max(16, options.width), height: 1)
        grid.write(line, column: 0, row: 0, colour: TerminalStyle.dim)
        text += grid.text(colour: options.colour)
      }
    }
    return text
  }
}

private func wrapped(_ text: String, width: Int) -> [String] {
  var lines: [String] = []
  var line = ""
  for word in text.split(separator: " ") {
    if line.isEmpty {
      line = String(word)
    } else if line.columns + 1 + String(word).columns <= width {
      line += " " + word
    } else {
      lines.append(line)
      line = "  " + word
    }
  }
  return lines + [line]
}
