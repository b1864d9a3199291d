/// A piece of a line along which a heat map has one value, in fractions of the frame.
struct ContourPiece: Hashable {
  var from: Point
  var to: Point

  struct Point: Hashable {
    var u: Double
    var v: Double
  }
}

extension PreparedHeatMap {
  /// The contour at `level`, by marching squares over the middles of the cells: between two of
  /// them the value is taken to go evenly along the scale.
  ///
  /// No line passes where one of the four values is missing. Where two opposite corners are above
  /// and two below, the mean of the four says which are joined.
  func contour(_ level: Double, _ xAxis: Axis, _ yAxis: Axis) -> [ContourPiece] {
    guard x.count > 1, y.count > 1 else { return [] }
    let aim = scale.fraction(level)
    let heights = values.map { $0.isNaN ? Double.nan : scale.fraction($0) - aim }
    let us = x.map { xAxis.fraction($0) }
    let vs = y.map { yAxis.fraction($0) }
    var pieces: [ContourPiece] = []
    for j in 0..<y.count - 1 {
      for i in 0..<x.count - 1 {
        // Counter-clockwise from the lower left.
        let corners = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)]
        let z = corners.map { heights[$0.1 * x.count + $0.0] }
        guard !z.contains(where: \.isNaN) else { continue }
        // Where the contour leaves the square: at most once on each side.
        var crossings: [ContourPiece.Point] = []
        for side in 0..<4 {
          let (a, b) = (z[side], z[(side + 1) % 4])
          guard (a >= 0) != (b >= 0) else { continue }
          let t = a / (a - b)
          let (p, q) = (corners[side], corners[(side + 1) % 4])
          crossings.append(
            .init(
              u: us[p.0] + t * (us[q.0] - us[p.0]), v: vs[p.1] + t * (vs[q.1] - vs[p.1])))
        }
        if crossings.count == 2 {
          pieces.append(.init(from: crossings[0], to: crossings[1]))
        } else if crossings.count == 4 {
          // Cut off the two corners that differ from the middle.
          let middleIsAbove = z.reduce(0, +) >= 0
          let shift = (z[0] >= 0) == middleIsAbove ? 0 : 3
          for k in [0, 2] {
            pieces.append(
              .init(from: crossings[(shift + k) % 4], to: crossings[(shift + k + 1) % 4]))
          }
        }
      }
    }
    return pieces
  }
}
