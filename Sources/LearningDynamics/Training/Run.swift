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
    /// ε_g against the noiseless teacher; of real inputs, the error on the held-out rows.
    public var error: Double
    public var state: OrderParameters
    /// ½⟨(φ − y)²⟩ over a finite training set, its label noise included; nil where every step draws
    /// a sample of its own.
    public var trainingError: Double?
    /// η of a phase whose rate is greedy, as it was here; nil for others.
    public var greedyRate: Double?

    public init(
      alpha: Double, error: Double, state: OrderParameters, trainingError: Double? = nil,
      greedyRate: Double? = nil
    ) {
      self.alpha = alpha
      self.error = error
      self.state = state
      self.trainingError = trainingError
      self.greedyRate = greedyRate
    }
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
  /// For the equations, where `EquationOptions.fluctuations` asked for it: the scatter of runs at
  /// finite N, for each sample; for fewer where the monitor stopped it. nil otherwise, and without
  /// samples where the run itself did not come to its end.
  public var fluctuations: Fluctuations?
}

extension Run {
  /// The finite set of samples that a simulation learns from; nil where every step draws its own,
  /// and for the equations.
  public var finiteSet: TrainingData? {
    if case .descent(let options) = engine { options.trainingData } else { nil }
  }
}

extension Run {
  /// A run of this experiment whose state, all of it zeros of the right shapes, is to be filled in:
  /// for readers of checkpoints. T, v and v* come with the state.
  package static func blank(
    student: Student, teacher: Teacher, plan: [Phase], engine: Engine, N: Double, seed: UInt64
  ) -> Run {
    let K = student.hiddenUnits
    let M = teacher.hiddenUnits
    var state = OrderParameters(
      Q: Matrix(rows: K, columns: K), R: Matrix(rows: K, columns: M),
      T: Matrix(rows: M, columns: M), v: .init(repeating: 0, count: K),
      vStar: .init(repeating: 0, count: M))
    state.heads = teacher.tasks.map { Head(v: .init(repeating: 0, count: K), vStar: $0) }
    var run = Run(
      student: student, teacher: teacher, plan: plan, engine: engine, N: N, seed: seed, samples: [],
      phaseStarts: [], ending: .interrupted, seconds: 0,
      end: Checkpoint(alpha: 0, phase: 0, phaseAlpha: 0, state: state, steps: 0, descent: nil))
    switch engine {
    case .equations:
      run.end.integration = IntegrationState()
    case .descent(let options):
      run.end.descent = DescentState(studentWeights: [], teacherWeights: [], v: state.v)
      if options.method == .reduced, options.inputs.spectrum == nil {
        run.end.descent!.reduced = ReducedWeights(
          student: Matrix(rows: K, columns: M + K), teacher: state.T)
      }
      if plan.contains(where: { $0.momentum > 0 }) {
        run.end.descent!.beginMomentum(N: options.method == .full ? Int(N) : 0)
      }
    }
    return run
  }

  /// Whether nothing is left to do, of which `monitor` is then told: only `resume` with more time
  /// would go on.
  public func isAtItsEnd(telling monitor: Monitor = .none) -> Bool {
    if ending == .interrupted { return false }
    if case .completed = ending, end.phase < plan.count { return false }
    let progress = Progress(
      fraction: 1, alpha: end.alpha, phase: plan.count, error: samples.last?.error ?? .nan, rate: 0)
    _ = monitor.report(progress)
    return true
  }
}

/// The student's first layer at one instant of a simulation.
public struct KeptWeights: Hashable, Sendable {
  /// α = steps/N since the run began.
  public var alpha: Double
  /// K×N, one row for each hidden unit. For structured inputs in the basis in which a covariance
  /// matrix was given, or where only eigenvalues were, in the eigenbasis in their order.
  public var w: Matrix

  public init(alpha: Double, w: Matrix) {
    self.alpha = alpha
    self.w = w
  }
}

/// What left its range, and when.
public struct Divergence: Hashable, Sendable {
  /// "Q", "R" or "v".
  public var quantity: String
  public var alpha: Double
  /// The learning rates then.
  public var firstRate: Double
  public var secondRate: Double
  /// For equations that had become so stiff that steps of this size were all that could be taken:
  /// the quantity is the largest, and in range. nil where it left its range.
  public var step: Double?

  public init(
    quantity: String, alpha: Double, firstRate: Double, secondRate: Double, step: Double? = nil
  ) {
    self.step = step
    self.quantity = quantity
    self.alpha = alpha
    self.firstRate = firstRate
    self.secondRate = secondRate
  }
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
  /// For the equations: what the integrator remembers, where the run stopped within a phase.
  public var integration: IntegrationState?
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
  /// Whether the scatter of runs at finite N is computed too; see ``Fluctuations``.
  public var fluctuations: Bool

  public init(
    tolerance: Double = 1e-8, recording: Recording = .logarithmic(points: 200), batch: Int = 1,
    inputs: Inputs = .isotropic, fluctuations: Bool = false
  ) {
    self.tolerance = tolerance
    self.recording = recording
    self.batch = batch
    self.inputs = inputs
    self.fluctuations = fluctuations
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
  /// The finite set of samples to learn from; nil draws a fresh one at every step.
  public var trainingData: TrainingData?

  public init(
    batch: Int = 1, precision: Precision = .float64,
    recording: Recording = .logarithmic(points: 200), keepWeights: [Double] = [],
    instructionSet: InstructionSet? = nil, method: Method = .full, inputs: Inputs = .isotropic,
    trainingData: TrainingData? = nil
  ) {
    self.batch = batch
    self.method = method
    self.precision = precision
    self.recording = recording
    self.keepWeights = keepWeights
    self.instructionSet = instructionSet
    self.inputs = inputs
    self.trainingData = trainingData
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

  static let greedyNeedsIsotropicInputs = TrainingError.invalid(
    "the greedy learning rate is for isotropic inputs")
}
