/// The microscopic state of a simulation: what `resume` needs to continue to the same bits.
public struct DescentState: Sendable {
  /// The student's weights, K rows of N, row by row.
  public var studentWeights: [Double]
  /// The teacher's weights, M rows of N, row by row.
  public var teacherWeights: [Double]
  public var v: [Double]
}
