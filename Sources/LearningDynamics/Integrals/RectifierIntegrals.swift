#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The sums for students and teachers that are both ReLU (PHYSICS.md, section B).
///
/// All integrals are of unit-variance fields, times lengths. For four distinct fields Gaussian
/// integration by parts on x_a, then on x_b, gives
///
///     E[θ_i θ_k relu_a relu_b] = ρ_ab P4 + 1/2π Σ_{j ∈ {i,k,a}} ρ_aj Σ_{l ≠ j}
///         (ρ_bl - ρ_bj ρ_lj)/√(1 - ρ_lj²) P2(the other two | x_j = x_l = 0),
///
/// so that one set of four fields shares its orthant probability P4 and six P2 among all the
/// choices of i, k, a, b from it: at K = M = 4 there are 53 sets for 90 integrals. Where indices
/// coincide, closed forms of fewer fields hold, since θ θ = θ and θ relu = relu.
///
/// Distinct but parallel fields (a student that has found its teacher) coincide in the same way:
/// closer than 1 - |ρ| = 3e-11 they are merged, for beyond that the conditional variances are
/// rounding errors. Antiparallel ones make the integral 0.
package final class RectifierIntegrals: FieldIntegrals {
  private let n: Int
  /// Correlations, their arcsines, and lengths √c_aa.
  let rho: UnsafeMutablePointer<Double>
  let angle: UnsafeMutablePointer<Double>
  let length: UnsafeMutablePointer<Double>
  /// 1 and -1 for parallel and antiparallel fields.
  let parallel: UnsafeMutablePointer<Int8>

  package init(n: Int) {
    self.n = n
    rho = .allocate(capacity: 2 * n * n + n)
    rho.initialize(repeating: 0, count: 2 * n * n + n)
    angle = rho + n * n
    length = angle + n * n
    parallel = .allocate(capacity: n * n)
    parallel.initialize(repeating: 0, count: n * n)
  }

  deinit {
    rho.deallocate()
    parallel.deallocate()
  }

  /// Correlations and what follows from them.
  func prepare(_ fields: LocalFields) {
    let C = fields.C
    for a in 0..<n { length[a] = max(C[a * (n + 1)], 0).squareRoot() }
    for a in 0..<n {
      for b in a..<n {
        let size = length[a] * length[b]
        let r = a == b ? 1 : size > 1e-24 ? min(1, max(-1, C[a * n + b] / size)) : 0
        let value = asin(r)
        let sign: Int8 = 1 - abs(r) < 3e-11 ? (r > 0 ? 1 : -1) : 0
        (rho[a * n + b], rho[b * n + a]) = (r, r)
        (angle[a * n + b], angle[b * n + a]) = (value, value)
        (parallel[a * n + b], parallel[b * n + a]) = (sign, sign)
      }
    }
  }

  func isZero(_ a: Int) -> Bool { length[a] < 1e-12 }

  // MARK: One and two fields

  /// I2 = |a| |b| [√(1 - ρ²) + ρ (π/2 + asin ρ)]/2π.
  func I2(_ a: Int, _ b: Int) -> Double {
    let r = rho[a * n + b]
    let root = max(1 - r * r, 0).squareRoot()
    return length[a] * length[b] * (root + r * (.pi / 2 + angle[a * n + b])) / (2 * .pi)
  }

  package func error(_ fields: LocalFields) -> Double {
    prepare(fields)
    var total = 0.0
    for a in 0..<n {
      var row = 0.5 * fields.u[a] * I2(a, a)
      for b in a + 1..<n { row += fields.u[b] * I2(a, b) }
      total += 2 * fields.u[a] * row
    }
    return total
  }

  package func secondLayer(_ fields: LocalFields, drift: UnsafeMutablePointer<Double>) {
    prepare(fields)
    for i in 0..<fields.K {
      var sum = 0.0
      for a in 0..<n { sum += fields.u[a] * I2(i, a) }
      drift[i] = sum
    }
  }

  package func firstLayer(
    _ fields: LocalFields, noiseVariance: Double, drift: UnsafeMutablePointer<Double>,
    noise: UnsafeMutablePointer<Double>
  ) {
    prepare(fields)
    let K = fields.K, C = fields.C, u = fields.u
    for i in 0..<K {
      // I3(i, b, a) = c_ab P2(i, a) + c_ib |a| √(1 - ρ_ia²)/(2π |i|).
      let row = drift + i * n, pull = fields.pull + i * n
      row.update(repeating: 0, count: n)
      var own = 0.0
      for a in 0..<n {
        let r = rho[i * n + a]
        let weight = u[a] * (0.25 + angle[i * n + a] / (2 * .pi))
        for b in 0..<n { row[b] += weight * C[a * n + b] }
        pull[a] = weight
        own += u[a] * length[a] * max(1 - r * r, 0).squareRoot()
      }
      if isZero(i) { continue }
      own /= 2 * .pi * length[i]
      for b in 0..<n { row[b] += own * C[i * n + b] }
      pull[i] += own
    }
    for i in 0..<K {
      for k in i..<K {
        if fields.stops(before: 4 * n * n) { return }
        var sum = noiseVariance * (0.25 + angle[i * n + k] / (2 * .pi))
        for a in 0..<n {
          sum += u[a] * u[a] * lengths(a, a) * degenerate(i, k, a, a)
          for b in a + 1..<n where !isGeneral(i, k, a, b) {
            sum += 2 * u[a] * u[b] * lengths(a, b) * degenerate(i, k, a, b)
          }
        }
        noise[i * K + k] = sum
      }
    }
    addGeneral(fields, noise)
  }

  @inline(__always) private func lengths(_ a: Int, _ b: Int) -> Double { length[a] * length[b] }

  // MARK: Four fields

  /// Whether the four are distinct in direction as well, and none is 0.
  private func isGeneral(_ i: Int, _ k: Int, _ a: Int, _ b: Int) -> Bool {
    if isZero(i) || isZero(k) || isZero(a) || isZero(b) { return false }
    // A field is parallel to itself.
    return parallel[i * n + k] | parallel[i * n + a] | parallel[i * n + b]
      | parallel[k * n + a] | parallel[k * n + b] | parallel[a * n + b] == 0
  }

  private func addGeneral(_ fields: LocalFields, _ noise: UnsafeMutablePointer<Double>) {
    let K = fields.K
    for i in 0..<K {
      for k in i + 1..<K {
        for a in k + 1..<n {
          if fields.stops(before: 100 * (n - a)) { return }
          for b in a + 1..<n where isGeneral(i, k, a, b) { addSet(fields, noise, i, k, a, b) }
        }
      }
    }
  }

  /// All integrals of the fields w < x < y < z, of which w and x are the student's.
  private func addSet(
    _ fields: LocalFields, _ noise: UnsafeMutablePointer<Double>, _ w: Int, _ x: Int, _ y: Int,
    _ z: Int
  ) {
    let K = fields.K, u = fields.u
    let set = FourDirections(
      rho[w * n + x], rho[w * n + y], rho[w * n + z], rho[x * n + y], rho[x * n + z],
      rho[y * n + z])
    let P4 = Orthant(
      r01: rho[w * n + x], r02: rho[w * n + y], r03: rho[w * n + z], r12: rho[x * n + y],
      r13: rho[x * n + z], r23: rho[y * n + z], a01: angle[w * n + x], a02: angle[w * n + y],
      a03: angle[w * n + z], a12: angle[x * n + y], a13: angle[x * n + z], a23: angle[y * n + z]
    ).probability
    func add(_ i: Int, _ k: Int, _ a: Int, _ b: Int, _ value: Double) {
      noise[i * K + k] += 2 * u[a] * u[b] * lengths(a, b) * value
    }
    add(w, x, y, z, set.integral(0, 1, 2, 3, P4))
    guard y < K else { return }
    add(w, y, x, z, set.integral(0, 2, 1, 3, P4))
    add(x, y, w, z, set.integral(1, 2, 0, 3, P4))
    guard z < K else { return }
    add(w, z, x, y, set.integral(0, 3, 1, 2, P4))
    add(x, z, w, y, set.integral(1, 3, 0, 2, P4))
    add(y, z, w, x, set.integral(2, 3, 0, 1, P4))
  }

  // MARK: Coinciding fields

  /// E[θ_i θ_k relu_a relu_b] of unit fields of which at least two coincide, or one is 0.
  private func degenerate(_ i: Int, _ k: Int, _ a: Int, _ b: Int) -> Double {
    if isZero(a) || isZero(b) { return 0 }
    let ab = parallel[a * n + b]
    if ab < 0 { return 0 }
    var factor = 1.0
    var first = -1, second = -1
    for slot in 0..<(i == k ? 1 : 2) {
      let t = slot == 0 ? i : k
      // θ(0) counts as ½: the mean of both sides.
      if isZero(t) {
        factor *= 0.5
        continue
      }
      let ta = parallel[t * n + a], tb = parallel[t * n + b]
      if ta < 0 || tb < 0 { return 0 }
      if ta > 0 || tb > 0 { continue }
      if first < 0 {
        first = t
      } else if parallel[first * n + t] < 0 {
        return 0
      } else if parallel[first * n + t] == 0 {
        second = t
      }
    }
    let root = 1 / (2 * Double.pi).squareRoot()
    if ab > 0 {
      if first < 0 { return 0.5 * factor }
      if second < 0 {
        let r = rho[first * n + a]
        let P2 = 0.25 + angle[first * n + a] / (2 * .pi)
        return factor * (P2 + r * max(1 - r * r, 0).squareRoot() / (2 * .pi))
      }
      let edges =
        rho[a * n + first] * edge(first, a, second) + rho[a * n + second] * edge(second, a, first)
      return factor * (P3(first, second, a) + root * edges)
    }
    if first < 0 { return factor * I2(a, b) / lengths(a, b) }
    precondition(second < 0, "four distinct fields are not degenerate")
    let edges = rho[a * n + first] * edge(first, b, a) + edge(a, b, first)
    return factor * (rho[a * n + b] * P3(first, a, b) + root * edges)
  }

  private func P3(_ i: Int, _ j: Int, _ k: Int) -> Double {
    0.125 + (angle[i * n + j] + angle[i * n + k] + angle[j * n + k]) / (4 * .pi)
  }

  /// E[x θ(x) θ(y) | x_j = 0] = ½ [√V_xx + V_xy/√V_yy]/√2π with the conditional covariance V.
  private func edge(_ j: Int, _ x: Int, _ y: Int) -> Double {
    let (jx, jy) = (rho[j * n + x], rho[j * n + y])
    let own = max(1 - jx * jx, 0).squareRoot(), other = max(1 - jy * jy, 0)
    let cross = other > 0 ? (rho[x * n + y] - jx * jy) / other.squareRoot() : 0
    return 0.5 * (own + min(own, max(-own, cross))) / (2 * .pi).squareRoot()
  }
}

