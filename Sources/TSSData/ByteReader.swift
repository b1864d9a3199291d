/// Numbers out of bytes. Reading beyond the end gives `nil`, never a crash.
struct ByteReader {
  let bytes: [UInt8]

  /// An unsigned number of `width` bytes, the least significant first unless `bigEndian`.
  @inline(__always)
  func unsigned(at offset: Int, width: Int, bigEndian: Bool = false) -> UInt64? {
    guard offset >= 0, width <= bytes.count, offset <= bytes.count - width else { return nil }
    var value: UInt64 = 0
    for i in 0..<width {
      value = value << 8 | UInt64(bytes[bigEndian ? offset + i : offset + width - 1 - i])
    }
    return value
  }

  func integer(at offset: Int, width: Int) -> Int? {
    unsigned(at: offset, width: width).flatMap { Int(exactly: $0) }
  }
}

extension [UInt8] {
  /// Appends the lowest `width` bytes of a number, the least significant first.
  mutating func append(_ value: UInt64, width: Int) {
    for i in 0..<width { append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(i)))) }
  }
}
