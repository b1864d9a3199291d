import Groundwork

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The symmetric plateau of an erf committee at η → 0: all student units are alike, and have the
/// same overlap with every teacher unit (Saad and Solla 1995, section V, for K = M; PHYSICS.md,
/// D8, for K ≥ M).
///
/// First layer, T = 1, v = v* = 1. Of the symmetric subspace R_in = R, Q_ik = Q it is the stable
/// fixed point; perturbations that tell the units apart grow as exp(rate · η α). From random
/// initial overlaps ~ N^-½ the plateau lasts about ln(N)/(2 rate η).
public struct Plateau: Hashable, Sendable {
  /// R_in of every pair of units; R² is the root of
  /// (2M - 1) K² y² + 2 (K² - M) y - 1 = 0.
  public let R: Double
  /// Q_ik = M R², for all i and k: the student lies in the teacher's space.
  public let Q: Double
  /// ε_g there.
  public let error: Double
  /// λ/η, the largest eigenvalue of the linearised dynamics.
  ///
  /// For K = M it is (2M/π)/[(2M - 1)^½ (2M + 1)^(3/2)]. Negative where nothing leads away, as for
  /// M = K = 1.
  public let rate: Double

  /// More units than this, of both networks, are refused: their Jacobian takes half a minute.
  static let largestCount = 160

  /// The plateau of K student and M teacher units, K ≥ M.
  public init(hiddenUnits K: Int, teacherUnits M: Int) throws(TheoryError) {
    guard M >= 1, K >= M else {
      throw .invalid("the plateau is known for K ≥ M ≥ 1, not for K=\(K), M=\(M)")
    }
    guard K + M <= Self.largestCount else {
      throw .invalid(
        "the growth rates of K + M = \(K + M) units take too long; at most \(Self.largestCount) are "
          + "possible")
    }
    let k = Double(K), m = Double(M)
    // The root without cancellation: 1/(b + √(b² + a)) with a = (2M - 1) K², b = K² - M.
    let b = k * k - m
    let y = 1 / (b + (b * b + (2 * m - 1) * k * k).squareRoot())
    let R = y.squareRoot(), Q = m * y
    self.R = R
    self.Q = Q
    error =
      (k * k * asin(Q / (1 + Q)) + m * .pi / 6 - 2 * k * m * asin(R / (2 * (1 + Q)).squareRoot()))
      / .pi
    rate = Self.growthRates(Self.state(K, M, R: R, Q: Q)).map(\.real).max()!
  }

  private static func state(_ K: Int, _ M: Int, R: Double, Q: Double) -> OrderParameters {
    OrderParameters(
      Q: Matrix(rows: K, columns: K, repeating: Q), R: Matrix(rows: K, columns: M, repeating: R),
      T: .identity(M), v: .init(repeating: 1, count: K), vStar: .init(repeating: 1, count: M))
  }

  /// All different eigenvalues, over η, of the equations linearised at a symmetric state.
  ///
  /// Permutations of student and of teacher units leave the state as it is, so the Jacobian falls
  /// into blocks: perturbations of R and Q that are like all others, differ between student units
  /// (R, Q), between teacher units (R), between both (R), and between pairs of students (Q). One
  /// representative of each is enough.
  package static func growthRates(_ state: OrderParameters) -> [Eigenvalue] {
    let K = state.v.count, M = state.vStar.count
    let equations = committee(state, learningRate: 1)
    let J = jacobian(state)
    /// The contrast of the first two of `count` units; nil where there is one unit only.
    func contrast(_ count: Int) -> [Double]? {
      count < 2 ? nil : [1, -1] + [Double](repeating: 0, count: count - 2)
    }
    func pattern(
      R: (Int, Int) -> Double = { _, _ in 0 }, Q: (Int, Int) -> Double = { _, _ in 0 }
    ) -> [Double] {
      var patterns = state
      patterns.R = Matrix(rows: K, columns: M, R)
      patterns.Q = Matrix(rows: K, columns: K, Q)
      return equations.pack(patterns)
    }
    var blocks: [[[Double]]] = [
      [pattern(R: { _, _ in 1 }), pattern(Q: { $0 == $1 ? 1 : 0 })]
        + (K > 1 ? [pattern(Q: { $0 == $1 ? 0 : 1 })] : [])
    ]
    if let c = contrast(K) {
      blocks.append(
        [pattern(R: { i, _ in c[i] }), pattern(Q: { $0 == $1 ? c[$0] : 0 })]
          + (K > 2 ? [pattern(Q: { $0 == $1 ? 0 : c[$0] + c[$1] })] : []))
    }
    if let c = contrast(M) { blocks.append([pattern(R: { _, n in c[n] })]) }
    if let c = contrast(K), let d = contrast(M) {
      blocks.append([pattern(R: { i, n in c[i] * d[n] })])
    }
    if K > 3 {
      let c = [1.0, -1, 0, 0], d = [0, 0, 1.0, -1]
      let padded = [Double](repeating: 0, count: K - 4)
      let a = c + padded, b = d + padded
      blocks.append([pattern(Q: { a[$0] * b[$1] + b[$0] * a[$1] })])
    }
    return blocks.flatMap { restricted(J, to: $0).eigenvalues }
  }

  /// The matrix of J on the invariant subspace that these vectors, orthogonal but for their
  /// lengths, span.
  private static func restricted(_ J: Matrix, to basis: [[Double]]) -> Matrix {
    func dot(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
    let images = basis.map { J * $0 }
    return Matrix(rows: basis.count, columns: basis.count) { i, j in
      dot(basis[i], images[j]) / dot(basis[i], basis[i])
    }
  }

  private static func committee(
    _ state: OrderParameters, learningRate: Double
  ) -> OrderParameterEquations {
    OrderParameterEquations(
      student: Student(hiddenUnits: state.v.count), teacher: Teacher(secondLayer: state.vStar),
      phase: Phase(time: 0, firstRate: .constant(learningRate), secondRate: .constant(0)),
      start: state)
  }

  /// ∂(dy/dα)/∂y over η as η → 0. The equations are η f + η² h, so that the terms in η² drop out
  /// of the difference between η = 1 and η = -1.
  package static func jacobian(_ state: OrderParameters) -> Matrix {
    let matrices = [1.0, -1].map { eta in
      let equations = committee(state, learningRate: eta)
      var y = equations.pack(state)
      var J = Matrix(rows: equations.count, columns: equations.count)
      // The rates are constants: nothing throws.
      try! equations.jacobian(0, &y, &J.elements)
      return J
    }
    return Matrix(rows: matrices[0].rows, columns: matrices[0].columns) {
      (matrices[0][$0, $1] - matrices[1][$0, $1]) / 2
    }
  }
}
