/// Bands, lines, error bars and markers, in this order: what is drawn later covers what was before.
extension TerminalChart {
  func drawLines(_ grid: inout TextGrid) {
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
    paint(canvas, &grid)
  }

  /// The bands around curves, as points on their edges and a sparse pattern between.
  func drawBands(_ grid: inout TextGrid) {
    var canvas = DotCanvas(columns: columns, rows: rows, isBraille: !ascii)
    let across = Double(canvas.dotsAcross - 1)
    let down = Double(canvas.dotsDown - 1)
    func place(_ point: PreparedChart.Point) -> (x: Double, low: Double, high: Double) {
      let isBelow = prepared.y.isLogarithmic && point.y <= point.band
      let low = isBelow ? 0 : prepared.y.fraction(point.y - point.band)
      return (
        prepared.x.fraction(point.x) * across, (1 - max(-1, low)) * down,
        (1 - min(2, prepared.y.fraction(point.y + point.band))) * down
      )
    }
    for (owner, curve) in prepared.curves.enumerated() where curve.hasBand {
      var before: (x: Double, low: Double, high: Double)?
      for point in curve.points {
        let here = place(point)
        let from = point.opensLine ? here : before ?? here
        before = here
        let (first, last) = (max(0, from.x.rounded(.up)), min(across, here.x))
        guard first <= last else { continue }
        for x in Int(first)...Int(last) where ascii || x % 2 == 0 {
          let t = here.x > from.x ? (Double(x) - from.x) / (here.x - from.x) : 1
          let low = Int((from.low + t * (here.low - from.low)).rounded())
          let high = Int((from.high + t * (here.high - from.high)).rounded())
          let range = max(0, min(low, high))...max(0, min(max(low, high), canvas.dotsDown - 1))
          for y in range where y == low || y == high || ascii || y % 4 == x % 4 {
            canvas.dot(x, y, owner: owner)
          }
        }
      }
    }
    paint(canvas, asciiPattern: ".", &grid)
  }

  /// Writes the cells in which there are dots, in the colours of the curves that drew them.
  private func paint(_ canvas: DotCanvas, asciiPattern: String? = nil, _ grid: inout TextGrid) {
    paint(canvas, &grid) { owner in
      let place = prepared.curves[owner].colour
      return (asciiPattern ?? style.asciiLine(place), style.colour(place))
    }
  }

  /// Writes the cells in which there are dots.
  ///
  /// - Parameter look: what stands for dots in ASCII, and the colour, by who drew last.
  func paint(
    _ canvas: DotCanvas, _ grid: inout TextGrid, look: (Int) -> (ascii: String, colour: UInt8?)
  ) {
    for row in 0..<rows {
      for column in 0..<columns {
        let pattern = canvas.patterns[row * columns + column]
        guard pattern != 0 else { continue }
        let (stroke, colour) = look(canvas.owners[row * columns + column])
        grid.write(
          ascii ? stroke : String(Character(Unicode.Scalar(0x2800 + UInt32(pattern))!)),
          column: axisColumn + 1 + column, row: top + row, colour: colour)
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

  func drawErrorBars(_ grid: inout TextGrid) {
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

  func drawMarkers(_ grid: inout TextGrid) {
    for curve in prepared.curves {
      let points = curve.hasMarkers ? marked(curve) : curve.lonePoints
      for point in points where prepared.x.contains(point.x) && prepared.y.contains(point.y) {
        grid.write(
          style.marker(curve), column: column(point.x), row: row(point.y),
          colour: style.colour(curve.colour))
      }
    }
  }
}
