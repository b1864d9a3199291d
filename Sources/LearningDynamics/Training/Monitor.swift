/// What a running engine tells whoever watches it.
public struct Progress: Sendable {
  /// Done part of the whole plan, from 0 to 1.
  public var fraction: Double
  /// α since the run began.
  public var alpha: Double
  /// Which phase of the plan, from 1.
  public var phase: Int
  public var error: Double
  /// The learning rate now, of the first trained layer.
  public var rate: Double
}

/// Watches a run: is told how far it is, and may stop it.
///
/// Engines call `report` every integrator step or every few dozen microseconds of a simulation,
/// from the thread that runs; it must be quick. `false` stops the run, which then returns what it
/// has with `Run.Ending.interrupted`.
public struct Monitor: Sendable {
  public var report: @Sendable (Progress) -> Bool
  /// Who is given the run as it goes; nil for nobody.
  public var keeper: Keeper?

  public init(keeper: Keeper? = nil, _ report: @escaping @Sendable (Progress) -> Bool) {
    self.report = report
    self.keeper = keeper
  }

  /// Never stops anything.
  public static let none = Monitor { _ in true }
}

/// What a rate, a noise schedule or `until` may throw to stop the run where it stands, as a monitor
/// does that says no: the run then has what it had before this question, which is asked again when
/// `resume` goes on.
///
/// Sums and evaluations throw it, too, where the monitor does not want them any more.
public struct Interruption: Error {
  public init() {}
}

/// Keeps runs as they go, so that they can be continued after a crash.
///
/// Between two steps an engine asks whether the run of this seed is due; it then hands over the run
/// as if it had been interrupted there, from which `resume` goes on to the same bits, and goes on
/// itself. At its end, of whatever kind, a run is handed over unasked. All of this happens on the
/// thread that runs, one thread for a seed.
public struct Keeper: Sendable {
  /// Asked as often as `Monitor.report`; must be quick.
  public var isDue: @Sendable (_ seed: UInt64) -> Bool
  public var keep: @Sendable (Run) -> Void

  public init(
    isDue: @escaping @Sendable (_ seed: UInt64) -> Bool, keep: @escaping @Sendable (Run) -> Void
  ) {
    self.isDue = isDue
    self.keep = keep
  }
}
