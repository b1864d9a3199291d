/// A quantity that may change with time: a learning rate, a weight decay.
public enum Rate: Sendable {
  case constant(Double)
  /// A function of α since the phase began. It may be called from several threads at once, and
  /// what it throws ends the run.
  case function(@Sendable (Double) throws -> Double)

  /// The value at `alpha` since the phase began.
  public func callAsFunction(_ alpha: Double) throws -> Double {
    switch self {
    case .constant(let value): value
    case .function(let function): try function(alpha)
    }
  }
}

/// The layers of the student that learn.
public enum Layers: String, Hashable, Sendable, CaseIterable {
  case first, second, both

  public var trainFirst: Bool { self != .second }
  public var trainSecond: Bool { self != .first }
}

/// The state that a stopping condition sees.
public struct Moment: Sendable {
  /// α since the run began.
  public var alpha: Double
  /// ε_g, the generalisation error against the noiseless teacher.
  public var error: Double
  public var state: OrderParameters
  /// What was recorded up to now.
  public var past: [Run.Sample]
}

/// One part of a training schedule. Nothing but the state is inherited from the phase before.
public struct Phase: Sendable {
  /// Length in α = steps/N, at most: `until` may end the phase earlier.
  public var time: Double
  /// η_w, of the first layer; not read where that layer is not trained.
  public var firstRate: Rate
  /// η_v, of the second layer; not read where that layer is not trained.
  public var secondRate: Rate
  public var layers: Layers
  /// κ: (κ/N) w and (κ/N) v are subtracted per update from the trained layers, not times η.
  public var decay: Rate
  /// Ends the phase where it first holds. May be called from several threads at once.
  public var until: (@Sendable (Moment) throws -> Bool)?
  /// The functions among these as their author wrote them, for comparing experiments; engines do
  /// not read it.
  public var source = ""

  public init(
    time: Double, firstRate: Rate, secondRate: Rate, layers: Layers = .first,
    decay: Rate = .constant(0), until: (@Sendable (Moment) throws -> Bool)? = nil
  ) {
    self.time = time
    self.firstRate = firstRate
    self.secondRate = secondRate
    self.layers = layers
    self.decay = decay
    self.until = until
  }
}
