/// A chart laid out in the cells of a terminal.
///
/// From top to bottom: the title, the colour bar of a heat map, the legend (with the name of the vertical axis at its left), the
/// plot with the tick labels at its left, the horizontal axis, its labels and its name.
struct TerminalChart {
  let chart: Chart
  let prepared: PreparedChart
  let style: TerminalStyle
  /// The smallest chart that can be read.
  static let leastWidth = 38

  let width: Int
  let ascii: Bool
  private let legend: [[LegendEntry]]
  private let xLabel: String?
  private let yLabel: String?
  private let title: String?
  /// The line of the legend: below the title and a heat map's colour bar.
  private let legendRow: Int
  /// The column of the vertical axis: the plot begins one further on.
  let axisColumn: Int
  let top: Int
  let rows: Int
  private let yTicks: [Tick]
  var columns: Int { width - axisColumn - 1 }

  private struct LegendEntry {
    var sample: String
    var label: String
    var colour: UInt8?
    var columns: Int { sample.columns + 1 + label.columns }
  }

  init(_ chart: Chart, options: TerminalOptions) {
    self.chart = chart
    let prepared = PreparedChart(chart)
    self.prepared = prepared
    style = TerminalStyle(options: options, isOverHeat: prepared.heat != nil)
    let width = max(16, options.width)
    let ascii = options.ascii
    self.width = width
    self.ascii = ascii
    func shown(_ label: String?) -> String? {
      guard let text = label.map({ Markup($0).text(ascii: ascii) }), text.columns > 0 else {
        return nil
      }
      return text.fitted(to: width, ascii: ascii)
    }
    xLabel = shown(chart.xLabel)
    yLabel = shown(chart.yLabel)
    title = shown(chart.title)
    let indent = yLabel.map { max(8, $0.columns + 3) } ?? 8
    legend = Self.legend(
      chart, prepared, style, firstIndent: indent, width: width,
      lines: max(1, options.height / 4))
    legendRow = (title == nil ? 0 : 1) + (prepared.heat.map { $0.isEmpty ? 0 : 2 } ?? 0)
    top = legendRow + max(legend.count, yLabel == nil ? 0 : 1)
    rows = max(4, options.height - top - 2 - (xLabel == nil ? 0 : 1))
    let lines = Double(rows)
    let ofCells = prepared.heat.flatMap { heat in
      PreparedHeatMap.ticks(heat.y, prepared.y) { distance, _ in distance * lines >= 1.5 }
    }
    yTicks =
      ofCells
      ?? Self.ticks(prepared.y, count: max(2, rows / 3)).filter { prepared.y.contains($0.value) }
    let widest = yTicks.map { $0.label?.text(ascii: ascii).columns ?? 0 }.max() ?? 0
    axisColumn = min(widest + 1, width / 2)
  }

  private static func ticks(_ axis: Axis, count: Int) -> [Tick] {
    axis.ticks(count: count).filter { $0.label != nil }
  }

  // MARK: Drawing

  /// The chart without its notes.
  func grid() -> TextGrid {
    var grid = TextGrid(width: width, height: top + rows + 2 + (xLabel == nil ? 0 : 1))
    drawHead(&grid)
    drawColourBar(&grid, row: title == nil ? 0 : 1)
    drawAxes(&grid)
    drawHeat(&grid)
    drawContours(&grid)
    drawMarks(&grid)
    drawBands(&grid)
    drawLines(&grid)
    drawErrorBars(&grid)
    drawMarkers(&grid)
    if prepared.isEmpty {
      let words = "no data"
      grid.write(
        words, column: axisColumn + 1 + max(0, (columns - words.count) / 2), row: top + rows / 2,
        colour: TerminalStyle.dim)
    }
    return grid
  }

  private func drawHead(_ grid: inout TextGrid) {
    if let title {
      let centre = axisColumn + 1 + columns / 2
      grid.write(
        title, column: max(0, min(centre - title.columns / 2, width - title.columns)), row: 0,
        colour: TerminalStyle.bold)
    }
    let first = legendRow
    if let yLabel {
      grid.write(yLabel, column: max(0, axisColumn + 1 - yLabel.columns), row: first)
    }
    for (i, line) in legend.enumerated() {
      var column = max(axisColumn + 3, i == 0 ? (yLabel?.columns ?? 0) + 3 : 0)
      let length = line.reduce(-3) { $0 + $1.columns + 3 }
      column = max(0, min(column, width - length))
      for entry in line {
        grid.write(entry.sample, column: column, row: first + i, colour: entry.colour)
        grid.write(entry.label, column: column + entry.sample.columns + 1, row: first + i)
        column += entry.columns + 3
      }
    }
  }

