#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Gaussian integrals of g(x) = max(0, x), g′ = θ (PHYSICS.md, section B; I2 also in Cho and Saul
/// 2009). For I4 see ``RectifierIntegrals``.
package enum Rectifier {
  /// arcsin of the correlation; 0 where a variance is 0, so that θ counts as ½ there.
  @inline(__always)
  static func arcsine(_ c11: Double, _ c12: Double, _ c22: Double) -> Double {
    let square = c11 * c22
    guard c11 > 0, c22 > 0, square > 0 else { return 0 }
    return asin(min(1, max(-1, c12 / square.squareRoot())))
  }

  /// P2 = J2 = E[θ(x₁) θ(x₂)].
  package static func J2(_ c11: Double, _ c12: Double, _ c22: Double) -> Double {
    0.25 + arcsine(c11, c12, c22) / (2 * .pi)
  }

  /// I2 = E[g(x₁) g(x₂)].
  package static func I2(_ c11: Double, _ c12: Double, _ c22: Double) -> Double {
    let root = max(c11 * c22 - c12 * c12, 0).squareRoot()
    return (root + c12 * (.pi / 2 + arcsine(c11, c12, c22))) / (2 * .pi)
  }

  /// I3 = E[g′(x₁) x₂ g(x₃)].
  package static func I3(
    _ c11: Double, _ c12: Double, _ c13: Double, _ c23: Double, _ c33: Double
  ) -> Double {
    let value = c23 * J2(c11, c13, c33)
    guard c11 > 1e-300 else { return value }
    return value + c12 * max(c11 * c33 - c13 * c13, 0).squareRoot() / (2 * .pi * c11)
  }
}

/// Gaussian integrals of g(x) = x², by Wick's theorem (PHYSICS.md, section B).
package enum Quadratic {
  /// I2 = E[x₁² x₂²].
  package static func I2(_ c11: Double, _ c12: Double, _ c22: Double) -> Double {
    c11 * c22 + 2 * c12 * c12
  }

  /// J2 = 4 E[x₁ x₂].
  package static func J2(_ c11: Double, _ c12: Double, _ c22: Double) -> Double { 4 * c12 }

  /// I3 = 2 E[x₁ x₂ x₃²].
  package static func I3(
    _ c11: Double, _ c12: Double, _ c13: Double, _ c23: Double, _ c33: Double
  ) -> Double { 2 * (c12 * c33 + 2 * c13 * c23) }

  /// I4 = 4 E[x₁ x₂ x₃² x₄²].
  package static func I4(_ c: FourFields) -> Double {
    let (c12, c34) = (c[0, 1], c[2, 3])
    let (c13, c14, c23, c24) = (c[0, 2], c[0, 3], c[1, 2], c[1, 3])
    let square = c12 * (c[2, 2] * c[3, 3] + 2 * c34 * c34)
    let own = 2 * (c13 * c23 * c[3, 3] + c14 * c24 * c[2, 2])
    return 4 * (square + own + 4 * c34 * (c13 * c24 + c14 * c23))
  }
}
