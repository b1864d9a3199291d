import CKernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// I2 of any activations from Hermite coefficients of every field, once: with G_am = E[g_a(x_a)
/// he_m(x_a/|x_a|)] and the fields' correlations ρ_ab, I2(a, b) = Σ_m ρ_ab^m G_am G_bm
/// (Mehler 1866).
///
/// What the coefficients leave of E[g_a²] bounds what the sum lacks. Fields that are too nearly
/// parallel for their kinks are told: their I2 takes a rule in two dimensions.
struct PairIntegrals {
  private let rules: QuadratureRules
  private let modes: Int
  private let level = tss_best_level()
  /// Row a has the coefficients of field a.
  private let G: UnsafeMutablePointer<Double>
  /// E[g_a²], what the coefficients leave of it, and |x_a|.
  private let square: UnsafeMutablePointer<Double>
  private let rest: UnsafeMutablePointer<Double>
  private let length: UnsafeMutablePointer<Double>
  /// √m and 1/√(m + 1), for the recurrence of the he_m.
  private let roots: [Double]
  private let inverses: [Double]

  init(_ rules: QuadratureRules, n: Int) {
    self.rules = rules
    modes = rules.whole.modes
    roots = (0..<modes).map { Double($0).squareRoot() }
    inverses = (0..<modes).map { 1 / Double($0 + 1).squareRoot() }
    let capacity = n * (modes + 3)
    G = .allocate(capacity: capacity)
    G.initialize(repeating: 0, count: capacity)
    square = G + n * modes
    rest = square + n
    length = rest + n
  }

  func deallocate() { G.deallocate() }

  /// Takes the coefficients of a field with this variance; those of field `like`, where it has the
  /// same function and this variance too.
  func prepare(_ a: Int, _ f: FieldFunction, variance: Double, like: Int?) {
    let s = max(variance, 0).squareRoot(), row = G + a * modes
    length[a] = s
    if let like, length[like] == s {
      row.update(from: G + like * modes, count: modes)
      (square[a], rest[a]) = (square[like], rest[like])
      return
    }
    row.update(repeating: 0, count: modes)
    var sum = 0.0
    if f.kinks.isEmpty && !isWide(f, s) {
      let rule = rules.whole, count = rule.nodes.count
      values(f, rule.nodes.map { s * $0 }) { g in
        rule.table.withUnsafeBufferPointer { table in
          for m in 0..<modes {
            row[m] = tss_dot(level, table.baseAddress! + m * count, g, Int64(count))
          }
          for q in 0..<count { sum += table[q] * g[q] * g[q] }
        }
      }
    } else {
      let rule = isWide(f, s) ? wideRule(f, s) : kinkedRule(f, s), count = rule.nodes.count
      values(f, rule.nodes.map { s * $0 }) { g in
        for q in 0..<count {
          let z = rule.nodes[q], value = rule.weights[q] * g[q]
          sum += value * g[q]
          var before = 0.0, he = 1.0
          for m in 0..<modes {
            row[m] += value * he
            (before, he) = (he, (z * he - roots[m] * before) * inverses[m])
          }
        }
      }
    }
    square[a] = sum
    rest[a] = max(sum - tss_dot(level, row, row, Int64(modes)), 1e-16 * sum)
  }

  /// I2(a, b), and whether the sum has all of it.
  func I2(_ a: Int, _ b: Int, covariance: Double) -> Double? {
    if a == b { return square[a] }
    let size = length[a] * length[b]
    let r = size > 0 ? min(1, max(-1, covariance / size)) : 0
    let lost = pow(abs(r), Double(modes)) * (rest[a] * rest[b]).squareRoot()
    if lost > 1e-14 * (square[a] * square[b]).squareRoot() { return nil }
    var sum = 0.0
    for m in stride(from: modes - 1, through: 0, by: -1) {
      sum = sum * r + G[a * modes + m] * G[b * modes + m]
    }
    return sum
  }

  private func values(
    _ f: FieldFunction, _ x: [Double], _ body: (UnsafePointer<Double>) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * x.count) { buffer in
      let g = buffer.baseAddress!
      f.values(x, x.count, g, scratch: g + x.count)
      body(g)
    }
  }

  /// Whether the fixed rules are too wide for the function of a field with this deviation.
  private func isWide(_ f: FieldFunction, _ s: Double) -> Bool {
    if f.isPolynomial { return false }
    if f.kinks.isEmpty {
      return 0.75 * rules.order.single * s > 0.8 * rules.order.width * f.partition.width
    }
    return f.partition.isRough || 0.5 * s > FieldPartition.widthOfErf * f.partition.width
  }

  /// A rule in every cell of the function.
  private func wideRule(_ f: FieldFunction, _ s: Double) -> GaussRule {
    let density = 1 / (2 * Double.pi).squareRoot()
    let rule = f.partition.rule(-8.4 * s, 8.4 * s, widest: 0.4 * s, rules.cell)
    let nodes = rule.nodes.map { $0 / s }
    return GaussRule(
      nodes: nodes,
      weights: zip(nodes, rule.weights).map { $1 / s * density * exp(-0.5 * $0 * $0) })
  }

  /// Panels of Gauss and Legendre's rule between the kinks, narrow enough for the last modes.
  private func kinkedRule(_ f: FieldFunction, _ s: Double) -> GaussRule {
    rules.legendre.normal(
      reach: 8.4, width: 0.5, cuts: s > 0 ? f.kinks.map { $0.place / s } : [])
  }
}
