import Groundwork

/// The largest learning rate at which a perfect student stays perfect: the noiseless solution is
/// stable in the mean square as long as η is below (PHYSICS.md, D9).
///
/// It is where fluctuations of the weights make as much noise as they lose, and a pole of the
/// asymptotic error as a function of η. Above it an erf network with fixed v does not diverge but
/// settles at an error that is not zero. Only η_w matters; second layers fluctuate by O(1/N).
public enum StableRate {
  /// From the networks alone; see `AsymptoticError` for the configuration that is assumed and what
  /// is thrown. For both layers it is η_w.
  public static func of(
    student: Student, teacher: Teacher, layers: Layers = .first, copies: [Int]? = nil
  ) throws(TheoryError) -> Double {
    try ZeroLoss(student: student, teacher: teacher, layers: layers, copies: copies)
      .smallNoise.stableRate
  }

  /// For the units of a run's state, with its Q and v as they are. It has its meaning where the
  /// state has no loss; that is not checked.
  public static func of(state: OrderParameters, student: Student) throws(TheoryError) -> Double {
    try SmallNoise(state: state, student: student).stableRate
  }
}
