/// Lines and columns, which count from 1; columns count characters as a reader sees them.
extension Source {
  public func line(of offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low + 1
  }

  public func location(of offset: Int) -> (line: Int, column: Int) {
    let line = line(of: offset)
    let before = bytes[lineRange(line).lowerBound..<max(lineRange(line).lowerBound, offset)]
    // Counting characters is slow, and most lines are ASCII.
    let column =
      before.allSatisfy { $0 < 0x80 } ? before.count : String(decoding: before, as: UTF8.self).count
    return (line, column + 1)
  }

  /// The bytes of a line, without its line break and without a byte order mark.
  func lineRange(_ line: Int) -> Range<Int> {
    var start = lineStarts[line - 1]
    var end = line < lineStarts.count ? lineStarts[line] - 1 : bytes.count
    if line == 1, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { start = 3 }
    if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return start..<max(start, end)
  }
}
