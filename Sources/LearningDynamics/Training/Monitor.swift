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

  public init(_ report: @escaping @Sendable (Progress) -> Bool) { self.report = report }

  /// Never stops anything.
  public static let none = Monitor { _ in true }
}
