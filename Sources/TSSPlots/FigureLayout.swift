/// Where the charts of a figure stand on the paper, in fractions of it from the lower left corner.
///
/// The margins are the same for every chart, so that the frames of a grid are of one size and
/// stand in line; gnuplot's own layout gives each chart what its labels need.
struct FigureLayout {
  struct Frame {
    var left: Double
    var right: Double
    var bottom: Double
    var top: Double
    /// In points.
    var width: Double
    /// In points.
    var height: Double
  }

  let figure: Figure
  let charts: [PreparedChart]
  let frames: [Frame]
  /// The ticks of each chart, as many as its frame has room for.
  let xTicks: [[Tick]]
  let yTicks: [[Tick]]
  /// Those of each chart's colour bar; none where there is no heat map.
  let barTicks: [[Tick]]
  /// What is left of each frame for tick labels and the axis's name, in points.
  let leftMargin: Double
  /// Where the labels of each chart's marks stand; `nil` for a mark without one.
  let markLabels: [[MarkLabel?]]
  /// Where each chart's legend stands.
  let legends: [LegendPlace]

  /// Legends longer than this stand at the right of the frame.
  static let longestInnerLegend = 8

  init(_ figure: Figure) {
    self.figure = figure
    let prepared = figure.charts.map { PreparedChart($0) }
    charts = prepared
    let type = GnuplotStyle.fontSize
    let width = figure.paper.width / 2.54 * 72
    let height = figure.paper.height / 2.54 * 72
    let title = figure.title.map { $0.isEmpty } ?? true ? 0 : type * 2
    let cellWidth = width / Double(figure.grid)
    let cellHeight = (height - title) / Double(figure.rows)

    // About one label to 1.2 cm upwards; sideways it depends on how wide they are.
    let across = prepared.map { chart in
      let room = cellWidth * (chart.heat == nil ? 0.75 : 0.6)
      return chart.heat.flatMap { heat in
        PreparedHeatMap.ticks(heat.x, chart.x) { distance, letters in
          distance * room > (Double(letters) / 2 + 1) * type * 0.53
        }
      } ?? Self.ticks(chart.x, room: room, isVertical: false)
    }
    let up = prepared.map { chart in
      let room = cellHeight * 0.75
      return chart.heat.flatMap { heat in
        PreparedHeatMap.ticks(heat.y, chart.y) { distance, _ in distance * room > type * 1.3 }
      } ?? Self.ticks(chart.y, room: room, isVertical: true)
    }
    xTicks = across
    yTicks = up
    let bars = prepared.map { chart in
      chart.heat.map { Self.ticks($0.scale, room: cellHeight * 0.75, isVertical: true) } ?? []
    }
    barTicks = bars

    let labels = up.joined().map { Self.columns($0.label) }
    let has = { (label: (Chart) -> String?) in figure.charts.contains { label($0) != nil } }
    let left =
      (labels.max() ?? 1) * type * 0.53 + (has { $0.yLabel } ? type * 2 : 0) + 7
      + (figure.hasHeatMap ? GnuplotStyle.tickLength + 3 : 0)
    let right = max(
      9,
      zip(figure.charts, prepared).map { chart, prepared in
        Self.hasOuterLegend(chart) ? prepared.legendSize.width + 10 : 0
      }.max() ?? 0,
      zip(prepared, bars).compactMap { $0.heat?.barWidth(ticks: $1) }.max() ?? 0)
    // Ticks that stand inside would vanish among the colours.
    let tick = figure.hasHeatMap ? GnuplotStyle.tickLength : 0
    let bottom = type * 1.5 + (has { $0.xLabel } ? type * 1.5 : 0) + 5 + tick
    let top = has { $0.title } ? type * 1.8 : 6
    let columns = figure.grid
    leftMargin = min(left, cellWidth / 2)
    let frames = figure.charts.indices.map { i in
      let x = Double(i % columns) * cellWidth
      let y = height - title - Double(i / columns + 1) * cellHeight
      // On paper too small for its margins the frame keeps a third of the cell.
      let w = max(cellWidth - left - right, cellWidth / 3)
      let h = max(cellHeight - top - bottom, cellHeight / 3)
      let x0 = x + min(left, cellWidth / 2)
      let y0 = y + min(bottom, cellHeight / 2)
      return Frame(
        left: x0 / width, right: (x0 + w) / width, bottom: y0 / height, top: (y0 + h) / height,
        width: w, height: h)
    }
    self.frames = frames
    let placed = figure.charts.indices.map { i in
      var placement = Placement(prepared[i], frames[i])
      let marks = placement.markLabels()
      return (
        marks: marks, legend: placement.legend(isOuter: Self.hasOuterLegend(figure.charts[i]))
      )
    }
    markLabels = placed.map { $0.marks }
    legends = placed.map { $0.legend }
  }

  private static func hasOuterLegend(_ chart: Chart) -> Bool {
    chart.showsLegend && chart.heatMap == nil
      && chart.series.count { !($0.label ?? "").isEmpty } > longestInnerLegend
  }

  static func ticks(_ axis: Axis, room: Double, isVertical: Bool) -> [Tick] {
    var count = max(2, Int(room / 24))
    while true {
      let ticks = axis.ticks(count: count).filter {
        axis.contains($0.value)
      }
      let named = ticks.filter { $0.label != nil }
      let widest = named.map { columns($0.label) }.max() ?? 0
      let needed = Double(named.count) * (widest + 1.5) * GnuplotStyle.fontSize * 0.53
      if isVertical || needed <= room || count <= 2 { return ticks }
      count -= 1
    }
  }

  /// The width of a label in figures of full size.
  static func columns(_ label: TickLabel?) -> Double {
    switch label {
    case .plain(let text): return Double(text.count)
    case .power(let mantissa, let exponent):
      return Double((mantissa?.count ?? -1) + 3) + 0.9 * Double(String(exponent).count)
    case nil: return 0
    }
  }
}
