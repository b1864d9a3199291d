import CKernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The smoothed function and its Hermite coefficients, for deviations s that are not wide against
/// the function (``QuadratureRules/isWide``; else see ``WideSmoothing``):
/// G_m(μ) = E[f(μ + s z) he_m(z)] for m below `modes`, at many μ at once, z ~ N(0, 1), he_m orthonormal.
///
/// A rule in z for f without its kinks (Gauss and Hermite's where s is small, else the trapezoidal
/// one), closed forms for the kinks: E[θ he_m], E[x₊ he_m] and E[x₊² he_m] are φ(t) he_{m-1}(t)
/// and so on, at t = (μ - κ)/s.
struct Smoothing {
  /// Points at once.
  static let block = 128
  private let rules: QuadratureRules
  private let level = tss_best_level()
  private let x: UnsafeMutablePointer<Double>
  private let g: UnsafeMutablePointer<Double>
  private let dg: UnsafeMutablePointer<Double>
  /// Rows for t, φ, Φ and two of the recurrence.
  private let rows: UnsafeMutablePointer<Double>
  let modes: Int

  init(_ rules: QuadratureRules) {
    self.rules = rules
    modes = rules.order.modes
    let size = Self.block, nodes = rules.mostNodes
    x = .allocate(capacity: (3 * nodes + 7) * size)
    x.initialize(repeating: 0, count: (3 * nodes + 7) * size)
    g = x + nodes * size
    dg = g + nodes * size
    rows = dg + nodes * size
  }

  func deallocate() { x.deallocate() }

  /// Fills row m < `wanted` of G (rows of `block`), and E[f²] into `square` where asked for.
  func apply(
    _ f: FieldFunction, mean: UnsafePointer<Double>, s: Double, count: Int, wanted: Int,
    _ G: UnsafeMutablePointer<Double>, square: UnsafeMutablePointer<Double>?
  ) {
    let size = Self.block
    if s == 0 {
      f.values(mean, count, G, scratch: dg)
      for m in 1..<max(wanted, 1) { (G + m * size).update(repeating: 0, count: count) }
      if let square { for p in 0..<count { square[p] = G[p] * G[p] } }
      return
    }
    let rule =
      f.isPolynomial
      ? rules.exact
      : !f.kinks.isEmpty
        ? rules.kinked : s < 0.5 * min(1, f.partition.width) ? rules.narrow : rules.wide
    let nodes = rule.nodes.count
    // x has `count` points for each node, without gaps.
    for q in 0..<nodes {
      let shift = s * rule.nodes[q], row = x + q * count
      for p in 0..<count { row[p] = mean[p] + shift }
    }
    f.values(x, nodes * count, g, scratch: dg)
    if let square {
      for j in 0..<nodes * count { dg[j] = g[j] * g[j] }
      remove(f.kinksOfSquare, from: dg, nodes * count)
      square.update(repeating: 0, count: count)
      for q in 0..<nodes {
        tss_add_multiple(level, rule.table[q], dg + q * count, square, Int64(count))
      }
      add(f.kinksOfSquare, mean, s, count, wanted: 1, square)
    }
    remove(f.kinks, from: g, nodes * count)
    for m in 0..<wanted {
      let row = G + m * size
      row.update(repeating: 0, count: count)
      if m >= rule.modes { continue }
      for q in 0..<nodes {
        tss_add_multiple(level, rule.table[m * nodes + q], g + q * count, row, Int64(count))
      }
    }
    add(f.kinks, mean, s, count, wanted: wanted, G)
  }

  /// Subtracts the functions (x - κ)₊^j/j! times the jumps.
  private func remove(
    _ kinks: [FieldFunction.Kink], from values: UnsafeMutablePointer<Double>, _ count: Int
  ) {
    for kink in kinks {
      for j in 0..<count {
        let distance = x[j] - kink.place
        // At the kink itself a function may have either value, or the mean: that is taken.
        values[j] -= distance > 0 ? kink.part(distance) : distance == 0 ? 0.5 * kink.jump : 0
      }
    }
  }

