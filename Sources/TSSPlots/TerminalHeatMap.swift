/// Heat maps in the cells of a terminal: two values, one above the other, to a character where there
/// are colours; one of a few shades where there are none.
extension TerminalChart {
  func drawHeat(_ grid: inout TextGrid) {
    guard let heat = prepared.heat else { return }
    for row in 0..<rows {
      for column in 0..<columns {
        let x = prepared.x.value(at: (Double(column) + 0.5) / Double(columns))
        func fraction(_ part: Double) -> (isCell: Bool, fraction: Double?) {
          let y = prepared.y.value(at: 1 - (Double(row) + part) / Double(rows))
          guard let cell = heat.cell(x, y) else { return (false, nil) }
          return (true, heat.fraction(heat.values[cell]))
        }
        let place = (axisColumn + 1 + column, top + row)
        if style.options.colour, !ascii {
          let (upper, lower) = (fraction(0.25), fraction(0.75))
          if !upper.isCell && !lower.isCell { continue }
          grid[place.0, place.1] = style.heat(
            upper: upper.isCell ? upper.fraction : lower.fraction,
            lower: lower.isCell ? lower.fraction : upper.fraction)
        } else {
          let middle = fraction(0.5)
          if middle.isCell { grid[place.0, place.1] = style.heat(middle.fraction) }
        }
      }
    }
  }

  /// The lines of equal value, in black or white over the colours.
  func drawContours(_ grid: inout TextGrid) {
    guard let heat = prepared.heat else { return }
    var canvas = DotCanvas(columns: columns, rows: rows, isBraille: !ascii)
    let across = Double(canvas.dotsAcross - 1)
    let down = Double(canvas.dotsDown - 1)
    for level in heat.contours {
      for piece in heat.contour(level, prepared.x, prepared.y) {
        var travelled = 0.0
        canvas.line(
          from: (piece.from.u * across, (1 - piece.from.v) * down),
          to: (piece.to.u * across, (1 - piece.to.v) * down), owner: 0, dashes: [],
          travelled: &travelled)
      }
    }
    paint(canvas, &grid) { _ in ("~", nil) }
  }

  /// The colour bar: its name and the colours in one line, their values in the next.
  func drawColourBar(_ grid: inout TextGrid, row: Int) {
    guard let heat = prepared.heat, !heat.isEmpty else { return }
    let name = heat.label.map {
      Markup($0).text(ascii: ascii).fitted(to: width / 3, ascii: ascii)
    }
    let start = axisColumn + 1 + (name.map { $0.columns + 1 } ?? 0)
    let length = min(48, width - start - 2)
    guard length >= 8 else { return }
    if let name { grid.write(name, column: axisColumn + 1, row: row) }
    for place in 0..<length {
      grid[start + place, row] = style.heat((Double(place) + 0.5) / Double(length))
    }
    // Where shades are blanks, the ends would not be seen.
    if !style.options.colour {
      grid.write(style.vertical, column: start - 1, row: row)
      grid.write(style.vertical, column: start + length, row: row)
    }
    let ticks = tickLabels(heat.scale, columns: length) { value in
      start + min(length - 1, Int(heat.scale.fraction(value) * Double(length)))
    }
    for tick in ticks {
      grid.write(tick.label, column: tick.start, row: row + 1)
    }
  }
}

extension TerminalStyle {
  /// A cell of a heat map of one value, from 0 to 1; nil where there is none.
  func heat(_ fraction: Double?) -> TextGrid.Cell {
    guard let fraction else { return TextGrid.Cell(text: missing, colour: .basic(Self.dim)) }
    guard options.colour else {
      return TextGrid.Cell(text: ColourScale.shade(fraction, ascii: options.ascii))
    }
    let colour = ColourScale.indexed(fraction)
    return TextGrid.Cell(
      text: options.ascii ? " " : "█", colour: .indexed(colour), background: colour)
  }

  /// A cell of two values, one above the other.
  func heat(upper: Double?, lower: Double?) -> TextGrid.Cell {
    switch (upper, lower) {
    case (nil, nil): return heat(nil)
    case (let value?, nil):
      return TextGrid.Cell(text: "▀", colour: .indexed(ColourScale.indexed(value)))
    case (nil, let value?):
      return TextGrid.Cell(text: "▄", colour: .indexed(ColourScale.indexed(value)))
    case (let above?, let below?):
      let (a, b) = (ColourScale.indexed(above), ColourScale.indexed(below))
      return a == b
        ? heat(above) : TextGrid.Cell(text: "▀", colour: .indexed(a), background: b)
    }
  }

  /// What stands where there is no value.
  private var missing: String { options.ascii ? "/" : "╱" }
}