  private func drawAxes(_ grid: inout TextGrid) {
    for row in top..<top + rows { grid.write(style.vertical, column: axisColumn, row: row) }
    for tick in yTicks {
      let row = self.row(tick.value)
      let label = tick.label?.text(ascii: ascii) ?? ""
      grid.write(style.yTick, column: axisColumn, row: row)
      grid.write(label, column: max(0, axisColumn - 1 - label.columns) + 0, row: row)
    }
    let bottom = top + rows
    grid.write(style.corner, column: axisColumn, row: bottom)
    for column in axisColumn + 1..<width {
      grid.write(style.horizontal, column: column, row: bottom)
    }
    let ofCells = prepared.heat.flatMap { heat in
      PreparedHeatMap.ticks(heat.x, prepared.x) { distance, letters in
        distance * Double(columns) > Double(letters) / 2 + 2
      }
    }
    let ticks = tickLabels(prepared.x, columns: columns, ofCells) { value in
      let column = self.column(value)
      // A tick on the corner is the corner.
      return column == axisColumn + 1 ? axisColumn : column
    }
    for (label, column, start) in ticks {
      if column > axisColumn { grid.write(style.xTick, column: column, row: bottom) }
      grid.write(label, column: start, row: bottom + 1)
    }
    if let xLabel {
      let centre = axisColumn + 1 + columns / 2
      grid.write(
        xLabel, column: max(0, min(centre - xLabel.columns / 2, width - xLabel.columns)),
        row: bottom + 2)
    }
  }

  /// As many labels as fit side by side on an axis of so many columns: where each tick is, and
  /// where its label begins.
  ///
  /// - Parameter wanted: the ticks to show if they fit.
  func tickLabels(
    _ axis: Axis, columns: Int, _ wanted: [Tick]? = nil, at place: (Double) -> Int
  ) -> [(label: String, column: Int, start: Int)] {
    var count = max(2, columns / 8)
    var wanted = wanted
    while true {
      let ticks =
        wanted
        ?? Self.ticks(axis, count: count).filter { axis.contains($0.value) }
        .sorted { $0.value < $1.value }
      let placed = ticks.map { tick in
        let label = tick.label?.text(ascii: ascii) ?? ""
        let column = place(tick.value)
        let start = max(0, min(column - label.columns / 2, width - label.columns))
        return (label: label, column: column, start: start)
      }
      let fits = zip(placed, placed.dropFirst()).allSatisfy {
        $0.start + $0.label.columns + 2 <= $1.start
      }
      if fits { return placed }
      if wanted != nil {
        wanted = nil
        continue
      }
      if count <= 2 { return Array(placed.prefix(1)) }
      count -= 1
    }
  }

  private func drawMarks(_ grid: inout TextGrid) {
    for mark in prepared.marks {
      let column = self.column(mark.x)
      for row in top..<top + rows {
        grid.write(style.mark, column: column, row: row, colour: TerminalStyle.dim)
      }
      guard let label = mark.label.map({ Markup($0).text(ascii: ascii) }) else { continue }
      let isRight = column + 2 + label.columns <= width
      let start = isRight ? column + 2 : column - 1 - label.columns
      guard start > axisColumn else { continue }
      grid.write(label, column: start, row: top, colour: TerminalStyle.dim)
    }
  }

  // MARK: Places

  func column(_ x: Double) -> Int {
    let half = Int((prepared.x.fraction(x) * Double(2 * columns - 1)).rounded())
    return axisColumn + 1 + min(columns - 1, max(0, half / 2))
  }

  func row(_ y: Double) -> Int {
    let quarter = Int(((1 - prepared.y.fraction(y)) * Double(4 * rows - 1)).rounded())
    return top + min(rows - 1, max(0, quarter / 4))
  }
}

extension TerminalChart {
  // MARK: Legend

  private static func legend(
    _ chart: Chart, _ prepared: PreparedChart, _ style: TerminalStyle, firstIndent: Int,
    width: Int, lines: Int
  ) -> [[LegendEntry]] {
    guard chart.showsLegend else { return [] }
    let ascii = style.options.ascii
    var result: [[LegendEntry]] = []
    var free = 0
    let entries = prepared.curves.compactMap { curve -> LegendEntry? in
      guard let label = curve.label, !label.isEmpty else { return nil }
      return LegendEntry(
        sample: style.sample(curve),
        label: Markup(label).text(ascii: ascii).fitted(to: width - 12, ascii: ascii),
        colour: style.colour(curve.colour))
    }
    for (i, entry) in entries.enumerated() {
      if entry.columns + 3 > free {
        if result.count == lines {
          let more = LegendEntry(sample: "", label: "and \(entries.count - i) more", colour: nil)
          return result + [[more]]
        }
        free = width - (result.isEmpty ? firstIndent : 8)
        result.append([])
      }
      result[result.count - 1].append(entry)
      free -= entry.columns + 3
    }
    return result
  }
}
