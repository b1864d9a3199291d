/// The look of figures in files.
///
/// Lengths are points of 1/72 inch, whatever the format: the script scales them to its units.
struct GnuplotStyle {
  /// A format that a figure can be written in.
  enum Format: String, CaseIterable {
    case svg, pdf, png
  }

  var format: Format

  static let fontSize = 9.0
  static let keyFontSize = 8.0
  static let markFontSize = 7.0
  static let axisWidth = 0.5
  static let tickLength = 3.2
  static let lineWidth = 1.2
  static let markerWidth = 0.8
  /// By how much what lies below a curve on a heat map is wider than the curve.
  static let halo = 1.6

  /// How gnuplot's units relate to points; measured from the files of gnuplot 5.4, because every
  /// terminal of it has units of its own.
  private struct Units {
    /// Pixels in a point.
    var pixels: Double
    /// `font ',…'` for one point of type.
    var type: Double
    /// `lw` for a stroke of one point.
    var stroke: Double
    /// `ps` for a marker one point wide.
    var marker: Double
    /// `tics scale` for a tick of one point.
    var tick: Double
    /// The terminal's `dashlength`.
    var dashes: Double
    /// The key's `spacing`: how high a terminal believes its letters to be differs, too.
    var spacing: Double
    /// How far tick labels are lifted towards the axis below them, in letters.
    var lift: Double
  }

  private var units: Units {
    switch format {
    case .svg:
      Units(
        pixels: 96.0 / 72, type: 96.0 / 72, stroke: 96.0 / 72, marker: 0.156, tick: 0.18,
        dashes: 0.8,
        spacing: 0.8, lift: 0.35)
    case .pdf:
      Units(
        pixels: 1, type: 1, stroke: 2, marker: 0.18, tick: 0.28, dashes: 1.7, spacing: 1.1, lift: 0)
    case .png:
      Units(
        pixels: 300.0 / 72, type: 300.0 / 96, stroke: 300.0 / 72, marker: 0.606, tick: 0.357,
        dashes: 1.7, spacing: 1.1, lift: 0)
    }
  }

  /// The command that chooses gnuplot's terminal.
  func terminal(_ paper: Figure.Size) -> String {
    let font = "font 'Helvetica,\(type(Self.fontSize))' dashlength \(rounded(units.dashes))"
    let width = paper.width / 2.54 * 72 * units.pixels
    let height = paper.height / 2.54 * 72 * units.pixels
    let pixels = "size \(Int(width.rounded())),\(Int(height.rounded()))"
    switch format {
    case .svg: return "set terminal svg \(pixels) \(font) background rgb 'white'"
    case .png: return "set terminal pngcairo \(pixels) \(font)"
    case .pdf:
      return "set terminal pdfcairo size \(rounded(paper.width))cm,\(rounded(paper.height))cm"
        + " \(font) fontscale 0.75"
    }
  }

  /// A size of type in points as in `font ',…'`.
  func type(_ points: Double) -> String { rounded(points * units.type) }

  /// A width in points as gnuplot's `lw`.
  func stroke(_ points: Double) -> String { "lw \(rounded(points * units.stroke))" }

  /// A marker's width in points as gnuplot's `ps`.
  func size(_ points: Double) -> String { "ps \(rounded(points * units.marker))" }

  /// The lengths of major and minor ticks.
  func ticks(_ major: Double, _ minor: Double) -> String {
    "set tics scale \(rounded(major * units.tick)),\(rounded(minor * units.tick))"
  }

  /// The script's palette: `ColourScale`.
  static var palette: String {
    let steps = ColourScale.anchors.enumerated().map { place, colour in
      let digits = String(colour, radix: 16)
      return "\(place) '#\(String(repeating: "0", count: 6 - digits.count))\(digits)'"
    }
    return "set palette defined (\(steps.joined(separator: ", ")))"
  }

  /// The spacing of the legend's lines.
  var keySpacing: String { "spacing \(rounded(units.spacing))" }

  /// How tick labels below an axis are moved.
  var xTickOffset: String { "offset 0,\(rounded(units.lift))" }

  // MARK: Telling curves apart

  // Neighbours differ in luminance as well as in hue, so that grey printing keeps them apart; the
  // hues are near those of Okabe and Ito (2008), which the colour-blind can tell from each other.
  private static let curveColours = [
    "#00457c", "#d1490c", "#3aa981", "#7b2d7b", "#e69f00", "#56b4e9", "#4d4d4d", "#a01c2c",
  ]
  private static let dashes = [
    "solid", "(9,3)", "(2,2)", "(9,3,2,3)", "(14,4)", "(5,2)", "(9,2,2,2,2,2)", "(1,3)",
  ]

  func colour(_ place: Int) -> String {
    "lc rgb '\(Self.curveColours[place % Self.curveColours.count])'"
  }

  func dash(_ place: Int) -> String { "dt \(Self.dashes[place % Self.dashes.count])" }

  /// The number of gnuplot's marker.
  func marker(_ curve: PreparedChart.Curve) -> String {
    let crosses = [2, 1, 3]
    let discs = [7, 4, 9, 12, 5, 6, 13, 8]
    let list = curve.style == .crosses ? crosses : discs
    return "pt \(list[curve.markerPlace % list.count])"
  }
}

/// At most four decimals: lengths on paper need no more, and scripts stay readable.
func rounded(_ value: Double) -> String {
  TickLabel.short((value * 10_000).rounded() / 10_000)
}
