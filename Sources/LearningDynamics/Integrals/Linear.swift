/// Gaussian integrals of g(x) = x, g′ = 1 (PHYSICS.md, section B).
package enum Linear {
  /// I2 = E[x₁ x₂].
  package static func I2(_ c11: Double, _ c12: Double, _ c22: Double) -> Double { c12 }

  /// J2 = 1.
  package static func J2(_ c11: Double, _ c12: Double, _ c22: Double) -> Double { 1 }

  /// I3 = E[x₂ x₃].
  package static func I3(
    _ c11: Double, _ c12: Double, _ c13: Double, _ c23: Double, _ c33: Double
  ) -> Double { c23 }

  /// I4 = E[x₃ x₄].
  package static func I4(_ c: FourFields) -> Double { c[2, 3] }
}
