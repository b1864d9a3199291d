#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Gaussian integrals of g(x) = erf(x/√2), g′(x) = √(2/π) exp(-x²/2) (Saad and Solla 1995,
/// appendix A; PHYSICS.md, section B).
///
/// The fields (x₁, x₂, …) are normal with mean 0 and covariance c; arguments are its elements.
package enum Erf {
  /// I2 = E[g(x₁) g(x₂)].
  package static func I2(_ c11: Double, _ c12: Double, _ c22: Double) -> Double {
    2 / .pi * asin(c12 / ((1 + c11) * (1 + c22)).squareRoot())
  }

  /// J2 = E[g′(x₁) g′(x₂)].
  package static func J2(_ c11: Double, _ c12: Double, _ c22: Double) -> Double {
    2 / .pi / ((1 + c11) * (1 + c22) - c12 * c12).squareRoot()
  }

  /// I3 = E[g′(x₁) x₂ g(x₃)], which does not depend on c22.
  package static func I3(
    _ c11: Double, _ c12: Double, _ c13: Double, _ c23: Double, _ c33: Double
  ) -> Double {
    J2(c11, c13, c33) * (c23 - c12 * c13 / (1 + c11))
  }

  /// I4 = E[g′(x₁) g′(x₂) g(x₃) g(x₄)].
  package static func I4(_ c: FourFields) -> Double {
    let tilted = c.tilted
    return J2(c[0, 0], c[0, 1], c[1, 1]) * I2(tilted.c33, tilted.c34, tilted.c44)
  }
}

/// The covariance of the four fields of an I4, positions 0…3.
package struct FourFields {
  private let c: [Double]

  package init(_ element: (Int, Int) -> Double) {
    c = (0..<16).map { element($0 / 4, $0 % 4) }
  }

  package subscript(i: Int, j: Int) -> Double { c[4 * i + j] }

  /// The covariance of x₃, x₄ after tilting by g′(x₁) g′(x₂) of erf.
  ///
  /// g′g′ is a Gaussian factor, hence E[g′(x₁) g′(x₂) F(x₃, x₄)] = J2 · E_C′[F] for any F, with
  /// C′ = C - C_·D (1 + C_DD)⁻¹ C_D· and D = {1, 2}.
  package var tilted: (c33: Double, c34: Double, c44: Double) {
    let p = 1 + self[0, 0], q = 1 + self[1, 1], r = self[0, 1]
    let determinant = p * q - r * r
    func element(_ a: Int, _ b: Int) -> Double {
      self[a, b]
        - (q * self[0, a] * self[0, b] + p * self[1, a] * self[1, b]
          - r * (self[0, a] * self[1, b] + self[1, a] * self[0, b])) / determinant
    }
    return (element(2, 2), element(2, 3), element(3, 3))
  }
}
