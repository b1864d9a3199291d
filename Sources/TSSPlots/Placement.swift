/// A place for the legend, in fractions of the frame.
struct LegendPlace {
  var x: Double
  var y: Double
  /// gnuplot's words for the corner of the legend that is there.
  var corner: String
}

/// A place for an upright label beside a mark, in fractions of the frame.
struct MarkLabel {
  var x: Double
  var y: Double
  /// Whether it ends at the place rather than begins there.
  var isTop: Bool
}

/// Finds room for words inside a frame: where they cover least of what is drawn.
struct Placement {
  private let chart: PreparedChart
  private let frame: FigureLayout.Frame
  /// Everything that is drawn, as dots near to one another, in fractions of the frame.
  private var dots: [(u: Double, v: Double)]

  init(_ chart: PreparedChart, _ frame: FigureLayout.Frame) {
    self.chart = chart
    self.frame = frame
    dots = chart.curves.flatMap { Self.dots($0, chart) }
  }

  private func cost(_ x: ClosedRange<Double>, _ y: ClosedRange<Double>) -> Int {
    dots.count { x.contains($0.u) && y.contains($0.v) }
  }

  /// Chooses a side and an end of each mark for its label.
  mutating func markLabels() -> [MarkLabel?] {
    chart.marks.map { mark in
      let u = chart.x.fraction(mark.x)
      var best: (cost: Int, place: MarkLabel, dots: [(Double, Double)])?
      let label = Markup(mark.label ?? "").text(ascii: false)
      let size = GnuplotStyle.markFontSize
      let length = Double(label.columns) * size * 0.52 / frame.height
      for isTop in [true, false] {
        for side in [-1.0, 1] {
          let x = u + side * size * 0.75 / frame.width
          let half = size * 0.6 / frame.width
          let y = isTop ? 1 - 4 / frame.height : 4 / frame.height
          let across = x - half...x + half
          let up = isTop ? min(y, y - length)...y : y...max(y, y + length)
          let isInside = across.lowerBound >= 0 && across.upperBound <= 1
          let cost = self.cost(across, up) + (isInside ? 0 : 1000)
          if cost < best?.cost ?? .max {
            let taken = stride(from: up.lowerBound, through: up.upperBound, by: 0.02).map {
              (x, $0)
            }
            best = (cost, MarkLabel(x: x, y: y, isTop: isTop), taken)
          }
        }
      }
      dots += stride(from: 0.02, to: 1, by: 0.04).map { (u, $0) }
      guard let best, !label.isEmpty else { return nil }
      dots += best.dots
      return best.place
    }
  }

  /// Chooses a corner, the middle of a side or the centre for the legend; or any place inside, where
  /// all of these cover something.
  func legend(isOuter: Bool) -> LegendPlace {
    if isOuter { return LegendPlace(x: 1 + 4 / frame.width, y: 1, corner: "left top") }
    let size = chart.legendSize
    let (w, h) = (size.width / frame.width, size.height / frame.height)
    let (marginX, marginY) = (5 / frame.width, 4 / frame.height)
    var best = (cost: Int.max, place: LegendPlace(x: 0, y: 0, corner: "right top"))
    for (vertical, y) in [("top", 1 - marginY), ("bottom", marginY), ("center", 0.5)] {
      for (horizontal, x) in [("right", 1 - marginX), ("left", marginX), ("center", 0.5)] {
        let x0 = horizontal == "right" ? x - w : horizontal == "left" ? x : x - w / 2
        let y0 = vertical == "top" ? y - h : vertical == "bottom" ? y : y - h / 2
        let cost = self.cost(x0...x0 + w, y0...y0 + h)
        if cost < best.cost {
          best = (cost, LegendPlace(x: x, y: y, corner: "\(horizontal) \(vertical)"))
        }
      }
    }
    guard best.cost > 0, w + 2 * marginX < 1, h + 2 * marginY < 1 else { return best.place }
    let places = 20
    for row in 0...places {
      let y = marginY + h / 2 + (1 - h - 2 * marginY) * Double(places - row) / Double(places)
      for column in 0...places {
        let x = marginX + w / 2 + (1 - w - 2 * marginX) * Double(places - column) / Double(places)
        let cost = self.cost(x - w / 2...x + w / 2, y - h / 2...y + h / 2)
        if cost < best.cost {
          best = (cost, LegendPlace(x: x, y: y, corner: "center center"))
        }
      }
    }
    return best.place
  }

  private static func dots(
    _ curve: PreparedChart.Curve, _ chart: PreparedChart
  ) -> [(Double, Double)] {
    let places = Thinning.line(
      Thinning.places(curve, chart.x, chart.y), opens: { curve.points[$0].opensLine }, columns: 100)
    var dots: [(Double, Double)] = []
    var before: Thinning.Place?
    for place in places {
      let point = curve.points[place.index]
      let gap = before.map { max(abs($0.u - place.u), abs($0.v - place.v)) } ?? 0
      if let before, curve.hasLine, !point.opensLine, gap > 0.02, gap < 10 {
        dots += stride(from: 0.02 / gap, to: 1, by: 0.02 / gap).map {
          (before.u + $0 * (place.u - before.u), before.v + $0 * (place.v - before.v))
        }
      }
      dots.append((place.u, place.v))
      if point.error > 0 {
        let isBottomless = chart.y.isLogarithmic && point.error >= point.y
        let low = isBottomless ? 0 : max(0, chart.y.fraction(point.y - point.error))
        let high = min(1, chart.y.fraction(point.y + point.error))
        dots += stride(from: low, to: high, by: 0.02).map { (place.u, $0) }
      }
      before = place
    }
    return dots
  }
}

extension PreparedChart {
  /// The curves that a legend lists.
  var listed: [Curve] { curves.filter { !($0.label ?? "").isEmpty } }

  /// How much room a legend on paper takes, in points.
  var legendSize: (width: Double, height: Double) {
    let type = GnuplotStyle.keyFontSize
    let longest = listed.map { Markup($0.label ?? "").text(ascii: false).columns }.max() ?? 0
    return (Double(longest) * type * 0.52 + type * 4, Double(listed.count) * type * 1.35 + 4)
  }
}
