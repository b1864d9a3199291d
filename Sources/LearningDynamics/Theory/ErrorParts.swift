import Groundwork

/// What the generalisation error of one run or of an ensemble is made of:
/// ε_g = bias + noise + scatter.
///
/// The bias is what the label noise is not to blame for: ε_g where the equations without it (σ = 0,
/// the rates as they were at the end) lead from the mean state. The noise part is what ε_g at the
/// mean state is above that. The scatter is what is lost by taking the mean state instead of the
/// mean of ε_g over runs: of the order of 1/N, and 0 for a single run.
///
/// This means something where learning has come to rest. A run that is still learning goes on to
/// learn without noise, and the difference is not all the noise's; `restingError` tells.
public struct ErrorParts: Sendable {
  /// ε_g at the ends of the runs, on average.
  public let error: Double
  public let bias: Double
  public let noise: Double
  public let scatter: Double
  /// ε_g after as long a time with the label noise as it was: at rest, ε_g of the mean state.
  public let restingError: Double
  /// ε_g of the mean state.
  public var meanStateError: Double { bias + noise }
  /// Whether the monitor stopped the computation; the parts are then those at that time.
  public let isInterrupted: Bool

  /// Of the last states of runs of one experiment that differ in their seeds at most. The equations
  /// go on for α = `time`.
  ///
  /// Throws `TrainingError` for runs that diverged, `TheoryError` for structured inputs.
  public init(of runs: [Run], time: Double, monitor: Monitor = .none) throws {
    precondition(!runs.isEmpty, "the error of at least one run is split")
    for run in runs {
      if case .diverged(let divergence) = run.ending {
        throw TrainingError.invalid("the run diverged at α = \(divergence.alpha.brief)")
      }
    }
    try runs[0].end.state.requireIsotropic()
    let run = runs[0]
    let ends = runs.map(\.end.state), student = run.testedStudent
    let errors = ends.map { $0.generalisationError(student: student, teacher: run.teacher) }
    error = errors.reduce(0, +) / Double(runs.count)
    let mean = Self.mean(of: ends)
    let atMean = mean.generalisationError(student: student, teacher: run.teacher)
    scatter = error - atMean

    let teacher = try run.teacher.stopped(at: run.end.alpha)
    guard teacher.labelNoise != 0, var phase = run.plan.last else {
      (bias, noise, restingError, isInterrupted) = (atMean, 0, atMean, false)
      return
    }
    let end = run.end.phase < run.plan.count ? 0 : run.end.phaseAlpha
    if phase.layers.trainFirst { phase.firstRate = .constant(try phase.firstRate(end)) }
    if phase.layers.trainSecond { phase.secondRate = .constant(try phase.secondRate(end)) }
    phase.decay = .constant(try phase.decay(end))
    phase.time = time
    phase.until = nil
    let batch =
      switch run.engine {
      case .equations(let options): options.batch
      case .descent(let options): options.batch
      }
    func later(_ teacher: Teacher) throws -> (error: Double, isInterrupted: Bool) {
      let later = try Equations.run(
        student: run.student, teacher: teacher, plan: [phase], from: mean, N: run.N,
        options: EquationOptions(recording: .at([time]), batch: batch), monitor: monitor)
      return (
        later.end.state.generalisationError(student: student, teacher: teacher),
        later.ending == .interrupted
      )
    }
    var noiseless = teacher
    noiseless.labelNoise = 0
    let clean = try later(noiseless), same = try later(teacher)
    (bias, noise, restingError) = (clean.error, atMean - clean.error, same.error)
    isInterrupted = clean.isInterrupted || same.isInterrupted
  }

  private static func mean(of states: [OrderParameters]) -> OrderParameters {
    let n = Double(states.count)
    func mean(_ part: (OrderParameters) -> [Double]) -> [Double] {
      part(states[0]).indices.map { i in states.reduce(0) { $0 + part($1)[i] } / n }
    }
    var state = states[0]
    state.Q.elements = mean(\.Q.elements)
    state.R.elements = mean(\.R.elements)
    state.T.elements = mean(\.T.elements)
    state.v = mean(\.v)
    return state
  }
}
