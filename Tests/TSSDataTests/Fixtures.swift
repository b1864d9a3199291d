import TSSData

/// A file made by `Fixtures/make.py`.
func fixture(_ name: String) throws -> [UInt8] {
  let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
  return try readFile("/\(folder)/Fixtures/\(name)")
}

/// All beginnings of `bytes`, and copies with one byte changed in some two hundred places: what a
/// full disk or a bad line leave of a file.
func damaged(_ bytes: [UInt8]) -> [[UInt8]] {
  var result = bytes.indices.map { Array(bytes[..<$0]) }
  for length in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 200)) {
    for change in [0x01, 0x80, 0xFF] as [UInt8] {
      var copy = bytes
      copy[length] ^= change
      result.append(copy)
    }
  }
  return result
}
