import Groundwork

/// D, the covariance of N times the change of the order parameters in one SGD step, N → ∞
/// (PHYSICS.md, D1 and E11).
///
/// With the error e = Σ_a u_a g(x_a) + σ ζ and d_i = -η u_i g′(x_i) e, a step changes
/// N R_in by d_i x_n, N Q_ik by d_i x_k + d_k x_i + d_i d_k (the inputs' length is N, up to √N), and
/// N v_i by η_v s g(x_i) e. Decay changes all by what the state says, without fluctuating.
struct StepCovariance {
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

  private let moments: FieldMoments
  private let u: [Double]
  private let noiseVariance: Double
  private var tilts: [[Int]: (weight: Double, moments: FieldMoments)] = [:]
  private var known: [Key: Double] = [:]

  /// The covariance of the components of the equations' state, in its order, at a state that the
  /// equations have loaded; `drift` is the change of the state without decay.
  static func matrix(
    _ equations: OrderParameterEquations, firstRate eta: Double, secondRate: Double,
    drift: [Double]
  ) -> Matrix {
    let K = equations.K, M = equations.M, n = K + M
    let fields = equations.fields
    let u = (0..<n).map { fields.u[$0] }
    var average = StepCovariance(
      moments: FieldMoments(
        isErf: equations.studentActivation == .erf,
        covariance: Matrix(rows: n, columns: n) { fields.C[$0 * n + $1] }, u: u),
      u: u, noiseVariance: equations.noiseVariance)
    var components: [[Term]] = []
    if equations.layers.trainFirst {
      let d = (0..<K).map { -eta * u[$0] }
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
            Term(coefficient: d[i] * d[k], slopes: [i, k], errors: 2),
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
    var D = Matrix(rows: components.count, columns: components.count)
    for a in components.indices {
      for b in 0...a {
        var sum = -drift[a] * drift[b]
        for x in components[a] { for y in components[b] { sum += average.product(x, y) } }
        D[a, b] = sum
        D[b, a] = sum
      }
    }
    return D
  }

  private init(moments: FieldMoments, u: [Double], noiseVariance: Double) {
    self.moments = moments
    self.u = u
    self.noiseVariance = noiseVariance
  }

  private mutating func product(_ x: Term, _ y: Term) -> Double {
    let factor = x.coefficient * y.coefficient
    if factor == 0 { return 0 }
    let key = Key(
      slopes: (x.slopes + y.slopes).sorted(), fields: (x.fields + y.fields).sorted(),
      outputs: (x.outputs + y.outputs).sorted())
    if let value = known[key] { return factor * value }
    let (weight, tilted) = tilts[key.slopes] ?? moments.tilted(by: key.slopes)
    tilts[key.slopes] = (weight, tilted)
    let value = weight * withOutputs(tilted, key.fields, key.outputs)
    known[key] = value
    return factor * value
  }

  /// E[Π x Π g(outputs) e^errors], of degree four in all.
  ///
  /// An output takes the place of an error: g(x_i) e^(q - 1) is the derivative of e^q/q with respect
  /// to u_i. Averages are polynomials of degree four in u, of which these differences are exact.
  private func withOutputs(
    _ moments: FieldMoments, _ fields: [Int], _ outputs: [Int]
  ) -> Double {
    let q = Double(4 - fields.count)
    func value(_ shifts: (Int, Double)...) -> Double {
      var moved = u
      for (index, shift) in shifts { moved[index] += shift }
      return power(moments.with(u: moved), fields)
    }
    switch outputs.count {
    case 0: return value()
    case 1:
      let i = outputs[0]
      return (8 * (value((i, 1)) - value((i, -1))) - value((i, 2)) + value((i, -2))) / (12 * q)
    default:
      let (i, j) = (outputs[0], outputs[1])
      func mixed(_ h: Double) -> Double {
        (value((i, h), (j, h)) - value((i, h), (j, -h)) - value((i, -h), (j, h))
          + value((i, -h), (j, -h))) / (4 * h * h)
      }
      return (4 * mixed(1) - mixed(2)) / (3 * q * (q - 1))
    }
  }

  /// E[Π x e^(4 - number of x]), the noise averaged out.
  private func power(_ moments: FieldMoments, _ fields: [Int]) -> Double {
    let s = noiseVariance
    switch fields.count {
    case 0: return moments.quartic + 6 * s * moments.square + 3 * s * s
    case 1: return moments.cubic(fields[0]) + 3 * s * moments.linear(fields[0])
    default:
      return moments.quadratic(fields[0], fields[1])
        + s * moments.covariance(fields[0], fields[1])
    }
  }
}
