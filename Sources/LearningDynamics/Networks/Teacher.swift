import Groundwork

/// The fixed two-layer network that labels the data (Goldt et al. 2020, eq. 1):
/// y = s Σ_m v*_m g(w*_m · x / √N) + σ ζ, with ζ ~ N(0, 1) and s the `scale`.
///
/// A teacher knows neither N nor a seed: `weights` says how its first layer is drawn when a run
/// asks for it.
public struct Teacher: Hashable, Sendable {
  /// No teacher, M = 0: for learning from labels that are given. R and T are then empty.
  public static let absent = Teacher(secondLayer: [])

  /// How the first layer is made.
  public enum Weights: Hashable, Sendable {
    /// T = 1 exactly, also at finite N.
    case orthonormal
    /// w* ~ N(0, 1)^N, drawn at the run's N and seed; T = 1 as N → ∞.
    case isotropic
    /// T_nm = n δ_nm with n = 1 … M.
    case graded
    /// This overlap matrix T (M×M, symmetric, positive semidefinite), exactly.
    case overlaps(Matrix)
  }

  /// M, the number of hidden units; 0 for no teacher.
  public var hiddenUnits: Int { secondLayer.count }
  public var activation: Activation
  /// v*, of M elements, without the factor `scale`.
  public var secondLayer: [Double]
  /// v* of several tasks (Lee, Goldt and Saxe 2021; PHYSICS.md, E6), each of M elements: every task
  /// is an output of its own of the same hidden units, and the student has a head for each, of which
  /// only that of the task being trained learns. Empty for a single task; the first is
  /// `secondLayer`.
  public var tasks: [[Double]] = []
  /// σ, the standard deviation of the noise on the labels; not read where there is a schedule.
  public var labelNoise: Double
  /// σ as a function of α, where it changes.
  public var noiseSchedule: NoiseSchedule?
  public var weights: Weights
  /// The factor in front of the output sum.
  public var scale: Double

  public init(
    activation: Activation = .erf, secondLayer: [Double], labelNoise: Double = 0,
    weights: Weights = .orthonormal, scale: Double = 1, noiseSchedule: NoiseSchedule? = nil
  ) {
    self.activation = activation
    self.secondLayer = secondLayer
    self.labelNoise = labelNoise
    self.noiseSchedule = noiseSchedule
    self.weights = weights
    self.scale = scale
  }
}

extension Teacher {
  /// A teacher of several tasks, at least two, each with its v* of M elements.
  public init(
    activation: Activation = .erf, tasks: [[Double]], labelNoise: Double = 0,
    weights: Weights = .orthonormal, scale: Double = 1, noiseSchedule: NoiseSchedule? = nil
  ) {
    self.init(
      activation: activation, secondLayer: tasks[0], labelNoise: labelNoise, weights: weights,
      scale: scale, noiseSchedule: noiseSchedule)
    self.tasks = tasks
  }

  /// v* of one task, from 0.
  func secondLayer(ofTask task: Int) -> [Double] {
    tasks.indices.contains(task) ? tasks[task] : secondLayer
  }
}
