import CKernels
import Foundation
import Groundwork
import LearningDynamics
import Synchronization
import Testing

/// The kernels that quadrature sums and reads its tables with, and tables of dear functions.
@Suite struct TableKernelTests {
  private func sample(_ count: Int) -> [Double] { (0..<count).map { sin(1 + 0.7 * Double($0)) } }

  /// Rows of 21 numbers are two vectors and a rest; six rows are four at a time and two alone.
  @Test func combinesRows() {
    let (rows, terms, n, stride) = (6, 11, 21, 24)
    let a = sample(rows * terms), x = sample(terms * n)
    func combined(_ set: InstructionSet) -> [Double] {
      var y = [Double](repeating: -7, count: rows * stride)
      tss_combine(set.rawValue, a, Int64(rows), Int64(terms), x, Int64(n), &y, Int64(stride))
      return y
    }
    let y = combined(.portable)
    for m in 0..<rows {
      for p in 0..<stride {
        // What is between two rows is left alone.
        let sum = (0..<terms).reduce(0) { $0 + a[m * terms + $1] * (p < n ? x[$1 * n + p] : 0) }
        #expect(p < n ? abs(y[m * stride + p] - sum) < 1e-14 : y[m * stride + p] == -7)
      }
    }
    for set in InstructionSet.supported { #expect(combined(set) == y) }
  }

  /// The twelve points around a place know a polynomial of degree 11.
  @Test func interpolatesPolynomials() {
    let (rows, columns, wanted, n) = (20, 16, 11, 13)
    func f(_ c: Int, _ x: Double) -> Double { pow(x - 1, Double(c)) }
    let places = (0..<rows).map { 0.5 + 0.05 * Double($0) }
    let values = places.flatMap { x in (0..<columns).map { f(min($0, 11), x) } }
    let x = (0..<n).map { 0.5 + 0.95 * Double($0) / Double(n - 1) }
    func read(_ set: InstructionSet) -> [Double] {
      var y = [Double](repeating: 0, count: wanted * n)
      values.withUnsafeBufferPointer {
        var table = tss_table(
          low: 0.5, step: 0.05, rows: Int64(rows), columns: Int64(columns),
          values: $0.baseAddress!)
        tss_interpolate(set.rawValue, &table, x, Int64(n), &y, Int64(wanted), Int64(n))
      }
      return y
    }
    let y = read(.portable)
    for c in 0..<wanted {
      for p in 0..<n { #expect(abs(y[c * n + p] - f(c, x[p])) < 1e-12, "\(c) \(x[p])") }
    }
    for set in InstructionSet.supported { #expect(read(set) == y) }
  }

  /// Hermite polynomials are orthonormal under Gauss and Hermite's rule.
  @Test func sumsHermitePolynomials() {
    let rule = GaussRule.hermite(24), modes = 12
    let roots = (0..<modes).map { Double($0).squareRoot() }
    let inverses = (0..<modes).map { 1 / Double($0 + 1).squareRoot() }
    // (z³ - 3 z)/√6 is the third.
    let f = zip(rule.nodes, rule.weights).map { z, w in w * (z * z * z - 3 * z) / 6.0.squareRoot() }
    func sums(_ set: InstructionSet) -> [Double] {
      var sums = [Double](repeating: 0, count: modes)
      tss_hermite_sums(set.rawValue, rule.nodes, f, 24, roots, inverses, Int64(modes), &sums)
      return sums
    }
    let known = sums(.portable)
    for m in 0..<modes { #expect(abs(known[m] - (m == 3 ? 1 : 0)) < 1e-12) }
    for set in InstructionSet.supported { #expect(sums(set) == known) }
  }

  /// Quadrature asks a dear function a few thousand times, and finds what it finds without a table;
  /// beside a kink too.
  @Test(arguments: [false, true])
  func dearFunctionsAreTabulated(hasKink: Bool) throws {
    func rates(isDear: Bool) throws -> (OrderParameterRates, calls: Int) {
      let calls = Mutex(0)
      let g = CustomActivation(name: "g", kinks: hasKink ? [0.5] : [], isDear: isDear) {
        x, n, g, dg in
        calls.withLock { $0 += n }
        for i in 0..<n {
          (g[i], dg[i]) = (tanh(x[i]), 1 - tanh(x[i]) * tanh(x[i]))
          if hasKink && x[i] > 0.5 {
            g[i] += x[i] - 0.5
            dg[i] += 1
          }
        }
      }
      let state = WideFieldTests.state(K: 3, M: 2, q: 1.1, t: 1, common: 0.1, found: 0.7)
      _ = try WideFieldTests.rates(.custom(g), .custom(g), state)
      let before = calls.withLock { $0 }
      let rates = try WideFieldTests.rates(.custom(g), .custom(g), state)
      return (rates, calls.withLock { $0 } - before)
    }
    let (direct, many) = try rates(isDear: false)
    let (tabulated, few) = try rates(isDear: true)
    #expect(WideFieldTests.difference(tabulated, direct) < 1e-10)
    #expect(few * 20 < many, "\(few) of \(many)")
  }
}
