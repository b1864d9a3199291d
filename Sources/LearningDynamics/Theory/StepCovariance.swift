import Groundwork

/// D, the covariance of N times the change of the order parameters in one update, N → ∞
/// (PHYSICS.md, D1 and E11).
///
/// With the error e = Σ_a u_a g(x_a) + σ ζ and d_i = -η u_i g′(x_i) e, a sample of a batch of b
/// changes N R_in by d_i x_n/b, N Q_ik by (d_i x_k + d_k x_i)/b + d_i d_k/b² (the inputs' length is
/// N, and different inputs are orthogonal, up to √N), and N v_i by η_v s g(x_i) e/b. Samples are
/// independent. Decay acts on the state and does not fluctuate.
package protocol StepNoise: AnyObject {
  /// The covariance of the components of the equations' state, in its order, at a state that the
  /// equations have loaded; `drift` is the change of the state without decay.
  ///
  /// Throws `Interruption` where it is not wanted any more.
  func matrix(
    _ equations: OrderParameterEquations, firstRate: Double, secondRate: Double, drift: [Double]
  ) throws -> Matrix
}

/// D in closed form, but for one integral: student and teacher are both erf or both linear.
package final class StepCovariance: StepNoise {
  /// A product coefficient · Π g′(slopes) · Π x(fields) · Π g(outputs) · e^errors.
  private struct Term {
    var coefficient: Double
    var slopes: [Int] = []
    var fields: [Int] = []
    var outputs: [Int] = []
    var errors: Int
  }

  private struct Key: Hashable {
    var slopes: [Int]
    var fields: [Int]
    var outputs: [Int]
  }

  private var tilts: [[Int]: FieldMoments] = [:]
  private var known: [Key: Double] = [:]

  package init() {}

  package func matrix(
    _ equations: OrderParameterEquations, firstRate eta: Double, secondRate: Double,
    drift: [Double]
  ) throws -> Matrix {
    let n = equations.K + equations.M, fields = equations.fields
    let moments = FieldMoments(
      isErf: equations.studentActivation == .erf,
      covariance: Matrix(rows: n, columns: n) { fields.C[$0 * n + $1] },
      u: (0..<n).map { fields.u[$0] })
    tilts = [[]: moments]
    known = [:]
    let components = Self.components(equations, eta, secondRate)
    var D = Matrix(rows: components.count, columns: components.count)
    for a in components.indices {
      for b in 0...a where !components[a].isEmpty && !components[b].isEmpty {
        // The work of E[G⁴], in terms of a sum.
        if fields.stops(before: n * n * n) { throw Interruption() }
        var sum = -drift[a] * drift[b]
        for x in components[a] {
          for y in components[b] { sum += product(x, y, equations.noiseVariance) }
        }
        D[a, b] = sum / equations.batch
        D[b, a] = D[a, b]
      }
    }
    return D
  }

  /// What a sample changes of each component, times the batch; nothing at rate 0.
  private static func components(
    _ equations: OrderParameterEquations, _ eta: Double, _ secondRate: Double
  ) -> [[Term]] {
    let K = equations.K, n = K + equations.M
    var components: [[Term]] = []
    if equations.layers.trainFirst {
      let d = (0..<K).map { -eta * equations.fields.u[$0] }
      for i in 0..<K {
        for m in K..<n {
          components.append([Term(coefficient: d[i], slopes: [i], fields: [m], errors: 1)])
        }
      }
      for i in 0..<K {
        for k in i..<K {
          components.append([
            Term(coefficient: d[i], slopes: [i], fields: [k], errors: 1),
            Term(coefficient: d[k], slopes: [k], fields: [i], errors: 1),
            Term(coefficient: d[i] * d[k] / equations.batch, slopes: [i, k], errors: 2),
          ])
        }
      }
    }
    if equations.layers.trainSecond {
      for i in 0..<K {
        components.append([
          Term(coefficient: secondRate * equations.scale, outputs: [i], errors: 1)
        ])
      }
    }
    return components.map { terms in terms.filter { $0.coefficient != 0 } }
  }

  private func product(_ x: Term, _ y: Term, _ noiseVariance: Double) -> Double {
    let factor = x.coefficient * y.coefficient
    let key = Key(
      slopes: (x.slopes + y.slopes).sorted(), fields: (x.fields + y.fields).sorted(),
      outputs: (x.outputs + y.outputs).sorted())
    if let value = known[key] { return factor * value }
    let moments = tilts[key.slopes] ?? tilts[[]]!.tilted(by: key.slopes)
    tilts[key.slopes] = moments
    let value = moments.weight * Self.average(moments, key.fields, key.outputs, noiseVariance)
    known[key] = value
    return factor * value
  }

  /// E[Π x Π g(outputs) e^(4 - number of both)] with e = G + σ ζ, the noise averaged out.
  private static func average(
    _ moments: FieldMoments, _ fields: [Int], _ outputs: [Int], _ s: Double
  ) -> Double {
    switch (fields.count, outputs.count) {
    case (0, 0): return moments.quartic + 6 * s * moments.square + 3 * s * s
    case (0, 1):
      let j = outputs[0]
      return moments.quarticOutputs[j] + 3 * s * moments.outputsWithSum[j]
    case (0, _):
      let (i, j) = (outputs[0], outputs[1])
      return moments.quartic(outputs: i, j) + s * moments.outputs[i, j]
    case (1, 0): return moments.cubic(fields[0]) + 3 * s * moments.linear(fields[0])
    case (1, _):
      let (b, j) = (fields[0], outputs[0])
      return moments.cubic(b, output: j) + s * moments.linear(b, output: j)
    default:
      let (b, c) = (fields[0], fields[1])
      return moments.quadratic[b, c] + s * moments.covariance(b, c)
    }
  }
}
