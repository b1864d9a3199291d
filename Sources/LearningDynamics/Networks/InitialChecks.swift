import Groundwork

/// What an initial state must satisfy, and what is said where it does not.
extension InitialState {
  /// More hidden units than this, in either network, are refused.
  package static let largestCount = 500

  static func checkSizes(student: Student, teacher: Teacher) throws(TrainingError) {
    for (count, letter, name) in [
      (student.hiddenUnits, "K", "student"), (teacher.hiddenUnits, "M", "teacher"),
    ] where count > largestCount {
      throw .invalid(
        "\(letter)=\(count) is too large: a \(name) has at most \(largestCount) hidden units, for "
          + "memory grows as (K + M)² and the time of the equations as (K + M)⁴")
    }
  }

  static func checkShapes(
    student: Student, teacher: Teacher, N: Double, needsTeacher: Bool = true
  ) throws {
    let K = student.hiddenUnits
    let M = teacher.hiddenUnits
    func require(_ condition: Bool, _ words: @autoclosure () -> String) throws {
      if !condition { throw TrainingError.invalid(words()) }
    }
    func shape(_ matrix: Matrix) -> String { "\(matrix.rows)×\(matrix.columns)" }

    try student.activation.requireStudent()
    try require(K >= 1, "a student needs at least one hidden unit")
    if needsTeacher { try require(M >= 1, "a teacher needs at least one hidden unit") }
    if M == 0 { try checkWithoutTeacher(student) }
    try checkSizes(student: student, teacher: teacher)
    try require(N > 0 && (N == .infinity || N == N.rounded()), "N must be a whole number")
    if N < Double(K + M) { throw TrainingError.dimensionTooSmall(N: N, needed: K + M) }
    if case .overlaps(let T) = teacher.weights {
      try require(T.rows == M && T.columns == M, "T is \(shape(T)), but the teacher has M=\(M)")
    }
    try require(
      teacher.tasks.allSatisfy { $0.count == M },
      "every task of a teacher has a v* of M=\(M) elements")
    try require(
      student.heads.isEmpty || student.heads.count == teacher.tasks.count,
      "the student has \(student.heads.count) heads for \(max(1, teacher.tasks.count)) tasks")
    try require(
      student.heads.allSatisfy { $0.count == K },
      "every head of a student has a v of K=\(K) elements")
    switch student.secondLayer {
    case .values(let v):
      try require(v.count == K, "v has \(v.count) elements, but the student has K=\(K)")
    case .normal(let sd):
      try require(sd >= 0, "the standard deviation of v must not be negative")
    }
    switch student.initialisation {
    case .normal(let sd, _):
      try require(sd >= 0, "the standard deviation of the weights must not be negative")
    case .informed(let noise):
      try require(noise >= 0, "the noise of the weights must not be negative")
      try require(K >= M, "an informed start needs K ≥ M, but K=\(K) and M=\(M)")
    case .denoise(let noise):
      try require(noise >= 0, "the noise of the weights must not be negative")
    case .mixed, .zeros: break
    case .overlaps(let Q, let R, let v):
      try requireOverlaps([Q], [R], v)
    case .blocks(let Q, let R, let v):
      try requireOverlaps(Q, R, v)
    }
    func requireOverlaps(_ Qs: [Matrix], _ Rs: [Matrix], _ v: [Double]?) throws {
      for Q in Qs {
        try require(Q.rows == K && Q.columns == K, "Q is \(shape(Q)), but the student has K=\(K)")
      }
      for R in Rs {
        try require(
          R.rows == K && R.columns == M, "R is \(shape(R)), but must be K×M = \(K)×\(M)")
      }
      try require(
        v == nil || v!.count == K, "v has \(v?.count ?? 0) elements, but the student has K=\(K)")
    }
  }

  /// A start that is given block by block needs inputs with as many eigenspaces.
  static func checkBlocks(of student: Student, _ inputs: Inputs) throws(TrainingError) {
    guard case .blocks(let Q, let R, _) = student.initialisation else { return }
    guard let spectrum = inputs.spectrum else {
      throw .invalid(
        "the start has overlaps for \(Q.count) eigenspaces, but the inputs are isotropic")
    }
    let E = spectrum.eigenspaces.count
    guard Q.count == E, R.count == E else {
      throw .invalid(
        "the start has \(Q.count) matrices Q and \(R.count) matrices R for the \(E) eigenspaces of "
          + "the inputs")
    }
  }

  /// The blocks of a state must be those of the inputs it is used with.
  static func checkBlocks(_ state: OrderParameters, _ inputs: Inputs) throws(TrainingError) {
    let eigenspaces = inputs.spectrum?.eigenspaces ?? []
    guard
      state.blocks.map(\.eigenvalue) == eigenspaces.map(\.eigenvalue),
      state.blocks.map(\.fraction) == eigenspaces.map(\.fraction)
    else {
      throw .invalid("the start was drawn for other inputs than those of the run")
    }
    let K = state.v.count, M = state.vStar.count
    for block in state.blocks {
      guard block.Q.rows == K, block.Q.columns == K, block.R.rows == K, block.R.columns == M,
        block.T.rows == M, block.T.columns == M
      else { throw .invalid("the blocks of the start do not fit the networks") }
    }
  }

  /// Starts that are made from the teacher's weights need one.
  private static func checkWithoutTeacher(_ student: Student) throws(TrainingError) {
    switch student.initialisation {
    case .normal, .mixed, .zeros: return
    case .informed, .denoise, .overlaps, .blocks:
      throw .invalid("this start is made of a teacher's weights, and there is no teacher")
    }
  }

  /// Throws unless [[Q, R], [Rᵀ, T]] is the covariance of some weights.
  static func requireCovariance(_ state: OrderParameters, tolerance: Double = 1e-10) throws {
    if state.Q.asymmetry > tolerance { throw TrainingError.invalid("Q must be symmetric") }
    try requirePositive(state.covariance, tolerance: tolerance)
  }

  static func requirePositive(_ C: Matrix, tolerance: Double = 1e-10) throws {
    guard C.elements.allSatisfy(\.isFinite) else {
      throw TrainingError.invalid("overlaps must be finite numbers")
    }
    if C.asymmetry > tolerance { throw TrainingError.invalid("T must be symmetric") }
    let smallest = C.symmetricEigenvalues.min() ?? 0
    if smallest < -tolerance { throw TrainingError.notACovariance(smallestEigenvalue: smallest) }
  }
}
