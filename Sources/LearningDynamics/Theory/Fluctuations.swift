import Groundwork

/// How far runs of online SGD at finite N scatter around the order-parameter equations.
///
/// N times the covariance of the order parameters tends to S with dS/dα = J S + S Jᵀ + D: J is the
/// Jacobian of the equations and D the covariance of one update (a central limit theorem;
/// PHYSICS.md, D1 and E11). It is the scatter over the samples, from one start: S = 0 there. Where
/// deviations grow until they are not small, as in the escape from a plateau, it overestimates.
public struct Fluctuations: Sendable {
  public struct Sample: Sendable {
    public var alpha: Double
    /// ε_g as the equations give it.
    public var error: Double
    /// S, the covariance times N of all that the plan trains: R row by row, the upper triangle of Q
    /// row by row, v.
    public var covariance: Matrix
    /// N times the variance of ε_g.
    public var errorVariance: Double
    /// √S_ii, arranged as the order parameters are; 0 for what is not trained.
    public var deviations: OrderParameters

    /// The standard deviation of ε_g over runs of dimension N.
    public func errorDeviation(N: Double) -> Double { (max(0, errorVariance) / N).squareRoot() }
  }

  /// Where the runs start.
  public let start: OrderParameters
  /// In order of α; fewer than were asked for where the monitor stopped the computation.
  public private(set) var samples: [Sample] = []

  /// A phase, and how long it lasted, in α.
  public typealias Stage = (phase: Phase, length: Double)

  /// Nothing yet, of runs from `start`.
  package init(start: OrderParameters) { self.start = start }

  /// Along these phases from `start`, at the given values of α since the first one began.
  ///
  /// In closed form for erf and linear networks, student and teacher of the same kind; for other
  /// activations D is an average over 16384 points. What costs most is D, in the fourth power of K
  /// and of K + M; it is computed where it changes and interpolated between (docs/design/theory.md).
  /// The monitor is asked at least every 20 ms or so.
  ///
  /// Throws `TheoryError.invalid` for times that do not increase, for structured inputs, or where S grows beyond all
  /// bounds, and what a rate throws.
  public init(
    student: Student, teacher: Teacher, stages: [Stage], from start: OrderParameters,
    batch: Int = 1, at times: [Double], tolerance: Double = 1e-6, monitor: Monitor = .none
  ) throws {
    guard times.allSatisfy({ $0 >= 0 && $0.isFinite }), zip(times, times.dropFirst()).allSatisfy(<)
    else { throw TheoryError.invalid("the times must be numbers ≥ 0 in increasing order") }
    try start.requireIsotropic()
    self.init(start: start)
    let course = FluctuationCourse(
      student: student, teacher: teacher, stages: stages, batch: batch, tolerance: tolerance,
      monitor: monitor)
    do {
      try course.run(from: start, at: times) { samples.append($0) }
    } catch is Interruption {}
  }

  /// The same along one phase, as far as the last time.
  public init(
    student: Student, teacher: Teacher, phase: Phase, from start: OrderParameters,
    batch: Int = 1, at times: [Double], tolerance: Double = 1e-6, monitor: Monitor = .none
  ) throws {
    try self.init(
      student: student, teacher: teacher, stages: [(phase, times.last ?? 0)], from: start,
      batch: batch, at: times, tolerance: tolerance, monitor: monitor)
  }

  /// Around a run of the equations that started at `start`, at the α it recorded.
  init(around run: Run, from start: OrderParameters, batch: Int, monitor: Monitor) throws {
    let ends = run.phaseStarts.dropFirst() + [run.end.alpha]
    let stages = zip(run.plan, zip(run.phaseStarts, ends)).map { ($0, $1.1 - $1.0) }
    try self.init(
      student: run.student, teacher: run.teacher, stages: stages, from: start, batch: batch,
      at: run.samples.map(\.alpha), monitor: monitor)
  }
}
