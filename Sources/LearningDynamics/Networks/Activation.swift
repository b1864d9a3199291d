/// The transfer function g of the hidden units.
///
/// With local field λ, of unit variance where weights have length √N:
/// `erf` is g(λ) = erf(λ/√2), as in Saad and Solla (1995) and Goldt et al. (2020); `linear` is
/// g(λ) = λ.
public enum Activation: String, Hashable, Sendable, CaseIterable {
  case erf
  case linear
}
