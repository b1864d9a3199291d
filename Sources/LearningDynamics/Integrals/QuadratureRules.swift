/// How finely quadrature looks.
package struct QuadratureOrder: Sendable {
  /// The steps of the trapezoidal rules where all is smooth, in standard deviations: of the
  /// one-dimensional integrals and of the two-dimensional ones.
  var single: Double
  var double: Double
  /// Where there are kinks: the panels' width in standard deviations, and nodes in each.
  var panel: Double
  var panelNodes: Int
  /// The step, or the nodes, and the Hermite coefficients of the conditional expectations.
  var inner: Double
  var innerNodes: Int
  var modes: Int
  /// Points of less weight are left out; Hermite terms from the power of the correlation on that
  /// is its 3/4-th.
  var negligible: Double
  /// The widest step of the two-dimensional rule for a function of width 1, such as erf(x/√2) has;
  /// of the others in proportion.
  var width: Double
  /// Nodes in a cell of a function (``FieldPartition``), the widest panel for a normal density in
  /// its deviations, and for one times the Hermite polynomials.
  var cellNodes: Int
  var gaussian: Double
  var smoothed: Double

  package static let standard = QuadratureOrder(
    single: 0.25, double: 0.36, panel: 1.8, panelNodes: 7, inner: 0.42, innerNodes: 16,
    modes: 32, negligible: 1e-12, width: 0.6, cellNodes: 10, gaussian: 1.2, smoothed: 0.5)
  /// What tells the error of `standard`.
  package static let fine = QuadratureOrder(
    single: 0.18, double: 0.27, panel: 1.2, panelNodes: 9, inner: 0.32, innerNodes: 24,
    modes: 48, negligible: 1e-14, width: 0.45, cellNodes: 13, gaussian: 1, smoothed: 0.4)
}

/// The rules that an order asks for, made once.
package final class QuadratureRules: Sendable {
  let order: QuadratureOrder
  let single: GaussRule
  let double: GaussRule
  let legendre: GaussRule
  /// For one cell of a function.
  let cell: GaussRule
  /// For the kinks of nearly parallel fields, see ``KinkTails``.
  let tails: GaussRule
  /// For conditional expectations: of parabolas, of narrow conditional distributions (s < ½), of
  /// wide ones.
  let exact: Rule
  let narrow: Rule
  let wide: Rule
  /// Of smooth functions of a whole field, for ``PairIntegrals``: twice as many coefficients.
  let whole: Rule
  /// Of functions with kinks, of which fourth derivatives may jump when the kinks are taken out.
  let kinked: Rule

  package static let standard = QuadratureRules(.standard)
  /// What tells the error of `standard`.
  package static let fine = QuadratureRules(.fine)

  package init(_ order: QuadratureOrder) {
    self.order = order
    single = .trapezoidal(step: order.single, reach: 7.5)
    double = .trapezoidal(step: order.double, reach: 7)
    legendre = .legendre(order.panelNodes)
    cell = .legendre(order.cellNodes)
    tails = .legendre(2 * order.panelNodes)
    // E[f²] of a parabola f asks for degree 4, with modes below 6 for degree 9.
    exact = Rule(.hermite(6), modes: min(order.modes, 6))
    narrow = Rule(.hermite(order.innerNodes), modes: min(order.modes, order.innerNodes))
    wide = Rule(.trapezoidal(step: order.inner, reach: 8.4), modes: order.modes)
    whole = Rule(.trapezoidal(step: 0.75 * order.single, reach: 8.4), modes: 2 * order.modes)
    kinked = Rule(.trapezoidal(step: 0.6 * order.inner, reach: 8.4), modes: order.modes)
  }

  /// Whether a function of this width is too narrow, or has jumps too high, for the fixed rules of
  /// conditional expectations over the deviation s.
  func isWide(_ s: Double, _ f: FieldFunction) -> Bool {
    if s == 0 || f.isPolynomial { return false }
    let width = f.partition.width
    if f.partition.isRough && s > 0.2 * min(width, 1) { return true }
    let step = f.kinks.isEmpty ? order.inner : 0.6 * order.inner
    return s * step > 1.1 * order.width * width
  }

  /// The nodes of the longest conditional rule.
  var mostNodes: Int { max(narrow.nodes.count, kinked.nodes.count) }

  /// A rule with its Hermite functions: nodes and w_q he_m(z_q), row m.
  struct Rule: Sendable {
    let nodes: [Double]
    let modes: Int
    let table: [Double]

    init(_ rule: GaussRule, modes: Int) {
      nodes = rule.nodes
      self.modes = modes
      let count = rule.nodes.count
      var table = [Double](repeating: 0, count: modes * count)
      for q in 0..<count {
        var before = 0.0, he = 1.0
        for m in 0..<modes {
          table[m * count + q] = rule.weights[q] * he
          let next =
            (rule.nodes[q] * he - Double(m).squareRoot() * before) / Double(m + 1).squareRoot()
          (before, he) = (he, next)
        }
      }
      self.table = table
    }
  }
}
