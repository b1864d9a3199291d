import Groundwork

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The averages ⟨g′(x_i) g′(x_j) …⟩ of up to four slopes over Gaussian fields for an activation
/// without closed form, by quadrature.
///
/// Averages over uncorrelated fields factor, and those of one field are integrals over panels that
/// end at its kinks. Correlated fields are x = L z with the triangular root L of their covariance,
/// and x_a depends on z_1 … z_a only: an integral in each z, of a slope times a smooth function of
/// it, and the slopes of the first fields are computed once for all values of the others.
final class SampledSlopes {
  private let function: FieldFunction
  private let C: Matrix
  /// ⟨g′(x_i)^p⟩, p = 1 … 4, of each field.
  private let powers: [[Double]]

  /// More correlated fields than this have too many averages.
  static let largestCount = 8

  /// - Throws: `needsState` where a field vanishes at a kink, `invalid` where quadrature fails.
  init(_ function: FieldFunction, covariance: Matrix) throws(TheoryError) {
    self.function = function
    C = covariance
    var powers: [[Double]] = []
    for (i, variance) in covariance.diagonal.enumerated() {
      if let known = (0..<i).first(where: { covariance[$0, $0] == variance }) {
        powers.append(powers[known])
      } else {
        powers.append(try Self.powers(function, deviation: variance.squareRoot()))
      }
    }
    self.powers = powers
    let n = covariance.rows
    let areCorrelated = (0..<n).contains { i in (0..<i).contains { self.areCorrelated(i, $0) } }
    guard !areCorrelated || n <= Self.largestCount else {
      throw .invalid(
        "the theory of \(n) different correlated hidden units takes too long with g = "
          + "\(function.activation); at most \(Self.largestCount) are possible")
    }
  }

  /// ⟨Π g′(x_i)⟩ over these fields, which may repeat.
  func callAsFunction(_ fields: [Int]) throws(TheoryError) -> Double {
    var rest: [(field: Int, power: Int)] = []
    for field in fields {
      if let known = rest.firstIndex(where: { $0.field == field }) {
        rest[known].power += 1
      } else {
        rest.append((field, 1))
      }
    }
    var product = 1.0
    while let first = rest.popLast() {
      var component = [first]
      var next = 0
      while next < component.count {
        let field = component[next].field
        component += rest.filter { areCorrelated($0.field, field) }
        rest.removeAll { areCorrelated($0.field, field) }
        next += 1
      }
      product *=
        component.count == 1
        ? powers[first.field][first.power - 1] : try correlated(component)
    }
    return product
  }

  private func areCorrelated(_ i: Int, _ j: Int) -> Bool {
    C[i, j] * C[i, j] > 1e-30 * C[i, i] * C[j, j]
  }

  // MARK: One field

  /// ⟨g′(s z)^p⟩ for p = 1 … 4: Gauss and Legendre's rule on panels that halve until nothing moves.
  private static func powers(
    _ function: FieldFunction, deviation s: Double
  ) throws(TheoryError) -> [Double] {
    let kinks = function.kinks.map(\.place)
    guard s > 0 else {
      guard !kinks.contains(0) else {
        throw .needsState("a hidden unit is 0, where \(function.activation) has no slope")
      }
      let slope = function.slopes([0])[0]
      return (1...4).map { power(slope, $0) }
    }
    let panels = GaussRule.legendre(10)
    var before = [Double](repeating: .infinity, count: 4)
    var width = 1.0
    for _ in 0..<12 {
      let rule = panels.normal(reach: 9, width: width, cuts: kinks.map { $0 / s })
      let slope = function.slopes(rule.nodes.map { s * $0 })
      var sums = [Double](repeating: 0, count: 4), sizes = sums
      for (weight, slope) in zip(rule.weights, slope) {
        for p in 1...4 {
          sums[p - 1] += weight * power(slope, p)
          sizes[p - 1] += weight * power(abs(slope), p)
        }
      }
      let settled = (0..<4).allSatisfy { abs(sums[$0] - before[$0]) <= 1e-12 * sizes[$0] }
      if settled { return sums }
      guard sums.allSatisfy(\.isFinite) else { break }
      (before, width) = (sums, width / 2)
    }
    throw .unsettled(
      "the averages of the slope of \(function.activation) do not settle: it varies too fast")
  }

