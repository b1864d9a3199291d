#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The probability that up to four standard normal variables with given correlations are all
/// positive.
package enum SlopeOrthants {
  /// For `count` variables with correlations r(i, j), i ≠ j.
  package static func probability(_ count: Int, _ r: (Int, Int) -> Double) -> Double {
    switch count {
    case 0: 1
    case 1: 0.5
    case 2: two(r(0, 1))
    case 3:
      // Sheppard 1899; the third variable adds no new function.
      0.125 + (asin(r(0, 1)) + asin(r(0, 2)) + asin(r(1, 2))) / (4 * .pi)
    case 4: four(r)
    default: preconditionFailure("orthants of at most four variables")
    }
  }

  private static func two(_ r: Double) -> Double { 0.25 + asin(r) / (2 * .pi) }

  /// Plackett's reduction (1954) to one integral: the correlations between two pairs grow from 0
  /// to their values, and each contributes its derivative of the probability.
  ///
  ///     P₄ = P₂(p,q) P₂(r,s) + ∫₀¹ dt Σ_ij c_ij/(2π √(1 - t² c_ij²)) P₂(the others | x_i = x_j = 0)
  ///
  /// with i of the first pair and j of the second. Of the three pairings the one with the smallest
  /// correlations between the pairs is taken. Tanh-sinh quadrature, for the integrand has roots at
  /// t = 1 where a conditional variance vanishes.
  private static func four(_ c: (Int, Int) -> Double) -> Double {
    var pairs = [0, 1, 2, 3]
    var smallest = Double.infinity
    for order in [[0, 1, 2, 3], [0, 2, 1, 3], [0, 3, 1, 2]] {
      let cross = order[...1].flatMap { i in order[2...].map { abs(c(i, $0)) } }
      if cross.max()! < smallest { (smallest, pairs) = (cross.max()!, order) }
    }
    let apart = two(c(pairs[0], pairs[1])) * two(c(pairs[2], pairs[3]))
    if smallest == 0 { return apart }
    var sum = 0.0
    for node in -30...30 {
      let x = 0.11 * Double(node)
      // s = 1 - t; dt = s t π cosh(x) dx.
      let s = 1 / (1 + exp(-.pi * sinh(x)))
      let t = 1 / (1 + exp(.pi * sinh(x)))
      var integrand = 0.0
      for (i, k) in [(pairs[0], pairs[1]), (pairs[1], pairs[0])] {
        for (j, l) in [(pairs[2], pairs[3]), (pairs[3], pairs[2])] where c(i, j) != 0 {
          let own = c(i, j), rho = t * own
          // 1 - ρ², without cancelling near t = 1.
          let determinant = (1 - own * own) + s * (2 - s) * own * own
          guard determinant > 0 else { continue }
          let (ki, kj, li, lj) = (c(k, i), t * c(k, j), t * c(l, i), c(l, j))
          let kk = 1 - (ki * ki + kj * kj - 2 * rho * ki * kj) / determinant
          let ll = 1 - (li * li + lj * lj - 2 * rho * li * lj) / determinant
          let kl = t * c(k, l) - (ki * li + kj * lj - rho * (ki * lj + kj * li)) / determinant
          let size = (max(0, kk) * max(0, ll)).squareRoot()
          let correlation = size > 0 ? min(1, max(-1, kl / size)) : 0
          integrand += own / determinant.squareRoot() * two(correlation)
        }
      }
      sum += integrand * s * t * .pi * cosh(x)
    }
    return apart + 0.11 * sum / (2 * .pi)
  }
}
