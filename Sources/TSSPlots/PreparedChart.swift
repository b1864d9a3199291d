#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A chart that can be drawn: finite points, positive where the axis is logarithmic, and two axes.
///
/// Both renderers start from here, so that they agree on what is left out.
struct PreparedChart {
  struct Point {
    var x: Double
    var y: Double
    /// Half the error bar; 0 for none.
    var error: Double
    /// Half the height of the band; 0 for none.
    var band: Double
    /// Whether something was left out before this point, so that no line may lead to it.
    var opensLine: Bool
  }

  struct Curve {
    var points: [Point]
    var label: String?
    var style: Series.Style
    var colour: Int
    /// Which shape of marker, from 0.
    ///
    /// Series without a label share the shape of the one before: the crosses of several networks
    /// are one entry in the legend, and colours tell them apart.
    var markerPlace = 0
    var hasLine: Bool { style == .line || style == .linesAndPoints }
    var hasMarkers: Bool { style != .line }
    var hasBand: Bool { points.contains { $0.band > 0 } }

    /// The points of a line that no line leads to or from, which would be invisible.
    var lonePoints: [Point] {
      points.indices.filter { i in
        points[i].opensLine && (i + 1 == points.count || points[i + 1].opensLine)
      }.map { points[$0] }
    }
  }

  var curves: [Curve] = []
  var heat: PreparedHeatMap?
  var x: Axis
  var y: Axis
  var marks: [Mark] = []
  /// What was left out and why, one sentence each.
  var notes: [String] = []

  init(_ chart: Chart) {
    var notes: [String] = []
    curves = chart.series.enumerated().map { place, series in
      Self.curve(series, place: place, chart: chart, notes: &notes)
    }
    heat = chart.heatMap.map { PreparedHeatMap($0, chart, notes: &notes) }
    var shapes = (crosses: 0, discs: 0)
    for i in curves.indices where curves[i].hasMarkers {
      let count = curves[i].style == .crosses ? \Shapes.crosses : \Shapes.discs
      if curves[i].label != nil { shapes[keyPath: count] += 1 }
      curves[i].markerPlace = max(0, shapes[keyPath: count] - 1)
    }
    let hasMarkers = curves.contains { $0.hasMarkers }
    (x, y) = Self.axes(chart, curves, heat, xPadding: hasMarkers ? 0.03 : 0)
    for (limits, isLog) in [(chart.xLimits, chart.logX), (chart.yLimits, chart.logY)] {
      for limit in [limits.lower, limits.upper].compactMap({ $0 })
      where !limit.isFinite || (isLog && limit <= 0) {
        let place = isLog ? "a logarithmic axis" : "an axis"
        notes.append("the limit \(TickLabel.short(limit)) left out: \(place) cannot end there")
      }
    }
    for mark in chart.marks {
      if mark.x.isFinite, x.contains(mark.x) {
        marks.append(mark)
      } else {
        notes.append("the mark at \(TickLabel.short(mark.x)) lies outside the chart")
      }
    }
    self.notes = notes
  }

  private typealias Shapes = (crosses: Int, discs: Int)

  /// Whether there is anything to see.
  var isEmpty: Bool { curves.allSatisfy { $0.points.isEmpty } && heat?.isEmpty ?? true }

  private static func curve(
    _ series: Series, place: Int, chart: Chart, notes: inout [String]
  ) -> Curve {
    let count = min(series.x.count, series.y.count)
    var points: [Point] = []
    points.reserveCapacity(count)
    var notFinite = 0
    var notPositive = 0
    var broken = false
    for i in 0..<count {
      let x = series.x[i]
      let y = series.y[i]
      if !x.isFinite || !y.isFinite {
        notFinite += 1
        broken = true
      } else if (chart.logX && x <= 0) || (chart.logY && y <= 0) {
        // A run is recorded from its start on: that the start itself has no place on a
        // logarithmic axis is no news.
        if !(i == 0 && chart.logX && x == 0) { notPositive += 1 }
        broken = true
      } else {
        points.append(
          Point(
            x: x, y: y, error: height(series.errors, i), band: height(series.band, i),
            opensLine: broken || points.isEmpty))
        broken = false
      }
    }
    let name = series.label.map { "`\($0)`" } ?? "series \(place + 1)"
    func note(_ count: Int, _ what: String) {
      guard count > 0 else { return }
      notes.append(
        "\(count) \(count == 1 ? "point" : "points") of \(name) left out: \(what)")
    }
    note(notFinite, "not finite")
    note(notPositive, "not positive on a logarithmic axis")
    if series.x.count != series.y.count {
      notes.append("\(name) has \(series.x.count) x and \(series.y.count) y: drawn to the shorter")
    }
    return Curve(
      points: points, label: series.label, style: series.style,
      colour: max(0, series.colour ?? place))
  }

  /// A height as it can be drawn: 0 where there is none.
  private static func height(_ heights: [Double]?, _ i: Int) -> Double {
    guard let heights, i < heights.count, heights[i].isFinite, heights[i] > 0 else { return 0 }
    return heights[i]
  }

  private static func axes(
    _ chart: Chart, _ curves: [Curve], _ heat: PreparedHeatMap?, xPadding: Double
  ) -> (Axis, Axis) {
    var horizontal = Range()
    for edge in heat?.xEdges ?? [] { horizontal.include(edge) }
    for curve in curves { for point in curve.points { horizontal.include(point.x) } }
    let isBare = horizontal.low == nil
    if isBare {
      // Nothing but marks: let them be seen.
      for mark in chart.marks where mark.x.isFinite && (!chart.logX || mark.x > 0) {
        horizontal.include(mark.x)
      }
    }
    let x = Axis(
      low: horizontal.low, high: horizontal.high, limits: chart.xLimits,
      isLogarithmic: chart.logX, padding: isBare || heat != nil ? 0 : xPadding)
    var vertical = Range()
    for edge in heat?.yEdges ?? [] { vertical.include(edge) }
    for curve in curves {
      for point in curve.points where x.contains(point.x) {
        vertical.include(point.y)
        let reach = max(point.error, point.band)
        guard reach > 0 else { continue }
        // An error as large as the value would stretch a logarithmic axis without end.
        let floor = chart.logY ? max(point.y / 10, .leastNonzeroMagnitude) : -Double.infinity
        let ends = [point.y - reach, point.y + reach]
        for end in ends where end.isFinite && end >= floor { vertical.include(end) }
      }
    }
    let y = Axis(
      low: vertical.low, high: vertical.high, limits: chart.yLimits,
      isLogarithmic: chart.logY, padding: vertical.low == nil || heat != nil ? 0 : 0.04)
    return (x, y)
  }

  private struct Range {
    var low: Double?
    var high: Double?
    mutating func include(_ value: Double) {
      low = min(low ?? value, value)
      high = max(high ?? value, value)
    }
  }
}
