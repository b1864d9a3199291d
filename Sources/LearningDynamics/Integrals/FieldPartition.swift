#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where, and on which scales, a function of one number varies.
///
/// The axis is cut into cells; on each the function is a polynomial of degree 13 to 1e-9, as the
/// last of its Chebyshev coefficients show. A cell is the widest of a dyadic tree over
/// [-1024, 1024] for which that holds, so that a sigmoid has small cells near 0 and wide ones where
/// it is constant. Kinks are edges. Rules of as many nodes for every cell integrate products of the
/// function with anything smooth, however wide the fields are.
struct FieldPartition: Sendable {
  /// Edges of the cells in increasing order, the first -∞ and the last +∞.
  let edges: [Double]
  /// Where the function or one of its derivatives jumps.
  let kinks: [Double]
  /// The scale of its narrowest part in units of that of erf(x/√2); large for polynomials.
  let width: Double
  /// Ends of the narrowest cells.
  let finest: [Double]
  /// Whether more jumps at the kinks than is taken out of the function there (``Smoothing``).
  let isRough: Bool

  /// The widest interval about 0 on which erf(x/√2) is such a polynomial: a step that a normal
  /// variable of deviation s has smoothed varies on this times s.
  static let widthOfErf = 1.5537

  typealias Values = (_ x: [Double]) -> [Double]

  /// - Parameters:
  ///   - kinks: in increasing order.
  ///   - remainder: the function without its kinks.
  init(kinks: [Double], remainder: Values, _ values: Values) {
    self.kinks = kinks
    let scale = max(Self.scale(values), 1e-300)
    let reach = Self.reach
    var edges = [-reach]
    let ends = [-reach] + kinks.filter { abs($0) < reach } + [reach]
    for (low, high) in zip(ends, ends.dropFirst()) where high > low {
      // Blocks whose width grows with the distance from 0.
      let marks = ([low, high] + Self.marks.filter { low < $0 && $0 < high }).sorted()
      for (a, b) in zip(marks, marks.dropFirst()) {
        edges += Self.cells(a, b, depth: 0, scale, values).dropFirst()
      }
    }
    edges = Self.merged(edges, kinks: kinks, scale, values)
    edges[0] = -.infinity
    edges[edges.count - 1] = .infinity
    self.edges = edges
    let cells = zip(edges, edges.dropFirst()).filter { ($0.1 - $0.0).isFinite }
    finest = cells.sorted { $0.1 - $0.0 < $1.1 - $1.0 }.prefix(16).map { $0.0 }
    width = Self.narrowest(edges, kinks: kinks, scale, values) / Self.widthOfErf
    let size = 0.5 * Self.widthOfErf * min(width, 1)
    isRough = kinks.contains { kink in
      !Self.isResolved(kink - size, kink + size, scale, remainder, to: 1e-6)
    }
  }

  static let reach = 1024.0
  /// Blocks of which the tree consists: none is wider than its distance from 0 (but for 1/4).
  private static let marks: [Double] = {
    var right: [Double] = []
    var edge = 0.0
    while edge < reach {
      right.append(edge)
      edge += max(0.25, edge >= 32 ? edge / 32 : 0)
    }
    return right.dropFirst().map { -$0 }.reversed() + right
  }()

  private static func scale(_ values: Values) -> Double {
    values((-40...40).map { 0.1 * Double($0) + 0.003 }).reduce(0) {
      $1.isFinite ? max($0, abs($1)) : $0
    }
  }

  // MARK: Cells

  private static let nodes = 14
  private static let angles = (0..<nodes).map { (Double($0) + 0.5) * .pi / Double(nodes) }
  private static let places = angles.map { cos($0) }
  private static let lastCosines = (nodes - 3..<nodes).map { j in angles.map { cos(Double(j) * $0) }
  }

  /// Whether the last three of 14 Chebyshev coefficients are small. What is no number is let be.
  private static func isResolved(
    _ low: Double, _ high: Double, _ scale: Double, _ values: Values, to tolerance: Double = 1e-9
  ) -> Bool {
    let middle = 0.5 * (low + high), half = 0.5 * (high - low)
    let f = values(places.map { middle + half * $0 })
    guard f.allSatisfy(\.isFinite) else { return true }
    let largest = f.reduce(scale) { max($0, abs($1)) }
    return lastCosines.allSatisfy { cosines in
      let sum = zip(cosines, f).reduce(0) { $0 + $1.0 * $1.1 }
      return abs(sum) * 2 / Double(nodes) < tolerance * largest
    }
  }

