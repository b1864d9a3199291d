import CKernels
import LearningDynamics
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct KernelTests {
  /// Distance in units of the last place of `expected`.
  func ulps(_ value: Double, _ expected: Double) -> Double {
    value == expected ? 0 : abs(value - expected) / expected.ulp
  }

  func applied(
    _ function: (Int32, UnsafePointer<Double>, UnsafeMutablePointer<Double>, Int64) -> Void,
    to x: [Double], on set: InstructionSet = .best
  ) -> [Double] {
    var y = x
    function(set.rawValue, x, &y, Int64(x.count))
    return y
  }

  @Test func errorFunctionIsAccurate() {
    let x = (-80_000...80_000).map { Double($0) * 8.1e-5 } + [1e-300, 1e-20, -1e-9, 30, 1e300]
    let y = applied(tss_erf, to: x)
    let worst = zip(x, y).map { (x: $0, ulps: ulps($1, erf($0))) }.max { $0.ulps < $1.ulps }!
    #expect(worst.ulps <= 2, "erf(\(worst.x)) is off by \(worst.ulps) ulps")
  }

  @Test func errorFunctionOfLimits() {
    let y = applied(tss_erf, to: [0, -0.0, .infinity, -.infinity, .nan])
    #expect(y[0] == 0 && y[0].sign == .plus && y[1] == 0 && y[1].sign == .minus)
    #expect(y[2] == 1 && y[3] == -1 && y[4].isNaN)
  }

  @Test func exponentialIsAccurate() {
    let x = (-70_000...70_000).map { Double($0) * 0.01001 }
    let y = applied(tss_exp, to: x)
    let worst = zip(x, y).map { (x: $0, ulps: ulps($1, exp($0))) }.max { $0.ulps < $1.ulps }!
    #expect(worst.ulps <= 1, "exp(\(worst.x)) is off by \(worst.ulps) ulps")
    let limits = applied(tss_exp, to: [0, -709, -.infinity, .nan])
    #expect(limits[0] == 1 && limits[1] == 0 && limits[2] == 0 && limits[3].isNaN)
  }

  @Test func exponentialOverflows() {
    let y = applied(tss_exp, to: [709.7, 709.79, 1000, .infinity])
    #expect(abs(y[0] / exp(709.7) - 1) < 1e-15 && y[1...] == [.infinity, .infinity, .infinity])
  }

  /// expm1, tanh and erfc against the C library's; erfc's own range ends at 6.
  @Test func relativesOfTheExponentialAreAccurate() {
    let x =
      (-80_000...80_000).map { Double($0) * 7.4e-5 }
      + [1e-300, -1e-300, 1e-20, -1e-9, 1e-3, 30, -30, 400, -400, 709.7, -1e300]
    func worst(
      _ name: String,
      _ f: (tss_level, UnsafePointer<Double>, UnsafeMutablePointer<Double>, Int64)
        -> Void, _ x: [Double], _ expected: (Double) -> Double, _ most: Double
    ) {
      let y = applied(f, to: x)
      let worst = zip(x, y).map { (x: $0, ulps: ulps($1, expected($0))) }
        .max { $0.ulps < $1.ulps }!
      #expect(worst.ulps <= most, "\(name)(\(worst.x)) is off by \(worst.ulps) ulps")
    }
    worst("expm1", tss_expm1, x, { expm1($0) }, 2)
    worst("tanh", tss_tanh, x, { tanh($0) }, 3)
    worst("erfc", tss_erfc, x.filter { $0 < 3 }, { erfc($0) }, 24)
    worst("erfc", tss_erfc, x.filter { $0 < 6 }, { erfc($0) }, 80)
    for f in [tss_expm1, tss_tanh, tss_erfc] {
      #expect(applied(f, to: [.nan])[0].isNaN)
    }
    #expect(applied(tss_expm1, to: [.infinity, -.infinity]) == [.infinity, -1])
    #expect(applied(tss_tanh, to: [.infinity, -.infinity]) == [1, -1])
    #expect(applied(tss_erfc, to: [-.infinity])[0] == 2)
    #expect(applied(tss_tanh, to: [-0.0])[0].sign == .minus)
  }

  @Test func logarithmIsAccurate() {
    let x = (1...100_000).map { Double($0) * 1e-4 } + [1e-300, .leastNonzeroMagnitude, 1e300]
    let worst = x.map { (x: $0, ulps: ulps(tss_log($0), log($0))) }.max { $0.ulps < $1.ulps }!
    #expect(worst.ulps <= 3, "log(\(worst.x)) is off by \(worst.ulps) ulps")
    #expect(tss_log(1) == 0 && tss_log(0) == -.infinity && tss_log(-1).isNaN)
  }

  @Test func functionsHaveTheSameBitsEverywhere() {
    let x = (-5000...5000).map { Double($0) * 1.37e-3 }
    for set in InstructionSet.supported {
      #expect(applied(tss_erf, to: x, on: set) == applied(tss_erf, to: x, on: .portable))
      #expect(applied(tss_exp, to: x, on: set) == applied(tss_exp, to: x, on: .portable))
      #expect(applied(tss_expm1, to: x, on: set) == applied(tss_expm1, to: x, on: .portable))
      #expect(applied(tss_tanh, to: x, on: set) == applied(tss_tanh, to: x, on: .portable))
      let low = x.filter { $0 < 6 }
      #expect(applied(tss_erfc, to: low, on: set) == applied(tss_erfc, to: low, on: .portable))
    }
  }

  @Test(arguments: [1, 15, 16, 31, 32, 33, 784, 4096, 4097, 10_001])
  func gaussiansHaveTheSameBitsEverywhere(count: Int) {
    let expected = gaussians(count, set: .portable)
    for set in InstructionSet.supported { #expect(gaussians(count, set: set) == expected) }
    // How many are drawn does not change them.
    #expect(Array(gaussians(count + 40, set: .best).prefix(count)) == expected)
  }

  func gaussians(
    _ count: Int, step: UInt64 = 3, stream: UInt32 = 1, seed: UInt64 = 7, set: InstructionSet
  ) -> [Float] {
    var x = [Float](repeating: .nan, count: count)
    tss_gaussians(set.rawValue, seed, stream, step, &x, Int64(count))
    return x
  }

  /// 4·10⁷ draws: moments to order 8 and tails to 5σ within five standard errors.
  @Test func gaussiansHaveTheMomentsAndTailsOfTheNormalLaw() {
    let size = 10_000
    let rounds = 4000
    let n = Double(size * rounds)
    var sums = [Double](repeating: 0, count: 9)
    var tails = [Double](repeating: 0, count: 6)
    var neighbours = 0.0
    for round in 0..<rounds {
      let x = gaussians(size, step: UInt64(round), set: .best)
      for i in x.indices {
        let value = Double(x[i])
        var power = 1.0
        for order in 1...8 {
          power *= value
          sums[order] += power
        }
        if i > 0 { neighbours += value * Double(x[i - 1]) }
        let size = abs(value)
        if size > 1 { for t in 1...5 where size > Double(t) { tails[t] += 1 } }
      }
    }
    func doubleFactorial(_ k: Int) -> Double {
      stride(from: k, to: 0, by: -2).reduce(1) { $0 * Double($1) }
    }
    for order in 1...8 {
      let expected = order % 2 == 0 ? doubleFactorial(order - 1) : 0
      let deviation = ((doubleFactorial(2 * order - 1) - expected * expected) / n).squareRoot()
      let z = (sums[order] / n - expected) / deviation
      #expect(abs(z) < 5, "moment \(order) is off by \(z) standard errors")
    }
    #expect(abs(neighbours / n.squareRoot()) < 5)
    for t in 1...5 {
      let expected = n * erfc(Double(t) / 2.squareRoot())
      let z = (tails[t] - expected) / expected.squareRoot()
      #expect(abs(z) < 5, "beyond \(t)σ the count is off by \(z) standard errors")
    }
  }

  @Test func keysGiveDifferentNumbers() {
    let base = gaussians(64, set: .best)
    #expect(base != gaussians(64, step: 4, set: .best))
    #expect(base != gaussians(64, stream: 2, set: .best))
    #expect(base != gaussians(64, seed: 8, set: .best))
    #expect(base != gaussians(64, seed: 7 + 1 << 32, set: .best))
    #expect(base != gaussians(64, step: 3 + 1 << 32, set: .best))
  }
}
