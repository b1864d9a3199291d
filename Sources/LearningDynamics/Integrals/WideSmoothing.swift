import CKernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The coefficients G_m(μ) = E[f(μ + s z) he_m(z)] of ``Smoothing`` where the deviation s is wide
/// against what f does, or f has jumps of high derivatives.
///
/// Nodes lie where the cells of f want them (``FieldPartition``), the same for all μ:
///
///     G_m(μ) = ∫ f(x) he_m((x - μ)/s) φ((x - μ)/s) dx/s,
///
/// and since G_m varies on the scale of s, a table over μ serves the points of a rule.
struct WideSmoothing {
  private let rules: QuadratureRules
  private let level = tss_best_level()
  private let modes: Int
  /// √m and 1/√(m + 1), for the recurrence of the he_m.
  private let roots: [Double]
  private let inverses: [Double]

  /// Entries of a table for one deviation, and the points that an interpolation takes.
  static let density = 8.0
  private static let points = 10

  init(_ rules: QuadratureRules) {
    self.rules = rules
    modes = rules.order.modes
    roots = (0..<modes).map { Double($0).squareRoot() }
    inverses = (0..<modes).map { 1 / Double($0 + 1).squareRoot() }
  }

  /// G_m and E[f²], for means from `low` on at this step; one row for each mean, E[f²] its last.
  struct Table {
    var low = 0.0
    var step = 0.0
    var columns = 0
    var values: [Double] = []
  }

  /// The function at nodes that serve all means between two, and the weights of a row of sums.
  private struct Nodes {
    let x: [Double]
    let wf: [Double]
    let wff: [Double]
  }

  private func nodes(_ f: FieldFunction, _ low: Double, _ high: Double, s: Double) -> Nodes {
    let reach = 8.4 * s
    let rule = f.partition.rule(
      low - reach, high + reach, widest: rules.order.smoothed * s, rules.cell)
    var g = rule.nodes, scratch = g
    f.values(rule.nodes, g.count, &g, scratch: &scratch)
    let wf = zip(rule.weights, g).map { $0 * $1 }
    return Nodes(x: rule.nodes, wf: wf, wff: zip(wf, g).map { $0 * $1 })
  }

  /// A table for means from `low` to `high`.
  func table(
    _ f: FieldFunction, _ low: Double, _ high: Double, s: Double, wanted: Int
  ) -> Table {
    let step = s / Self.density, margin = Double(Self.points / 2) * step
    let count = Int((high - low) / step) + Self.points + 2
    var table = Table(low: low - margin, step: step, columns: wanted + 1)
    table.values = [Double](repeating: 0, count: count * (wanted + 1))
    let means = (0..<count).map { table.low + step * Double($0) }
    evaluate(f, means, s: s, wanted: wanted, &table.values)
    return table
  }

  /// One row of wanted + 1 numbers for each mean, of means in increasing order.
  func evaluate(
    _ f: FieldFunction, _ means: [Double], s: Double, wanted: Int, _ result: inout [Double]
  ) {
    guard let least = means.first, let most = means.last else { return }
    let nodes = nodes(f, least, most, s: s), inverse = 1 / s
    let density = inverse / (2 * Double.pi).squareRoot()
    let total = nodes.x.count
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 4 * total) { buffer in
      let z = buffer.baseAddress!, phi = z + total
      var from = 0, to = 0
      for (row, mean) in means.enumerated() {
        while from < total, nodes.x[from] < mean - 8.4 * s { from += 1 }
        to = max(to, from)
        while to < total, nodes.x[to] <= mean + 8.4 * s { to += 1 }
        let count = to - from
        for q in 0..<count {
          z[q] = (nodes.x[from + q] - mean) * inverse
          phi[q] = -0.5 * z[q] * z[q]
        }
        tss_exp(level, phi, phi, Int64(count))
        for q in 0..<count { phi[q] *= density }
        let columns = wanted + 1, length = Int64(count)
        nodes.wff.withUnsafeBufferPointer {
          result[row * columns + wanted] = tss_dot(level, phi, $0.baseAddress! + from, length)
        }
        var before = phi + total, now = phi + 2 * total
        nodes.wf.withUnsafeBufferPointer { wf in
          for q in 0..<count { (before[q], now[q]) = (0, phi[q] * wf[from + q]) }
        }
        for q in 0..<count { phi[q] = 1 }
        for m in 0..<wanted {
          result[row * columns + m] = tss_dot(level, now, phi, length)
          let root = roots[m], factor = inverses[m]
          for q in 0..<count { before[q] = (z[q] * now[q] - root * before[q]) * factor }
          (before, now) = (now, before)
        }
      }
    }
  }

  /// Fills row m < `wanted` of G (rows of a block), and E[f²], from a table that has them.
  func apply(
    _ table: Table, mean: UnsafePointer<Double>, count: Int, wanted: Int,
    _ G: UnsafeMutablePointer<Double>, square: UnsafeMutablePointer<Double>?
  ) {
    let columns = table.columns, size = Smoothing.block, order = Self.points
    withUnsafeTemporaryAllocation(of: Double.self, capacity: columns + 3 * order) { buffer in
      let sum = buffer.baseAddress!, weights = sum + columns, left = weights + order
      let right = left + order
      table.values.withUnsafeBufferPointer { values in
        for p in 0..<count {
          // Lagrange's polynomial through ten entries, the point between the fifth and sixth.
          let place = (mean[p] - table.low) / table.step
          let last = values.count / columns - order
          let first = max(0, min(last, Int(place) - order / 2 + 1))
          let t = place - Double(first)
          var product = 1.0
          for j in 0..<order {
            left[j] = product
            product *= t - Double(j)
          }
          product = 1
          for j in (0..<order).reversed() {
            right[j] = product
            product *= t - Double(j)
          }
          for j in 0..<order { weights[j] = left[j] * right[j] * Self.inverseProducts[j] }
          for c in 0..<columns { sum[c] = 0 }
          for j in 0..<order {
            let row = values.baseAddress! + (first + j) * columns, w = weights[j]
            for c in 0..<columns { sum[c] += w * row[c] }
          }
          for m in 0..<wanted { G[m * size + p] = sum[m] }
          if let square { square[p] = sum[columns - 1] }
        }
      }
    }
  }

  /// 1/Π_{k≠j} (j - k).
  private static let inverseProducts: [Double] = (0..<points).map { j in
    (0..<points).reduce(1.0) { $1 == j ? $0 : $0 / Double(j - $1) }
  }
}
