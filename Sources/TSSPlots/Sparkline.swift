#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A curve of one line, such as `▁▂▃▅▇█`, for a value printed in passing.
///
/// Values beyond `width` are averaged in equal groups. Those that are not finite leave a blank; on a
/// logarithmic scale so do those that are not positive. A constant is a line at half height.
///
/// - Parameters:
///   - width: the columns it may take; fewer values take fewer.
///   - log: whether heights follow the logarithm; `nil` does so when all values are positive and
///     more than one and a half decades apart.
///   - ascii: whether to draw with `_.-=*#` instead of blocks.
public func sparkline(
  _ values: [Double], width: Int = 32, log: Bool? = nil, ascii: Bool = false
) -> String {
  guard width > 0, !values.isEmpty else { return "" }
  let finite = values.filter(\.isFinite)
  guard let least = finite.min(), let most = finite.max() else {
    return String(repeating: " ", count: min(width, values.count))
  }
  let isLog = log ?? (least > 0 && most / least > 31.622776601683793)
  let scaled = values.map { value -> Double in
    guard value.isFinite, !isLog || value > 0 else { return .nan }
    return isLog ? log10(value) : value
  }
  let count = min(width, values.count)
  let heights = (0..<count).map { i -> Double in
    let group = scaled[i * values.count / count..<(i + 1) * values.count / count]
      .filter(\.isFinite)
    // Dividing first keeps the sum of the largest numbers finite.
    return group.isEmpty ? .nan : group.reduce(0) { $0 + $1 / Double(group.count) }
  }
  let drawn = heights.filter(\.isFinite)
  guard let low = drawn.min(), let high = drawn.max() else {
    return String(repeating: " ", count: count)
  }
  let blocks: [Character] = ascii ? ["_", ".", "-", "=", "*", "#"] : Array("▁▂▃▄▅▆▇█")
  return String(
    heights.map { height -> Character in
      guard height.isFinite else { return " " }
      guard high > low else { return blocks[(blocks.count - 1) / 2] }
      let part = (height / 2 - low / 2) / (high / 2 - low / 2)
      return blocks[min(blocks.count - 1, Int(part * Double(blocks.count)))]
    })
}
