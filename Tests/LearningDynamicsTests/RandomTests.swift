import LearningDynamics
import Testing

@Suite struct RandomTests {
  /// Mean and variance of `count` draws against the law's, in standard errors.
  func check(
    mean: Double, variance: Double, fourth: Double, count: Int = 200_000, _ draw: () -> Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var sum = 0.0
    var squares = 0.0
    for _ in 0..<count {
      let deviation = draw() - mean
      sum += deviation
      squares += deviation * deviation
    }
    let n = Double(count)
    let first = sum / n / (variance / n).squareRoot()
    let second = (squares / n - variance) / ((fourth - variance * variance) / n).squareRoot()
    #expect(abs(first) < 4, "the mean is off by \(first)", sourceLocation: sourceLocation)
    #expect(abs(second) < 4, "the variance is off by \(second)", sourceLocation: sourceLocation)
  }

  @Test func gaussians() {
    var stream = RandomStream(seed: 11, purpose: .student)
    check(mean: 0, variance: 1, fourth: 3) { stream.gaussian() }
    check(mean: 0.5, variance: 1.0 / 12, fourth: 1.0 / 80) { stream.uniform() }
  }

  /// χ² with k degrees: mean k, variance 2k, fourth central moment 12k² + 48k.
  @Test(arguments: [1, 2, 3, 10, 783, 1e6, 1e12] as [Double])
  func chiSquared(k: Double) {
    var stream = RandomStream(seed: 12, purpose: .teacher)
    check(mean: k, variance: 2 * k, fourth: 12 * k * k + 48 * k) { stream.chiSquared(k) }
  }

  @Test func streamsAreKeyed() {
    func first(_ seed: UInt64, _ purpose: RandomStream.Purpose) -> [Double] {
      var stream = RandomStream(seed: seed, purpose: purpose)
      return stream.gaussians(3)
    }
    #expect(first(1, .student) == first(1, .student))
    #expect(first(1, .student) != first(1, .teacher))
    #expect(first(1, .student) != first(2, .student))
    #expect(first(1, .student) != first(1 + 1 << 40, .student))
  }

  /// From an implementation of Philox4x32-10 in Python that reproduces the known answers of its
  /// authors (Random123), for the counters 0 and 1, the purpose in the last word and the key 1.
  @Test func numbersAreForEver() {
    var stream = RandomStream(seed: 1, purpose: .student)
    let words = (0..<3).map { _ in stream.nextWord() }
    #expect(words[0] == 14_008_218_693_885_674_756)
    #expect(words[1] == 2_008_225_314_419_784_385)
    #expect(words[2] == 3_718_928_222_878_499_280)
  }
}
