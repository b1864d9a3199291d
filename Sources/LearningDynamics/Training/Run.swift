import Groundwork

/// A recorded learning curve, from the equations or from a simulation: the experiment that made
/// it, what was recorded, how it ended, and what is needed to continue it.
public struct Run: Sendable {
  /// What produced the run.
  public enum Engine: Sendable {
    /// The order-parameter equations, N → ∞.
    case equations(EquationOptions)
    /// Online SGD at finite N.
    case descent(DescentOptions)
  }

  public enum Ending: Hashable, Sendable {
    case completed
    /// The monitor stopped it.
    case interrupted
    /// A quantity left the range where the equations or the simulation make sense.
    case diverged(Divergence)
  }

  /// One recorded instant.
  public struct Sample: Hashable, Sendable {
    /// α = steps/N since the run began.
    public var alpha: Double
    /// ε_g against the noiseless teacher.
    public var error: Double
    public var state: OrderParameters
  }

  public var student: Student
  public var teacher: Teacher
  public var plan: [Phase]
  public var engine: Engine
  /// The dimension at which the initial overlaps were drawn, and of a simulation; may be infinite
  /// for the equations.
  public var N: Double
  public var seed: UInt64
  /// In order of α; the first is the start.
  public var samples: [Sample]
  /// α at which each phase that was entered began; the first is 0.
  public var phaseStarts: [Double]
  public var ending: Ending
  /// Wall-clock time, in seconds.
  public var seconds: Double
  /// The state at the end, from which `resume` continues (recorded or not).
  public var end: Checkpoint
  /// The student's weights where `DescentOptions.keepWeights` asked for them, in order of α.
  public var keptWeights: [KeptWeights] = []
  /// For the equations of activations whose integrals are done by quadrature: how far a finer rule
  /// moves the rates, the worst relative to the largest rate of its kind, at the ends of phases.
  /// nil for closed forms and simulations.
  public var quadratureError: Double?
}

/// The student's first layer at one instant of a simulation.
public struct KeptWeights: Hashable, Sendable {
  /// α = steps/N since the run began.
  public var alpha: Double
  /// K×N, one row for each hidden unit. For structured inputs in the basis in which a covariance
  /// matrix was given, or where only eigenvalues were, in the eigenbasis in their order.
  public var w: Matrix
}

/// What left its range, and when.
public struct Divergence: Hashable, Sendable {
  /// "Q", "R" or "v".
  public var quantity: String
  public var alpha: Double
  /// The learning rates then.
  public var firstRate: Double
  public var secondRate: Double
}

extension Run {
  /// The law of the inputs.
  public var inputs: Inputs {
    switch engine {
    case .equations(let options): options.inputs
    case .descent(let options): options.inputs
    }
  }
}

/// Where a run stopped.
public struct Checkpoint: Sendable {
  /// α since the run began.
  public var alpha: Double
  /// Which phase of the plan, from 0; equal to `plan.count` when the plan is done.
  public var phase: Int
  /// α since that phase began.
  public var phaseAlpha: Double
  public var state: OrderParameters
  /// For a simulation: steps done, and the weights as the method keeps them.
  public var steps: Int
  public var descent: DescentState?
}

/// How the equations are integrated.
public struct EquationOptions: Sendable {
  /// Relative tolerance of the local error; the absolute one is 1e-4 times it.
  public var tolerance: Double
  public var recording: Recording
  /// Samples averaged in one update: the noise of the gradient, η², becomes η²/batch, while α goes
  /// on counting updates. Exact as N → ∞ at a fixed batch.
  public var batch: Int
  /// What the start was drawn for: with structured inputs it must have their blocks.
  public var inputs: Inputs

  public init(
    tolerance: Double = 1e-8, recording: Recording = .logarithmic(points: 200), batch: Int = 1,
    inputs: Inputs = .isotropic
  ) {
    self.tolerance = tolerance
    self.recording = recording
    self.batch = batch
    self.inputs = inputs
  }
}

/// How SGD is simulated.
public struct DescentOptions: Sendable {
  public enum Method: String, Hashable, Sendable, CaseIterable {
    /// In weight space: K×N weights and inputs of N elements.
    case full
    /// Through the order parameters, exact in law at every N at a cost independent of N. No
    /// weights are kept, and a seed names another run than in the full method.
    case reduced
  }

  /// The type of the student's weights; inputs are single precision in either case.
  public enum Precision: String, Hashable, Sendable, CaseIterable { case float64, float32 }

  /// Samples averaged in one update.
  public var batch: Int
  public var method: Method
  public var precision: Precision
  public var recording: Recording
  /// α at which the student's weights are kept.
  public var keepWeights: [Double]
  /// The instruction set of the kernels, nil for the best this machine has. For tests and
  /// benchmarks: the results are the same bits.
  public var instructionSet: InstructionSet?
  /// The law of the inputs; structured ones need a start with their blocks.
  public var inputs: Inputs

  public init(
    batch: Int = 1, precision: Precision = .float64,
    recording: Recording = .logarithmic(points: 200), keepWeights: [Double] = [],
    instructionSet: InstructionSet? = nil, method: Method = .full, inputs: Inputs = .isotropic
  ) {
    self.batch = batch
    self.method = method
    self.precision = precision
    self.recording = recording
    self.keepWeights = keepWeights
    self.instructionSet = instructionSet
    self.inputs = inputs
  }
}

/// What a theorist can do wrong, with the numbers that say why. `description` is one sentence in
/// the user's words; the library may add advice.
public enum TrainingError: Error, Hashable, Sendable {
  /// N is below K + M, so the overlaps cannot be drawn or realised.
  case dimensionTooSmall(N: Double, needed: Int)
  /// N is below 2K + M, so the reduced method has no room for the momentum's buffers.
  case dimensionTooSmallForMomentum(N: Double, needed: Int)
  /// The matrix [[Q, R], [Rᵀ, T]] has this negative eigenvalue.
  case notACovariance(smallestEigenvalue: Double)
  /// Shapes or values that do not fit; the words say which.
  case invalid(String)
}
