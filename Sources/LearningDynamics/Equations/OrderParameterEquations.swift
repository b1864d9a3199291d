import Groundwork

/// The order-parameter equations as a system dy/dα = f(α, y) for the integrators (Saad and Solla
/// 1995, eq. 5; Goldt et al. 2020, eqs. 8 and 9; PHYSICS.md, section B):
///
///     dR_in = η_w v_i Σ_a u_a I3(i,n,a) - κ R_in
///     dQ_ik = η_w [v_i Σ_a u_a I3(i,k,a) + v_k Σ_a u_a I3(k,i,a)]
///             + (η_w²/b) v_i v_k [Σ_ab u_a u_b I4(i,k,a,b) + σ² J2(i,k)] - 2κ Q_ik
///     dv_i  = η_v Σ_a u_a I2(i,a) - κ v_i
///
/// with b samples in a batch: α counts updates, and the mean of b gradients has a b-th of the
/// variance (E1). Momentum β makes η_w/(1 − β) of η_w, and η_v alike (E2).
///
/// Here v stands for scale · v, and the gradient of v carries the scale once more. Decay acts on
/// trained layers only.
///
/// The state y holds what is trained: R row by row and the upper triangle of Q row by row where
/// the first layer is, then v where the second is. An instance owns scratch memory and belongs to
/// one thread.
package final class OrderParameterEquations: DifferentialSystem {
  package let K: Int
  package let M: Int
  package let layers: Layers
  /// Where Q and v begin in the state.
  package let startOfQ: Int
  package let startOfV: Int
  /// The number of equations.
  package let count: Int

  package let fields: LocalFields
  let integrals: any FieldIntegrals
  private let usesQuadrature: Bool
  /// With what probability a hidden unit takes part in a sample.
  private let keep: Double
  /// For the Jacobian in closed form, where the activations have one.
  let gradients: TiltedGradients?
  let studentActivation: Activation
  let teacherActivation: Activation
  let scale: Double
  private(set) var noiseVariance: Double
  private let teacher: Teacher
  /// α since the run began where the phase does.
  let begin: Double
  private let firstRate: Rate
  private let secondRate: Rate
  private let decay: Rate
  private let momentum: Double
  /// Whether the rate of the first layer is greedy; and whether that of the second is the same.
  package let isGreedy: Bool
  private let sharesGreedyRate: Bool
  /// η*, as the last derivative had it, which is η/(1 − β); nil before the first.
  package private(set) var lastGreedyRate: Double?
  /// b, the samples averaged in one update.
  let batch: Double
  /// What is not trained keeps the value it has here.
  private let start: OrderParameters
  let drift: UnsafeMutablePointer<Double>
  let noise: UnsafeMutablePointer<Double>
  private let moved: UnsafeMutablePointer<Double>
  /// What rounding may do to ε_g, and what is then tolerated as an error of it.
  private let roundingOfError: Double

  package init(
    student: Student, teacher: Teacher, phase: Phase, start: OrderParameters, batch: Int = 1,
    begin: Double = 0
  ) {
    K = start.v.count
    M = start.vStar.count
    layers = phase.layers
    startOfQ = layers.trainFirst ? K * M : 0
    startOfV = layers.trainFirst ? startOfQ + K * (K + 1) / 2 : 0
    count = startOfV + (layers.trainSecond ? K : 0)
    fields = LocalFields(K: K, M: M)
    keep = 1 - phase.dropout
    let sums = fieldIntegrals(
      student: student.activation, teacher: teacher.activation, K: K, M: M)
    integrals = keep < 1 ? DropoutIntegrals(sums, keep: keep, K: K, M: M) : sums
    usesQuadrature = sums is QuadratureIntegrals
    isGreedy = phase.isGreedy
    sharesGreedyRate = phase.layers == .both && phase.secondRate.isGreedy
    // Only these sums have their Jacobian in closed form.
    gradients =
      integrals is TiltedIntegrals && !phase.isGreedy
      ? TiltedGradients(student: student.activation, teacher: teacher.activation, n: K + M) : nil
    studentActivation = student.activation
    teacherActivation = teacher.activation
    scale = student.scale
    noiseVariance = teacher.labelNoise * teacher.labelNoise
    self.teacher = teacher
    self.begin = begin
    firstRate = phase.firstRate
    secondRate = phase.secondRate
    decay = phase.decay
    momentum = phase.momentum
    self.batch = Double(batch)
    self.start = start
    drift = .allocate(capacity: K * (K + M))
    noise = .allocate(capacity: K * K)
    drift.initialize(repeating: 0, count: K * (K + M))
    noise.initialize(repeating: 0, count: K * K)

    moved = .allocate(capacity: count + 1)
    moved.initialize(repeating: 0, count: count + 1)
    let sizeOfOutputs =
      start.v.reduce(0) { $0 + $1 * $1 } * student.scale * student.scale
      + start.vStar.reduce(0) { $0 + $1 * $1 } * teacher.scale * teacher.scale
    roundingOfError = 1e-14 * (sizeOfOutputs + 1e-2)

    let n = K + M
    let covariance = start.covariance
    for a in 0..<n * n { fields.C[a] = covariance.elements[a] }
    for i in 0..<K { fields.u[i] = -scale * start.v[i] }
    for m in 0..<M { fields.u[K + m] = teacher.scale * start.vStar[m] }
  }

  deinit {
    drift.deallocate()
    noise.deallocate()
    moved.deallocate()
  }

  /// η_w/(1 − β), η_v/(1 − β) and κ at α since the phase began; 0 for a layer that is not trained.
  /// A greedy rate is that of the last derivative.
  package func rates(at alpha: Double) throws -> (first: Double, second: Double, decay: Double) {
    func value(_ rate: Rate) throws -> Double {
      rate.isGreedy ? lastGreedyRate ?? 0 : try rate(alpha) / (1 - momentum)
    }
    let rates = (
      first: layers.trainFirst ? try value(firstRate) : 0,
      second: layers.trainSecond ? try value(secondRate) : 0,
      decay: try decay(alpha)
    )
    guard (rates.first + rates.second + rates.decay).isFinite else {
      throw TrainingError.invalid(
        "the rates are not numbers \(alpha.brief) after the phase began: "
          + "η_w = \(rates.first.brief), η_v = \(rates.second.brief), κ = \(rates.decay.brief)")
    }
    return rates
  }

  /// What multiplies the drift of the first layer, its noise, and its decay, at α.
  func firstLayerFactors(
    at alpha: Double
  ) throws -> (drift: Double, diffusion: Double, decay: Double) {
    let (eta, _, kappa) = try rates(at: alpha)
    return (eta, eta * eta / batch, kappa)
  }

  /// Sets the labels' noise to that at α since the phase began.
  func setNoise(at alpha: Double) throws {
    guard teacher.noiseSchedule != nil else { return }
    let sigma = try teacher.labelNoise(at: begin + alpha)
    noiseVariance = sigma * sigma
  }

  /// Whether all rates, and the labels' noise, are constants.
  package var isAutonomous: Bool {
    guard teacher.noiseSchedule == nil else { return false }
    return [firstRate, secondRate, decay].allSatisfy {
      if case .function = $0 { false } else { true }
    }
  }

  /// The name of the order parameter that the state holds at `index`: "Q", "R" or "v".
  package func quantity(of index: Int) -> String {
    index < startOfQ ? "R" : index < startOfV ? "Q" : "v"
  }

  /// How far finer quadrature moves the rates and ε_g of this state, relative to the largest of
  /// each kind, or to 1e-6 of the largest of all, or to 1e-5 of the terms that they are differences
  /// of, if that is more; nil where the integrals are closed forms.
  package func quadratureError(_ alpha: Double, _ y: [Double]) throws -> Double? {
    guard usesQuadrature else { return nil }
    var rates: [[Double]] = []
    var errors: [Double] = []
    var fine: any FieldIntegrals = QuadratureIntegrals(
      student: studentActivation, teacher: teacherActivation, n: K + M, rules: .fine)
    if keep < 1 { fine = DropoutIntegrals(fine, keep: keep, K: K, M: M) }
    for integrals in [integrals, fine] {
      load(y)
      errors.append(0.5 * integrals.error(fields))
      var dy = [Double](repeating: 0, count: count)
      try derivative(alpha, y, &dy, integrals)
      rates.append(dy)
    }
    let outputs = (0..<K + M).reduce(0) { $0 + fields.u[$1] * fields.u[$1] }
    // A kind of which nothing is left but rounding is measured by the others; where nothing moves
    // any more the terms that cancel are the measure.
    let (etaW, etaV, _) = try self.rates(at: alpha)
    let least = max(
      1e-6 * rates[1].reduce(0) { max($0, abs($1)) }, 1e-5 * max(etaW, etaV) * outputs)
    func difference(_ coarse: ArraySlice<Double>, _ fine: ArraySlice<Double>) -> Double {
      let size = fine.reduce(least) { max($0, abs($1)) }
      let worst = zip(coarse, fine).reduce(0) { max($0, abs($1.0 - $1.1)) }
      return size > 0 ? worst / size : 0
    }
    // ε_g cancels: near 0 the size of the outputs is the measure.
    var worst = abs(errors[0] - errors[1]) / max(abs(errors[1]), 1e-6 * outputs, 1e-300)
    for range in [0..<startOfQ, startOfQ..<startOfV, startOfV..<count] {
      worst = max(worst, difference(rates[0][range], rates[1][range]))
    }
    return worst
  }

  // MARK: Packing

  /// The state vector of these order parameters.
  package func pack(_ state: OrderParameters) -> [Double] {
    var y: [Double] = []
    y.reserveCapacity(count)
    if layers.trainFirst {
      y += state.R.elements
      for i in 0..<K { for k in i..<K { y.append(state.Q[i, k]) } }
    }
    if layers.trainSecond { y += state.v }
    return y
  }

  /// The order parameters of a state vector; what is not trained is taken from `base`, or as it was
  /// at the start.
  package func unpack(
    _ y: UnsafePointer<Double>, onto base: OrderParameters? = nil
  ) -> OrderParameters {
    var state = base ?? start
    if layers.trainFirst {
      var p = startOfQ
      for j in 0..<K * M { state.R.elements[j] = y[j] }
      for i in 0..<K {
        for k in i..<K {
          state.Q[i, k] = y[p]
          state.Q[k, i] = y[p]
          p += 1
        }
      }
    }
    if layers.trainSecond { for i in 0..<K { state.v[i] = y[startOfV + i] } }
    return state
  }

  /// Writes the state into C and u.
  func load(_ y: UnsafePointer<Double>) {
    let n = K + M, C = fields.C
    if layers.trainFirst {
      var p = 0
      for i in 0..<K {
        for b in K..<n {
          C[i * n + b] = y[p]
          C[b * n + i] = y[p]
          p += 1
        }
      }
      for i in 0..<K {
        for k in i..<K {
          C[i * n + k] = y[p]
          C[k * n + i] = y[p]
          p += 1
        }
      }
    }
    if layers.trainSecond { for i in 0..<K { fields.u[i] = -scale * y[startOfV + i] } }
  }

  // MARK: The equations

  /// The size of a local error, judged on the state and on ε_g.
  ///
  /// Near a solution ε_g is a small difference of large terms, linear in the overlaps: an error of
  /// 1e-8 there may be one of 1e-4 here. So it is judged too, down to what rounding leaves of the
  /// difference: with twenty times the tolerance of a component ε_g keeps to 1e-6 at the default of
  /// 1e-8 (docs/design/equations.md).
  package func size(
    of error: UnsafePointer<Double>, at y: UnsafePointer<Double>, _ tolerance: Tolerance
  ) -> Double {
    let state = tolerance.norm(error, at: y, count: count)
    for i in 0..<count { moved[i] = y[i] - error[i] }
    let here = self.error(y), there = self.error(moved)
    // Reject the step; the next evaluation throws.
    if fields.isStopped { return .infinity }
    return max(state, size(ofError: here - there, at: here, tolerance))
  }

  /// The size of a deviation of ε_g alone.
  func size(ofError deviation: Double, at error: Double, _ tolerance: Tolerance) -> Double {
    abs(deviation) / (20 * tolerance.relative * abs(error) + roundingOfError)
  }

  /// Whether ε_g of this size is what rounding leaves of the sums.
  func isRounding(_ error: Double) -> Bool { abs(error) < roundingOfError }

  /// ε_g at this state, as the sums give it: rounding may make it negative.
  package func error(_ y: UnsafePointer<Double>) -> Double {
    load(y)
    return 0.5 * integrals.error(fields)
  }

  /// dy/dα at α since the phase began.
  package func derivative(
    _ alpha: Double, _ y: UnsafePointer<Double>, _ dy: UnsafeMutablePointer<Double>
  ) throws { try derivative(alpha, y, dy, integrals) }

  private func derivative(
    _ alpha: Double, _ y: UnsafePointer<Double>, _ dy: UnsafeMutablePointer<Double>,
    _ integrals: any FieldIntegrals
  ) throws {
    if fields.stops(before: LocalFields.patience) { throw Interruption() }
    var (eta, etaV, kappa) = try rates(at: alpha)
    try setNoise(at: alpha)
    load(y)
    let n = K + M, u = fields.u, dv = dy + startOfV
    if layers.trainFirst {
      integrals.firstLayer(fields, noiseVariance: noiseVariance, drift: drift, noise: noise)
    }
    if layers.trainSecond { integrals.secondLayer(fields, drift: dv) }
    if fields.isStopped { throw Interruption() }
    if isGreedy {
      eta = try greedyRate(at: alpha, second: sharesGreedyRate ? dv : nil)
      lastGreedyRate = eta
      if sharesGreedyRate { etaV = eta }
    }
    let diffusion = eta * eta / batch
    if layers.trainFirst {
      var p = 0
      for i in 0..<K {
        for b in K..<n {
          dy[p] = -eta * u[i] * drift[i * n + b] - kappa * y[p]
          p += 1
        }
      }
      for i in 0..<K {
        for k in i..<K {
          let pull = u[i] * drift[i * n + k] + u[k] * drift[k * n + i]
          dy[p] = -eta * pull + diffusion * u[i] * u[k] * noise[i * K + k] - 2 * kappa * y[p]
          p += 1
        }
      }
    }
    if layers.trainSecond {
      for i in 0..<K { dv[i] = etaV * scale * dv[i] - kappa * y[startOfV + i] }
    }
    if fields.isStopped { throw Interruption() }
  }
}

