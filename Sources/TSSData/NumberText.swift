/// Numbers as text, the same way in every format.
enum NumberText {
  /// The shortest digits that read back as the same number, without `.0`; `nan`, `inf` and `-inf`
  /// as NumPy spells them. Minus zero keeps its point, for readers that take `-0` for an integer.
  static func write(_ value: Double) -> String {
    let text = value.description
    guard text.hasSuffix(".0"), text != "-0.0" else { return value.isNaN ? "nan" : text }
    return String(text.dropLast(2))
  }

  /// What a scan for a number found.
  struct Scan {
    var value: Double
    /// The first byte after it.
    var end: Int
    /// Whether the digits before the point were JSON's: none but a lone zero may lead.
    var isPlain: Bool
  }

  /// The decimal number that begins at `start`: sign, digits, fraction, exponent.
  ///
  /// Up to 2^53 and 10^22 digits and power are exact, and so is their product or quotient when it
  /// is rounded once (Clinger 1990); beyond, the standard library reads the text.
  static func scan(_ bytes: [UInt8], from start: Int, to end: Int) -> Scan? {
    var i = start
    var isNegative = false
    if i < end, bytes[i] == 0x2D || bytes[i] == 0x2B {
      isNegative = bytes[i] == 0x2D
      i += 1
    }
    let first = i
    var digits: UInt64 = 0
    var count = 0
    var power = 0
    func takeDigits() {
      while i < end, bytes[i] &- 0x30 < 10 {
        if count < 19 { digits = digits * 10 + UInt64(bytes[i] &- 0x30) }
        if digits != 0 { count += 1 }
        i += 1
      }
    }
    takeDigits()
    let whole = i - first
    let isPlain = bytes[start] != 0x2B && whole > 0 && (whole == 1 || bytes[first] != 0x30)
    var hasFraction = false
    if i < end, bytes[i] == 0x2E {
      i += 1
      let point = i
      takeDigits()
      power = point - i
      hasFraction = i > point
      // JSON wants digits after a point; CSV by other programs may have none.
      guard whole > 0 || hasFraction else { return nil }
      if !hasFraction { return finish(false) }
    }
    guard whole > 0 || hasFraction else { return nil }
    return finish(isPlain)

    func finish(_ isPlain: Bool) -> Scan? {
      var exponent = 0
      if i < end, bytes[i] | 0x20 == 0x65 {
        var j = i + 1
        var isDown = false
        if j < end, bytes[j] == 0x2D || bytes[j] == 0x2B {
          isDown = bytes[j] == 0x2D
          j += 1
        }
        guard j < end, bytes[j] &- 0x30 < 10 else { return nil }
        while j < end, bytes[j] &- 0x30 < 10 {
          if exponent < 100_000 { exponent = exponent * 10 + Int(bytes[j] &- 0x30) }
          j += 1
        }
        if isDown { exponent = -exponent }
        i = j
      }
      let total = power + exponent
      if count <= 19, digits <= 1 << 53, abs(total) <= 22 {
        let size = total < 0 ? Double(digits) / tens[-total] : Double(digits) * tens[total]
        return Scan(value: isNegative ? -size : size, end: i, isPlain: isPlain)
      }
      let text = String(decoding: bytes[start..<i], as: UTF8.self)
      return Double(text).map { Scan(value: $0, end: i, isPlain: isPlain) }
    }
  }

  private static let tens: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]
}
