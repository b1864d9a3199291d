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
/// and since G_m varies on the scale of s, a ``ModeTable`` over μ serves the points of a rule.
struct WideSmoothing {
  private let rules: QuadratureRules
  private let level = tss_best_level()
  /// √m and 1/√(m + 1), for the recurrence of the he_m.
  private let roots: [Double]
  private let inverses: [Double]

  init(_ rules: QuadratureRules) {
    self.rules = rules
    let modes = rules.order.moreModes
    roots = (0..<modes).map { Double($0).squareRoot() }
    inverses = (0..<modes).map { 1 / Double($0 + 1).squareRoot() }
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

  /// One row of wanted + 1 numbers for each mean, of means in increasing order.
  func evaluate(
    _ f: FieldFunction, _ means: [Double], s: Double, wanted: Int, _ result: inout [Double]
  ) {
    guard let least = means.first, let most = means.last else { return }
    let nodes = nodes(f, least, most, s: s), inverse = 1 / s
    let density = inverse / (2 * Double.pi).squareRoot()
    let total = nodes.x.count
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * total + 16) { buffer in
      let z = buffer.baseAddress!, phi = z + total + 8
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
        for q in 0..<count { phi[q] *= nodes.wf[from + q] }
        let whole = (count + 7) / 8 * 8
        for q in count..<whole { (z[q], phi[q]) = (0, 0) }
        result.withUnsafeMutableBufferPointer {
          tss_hermite_sums(
            level, z, phi, Int64(whole), roots, inverses, Int64(wanted),
            $0.baseAddress! + row * columns)
        }
      }
    }
  }
}
