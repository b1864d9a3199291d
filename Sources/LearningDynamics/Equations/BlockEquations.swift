import Groundwork

/// The order-parameter equations for Gaussian inputs with covariance Σ (Yoshida and Okada 2019;
/// PHYSICS.md, E4). With Q^e, R^e, T^e the overlaps in the eigenspace of λ_e, to which the fraction
/// ψ_e of all directions belongs, and C = Σ_e λ_e C^e the covariance of the local fields,
///
///     dR^e_in = η_w v_i Σ_a u_a I3(c12 = λ_e R^e_in, c23 = λ_e C^e_na) - κ R^e_in
///     dQ^e_ik = the same for x_k, and with i and k exchanged - 2κ Q^e_ik
///               + (η_w²/b) ψ_e λ_e v_i v_k [Σ_ab u_a u_b I4(i,k,a,b) + σ² J2(i,k)]
///
/// and dv as it is. Every integral is one over the fields, so all of them come from the isotropic
/// equations at C; and since I3 is linear in what belongs to its second field, the drift of an
/// eigenspace is λ_e times C^e applied to the coefficients ``LocalFields/pull``. A right-hand side
/// therefore costs that of the isotropic equations and a matrix product for each eigenspace.
///
/// The state y holds R^e row by row and the upper triangle of Q^e for one eigenspace after the
/// other where the first layer is trained, then v where the second is.
package final class BlockEquations: LearningEquations {
  /// The isotropic equations, for everything that depends on C alone.
  private let common: OrderParameterEquations
  private let start: OrderParameters
  private let eigenvalues: [Double]
  private let fractions: [Double]
  private let K: Int
  private let M: Int
  /// The elements of R^e and Q^e.
  private let width: Int
  private let startOfV: Int
  package let count: Int

  /// The state of the isotropic equations at C, and its rates.
  private let x: UnsafeMutablePointer<Double>
  private let dx: UnsafeMutablePointer<Double>
  /// C^e of one eigenspace, and λ_e C^e pull_i of all students.
  private let C: UnsafeMutablePointer<Double>
  private let drift: UnsafeMutablePointer<Double>
  private let moved: UnsafeMutablePointer<Double>
  /// The index within a block of c_ab, at `a n + b`, or -1 for those of the teacher.
  private let slots: [Int]

  package var fields: LocalFields { common.fields }
  package var lastGreedyRate: Double? { nil }
  package var isAutonomous: Bool { common.isAutonomous }

  /// - Parameters:
  ///   - common: the isotropic equations of the same phase and start.
  ///   - start: a state with blocks.
  init(_ common: OrderParameterEquations, start: OrderParameters) {
    self.common = common
    self.start = start
    (K, M) = (common.K, common.M)
    eigenvalues = start.blocks.map(\.eigenvalue)
    fractions = start.blocks.map(\.fraction)
    width = common.startOfV
    startOfV = width * eigenvalues.count
    count = startOfV + (common.layers.trainSecond ? K : 0)
    let n = K + M
    x = .allocate(capacity: 2 * common.count + n * n + K * n + count)
    x.initialize(repeating: 0, count: 2 * common.count + n * n + K * n + count)
    dx = x + common.count
    C = dx + common.count
    drift = C + n * n
    moved = drift + K * n
    var slots = [Int](repeating: -1, count: n * n)
    if common.layers.trainFirst {
      for i in 0..<K {
        for b in K..<n { (slots[i * n + b], slots[b * n + i]) = (i * M + b - K, i * M + b - K) }
      }
      var p = K * M
      for i in 0..<K {
        for k in i..<K {
          (slots[i * n + k], slots[k * n + i]) = (p, p)
          p += 1
        }
      }
    }
    self.slots = slots
  }

  deinit { x.deallocate() }

  // MARK: Packing

  package func pack(_ state: OrderParameters) -> [Double] {
    var y: [Double] = []
    y.reserveCapacity(count)
    if common.layers.trainFirst {
      for block in state.blocks {
        y += block.R.elements
        for i in 0..<K { for k in i..<K { y.append(block.Q[i, k]) } }
      }
    }
    if common.layers.trainSecond { y += state.v }
    return y
  }

  package func unpack(
    _ y: UnsafePointer<Double>, onto base: OrderParameters?
  ) -> OrderParameters {
    var state = base ?? start
    if common.layers.trainFirst {
      var blocks = state.blocks
      for e in blocks.indices {
        var p = e * width
        for j in 0..<K * M { blocks[e].R.elements[j] = y[p + j] }
        p += K * M
        for i in 0..<K {
          for k in i..<K {
            blocks[e].Q[i, k] = y[p]
            blocks[e].Q[k, i] = y[p]
            p += 1
          }
        }
      }
      state.replaceBlocks(blocks)
    }
    if common.layers.trainSecond { for i in 0..<K { state.v[i] = y[startOfV + i] } }
    return state
  }

  package func quantity(of index: Int) -> String {
    index >= startOfV ? "v" : common.quantity(of: index % width)
  }

  /// Writes C = Σ_e λ_e C^e, and v, as the isotropic equations keep them, into `x`.
  private func sum(_ y: UnsafePointer<Double>) {
    for p in 0..<width { x[p] = 0 }
    for (e, eigenvalue) in eigenvalues.enumerated() {
      for p in 0..<width { x[p] += eigenvalue * y[e * width + p] }
    }
    for i in 0..<count - startOfV { x[width + i] = y[startOfV + i] }
  }

  // MARK: The equations

  package func rates(at alpha: Double) throws -> (first: Double, second: Double, decay: Double) {
    try common.rates(at: alpha)
  }

  package func error(_ y: UnsafePointer<Double>) -> Double {
    sum(y)
    return common.error(x)
  }

  package func size(
    of error: UnsafePointer<Double>, at y: UnsafePointer<Double>, _ tolerance: Tolerance
  ) -> Double {
    let state = tolerance.norm(error, at: y, count: count)
    for i in 0..<count { moved[i] = y[i] - error[i] }
    let here = self.error(y), there = self.error(moved)
    if fields.isStopped { return .infinity }
    return max(state, common.size(ofError: here - there, at: here, tolerance))
  }

  package func quadratureError(_ alpha: Double, _ y: [Double]) throws -> Double? {
    sum(y)
    return try common.quadratureError(
      alpha, Array(UnsafeBufferPointer(start: x, count: common.count)))
  }

  package func derivative(
    _ alpha: Double, _ y: UnsafePointer<Double>, _ dy: UnsafeMutablePointer<Double>
  ) throws {
    sum(y)
    try common.derivative(alpha, x, dx)
    try blocks(alpha, y, dy, decays: true)
  }

  /// The rates of all blocks from the integrals that the isotropic equations have just left, and
  /// those of v.
  private func blocks(
    _ alpha: Double, _ y: UnsafePointer<Double>, _ dy: UnsafeMutablePointer<Double>, decays: Bool
  ) throws {
    let n = K + M, u = fields.u
    for i in 0..<count - startOfV { dy[startOfV + i] = dx[width + i] }
    guard common.layers.trainFirst else { return }
    let (eta, diffusion, decay) = try common.firstLayerFactors(at: alpha)
    let kappa = decays ? decay : 0
    for e in eigenvalues.indices {
      load(y, e)
      let noise = diffusion * fractions[e] * eigenvalues[e]
      for i in 0..<K {
        for b in 0..<n {
          var total = 0.0
          for a in 0..<n { total += fields.pull[i * n + a] * C[a * n + b] }
          drift[i * n + b] = eigenvalues[e] * total
        }
      }
      var p = e * width
      for i in 0..<K {
        for b in K..<n {
          dy[p] = -eta * u[i] * drift[i * n + b] - kappa * y[p]
          p += 1
        }
      }
      for i in 0..<K {
        for k in i..<K {
          let pull = u[i] * drift[i * n + k] + u[k] * drift[k * n + i]
          dy[p] = -eta * pull + noise * u[i] * u[k] * common.noise[i * K + k] - 2 * kappa * y[p]
          p += 1
        }
      }
    }
  }

  /// Writes C^e.
  private func load(_ y: UnsafePointer<Double>, _ e: Int) {
    let n = K + M
    for a in 0..<n {
      for b in 0..<n {
        let slot = slots[a * n + b]
        C[a * n + b] = slot >= 0 ? y[e * width + slot] : start.blocks[e].T[a - K, b - K]
      }
    }
  }

  // MARK: Jacobian

  /// ∂f_i/∂y_j. The integrals depend on y through C and v only, so differences are taken with
  /// respect to these, K (K + 1)/2 + KM + K of them however many eigenspaces there are, and the
  /// chain rule does the rest; the direct dependence on C^e is linear and exact.
  package func jacobian(
    _ alpha: Double, _ y: UnsafeMutablePointer<Double>, _ J: UnsafeMutablePointer<Double>
  ) throws {
    J.update(repeating: 0, count: count * count)
    let scratch = UnsafeMutablePointer<Double>.allocate(capacity: 2 * count)
    defer { scratch.deallocate() }
    let f = scratch, g = scratch + count
    sum(y)
    try common.derivative(alpha, x, dx)
    try blocks(alpha, y, f, decays: false)
    try addLocal(alpha, J)
    for c in 0..<common.count {
      let kept = x[c]
      defer { x[c] = kept }
      x[c] += 1.5e-8 * max(abs(kept), 1e-5)
      // What was really added, after rounding.
      let inverse = 1 / (x[c] - kept)
      try common.derivative(alpha, x, dx)
      try blocks(alpha, y, g, decays: false)
      for row in 0..<count {
        let slope = (g[row] - f[row]) * inverse
        if c >= width {
          J[row * count + startOfV + c - width] += slope
        } else {
          for (e, eigenvalue) in eigenvalues.enumerated() {
            J[row * count + e * width + c] += eigenvalue * slope
          }
        }
      }
    }
  }

  /// The direct dependence of block e on C^e, and its decay.
  private func addLocal(_ alpha: Double, _ J: UnsafeMutablePointer<Double>) throws {
    guard common.layers.trainFirst else { return }
    let n = K + M, u = fields.u
    let (eta, _, kappa) = try common.firstLayerFactors(at: alpha)
    for (e, eigenvalue) in eigenvalues.enumerated() {
      let from = e * width
      for i in 0..<K {
        for b in 0..<n {
          // Row of c_ib; its diagonal element takes the term twice, as both orders of (i, i).
          let row = (from + slots[i * n + b]) * count + from
          let factor = -eta * u[i] * eigenvalue * (b == i ? 2 : 1)
          for a in 0..<n where slots[a * n + b] >= 0 {
            J[row + slots[a * n + b]] += factor * fields.pull[i * n + a]
          }
        }
      }
      for p in 0..<width {
        J[(from + p) * (count + 1)] -= p < K * M ? kappa : 2 * kappa
      }
    }
  }
}
