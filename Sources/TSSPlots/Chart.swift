/// One curve or one cloud of points.
///
/// Anything may stand in `x` and `y`: values that cannot be drawn (not finite, or not positive on a
/// logarithmic axis) are left out when the chart is drawn, a line is broken there, and a note
/// says so. When the lists differ in length the longer one is cut.
public struct Series: Hashable, Sendable {
  /// How the points are shown.
  public enum Style: String, Hashable, Sendable, CaseIterable {
    /// A line through the points, for theory.
    case line
    /// A cross at each point, for simulations.
    case crosses
    /// A disc at each point.
    case points
    /// Discs joined by a line.
    case linesAndPoints
  }

  /// Where the points are.
  public var x: [Double]
  /// Where the points are.
  public var y: [Double]
  /// Half the height of each point's error bar; a value that is not a positive number has none.
  public var errors: [Double]?
  /// Half the height of a shaded band around the curve; where it is not a positive number there is
  /// none.
  public var band: [Double]?
  /// The name in the legend; a series without one is not listed there.
  public var label: String?
  /// How the points are shown.
  public var style: Style
  /// Which colour of the palette, from 0; `nil` takes the series' place in the chart.
  ///
  /// Theory and simulation of one network are given the same colour, so that the eye pairs them.
  public var colour: Int?

  /// A series through the points (x, y).
  public init(
    x: [Double], y: [Double], errors: [Double]? = nil, band: [Double]? = nil,
    label: String? = nil, style: Style = .line, colour: Int? = nil
  ) {
    self.x = x
    self.y = y
    self.errors = errors
    self.band = band
    self.label = label
    self.style = style
    self.colour = colour
  }
}

/// A vertical dotted line across a chart, such as the start of a phase.
public struct Mark: Hashable, Sendable {
  /// Where it stands.
  public var x: Double
  /// What is written beside it.
  public var label: String?

  /// A line at `x`.
  public init(x: Double, label: String? = nil) {
    self.x = x
    self.label = label
  }
}

/// The ends of an axis; an end that is `nil` is chosen from the data.
public struct Limits: Hashable, Sendable {
  /// The left or lower end.
  public var lower: Double?
  /// The right or upper end.
  public var upper: Double?

  /// An axis from `lower` to `upper`.
  public init(lower: Double? = nil, upper: Double? = nil) {
    self.lower = lower
    self.upper = upper
  }
}

/// A set of series, and perhaps a heat map, on one pair of axes: what is drawn, not how.
///
/// The same value is drawn in the terminal (``Chart/drawn(_:)``) and in files
/// (``Figure/write(to:with:)``). Labels are shown as they stand, except that `_{…}` and `^{…}`
/// lower and raise what is between the braces.
public struct Chart: Hashable, Sendable {
  /// The curves, drawn in this order.
  public var series: [Series]
  /// Colours below the curves.
  public var heatMap: HeatMap?
  /// Written above the chart.
  public var title: String?
  /// The name of the horizontal axis.
  public var xLabel: String?
  /// The name of the vertical axis.
  public var yLabel: String?
  /// Whether the horizontal axis is logarithmic.
  public var logX: Bool
  /// Whether the vertical axis is logarithmic.
  public var logY: Bool
  /// The ends of the horizontal axis.
  public var xLimits: Limits
  /// The ends of the vertical axis.
  public var yLimits: Limits
  /// Vertical dotted lines.
  public var marks: [Mark]
  /// Whether series with a label are listed.
  public var showsLegend: Bool

  /// A chart of `series`, over a heat map if there is one.
  public init(
    series: [Series] = [], heatMap: HeatMap? = nil, title: String? = nil, xLabel: String? = nil,
    yLabel: String? = nil, logX: Bool = false, logY: Bool = false, xLimits: Limits = Limits(),
    yLimits: Limits = Limits(), marks: [Mark] = [], showsLegend: Bool = true
  ) {
    self.series = series
    self.heatMap = heatMap
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.logX = logX
    self.logY = logY
    self.xLimits = xLimits
    self.yLimits = yLimits
    self.marks = marks
    self.showsLegend = showsLegend
  }
}

/// Charts in a grid, filled row by row.
public struct Figure: Hashable, Sendable {
  /// Width and height on paper.
  public struct Size: Hashable, Sendable {
    /// In centimetres.
    public var width: Double
    /// In centimetres.
    public var height: Double

    /// A size in centimetres.
    public init(width: Double, height: Double) {
      self.width = width
      self.height = height
    }
  }

  /// The charts, row by row.
  public var charts: [Chart]
  /// How many charts stand side by side; at least one.
  public var columns: Int
  /// The size on paper; `nil` gives every chart the width of a journal's column.
  public var size: Size?
  /// Written above all charts.
  public var title: String?

  /// A grid of charts; without `columns` there are at most two side by side.
  public init(
    _ charts: [Chart], columns: Int? = nil, size: Size? = nil, title: String? = nil
  ) {
    self.charts = charts
    self.columns = max(1, columns ?? min(2, charts.count))
    self.size = size
    self.title = title
  }
}

extension Figure {
  /// How many rows the grid has.
  var rows: Int { max(1, (charts.count + grid - 1) / grid) }

  /// How many columns are in use: a grid is never wider than its charts.
  var grid: Int { max(1, min(columns, charts.count)) }

  /// The size on paper, in centimetres: what was asked for if it is a sensible size.
  package var paper: Size {
    let sensible = 1.5...200.0
    if let size, sensible.contains(size.width), sensible.contains(size.height) { return size }
    return Size(
      width: min(200, 8.6 * Double(grid)),
      height: min(200, 6.2 * Double(rows) + (title == nil ? 0 : 0.6)))
  }
}
