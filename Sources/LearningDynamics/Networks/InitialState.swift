import CKernels
import Groundwork

/// The overlaps from which learning starts, drawn without any weights.
///
/// A K×N matrix of Gaussian weights enters learning through its overlaps only, and their law is
/// known at every N: along the M directions of the teacher the coordinates are N(0, 1)/√N, and
/// what remains is a Wishart matrix with N − M degrees of freedom, whose triangular root Bartlett
/// (1933) gives element by element. So a draw costs the same at N = 100, 10¹² and ∞, and one seed
/// means the same start for the equations and for either simulation.
///
/// For structured inputs the same holds in each eigenspace, with its dimension in the place of N.
public enum InitialState {
  /// The order parameters before the first step.
  ///
  /// - Parameters:
  ///   - student: its `initialisation` is what is drawn.
  ///   - teacher: its `weights` may be random, too.
  ///   - N: the dimension, a whole number of at least K + M, or infinity.
  ///   - seed: the same seed gives the same overlaps, whatever they are drawn for.
  ///   - trainsSecondLayer: whether any phase of the plan trains v: `informed`, `denoise` and
  ///     `mixed` set v only then, and only where the user did not choose it.
  ///   - inputs: weights are isotropic over the eigenspaces of structured inputs. Overlaps that are
  ///     given are shared out in proportion to ψ_e, exactly where every eigenspace has room for
  ///     K + M directions and on average otherwise; random weights have overlaps of their own in
  ///     each eigenspace, with the mean in proportion to its dimension.
  ///   - needsTeacher: whether M must be at least 1; it may be 0 where labels are given.
  /// - Throws: `TrainingError`: `dimensionTooSmall`, `notACovariance` for overlaps that no weights
  ///   have, `invalid` for shapes and values that do not fit.
  public static func draw(
    student: Student, teacher: Teacher, N: Double, seed: UInt64, trainsSecondLayer: Bool,
    inputs: Inputs = .isotropic, needsTeacher: Bool = true
  ) throws -> OrderParameters {
    let K = student.hiddenUnits
    let M = teacher.hiddenUnits
    try checkShapes(student: student, teacher: teacher, N: N, needsTeacher: needsTeacher)
    try checkBlocks(of: student, inputs)
    var recipe = try InitialRecipe(
      student: student, teacher: teacher, N: N, seed: seed, trainsSecondLayer: trainsSecondLayer)
    let perturbation = Perturbation(recipe, M: M, seed: seed)
    if trainsSecondLayer, let perturbation {
      for k in recipe.v.indices { recipe.v[k] += perturbation.v[k] }
    }
    func parts(_ shares: [Share]) throws -> [OverlapBlock] {
      var streams = (
        teacher: RandomStream(seed: seed, purpose: .teacher),
        student: RandomStream(seed: seed, purpose: .student)
      )
      return try shares.indices.map { e in
        let root = try root(of: teacher, shares[e], N, &streams.teacher)
        var part = try part(e, of: recipe, shares[e], root, N, &streams.student)
        perturbation?.move(&part)
        return part
      }
    }
    func whole() throws -> OrderParameters {
      try parts([Share(eigenvalue: 1, fraction: 1, dimension: N)])[0]
        .orderParameters(v: recipe.v, vStar: teacher.secondLayer)
    }

    guard let spectrum = inputs.spectrum else { return try whole() }
    let shares = zip(spectrum.eigenspaces, try spectrum.dimensions(N: N)).map {
      Share(eigenvalue: $0.eigenvalue, fraction: $0.fraction, dimension: $1)
    }
    if shares.allSatisfy({ $0.dimension >= Double(K + M) }) {
      return OrderParameters(
        blocks: try parts(shares), v: recipe.v, vStar: teacher.secondLayer)
    }
    if case .blocks = recipe.weights {
      let smallest = shares.map(\.dimension).min()!
      throw TrainingError.invalid(
        "overlaps can be given for each eigenspace only where all have at least K + M = \(K + M) "
          + "dimensions; here one has \(Int(smallest))")
    }
    return try split(try whole(), shares, N: N, seed: seed)
  }

