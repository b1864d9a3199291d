#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The probability that four normal variables of unit variance are all positive. No two of them
/// may be parallel or antiparallel: those are positive together, or never.
///
/// Plackett (1954): with the variables in two pairs {p, q}, {r, s} and the four correlations
/// between the pairs multiplied by t, dP/dt is a sum of four densities times the probability that
/// the other two are positive given that the first two are 0, an arcsine each. So
///
///     P = P2(p,q) P2(r,s) + Σ_ij [asin ρ_ij/8π + 1/4π² ∫₀¹ ρ_ij/√(1 - t²ρ_ij²) asin r_ij(t) dt].
///
/// The integrand is singular where the covariance is, at t = 1/s₁ with s₁ the largest canonical
/// correlation of the pairs: the pairing with the smallest s₁ is taken, and with t = 1 - σ² its
/// branch point is √(1/s₁ - 1) away from [0, 1]. The order of Gauss and Legendre's rule follows
/// from that (8 to 48); beyond s₁ = 0.995 the double exponential rule takes over (Takahasi and
/// Mori 1974).
package struct Orthant {
  /// Correlations of the variables 0…3: 01, 02, 03, 12, 13, 23, and their arcsines.
  var r01, r02, r03, r12, r13, r23: Double
  var a01, a02, a03, a12, a13, a23: Double

  /// For up to four variables with correlations r(i, j), i < j.
  package static func probability(_ count: Int, _ r: (Int, Int) -> Double) -> Double {
    switch count {
    case 0: return 1
    case 1: return 0.5
    case 2: return 0.25 + asin(r(0, 1)) / (2 * .pi)
    case 3:
      // Sheppard 1899; the third variable adds no new function.
      return 0.125 + (asin(r(0, 1)) + asin(r(0, 2)) + asin(r(1, 2))) / (4 * .pi)
    case 4:
      let (r01, r02, r03) = (r(0, 1), r(0, 2), r(0, 3))
      let (r12, r13, r23) = (r(1, 2), r(1, 3), r(2, 3))
      return Orthant(
        r01: r01, r02: r02, r03: r03, r12: r12, r13: r13, r23: r23, a01: asin(r01),
        a02: asin(r02), a03: asin(r03), a12: asin(r12), a13: asin(r13), a23: asin(r23)
      ).probability
    default: preconditionFailure("orthants of at most four variables")
    }
  }

  var probability: Double {
    let s0 = canonical(r01, r23, r02, r03, r12, r13)
    let s1 = canonical(r02, r13, r01, r03, r12, r23)
    let s2 = canonical(r03, r12, r02, r01, r23, r13)
    // Pairs {0, 1}, {2, 3}; or {0, 2}, {1, 3}; or {0, 3}, {2, 1}.
    if s0 <= s1 && s0 <= s2 {
      return sum(s0, a01, a23, a02 + a03 + a12 + a13, r01, r23, r02, r03, r12, r13)
    }
    if s1 <= s2 {
      return sum(s1, a02, a13, a01 + a03 + a12 + a23, r02, r13, r01, r03, r12, r23)
    }
    return sum(s2, a03, a12, a02 + a01 + a23 + a13, r03, r12, r02, r01, r23, r13)
  }

  /// s₁² for the pairs with inner correlations a, d and cross correlations (p, r), (p, s), (q, r),
  /// (q, s).
  ///
  /// The normalised sum and difference of each pair are independent, so that s₁ is the largest
  /// singular value of their four cross correlations. No term is negative, however close a pair is
  /// to parallel.
  private func canonical(
    _ a: Double, _ d: Double, _ pr: Double, _ ps: Double, _ qr: Double, _ qs: Double
  ) -> Double {
    let (sumP, differenceP, sumR, differenceR) = (1 + a, 1 - a, 1 + d, 1 - d)
    let scale = sumP * differenceP * sumR * differenceR
    let (both, first, second, neither) = (
      pr + qr + ps + qs, pr + qr - ps - qs, pr - qr + ps - qs, pr - qr - ps + qs
    )
    let squares =
      differenceP * (both * both * differenceR + first * first * sumR)
      + sumP * (second * second * differenceR + neither * neither * sumR)
    let trace = squares / (4 * scale)
    let B = pr * qs - ps * qr
    return 0.5 * (trace + max(trace * trace - 4 * B * B / scale, 0).squareRoot())
  }

  private func sum(
    _ square: Double, _ inner: Double, _ other: Double, _ cross: Double, _ a: Double, _ d: Double,
    _ pr: Double, _ ps: Double, _ qr: Double, _ qs: Double
  ) -> Double {
    let s = min(square, 1).squareRoot()
    let ends = (0.25 + inner / (2 * .pi)) * (0.25 + other / (2 * .pi)) + cross / (8 * .pi)
    if s < 1e-15 { return ends }
    let rule = Self.rule(s)
    var total = 0.0
    for index in rule.t.indices {
      let t = rule.t[index], rest = rule.rest[index]
      let value =
        term(t, rest, a, d, pr, ps, qr, qs) + term(t, rest, a, d, ps, pr, qs, qr)
        + term(t, rest, a, d, qr, qs, pr, ps) + term(t, rest, a, d, qs, qr, ps, pr)
      total += rule.weights[index] * value
    }
    return ends + total / (4 * .pi * .pi)
  }

  /// The term in which i, j are 0 and k, l are asked for, with i, k one pair and j, l the other;
  /// `rest` is 1 - t².
  @inline(__always)
  private func term(
    _ t: Double, _ rest: Double, _ a: Double, _ d: Double, _ ij: Double, _ il: Double,
    _ kj: Double, _ kl: Double
  ) -> Double {
    if ij == 0 { return 0 }
    let b = t * ij, kj = t * kj, il = t * il
    // All times the determinant of (i, j).
    let determinant = max(1 - ij * ij, 0) + rest * ij * ij
    let vk = determinant - (a * a - 2 * a * kj * b + kj * kj)
    let vl = determinant - (il * il - 2 * il * d * b + d * d)
    let c = t * kl * determinant - (a * il - b * (a * d + kj * il) + kj * d)
    return ij / determinant.squareRoot() * Orthant.arcsine(c, vk, vl)
  }

  /// arcsin of a conditional correlation from quantities of order 1 and below, whose rounding
  /// errors are 1e-16: what is no larger counts as a variance of 0.
  @inline(__always)
  static func arcsine(_ c: Double, _ v: Double, _ w: Double) -> Double {
    guard v > 2e-15, w > 2e-15 else { return 0 }
    return asin(min(1, max(-1, c / (v * w).squareRoot())))
  }

  // MARK: Rules

  /// Nodes t on [0, 1], 1 - t², and weights.
  private struct Rule {
    var t: [Double] = []
    var rest: [Double] = []
    var weights: [Double] = []
    mutating func add(distance: Double, _ weight: Double) {
      t.append(1 - distance)
      rest.append(distance * (2 - distance))
      weights.append(weight)
    }
  }

  private static func rule(_ s: Double) -> Rule {
    if s > 0.995 { return doubleExponential }
    // The ellipse with foci ±1 through the branch point -1 + i y has semiaxes of the sum R; the
    // error falls as R^-2n.
    let y = 2 * (1 / s - 1).squareRoot()
    let axis = 0.5 * ((4 + y * y).squareRoot() + y)
    let order = 2 + 17.5 / log(axis + (axis * axis - 1).squareRoot())
    return legendreRules[min(max(0, Int((order - 4) / 4)), legendreRules.count - 1)]
  }

  private static let legendreRules: [Rule] = stride(from: 8, through: 48, by: 4).map { count in
    let gauss = GaussRule.legendre(count)
    var rule = Rule()
    for (s, weight) in zip(gauss.nodes, gauss.weights) {
      rule.add(distance: s * s, 2 * s * weight)
    }
    return rule
  }

  private static let doubleExponential: Rule = {
    var rule = Rule()
    for k in -30...30 {
      let x = 0.11 * Double(k), u = .pi / 2 * sinh(x)
      rule.add(
        distance: 1 / (1 + exp(-2 * u)), 0.11 * .pi / 2 * cosh(x) / (2 * cosh(u) * cosh(u)))
    }
    return rule
  }()
}
