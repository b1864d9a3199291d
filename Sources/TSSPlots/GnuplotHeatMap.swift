/// Heat maps as gnuplot draws them: a box for each cell, so that columns may differ in width and
/// axes be logarithmic, and a colour bar at the right of the frame.
extension GnuplotScript {
  /// The data of a heat map, whose drawing is added to `terms`.
  func heat(
    _ heat: PreparedHeatMap, _ chart: PreparedChart, frame: FigureLayout.Frame, name: String,
    _ terms: inout [String]
  ) -> [String] {
    var shown = ["$\(name)heat << EOD"]
    var missing = ["$\(name)missing << EOD"]
    for row in heat.y.indices {
      // A cell that the limits cut ends at the frame.
      let (bottom, top) = clipped(heat.yEdges[row], heat.yEdges[row + 1], chart.y)
      guard bottom < top else { continue }
      for column in heat.x.indices {
        let (left, right) = clipped(heat.xEdges[column], heat.xEdges[column + 1], chart.x)
        guard left < right else { continue }
        let value = heat.values[row * heat.x.count + column]
        if value.isNaN {
          missing += hatching(left...right, bottom...top, chart, frame)
        } else {
          let box = "\(left) \(bottom) \(left) \(right) \(bottom) \(top)"
          shown.append("\(box) \(min(heat.scale.upper, max(heat.scale.lower, value)))")
        }
      }
    }
    var lines: [String] = []
    if shown.count > 1 {
      lines += shown + ["EOD"]
      terms.append(
        "$\(name)heat using 1:2:3:4:5:6:7 with boxxyerror lc palette \(style.stroke(0.2))"
          + " fs solid border notitle")
    }
    if missing.count > 1 {
      lines += missing + ["EOD"]
      terms.append(
        "$\(name)missing using 1:2 with lines lc rgb '#777777' \(style.stroke(0.4)) dt solid notitle"
      )
    }
    for (place, level) in heat.contours.enumerated() {
      let pieces = heat.contour(level, chart.x, chart.y)
      guard !pieces.isEmpty else { continue }
      let block = "$\(name)level\(place + 1)"
      lines.append("\(block) << EOD")
      for piece in pieces {
        for end in [piece.from, piece.to] {
          lines.append("\(chart.x.value(at: end.u)) \(chart.y.value(at: end.v))")
        }
        lines.append("")
      }
      lines.append("EOD")
      // White below black is seen on every colour.
      for (colour, width) in [("white", 1.8), ("black", 0.7)] {
        terms.append(
          "\(block) using 1:2 with lines lc rgb '\(colour)' \(style.stroke(width)) dt solid notitle"
        )
      }
    }
    return lines
  }

  /// Slanting lines in a cell that has no value, 4 points apart and one with those of its
  /// neighbours: as rows of gnuplot's tables, an empty one after each line.
  private func hatching(
    _ x: ClosedRange<Double>, _ y: ClosedRange<Double>, _ chart: PreparedChart,
    _ frame: FigureLayout.Frame
  ) -> [String] {
    let (left, right) = (
      chart.x.fraction(x.lowerBound) * frame.width, chart.x.fraction(x.upperBound) * frame.width
    )
    let (bottom, top) = (
      chart.y.fraction(y.lowerBound) * frame.height, chart.y.fraction(y.upperBound) * frame.height
    )
    let step = 4.0 * 2.0.squareRoot()
    var rows: [String] = []
    // The line on which the places along both axes, in points, add up to this.
    var sum = ((left + bottom) / step).rounded(.up) * step
    while sum <= right + top {
      for across in [max(left, sum - top), min(right, sum - bottom)] {
        let u = chart.x.value(at: across / frame.width)
        let v = chart.y.value(at: (sum - across) / frame.height)
        rows.append("\(u) \(v)")
      }
      rows.append("")
      sum += step
    }
    return rows
  }

  private func clipped(_ low: Double, _ high: Double, _ axis: Axis) -> (Double, Double) {
    (max(low, axis.lower), min(high, axis.upper))
  }

  /// The commands for the colour bar of a chart; none where there is no heat map.
  func colourBar(_ index: Int) -> [String] {
    guard let heat = layout.charts[index].heat, !heat.isEmpty else { return [] }
    let frame = layout.frames[index]
    let width = figure.paper.width / 2.54 * 72
    let left = frame.right + PreparedHeatMap.barGap / width
    let right = left + PreparedHeatMap.barThickness / width
    var lines = [
      axis("cb", heat.scale), ticks("cb", layout.barTicks[index]),
      "set colorbox vertical user origin screen \(rounded(left)), screen \(rounded(frame.bottom))"
        + " size screen \(rounded(right - left)), screen \(rounded(frame.top - frame.bottom))"
        + " front noinvert bdefault",
    ]
    for level in heat.contours {
      let y = rounded(frame.bottom + heat.scale.fraction(level) * (frame.top - frame.bottom))
      for (colour, wide) in [("white", 1.8), ("black", 0.7)] {
        lines.append(
          "set arrow from screen \(rounded(left)), screen \(y) to screen \(rounded(right)),"
            + " screen \(y) nohead front \(style.stroke(wide)) dt solid lc rgb '\(colour)'")
      }
    }
    if let text = heat.label {
      let labels = heat.barWidth(ticks: layout.barTicks[index])
      let x = frame.right + (labels - GnuplotStyle.fontSize * 0.75) / width
      lines.append(
        "set label \(label(text)) center at screen \(rounded(x)), graph 0.5 rotate by 90")
    }
    return lines
  }
}

extension PreparedHeatMap {
  /// In points.
  static let barGap = 6.0
  static let barThickness = 7.0

  /// What the colour bar needs at the right of the frame, in points.
  func barWidth(ticks: [Tick]) -> Double {
    let type = GnuplotStyle.fontSize
    let columns = ticks.map { FigureLayout.columns($0.label) }.max() ?? 0
    return Self.barGap + Self.barThickness + GnuplotStyle.tickLength + 5 + columns * type * 0.53
      + (label == nil ? 0 : type * 1.6)
  }
}

extension Figure {
  var hasHeatMap: Bool { charts.contains { $0.heatMap != nil } }
}
