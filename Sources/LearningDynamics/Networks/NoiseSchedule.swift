import Groundwork

/// Label noise that changes while the student learns: σ as a function of α since the run began.
///
/// Simulations ask it once a step, with α = (step − 1)/N, and the equations wherever they integrate.
/// Two are equal where they are the same object.
///
///     let fading = NoiseSchedule { 0.1 * exp(-$0 / 100) }
///     let teacher = Teacher(secondLayer: [1, 1], noiseSchedule: fading)
public final class NoiseSchedule: Sendable {
  private let function: @Sendable (Double) throws -> Double
  /// The function, for comparing experiments.
  public let source: FunctionText?

  /// - Parameters:
  ///   - source: what tells it from others; nil where its values must do.
  ///   - function: σ at an α; it may be called from several threads at once, and what it
  ///     throws ends the run; an ``Interruption`` leaves what there is of it.
  public init(
    source: FunctionText? = nil, _ function: @escaping @Sendable (Double) throws -> Double
  ) {
    self.source = source
    self.function = function
  }

  /// σ at `alpha`; throws `TrainingError.invalid` where that is no number of at least 0.
  public func callAsFunction(_ alpha: Double) throws -> Double {
    let sigma = try function(alpha)
    guard sigma >= 0, sigma.isFinite else {
      throw TrainingError.invalid(
        "the label noise σ is \(sigma.brief) at α = \(alpha.brief); it must be a number ≥ 0")
    }
    return sigma
  }
}

extension NoiseSchedule: Hashable {
  public static func == (a: NoiseSchedule, b: NoiseSchedule) -> Bool { a === b }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

extension Teacher {
  /// σ at `alpha` since the run began. Throws what the schedule throws.
  public func labelNoise(at alpha: Double) throws -> Double {
    try noiseSchedule?(alpha) ?? labelNoise
  }

  /// The teacher whose labels stay as noisy as they are at `alpha`.
  public func stopped(at alpha: Double) throws -> Teacher {
    var teacher = self
    teacher.labelNoise = try labelNoise(at: alpha)
    teacher.noiseSchedule = nil
    return teacher
  }
}
