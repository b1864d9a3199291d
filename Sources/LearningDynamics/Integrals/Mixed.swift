#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// I2 and its derivatives, for any two of the built-in activations.
///
/// By Price's theorem ∂I2/∂c12 = E[g′(x₁) h′(x₂)] and ∂I2/∂c11 = ½ E[g″(x₁) h(x₂)].
struct PairIntegral {
  /// E[g(x₁) h(x₂)].
  var value = 0.0
  /// ∂/∂c12, ∂/∂c11 and ∂/∂c22.
  var cross = 0.0
  var first = 0.0
  var second = 0.0

  /// The same for E[h(x₁) g(x₂)] of the exchanged fields.
  var swapped: PairIntegral {
    PairIntegral(value: value, cross: cross, first: second, second: first)
  }
}

/// Gaussian integrals where student and teacher have different activations.
extension Activation {
  /// E[g(x₁) h(x₂)] for g = self; c is the covariance of (x₁, x₂).
  ///
  /// Closed forms for all built-in pairs. Products of an odd and an even function vanish; the
  /// others follow from Stein's lemma, such as E[erf(x₁/√2) x₂] = c12 E[g′(x₁)], and from
  /// relu(x) = (x + |x|)/2. A sign unit is an erf unit with 1 + c replaced by c (PHYSICS.md,
  /// section B). By quadrature where one is custom.
  package func I2(with h: Activation, _ c11: Double, _ c12: Double, _ c22: Double) -> Double {
    let rootOfTwoOverPi = 0x1.9884533d43651p-1
    switch (self, h) {
    case (.linear, .linear): return c12
    case (.erf, .erf), (.erf, .sign), (.sign, .erf), (.sign, .sign):
      let p = self == .erf ? 1 + c11 : c11, q = h == .erf ? 1 + c22 : c22
      return 2 / .pi * Rectifier.arcsine(p, c12, q)
    case (.erf, .linear): return (2 / .pi / (1 + c11)).squareRoot() * c12
    case (.linear, .erf): return (2 / .pi / (1 + c22)).squareRoot() * c12
    case (.relu, .relu): return Rectifier.I2(c11, c12, c22)
    case (.quadratic, .quadratic): return Quadratic.I2(c11, c12, c22)
    case (.linear, .relu), (.relu, .linear): return 0.5 * c12
    case (.relu, .erf): return 0.5 * rootOfTwoOverPi * c12 / (1 + c22).squareRoot()
    case (.sign, .linear): return c11 > 0 ? rootOfTwoOverPi * c12 / c11.squareRoot() : 0
    case (.relu, .sign): return c22 > 0 ? 0.5 * rootOfTwoOverPi * c12 / c22.squareRoot() : 0
    case (.relu, .quadratic):
      guard c11 > 0 else { return 0 }
      return 0.5 * rootOfTwoOverPi * (c11 * c22 + c12 * c12) / c11.squareRoot()
    case (.quadratic, .erf), (.quadratic, .linear), (.quadratic, .sign), (.erf, .quadratic),
      (.linear, .quadratic), (.sign, .quadratic):
      return 0
    case (.erf, .relu), (.linear, .sign), (.sign, .relu), (.quadratic, .relu):
      return h.I2(with: self, c22, c12, c11)
    case (.custom, _), (_, .custom):
      return FieldFunction.pairIntegral(self, h, c11, c12, c22)
    }
  }

  /// I2 with its derivatives, which students with x² need; of built-in activations.
  func pair(with h: Activation, _ c11: Double, _ c12: Double, _ c22: Double) -> PairIntegral {
    var pair = PairIntegral(value: I2(with: h, c11, c12, c22))
    let rootOfTwoOverPi = 0x1.9884533d43651p-1
    switch (self, h) {
    case (.linear, .linear): pair.cross = 1
    case (.quadratic, .quadratic):
      (pair.cross, pair.first, pair.second) = (4 * c12, c22, c11)
    case (.erf, .erf), (.sign, .sign):
      let p = self == .erf ? 1 + c11 : c11, q = h == .erf ? 1 + c22 : c22
      let determinant = p * q - c12 * c12
      // Parallel sign units: their product is ±1, whatever the lengths.
      guard determinant > 6e-11 * p * q else { return pair }
      pair.cross = 2 / .pi / determinant.squareRoot()
      pair.first = -0.5 * pair.cross * c12 / p
      pair.second = -0.5 * pair.cross * c12 / q
    case (.relu, .relu):
      pair.cross = Rectifier.J2(c11, c12, c22)
      let root = max(c11 * c22 - c12 * c12, 0).squareRoot() / (4 * .pi)
      pair.first = c11 > 0 ? root / c11 : 0
      pair.second = c22 > 0 ? root / c22 : 0
    case (.quadratic, .relu):
      guard c22 > 0 else { return pair }
      let root = c22.squareRoot(), half = 0.5 * rootOfTwoOverPi
      pair.cross = 2 * half * c12 / root
      pair.first = half * root
      pair.second = 0.5 * half * (c11 - c12 * c12 / c22) / root
    case (.relu, .quadratic): return h.pair(with: self, c22, c12, c11).swapped
    case (.quadratic, _), (_, .quadratic): break
    default: preconditionFailure("only a quadratic student needs this")
    }
    return pair
  }

  /// E[g(x)] and E[g″(x)] at variance c; 0 for odd functions.
  func mean(_ c: Double) -> (value: Double, curvature: Double) {
    switch self {
    case .quadratic: return (c, 2)
    case .relu where c > 0:
      let half = 0.5 * 0x1.9884533d43651p-1, root = c.squareRoot()
      return (half * root, half / root)
    default: return (0, 0)
    }
  }
}
