/// A figure as a program for gnuplot, its data included.
struct GnuplotScript {
  let figure: Figure
  let style: GnuplotStyle
  let layout: FigureLayout

  init(_ figure: Figure, format: GnuplotStyle.Format) {
    self.figure = figure
    style = GnuplotStyle(format: format)
    layout = FigureLayout(figure)
  }

  /// What the figure leaves out and why.
  var notes: [String] { layout.charts.flatMap(\.notes) }

  /// The program that writes the figure to the file `output`.
  func text(output: String) -> String {
    var lines = [
      Self.firstLine, "set encoding utf8", style.terminal(figure.paper),
      "set output \(quoted(output))", "", "set border 31 \(style.stroke(GnuplotStyle.axisWidth))",
      style.ticks(GnuplotStyle.tickLength, 1.7),
      figure.hasHeatMap ? "set tics out nomirror" : "set tics in", "set samples 2", "unset key",
    ]
    if figure.hasHeatMap { lines.append(GnuplotStyle.palette) }
    lines.append("")
    var plots: [[String]] = []
    for (i, chart) in layout.charts.enumerated() {
      var terms: [String] = []
      // Below all curves.
      if let heat = chart.heat {
        lines += self.heat(
          heat, chart, frame: layout.frames[i], name: "c\(i + 1)", &terms)
      }
      for (k, curve) in chart.curves.enumerated() where curve.hasBand {
        lines += band(curve, chart, name: "c\(i + 1)s\(k + 1)band", &terms)
      }
      for (k, curve) in chart.curves.enumerated() {
        lines += draw(curve, chart, frame: layout.frames[i], name: "c\(i + 1)s\(k + 1)", &terms)
      }
      // Without data there is still a frame to be drawn.
      plots.append(terms + ["NaN notitle"])
    }
    let title = figure.title.map { " title \(label($0)) font ',\(style.type(10))'" } ?? ""
    lines += ["set multiplot\(title)", ""]
    for i in plots.indices { lines += commands(i, plots[i]) + [""] }
    lines += ["unset multiplot", "set output"]
    return lines.joined(separator: "\n") + "\n"
  }

  /// A script that begins with this line may be written anew; any other is the user's own.
  static let firstLine = "# A figure of tss, for gnuplot 5.2 or later."

  // MARK: One chart

  private func commands(_ index: Int, _ terms: [String]) -> [String] {
    let chart = figure.charts[index]
    let prepared = layout.charts[index]
    let frame = layout.frames[index]
    let height = figure.paper.height / 2.54 * 72
    let width = figure.paper.width / 2.54 * 72
    let type = GnuplotStyle.fontSize
    var lines = [
      "set lmargin at screen \(rounded(frame.left)); set rmargin at screen \(rounded(frame.right))",
      "set bmargin at screen \(rounded(frame.bottom)); set tmargin at screen \(rounded(frame.top))",
      axis("x", prepared.x), axis("y", prepared.y),
      ticks("x", layout.xTicks[index]) + " " + style.xTickOffset,
      ticks("y", layout.yTicks[index]), "unset arrow; unset label",
    ]
    // Names are put where the layout left room for them: `set xlabel` keeps a distance that every
    // terminal measures in letters of its own.
    let below = type * 2.4 + (figure.hasHeatMap ? GnuplotStyle.tickLength : 0)
    func name(_ text: String?, _ place: String) {
      if let text, !text.isEmpty { lines.append("set label \(label(text)) center at \(place)") }
    }
    name(chart.title, "graph 0.5, screen \(rounded(frame.top + type * 0.95 / height))")
    name(chart.xLabel, "graph 0.5, screen \(rounded(frame.bottom - below / height))")
    let cell = frame.left - layout.leftMargin / width
    name(chart.yLabel, "screen \(rounded(cell + type * 0.95 / width)), graph 0.5 rotate by 90")
    for (place, mark) in prepared.marks.enumerated() {
      lines.append(
        "set arrow from first \(mark.x), graph 0 to first \(mark.x), graph 1 nohead back"
          + " \(style.stroke(0.6)) dt (2,3) lc rgb '#666666'")
      if let text = mark.label, let at = layout.markLabels[index][place] {
        lines.append(
          "set label \(label(text)) \(at.isTop ? "right" : "left") rotate by 90 at graph"
            + " \(rounded(at.x)), graph \(rounded(at.y))"
            + " font ',\(style.type(GnuplotStyle.markFontSize))' tc rgb '#444444'")
      }
    }
    if prepared.isEmpty {
      lines.append("set label 'no data' at graph 0.5, graph 0.5 center tc rgb '#666666'")
    }
    lines += [key(index)] + colourBar(index)
    return lines + ["plot " + terms.joined(separator: ", \\\n  ")]
  }

  func axis(_ name: String, _ axis: Axis) -> String {
    let scale = axis.isLogarithmic ? "set logscale \(name)" : "unset logscale \(name)"
    return "\(scale); set \(name)range [\(axis.lower):\(axis.upper)]"
  }

  func ticks(_ name: String, _ ticks: [Tick]) -> String {
    let list = ticks.sorted { $0.value < $1.value }.map { tick in
      tick.label.map { "'\($0.enhancedText)' \(tick.value)" } ?? "'' \(tick.value) 1"
    }
    // The words are gnuplot's own font markup, so this is the one place where it is read.
    return "set \(name)tics (\(list.joined(separator: ", "))) enhanced"
  }

