import Groundwork

/// The stationary fluctuations of the first layer around a configuration of zero loss, to first
/// order in σ² (PHYSICS.md, D3).
///
/// In all but K + M of the N dimensions a step moves the weights by noise alone. With a_k = v_k g′_k
/// (v with the student's scale) their covariance σ² X obeys
///
///     A X + X A = η (A + B:X),  A = ⟨a aᵀ⟩,  B_klpq = ⟨a_k a_l a_p a_q⟩,  ε_g*/σ² = tr(A X)/2.
///
/// A pulls back, A on the right is the labels' noise, and B:X the noise that the fluctuations
/// themselves make. X → A X + X A and X → B:X are both symmetric, and positive on the range of A;
/// outside, a vanishes and nothing moves. In the eigenbasis of A the first is diagonal, L; with
/// S = L^-½ B L^-½ = U Λ Uᵀ and b = L^-½ A
///
///     ε_g*/σ² = (η/2) Σ_j (b·u_j)²/(1 - η λ_j),
///
/// so that one decomposition answers for every η: it is stable, in the mean square, as long as
/// η < 1/max λ (D9), and the first two terms in η are (η/4)⟨S⟩ + (η²/8)⟨S²⟩ with S = Σ_k a_k².
package struct SmallNoise {
  /// Which collective unit each hidden unit belongs to, and its part a_k/a_group.
  private let group: [Int]
  private let part: [Double]
  /// Columns: the orthonormal symmetric matrices of the eigenbasis of A, in coordinates of
  /// collective units.
  private let basis: Matrix
  /// √L of each of them.
  private let root: [Double]
  /// Λ, U, and b·u_j.
  private let eigen: SymmetricEigen
  private let projections: [Double]
  private let collectiveUnits: Int

  /// More distinct units than this take minutes.
  package static let largestCount = 40

  /// The theory around hidden units whose fields have this covariance Q and whose outputs are
  /// multiplied by `outputs`, scale · v.
  ///
  /// Units with the same slope at every input (copies, for odd g also of opposite sign; all linear
  /// ones) move as one with a² = Σ a_k²: this is exact, and what makes many copies cheap.
  package init(
    _ family: SlopeMoments.Family, Q: Matrix, outputs: [Double]
  ) throws(TheoryError) {
    let K = outputs.count
    guard Q.rows == K, Q.columns == K else {
      throw .invalid("Q must be \(K)×\(K), not \(Q.rows)×\(Q.columns)")
    }
    guard (Q.elements + outputs).allSatisfy(\.isFinite) else {
      throw .invalid("Q and v must be finite")
    }
    var representatives: [Int] = []
    var squares: [Double] = []
    var group = [Int](repeating: -1, count: K)
    for k in 0..<K where outputs[k] != 0 {
      if case .relu = family, Q[k, k] <= 0 {
        throw .needsState("hidden unit \(k + 1) is 0, where a ReLU has no slope")
      }
      if let g = representatives.firstIndex(where: { Self.same(family, Q, k, $0) }) {
        group[k] = g
        squares[g] += outputs[k] * outputs[k]
      } else {
        group[k] = representatives.count
        representatives.append(k)
        squares.append(outputs[k] * outputs[k])
      }
    }
    let n = representatives.count
    guard n <= Self.largestCount else {
      throw .invalid(
        "the theory of \(n) different hidden units takes too long; "
          + "at most \(Self.largestCount) are possible")
    }
    let size = squares.map { $0.squareRoot() }
    self.group = group
    part = (0..<K).map { group[$0] < 0 ? 0 : outputs[$0] / size[group[$0]] }
    collectiveUnits = n

    let moments = try SlopeMoments(
      family,
      covariance: Matrix(rows: n, columns: n) { Q[representatives[$0], representatives[$1]] })
    var A = Matrix(rows: n, columns: n)
    for i in 0..<n {
      for j in 0...i {
        A[i, j] = try size[i] * size[j] * moments([i, j])
        A[j, i] = A[i, j]
      }
    }
    let B = try Self.fourthMoments(moments, size)

    let pull = SymmetricEigen(A)
    let flat = 1e-10 * (pull.values.last ?? 0)
    let range = (0..<n).filter { pull.values[$0] > flat }
    let pairs = range.indices.flatMap { i in (i..<range.count).map { (range[i], range[$0]) } }
    let coordinates = Self.pairs(n)
    let V = pull.vectors
    basis = Matrix(rows: coordinates.count, columns: pairs.count) { row, column in
      let (k, l) = coordinates[row]
      let (i, j) = pairs[column]
      // Of two products, each twice, as unit vectors.
      let factor = i == j ? (k == l ? 1 : 2.0.squareRoot()) : (k == l ? 2.0.squareRoot() : 1)
      return i == j || k == l
        ? factor * V[k, i] * V[l, j] : V[k, i] * V[l, j] + V[k, j] * V[l, i]
    }
    let root = pairs.map { (pull.values[$0.0] + pull.values[$0.1]).squareRoot() }
    let rotated = basis.transpose * (B * basis)
    let b = pairs.map { $0.0 == $0.1 ? (pull.values[$0.0] / 2).squareRoot() : 0 }
    let eigen = SymmetricEigen(
      Matrix(rows: root.count, columns: root.count) { rotated[$0, $1] / (root[$0] * root[$1]) })
    self.root = root
    self.eigen = eigen
    projections = eigen.vectors.transpose * b
  }

  /// ε_g*/σ²; infinite at and beyond the stable rate.
  package func error(learningRate eta: Double) -> Double {
    guard eta < stableRate else { return .infinity }
    var sum = 0.0
    for (lambda, p) in zip(eigen.values, projections) { sum += p * p / (1 - eta * lambda) }
    return eta / 2 * sum
  }

  /// The learning rate below which the configuration is stable in the mean square; infinite where
  /// nothing depends on the first layer.
  package var stableRate: Double {
    guard let largest = eigen.values.last, largest > 0 else { return .infinity }
    return 1 / largest
  }

  /// The coefficients of η and η² in ε_g*/σ².
  package var series: (first: Double, second: Double) {
    var first = 0.0, second = 0.0
    for (lambda, p) in zip(eigen.values, projections) {
      first += p * p / 2
      second += p * p * lambda / 2
    }
    return (first, second)
  }

  /// X, K×K: the covariance of the weights' fluctuations over σ², in one transverse dimension and
  /// without the flat directions. Not numbers beyond the stable rate.
  package func fluctuations(learningRate eta: Double) -> Matrix {
    let stable = eta < stableRate
    let modes = zip(eigen.values, projections).map { lambda, p in
      stable ? eta * p / (1 - eta * lambda) : .nan
    }
    let x = zip(eigen.vectors * modes, root).map { $0 / $1 }
    let unrolled = basis * x
    var collective = Matrix(rows: collectiveUnits, columns: collectiveUnits)
    for ((k, l), value) in zip(Self.pairs(collectiveUnits), unrolled) {
      collective[k, l] = k == l ? value : value / 2.0.squareRoot()
      collective[l, k] = collective[k, l]
    }
    return Matrix(rows: group.count, columns: group.count) { i, j in
      group[i] < 0 || group[j] < 0 ? 0 : part[i] * part[j] * collective[group[i], group[j]]
    }
  }

  private static func pairs(_ n: Int) -> [(Int, Int)] {
    (0..<n).flatMap { i in (i..<n).map { (i, $0) } }
  }

  /// Whether two units have the same slope at every input.
  private static func same(
    _ family: SlopeMoments.Family, _ Q: Matrix, _ i: Int, _ j: Int
  ) -> Bool {
    switch family {
    case .linear: true
    case .erf:
      Q[i, i] + Q[j, j] - 2 * abs(Q[i, j]) <= 1e-12 * (1 + Q[i, i] + Q[j, j])
    case .sampled:
      Q[i, i] + Q[j, j] - 2 * (family.isOdd ? abs(Q[i, j]) : Q[i, j])
        <= 1e-12 * (1 + Q[i, i] + Q[j, j])
    case .relu: 1 - Q[i, j] / (Q[i, i] * Q[j, j]).squareRoot() < SlopeMoments.parallel
    }
  }

  /// B as a matrix on symmetric matrices in the orthonormal coordinates X_kk, √2 X_kl.
  private static func fourthMoments(
    _ moments: SlopeMoments, _ size: [Double]
  ) throws(TheoryError) -> Matrix {
    let n = size.count
    let coordinates = pairs(n)
    var slots = Matrix(rows: n, columns: n)
    for (slot, (k, l)) in coordinates.enumerated() {
      slots[k, l] = Double(slot)
      slots[l, k] = Double(slot)
    }
    var B = Matrix(rows: coordinates.count, columns: coordinates.count)
    for i in 0..<n {
      for j in i..<n {
        for k in j..<n {
          for l in k..<n {
            let value = try moments([i, j, k, l]) * size[i] * size[j] * size[k] * size[l]
            for ((a, b), (c, d)) in [((i, j), (k, l)), ((i, k), (j, l)), ((i, l), (j, k))] {
              let row = Int(slots[a, b]), column = Int(slots[c, d])
              let weight = (a == b ? 1 : 2.0.squareRoot()) * (c == d ? 1 : 2.0.squareRoot())
              B[row, column] = weight * value
              B[column, row] = weight * value
            }
          }
        }
      }
    }
    return B
  }
}
