import Groundwork

/// A quantity that may change with time: a learning rate, a weight decay.
public enum Rate: Sendable {
  case constant(Double)
  /// A function of α since the phase began. It may be called from several threads at once, and
  /// what it throws ends the run; an ``Interruption`` leaves what there is of it.
  case function(@Sendable (Double) throws -> Double)
  /// What lowers ε_g fastest at every moment, to second order in the rate (PHYSICS.md, E8):
  ///
  ///     η* = -A/(2B),   dε_g/dα = η A + η² B,
  ///
  /// with the label noise in B. Only the equations know it; they record it in their samples.
  case greedy

  /// The value at `alpha` since the phase began; throws for a greedy rate.
  public func callAsFunction(_ alpha: Double) throws -> Double {
    switch self {
    case .constant(let value): value
    case .function(let function): try function(alpha)
    case .greedy:
      throw TrainingError.invalid("the greedy learning rate is known while the equations run only")
    }
  }
}

extension Rate {
  public var isGreedy: Bool { if case .greedy = self { true } else { false } }
}

/// Functions as their author wrote them, with what they read from outside: two whose texts are the
/// same do the same.
public struct FunctionText: Sendable {
  /// What they read may change, so the text is made when it is asked for.
  public let text: @Sendable () -> String

  public init(_ text: @escaping @Sendable () -> String) { self.text = text }
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
  /// β of heavy-ball momentum, 0 ≤ β < 1: d ← β d + step, w ← w + d, and v alike; the decay acts on
  /// the weights, outside the buffer d, which is zero when the phase begins. The equations use
  /// η/(1 − β), exact as N → ∞ (PHYSICS.md, E2).
  public var momentum: Double
  /// The probability with which each hidden unit is left out of a sample, anew for every sample
  /// (Srivastava et al. 2014; PHYSICS.md, E5), 0 ≤ dropout < 1. What is tested, by ε_g too, is the
  /// whole network with its output times 1 - dropout.
  public var dropout: Double
  /// Which task of a teacher with several is trained, from 0; see ``Teacher/tasks``.
  public var task: Int
  /// Ends the phase where it first holds. May be called from several threads at once; what it
  /// throws ends the run, and an ``Interruption`` leaves what there is of it.
  public var until: (@Sendable (Moment) throws -> Bool)?
  /// The functions among these, for comparing experiments; engines do not read it.
  public var source: FunctionText?

  public init(
    time: Double, firstRate: Rate, secondRate: Rate, layers: Layers = .first,
    decay: Rate = .constant(0), momentum: Double = 0, dropout: Double = 0, task: Int = 0,
    until: (@Sendable (Moment) throws -> Bool)? = nil
  ) {
    self.time = time
    self.firstRate = firstRate
    self.secondRate = secondRate
    self.layers = layers
    self.decay = decay
    self.momentum = momentum
    self.dropout = dropout
    self.task = task
    self.until = until
  }

  /// η_w and η_v at `alpha` since the phase began, without the effect of momentum; 0 for a layer
  /// that is not trained.
  public func rates(at alpha: Double) throws -> (first: Double, second: Double) {
    (
      first: layers.trainFirst ? try firstRate(alpha) : 0,
      second: layers.trainSecond ? try secondRate(alpha) : 0
    )
  }

  /// Throws `TrainingError.invalid` for a time, a rate, a decay or a momentum that is impossible.
  func check() throws(TrainingError) {
    guard time >= 0, time.isFinite else {
      throw .invalid("the time of a phase must be a number ≥ 0, not \(time.plain)")
    }
    for (rate, name, isUsed) in [
      (firstRate, "learning rate", layers.trainFirst),
      (secondRate, "learning rate", layers.trainSecond), (decay, "weight decay", true),
    ] {
      if isUsed, case .constant(let value) = rate, !(value >= 0 && value.isFinite) {
        throw .invalid("the \(name) must be a number ≥ 0, not \(value.plain)")
      }
    }
    guard momentum >= 0, momentum < 1 else {
      throw .invalid("the momentum must lie between 0 and 1, 1 excluded, not \(momentum.plain)")
    }
    guard dropout >= 0, dropout < 1 else {
      throw .invalid("the dropout must lie between 0 and 1, 1 excluded, not \(dropout.plain)")
    }
    if layers.trainSecond, case .greedy = secondRate, !layers.trainFirst || !firstRate.isGreedy {
      throw .invalid(
        "a greedy rate needs the noise of the first layer: without it there is no best one")
    }
    if case .greedy = decay { throw .invalid("a weight decay cannot be greedy") }
    if isGreedy, dropout > 0 {
      throw .invalid("the greedy learning rate is for training without dropout")
    }
  }

  /// Whether the rate of a layer that is trained is greedy.
  public var isGreedy: Bool {
    layers.trainFirst && firstRate.isGreedy || layers.trainSecond && secondRate.isGreedy
  }

  /// Throws for phases that do not suit the tasks of the teacher.
  static func check(_ plan: [Phase], teacher: Teacher) throws(TrainingError) {
    let count = max(1, teacher.tasks.count)
    for phase in plan {
      guard phase.task >= 0, phase.task < count else {
        throw .invalid(
          "there is no task \(phase.task + 1): the teacher has \(count == 1 ? "one" : "\(count)")")
      }
      if count > 1, phase.dropout > 0 {
        throw .invalid("dropout is for teachers of a single task")
      }
    }
  }
}
