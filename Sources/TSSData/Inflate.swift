/// Unpacks DEFLATE (RFC 1951), the compression of `np.savez_compressed`.
///
/// Codes are read bit by bit along the canonical Huffman code, as in Mark Adler's `puff`: half as
/// fast as with tables, and short enough to be read in one sitting.
package struct Inflate {
  /// What is wrong with the compressed bytes, in words.
  package struct Failure: Error {
    package var problem: String
  }

  private let input: ArraySlice<UInt8>
  private let limit: Int
  private var position: Int
  private var bits: UInt32 = 0
  private var bitCount = 0
  private var output: [UInt8] = []

  /// The unpacked bytes, of which there may be no more than `limit`; a failure also where
  /// `shouldStop` says so.
  package static func unpack(
    _ input: ArraySlice<UInt8>, limit: Int, shouldStop: () -> Bool = { false }
  ) throws(Failure) -> [UInt8] {
    var inflate = Inflate(input, limit: limit)
    try inflate.run(shouldStop)
    return inflate.output
  }

  private init(_ input: ArraySlice<UInt8>, limit: Int) {
    self.input = input
    self.limit = limit
    position = input.startIndex
    // No byte packs more than 1032, whatever a forged size says.
    output.reserveCapacity(min(limit, input.count * 1032))
  }

  private mutating func run(_ shouldStop: () -> Bool) throws(Failure) {
    var isLast = false
    while !isLast {
      if shouldStop() { throw Self.stopped }
      isLast = try take(1) == 1
      switch try take(2) {
      case 0: try copyStored()
      case 1: try decode(Self.fixed.literals, Self.fixed.distances, shouldStop)
      case 2:
        let (literals, distances) = try readCodes()
        try decode(literals, distances, shouldStop)
      default: throw Failure(problem: "it has a block of an unknown kind")
      }
    }
  }

  // MARK: Bits

  private mutating func take(_ count: Int) throws(Failure) -> Int {
    while bitCount < count {
      guard position < input.endIndex else { throw Failure(problem: "it ends too early") }
      bits |= UInt32(input[position]) << UInt32(bitCount)
      position += 1
      bitCount += 8
    }
    let value = bits & ((1 << UInt32(count)) - 1)
    bits >>= UInt32(count)
    bitCount -= count
    return Int(value)
  }

  private mutating func append(_ byte: UInt8) throws(Failure) {
    guard output.count < limit else {
      throw Failure(problem: "it unpacks to more than it should")
    }
    output.append(byte)
  }

  private mutating func copyStored() throws(Failure) {
    bits = 0
    bitCount = 0
    let length = try take(16)
    let complement = try take(16)
    guard length == ~complement & 0xFFFF, length <= input.endIndex - position else {
      throw Failure(problem: "a stored block has a wrong length")
    }
    guard length <= limit - output.count else {
      throw Failure(problem: "it unpacks to more than it should")
    }
    output += input[position..<position + length]
    position += length
  }

  // MARK: Codes

  /// A canonical Huffman code: how many codes there are of each length, and the symbols in order.
  private struct Code {
    var counts = [UInt16](repeating: 0, count: 16)
    var symbols: [UInt16] = []

    init(_ lengths: ArraySlice<UInt8>) {
      for length in lengths { counts[Int(length)] += 1 }
      counts[0] = 0
      for length in 1..<16 {
        for (symbol, own) in lengths.enumerated() where own == length {
          symbols.append(UInt16(symbol))
        }
      }
    }

    /// Whether no more codes are given out than there are: fewer do happen, in valid files.
    var isPossible: Bool {
      var free = 1
      for count in counts[1...] {
        free = free * 2 - Int(count)
        if free < 0 { return false }
      }
      return true
    }
  }

  private static let fixed: (literals: Code, distances: Code) = {
    let lengths = (0..<288).map { i -> UInt8 in i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8 }
    return (Code(lengths[...]), Code([UInt8](repeating: 5, count: 30)[...]))
  }()

  private mutating func symbol(_ code: Code) throws(Failure) -> Int {
    var value = 0
    var first = 0
    var index = 0
    for length in 1..<16 {
      value |= try take(1)
      let count = Int(code.counts[length])
      if value - count < first { return Int(code.symbols[index + value - first]) }
      index += count
      first = (first + count) << 1
      value <<= 1
    }
    throw Failure(problem: "it has bits that are no code")
  }

  private mutating func readCodes() throws(Failure) -> (Code, Code) {
    let literalCount = try take(5) + 257
    let distanceCount = try take(5) + 1
    let lengthCount = try take(4) + 4
    let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    var lengths = [UInt8](repeating: 0, count: 19)
    for place in order[..<lengthCount] { lengths[place] = UInt8(try take(3)) }
    let code = Code(lengths[...])
    var all: [UInt8] = []
    while all.count < literalCount + distanceCount {
      let symbol = try symbol(code)
      switch symbol {
      case 16:
        guard let last = all.last else { throw Failure(problem: "it repeats nothing") }
        all += [UInt8](repeating: last, count: try take(2) + 3)
      case 17: all += [UInt8](repeating: 0, count: try take(3) + 3)
      case 18: all += [UInt8](repeating: 0, count: try take(7) + 11)
      default: all.append(UInt8(symbol))
      }
    }
    let literals = Code(all[..<literalCount])
    let distances = Code(Array(all[literalCount...])[...])
    guard all.count == literalCount + distanceCount, code.isPossible, literals.isPossible,
      distances.isPossible
    else { throw Failure(problem: "it has a table of impossible codes") }
    return (literals, distances)
  }

  // RFC 1951, 3.2.5: the least length or distance of a symbol, and how many bits are added to it.
  private static let lengthBase = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
    163, 195, 227, 258,
  ]
  private static let lengthBits = [
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
  ]
  private static let distanceBase = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537,
    2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577,
  ]

  private static let stopped = Failure(problem: "it was not wanted any more")

  private mutating func decode(
    _ literals: Code, _ distances: Code, _ shouldStop: () -> Bool
  ) throws(Failure) {
    var symbols = 0
    while true {
      symbols += 1
      if symbols & 0x3FFF == 0, shouldStop() { throw Self.stopped }
      let symbol = try symbol(literals)
      if symbol < 256 {
        try append(UInt8(symbol))
        continue
      }
      if symbol == 256 { return }
      guard symbol - 257 < Self.lengthBase.count else {
        throw Failure(problem: "it has a length that does not exist")
      }
      let length = Self.lengthBase[symbol - 257] + (try take(Self.lengthBits[symbol - 257]))
      let code = try self.symbol(distances)
      guard code < Self.distanceBase.count else {
        throw Failure(problem: "it has a distance that does not exist")
      }
      let distance = Self.distanceBase[code] + (try take(max(0, code / 2 - 1)))
      guard distance <= output.count else {
        throw Failure(problem: "it refers to before its beginning")
      }
      for _ in 0..<length { try append(output[output.count - distance]) }
    }
  }
}
