/// The checksum of ZIP archives: the cyclic redundancy check with polynomial 0x04C11DB7, its bits
/// reversed.
enum CRC32 {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { crc, _ in
      crc & 1 == 1 ? 0xEDB8_8320 ^ (crc >> 1) : crc >> 1
    }
  }

  /// The checksum; nil where `shouldStop` said so, which is asked for every megabyte.
  static func of(_ bytes: [UInt8], shouldStop: () -> Bool) -> UInt32? {
    table.withUnsafeBufferPointer { table in
      var crc = ~UInt32(0)
      for start in stride(from: 0, to: bytes.count, by: 1 << 20) {
        if shouldStop() { return nil }
        for byte in bytes[start..<min(start + 1 << 20, bytes.count)] {
          crc = table[Int((crc ^ UInt32(byte)) & 255)] ^ (crc >> 8)
        }
      }
      return ~crc
    }
  }
}
