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
  /// For structured inputs the parts that belong to each eigenspace of their covariance; none for
  /// isotropic inputs. Q, R and T are then the covariances of the fields, Σ_e λ_e Q^e and so on.
  public package(set) var blocks: [OverlapBlock] = []

  /// Of several tasks, their second layers; v and v* are those of `task`, of which the entry here
  /// is what it was before. None for a single task.
  public package(set) var heads: [Head] = []
  /// The task that is trained, from 0.
  public package(set) var task = 0

  public init(Q: Matrix, R: Matrix, T: Matrix, v: [Double], vStar: [Double]) {
    self.Q = Q
    self.R = R
    self.T = T
    self.v = v
    self.vStar = vStar
  }

  /// The state whose parts these are, at least one.
  public init(blocks: [OverlapBlock], v: [Double], vStar: [Double]) {
    let (K, M) = (v.count, vStar.count)
    self.init(
      Q: Matrix(rows: K, columns: K), R: Matrix(rows: K, columns: M),
      T: Matrix(rows: M, columns: M), v: v, vStar: vStar)
    replaceBlocks(blocks)
  }

  /// Sets the parts, and with them Q, R and T.
  mutating func replaceBlocks(_ blocks: [OverlapBlock]) {
    self.blocks = blocks
    func sum(_ part: KeyPath<OverlapBlock, Matrix>, _ total: inout Matrix) {
      for i in total.elements.indices {
        total.elements[i] = blocks.reduce(0.0) {
          $0 + $1.eigenvalue * $1[keyPath: part].elements[i]
        }
      }
    }
    sum(\.Q, &Q)
    sum(\.R, &R)
    sum(\.T, &T)
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

/// The second layers of student and teacher for one of several tasks (PHYSICS.md, E6).
public struct Head: Hashable, Sendable {
  public var v: [Double]
  public var vStar: [Double]

  public init(v: [Double], vStar: [Double]) {
    self.v = v
    self.vStar = vStar
  }
}

extension OrderParameters {
  /// The second layers of all tasks as they are now; one of a single task.
  public var presentHeads: [Head] {
    if heads.isEmpty { return [Head(v: v, vStar: vStar)] }
    var heads = heads
    heads[task].v = v
    return heads
  }

  /// Goes over to another task: the head of the present one stays as it is.
  package mutating func switchTask(to next: Int) {
    guard !heads.isEmpty, next != task else { return }
    heads[task].v = v
    task = next
    (v, vStar) = (heads[next].v, heads[next].vStar)
  }

  /// ε_g of each task, with its own head.
  public func errorsOfTasks(student: Student, teacher: Teacher) -> [Double] {
    presentHeads.map { head in
      var state = self
      (state.v, state.vStar) = (head.v, head.vStar)
      return state.generalisationError(student: student, teacher: teacher)
    }
  }
}

/// The overlaps of the weights' components in one eigenspace of the inputs' covariance, divided by
/// N like all overlaps (PHYSICS.md, E4).
public struct OverlapBlock: Hashable, Sendable {
  /// λ_e, the variance of the inputs in this eigenspace.
  public var eigenvalue: Double
  /// ψ_e, its share of all directions.
  public var fraction: Double
  /// Q^e (K×K), R^e (K×M) and T^e (M×M).
  public var Q: Matrix
  public var R: Matrix
  public var T: Matrix

  public init(eigenvalue: Double, fraction: Double, Q: Matrix, R: Matrix, T: Matrix) {
    self.eigenvalue = eigenvalue
    self.fraction = fraction
    self.Q = Q
    self.R = R
    self.T = T
  }

  /// These overlaps by themselves.
  func orderParameters(v: [Double], vStar: [Double]) -> OrderParameters {
    OrderParameters(Q: Q, R: R, T: T, v: v, vStar: vStar)
  }
}
