import TSSPlots
import Testing

@Suite struct SparklineTests {
  @Test func rises() { #expect(sparkline([1, 2, 3, 4, 5, 6, 7, 8]) == "▁▂▃▄▅▆▇█") }
}
