import Groundwork

/// The generalisation error that online learning ends with where the labels are noisy, to first
/// order in σ² (Goldt et al. 2020, sections 2 and 3; PHYSICS.md, D3 to D7).
///
///     let final = try AsymptoticError(student: student, teacher: teacher, learningRate: 0.2)
///     final.perNoiseVariance  // eg/σ²
///
/// What it is computed from is the equation in `SmallNoise`, around a configuration without loss.
/// An error of second order in σ², and configurations that drift on the time 1/(η² σ²), are outside.
public struct AsymptoticError: Hashable, Sendable {
  /// eg/σ², which does not depend on σ; infinite where the configuration is unstable.
  public var perNoiseVariance: Double
  /// eg, with the teacher's σ; 0 for a stable configuration without noise.
  public var error: Double
  public var branch: ZeroLossBranch
  /// X, K×K: the covariance of the weights' fluctuations in one transverse dimension over σ².
  public var fluctuations: Matrix
  /// Whether the learning rate is below `stableRate`.
  public var isStable: Bool
  /// The learning rate at which the fluctuations diverge.
  public var stableRate: Double

  /// From the networks alone: where learning from small weights is expected to end.
  ///
  /// - Parameters:
  ///   - student: the network that learns; its start does not matter.
  ///   - teacher: the network that labels, with its noise.
  ///   - layers: `first` or `both`; with the first layer alone the student's v is taken as given.
  ///   - learningRate: η, of the first layer; that of the second has no influence.
  ///   - copies: n_m, how many units copy each teacher unit, instead of the usual branch.
  /// - Throws: `unrealisable` where no weights give the teacher's output, `needsState` where it
  ///   depends on the start (linear and ReLU with both layers), `invalid`.
  public init(
    student: Student, teacher: Teacher, layers: Layers = .first, learningRate: Double,
    copies: [Int]? = nil
  ) throws(TheoryError) {
    guard teacher.noiseSchedule == nil else {
      throw .invalid(
        "the final error is that of one label noise, but σ is a function of α here; "
          + "eg/σ² does not depend on σ")
    }
    let configuration = try ZeroLoss(
      student: student, teacher: teacher, layers: layers, copies: copies)
    try self.init(
      configuration.smallNoise, branch: configuration.branch, learningRate: learningRate,
      sigma: teacher.labelNoise)
  }

  /// From the state that a run has reached, with its Q and v as they are: the error it would keep
  /// if it stayed there (PHYSICS.md, D4 and D7). For the students of either layer. With momentum β
  /// the learning rate is η/(1 − β).
  ///
  /// - Throws: `farFromZeroLoss` where eg of the state is more than twice what noise explains (plus
  ///   1e-6 of the teacher's output), `invalid`.
  public init(
    state: OrderParameters, student: Student, teacher: Teacher, learningRate: Double
  ) throws(TheoryError) {
    try self.init(
      SmallNoise(state: state, student: student), branch: .state, learningRate: learningRate,
      sigma: teacher.labelNoise)
    let here = state.generalisationError(student: student, teacher: teacher)
    var silent = student
    silent.scale = 0
    let power = state.generalisationError(student: silent, teacher: teacher)
    guard !isStable || here <= 2 * error + 1e-6 * power else {
      throw .farFromZeroLoss(error: here, noise: error)
    }
  }

  private init(
    _ theory: SmallNoise, branch: ZeroLossBranch, learningRate eta: Double, sigma: Double
  ) throws(TheoryError) {
    guard eta >= 0, eta.isFinite else {
      throw .invalid("the learning rate must be a number ≥ 0, not \(eta.plain)")
    }
    self.branch = branch
    stableRate = theory.stableRate
    isStable = eta < stableRate
    perNoiseVariance = theory.error(learningRate: eta)
    error = isStable ? sigma * sigma * perNoiseVariance : .infinity
    fluctuations = theory.fluctuations(learningRate: eta)
  }

  /// The first two terms of eg/σ² in powers of η, for small learning rates:
  /// (η/4)⟨S⟩ + (η²/8)⟨S²⟩ with S = Σ_k (v_k g′_k)². For the erf committee,
  /// (η/2π) [L + M/√3 + (η/π) ((L + M/√3)² + M (1/√5 - 1/3))] (PHYSICS.md, D3).
  public static func series(
    student: Student, teacher: Teacher, layers: Layers = .first, learningRate eta: Double,
    copies: [Int]? = nil
  ) throws(TheoryError) -> Double {
    let terms = try ZeroLoss(student: student, teacher: teacher, layers: layers, copies: copies)
      .smallNoise.series
    return eta * (terms.first + eta * terms.second)
  }
}

extension SmallNoise {
  /// The theory around the state of a run.
  package init(state: OrderParameters, student: Student) throws(TheoryError) {
    try state.requireIsotropic()
    try self.init(
      SlopeMoments.Family(student.activation), Q: state.Q,
      outputs: state.v.map { student.scale * $0 })
  }
}
