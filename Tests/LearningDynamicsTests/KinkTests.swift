import Foundation
import Groundwork
import LearningDynamics
import Testing

/// Functions with kinks against what does not use their quadrature.
@Suite struct KinkTests {
  static let hard = CustomActivation(name: "hard tanh") { x, count, g, dg in
    for i in 0..<count { (g[i], dg[i]) = abs(x[i]) < 1 ? (x[i], 1) : (x[i] > 0 ? 1 : -1, 0) }
  }
  /// A ReLU that the closed forms do not know.
  static let relu = CustomActivation(name: "relu") { x, count, g, dg in
    for i in 0..<count { (g[i], dg[i]) = x[i] > 1e-9 ? (x[i] - 1e-9, 1) : (0, 0) }
  }
  static let elu = CustomActivation(name: "elu", switches: [0]) { x, count, g, dg in
    for i in 0..<count {
      let low = exp(min(x[i], 0))
      (g[i], dg[i]) = x[i] > 0 ? (x[i], 1) : (low - 1, low)
    }
  }

  /// K = M = 2, η = 0.5, σ = 0.1, students at a distance of √ε from the teachers.
  static func state(_ epsilon: Double) -> OrderParameters {
    let G = [0.3, -0.2, 0.5, 0.1], P = [1, 0.3, 0.3, 0.8]
    let R = Matrix(rows: 2, columns: 2) { i, n in
      (i == n ? 1 - 0.2 * epsilon : 0) + 0.4 * epsilon * G[2 * i + n]
    }
    let Q = Matrix(rows: 2, columns: 2) { i, k in
      R[i, 0] * R[k, 0] + R[i, 1] * R[k, 1] + epsilon * P[2 * i + k]
    }
    return OrderParameters(Q: Q, R: R, T: .identity(2), v: [1, 1], vStar: [1, 1])
  }

  /// dR, dQ_11, dQ_12, dQ_22, ε_g by Gauss and Legendre's rule in four dimensions, the integrals
  /// over a student's field split at its kinks and the teacher's (NumPy; two orders agree to 1e-9,
  /// at ε = 0.3 of hard tanh to 2e-7).
  static let known: [(CustomActivation, Double, Double, [Double])] = [
    (
      hard, 0.3, 4e-5,
      [
        0.0504811928714, 0.0250310373797, 0.00719516594929, 0.0535086546954,
        0.000159812226696, -0.0678531298134, 0.0205804793109, 0.192549062082,
      ]
    ),
    (
      hard, 0.01, 4e-5,
      [
        0.0022265997158, 0.00102801382604, 0.000212610106057, 0.00213607050185,
        0.00139979531669, -0.00109210660783, 0.00241241644759, 0.00741278653588,
      ]
    ),
    (
      hard, 0.0001, 4e-5,
      [
        2.25320037859e-05, 1.04154664628e-05, 1.99242750281e-06, 2.15918002182e-05,
        0.0017029626606, 0.00114299627697, 0.00171363141202, 7.53116762561e-05,
      ]
    ),
    (
      relu, 0.3, 1e-5,
      [
        -0.0133753461612, 0.00162378851845, -0.0141557025124, 0.00154137754511,
        -0.124244837819, -0.0824036359637, -0.0744168194648, 0.1474689359,
      ]
    ),
    (
      relu, 0.01, 1e-5,
      [
        -0.000292618270654, -1.03559794759e-06, -0.000559463111237, 0.000130747253376,
        -0.00287779077127, -0.00220551802859, -0.00119160693427, 0.00516375444553,
      ]
    ),
    (
      relu, 0.0001, 1e-5,
      [
        -2.46281282927e-06, 1.50793645576e-08, -5.73632495155e-06, 1.62006683982e-06,
        0.00120890889008, 0.000596772691761, 0.00122579161924, 5.24094421564e-05,
      ]
    ),
    (
      elu, 0.3, 1e-4,
      [
        0.00356177521589, 0.0199279017213, -0.00839092373236, 0.0279677468785,
        -0.140749116193, -0.117265911997, -0.0622283259324, 0.228435851448,
      ]
    ),
    (
      elu, 0.01, 1e-4,
      [
        0.000279612129009, 0.000684782286193, -0.000291140658674, 0.00101063569764,
        -0.00309069116144, -0.00258003420115, -0.00037671965264, 0.00774709464399,
      ]
    ),
    (
      elu, 0.0001, 1e-4,
      [
        2.86935571045e-06, 6.85710477733e-06, -2.91673009082e-06, 1.01388297635e-05,
        0.00162265907583, 0.00140968634698, 0.00164982437218, 7.75286251002e-05,
      ]
    ),
  ]

