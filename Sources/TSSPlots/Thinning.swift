/// Fewer points for the same picture.
///
/// A million points cost a browser a minute and a terminal nothing but time, and no eye sees more
/// than the first, lowest, highest and last point that fall on one column of the device (Jugel et
/// al. 2014, "M4"). Markers are spaced instead: a row of overlapping crosses is a smear.
enum Thinning {
  /// A point of a curve in fractions of the axes, with its place among the curve's points.
  struct Place {
    var u: Double
    var v: Double
    var index: Int
  }

  /// The points of `curve` in fractions of the axes.
  static func places(_ curve: PreparedChart.Curve, _ x: Axis, _ y: Axis) -> [Place] {
    curve.points.enumerated().map { index, point in
      Place(u: x.fraction(point.x), v: y.fraction(point.y), index: index)
    }
  }

  /// The points that a line needs on a device with `columns` columns.
  static func line(_ places: [Place], opens: (Int) -> Bool, columns: Int) -> [Place] {
    guard places.count > 4 * columns else { return places }
    var kept: [Place] = []
    var start = 0
    while start < places.count {
      let column = (places[start].u * Double(columns)).rounded(.down)
      var end = start + 1
      var lowest = start
      var highest = start
      while end < places.count, !opens(places[end].index),
        (places[end].u * Double(columns)).rounded(.down) == column
      {
        if places[end].v < places[lowest].v { lowest = end }
        if places[end].v > places[highest].v { highest = end }
        end += 1
      }
      var last = -1
      for candidate in [start, min(lowest, highest), max(lowest, highest), end - 1]
      where candidate > last {
        kept.append(places[candidate])
        last = candidate
      }
      start = end
    }
    return kept
  }

  /// The points that get a marker, if markers are `width` by `height` in fractions of the axes.
  ///
  /// Along a curve, a marker that would touch the one before is left out, except the last. In a
  /// cloud, one of those that fall on the same spot is kept.
  static func markers(_ places: [Place], width: Double, height: Double) -> [Place] {
    let visible = places.filter { (0...1).contains($0.u) && (0...1).contains($0.v) }
    let isCurve = zip(visible, visible.dropFirst()).allSatisfy { $0.u <= $1.u }
    if isCurve, let last = visible.last {
      var kept: [Place] = []
      for place in visible.dropLast() {
        if let before = kept.last, touches(before, place, width, height) { continue }
        kept.append(place)
      }
      while let before = kept.last, touches(before, last, width, height) { kept.removeLast() }
      return kept + [last]
    }
    var taken: Set<[Int]> = []
    return visible.filter { place in
      taken.insert([Int(place.u / width * 3), Int(place.v / height * 3)]).inserted
    }
  }

  private static func touches(_ a: Place, _ b: Place, _ width: Double, _ height: Double) -> Bool {
    abs(a.u - b.u) < width && abs(a.v - b.v) < height
  }
}
