import Groundwork

/// The overlaps from which learning starts, drawn without any weights.
///
/// A K×N matrix of Gaussian weights enters learning through its overlaps only, and their law is
/// known at every N: along the M directions of the teacher the coordinates are N(0, 1)/√N, and
/// what remains is a Wishart matrix with N − M degrees of freedom, whose triangular root Bartlett
/// (1933) gives element by element. So a draw costs the same at N = 100, 10¹² and ∞, and one seed
/// means the same start for the equations and for either simulation.
public enum InitialState {
  /// The order parameters before the first step.
  ///
  /// - Parameters:
  ///   - N: the dimension, a whole number of at least K + M, or infinity.
  ///   - trainsSecondLayer: whether any phase of the plan trains v: `informed`, `denoise` and
  ///     `mixed` set v only then, and only where the user did not choose it.
  ///   - needsTeacher: whether M must be at least 1; it may be 0 where labels are given.
  /// - Throws: `TrainingError`: `dimensionTooSmall`, `notACovariance` for overlaps that no weights
  ///   have, `invalid` for shapes and values that do not fit.
  public static func draw(
    student: Student, teacher: Teacher, N: Double, seed: UInt64, trainsSecondLayer: Bool,
    needsTeacher: Bool = true
  ) throws -> OrderParameters {
    let K = student.hiddenUnits
    let M = teacher.hiddenUnits
    try checkShapes(student: student, teacher: teacher, N: N, needsTeacher: needsTeacher)

    let teacherRoot = try root(of: teacher, N: N, seed: seed)
    let T = teacherRoot.T
    var state = OrderParameters(
      Q: Matrix(rows: K, columns: K), R: Matrix(rows: K, columns: M), T: T,
      v: try secondLayer(of: student, seed: seed), vStar: teacher.secondLayer)
    let freeSecondLayer = trainsSecondLayer && !student.secondLayerIsChosen

    // w = copies w* + sd · N(0, 1)^N
    var copies = Matrix(rows: K, columns: M)
    var sd = 0.0
    var perturbation = 0.0
    switch student.initialisation {
    case .normal(let deviation, let perturb):
      sd = deviation
      perturbation = perturb
    case .informed(let noise):
      for m in 0..<M { copies[m, m] = 1 }
      sd = noise
      if freeSecondLayer { for m in 0..<M { state.v[m] = teacher.secondLayer[m] } }
      if freeSecondLayer { for k in M..<K { state.v[k] = 1 } }
    case .denoise(let noise):
      for k in 0..<K { copies[k, k % M] = 1 }
      sd = noise
      if freeSecondLayer {
        for k in 0..<K {
          let count = (K - k % M + M - 1) / M
          state.v[k] = teacher.secondLayer[k % M] / Double(count)
        }
      }
    case .mixed:
      sd = 1 / N.squareRoot()
      if freeSecondLayer {
        var stream = RandomStream(seed: seed, purpose: .secondLayer)
        state.v = stream.gaussians(K).map { $0 / Double(K).squareRoot() }
      }
    case .zeros:
      break
    case .overlaps(let Q, let R, let v):
      state.Q = Q
      state.R = R
      if let v { state.v = v }
      try requireCovariance(state)
      return state
    }

    let random = gaussianOverlaps(K: K, teacher: teacherRoot, N: N, seed: seed)
    let signal = copies * T
    state.R = Matrix(rows: K, columns: M) { signal[$0, $1] + sd * random.R[$0, $1] }
    let own = signal * copies.transpose
    let cross = copies * random.R.transpose
    state.Q = Matrix(rows: K, columns: K) { i, k in
      // Of products with i ≤ k only, so that Q is symmetric to the bit.
      let (a, b) = (min(i, k), max(i, k))
      return own[a, b] + sd * (cross[a, b] + cross[b, a]) + sd * sd * random.Q[a, b]
    }
    if perturbation != 0 {
      perturb(&state, by: perturbation, seed: seed, trainsSecondLayer: trainsSecondLayer)
    }
    return state
  }

