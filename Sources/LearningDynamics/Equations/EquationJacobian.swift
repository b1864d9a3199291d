extension OrderParameterEquations {
  /// ∂f_i/∂y_j of the order-parameter equations, in closed form.
  ///
  /// Every term is a function of C and u; a derivative with respect to c_ab is entered for the
  /// element of the state that c_ab is, if any. See ``TiltedGradients``. By differences where the
  /// activations have no closed form.
  package func jacobian(
    _ alpha: Double, _ y: UnsafeMutablePointer<Double>, _ J: UnsafeMutablePointer<Double>
  ) throws {
    guard let gradients else { return try differenceJacobian(alpha, y, J) }
    if fields.stops(before: LocalFields.patience) { throw Interruption() }
    let (eta, etaV, kappa) = try rates(at: alpha)
    try setNoise(at: alpha)
    load(y)
    J.update(repeating: 0, count: count * count)
    let table = JacobianTable(self, J)
    if layers.trainFirst {
      integrals.firstLayer(fields, noiseVariance: noiseVariance, drift: drift, noise: noise)
      if fields.isStopped { throw Interruption() }
      for i in 0..<K { addDrift(table, gradients, i, eta) }
      addDiffusion(table, gradients, eta * eta / batch)
      for row in 0..<startOfV { J[row * (count + 1)] -= row < startOfQ ? kappa : 2 * kappa }
    }
    if layers.trainSecond {
      for i in 0..<K {
        addSecondLayer(table, gradients, i, etaV)
        J[(startOfV + i) * (count + 1)] -= kappa
      }
    }
  }

  /// The terms -η u_i Σ_a u_a I3(i, b, a), which are dR_ib for a teacher b and a part of dQ_ib for a
  /// student b. With W_a = u_a B_ia, X_a = c_ab - τ c_ia c_ib and the drift Σ_a W_a X_a.
  private func addDrift(_ table: JacobianTable, _ g: TiltedGradients, _ i: Int, _ eta: Double) {
    let n = K + M, C = fields.C, u = fields.u
    g.pairs(fields, i)
    let ci = C + i * n
    let tau = studentActivation == .erf ? 1 / (1 + ci[i]) : 0
    var pull = 0.0
    for a in 0..<n { pull += u[a] * g.B[a] * ci[a] }
    for b in 0..<n {
      // The diagonal element takes the term twice: both orders of (i, i).
      let factor = -eta * u[i] * (b == i ? 2 : 1)
      let row = table.row(i, b)
      var byOwn = tau * tau * ci[b] * pull
      for a in 0..<n {
        let X = C[a * n + b] - tau * ci[a] * ci[b]
        let uX = u[a] * X, W = u[a] * g.B[a]
        byOwn += uX * g.byOwn[a]
        row.add(i, a, factor * (uX * g.byCovariance[a] - W * tau * ci[b]))
        row.add(a, a, factor * uX * g.byOther[a])
        row.add(a, b, factor * W)
        row.addOutput(a, factor * g.B[a] * X)
      }
      row.add(i, i, factor * byOwn)
      row.add(i, b, -factor * tau * pull)
      row.addOutput(i, -eta * (b == i ? 2 : 1) * drift[i * n + b])
    }
  }

  /// The terms (η²/b) u_i u_k [Σ_ab u_a u_b I4(i, k, a, b) + σ² J2(i, k)] of dQ.
  private func addDiffusion(
    _ table: JacobianTable, _ g: TiltedGradients, _ diffusion: Double
  ) {
    let n = K + M, C = fields.C, u = fields.u
    for i in 0..<K {
      for k in i..<K {
        let row = table.row(i, k)
        let amount = noise[i * K + k]
        var J2 = 1.0
        let factor = diffusion * u[i] * u[k]
        if studentActivation == .erf {
          let p = 1 + C[i * (n + 1)], q = 1 + C[k * (n + 1)], r = C[i * n + k]
          let L = p * q - r * r
          J2 = 2 / .pi / L.squareRoot()
          row.add(i, i, -0.5 * factor * amount * q / L)
          row.add(k, k, -0.5 * factor * amount * p / L)
          row.add(i, k, factor * amount * r / L)
          _ = g.outputVariance(fields, i, k, withValues: layers.trainSecond)
          g.untilt(fields, i, k)
        } else if i == 0 && k == 0 {
          _ = g.outputVariance(fields, i, k, withValues: layers.trainSecond)
        }
        for a in 0..<n {
          for b in 0..<n { row.add(a, b, factor * J2 * g.G[a * n + b]) }
          row.addOutput(a, factor * J2 * 2 * g.rows[a])
        }
        row.addOutput(i, diffusion * u[k] * amount)
        row.addOutput(k, diffusion * u[i] * amount)
      }
    }
  }

  /// dv_i = η_v s Σ_a u_a I2(i, a).
  private func addSecondLayer(
    _ table: JacobianTable, _ g: TiltedGradients, _ i: Int, _ eta: Double
  ) {
    let n = K + M, C = fields.C
    let student = studentActivation, teacher = teacherActivation
    g.pairs(fields, i)
    let row = table.rowOfV(i)
    for a in 0..<n {
      let other = a < K ? student : teacher
      let c = C[i * n + a], factor = eta * scale * fields.u[a]
      row.add(i, a, factor * g.B[a])
      let half = 0.5 * factor * g.B[a] * c
      if student == .erf { row.add(i, i, -half / (1 + C[i * (n + 1)])) }
      if other == .erf { row.add(a, a, -half / (1 + C[a * (n + 1)])) }
      row.addOutput(
        a, eta * scale * student.I2(with: other, C[i * (n + 1)], c, C[a * (n + 1)]))
    }
  }
}