  /// Edges of resolved cells from `low` to `high`, both among them.
  private static func cells(
    _ low: Double, _ high: Double, depth: Int, _ scale: Double, _ values: Values
  ) -> [Double] {
    let middle = 0.5 * (low + high)
    if depth >= 10 || isResolved(low, high, scale, values) { return [low, high] }
    return cells(low, middle, depth: depth + 1, scale, values)
      + cells(middle, high, depth: depth + 1, scale, values).dropFirst()
  }

  /// Joins neighbours as long as what they make is resolved; neighbours of like size, for a wide
  /// interval might have no node in what is narrow at its end.
  private static func merged(
    _ edges: [Double], kinks: [Double], _ scale: Double, _ values: Values
  ) -> [Double] {
    var edges = edges
    while true {
      var next = [edges[0]]
      var j = 1
      while j < edges.count {
        let low = next[next.count - 1]
        let end = j + 1 < edges.count ? edges[j + 1] : low
        let ratio = (end - edges[j]) / (edges[j] - low)
        if j + 1 < edges.count, 0.3 < ratio, ratio < 3.1, !kinks.contains(edges[j]),
          isResolved(low, end, scale, values)
        {
          next.append(end)
          j += 2
        } else {
          next.append(edges[j])
          j += 1
        }
      }
      if next.count == edges.count { return edges }
      edges = next
    }
  }

  /// The widest interval that is resolved wherever it lies near the narrowest cells.
  private static func narrowest(
    _ edges: [Double], kinks: [Double], _ scale: Double, _ values: Values
  ) -> Double {
    let cells = zip(edges, edges.dropFirst()).map { (low: $0, high: $1) }.filter {
      $0.low > -reach && $0.high < reach
    }
    let smallest = cells.map { $0.high - $0.low }.min() ?? reach
    var result = reach
    for cell in cells.filter({ $0.high - $0.low < 2.01 * smallest }).prefix(16) {
      let from = kinks.last { $0 <= cell.low } ?? -.infinity
      let to = kinks.first { $0 >= cell.high } ?? .infinity
      for part in [0, 0.25, 0.5, 0.75, 1] {
        let place = cell.low + part * (cell.high - cell.low)
        func isResolved(_ size: Double) -> Bool {
          let low = max(from, min(place - 0.5 * size, to - size))
          return Self.isResolved(low, min(low + size, to), scale, values)
        }
        var low = 0.5 * smallest, high = min(result, 4 * smallest)
        if isResolved(high) {
          if result == reach { result = high }
          continue
        }
        for _ in 0..<14 {
          let middle = (low * high).squareRoot()
          if isResolved(middle) { low = middle } else { high = middle }
        }
        result = low
      }
    }
    return result
  }

  // MARK: Rules

  /// Whether the function, after smoothing over the deviation s, is resolved by one rule on this
  /// interval: because s is as wide, or because all cells are, as far as s reaches.
  func resolves(_ low: Double, _ high: Double, smoothing s: Double) -> Bool {
    let size = high - low
    if size <= 0.75 * Self.widthOfErf * s { return true }
    let far = 6 * s, low = low - far, high = high + far
    let tiny = 1e-9 * (abs(low) + abs(high)) + 1e-12
    if kinks.contains(where: { low + tiny < $0 && $0 < high - tiny }) { return false }
    var j = cell(at: low)
    while j + 1 < edges.count, edges[j] < high {
      if edges[j + 1] - edges[j] < 0.999 * size, edges[j + 1] > low + tiny, edges[j] < high - tiny {
        return false
      }
      j += 1
    }
    return true
  }

  /// The cell that x is in.
  func cell(at x: Double) -> Int {
    var low = 0, high = edges.count - 1
    while high - low > 1 {
      let middle = (low + high) / 2
      if edges[middle] <= x { low = middle } else { high = middle }
    }
    return low
  }

  /// Nodes and weights of ∫ dx from `low` to `high` by a rule in every cell, and in parts of wide
  /// ones.
  func rule(_ low: Double, _ high: Double, widest: Double, _ rule: GaussRule) -> GaussRule {
    var nodes: [Double] = [], weights: [Double] = []
    var j = cell(at: low)
    while j + 1 < edges.count, edges[j] < high {
      let from = max(low, edges[j]), to = min(high, edges[j + 1])
      j += 1
      guard to > from else { continue }
      let parts = max(1, ((to - from) / widest).rounded(.up)), size = (to - from) / parts
      for part in 0..<Int(parts) {
        for (node, weight) in zip(rule.nodes, rule.weights) {
          nodes.append(from + size * (Double(part) + node))
          weights.append(size * weight)
        }
      }
    }
    return GaussRule(nodes: nodes, weights: weights)
  }
}
