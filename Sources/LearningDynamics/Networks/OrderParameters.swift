import Groundwork

/// The macroscopic state of learning (Goldt et al. 2020, eq. 5).
///
/// Q_ik = w_i·w_k/N (K×K), R_in = w_i·w*_n/N (K×M), T_nm = w*_n·w*_m/N (M×M), and the second
/// layers v (K) and v* (M), both without the networks' `scale`.
public struct OrderParameters: Hashable, Sendable {
  public var Q: Matrix
  public var R: Matrix
  public var T: Matrix
  public var v: [Double]
  public var vStar: [Double]

  public init(Q: Matrix, R: Matrix, T: Matrix, v: [Double], vStar: [Double]) {
    self.Q = Q
    self.R = R
    self.T = T
    self.v = v
    self.vStar = vStar
  }

  /// The covariance [[Q, R], [Rᵀ, T]] of the local fields (λ, ρ).
  public var covariance: Matrix {
    let K = v.count
    return Matrix(rows: K + vStar.count, columns: K + vStar.count) { a, b in
      switch (a < K, b < K) {
      case (true, true): Q[a, b]
      case (true, false): R[a, b - K]
      case (false, true): R[b, a - K]
      case (false, false): T[a - K, b - K]
      }
    }
  }
}
