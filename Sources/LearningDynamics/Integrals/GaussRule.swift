import Groundwork

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Nodes and weights of a quadrature rule.
package struct GaussRule: Sendable {
  package let nodes: [Double]
  package let weights: [Double]

  /// Gauss and Legendre's rule for ∫₀¹ f(s) ds, by Newton's iteration on the recurrence.
  package static func legendre(_ count: Int) -> GaussRule {
    var nodes = [Double](repeating: 0.5, count: count)
    var weights = nodes
    for k in 0..<count {
      var x = cos(.pi * (Double(k) + 0.75) / (Double(count) + 0.5))
      var slope = 1.0
      for _ in 0..<8 {
        var (before, value) = (1.0, x)
        for j in 1..<max(count, 1) {
          let j = Double(j)
          (before, value) = (value, ((2 * j + 1) * x * value - j * before) / (j + 1))
        }
        slope = Double(count) * (x * value - before) / (x * x - 1)
        x -= value / slope
      }
      nodes[count - 1 - k] = 0.5 * (1 + x)
      weights[count - 1 - k] = 1 / ((1 - x * x) * slope * slope)
    }
    return GaussRule(nodes: nodes, weights: weights)
  }

  /// Gauss and Hermite's rule for E[f(z)], z ~ N(0, 1), from the eigenvectors of the recurrence
  /// (Golub and Welsch 1969).
  package static func hermite(_ count: Int) -> GaussRule {
    let eigen = SymmetricEigen(
      Matrix(rows: count, columns: count) { i, j in
        abs(i - j) == 1 ? Double(max(i, j)).squareRoot() : 0
      })
    // Exactly symmetric, so that odd functions vanish.
    let order = (0..<count).sorted { eigen.values[$0] < eigen.values[$1] }
    var nodes = order.map { eigen.values[$0] }
    var weights = order.map { eigen.vectors[0, $0] * eigen.vectors[0, $0] }
    for k in 0..<count / 2 {
      let other = count - 1 - k
      let node = 0.5 * (nodes[other] - nodes[k]), weight = 0.5 * (weights[other] + weights[k])
      (nodes[k], nodes[other]) = (-node, node)
      (weights[k], weights[other]) = (weight, weight)
    }
    if count % 2 == 1 { nodes[count / 2] = 0 }
    return GaussRule(nodes: nodes, weights: weights)
  }

  /// The trapezoidal rule for E[f(z)], z ~ N(0, 1), with this step up to ±reach.
  ///
  /// For E[exp(-b z²/2)] its error is exp(-2π²/(h²(1 + b))), where Gauss and Hermite's rule with n
  /// nodes has (b/(2 + b))ⁿ: sigmoids of long weights have b near 10, and 40 nodes of the latter
  /// leave 1e-4.
  package static func trapezoidal(step: Double, reach: Double) -> GaussRule {
    let half = Int(reach / step)
    let nodes = (-half...half).map { step * Double($0) }
    let density = step / (2 * Double.pi).squareRoot()
    return GaussRule(nodes: nodes, weights: nodes.map { density * exp(-0.5 * $0 * $0) })
  }

  /// For E[f(z)], z ~ N(0, 1): this rule of [0, 1] on panels of at most this width, between the cuts
  /// that lie within ±reach.
  package func normal(reach: Double, width: Double, cuts: [Double]) -> GaussRule {
    let density = 1 / (2 * Double.pi).squareRoot()
    var nodes: [Double] = [], weights: [Double] = []
    var low = -reach
    for end in (cuts.filter { abs($0) < reach } + [reach]).sorted() where end - low > 1e-12 {
      let count = max(1, ((end - low) / width).rounded(.up)), step = (end - low) / count
      for panel in 0..<Int(count) {
        for (node, weight) in zip(self.nodes, self.weights) {
          let z = low + step * (Double(panel) + node)
          nodes.append(z)
          weights.append(weight * step * density * exp(-0.5 * z * z))
        }
      }
      low = end
    }
    return GaussRule(nodes: nodes, weights: weights)
  }
}
