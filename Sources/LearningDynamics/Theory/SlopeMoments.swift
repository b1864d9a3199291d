import Groundwork

/// The averages ⟨g′(x_i) g′(x_j) …⟩ of up to four slopes over Gaussian fields, which is all that
/// the small-noise theory knows of an activation (PHYSICS.md, sections B and D3).
package struct SlopeMoments {
  /// How the averages of an activation are found.
  package enum Family {
    case erf, linear, relu
    /// Any other, by quadrature.
    case sampled(FieldFunction)

    /// Throws for a sign, which has no slope.
    package init(_ activation: Activation) throws(TheoryError) {
      switch activation {
      case .erf: self = .erf
      case .linear: self = .linear
      case .relu: self = .relu
      case .sign:
        throw .invalid("a student with g = \(activation) has no slope and cannot learn")
      case .quadratic, .custom: self = .sampled(FieldFunction(activation))
      }
    }

    /// Whether g(-x) = -g(x), so that a unit may be mirrored with its output.
    package var isOdd: Bool {
      switch self {
      case .erf, .linear: true
      case .relu: false
      case .sampled(let function): function.parity == -1
      }
    }

    /// Whether g(c x) = c g(x) for c > 0, so that the two layers may share the output in any way.
    package var isHomogeneous: Bool {
      switch self {
      case .erf: return false
      case .linear, .relu: return true
      case .sampled(let function):
        let x = [-3.1, -1.7, -0.3, 0.2, 0.9, 2.3]
        let once = function.values(x), twice = function.values(x.map { 2 * $0 })
        return zip(once, twice).allSatisfy { abs($1 - 2 * $0) <= 1e-12 * (1 + abs($1)) }
      }
    }

    package var name: String {
      switch self {
      case .erf: "erf"
      case .linear: "linear"
      case .relu: "ReLU"
      case .sampled(let function): "\(function.activation)"
      }
    }
  }

  package let family: Family
  /// The covariance of the fields.
  private let C: Matrix
  private var sampled: SampledSlopes?

  /// Where the slope jumps at 0, as that of ReLU, no field may vanish.
  package init(_ family: Family, covariance: Matrix) throws(TheoryError) {
    self.family = family
    if case .sampled(let function) = family {
      sampled = try SampledSlopes(function, covariance: covariance)
    }
    if case .relu = family {
      let length = covariance.diagonal.map { $0.squareRoot() }
      C = Matrix(rows: covariance.rows, columns: covariance.columns) { i, j in
        i == j ? 1 : min(1, max(-1, covariance[i, j] / (length[i] * length[j])))
      }
    } else {
      C = covariance
    }
  }

  /// ⟨Π g′(x_i)⟩ over these fields, at most four, which may repeat.
  ///
  /// - erf: (2/π)^(n/2)/√det(1 + C), a Gaussian integral.
  /// - linear: 1.
  /// - ReLU: the probability that all fields are positive; θ² = θ removes repetitions.
  /// - any other: quadrature, see ``SampledSlopes``.
  package func callAsFunction(_ fields: [Int]) throws(TheoryError) -> Double {
    switch family {
    case .linear: return 1
    case .sampled: return try sampled!(fields)
    case .erf:
      let square = Matrix(rows: fields.count, columns: fields.count) { i, j in
        C[fields[i], fields[j]] + (i == j ? 1 : 0)
      }
      var factor = 1.0
      for _ in fields { factor *= 2 / .pi }
      return (factor / square.determinant).squareRoot()
    case .relu:
      var distinct: [Int] = []
      for field in fields {
        // Parallel fields are positive together, antiparallel ones never.
        if distinct.contains(where: { 1 + C[$0, field] < Self.parallel }) { return 0 }
        if !distinct.contains(where: { 1 - C[$0, field] < Self.parallel }) {
          distinct.append(field)
        }
      }
      return Orthant.probability(distinct.count) { C[distinct[$0], distinct[$1]] }
    }
  }

  /// Correlations that close to ±1 count as ±1.
  package static let parallel = 3e-11
}
