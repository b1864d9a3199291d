/// A ZIP archive, as much of it as NumPy uses (PKWARE's APPNOTE.TXT 6.3).
package enum Zip {
  package struct Member: Equatable {
    package var name: String
    package var bytes: [UInt8]
  }

  private static let localSignature: UInt64 = 0x0403_4b50
  private static let centralSignature: UInt64 = 0x0201_4b50
  private static let endSignature: UInt64 = 0x0605_4b50

  // MARK: Writing

  /// An archive of members that are stored as they are, all dated 1 January 1980: the same members
  /// give the same bytes. Throws `DataError.stopped` where `shouldStop` says so.
  package static func encode(
    _ members: [Member], shouldStop: () -> Bool = { false }
  ) throws(DataError) -> [UInt8] {
    let total = members.reduce(22) { $0 + $1.bytes.count + 2 * $1.name.utf8.count + 76 }
    guard total <= 0xFFFF_FFFF, members.count < 0xFFFF else {
      throw .tooLarge(.npz, what: "the arrays take more than 4 GiB")
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(total)
    var directory: [UInt8] = []
    for member in members {
      guard let checksum = CRC32.of(member.bytes, shouldStop: shouldStop) else { throw .stopped }
      let name = Array(member.name.utf8)
      var common: [UInt8] = []
      common.append(20, width: 2)  // Version 2.0 can read it.
      common.append(name.contains { $0 > 127 } ? 0x0800 : 0, width: 2)  // The name is UTF-8.
      common.append(0, width: 2)  // Stored.
      common.append(0, width: 2)  // Midnight …
      common.append(0x21, width: 2)  // … of 1 January 1980.
      common.append(UInt64(checksum), width: 4)
      common.append(UInt64(member.bytes.count), width: 4)
      common.append(UInt64(member.bytes.count), width: 4)
      common.append(UInt64(name.count), width: 2)
      common.append(0, width: 2)  // No extra fields.

      directory.append(centralSignature, width: 4)
      directory.append(20, width: 2)
      directory += common
      directory.append(0, width: 10)  // No comment; first disk; no attributes.
      directory.append(UInt64(bytes.count), width: 4)
      directory += name

      bytes.append(localSignature, width: 4)
      bytes += common
      bytes += name
      bytes += member.bytes
    }
    let start = bytes.count
    bytes += directory
    bytes.append(endSignature, width: 4)
    bytes.append(0, width: 4)
    bytes.append(UInt64(members.count), width: 2)
    bytes.append(UInt64(members.count), width: 2)
    bytes.append(UInt64(directory.count), width: 4)
    bytes.append(UInt64(start), width: 4)
    bytes.append(0, width: 2)
    return bytes
  }

  // MARK: Reading

  /// The members of an archive, unpacked, their checksums verified.
  ///
  /// Sizes are taken from the directory at the end: NumPy streams members, whose own headers then
  /// do not tell.
  package static func decode(
    _ bytes: [UInt8], shouldStop: () -> Bool = { false }
  ) throws(DataError) -> [Member] {
    let reader = ByteReader(bytes: bytes)
    let end = try endRecord(reader)
    guard let count = reader.integer(at: end + 10, width: 2),
      var place = reader.integer(at: end + 16, width: 4)
    else { throw cut }
    guard count != 0xFFFF, place != 0xFFFF_FFFF else {
      throw .unsupported(.npz, what: "archives of more than 4 GiB cannot be read")
    }
    var members: [Member] = []
    for _ in 0..<count {
      guard reader.unsigned(at: place, width: 4) == centralSignature,
        let nameLength = reader.integer(at: place + 28, width: 2),
        let extraLength = reader.integer(at: place + 30, width: 2),
        let commentLength = reader.integer(at: place + 32, width: 2),
        place + 46 + nameLength <= bytes.count
      else { throw cut }
      let name = String(decoding: bytes[place + 46..<place + 46 + nameLength], as: UTF8.self)
      // Folders are members, too.
      if !name.hasSuffix("/") {
        let content = try content(reader, entry: place, name: name, shouldStop: shouldStop)
        members.append(Member(name: name, bytes: content))
      }
      place += 46 + nameLength + extraLength + commentLength
    }
    return members
  }

  private static let cut = DataError.malformed(.npz, at: nil, problem: "the archive is cut short")

  /// Where the closing record begins: it is the last thing but a comment of unknown length.
  private static func endRecord(_ reader: ByteReader) throws(DataError) -> Int {
    var place = reader.bytes.count - 22
    let first = max(0, place - 0xFFFF)
    while place >= first {
      if reader.unsigned(at: place, width: 4) == endSignature { return place }
      place -= 1
    }
    throw .malformed(.npz, at: nil, problem: "it is no ZIP archive, or its end is missing")
  }

  private static func content(
    _ reader: ByteReader, entry: Int, name: String, shouldStop: () -> Bool
  ) throws(DataError) -> [UInt8] {
    guard let flags = reader.integer(at: entry + 8, width: 2),
      let method = reader.integer(at: entry + 10, width: 2),
      let checksum = reader.unsigned(at: entry + 16, width: 4),
      let packed = reader.integer(at: entry + 20, width: 4),
      let size = reader.integer(at: entry + 24, width: 4),
      let header = reader.integer(at: entry + 42, width: 4)
    else { throw cut }
    guard flags & 1 == 0 else { throw .unsupported(.npz, what: "`\(name)` is encrypted") }
    guard packed != 0xFFFF_FFFF, size != 0xFFFF_FFFF, header != 0xFFFF_FFFF else {
      throw .unsupported(.npz, what: "`\(name)` takes more than 4 GiB")
    }
    guard reader.unsigned(at: header, width: 4) == localSignature,
      let nameLength = reader.integer(at: header + 26, width: 2),
      let extraLength = reader.integer(at: header + 28, width: 2)
    else { throw cut }
    let start = header + 30 + nameLength + extraLength
    guard start <= reader.bytes.count, packed <= reader.bytes.count - start else { throw cut }
    let raw = reader.bytes[start..<start + packed]
    let bytes: [UInt8]
    switch method {
    case 0: bytes = Array(raw)
    case 8:
      do { bytes = try Inflate.unpack(raw, limit: size, shouldStop: shouldStop) } catch {
        if shouldStop() { throw .stopped }
        throw .malformed(.npz, at: nil, problem: "`\(name)` cannot be unpacked: \(error.problem)")
      }
    default:
      throw .unsupported(.npz, what: "`\(name)` is compressed by a method that is not read here")
    }
    guard let sum = CRC32.of(bytes, shouldStop: shouldStop) else { throw .stopped }
    guard bytes.count == size, sum == UInt32(truncatingIfNeeded: checksum) else {
      throw .malformed(.npz, at: nil, problem: "the checksum of `\(name)` is wrong")
    }
    return bytes
  }
}
