#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The course of a series of numbers as one line of blocks: ▁▂▃▅▇.
public enum Sparkline {
  private static let blocks = Array("▁▂▃▄▅▆▇█")

  /// Blocks for the numbers, averaged into at most `columns` groups; `·` stands for groups without
  /// a finite number. Positive numbers over more than three decades are drawn by their logarithm,
  /// as learning curves are.
  public static func text(_ numbers: [Double], columns: Int = 40) -> String {
    guard !numbers.isEmpty, columns > 0 else { return "" }
    let finite = numbers.filter(\.isFinite)
    let isLogarithmic = (finite.min() ?? 0) > 0 && finite.max()! / finite.min()! > 1000
    let count = min(columns, numbers.count)
    let means: [Double?] = (0..<count).map { group in
      let range = group * numbers.count / count..<(group + 1) * numbers.count / count
      let values = numbers[range].filter(\.isFinite)
      // Divided before it is summed: the sum of large numbers may overflow.
      return values.isEmpty
        ? nil
        : values.reduce(0) {
          $0 + (isLogarithmic ? log10($1) : $1) / Double(values.count)
        }
    }
    let low = means.compactMap { $0 }.min() ?? 0
    let high = means.compactMap { $0 }.max() ?? 0
    return String(
      means.map { mean -> Character in
        guard let mean else { return "·" }
        let share = high > low ? (mean / 2 - low / 2) / (high / 2 - low / 2) : 0
        return blocks[min(blocks.count - 1, Int(share * Double(blocks.count)))]
      })
  }
}
