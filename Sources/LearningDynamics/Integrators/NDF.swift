import Groundwork

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Numerical differentiation formulas of orders 1 to 5 with quasi-constant steps, for stiff
/// systems (Shampine and Reichelt 1997, "The MATLAB ODE suite", SIAM J. Sci. Comput. 18, 1).
///
/// The solution is kept as backward differences D_j = ∇^j y at spacing h; a change of h
/// interpolates them anew. With the predictor p = Σ_{j≤k} D_j and the correction d = y - p, order k
/// solves
///
///     d = h/α_k f(t + h, p + d) - ψ,   ψ = (1/α_k) Σ_{1≤j≤k} γ_j D_j,   α_k = (1 - κ_k) γ_k,
///
/// by simplified Newton iterations, and its local error is (κ_k γ_k + 1/(k + 1)) d.
///
/// One thing is added: on a plateau, where everything rests but a deviation of 1e-9 that grows, no
/// error test sees whether the growth is right, and the time of the escape would be wrong. So the
/// largest growth rate λ of small deviations is followed, and h λ is kept small.
package final class NDF: ContinuableIntegrator {
  static let kappa = [0, -0.1850, -1.0 / 9, -0.0823, -0.0415, 0]
  static let gamma = [0, 1, 3.0 / 2, 11.0 / 6, 25.0 / 12, 137.0 / 60]
  static let alpha = (0...5).map { (1 - kappa[$0]) * gamma[$0] }
  static let errorConstant = (0...5).map { kappa[$0] * gamma[$0] + 1 / Double($0 + 1) }
  static let highestOrder = 5
  static let newtonIterations = 4

  private let system: any DifferentialSystem
  private let tolerance: Tolerance
  private let n: Int
  package private(set) var t: Double
  package private(set) var previous: Double
  package let y: UnsafeMutablePointer<Double>
  package private(set) var statistics = IntegratorStatistics()
  package private(set) var order = 1
  /// The spacing of the differences.
  private var h: Double
  /// What to do before the next step: multiply h by this, and take this order.
  private var pending: (factor: Double, order: Int)?
  /// Steps since h or the order changed.
  private var equalSteps = 0
  private let fixed: (step: Double, order: Int)?

  private let memory: UnsafeMutablePointer<Double>
  /// D_0 … D_{k+2}, rows of n.
  private let D: UnsafeMutablePointer<Double>
  private let f, psi, d, delta, predicted, candidate: UnsafeMutablePointer<Double>
  /// ∂f/∂y, row by row. An array, so that a checkpoint shares it.
  private var J: [Double]
  private var lu: LU
  private var isFactored = false
  /// The largest growth rate of small deviations, and the deviation that grows.
  private var growthRate = 0.0
  private let deviation: UnsafeMutablePointer<Double>
  /// The spectral radius of J, where it was asked for.
  private var radius: Double?
  /// How fast Newton's iteration converges with this factorisation, where that is known.
  private var newtonRate: Double?

  private init(
    _ system: any DifferentialSystem, t: Double, tolerance: Tolerance,
    fixed: (step: Double, order: Int)?
  ) {
    self.system = system
    self.tolerance = tolerance
    self.fixed = fixed
    n = system.count
    self.t = t
    previous = t
    lu = LU(count: n)
    let n = n
    J = .init(repeating: 0, count: n * n)
    memory = .allocate(capacity: 16 * n + 1)
    memory.initialize(repeating: 0, count: 16 * n + 1)
    let memory = memory
    func row(_ i: Int) -> UnsafeMutablePointer<Double> { memory + i * n }
    (D, y, f, psi) = (row(0), row(8), row(9), row(10))
    (d, delta, predicted, candidate) = (row(11), row(12), row(13), row(14))
    deviation = row(15)
    for i in 0..<n { deviation[i] = SpectralRadius.scattered(i) }
    h = fixed?.step ?? 0
  }

  /// Starts at (t, y). With `fixed`, steps have that size, and the order rises to that one and
  /// stays, whatever the error.
  package convenience init(
    _ system: any DifferentialSystem, t: Double, y start: [Double], end: Double,
    tolerance: Tolerance, fixed: (step: Double, order: Int)? = nil
  ) throws {
    self.init(system, t: t, tolerance: tolerance, fixed: fixed)
    for i in 0..<n {
      y[i] = start[i]
      D[i] = start[i]
    }
    try system.derivative(t, y, f)
    statistics.derivatives = 1
    if fixed == nil {
      h = try system.firstStep(t, y, f, order: 1, end: end, tolerance)
      statistics.derivatives += 1
    }
    for i in 0..<n { D[n + i] = h * f[i] }
    try refreshJacobian(t, y)
  }

  /// Goes on from what it remembered.
  convenience init(
    _ system: any DifferentialSystem, tolerance: Tolerance, from transfer: inout StateTransfer
  ) {
    self.init(system, t: 0, tolerance: tolerance, fixed: nil)
    pass(&transfer)
    previous = t
    guard isFactored, !transfer.isDamaged else { return }
    // The factors are not remembered: the same matrix has the same.
    let (rate, count) = (newtonRate, statistics.factorisations)
    _ = factor()
    (newtonRate, statistics.factorisations) = (rate, count)
  }

  func pass(_ transfer: inout StateTransfer) {
    transfer.pass(&t)
    transfer.pass(&h)
    transfer.pass(&order, in: 1...Self.highestOrder)
    var next = (factor: pending?.factor, order: pending?.order ?? order)
    transfer.pass(&next.factor)
    transfer.pass(&next.order, in: 1...Self.highestOrder)
    pending = next.factor.map { ($0, next.order) }
    transfer.pass(&equalSteps)
    transfer.pass(y, count: n)
    transfer.pass(D, count: 8 * n)
    transfer.pass(deviation, count: n)
    transfer.pass(&growthRate)
    transfer.pass(&radius)
    transfer.pass(&newtonRate)
    transfer.pass(&isFactored)
    transfer.pass(&statistics)
    transfer.passJacobian(&J)
  }

  deinit { memory.deallocate() }

  /// h ρ, ρ being the spectral radius of the Jacobian in use: below about 1 an explicit method could
  /// take the same steps.
  package var stiffness: Double {
    if radius == nil { radius = spectralRadius() }
    return h * radius!
  }

  package func step(to end: Double, largest: Double) throws {
    if let pending {
      order = pending.order
      rescale(pending.factor)
      self.pending = nil
    }
    if h > largest { rescale(largest / h) }
    var isCurrent = false
    var failures = 0
    while true {
      let smallest = SmallestStep.at(t)
      var reached = t + h
      // Stretch a step that would leave only rounding to the end, or a sliver.
      if fixed == nil && t + 1.01 * h >= end {
        rescale((end - t) / h)
        reached = end
      }
      predict()
      guard let iterations = try correct(at: reached, isCurrent: &isCurrent) else {
        try fail(by: 0.5, smallest)
        continue
      }
      let safety =
        0.9 * Double(2 * Self.newtonIterations + 1)
        / Double(2 * Self.newtonIterations + iterations)
      let size = fixed == nil ? errorSize(d, order) : 0
      let isForced = h <= smallest && SmallestStep.accepts(size: size, tolerance)
      if !(size <= 1) && !isForced {
        failures += 1
        let factor = size.isFinite ? safety * pow(size, -1 / Double(order + 1)) : 0.2
        if failures > 3 { try restart() }
        try fail(by: min(max(0.2, factor), 0.9), smallest)
        continue
      }
      accept(reached)
      if fixed == nil { followGrowth() }
      chooseNext(size: size, safety: safety)
      return
    }
  }

  package func interpolate(_ time: Double, into state: UnsafeMutablePointer<Double>) {
    for i in 0..<n { state[i] = D[i] }
    // Newton's form through the points t, t - h, …, t - k h.
    var product = 1.0
    for j in 1...order {
      product *= (time - t + Double(j - 1) * h) / (Double(j) * h)
      let row = D + j * n
      for i in 0..<n { state[i] += product * row[i] }
    }
  }

  // MARK: One step

  private func predict() {
    let inverse = 1 / Self.alpha[order]
    for i in 0..<n {
      predicted[i] = D[i]
      psi[i] = 0
    }
    for j in 1...order {
      let row = D + j * n, weight = Self.gamma[j] * inverse
      for i in 0..<n {
        predicted[i] += row[i]
        psi[i] += weight * row[i]
      }
    }
  }

  /// Newton's iteration for the correction d and the candidate state; the number of iterations, or
  /// nil where it does not converge with a Jacobian of this very step.
  private func correct(at reached: Double, isCurrent: inout Bool) throws -> Int? {
    while true {
      if !isFactored { guard factor() else { return nil } }
      if let iterations = try newton(at: reached) { return iterations }
      if isCurrent { return nil }
      try refreshJacobian(reached, predicted)
      isCurrent = true
    }
  }

  private func newton(at reached: Double) throws -> Int? {
    let c = h / Self.alpha[order]
    // Well below the error test, and above what rounding allows.
    let enough = max(10 * Double.ulpOfOne / tolerance.relative, 0.01)
    var before: Double?
    for i in 0..<n {
      d[i] = 0
      candidate[i] = predicted[i]
    }
    for iteration in 1...Self.newtonIterations {
      try system.derivative(reached, candidate, f)
      statistics.derivatives += 1
      for i in 0..<n { delta[i] = c * f[i] - psi[i] - d[i] }
      lu.solve(delta)
      let size = system.size(of: delta, at: predicted, tolerance)
      if !size.isFinite { return nil }
      for i in 0..<n {
        candidate[i] += delta[i]
        d[i] += delta[i]
      }
      if size == 0 { return iteration }
      if let before { newtonRate = max(0.9 * (newtonRate ?? 0), size / before) }
      before = size
      guard let rate = newtonRate else { continue }
      // Where rounding stops the iteration, the correction may still be good enough.
      if rate >= 1 { return size < 0.1 ? iteration : nil }
      if rate / (1 - rate) * size < enough {
        // Not measured this time: trust it less in the next step, as the Jacobian grows older.
        if iteration == 1 { newtonRate = max(2 * rate, 1e-3) }
        return iteration
      }
      let left = Double(Self.newtonIterations - iteration)
      if pow(rate, left) / (1 - rate) * size > enough { return nil }
    }
    return nil
  }

  private func factor() -> Bool {
    let c = h / Self.alpha[order], n = n
    statistics.factorisations += 1
    newtonRate = nil
    isFactored = J.withUnsafeBufferPointer { J in
      lu.factor { matrix in
        for i in 0..<n * n { matrix[i] = -c * J[i] }
        for i in 0..<n { matrix[i * (n + 1)] += 1 }
      }
    }
    return isFactored
  }

  private func refreshJacobian(_ t: Double, _ y: UnsafeMutablePointer<Double>) throws {
    try J.withUnsafeMutableBufferPointer { J in
      if let base = J.baseAddress { try system.jacobian(t, y, base) }
    }
    statistics.jacobians += 1
    isFactored = false
    radius = nil
  }

  /// The spectral radius of J by some power iterations, to a few per cent.
  private func spectralRadius() -> Double {
    var x = (0..<n).map(SpectralRadius.scattered), size = 1.0, estimate = 0.0
    for _ in 0..<12 {
      let before = x
      J.withUnsafeBufferPointer { J in
        for i in 0..<n {
          var sum = 0.0
          for j in 0..<n { sum += J[i * n + j] * before[j] / size }
          x[i] = sum
        }
      }
      estimate = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard estimate > 0 else { return 0 }
      size = estimate
    }
    return estimate
  }

  private func fail(by factor: Double, _ smallest: Double) throws {
    statistics.rejected += 1
    guard h > smallest else { throw IntegrationFailure.stepTooSmall(t: t) }
    rescale(max(factor, smallest / h))
  }

  /// Forgets the past after repeated failures: it lies beyond a jump of f.
  private func restart() throws {
    order = 1
    try system.derivative(t, y, f)
    statistics.derivatives += 1
    for i in 0..<n { D[n + i] = h * f[i] }
    equalSteps = 0
    isFactored = false
  }

  private func accept(_ reached: Double) {
    previous = t
    t = reached
    statistics.accepted += 1
    equalSteps += 1
    for i in 0..<n {
      y[i] = candidate[i]
      D[(order + 2) * n + i] = d[i] - D[(order + 1) * n + i]
      D[(order + 1) * n + i] = d[i]
    }
    for j in stride(from: order, through: 0, by: -1) {
      for i in 0..<n { D[j * n + i] += D[(j + 1) * n + i] }
    }
  }

  /// An inverse iteration with the factors of I - cJ at hand, whose largest eigenvalue is
  /// 1/(1 - cλ) where the largest eigenvalue λ of J is positive.
  private func followGrowth() {
    lu.solve(deviation)
    var size = 0.0
    for i in 0..<n { size += deviation[i] * deviation[i] }
    size = size.squareRoot()
    guard size > 0, size.isFinite else { return }
    for i in 0..<n { deviation[i] /= size }
    growthRate = size > 1 ? (1 - 1 / size) * Self.alpha[order] / h : 0
  }

  // MARK: Step size and order

  private func errorSize(_ difference: UnsafeMutablePointer<Double>, _ order: Int) -> Double {
    let constant = Self.errorConstant[order]
    for i in 0..<n { delta[i] = constant * difference[i] }
    return system.size(of: delta, at: candidate, tolerance)
  }

  /// After order + 1 equal steps: the order among k - 1, k, k + 1 that promises the longest step.
  private func chooseNext(size: Double, safety: Double) {
    guard equalSteps > order else { return }
    if let fixed {
      if order < fixed.order { pending = (1, order + 1) }
      return
    }
    func promise(_ size: Double, _ order: Int) -> Double {
      size.isNaN ? 0 : pow(max(size, 1e-10), -1 / Double(order + 1))
    }
    let k = order
    let lower = k > 1 ? promise(errorSize(D + k * n, k - 1), k - 1) : 0
    let same = promise(size, k)
    let higher = k < Self.highestOrder ? promise(errorSize(D + (k + 2) * n, k + 1), k + 1) : 0
    let best = max(lower, same, higher)
    let next = best == lower ? k - 1 : best == higher && higher > same ? k + 1 : k
    let factor = min(10, safety * best)
    // Order 5 makes the growth wrong by (hλ)⁵/6, relatively; so much may be lost in the time of an
    // escape as 200 local errors.
    let steepest = root(1000 * tolerance.relative, 5)
    if factor * h * growthRate > steepest {
      pending = (min(steepest / (h * growthRate), 10), min(k + 1, Self.highestOrder))
    } else {
      pending = (factor, next)
    }
  }

  /// Multiplies h by a factor and interpolates the differences: D ← (R U)ᵀ D, with
  /// R_ij = Π_{l≤i} (l - 1 - factor j)/l and U = R at factor 1 (Shampine and Reichelt, section 2.2).
  private func rescale(_ factor: Double) {
    equalSteps = 0
    isFactored = false
    if factor == 1 { return }
    h *= factor
    let m = order + 1
    let R = Self.rescaling(order, factor), U = Self.rescaling(order, 1)
    var product = [Double](repeating: 0, count: m * m)
    for i in 0..<m {
      for k in 0..<m { for j in 0..<m { product[i * m + j] += R[i * m + k] * U[k * m + j] } }
    }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: m) { column in
      for i in 0..<n {
        for k in 0..<m { column[k] = D[k * n + i] }
        for j in 0..<m {
          var sum = 0.0
          for k in 0..<m { sum += product[k * m + j] * column[k] }
          D[j * n + i] = sum
        }
      }
    }
  }

  private static func rescaling(_ order: Int, _ factor: Double) -> [Double] {
    let m = order + 1
    var R = [Double](repeating: 0, count: m * m)
    for j in 0..<m { R[j] = 1 }
    for i in 1..<m {
      for j in 1..<m {
        R[i * m + j] = R[(i - 1) * m + j] * (Double(i) - 1 - factor * Double(j)) / Double(i)
      }
    }
    return R
  }
}