  /// As above; whether v is trained is read from the plan.
  public static func draw(
    student: Student, teacher: Teacher, N: Double, seed: UInt64, plan: [Phase],
    needsTeacher: Bool = true
  ) throws -> OrderParameters {
    try draw(
      student: student, teacher: teacher, N: N, seed: seed,
      trainsSecondLayer: plan.contains { $0.layers.trainSecond }, needsTeacher: needsTeacher)
  }

  /// A teacher's overlaps T = A Aᵀ, and A: the teacher's weights, divided by √N, in an orthonormal
  /// frame of its directions.
  struct TeacherRoot {
    var T: Matrix
    var A: Matrix
  }

  private static func root(of teacher: Teacher, N: Double, seed: UInt64) throws -> TeacherRoot {
    let M = teacher.hiddenUnits
    switch teacher.weights {
    case .orthonormal:
      return TeacherRoot(T: .identity(M), A: .identity(M))
    case .graded:
      let lengths = (1...M).map(Double.init)
      return TeacherRoot(T: .diagonal(lengths), A: .diagonal(lengths.map { $0.squareRoot() }))
    case .isotropic:
      guard N < .infinity else { return TeacherRoot(T: .identity(M), A: .identity(M)) }
      var stream = RandomStream(seed: seed, purpose: .teacher)
      let A = Matrix(
        rows: M, columns: M,
        elements: stream.bartlettRoot(size: M, degrees: N, scale: N).flatMap { $0 })
      return TeacherRoot(T: gram(A), A: A)
    case .overlaps(let T):
      try requirePositive(T)
      return TeacherRoot(T: T, A: CovarianceRoot.of(T))
    }
  }

  private static func secondLayer(of student: Student, seed: UInt64) throws -> [Double] {
    switch student.secondLayer {
    case .values(let v): return v
    case .normal(let sd):
      var stream = RandomStream(seed: seed, purpose: .secondLayer)
      return stream.gaussians(student.hiddenUnits).map { $0 * sd }
    }
  }

  /// The overlaps of K rows of N(0, 1)^N with each other and with the teacher.
  private static func gaussianOverlaps(
    K: Int, teacher: TeacherRoot, N: Double, seed: UInt64
  ) -> (Q: Matrix, R: Matrix) {
    let M = teacher.T.rows
    guard N < .infinity else { return (.identity(K), Matrix(rows: K, columns: M)) }
    var stream = RandomStream(seed: seed, purpose: .student)
    let along = Matrix(
      rows: K, columns: M, elements: stream.gaussians(K * M).map { $0 / N.squareRoot() })
    let rest = stream.bartlettRoot(size: K, degrees: N - Double(M), scale: N)
    let S = Matrix(rows: K, columns: M + K) { k, a in a < M ? along[k, a] : rest[k][a - M] }
    return (gram(S), along * teacher.A.transpose)
  }

  private static func perturb(
    _ state: inout OrderParameters, by size: Double, seed: UInt64, trainsSecondLayer: Bool
  ) {
    var stream = RandomStream(seed: seed, purpose: .perturbation)
    for i in 0..<state.Q.rows {
      for k in i..<state.Q.columns {
        state.Q[i, k] += size * stream.gaussian()
        state.Q[k, i] = state.Q[i, k]
      }
    }
    for index in state.R.elements.indices { state.R.elements[index] += size * stream.gaussian() }
    if trainsSecondLayer {
      for k in state.v.indices { state.v[k] += size * stream.gaussian() }
    }
  }

  /// S Sᵀ, symmetric to the bit.
  static func gram(_ S: Matrix) -> Matrix {
    Matrix(rows: S.rows, columns: S.rows) { i, k in
      (0..<S.columns).reduce(0.0) { $0 + S[min(i, k), $1] * S[max(i, k), $1] }
    }
  }
}
