import Groundwork

/// The two-layer network that learns: φ(x) = s Σ_k v_k g(w_k · x / √N).
public struct Student: Hashable, Sendable {
  /// The second layer before training.
  public enum SecondLayer: Hashable, Sendable {
    /// v_k, of K elements, without the factor `scale`.
    case values([Double])
    /// v_k ~ sd · N(0, 1), drawn from the run's seed.
    case normal(sd: Double)
  }

  /// The first layer (and, for some, the second) before training; PHYSICS.md, section A.
  public enum Initialisation: Hashable, Sendable {
    /// w ~ sd · N(0, 1)^N, independently of the teacher. `perturb` adds perturb · N(0, 1) to Q
    /// (symmetrically), R, and v where it is trained: at N = ∞ this leaves the symmetric plateau.
    case normal(sd: Double, perturb: Double = 0)
    /// w_k = w*_k for k ≤ M, the others zero, plus noise · N(0, 1)^N. Needs K ≥ M.
    case informed(noise: Double)
    /// w_k = w*_{1 + (k-1) mod M}, v_k = v*/(number of copies), plus noise.
    case denoise(noise: Double)
    /// w ~ N(0, 1)^N/√N, v ~ N(0, 1)/√K.
    case mixed
    /// Q = R = 0.
    case zeros
    /// These overlaps exactly, for every seed: Q is K×K, R is K×M; `v` where given.
    case overlaps(Q: Matrix, R: Matrix, v: [Double]?)
    /// These overlaps Q^e and R^e exactly in the eigenspaces of structured inputs.
    case blocks(Q: [Matrix], R: [Matrix], v: [Double]?)
  }

  /// K, the number of hidden units.
  public var hiddenUnits: Int
  public var activation: Activation
  public var secondLayer: SecondLayer
  /// Whether the user chose the second layer; `informed`, `denoise` and `mixed` set v only where
  /// it is trained and was not chosen.
  public var secondLayerIsChosen: Bool
  public var initialisation: Initialisation
  /// The factor in front of the output sum.
  public var scale: Double
  /// v of the heads of several tasks, where they differ: each of K elements. Empty where all begin
  /// alike, at `secondLayer`.
  public var heads: [[Double]] = []

  public init(
    hiddenUnits: Int, activation: Activation = .erf, secondLayer: SecondLayer? = nil,
    initialisation: Initialisation = .normal(sd: 0.1), scale: Double = 1
  ) {
    self.hiddenUnits = hiddenUnits
    self.activation = activation
    self.secondLayer = secondLayer ?? .values(.init(repeating: 1, count: hiddenUnits))
    self.secondLayerIsChosen = secondLayer != nil
    self.initialisation = initialisation
    self.scale = scale
  }
}

extension Student {
  /// The network that is tested after training with dropout, whose units took part with probability
  /// `keep`: all of them, and the output times `keep`.
  func tested(keeping keep: Double) -> Student {
    var student = self
    student.scale *= keep
    return student
  }
}

extension Run {
  /// With what probability a hidden unit takes part in a sample of this phase, or of the last.
  func keep(inPhase phase: Int) -> Double {
    plan.isEmpty ? 1 : 1 - plan[min(phase, plan.count - 1)].dropout
  }

  /// The student as it was tested at its end: all of its units, and its output times the probability
  /// with which they took part in the last samples.
  public var testedStudent: Student { student.tested(keeping: keep(inPhase: end.phase)) }
}
