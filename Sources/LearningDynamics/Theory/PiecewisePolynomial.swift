/// A function of time with several components, known on intervals that follow each other, on each as
/// the polynomial through its values at the same fractions of it.
final class PiecewisePolynomial {
  /// Fractions of an interval, from 0 to 1.
  let places: [Double]
  /// Barycentric weights of these places.
  private let weights: [Double]
  let count: Int
  private let begin: Double
  private var ends: [Double] = []
  /// One interval after the other, place by place.
  private var values: [Double] = []
  /// Where the last question was.
  private var piece = 0

  init(places: [Double], count: Int, begin: Double) {
    self.places = places
    self.count = count
    self.begin = begin
    weights = places.map { x in
      1 / places.filter { $0 != x }.reduce(1) { $0 * (x - $1) }
    }
  }

  var isEmpty: Bool { ends.isEmpty }

  /// The end of the last interval.
  var end: Double { ends.last ?? begin }

  /// Adds the interval from the last end to `end`, with the values at `places`.
  func append(end: Double, _ values: [[Double]]) {
    ends.append(end)
    for value in values { self.values += value }
  }

  /// Writes the value at a time from the beginning to `end`.
  func evaluate(_ t: Double, into result: UnsafeMutablePointer<Double>) {
    if ends[piece] < t || (piece > 0 && ends[piece - 1] > t) {
      var (low, high) = (0, ends.count - 1)
      while low < high {
        let middle = (low + high) / 2
        if ends[middle] < t { low = middle + 1 } else { high = middle }
      }
      piece = low
    }
    let from = piece == 0 ? begin : ends[piece - 1]
    let x = (t - from) / (ends[piece] - from)
    let factors = Self.factors(places, weights, x)
    for i in 0..<count { result[i] = 0 }
    let base = piece * places.count * count
    for (j, factor) in factors.enumerated() where factor != 0 {
      for i in 0..<count { result[i] += factor * values[base + j * count + i] }
    }
  }

  /// What each of the values counts at x, by the barycentric formula.
  static func factors(_ places: [Double], _ weights: [Double], _ x: Double) -> [Double] {
    if let exact = places.firstIndex(of: x) {
      return places.indices.map { $0 == exact ? 1 : 0 }
    }
    let terms = zip(places, weights).map { $1 / (x - $0) }
    let sum = terms.reduce(0, +)
    return terms.map { $0 / sum }
  }
}
