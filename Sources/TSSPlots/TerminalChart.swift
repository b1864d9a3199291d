/// A chart laid out in the cells of a terminal.
///
/// From top to bottom: the title, the legend (with the name of the vertical axis at its left), the
/// plot with the tick labels at its left, the horizontal axis, its labels and its name.
struct TerminalChart {
  let chart: Chart
  let prepared: PreparedChart
  let style: TerminalStyle
  /// The smallest chart that can be read.
  static let leastWidth = 38

  private let width: Int
  private let ascii: Bool
  private let legend: [[LegendEntry]]
  private let xLabel: String?
  private let yLabel: String?
  private let title: String?
  /// The column of the vertical axis: the plot begins one further on.
  private let axisColumn: Int
  private let top: Int
  private let rows: Int
  private let yTicks: [Tick]
  private var columns: Int { width - axisColumn - 1 }

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
    style = TerminalStyle(options: options)
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
    top = (title == nil ? 0 : 1) + max(legend.count, yLabel == nil ? 0 : 1)
    rows = max(4, options.height - top - 2 - (xLabel == nil ? 0 : 1))
    yTicks = Self.ticks(prepared.y, count: max(2, rows / 3)).filter {
      prepared.y.contains($0.value)
    }
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
    drawAxes(&grid)
    drawMarks(&grid)
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
    let first = title == nil ? 0 : 1
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
    for (label, column, start) in xTicks() {
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

  /// As many labels as fit side by side: where each tick is, and where its label begins.
  private func xTicks() -> [(label: String, column: Int, start: Int)] {
    var count = max(2, columns / 8)
    while true {
      let ticks = Self.ticks(prepared.x, count: count).filter { prepared.x.contains($0.value) }
        .sorted { $0.value < $1.value }
      let placed = ticks.map { tick in
        let label = tick.label?.text(ascii: ascii) ?? ""
        var column = self.column(tick.value)
        // A tick on the corner is the corner.
        if column == axisColumn + 1 { column = axisColumn }
        let start = max(0, min(column - label.columns / 2, width - label.columns))
        return (label: label, column: column, start: start)
      }
      let fits = zip(placed, placed.dropFirst()).allSatisfy {
        $0.start + $0.label.columns + 2 <= $1.start
      }
      if fits { return placed }
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

  private func column(_ x: Double) -> Int {
    let half = Int((prepared.x.fraction(x) * Double(2 * columns - 1)).rounded())
    return axisColumn + 1 + min(columns - 1, max(0, half / 2))
  }

  private func row(_ y: Double) -> Int {
    let quarter = Int(((1 - prepared.y.fraction(y)) * Double(4 * rows - 1)).rounded())
    return top + min(rows - 1, max(0, quarter / 4))
  }
}

// MARK: - Curves

extension TerminalChart {
  private func drawLines(_ grid: inout TextGrid) {
    var canvas = DotCanvas(columns: columns, rows: rows, isBraille: !ascii)
    let across = Double(canvas.dotsAcross - 1)
    let down = Double(canvas.dotsDown - 1)
    for (owner, curve) in prepared.curves.enumerated() where curve.hasLine {
      let dashes = style.dashes(curve.colour)
      let places = Thinning.line(
        Thinning.places(curve, prepared.x, prepared.y), opens: { curve.points[$0].opensLine },
        columns: canvas.dotsAcross)
      var before: (x: Double, y: Double)?
      var travelled = 0.0
      for place in places {
        let here = (x: place.u * across, y: (1 - place.v) * down)
        let opens = curve.points[place.index].opensLine
        canvas.line(
          from: opens ? here : before ?? here, to: here, owner: owner, dashes: dashes,
          travelled: &travelled)
        before = here
      }
    }
    for row in 0..<rows {
      for column in 0..<columns {
        let pattern = canvas.patterns[row * columns + column]
        guard pattern != 0 else { continue }
        let place = prepared.curves[canvas.owners[row * columns + column]].colour
        grid.write(
          ascii
            ? style.asciiLine(place)
            : String(Character(Unicode.Scalar(0x2800 + UInt32(pattern))!)),
          column: axisColumn + 1 + column, row: top + row, colour: style.colour(place))
      }
    }
  }

  /// The points of a curve that get a marker: no two in neighbouring cells of one curve.
  private func marked(_ curve: PreparedChart.Curve) -> [PreparedChart.Point] {
    Thinning.markers(
      Thinning.places(curve, prepared.x, prepared.y), width: 4 / Double(columns),
      height: 1.5 / Double(rows)
    ).map { curve.points[$0.index] }
  }

  private func drawErrorBars(_ grid: inout TextGrid) {
    for curve in prepared.curves {
      let colour = style.colour(curve.colour)
      for point in marked(curve) where point.error > 0 {
        let high = half(point.y + point.error)
        let low = half(point.y - point.error)
        let column = self.column(point.x)
        for row in high / 2...low / 2 {
          let stroke =
            row == high / 2 && high % 2 == 1
            ? style.lowerHalf : row == low / 2 && low % 2 == 0 ? style.upperHalf : style.vertical
          grid.write(stroke, column: column, row: top + row, colour: colour)
        }
      }
    }
  }

  /// The half row of a value, counted from the top; the first or last one if it is beyond.
  private func half(_ y: Double) -> Int {
    let isBelow = prepared.y.isLogarithmic && y <= 0
    let fraction = isBelow ? 0 : min(1, max(0, prepared.y.fraction(y)))
    return min(2 * rows - 1, Int((1 - fraction) * Double(2 * rows)))
  }

  private func drawMarkers(_ grid: inout TextGrid) {
    for curve in prepared.curves {
      let points = curve.hasMarkers ? marked(curve) : curve.lonePoints
      for point in points where prepared.x.contains(point.x) && prepared.y.contains(point.y) {
        grid.write(
          style.marker(curve), column: column(point.x), row: row(point.y),
          colour: style.colour(curve.colour))
      }
    }
  }

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
