import Groundwork

/// The microscopic state of a simulation: what `resume` needs to continue to the same bits.
public struct DescentState: Sendable {
  /// The student's weights, K rows of N, row by row, for structured inputs in their eigenbasis;
  /// none where the method is `reduced`.
  public var studentWeights: [Double]
  /// The teacher's weights, M rows of N, row by row; none where the method is `reduced`.
  public var teacherWeights: [Double]
  public var v: [Double]
  /// The weights as the method `reduced` keeps them.
  public var reduced: ReducedWeights?
  /// The same for structured inputs, one for each eigenspace.
  public var reducedBlocks: [ReducedWeights] = []
  /// Where a phase has momentum.
  public var buffers: MomentumBuffers?

  /// Makes room for momentum at the start of a run, where all buffers are zero.
  mutating func beginMomentum(N: Int) {
    reduced?.beginMomentum()
    let isReduced = reduced != nil
    buffers = MomentumBuffers(
      w: .init(repeating: 0, count: isReduced ? 0 : v.count * N),
      v: .init(repeating: 0, count: v.count))
  }
}

/// What momentum remembers of past steps: the heavy ball's d.
public struct MomentumBuffers: Hashable, Sendable {
  /// Of the weights, K rows of N, row by row; none where the method is `reduced`.
  public var w: [Double]
  /// Of v, K numbers.
  public var v: [Double]
}

/// Weights in units of √N, in an orthonormal frame of M + K vectors: all that learning from
/// isotropic inputs can see of them.
///
/// The first M vectors of the frame hold the teacher, the others the rest of the student, row by
/// row: Q = S Sᵀ, R = S_M Aᵀ with S_M the first M columns of S, T = A Aᵀ. With momentum there are K
/// more, which hold its buffers, between the two.
public struct ReducedWeights: Hashable, Sendable {
  /// S, K×(M + K); its last K columns are lower triangular. With momentum K×(M + 2K).
  public var student: Matrix
  /// The momentum's buffers, K×(M + 2K): behind the first M columns they and S, in this order, make
  /// one lower triangular matrix of 2K rows.
  public var buffers: Matrix?
  /// A, M×M, lower triangular.
  public var teacher: Matrix

  /// Coordinates whose overlaps are those of `state`, whatever their rank.
  init(of state: OrderParameters) {
    let K = state.v.count
    let M = state.vStar.count
    let overlaps = state.covariance
    // The teacher first.
    let order = Array(K..<K + M) + Array(0..<K)
    var root = CovarianceRoot.of(
      Matrix(rows: K + M, columns: K + M) { overlaps[order[$0], order[$1]] })
    // Rotations of the columns leave the overlaps alone.
    for i in 0..<K + M {
      for j in i + 1..<max(K + M, i + 1) where root[i, j] != 0 {
        let length = (root[i, i] * root[i, i] + root[i, j] * root[i, j]).squareRoot()
        // Squares below 1e-308 vanish.
        guard length > 0 else { continue }
        let cosine = root[i, i] / length
        let sine = root[i, j] / length
        for row in i..<K + M {
          let (a, b) = (root[row, i], root[row, j])
          root[row, i] = cosine * a + sine * b
          root[row, j] = cosine * b - sine * a
        }
        root[i, i] = length
        root[i, j] = 0
      }
    }
    teacher = Matrix(rows: M, columns: M) { $1 <= $0 ? root[$0, $1] : 0 }
    student = Matrix(rows: K, columns: M + K) { $1 <= $0 + M ? root[M + $0, $1] : 0 }
  }

  package init(student: Matrix, teacher: Matrix, buffers: Matrix? = nil) {
    self.student = student
    self.teacher = teacher
    self.buffers = buffers
  }

  /// Makes room for buffers, which are zero.
  mutating func beginMomentum() {
    let K = student.rows, M = teacher.rows, old = student
    buffers = Matrix(rows: K, columns: M + 2 * K)
    student = Matrix(rows: K, columns: M + 2 * K) { k, j in
      j < M ? old[k, j] : j < M + K ? 0 : old[k, j - K]
    }
  }

  var overlaps: (Q: Matrix, R: Matrix) {
    let M = teacher.rows
    return (
      Q: InitialState.gram(student),
      R: Matrix(rows: student.rows, columns: M) { k, m in
        (0...m).reduce(0.0) { $0 + student[k, $1] * teacher[m, $1] }
      }
    )
  }
}