/// The right-hand side of the order-parameter equations at one state.
public struct OrderParameterRates: Hashable, Sendable {
  /// dQ/dα, K×K; for structured inputs that of the fields' covariance, as dR.
  public var dQ: Matrix
  /// dR/dα, K×M.
  public var dR: Matrix
  /// dv/dα, of K elements.
  public var dv: [Double]
  /// For structured inputs the rates of the parts, in the place of Q^e and R^e; T^e is 0.
  public var blocks: [OverlapBlock]
  /// ε_g at the state.
  public var error: Double
  /// How far finer quadrature moves these values, relative to the largest of each kind; nil where
  /// the activations' integrals are closed forms.
  public var quadratureError: Double?
  /// η where it is greedy.
  public var greedyRate: Double?

  /// The rates at `state` under the rates of `phase`, taken `alpha` after it began, for batches of
  /// `batch` samples. What the phase does not train has rate 0. Throws what a rate function throws,
  /// and an ``Interruption`` where `goesOn`, asked every millisecond or so, says false.
  public init(
    student: Student, teacher: Teacher, state: OrderParameters, phase: Phase, alpha: Double = 0,
    batch: Int = 1, goesOn: (() -> Bool)? = nil
  ) throws {
    try student.activation.requireStudent()
    try InitialState.checkSizes(student: student, teacher: teacher)
    if batch < 1 { throw TrainingError.invalid("a batch has at least one sample") }
    if phase.isGreedy, !state.blocks.isEmpty { throw TrainingError.greedyNeedsIsotropicInputs }
    try phase.check()
    let equations = OrderParameterEquations.of(
      student: student, teacher: teacher, phase: phase, start: state, batch: batch)
    equations.fields.goesOn = goesOn
    let y = equations.pack(state)
    var dy = [Double](repeating: 0, count: y.count)
    try equations.derivative(alpha, y, &dy)
    error = OrderParameters.withoutNegative(equations.error(y))
    quadratureError = try equations.quadratureError(alpha, y)
    var zero = OrderParameters(
      Q: state.Q.map { _ in 0 }, R: state.R.map { _ in 0 }, T: state.T,
      v: state.v.map { _ in 0 }, vStar: state.vStar)
    if !state.blocks.isEmpty {
      zero.replaceBlocks(
        state.blocks.map {
          OverlapBlock(
            eigenvalue: $0.eigenvalue, fraction: $0.fraction, Q: $0.Q.map { _ in 0 },
            R: $0.R.map { _ in 0 }, T: $0.T.map { _ in 0 })
        })
    }
    let change = equations.unpack(dy, onto: zero)
    dQ = change.Q
    dR = change.R
    dv = change.v
    blocks = change.blocks
    greedyRate = equations.lastGreedyRate.map { (1 - phase.momentum) * $0 }
  }
}
