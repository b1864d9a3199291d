import Groundwork

/// Which student unit follows which teacher unit.
public struct Specialisation: Hashable, Sendable {
  /// A student unit's leader.
  public struct Follower: Hashable, Sendable {
    /// The teacher unit, from 0.
    public var teacherUnit: Int
    /// R_in/√(Q_ii T_nn), the cosine of the angle between the two; negative where an erf or linear
    /// unit is the teacher's mirrored.
    public var overlap: Double
  }

  /// R_in/√(Q_ii T_nn), K×M; 0 for a unit of length 0.
  public let overlaps: Matrix
  /// For every student unit the teacher unit with which it overlaps most, in absolute value; nil
  /// below the threshold.
  public let followers: [Follower?]
  /// n_m, how many student units follow each teacher unit.
  public let copies: [Int]
  /// For every student unit its partner in the pairing one to one that has the largest sum of
  /// absolute overlaps, whatever the threshold; nil for the K - M units left over.
  public let partners: [Int?]

  /// Whether every teacher unit is followed.
  public var isComplete: Bool { copies.allSatisfy { $0 > 0 } }

  /// - Parameters:
  ///   - state: overlaps, as those at the end of a run.
  ///   - threshold: the absolute overlap from which on a unit counts as a follower. On the
  ///     symmetric plateau overlaps are 1/√M, at most .71.
  public init(_ state: OrderParameters, threshold: Double = 0.9) {
    let K = state.v.count, M = state.vStar.count
    let overlaps = Matrix(rows: K, columns: M) { i, n in
      let size = state.Q[i, i] * state.T[n, n]
      return size > 0 ? state.R[i, n] / size.squareRoot() : 0
    }
    self.overlaps = overlaps
    let followers: [Follower?] = (0..<K).map { i in
      guard
        let n = (0..<M).max(by: { abs(overlaps[i, $0]) < abs(overlaps[i, $1]) }),
        abs(overlaps[i, n]) >= threshold
      else { return nil }
      return Follower(teacherUnit: n, overlap: overlaps[i, n])
    }
    self.followers = followers
    copies = (0..<M).map { n in followers.count { $0?.teacherUnit == n } }
    partners = Self.assignment(overlaps.map { abs($0) })
  }

  /// The column assigned to every row, each at most once, so that the sum of the chosen gains is
  /// largest; min(rows, columns) rows get one.
  ///
  /// The Hungarian method with shortest augmenting paths (Kuhn 1955; Jonker and Volgenant 1987), in
  /// O(n³).
  package static func assignment(_ gains: Matrix) -> [Int?] {
    guard gains.rows <= gains.columns else {
      var rows = [Int?](repeating: nil, count: gains.rows)
      for (column, row) in assignment(gains.transpose).enumerated() { rows[row!] = column }
      return rows
    }
    let n = gains.rows, m = gains.columns
    // Row and column 0 stand for "none"; potentials keep cost - rowPrice - columnPrice ≥ 0.
    var rowPrice = [Double](repeating: 0, count: n + 1)
    var columnPrice = [Double](repeating: 0, count: m + 1)
    var rowOf = [Int](repeating: 0, count: m + 1)
    for i in 1..<max(n + 1, 1) {
      rowOf[0] = i
      var column = 0
      var from = [Int](repeating: 0, count: m + 1)
      var slack = [Double](repeating: .infinity, count: m + 1)
      var isDone = [Bool](repeating: false, count: m + 1)
      while rowOf[column] != 0 {
        isDone[column] = true
        let row = rowOf[column]
        var (smallest, next) = (Double.infinity, 0)
        for j in 1...m where !isDone[j] {
          let reduced = -gains[row - 1, j - 1] - rowPrice[row] - columnPrice[j]
          if reduced < slack[j] { (slack[j], from[j]) = (reduced, column) }
          if slack[j] < smallest { (smallest, next) = (slack[j], j) }
        }
        for j in 0...m {
          if isDone[j] {
            rowPrice[rowOf[j]] += smallest
            columnPrice[j] -= smallest
          } else {
            slack[j] -= smallest
          }
        }
        column = next
      }
      while column != 0 {
        rowOf[column] = rowOf[from[column]]
        column = from[column]
      }
    }
    var columns = [Int?](repeating: nil, count: n)
    for j in 1..<max(m + 1, 1) where rowOf[j] > 0 { columns[rowOf[j] - 1] = j - 1 }
    return columns
  }
}
