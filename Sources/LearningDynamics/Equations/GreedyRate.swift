import Groundwork

extension OrderParameterEquations {
  /// η* = -A/(2B), which lowers ε_g fastest: dε_g/dα = η A + η² B (PHYSICS.md, E8). From the sums of
  /// the present derivative, with `second` the drift of v, and nil where its rate is another.
  ///
  /// The slopes of ε_g need no integrals of their own: by Price's theorem ∂ε_g/∂c_ab = u_a pull_ab,
  /// half of that for a = b, which are the coefficients of the drift (``LocalFields/pull``). So
  ///
  ///     A = -Σ_i u_i² Σ_b pull_ib drift_ib - s² Σ_i drift_v,i²,
  ///     B = (1/b) Σ_{i≤k} ∂ε_g/∂Q_ik u_i u_k noise_ik.
  ///
  /// Where ε_g is rounding the rate stays what it was. Throws where ε_g has no minimum in η, B ≤ 0.
  func greedyRate(at alpha: Double, second: UnsafePointer<Double>?) throws -> Double {
    let n = K + M, u = fields.u
    var descent = 0.0, spread = 0.0
    for i in 0..<K {
      var pulled = 0.0
      for b in 0..<n { pulled += fields.pull[i * n + b] * drift[i * n + b] }
      descent += u[i] * u[i] * pulled
      if let second { descent += scale * scale * second[i] * second[i] }
      for k in i..<K {
        let slope = u[i] * fields.pull[i * n + k] * (i == k ? 0.5 : 1)
        spread += slope * u[i] * u[k] * noise[i * K + k] / batch
      }
    }
    if let last = lastGreedyRate, isRounding(0.5 * integrals.error(fields)) { return last }
    if descent == 0 { return 0 }
    let rate = descent / (2 * spread)
    guard rate.isFinite, rate >= 0 else {
      throw TrainingError.invalid(
        "there is no greedy learning rate at α = \((begin + alpha).brief): to second order the error falls "
          + "the faster the larger the rate is; begin with a phase of a given rate")
    }
    return rate
  }
}
