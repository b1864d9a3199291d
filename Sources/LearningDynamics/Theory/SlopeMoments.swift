import Groundwork

/// The averages ⟨g′(x_i) g′(x_j) …⟩ of up to four slopes over Gaussian fields, which is all that
/// the small-noise theory knows of an activation (PHYSICS.md, sections B and D3).
package struct SlopeMoments {
  /// The activations whose slope moments are known.
  package enum Family: String, Hashable, Sendable, CaseIterable {
    case erf, linear, relu

    /// nil for an activation without them.
    package init?(_ activation: Activation) {
      // By comparison, so that activations may be added without this theory.
      if activation == .erf {
        self = .erf
      } else if activation == .linear {
        self = .linear
      } else if activation == .relu {
        self = .relu
      } else {
        return nil
      }
    }
  }

  package let family: Family
  /// The covariance of the fields.
  private let C: Matrix

  /// For ReLU no field may vanish: at 0 the slope has no value.
  package init(_ family: Family, covariance: Matrix) {
    self.family = family
    if family == .relu {
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
  package func callAsFunction(_ fields: [Int]) -> Double {
    switch family {
    case .linear: return 1
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