  /// As above; whether v is trained, and the first task, are read from the plan.
  public static func draw(
    student: Student, teacher: Teacher, N: Double, seed: UInt64, plan: [Phase],
    inputs: Inputs = .isotropic, needsTeacher: Bool = true
  ) throws -> OrderParameters {
    try Phase.check(plan, teacher: teacher)
    var state = try draw(
      student: student, teacher: teacher, N: N, seed: seed,
      trainsSecondLayer: plan.contains { $0.layers.trainSecond }, inputs: inputs,
      needsTeacher: needsTeacher)
    if !teacher.tasks.isEmpty {
      state.heads = try teacher.tasks.enumerated().map { task, vStar in
        if !student.heads.isEmpty { return Head(v: student.heads[task], vStar: vStar) }
        if task == 0 { return Head(v: state.v, vStar: vStar) }
        var other = teacher
        other.secondLayer = vStar
        let recipe = try InitialRecipe(
          student: student, teacher: other, N: N, seed: seed,
          trainsSecondLayer: plan.contains { $0.layers.trainSecond }, head: task)
        return Head(v: recipe.v, vStar: vStar)
      }
      state.v = state.heads[0].v
      state.switchTask(to: plan.first?.task ?? 0)
    }
    return state
  }

  // MARK: One eigenspace

  /// What one eigenspace has of all directions; isotropic inputs have a single one.
  private struct Share {
    var eigenvalue: Double
    var fraction: Double
    /// Infinite where N is.
    var dimension: Double
  }

  /// A teacher's overlaps T = A Aᵀ, and A: the teacher's weights, divided by √N, in an orthonormal
  /// frame of its directions.
  private struct TeacherRoot {
    var T: Matrix
    var A: Matrix
  }

  private static func root(
    of teacher: Teacher, _ share: Share, _ N: Double, _ stream: inout RandomStream
  ) throws -> TeacherRoot {
    let M = teacher.hiddenUnits
    let psi = share.fraction
    func diagonal(_ lengths: [Double]) -> TeacherRoot {
      TeacherRoot(
        T: .diagonal(lengths.map { psi * $0 }),
        A: .diagonal(lengths.map { (psi * $0).squareRoot() }))
    }
    switch teacher.weights {
    case .orthonormal:
      return diagonal(.init(repeating: 1, count: M))
    case .graded:
      return diagonal((1...M).map(Double.init))
    case .isotropic:
      guard N < .infinity else { return diagonal(.init(repeating: 1, count: M)) }
      let A = Matrix(
        rows: M, columns: M,
        elements: stream.bartlettRoot(size: M, degrees: share.dimension, scale: N).flatMap { $0 })
      return TeacherRoot(T: gram(A), A: A)
    case .overlaps(let T):
      try requirePositive(T)
      let part = T.map { psi * $0 }
      return TeacherRoot(T: part, A: CovarianceRoot.of(part))
    }
  }

  private static func part(
    _ e: Int, of recipe: InitialRecipe, _ share: Share, _ teacher: TeacherRoot, _ N: Double,
    _ stream: inout RandomStream
  ) throws -> OverlapBlock {
    let K = recipe.v.count, M = teacher.T.rows
    func block(_ Q: Matrix, _ R: Matrix) -> OverlapBlock {
      OverlapBlock(
        eigenvalue: share.eigenvalue, fraction: share.fraction, Q: Q, R: R, T: teacher.T)
    }
    func checked(_ block: OverlapBlock) throws -> OverlapBlock {
      try requireCovariance(
        block.orderParameters(v: recipe.v, vStar: .init(repeating: 1, count: M)))
      return block
    }
    switch recipe.weights {
    case .overlaps(let Q, let R):
      return try checked(block(Q.map { share.fraction * $0 }, R.map { share.fraction * $0 }))
    case .blocks(let Q, let R):
      return try checked(block(Q[e], R[e]))
    case .random(let copies, let sd, _):
      let random = gaussianOverlaps(K: K, teacher: teacher, share, N, &stream)
      let signal = copies * teacher.T
      let R = Matrix(rows: K, columns: M) { signal[$0, $1] + sd * random.R[$0, $1] }
      let own = signal * copies.transpose
      let cross = copies * random.R.transpose
      let Q = Matrix(rows: K, columns: K) { i, k in
        // Of products with i ≤ k only, so that Q is symmetric to the bit.
        let (a, b) = (min(i, k), max(i, k))
        return own[a, b] + sd * (cross[a, b] + cross[b, a]) + sd * sd * random.Q[a, b]
      }
      return block(Q, R)
    }
  }

