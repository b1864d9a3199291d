import Groundwork

/// Why the theory has no answer. `description` is one sentence in the user's words; the library may
/// add advice.
public enum TheoryError: Error, Hashable, Sendable {
  /// No weights of this student give the teacher's output, so the error keeps a bias that small
  /// noise knows nothing of; the words say why.
  case unrealisable(String)
  /// The answer depends on where learning ends, not on the networks alone: it needs the state of a
  /// run; the words say on what.
  case needsState(String)
  /// The same, where it is enough to say how many student units copy each of the teacher's units.
  case needsCopies(String)
  /// ε_g of the state is so much larger than what noise alone explains that the state is not one of
  /// zero loss: it is still learning, stuck, or unrealisable.
  case farFromZeroLoss(error: Double, noise: Double)
  /// Newton's method found no fixed point near the state: the largest |dy/dα| that remained.
  case noFixedPoint(residual: Double)
  /// An average over the fields has no value, or none that was found; the words say which.
  case unsettled(String)
  /// Shapes or values that do not fit; the words say which.
  case invalid(String)
}

extension TheoryError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unrealisable(let words): "the teacher is unrealisable: \(words)"
    case .needsState(let words), .needsCopies(let words): words
    case .farFromZeroLoss(let error, let noise):
      "the state has eg = \(error.brief), but noise explains only \(noise.brief): it is still learning, "
        + "or stuck, or the teacher is unrealisable"
    case .noFixedPoint(let residual):
      "no fixed point was found near the state; rates of \(residual.brief) remain"
    case .unsettled(let words), .invalid(let words): words
    }
  }
}

extension OrderParameters {
  /// Throws where the inputs are structured: what assumes isotropic ones would be wrong there.
  func requireIsotropic() throws(TheoryError) {
    guard blocks.isEmpty else {
      throw .invalid("this theory is for isotropic inputs, and those of the run are structured")
    }
  }
}
