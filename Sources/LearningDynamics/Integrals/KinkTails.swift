import CKernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What Mehler's series leaves out for the kinks of two fields that are nearly parallel.
///
/// Given the outer fields, a student and the teacher unit that it has found have a correlation ρ
/// close to 1, and at a kink the terms ρ^m G_am G_bm fall as slowly as m^-5/2: err² would no longer
/// cancel. So E[p_a p_b] of the kinks alone is taken exactly and its first terms, which the
/// series has already, are subtracted; what is left of the functions is smooth.
///
/// For F_j = E[(z₁ - h)₊^j (z₂ - k)₊^j]/j!², h and k the kinks in units of the deviations, Price's
/// theorem reads dF_j/dρ = F_{j-1} and dF_0/dρ = φ₂(h, k; ρ). With L_j the value of F_j at ρ = 1,
///
///     F_j = Σ_{i≤j} (ρ - 1)^i/i! L_{j-i} - (-1)^j ∫ (t - ρ)^j/j! φ₂(h, k; t) dt,   t from ρ to 1,
///
/// and t = cos ϑ makes the integrand exp(-(h - k)²/(2 sin²ϑ) - hk/(1 + cos ϑ))/2π: nothing cancels
/// at ρ → 1. For ρ < 0 the second field is reflected: but for a polynomial, which ends the series,
/// (-y - κ)₊^j is -(-1)^j (y + κ)₊^j. What a jump of g has in common with one of g′, and so on, is
/// left to the series: such products alternate.
struct KinkTails {
  /// From this |ρ| on there is something to add: below, the series is complete.
  static let from = 0.75
  private let rules: QuadratureRules
  private let smoothing: Smoothing
  private let level = tss_best_level()
  /// Hermite coefficients of one kink of each field.
  private let first: UnsafeMutablePointer<Double>
  private let second: UnsafeMutablePointer<Double>
  /// The kinks' places, rows of numbers, sums.
  private let h: UnsafeMutablePointer<Double>
  private let k: UnsafeMutablePointer<Double>
  private let row: UnsafeMutablePointer<Double>
  private let Phi: UnsafeMutablePointer<Double>
  private let total: UnsafeMutablePointer<Double>

  init(_ rules: QuadratureRules, _ smoothing: Smoothing) {
    self.rules = rules
    self.smoothing = smoothing
    let size = Smoothing.block, modes = rules.order.modes
    first = .allocate(capacity: (2 * modes + 5) * size)
    first.initialize(repeating: 0, count: (2 * modes + 5) * size)
    second = first + modes * size
    h = second + modes * size
    (k, row, Phi, total) = (h + size, h + 2 * size, h + 3 * size, h + 4 * size)
  }

  func deallocate() { first.deallocate() }

  /// A field given the outer ones.
  struct Field {
    var function: FieldFunction
    var mean: UnsafePointer<Double>
    var deviation: Double
  }

  /// Σ_p w_p times what is missing in E[g_a g_b | p].
  func sum(
    _ a: Field, _ b: Field, correlation: Double, _ w: UnsafePointer<Double>, _ count: Int
  ) -> Double {
    let sign = correlation < 0 ? -1.0 : 1.0, rho = abs(correlation)
    var sum = 0.0
    for own in a.function.kinks {
      for p in 0..<count { h[p] = (own.place - a.mean[p]) / a.deviation }
      for other in b.function.kinks {
        for p in 0..<count { k[p] = sign * (other.place - b.mean[p]) / b.deviation }
        // Far from its kink a function is a line, which ends the series.
        guard (0..<count).contains(where: { abs(h[$0]) < 8 && abs(k[$0]) < 8 }) else { continue }
        // With sign = -1 a jump at -κ counts negative, a jump of the slope does not, and so on.
        var sizes = [Double](repeating: 0, count: 4), unit = sign
        for (degree, jumps) in zip(own.jumps, other.jumps).enumerated() {
          sizes[degree] = unit * jumps.0 * jumps.1
          unit *= sign < 0 ? -a.deviation * b.deviation : a.deviation * b.deviation
        }
        sum += missing(rho, sizes, w, count)
      }
    }
    return sum
  }

