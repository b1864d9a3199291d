import CKernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// E[g_a g_b] of two nearly parallel fields given the outer ones, where their Hermite coefficients
/// fall too slowly for Mehler's series: a correlation ρ near 1 takes log ε/log ρ of them if the
/// fields are wide against what the functions do.
///
/// x_b is ρ s_b/s_a times x_a plus a rest of deviation t = s_b √(1 - ρ²), so that one integral
/// remains, over x_a, of g_a and of g_b smoothed over t. The latter is a function of one number,
/// kept as polynomials (``SmoothedFunction``).
struct ParallelFields {
  let a: Int
  let b: Int
  private let first: FieldFunction
  private let second: FieldFunction
  private let deviation: Double
  private let slope: Double
  private let rest: Double
  private let smoothed: SmoothedFunction
  private let rules: QuadratureRules
  private let level = tss_best_level()

  /// For fields with these deviations and correlation ρ; `range` is that of the second one's means.
  /// `smooth` writes E[g_b(μ + t z)] of means in increasing order.
  init(
    _ rules: QuadratureRules, a: Int, b: Int, _ first: FieldFunction, _ second: FieldFunction,
    deviations: (Double, Double), correlation: Double, range: (low: Double, high: Double),
    smooth: (_ t: Double, _ means: [Double]) -> [Double]
  ) {
    self.rules = rules
    (self.a, self.b, self.first, self.second) = (a, b, first, second)
    deviation = deviations.0
    slope = correlation * deviations.1
    rest = deviations.1 * max(0, 1 - correlation * correlation).squareRoot()
    let t = rest, reach = Self.reach * abs(slope)
    smoothed = SmoothedFunction(second, s: t, range.low - reach, range.high + reach) {
      smooth(t, $0)
    }
  }

  private static let reach = 7.5

  /// The scale of E[g_a g_b] as a function of the means: the functions' own and the least deviation
  /// of the pair in any direction.
  var scale: Double {
    let (s, t) = (deviation, rest), r = slope
    // The eigenvalues of the fields' covariance have this sum and this product.
    let trace = s * s + r * r + t * t, determinant = s * s * t * t
    let least = 2 * determinant / (trace + max(0, trace * trace - 4 * determinant).squareRoot())
    let width = [first, second].map { $0.kinks.isEmpty ? $0.partition.width : 0 }.min() ?? 0
    return (width * width + least).squareRoot()
  }

  /// E[g_a g_b] at these means.
  func value(_ mean: Double, _ other: Double) -> Double {
    let panels = FieldLine.panels(
      [
        FieldLine(first, slope: deviation, offset: mean, s: 0),
        FieldLine(second, slope: slope, offset: other, s: rest),
      ], reach: Self.reach, widest: rules.order.gaussian, most: 256)
    let rule = rules.normal(panels), count = rule.nodes.count
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: 3 * count) { buffer in
      let x = buffer.baseAddress!, g = x + count, scratch = g + count
      for q in 0..<count { x[q] = mean + deviation * rule.nodes[q] }
      first.values(x, count, g, scratch: scratch)
      var sum = 0.0
      for q in 0..<count {
        sum += rule.weights[q] * g[q] * smoothed(other + slope * rule.nodes[q])
      }
      return sum
    }
  }
}

/// A function of the outer variables on the box that the points of a rule fill, as Chebyshev
/// polynomials in boxes of it.
struct BoxFunction {
  /// One variable: panels from `low` on, and polynomials in each.
  struct Axis {
    let low: Double
    let size: Double
    let panels: Int
    let count: Int

    /// `extent` is how many cells (``FieldPartition``) the range is long.
    init(_ low: Double, _ high: Double, extent: Double) {
      self.low = low
      panels = max(1, Int(extent.rounded(.up)))
      size = max(high - low, 1e-300) / Double(panels)
      let own = extent / Double(panels)
      count = high - low < 1e-12 ? 1 : min(16, 5 + Int((11 * own).rounded(.up)))
    }

    var nodes: Int { panels * count }

    func place(_ panel: Int, _ k: Int) -> Double {
      low + size * (Double(panel) + 0.5 * (1 + cos((Double(k) + 0.5) * .pi / Double(count))))
    }

    /// The panel of a number, and T_j there.
    @inline(__always) func polynomials(_ x: Double, _ T: UnsafeMutablePointer<Double>) -> Int {
      let panel = max(0, min(panels - 1, Int((x - low) / size)))
      let t = 2 * ((x - low) / size - Double(panel)) - 1
      T[0] = 1
      if count > 1 { T[1] = t }
      for j in 2..<max(count, 2) { T[j] = 2 * t * T[j - 1] - T[j - 2] }
      return panel
    }

