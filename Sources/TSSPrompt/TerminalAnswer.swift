/// What a terminal answers to the question whether it shows pictures, told apart from what was typed
/// meanwhile.
public struct TerminalAnswer {
  /// It has kitty's graphics protocol.
  public var hasKitty = false
  /// The numbers of its primary device attributes, `ESC [ ? … c`, with which every terminal ends
  /// its answer; nil where they have not come yet.
  public var attributes: [Int]?
  /// Everything else, and an answer that has arrived in part.
  public var typed: [UInt8] = []

  /// DEC's number for sixel graphics.
  public var hasSixel: Bool { attributes?.contains(4) ?? false }

  public init(_ bytes: [UInt8]) {
    var place = 0
    while place < bytes.count {
      let rest = bytes[place...]
      if rest.starts(with: Array("\u{1b}_G".utf8)), let end = Self.terminator(rest) {
        let payload = String(decoding: bytes[place + 3..<end], as: UTF8.self)
        if payload.hasPrefix("i=31"), payload.hasSuffix(";OK") { hasKitty = true }
        place = end + 2
      } else if rest.starts(with: Array("\u{1b}[?".utf8)), let numbers = Self.attributes(rest) {
        attributes = numbers.values
        place = numbers.end
      } else {
        typed.append(bytes[place])
        place += 1
      }
    }
  }

  private static func terminator(_ bytes: ArraySlice<UInt8>) -> Int? {
    bytes.indices.dropLast().first { bytes[$0] == 0x1b && bytes[$0 + 1] == UInt8(ascii: "\\") }
  }

  private static func attributes(_ bytes: ArraySlice<UInt8>) -> (values: [Int], end: Int)? {
    let body = bytes.dropFirst(3)
    guard let end = body.firstIndex(where: { !(0x30...0x3b).contains($0) }),
      bytes[end] == UInt8(ascii: "c")
    else { return nil }
    let values = String(decoding: body[..<end], as: UTF8.self).split(separator: ";")
    return (values.compactMap { Int($0) }, end + 1)
  }
}