  /// The rates to the given precision, ε_g to 1e-5; the estimate of the error is neither far below
  /// the true one nor far above.
  @Test(arguments: known.indices)
  func ratesAgreeWithFourDimensionalQuadrature(index: Int) throws {
    let (g, epsilon, precision, known) = Self.known[index]
    let rates = try OrderParameterRates(
      student: Student(hiddenUnits: 2, activation: .custom(g)),
      teacher: Teacher(activation: .custom(g), secondLayer: [1, 1], labelNoise: 0.1),
      state: Self.state(epsilon),
      phase: Phase(time: 1, firstRate: .constant(0.5), secondRate: .constant(0)))
    let dQ = [rates.dQ[0, 0], rates.dQ[0, 1], rates.dQ[1, 1]]
    let errors = [
      relativeDifference(rates.dR.elements, Array(known[0..<4])),
      relativeDifference(dQ, Array(known[4..<7])), abs(rates.error / known[7] - 1),
    ]
    let worst = errors.max()!
    #expect(worst < precision, "\(g.name), ε = \(epsilon): \(errors)")
    let estimate = try #require(rates.quadratureError)
    #expect(worst < 5 * estimate + 1e-6, "\(g.name), ε = \(epsilon): \(worst), not \(estimate)")
  }

  /// Closed forms of two straight lines against quadrature of the same, all moved by 1e-9: dR, dv
  /// and ε_g to 1e-7; dQ to what the run says that quadrature reached.
  @Test(arguments: [(0.1, 1.0), (-1, 1), (1, 0.3), (-0.5, -2)])
  func straightLinesAgreeWithQuadrature(left: Double, right: Double) throws {
    func lines(_ left: Double, _ right: Double, at place: Double) -> Activation {
      .custom(
        CustomActivation(name: "lines") { x, count, g, dg in
          for i in 0..<count {
            dg[i] = x[i] > place ? right : left
            g[i] = (x[i] - place) * dg[i]
          }
        })
    }
    for teacher in [(0.0, 1.0), (1, 1), (left, right)] {
      for epsilon in [0.3, 1e-3] {
        let all = try [0, 1e-9].map { place in
          try OrderParameterRates(
            student: Student(hiddenUnits: 2, activation: lines(left, right, at: place)),
            teacher: Teacher(
              activation: lines(teacher.0, teacher.1, at: place), secondLayer: [1, 1],
              labelNoise: 0.3),
            state: Self.state(epsilon),
            phase: Phase(
              time: 1, firstRate: .constant(0.5), secondRate: .constant(0.2), layers: .both))
        }
        #expect(all[0].quadratureError == nil)
        let reached = try #require(all[1].quadratureError)
        #expect(reached < 3e-5)
        #expect(
          relativeDifference(all[0].dQ.elements, all[1].dQ.elements) < 1.5 * reached + 1e-7)
        #expect(relativeDifference(all[0].dR.elements, all[1].dR.elements) < 1e-7)
        #expect(relativeDifference(all[0].dv, all[1].dv) < 1e-7)
        #expect(abs(all[0].error - all[1].error) < 1e-8 * all[0].error)
      }
    }
  }

  /// A whole learning curve, the learned teacher included, keeps to 1e-4.
  @Test func kinkedCurvesFollowTheClosedFormsToTheEnd() throws {
    let runs = try [Activation.custom(Self.relu), .relu].map { activation in
      let (student, teacher, start) = committee(
        K: 2, M: 2, activation: activation, sigma: 0.1
      ) { i, n in 0.1 * sin(Double(3 * i + 5 * n * n)) }
      return try Equations.run(
        student: student, teacher: teacher,
        plan: [Phase(time: 100, firstRate: .constant(0.2), secondRate: .constant(0))], from: start,
        options: EquationOptions(tolerance: 1e-7, recording: .logarithmic(points: 20)))
    }
    for (a, b) in zip(runs[0].samples, runs[1].samples) {
      #expect(abs(a.error / b.error - 1) < 1e-4, "α = \(a.alpha)")
    }
    #expect(try #require(runs[0].quadratureError) < 1e-4)
  }
}
