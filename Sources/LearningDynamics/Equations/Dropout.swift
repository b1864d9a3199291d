/// The sums of the equations averaged over which hidden units of the student take part in a sample,
/// each with probability p (dropout: Srivastava et al. 2014; PHYSICS.md, E5).
///
/// Training sees the equations with v_i r_i for v_i, r_i = 0 or 1, whose averages are wanted:
///
///     E[r_i Σ_a r_a u_a I3(i,b,a)],  E[r_i r_k Σ_ab r_a r_b u_a u_b I4(i,k,a,b)],  r = 1 for teachers.
///
/// Given r_i = r_k = 1 the other r_a are independent, so that with ũ_a = p u_a for these students and
/// u_a else
///
///     E[(Σ_a r_a u_a g_a)²] = (Σ_a ũ_a g_a)² + p(1 - p) Σ_{a≠i,k} u_a² g_a²,
///
/// and K(K+1)/2 + K sums with other u have them all, where the 2^K masks would have as many. What is
/// tested is the whole network with p v: that is ε_g.
final class DropoutIntegrals: FieldIntegrals {
  private let inner: any FieldIntegrals
  /// p.
  private let keep: Double
  private let K: Int
  private let n: Int
  /// u of the students as it is, and what one sum leaves.
  private var u: [Double]
  private var drift: [Double]
  private var noise: [Double]
  private var pull: [Double]

  init(_ inner: any FieldIntegrals, keep: Double, K: Int, M: Int) {
    self.inner = inner
    self.keep = keep
    self.K = K
    n = K + M
    u = .init(repeating: 0, count: n)
    drift = .init(repeating: 0, count: K * n)
    noise = .init(repeating: 0, count: K * K)
    pull = .init(repeating: 0, count: K * n)
  }

  func error(_ fields: LocalFields) -> Double {
    keepOutputs(of: fields)
    defer { restoreOutputs(of: fields) }
    present(fields, whole: [])
    return inner.error(fields)
  }

  func firstLayer(
    _ fields: LocalFields, noiseVariance: Double, drift total: UnsafeMutablePointer<Double>,
    noise spread: UnsafeMutablePointer<Double>
  ) {
    keepOutputs(of: fields)
    defer { restoreOutputs(of: fields) }
    for i in 0..<K {
      for k in i..<K {
        present(fields, whole: [i, k])
        inner.firstLayer(fields, noiseVariance: noiseVariance, drift: &drift, noise: &noise)
        if fields.isStopped { return }
        spread[i * K + k] = (i == k ? keep : keep * keep) * noise[i * K + k]
        guard i == k else { continue }
        for b in 0..<n {
          total[i * n + b] = keep * drift[i * n + b]
          pull[i * n + b] = keep * fields.pull[i * n + b]
        }
      }
    }
    for a in 0..<K {
      for b in 0..<n { fields.u[b] = b == a ? u[a] : 0 }
      inner.firstLayer(fields, noiseVariance: 0, drift: &drift, noise: &noise)
      if fields.isStopped { return }
      for i in 0..<K where i != a {
        for k in i..<K where k != a {
          let both = i == k ? keep : keep * keep
          spread[i * K + k] += both * keep * (1 - keep) * noise[i * K + k]
        }
      }
    }
    for j in 0..<K * n { fields.pull[j] = pull[j] }
  }

  func secondLayer(_ fields: LocalFields, drift total: UnsafeMutablePointer<Double>) {
    keepOutputs(of: fields)
    defer { restoreOutputs(of: fields) }
    for i in 0..<K {
      present(fields, whole: [i])
      inner.secondLayer(fields, drift: &drift)
      if fields.isStopped { return }
      total[i] = keep * drift[i]
    }
  }

  private func keepOutputs(of fields: LocalFields) { for a in 0..<n { u[a] = fields.u[a] } }

  private func restoreOutputs(of fields: LocalFields) { for a in 0..<n { fields.u[a] = u[a] } }

  /// Sets ũ, where the units `whole` take part and the other students do so with probability p.
  private func present(_ fields: LocalFields, whole: [Int]) {
    for a in 0..<n { fields.u[a] = a < K && !whole.contains(a) ? keep * u[a] : u[a] }
  }
}
