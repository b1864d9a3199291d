/// Gaussian integrals where student and teacher have different activations.
extension Activation {
  /// E[g(x₁) h(x₂)] for g = self; c is the covariance of (x₁, x₂).
  ///
  /// For erf and linear: E[erf(x₁/√2) x₂] = c12 E[g′(x₁)] = c12 √(2/π)/√(1 + c11) (Stein's lemma).
  package func I2(with h: Activation, _ c11: Double, _ c12: Double, _ c22: Double) -> Double {
    switch (self, h) {
    case (.erf, .erf): Erf.I2(c11, c12, c22)
    case (.linear, .linear): Linear.I2(c11, c12, c22)
    case (.erf, .linear): (2 / .pi / (1 + c11)).squareRoot() * c12
    case (.linear, .erf): (2 / .pi / (1 + c22)).squareRoot() * c12
    }
  }
}