/// Four unit fields in general position, with the six conditional probabilities of pairs.
private struct FourDirections {
  /// Correlations 01, 02, 03, 12, 13, 23.
  let r: (Double, Double, Double, Double, Double, Double)
  /// P2 of the other two where these two are 0, and √(1 - ρ²), by the same pairs.
  private var given: (Double, Double, Double, Double, Double, Double) = (0, 0, 0, 0, 0, 0)
  private var root: (Double, Double, Double, Double, Double, Double) = (0, 0, 0, 0, 0, 0)

  init(
    _ r01: Double, _ r02: Double, _ r03: Double, _ r12: Double, _ r13: Double, _ r23: Double
  ) {
    r = (r01, r02, r03, r12, r13, r23)
    root = (
      max(1 - r01 * r01, 0).squareRoot(), max(1 - r02 * r02, 0).squareRoot(),
      max(1 - r03 * r03, 0).squareRoot(), max(1 - r12 * r12, 0).squareRoot(),
      max(1 - r13 * r13, 0).squareRoot(), max(1 - r23 * r23, 0).squareRoot()
    )
    given = (
      Self.probability(r01, r02, r12, r03, r13, r23),
      Self.probability(r02, r01, r12, r03, r23, r13),
      Self.probability(r03, r01, r13, r02, r23, r12),
      Self.probability(r12, r01, r02, r13, r23, r03),
      Self.probability(r13, r01, r03, r12, r23, r02),
      Self.probability(r23, r02, r03, r12, r13, r01)
    )
  }