  // MARK: Several fields

  private func correlated(_ fields: [(field: Int, power: Int)]) throws(TheoryError) -> Double {
    let root = Self.root(fields.count) { C[fields[$0].field, fields[$1].field] }
    // The size of the average, for the relative error of one that vanishes.
    let size = fields.reduce(1) { product, field in
      product * pow(powers[field.field][1], 0.5 * Double(field.power))
    }
    var before = Double.infinity, change = Double.infinity
    for refinement in 0..<4 {
      let rules = Rules(refinement, hasKinks: !function.kinks.isEmpty)
      let value = sum(fields.map(\.power), root, rules, [], weight: 1)
      change = abs(value - before) / max(abs(value), 1e-3 * size)
      if change < 1e-8 { return value }
      before = value
    }
    guard change < 1e-5 else {
      throw .unsettled(
        "the averages of the slope of \(function.activation) over correlated hidden units reach a "
          + "relative error of \(change.brief) only; it varies too fast, or jumps")
    }
    return before
  }

  /// Σ over the coordinates from number `z.count` on.
  private func sum(
    _ powers: [Int], _ L: Matrix, _ rules: Rules, _ z: [Double], weight: Double
  ) -> Double {
    let a = z.count
    let mean = z.indices.reduce(0) { $0 + L[a, $1] * z[$1] }
    let rule = rules.of(function.kinks, mean: mean, deviation: L[a, a])
    let slope = function.slopes(rule.nodes.map { mean + L[a, a] * $0 })
    var total = 0.0
    for j in rule.nodes.indices where weight * rule.weights[j] > 1e-14 {
      let factor = rule.weights[j] * Self.power(slope[j], powers[a])
      total +=
        a == powers.count - 1
        ? factor
        : factor * sum(powers, L, rules, z + [rule.nodes[j]], weight: weight * rule.weights[j])
    }
    return total
  }

  /// For one coordinate of several: trapezoidal, or panels between the kinks.
  private struct Rules {
    private let smooth: GaussRule
    private let panels: GaussRule?
    private let width: Double

    init(_ refinement: Int, hasKinks: Bool) {
      smooth = .trapezoidal(step: 0.6 * pow(0.7, Double(refinement)), reach: 6.5)
      panels = hasKinks ? .legendre(5 + 2 * refinement) : nil
      width = 3.3 * pow(0.8, Double(refinement))
    }

    func of(
      _ kinks: [FieldFunction.Kink], mean: Double, deviation: Double
    ) -> GaussRule {
      // A field that is a combination of the others.
      guard deviation > 0 else { return GaussRule(nodes: [0], weights: [1]) }
      guard let panels else { return smooth }
      return panels.normal(
        reach: 6.5, width: width, cuts: kinks.map { ($0.place - mean) / deviation })
    }
  }

  /// The lower triangular L with L Lᵀ = C; what rounding leaves of a vanishing pivot is 0.
  private static func root(_ n: Int, _ C: (Int, Int) -> Double) -> Matrix {
    var L = Matrix(rows: n, columns: n)
    for i in 0..<n {
      for j in 0...i {
        let rest = (0..<j).reduce(C(i, j)) { $0 - L[i, $1] * L[j, $1] }
        if i == j {
          L[i, i] = rest > 1e-12 * C(i, i) ? rest.squareRoot() : 0
        } else {
          L[i, j] = L[j, j] > 0 ? rest / L[j, j] : 0
        }
      }
    }
    return L
  }

  private static func power(_ x: Double, _ n: Int) -> Double {
    switch n {
    case 1: x
    case 2: x * x
    case 3: x * x * x
    default: x * x * x * x
    }
  }
}
