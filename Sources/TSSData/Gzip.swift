/// Files compressed by gzip (RFC 1952), as MNIST ships its arrays.
public enum Gzip {
  /// Whether bytes begin as a gzip file does.
  public static func recognises(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B, 8]) }

  /// The unpacked bytes, their checksum verified. Files of several members are refused.
  ///
  /// - Parameter shouldStop: asked every millisecond or so; ``DataError/stopped`` is thrown then.
  public static func decode(
    _ bytes: [UInt8], shouldStop: () -> Bool = { false }
  ) throws(DataError) -> [UInt8] {
    guard recognises(bytes) else { throw malformed("it does not begin as such a file") }
    let reader = ByteReader(bytes: bytes)
    guard bytes.count >= 18, let checksum = reader.unsigned(at: bytes.count - 8, width: 4),
      let size = reader.integer(at: bytes.count - 4, width: 4)
    else { throw cut }
    let flags = bytes[3]
    var place = 10
    // An extra field, the name and a comment, each ended by zero, and a checksum of the header.
    if flags & 4 != 0 {
      guard let length = reader.integer(at: place, width: 2) else { throw cut }
      place += 2 + length
    }
    for flag in [8, 16] as [UInt8] where flags & flag != 0 {
      guard place < bytes.count, let end = bytes[place...].firstIndex(of: 0) else { throw cut }
      place = end + 1
    }
    if flags & 2 != 0 { place += 2 }
    guard place <= bytes.count - 8 else { throw cut }
    let packed = bytes[place..<bytes.count - 8]
    // No compression of DEFLATE exceeds 1032 to 1, so a forged size cannot ask for more memory.
    guard size <= 1032 * packed.count + 1024 else { throw malformed("its size is wrong") }
    let unpacked: [UInt8]
    do { unpacked = try Inflate.unpack(packed, limit: size, shouldStop: shouldStop) } catch {
      if shouldStop() { throw .stopped }
      throw malformed(error.problem)
    }
    guard let sum = CRC32.of(unpacked, shouldStop: shouldStop) else { throw .stopped }
    guard unpacked.count == size, sum == UInt32(truncatingIfNeeded: checksum) else {
      throw malformed("its checksum is wrong")
    }
    return unpacked
  }

  private static let cut = malformed("it is cut short")
  private static func malformed(_ problem: String) -> DataError {
    .malformed(.gzip, at: nil, problem: problem)
  }
}