  /// P2(k, m | x_j = x_l = 0) from the correlations jl, jk, lk, jm, lm, km.
  private static func probability(
    _ jl: Double, _ jk: Double, _ lk: Double, _ jm: Double, _ lm: Double, _ km: Double
  ) -> Double {
    let determinant = 1 - jl * jl
    let vk = determinant - (jk * jk - 2 * jk * lk * jl + lk * lk)
    let vm = determinant - (jm * jm - 2 * jm * lm * jl + lm * lm)
    let c = km * determinant - (jk * jm - jl * (jk * lm + lk * jm) + lk * lm)
    return 0.25 + Orthant.arcsine(c, vk, vm) / (2 * .pi)
  }

  @inline(__always)
  private func element(
    _ t: (Double, Double, Double, Double, Double, Double), _ i: Int, _ j: Int
  ) -> Double {
    switch (min(i, j), max(i, j)) {
    case (0, 1): t.0
    case (0, 2): t.1
    case (0, 3): t.2
    case (1, 2): t.3
    case (1, 3): t.4
    default: t.5
    }
  }

  /// E[θ_i θ_k relu_a relu_b].
  @inline(__always)
  func integral(_ i: Int, _ k: Int, _ a: Int, _ b: Int, _ P4: Double) -> Double {
    func R(_ p: Int, _ q: Int) -> Double { element(r, p, q) }
    // Both orders of {j, l} among i, k, a at once; then l = b.
    func inner(_ j: Int, _ l: Int) -> Double {
      let aj = j == a ? 1 : R(a, j), al = l == a ? 1 : R(a, l), jl = R(j, l)
      let value = aj * (R(b, l) - R(b, j) * jl) + al * (R(b, j) - R(b, l) * jl)
      return value / element(root, j, l) * element(given, j, l)
    }
    let pairs = inner(i, k) + inner(i, a) + inner(k, a)
    let withB =
      R(a, i) * element(root, i, b) * element(given, i, b)
      + R(a, k) * element(root, k, b) * element(given, k, b)
      + element(root, a, b) * element(given, a, b)
    return R(a, b) * P4 + (pairs + withB) / (2 * .pi)
  }
}