    /// c_j = Σ_k cosines[j][k] f(place k).
    var cosines: [[Double]] {
      let n = count
      func element(_ j: Int, _ k: Int) -> Double {
        let angle = Double(j) * (Double(k) + 0.5) * .pi / Double(n)
        return cos(angle) * (j == 0 ? 1 : 2) / Double(n)
      }
      return (0..<n).map { j in (0..<n).map { k in element(j, k) } }
    }
  }

  let first: Axis
  let second: Axis
  private var coefficients: [Double] = []

  /// nil where `value` does not want to go on.
  init?(_ first: Axis, _ second: Axis, _ value: (Double, Double) -> Double?) {
    (self.first, self.second) = (first, second)
    let (n1, n2) = (first.count, second.count)
    let (c1, c2) = (first.cosines, second.cosines)
    coefficients = [Double](repeating: 0, count: first.nodes * second.nodes)
    for p1 in 0..<first.panels {
      for p2 in 0..<second.panels {
        let start = (p1 * second.panels + p2) * n1 * n2
        for k1 in 0..<n1 {
          for k2 in 0..<n2 {
            guard let f = value(first.place(p1, k1), second.place(p2, k2)) else { return nil }
            for j1 in 0..<n1 {
              for j2 in 0..<n2 {
                coefficients[start + j1 * n2 + j2] += c1[j1][k1] * c2[j2][k2] * f
              }
            }
          }
        }
      }
    }
  }

  func callAsFunction(_ z1: Double, _ z2: Double) -> Double {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 32) { buffer in
      let T = buffer.baseAddress!, U = T + 16
      let p1 = first.polynomials(z1, T), p2 = second.polynomials(z2, U)
      let start = (p1 * second.panels + p2) * first.count * second.count
      return coefficients.withUnsafeBufferPointer { all in
        var c = all.baseAddress! + start, sum = 0.0
        for j in 0..<first.count {
          var row = 0.0
          for k in 0..<second.count { row += c[k] * U[k] }
          sum += T[j] * row
          c += second.count
        }
        return sum
      }
    }
  }
}

/// A smoothed function as Chebyshev polynomials of degree 13.
struct SmoothedFunction {
  private static let count = 14
  private static let angles = (0..<count).map { (Double($0) + 0.5) * .pi / Double(count) }
  private static let cosines = (0..<count).map { j in
    angles.map { cos(Double(j) * $0) * (j == 0 ? 1 : 2) / Double(count) }
  }
  private let edges: [Double]
  private let coefficients: [Double]

  init(
    _ f: FieldFunction, s: Double, _ low: Double, _ high: Double, _ values: ([Double]) -> [Double]
  ) {
    // In units of half the range, which panels are found in.
    let middle = 0.5 * (low + high), half = max(0.5 * (high - low), 1e-300)
    let line = FieldLine(f, slope: half, offset: middle, s: s)
    let panels = FieldLine.panels([line], reach: 1, widest: 1, most: 4096).sorted {
      $0.low < $1.low
    }
    edges = panels.map { middle + half * $0.low } + [high]
    var x: [Double] = []
    x.reserveCapacity(panels.count * Self.count)
    for panel in panels {
      let (center, size) = (0.5 * (panel.low + panel.high), 0.5 * (panel.high - panel.low))
      for angle in Self.angles.reversed() { x.append(middle + half * (center + size * cos(angle))) }
    }
    let f = values(x)
    var coefficients = [Double](repeating: 0, count: f.count)
    for panel in panels.indices {
      for j in 0..<Self.count {
        var sum = 0.0
        for k in 0..<Self.count {
          sum += Self.cosines[j][k] * f[panel * Self.count + Self.count - 1 - k]
        }
        coefficients[panel * Self.count + j] = sum
      }
    }
    self.coefficients = coefficients
  }

  @inline(__always) func callAsFunction(_ x: Double) -> Double {
    var low = 0, high = edges.count - 1
    while high - low > 1 {
      let middle = (low + high) / 2
      if edges[middle] <= x { low = middle } else { high = middle }
    }
    let t = 2 * (x - edges[low]) / (edges[low + 1] - edges[low]) - 1
    return coefficients.withUnsafeBufferPointer { all in
      let c = all.baseAddress! + low * Self.count
      var b1 = 0.0, b2 = 0.0
      for j in stride(from: Self.count - 1, to: 0, by: -1) {
        (b1, b2) = (2 * t * b1 - b2 + c[j], b1)
      }
      return t * b1 - b2 + c[0]
    }
  }
}
