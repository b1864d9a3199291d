/// The law of the inputs x that a student learns from.
public enum Inputs: Hashable, Sendable {
  /// x_i ~ N(0, 1), independently.
  case isotropic
  /// x ~ N(0, Σ), where Σ has this spectrum.
  case gaussian(Spectrum)

  /// The spectrum of Σ where it is not 1.
  // Inlined into optional chains of other modules it makes the optimiser of Swift 6.3 fail.
  @inline(never) public var spectrum: Spectrum? {
    switch self {
    case .isotropic: return nil
    case .gaussian(let spectrum): return spectrum
    }
  }

  /// N where the inputs fix it.
  public var dimension: Int? { spectrum?.dimension }
}
