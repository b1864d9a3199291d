import Groundwork

/// The spectrum of an input covariance Σ: its eigenvalues λ_e and the fractions ψ_e of all
/// directions that belong to each (PHYSICS.md, E4; Yoshida and Okada 2019).
///
/// Learning knows the covariance of Gaussian inputs through its spectrum only, up to a rotation of
/// all weights: networks are described, and simulated, in the eigenbasis, the eigenspaces one
/// after the other in the order given here.
public struct Spectrum: Hashable, Sendable {
  /// The directions that share an eigenvalue.
  public struct Eigenspace: Hashable, Sendable {
    /// λ_e ≥ 0, the variance of the inputs along these directions.
    public var eigenvalue: Double
    /// ψ_e > 0, the fraction of all directions.
    public var fraction: Double
  }

  /// At least one; their fractions sum to 1.
  public let eigenspaces: [Eigenspace]
  /// The eigenvectors of a given covariance as columns, eigenspace by eigenspace; nil where only
  /// eigenvalues were given.
  public let basis: Matrix?
  /// How many eigenvectors of a given covariance each eigenspace has.
  private let multiplicities: [Int]

  /// The eigenvalues λ_e and their fractions ψ_e, all alike unless given. Nothing is rescaled.
  public init(eigenvalues: [Double], fractions: [Double]? = nil) throws(SpectrumError) {
    let E = eigenvalues.count
    guard E > 0 else { throw .empty }
    if let wrong = eigenvalues.first(where: { !($0 >= 0 && $0.isFinite) }) {
      throw .badEigenvalue(wrong)
    }
    let fractions = fractions ?? .init(repeating: 1 / Double(E), count: E)
    guard fractions.count == E else { throw .counts(eigenvalues: E, fractions: fractions.count) }
    if let wrong = fractions.first(where: { !($0 > 0 && $0.isFinite) }) {
      throw .badFraction(wrong)
    }
    let sum = fractions.reduce(0, +)
    guard abs(sum - 1) <= 1e-9 else { throw .badSum(sum) }
    eigenspaces = zip(eigenvalues, fractions).map { Eigenspace(eigenvalue: $0, fraction: $1) }
    basis = nil
    multiplicities = []
  }

  /// The spectrum of this covariance, from the largest eigenvalue on. Eigenvalues that differ by
  /// less than `tolerance` times the largest make one eigenspace, with their mean.
  public init(covariance: Matrix, tolerance: Double = 1e-9) throws(SpectrumError) {
    let N = covariance.rows
    guard N > 0, covariance.isSquare else {
      throw .shape(rows: N, columns: covariance.columns)
    }
    guard covariance.elements.allSatisfy(\.isFinite) else { throw .notFinite }
    let size = covariance.diagonal.reduce(0) { max($0, abs($1)) }
    guard covariance.asymmetry <= 1e-10 * max(size, 1e-300) else { throw .notSymmetric }
    let eigen = SymmetricEigen(covariance)
    let largest = eigen.values.last ?? 0
    if let smallest = eigen.values.first, smallest < -1e-10 * max(size, 1e-300) {
      throw .notPositive(smallest: smallest)
    }
    var groups: [[Double]] = []
    for value in eigen.values.reversed().map({ max($0, 0) }) {
      if let last = groups.last?.last, last - value <= tolerance * largest {
        groups[groups.count - 1].append(value)
      } else {
        groups.append([value])
      }
    }
    eigenspaces = groups.map {
      Eigenspace(
        eigenvalue: $0.reduce(0, +) / Double($0.count), fraction: Double($0.count) / Double(N))
    }
    multiplicities = groups.map(\.count)
    basis = Matrix(rows: N, columns: N) { eigen.vectors[$0, N - 1 - $1] }
  }

  /// N where a covariance matrix fixes it.
  public var dimension: Int? { basis?.rows }

  public var eigenvalues: [Double] { eigenspaces.map(\.eigenvalue) }
  public var fractions: [Double] { eigenspaces.map(\.fraction) }

  /// N_e, the dimensions of the eigenspaces at this N: ψ_e N rounded to whole numbers that sum to
  /// N. Those of the largest remainders are rounded up.
  ///
  /// Throws where N is not that of the covariance, or leaves an eigenspace without a dimension.
  public func dimensions(N: Double) throws -> [Double] {
    if let dimension {
      guard N == Double(dimension) else {
        throw TrainingError.invalid(
          "the covariance of the inputs is \(dimension)×\(dimension), so N is \(dimension) and "
            + "not \(N.plain)")
      }
      return multiplicities.map(Double.init)
    }
    guard N < .infinity else { return fractions.map { _ in .infinity } }
    guard Double(eigenspaces.count) <= N else {
      throw TrainingError.invalid(
        "\(eigenspaces.count) eigenspaces do not fit into N = \(N.plain) dimensions")
    }
    // Products such as 0.1 · 30 may be a rounding error below a whole number.
    var dimensions = fractions.map { ($0 * N * (1 + 1e-15)).rounded(.down) }
    let order = fractions.indices.sorted {
      let (a, b) = (fractions[$0] * N - dimensions[$0], fractions[$1] * N - dimensions[$1])
      return a == b ? $0 < $1 : a > b
    }
    var rest = N - dimensions.reduce(0, +)
    for e in order where rest > 0 {
      dimensions[e] += 1
      rest -= 1
    }
    for e in order.reversed() where rest < 0 && dimensions[e] > 0 {
      dimensions[e] -= 1
      rest += 1
    }
    if let empty = dimensions.firstIndex(of: 0) {
      throw TrainingError.invalid(
        "the eigenspace of λ = \(eigenvalues[empty].plain) with the fraction "
          + "\(fractions[empty].plain) has no dimension at N = \(N.plain)")
    }
    return dimensions
  }
}

/// What is wrong with a spectrum or a covariance.
public enum SpectrumError: Error, Hashable, Sendable {
  case empty
  case badEigenvalue(Double)
  case badFraction(Double)
  case counts(eigenvalues: Int, fractions: Int)
  case badSum(Double)
  case shape(rows: Int, columns: Int)
  case notFinite
  case notSymmetric
  case notPositive(smallest: Double)
}
