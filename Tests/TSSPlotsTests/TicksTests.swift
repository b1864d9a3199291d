import TSSPlots
import Testing

@Suite struct TicksTests {
  private func labels(
    _ lower: Double, _ upper: Double, log: Bool = false, count: Int = 5
  ) -> [String] {
    Axis(lower: lower, upper: upper, isLogarithmic: log).ticks(count: count)
      .filter { $0.label != nil }.sorted { $0.value < $1.value }
      .map { $0.label!.text(ascii: true) }
  }

  @Test func linearStepsAre125() {
    #expect(labels(0, 1) == ["0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(labels(0, 10) == ["0", "2", "4", "6", "8", "10"])
    #expect(labels(-1, 1) == ["-1.0", "-0.5", "0", "0.5", "1.0"])
    #expect(labels(0, 300) == ["0", "100", "200", "300"])
    #expect(labels(0.0997, 0.1003) == ["0.0998", "0.1000", "0.1002"])
    #expect(labels(0, 2e6) == ["0", "0.5e6", "1.0e6", "1.5e6", "2.0e6"])
    #expect(labels(0, 1.2e-7) == ["0", "0.5e-7", "1.0e-7"])
  }

  @Test func logarithmsHaveDecades() {
    #expect(labels(0.1, 1000, log: true) == ["1e-1", "1e0", "1e1", "1e2", "1e3"])
    #expect(labels(1e-12, 1, log: true) == ["1e-12", "1e-9", "1e-6", "1e-3", "1e0"])
    #expect(labels(3e-5, 2e-3, log: true) == ["3e-5", "1e-4", "3e-4", "1e-3"])
    #expect(labels(0.1, 1, log: true) == ["0.1", "0.2", "0.5", "1"])
    #expect(labels(0.52, 0.61, log: true) == ["0.52", "0.54", "0.56", "0.58", "0.60"])
  }

  @Test func unicodeHasPowers() {
    let label = Axis(lower: 1e-5, upper: 1, isLogarithmic: true).ticks(count: 9)[0].label
    #expect(label?.text(ascii: false) == "10⁻⁵")
  }

  /// Any axis that a chart may have gets labels that differ, say what they stand for, and are few.
  @Test func anyAxis() {
    var seed: UInt64 = 1
    func random() -> Double {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(seed >> 11) * 0x1p-53
    }
    func power(_ x: Double) -> Double { Double("1e\(Int(x))")! }
    for _ in 0..<20_000 {
      let isLog = random() < 0.5
      let size = power(random() * 560 - 280) * (0.1 + random())
      var lower = isLog || random() < 0.3 ? size : (random() - 0.5) * size
      var upper = lower + size * power(random() * 12 - 8)
      if isLog, random() < 0.5 { upper = lower * power(random() * 20) * 1.5 }
      if random() < 0.1, !isLog { (lower, upper) = (-upper.magnitude, lower.magnitude + size) }
      let count = 2 + Int(random() * 10)
      let axis = Axis(lower: lower, upper: upper, isLogarithmic: isLog)
      let named = axis.ticks(count: count).filter { $0.label != nil }
      let texts = named.map { $0.label!.text(ascii: true) }
      #expect(Set(texts).count == texts.count, "\(axis): \(texts)")
      #expect(named.count <= 2 * count + 1, "\(axis), \(count): \(texts)")
      #expect(named.count >= 1, "\(axis), \(count)")
      for (tick, text) in zip(named, texts) {
        let read = Double(text)!
        let error = (read - tick.value).magnitude
        #expect(error <= 1e-12 * max(lower.magnitude, upper.magnitude), "\(axis): \(text)")
      }
    }
  }
}
