import TSSLanguage

/// Adaptive integration by the Gauss–Kronrod pair of 7 and 15 points (Kronrod 1965; the nodes are
/// those of QUADPACK, Piessens et al. 1983).
enum Quadrature {
  struct Result {
    var value: Double
    /// An estimate, mostly far too careful.
    var error: Double
    var isConverged: Bool
  }

  private struct Piece {
    var low, high, value, error: Double
  }

  /// Pieces after which it gives up: ten thousand evaluations and more.
  private static let limit = 1000

  static func integral(
    of f: ScalarFunction, from a: Double, to b: Double, tolerance: Double
  ) throws(Diagnostic) -> Result {
    if a == b { return Result(value: 0, error: 0, isConverged: true) }
    let sign = a < b ? 1.0 : -1.0
    let (a, b) = (min(a, b), max(a, b))
    // Infinite ranges are mapped to t in (-1, 1) or (0, 1), whose ends are never evaluated.
    let transformed: (Double) throws(Diagnostic) -> Double
    let (low, high): (Double, Double)
    switch (a.isFinite, b.isFinite) {
    case (true, true):
      (low, high) = (a, b)
      transformed = { x throws(Diagnostic) in try f(x) }
    case (true, false):
      (low, high) = (0, 1)
      transformed = { t throws(Diagnostic) in try f(a + t / (1 - t)) / ((1 - t) * (1 - t)) }
    case (false, true):
      (low, high) = (0, 1)
      transformed = { t throws(Diagnostic) in try f(b - t / (1 - t)) / ((1 - t) * (1 - t)) }
    case (false, false):
      (low, high) = (-1, 1)
      transformed = { t throws(Diagnostic) in
        let rest = 1 - t * t
        return try f(t / rest) * (1 + t * t) / (rest * rest)
      }
    }
    // Four pieces to begin with, so that a narrow peak is not easily missed.
    var pieces: [Piece] = []
    for quarter in 0..<4 {
      let width = (high - low) / 4
      pieces.append(
        try piece(
          transformed, low + Double(quarter) * width,
          quarter == 3 ? high : low + Double(quarter + 1) * width))
    }
    while true {
      let value = total(pieces.map(\.value))
      let error = pieces.reduce(0) { $0 + $1.error }
      let isConverged = error <= max(tolerance * value.magnitude, 1e-300)
      if isConverged || pieces.count >= limit || !value.isFinite {
        return Result(value: sign * value, error: error, isConverged: isConverged)
      }
      let worst = pieces.indices.max { pieces[$0].error < pieces[$1].error }!
      let old = pieces[worst]
      let middle = (old.low + old.high) / 2
      guard old.low < middle, middle < old.high else {
        return Result(value: sign * value, error: error, isConverged: false)
      }
      let (left, right) = (
        try piece(transformed, old.low, middle), try piece(transformed, middle, old.high)
      )
      pieces[worst] = left
      pieces.append(right)
    }
  }

  private static func piece(
    _ f: (Double) throws(Diagnostic) -> Double, _ low: Double, _ high: Double
  ) throws(Diagnostic) -> Piece {
    let center = low + (high - low) / 2
    let half = (high - low) / 2
    let middle = try f(center)
    var kronrod = middle * kronrodWeights[7]
    var gauss = middle * gaussWeights[3]
    var values = [middle]
    for j in 0..<7 {
      let (left, right) = (try f(center - half * nodes[j]), try f(center + half * nodes[j]))
      kronrod += kronrodWeights[j] * (left + right)
      if j % 2 == 1 { gauss += gaussWeights[j / 2] * (left + right) }
      values += [left, right]
    }
    // QUADPACK's estimate: the difference of the two rules is the error of the poorer one.
    let mean = kronrod / 2
    var variation = kronrodWeights[7] * (middle - mean).magnitude
    for j in 0..<7 {
      variation +=
        kronrodWeights[j]
        * ((values[2 * j + 1] - mean).magnitude + (values[2 * j + 2] - mean).magnitude)
    }
    variation *= half
    var error = ((kronrod - gauss) * half).magnitude
    if variation > 0, error > 0 {
      let ratio = 200 * error / variation
      error = variation * min(1, ratio * ratio.squareRoot())
    }
    // No estimate is better than the rounding of the sum; without this a tight tolerance never ends.
    let size = values.reduce(0) { max($0, $1.magnitude) } * half
    return Piece(
      low: low, high: high, value: kronrod * half, error: max(error, 1e-17 * size))
  }

  private static let nodes = [
    0.991455371120812639206854697526329, 0.949107912342758524526189684047851,
    0.864864423359769072789712788640926, 0.741531185599394439863864773280788,
    0.586087235467691130294144691693013, 0.405845151377397166906606412076961,
    0.207784955007898467600689403773245,
  ]
  private static let kronrodWeights = [
    0.022935322010529224963732008058970, 0.063092092629978553290700663189204,
    0.104790010322250183839876322541518, 0.140653259715525918745189590510238,
    0.169004726639267902826583426598550, 0.190350578064785409913256402421014,
    0.204432940075298892414161999234649, 0.209482141084727828012999174891714,
  ]
  private static let gaussWeights = [
    0.129484966168869693270611432679082, 0.279705391489276667901467771423780,
    0.381830050505118944950369775488975, 0.417959183673469387755102040816327,
  ]
}