  private func key(_ index: Int) -> String {
    let prepared = layout.charts[index]
    guard figure.charts[index].showsLegend, !prepared.listed.isEmpty else { return "unset key" }
    let place = layout.legends[index]
    return "set key at graph \(rounded(place.x)), graph \(rounded(place.y)) \(place.corner)"
      + (prepared.heat == nil ? "" : " opaque")
      + " Left reverse samplen 2.4 \(style.keySpacing) nobox font ',\(style.type(GnuplotStyle.keyFontSize))'"
  }

  // MARK: One curve

  /// The data of a curve, whose drawing is added to `terms`.
  private func draw(
    _ curve: PreparedChart.Curve, _ chart: PreparedChart, frame: FigureLayout.Frame,
    name: String, _ terms: inout [String]
  ) -> [String] {
    var lines: [String] = []
    let hasHalo = chart.heat != nil
    let colour = style.colour(curve.colour)
    let stroke = "\(style.stroke(GnuplotStyle.lineWidth)) \(style.dash(curve.colour))"
    let shape = "\(style.marker(curve)) \(style.size(curve.style == .crosses ? 3.6 : 3.4))"
    let marker = "\(shape) \(style.stroke(GnuplotStyle.markerWidth)) dt solid"
    let places = Thinning.places(curve, chart.x, chart.y)
    let hasBars = curve.points.contains { $0.error > 0 }
    let spaced =
      curve.hasMarkers || hasBars
      ? Thinning.markers(places, width: 4.5 / frame.width, height: 4.5 / frame.height) : []
    // A table for markers and bars, unless that of the line has just these points.
    var dots = name
    if curve.hasLine, !places.isEmpty {
      // A tenth of a point is finer than any printer.
      let kept = Thinning.line(
        places, opens: { curve.points[$0].opensLine }, columns: Int(frame.width * 5))
      lines += block(name, kept, curve, chart)
      if hasHalo {
        let wide = style.stroke(GnuplotStyle.lineWidth + GnuplotStyle.halo)
        terms.append("$\(name) using 1:2 with lines lc rgb 'white' \(wide) dt solid notitle")
      }
      terms.append("$\(name) using 1:2 with lines \(colour) \(stroke) notitle")
      if kept.count != spaced.count { dots += "dots" }
    }
    if !spaced.isEmpty, dots != name || !curve.hasLine {
      lines += block(dots, spaced, curve, chart)
    }
    if !spaced.isEmpty, hasBars {
      // Vectors, because error bars leave a gap around a marker that may be longer than they.
      terms.append(
        "$\(dots) using 1:3:(0):($4-$3) with vectors nohead \(colour) \(style.stroke(0.7))"
          + " dt solid notitle")
    }
    if curve.hasMarkers, !spaced.isEmpty {
      if hasHalo {
        terms.append(
          "$\(dots) using 1:2 with points lc rgb 'white' pt 7"
            + " \(style.size(3.6 + GnuplotStyle.halo)) notitle")
      }
      terms.append("$\(dots) using 1:2 with points \(colour) \(marker) notitle")
    }
    let lone = curve.hasMarkers ? [] : Self.lonePlaces(curve, places)
    if !lone.isEmpty {
      lines += block(name + "lone", lone, curve, chart)
      terms.append("$\(name)lone using 1:2 with points \(colour) \(marker) notitle")
    }
    if let text = curve.label, !text.isEmpty {
      let title = "title \(label(text))"
      switch curve.style {
      case .line: terms.append("NaN with lines \(colour) \(stroke) \(title)")
      case .crosses, .points: terms.append("NaN with points \(colour) \(marker) \(title)")
      case .linesAndPoints:
        terms.append("NaN with linespoints \(colour) \(stroke) \(shape) \(title)")
      }
    }
    return lines
  }

  /// The shaded band around a curve.
  private func band(
    _ curve: PreparedChart.Curve, _ chart: PreparedChart, name: String, _ terms: inout [String]
  ) -> [String] {
    var lines = ["$\(name) << EOD"]
    // A band that reaches below zero ends where a logarithmic axis does.
    let floor = chart.y.isLogarithmic ? chart.y.lower : -Double.greatestFiniteMagnitude
    for point in curve.points {
      if point.opensLine, lines.count > 1 { lines.append("") }
      let low = min(point.y, max(point.y - point.band, floor))
      lines.append("\(point.x) \(low) \(min(point.y + point.band, .greatestFiniteMagnitude))")
    }
    terms.append(
      "$\(name) using 1:2:3 with filledcurves \(style.colour(curve.colour))"
        + " fs transparent solid 0.2 noborder notitle")
    return lines + ["EOD"]
  }

  private static func lonePlaces(
    _ curve: PreparedChart.Curve, _ places: [Thinning.Place]
  ) -> [Thinning.Place] {
    places.filter { place in
      let next = place.index + 1
      return curve.points[place.index].opensLine
        && (next == curve.points.count || curve.points[next].opensLine)
    }
  }

  /// A named table of the points; gnuplot breaks a line at an empty row.
  private func block(
    _ name: String, _ places: [Thinning.Place], _ curve: PreparedChart.Curve,
    _ chart: PreparedChart
  ) -> [String] {
    var lines = ["$\(name) << EOD"]
    let hasBars = curve.points.contains { $0.error > 0 }
    // A bar that reaches below zero ends where a logarithmic axis does.
    let floor = chart.y.isLogarithmic ? chart.y.lower : -Double.greatestFiniteMagnitude
    for place in places {
      let point = curve.points[place.index]
      if point.opensLine, lines.count > 1 { lines.append("") }
      var row = "\(point.x) \(point.y)"
      if hasBars {
        let low = min(point.y, max(point.y - point.error, floor))
        row += " \(low) \(min(point.y + point.error, .greatestFiniteMagnitude))"
      }
      lines.append(row)
    }
    return lines + ["EOD"]
  }
}