  /// The coefficients of (z - h)₊^degree/degree!, which is θ(z - h) for degree 0.
  func coefficients(
    ofKinkAt h: UnsafePointer<Double>, degree: Int, _ count: Int,
    _ G: UnsafeMutablePointer<Double>
  ) {
    for m in 0..<modes { (G + m * Self.block).update(repeating: 0, count: count) }
    for p in 0..<count { x[p] = -h[p] }
    let kink = FieldFunction.Kink(power: degree, at: 0)
    add([kink], x, 1, count, wanted: modes, G)
  }

  /// Adds their smoothed values and coefficients.
  private func add(
    _ kinks: [FieldFunction.Kink], _ mean: UnsafePointer<Double>, _ s: Double, _ count: Int,
    wanted: Int, _ G: UnsafeMutablePointer<Double>
  ) {
    let size = Self.block
    let t = rows, phi = rows + size, Phi = rows + 2 * size
    for kink in kinks {
      for p in 0..<count {
        // Beyond 30 all is 0 or a polynomial; powers of t would overflow.
        let value = min(30, max(-30, (mean[p] - kink.place) / s))
        t[p] = value
        phi[p] = -0.5 * value * value
        Phi[p] = value * 0.5.squareRoot()
      }
      tss_exp(level, phi, phi, Int64(count))
      tss_erf(level, Phi, Phi, Int64(count))
      let density = 1 / (2 * Double.pi).squareRoot()
      let (d0, d1) = (kink.jump, kink.slope * s)
      let (d2, d3) = (kink.curvature * s * s, kink.third * s * s * s)
      for p in 0..<count {
        phi[p] *= density
        Phi[p] = 0.5 * (1 + Phi[p])
        let z = (mean[p] - kink.place) / s
        let first = phi[p] + z * Phi[p]
        // E[(z - h)₊^j]/j! = (z times the one before + the one before that)/j.
        let second = 0.5 * (z * first + Phi[p]), cubic = (z * second + first) / 3
        G[p] += d0 * Phi[p] + d1 * first + d2 * second + d3 * cubic
        if wanted > 1 { G[size + p] += d0 * phi[p] + d1 * Phi[p] + d2 * first + d3 * second }
        if wanted > 2 {
          let root = 0.5.squareRoot()
          let value = -d0 * t[p] * phi[p] + d1 * phi[p] + d2 * Phi[p] + d3 * first
          G[2 * size + p] += root * value
        }
      }
      if wanted <= 3 { continue }
      // e_j = (-1)^j he_j(t) φ(t); mode m has d0 e_{m-1}/√m + d1 e_{m-2}/√(m(m-1)) + …
      var e0 = rows + 3 * size, e1 = rows + 4 * size, e2 = rows + 5 * size
      var before = rows + 6 * size
      for p in 0..<count {
        before[p] = Phi[p]
        e0[p] = phi[p]
        e1[p] = -t[p] * phi[p]
      }
      for m in 3..<wanted {
        let mode = Double(m)
        let j = mode - 1, a = -1 / j.squareRoot(), b = -((j - 1) / j).squareRoot()
        for p in 0..<count { e2[p] = a * t[p] * e1[p] + b * e0[p] }
        let f0 = d0 / mode.squareRoot(), f1 = d1 / (mode * (mode - 1)).squareRoot()
        let f2 = d2 / (mode * (mode - 1) * (mode - 2)).squareRoot()
        let f3 = d3 / (mode * (mode - 1) * (mode - 2) * max(mode - 3, 1)).squareRoot()
        let row = G + m * size
        for p in 0..<count { row[p] += f0 * e2[p] + f1 * e1[p] + f2 * e0[p] + f3 * before[p] }
        (before, e0, e1, e2) = (e0, e1, e2, before)
      }
    }
  }
}