  /// Σ_j sizes_j F_j of kinks at h and k less the terms of its series that are taken.
  private func missing(
    _ rho: Double, _ sizes: [Double], _ w: UnsafePointer<Double>, _ count: Int
  ) -> Double {
    guard let highest = sizes.lastIndex(where: { $0 != 0 }) else { return 0 }
    let size = Smoothing.block
    var sum = exact(rho, Array(sizes[...highest]), w, count)
    for (degree, factor) in sizes.enumerated() where factor != 0 {
      smoothing.coefficients(ofKinkAt: h, degree: degree, count, first)
      smoothing.coefficients(ofKinkAt: k, degree: degree, count, second)
      var power = factor
      for m in 0..<rules.order.modes {
        let (A, B) = (first + m * size, second + m * size)
        for p in 0..<count { row[p] = A[p] * B[p] }
        sum -= power * tss_dot(level, w, row, Int64(count))
        power *= rho
      }
    }
    return sum
  }

  private func exact(
    _ rho: Double, _ sizes: [Double], _ w: UnsafePointer<Double>, _ count: Int
  ) -> Double {
    addLimits(rho, sizes, count)
    let largest = acos(min(1, rho))
    for (node, weight) in zip(rules.tails.nodes, rules.tails.weights) {
      let angle = largest * node, cosine = cos(angle), sine = sin(angle)
      // t - ρ = cos ϑ - cos ϑ_max without cancellation.
      let distance = 2 * sin(0.5 * (largest + angle)) * sin(0.5 * (largest - angle))
      var factor = 0.0, power = -largest * weight / (2 * .pi)
      for (degree, size) in sizes.enumerated() {
        factor += size * power
        power *= -distance / Double(degree + 1)
      }
      let byDistance = -0.5 / (sine * sine), byProduct = -1 / (1 + cosine)
      for p in 0..<count {
        let apart = h[p] - k[p]
        row[p] = max(-700, byDistance * apart * apart + byProduct * h[p] * k[p])
      }
      tss_exp(level, row, row, Int64(count))
      for p in 0..<count { total[p] += factor * row[p] }
    }
    return tss_dot(level, w, total, Int64(count))
  }

  /// Fills `total` with the terms of the L_j: with m the larger of h and k, d their distance and
  /// M_n = E[(z - m)₊^n]/n!, L_j = Σ_i C(j, i) d^{j-i} (j + i)!/j!² M_{j+i}.
  private func addLimits(_ rho: Double, _ sizes: [Double], _ count: Int) {
    let density = 1 / (2 * Double.pi).squareRoot(), highest = sizes.count - 1
    for p in 0..<count {
      let m = max(h[p], k[p])
      row[p] = -0.5 * m * m
      Phi[p] = -m * 0.5.squareRoot()
    }
    tss_exp(level, row, row, Int64(count))
    tss_erf(level, Phi, Phi, Int64(count))
    // Σ_j sizes_j F_j has L_l Σ_{j≥l} sizes_j (ρ - 1)^{j-l}/(j - l)!.
    var terms: [(factor: Double, exponent: Int, moment: Int)] = []
    for l in sizes.indices {
      var power = 1.0, factor = 0.0
      for j in l...highest {
        factor += sizes[j] * power
        power *= (rho - 1) / Double(j - l + 1)
      }
      if factor == 0 { continue }
      for i in 0...l { terms.append((factor * Self.binomials[l][i], l - i, l + i)) }
    }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 3 * highest + 2) { buffer in
      let M = buffer.baseAddress!, distances = M + 2 * highest + 1
      for p in 0..<count {
        let m = max(h[p], k[p])
        var before = density * row[p]
        M[0] = 0.5 * (1 + Phi[p])
        for n in 0..<2 * highest {
          M[n + 1] = (before - m * M[n]) / Double(n + 1)
          before = M[n]
        }
        distances[0] = 1
        for n in 0..<highest { distances[n + 1] = distances[n] * abs(h[p] - k[p]) }
        total[p] = 0
        for term in terms { total[p] += term.factor * distances[term.exponent] * M[term.moment] }
      }
    }
  }

  /// (j + i)!/(i! (j - i)! j!) for i = 0 … j.
  private static let binomials: [[Double]] = [
    [1], [1, 2], [0.5, 3, 6], [1.0 / 6, 2, 10, 20],
  ]
}
