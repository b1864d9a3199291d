#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A heat map that can be drawn: rows and columns in order, their borders, and a scale.
struct PreparedHeatMap {
  /// The middles of columns and rows, increasing.
  var x: [Double] = []
  var y: [Double] = []
  /// The borders between them, one more than there are middles.
  var xEdges: [Double] = []
  var yEdges: [Double] = []
  /// As in ``HeatMap``; not a number where there is nothing to show.
  var values: [Double] = []
  /// From the least colour to the greatest.
  var scale: Axis
  var label: String?
  /// Those on the scale.
  var contours: [Double] = []

  var isEmpty: Bool { !values.contains { !$0.isNaN } }
  var hasMissing: Bool { values.contains { $0.isNaN } }

  /// - Parameter notes: gains a sentence for whatever is left out.
  init(_ map: HeatMap, _ chart: Chart, notes: inout [String]) {
    let across = Self.order(map.x, isLogarithmic: chart.logX)
    let up = Self.order(map.y, isLogarithmic: chart.logY)
    for (name, middles, kept) in [("column", map.x, across), ("row", map.y, up)]
    where kept.count < middles.count {
      let count = middles.count - kept.count
      notes.append(
        "\(count) \(name)\(count == 1 ? "" : "s") of the heat map left out: without a place of "
          + "\(count == 1 ? "its" : "their") own on the axis")
    }
    x = across.map { map.x[$0] }
    y = up.map { map.y[$0] }
    xEdges = Self.edges(x, isLogarithmic: chart.logX)
    yEdges = Self.edges(y, isLogarithmic: chart.logY)
    var (notFinite, notPositive) = (0, 0)
    for row in up {
      for column in across {
        let value = map.values[row * map.x.count + column]
        let isPositive = !map.isLogarithmic || !(value <= 0)
        if value.isInfinite { notFinite += 1 } else if !isPositive { notPositive += 1 }
        values.append(value.isFinite && isPositive ? value : .nan)
      }
    }
    let shown = values.filter { !$0.isNaN }
    scale = Axis(
      low: shown.min(), high: shown.max(), limits: map.limits, isLogarithmic: map.isLogarithmic,
      padding: 0)
    label = map.label.flatMap { $0.isEmpty ? nil : $0 }
    contours = map.contours.filter { [scale] in scale.contains($0) }
    // Where there is no number at all, the picture says so itself.
    for (count, reason) in [
      (notFinite, "not finite"), (notPositive, "not positive on a logarithmic scale"),
    ] where count > 0 {
      notes.append("\(count) of \(values.count) cells hatched: \(reason)")
    }
    for level in map.contours where !scale.contains(level) {
      notes.append("the contour at \(TickLabel.short(level)) lies beyond the colours")
    }
  }

  /// The places of the middles in increasing order; only the first of equal ones.
  private static func order(_ middles: [Double], isLogarithmic: Bool) -> [Int] {
    var kept: [Int] = []
    let usable = middles.indices.filter {
      middles[$0].isFinite && (!isLogarithmic || middles[$0] > 0)
    }
    for place in usable.sorted(by: { middles[$0] < middles[$1] })
    where kept.last.map({ middles[$0] < middles[place] }) ?? true {
      kept.append(place)
    }
    return kept
  }

  /// Half way between neighbours, on the axis as it is drawn; the outer cells are as wide on their
  /// outer side as on the inner one.
  private static func edges(_ middles: [Double], isLogarithmic: Bool) -> [Double] {
    guard let first = middles.first, let last = middles.last else { return [] }
    guard middles.count > 1 else {
      if isLogarithmic { return [first / 2, min(first * 2, .greatestFiniteMagnitude)] }
      let half = max(0.5, abs(first) * 1e-3)
      let huge = Double.greatestFiniteMagnitude
      return [max(-huge, first - half), min(huge, first + half)]
    }
    let inner = zip(middles, middles.dropFirst()).map { a, b in
      isLogarithmic ? a.squareRoot() * b.squareRoot() : a / 2 + b / 2
    }
    let (second, before) = (inner[0], inner[inner.count - 1])
    let huge = Double.greatestFiniteMagnitude
    let start =
      isLogarithmic
      ? max(first * (first / second), .leastNormalMagnitude) : first + (first - second)
    let end = isLogarithmic ? last * (last / before) : last + (last - before)
    return [max(-huge, start)] + inner + [min(huge, end)]
  }

  /// The cell in which (x, y) lies: its place among the values.
  func cell(_ x: Double, _ y: Double) -> Int? {
    guard let column = Self.place(x, xEdges), let row = Self.place(y, yEdges) else { return nil }
    return row * self.x.count + column
  }

  private static func place(_ value: Double, _ edges: [Double]) -> Int? {
    guard let first = edges.first, let last = edges.last, value >= first, value <= last else {
      return nil
    }
    var (low, high) = (0, edges.count - 1)
    while high - low > 1 {
      let middle = (low + high) / 2
      if edges[middle] <= value { low = middle } else { high = middle }
    }
    return low
  }

  /// The place of a value on the scale, from 0 to 1; nil where there is none.
  func fraction(_ value: Double) -> Double? {
    value.isNaN ? nil : scale.fraction(min(scale.upper, max(scale.lower, value)))
  }
}

extension PreparedHeatMap {
  /// A tick at each of the middles, where these are few and their numbers short; nil otherwise.
  ///
  /// - Parameter fits: whether two labels have room, given how far apart they are as a fraction of
  ///   the axis and how many letters the two have together.
  static func ticks(
    _ middles: [Double], _ axis: Axis, fits: (_ distance: Double, _ letters: Int) -> Bool
  ) -> [Tick]? {
    let shown = middles.filter { axis.contains($0) }
    guard (2...12).contains(shown.count) else { return nil }
    let names = shown.map { TickLabel.short($0) }
    guard names.allSatisfy({ $0.count <= 5 && !$0.contains("e") }) else { return nil }
    for i in 1..<shown.count {
      let distance = axis.fraction(shown[i]) - axis.fraction(shown[i - 1])
      guard fits(distance, names[i].count + names[i - 1].count) else { return nil }
    }
    return zip(shown, names).map { Tick(value: $0, label: .plain($1)) }
  }
}
