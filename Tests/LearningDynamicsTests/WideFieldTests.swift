import Foundation
import Groundwork
import LearningDynamics
import Testing

/// Quadrature for fields that are wide against what the functions do.
@Suite struct WideFieldTests {
  /// erf(a x/√2), not known to be what the closed forms have.
  static func erf(_ a: Double) -> Activation {
    .custom(
      CustomActivation(name: "erf") { x, count, g, dg in
        for i in 0..<count {
          g[i] = Foundation.erf(a * x[i] / 2.0.squareRoot())
          dg[i] = a * (2 / Double.pi).squareRoot() * exp(-0.5 * a * a * x[i] * x[i])
        }
      })
  }

  /// Students of variance q, teachers of variance t; all fields correlated by ±`common`, and student
  /// i with teacher i by `found` but for its sign.
  static func state(
    K: Int, M: Int, q: Double, t: Double, common: Double, found: Double
  ) -> OrderParameters {
    let n = K + M
    let C = Matrix(rows: n, columns: n) { a, b in
      let size = (a < K ? q : t).squareRoot() * (b < K ? q : t).squareRoot()
      let (i, m) = (a < K ? a : a - K, b < K ? b : b - K)
      if i == m { return a == b ? size : size * found }
      return ((i + m) % 2 == 0 ? 1.0 : -1.0) * size * common
    }
    return OrderParameters(
      Q: Matrix(rows: K, columns: K) { C[$0, $1] },
      R: Matrix(rows: K, columns: M) { C[$0, K + $1] },
      T: Matrix(rows: M, columns: M) { C[K + $0, K + $1] },
      v: (0..<K).map { 1 - 0.1 * Double($0) }, vStar: (0..<M).map { 1 - 0.15 * Double($0) })
  }

  static func rates(
    _ student: Activation, _ teacher: Activation, _ state: OrderParameters
  ) throws -> OrderParameterRates {
    try OrderParameterRates(
      student: Student(hiddenUnits: state.v.count, activation: student),
      teacher: Teacher(activation: teacher, secondLayer: state.vStar, labelNoise: 0.1),
      state: state,
      phase: Phase(time: 1, firstRate: .constant(0.5), secondRate: .constant(0.3), layers: .both))
  }

  /// The worst relative error of the rates and ε_g, each kind by its largest.
  static func difference(_ a: OrderParameterRates, _ b: OrderParameterRates) -> Double {
    [
      relativeDifference(a.dQ.elements, b.dQ.elements),
      relativeDifference(a.dR.elements, b.dR.elements), relativeDifference(a.dv, b.dv),
      abs(a.error - b.error) / b.error,
    ].max()!
  }

  /// Closed forms of erf(a x/√2): those of erf for fields that are a times as wide. dR/a and dQ/a²
  /// are theirs.
  static func scaled(_ a: Double, _ state: OrderParameters) throws -> OrderParameterRates {
    var wide = state
    wide.Q = state.Q.map { a * a * $0 }
    wide.R = state.R.map { a * a * $0 }
    wide.T = state.T.map { a * a * $0 }
    var rates = try OrderParameterRates(
      student: Student(hiddenUnits: state.v.count, activation: .erf),
      teacher: Teacher(activation: .erf, secondLayer: state.vStar, labelNoise: 0.1),
      state: wide,
      phase: Phase(
        time: 1, firstRate: .constant(0.5 * a * a), secondRate: .constant(0.3), layers: .both))
    rates.dQ = rates.dQ.map { $0 / (a * a) }
    rates.dR = rates.dR.map { $0 / (a * a) }
    return rates
  }

  @Test func gridIsShown() throws {
    guard ProcessInfo.processInfo.environment["TSS_SHOW"] == "grid" else { return }
    let clock = ContinuousClock()
    let sizes = ProcessInfo.processInfo.environment["TSS_SIZES"]
    for (K, M) in sizes == "large" ? [(4, 4)] : [(1, 1), (2, 2), (3, 1)] {
      for (common, found) in [(0.0, 0.3), (0.2, 0.9), (0.2, 0.99), (0.3, 0.999), (0.999, 0.999)] {
        for a in [1.0, 5 * 2.0.squareRoot()] {
          for (q, t) in [
            (0.01, 1.0), (1, 1), (4, 1), (16, 1), (16, 16), (100, 1), (1, 100), (100, 100),
            (1e4, 1), (1, 1e4), (1e4, 1e4),
          ] {
            let state = Self.state(K: K, M: M, q: q, t: t, common: common, found: found)
            let exact = try Self.scaled(a, state)
            var rates = exact
            let g = Self.erf(a)
            let time = try clock.measure { rates = try Self.rates(g, g, state) }
            let error = Self.difference(rates, exact)
            func f(_ x: Double) -> String { String(format: "%.1e", x) }
            print(
              "GRID", K, M, common, found, "a", f(a), "Q", q, "T", t, "error", f(error), "estimate",
              f(rates.quadratureError!), error > 1e-6 ? "BAD" : "",
              error > 2 * rates.quadratureError! + 1e-8 ? "DISHONEST" : "", "seconds",
              f(time / .seconds(1)))
          }
        }
      }
    }
  }
}