  /// The overlaps of the components of K rows of N(0, 1)^N with each other and with the teacher.
  private static func gaussianOverlaps(
    K: Int, teacher: TeacherRoot, _ share: Share, _ N: Double, _ stream: inout RandomStream
  ) -> (Q: Matrix, R: Matrix) {
    let M = teacher.T.rows
    guard N < .infinity else {
      return (.diagonal(.init(repeating: share.fraction, count: K)), Matrix(rows: K, columns: M))
    }
    let along = Matrix(
      rows: K, columns: M, elements: stream.gaussians(K * M).map { $0 / N.squareRoot() })
    let rest = stream.bartlettRoot(size: K, degrees: share.dimension - Double(M), scale: N)
    let S = Matrix(rows: K, columns: M + K) { k, a in a < M ? along[k, a] : rest[k][a - M] }
    return (gram(S), along * teacher.A.transpose)
  }

  /// The blocks of weights with the given overlaps in a random frame of the whole space, for
  /// eigenspaces too small to hold a share of everything. A simulation at this seed has them too.
  private static func split(
    _ state: OrderParameters, _ shares: [Share], N: Double, seed: UInt64
  ) throws -> OrderParameters {
    let K = state.v.count, M = state.vStar.count
    guard N <= 1e8 else {
      throw TrainingError.invalid(
        "at N = \(N) every eigenspace needs at least K + M = \(K + M) dimensions")
    }
    let (student, teacher) = try Realisation.weights(
      of: state, N: Int(N), seed: seed, instructionSet: .best)
    var from = 0
    let blocks = shares.map { share in
      let range = from..<from + Int(share.dimension)
      from = range.upperBound
      func products(
        _ a: [Double], _ rows: Int, _ b: [Double], _ columns: Int
      ) -> Matrix {
        Matrix(rows: rows, columns: columns) { i, k in
          a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
              tss_dot(
                InstructionSet.best.rawValue, a.baseAddress! + i * Int(N) + range.lowerBound,
                b.baseAddress! + k * Int(N) + range.lowerBound, Int64(range.count)) / N
            }
          }
        }
      }
      return OverlapBlock(
        eigenvalue: share.eigenvalue, fraction: share.fraction,
        Q: products(student, K, student, K), R: products(student, K, teacher, M),
        T: products(teacher, M, teacher, M))
    }
    return OrderParameters(blocks: blocks, v: state.v, vStar: state.vStar)
  }

  /// S Sᵀ, symmetric to the bit.
  static func gram(_ S: Matrix) -> Matrix {
    Matrix(rows: S.rows, columns: S.rows) { i, k in
      (0..<S.columns).reduce(0.0) { $0 + S[min(i, k), $1] * S[max(i, k), $1] }
    }
  }
}

/// Small random numbers that are added to a start to leave the symmetric plateau.
private struct Perturbation {
  /// Symmetric, K×K; K×M; K.
  let Q: Matrix
  let R: Matrix
  let v: [Double]

  /// nil where the recipe asks for none.
  init?(_ recipe: InitialRecipe, M: Int, seed: UInt64) {
    guard case .random(_, _, let size) = recipe.weights, size != 0 else { return nil }
    let K = recipe.v.count
    var stream = RandomStream(seed: seed, purpose: .perturbation)
    var Q = Matrix(rows: K, columns: K)
    for i in 0..<K {
      for k in i..<K {
        Q[i, k] = size * stream.gaussian()
        Q[k, i] = Q[i, k]
      }
    }
    self.Q = Q
    R = Matrix(
      rows: K, columns: M, elements: stream.gaussians(K * M).map { size * $0 })
    v = stream.gaussians(K).map { size * $0 }
  }

  /// Moves one part by its share.
  func move(_ part: inout OverlapBlock) {
    for i in Q.elements.indices { part.Q.elements[i] += part.fraction * Q.elements[i] }
    for i in R.elements.indices { part.R.elements[i] += part.fraction * R.elements[i] }
  }
}