/// Where derivatives go in the Jacobian.
private struct JacobianTable {
  let J: UnsafeMutablePointer<Double>
  let count: Int
  let K: Int
  let n: Int
  /// The index in the state of c_ab, at `a n + b`, or -1.
  let slots: [Int]
  let startOfV: Int
  /// -s where v is trained, else 0: du_a/dv_a.
  let outputFactor: Double

  init(_ equations: OrderParameterEquations, _ J: UnsafeMutablePointer<Double>) {
    self.J = J
    (count, K, n) = (equations.count, equations.K, equations.K + equations.M)
    startOfV = equations.startOfV
    outputFactor = equations.layers.trainSecond ? -equations.scale : 0
    var slots = [Int](repeating: -1, count: n * n)
    if equations.layers.trainFirst {
      var p = 0
      for i in 0..<K {
        for b in K..<n {
          slots[i * n + b] = p
          slots[b * n + i] = p
          p += 1
        }
      }
      for i in 0..<K {
        for k in i..<K {
          slots[i * n + k] = p
          slots[k * n + i] = p
          p += 1
        }
      }
    }
    self.slots = slots
  }

  struct Row {
    let table: JacobianTable
    let elements: UnsafeMutablePointer<Double>

    /// Enters a derivative with respect to c_ab.
    @inline(__always) func add(_ a: Int, _ b: Int, _ value: Double) {
      let slot = table.slots[a * table.n + b]
      if slot >= 0 { elements[slot] += value }
    }

    /// Enters a derivative with respect to u_a.
    @inline(__always) func addOutput(_ a: Int, _ value: Double) {
      guard table.outputFactor != 0, a < table.K else { return }
      elements[table.startOfV + a] += table.outputFactor * value
    }
  }

  /// The row of dR_ab or dQ_ab.
  func row(_ a: Int, _ b: Int) -> Row {
    Row(table: self, elements: J + slots[a * n + b] * count)
  }

  func rowOfV(_ i: Int) -> Row { Row(table: self, elements: J + (startOfV + i) * count) }
}
