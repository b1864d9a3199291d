#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How a format writes one number: sign, digits, padding.
extension FormatSpec {
  func format(_ number: Double) throws(Problem) -> String {
    guard type != "s" else { throw Problem(message: "`s` formats strings, not a number") }
    var digits = try unsignedDigits(number.magnitude)
    var isNegative = number.sign == .minus && !number.isNaN
    // Without a type the language's own rule holds: minus zero prints 0.
    if number == 0, type == nil || "dxXob".contains(type!) { isNegative = false }
    if coercesNegativeZero, !digits.contains(where: { ("1"..."9").contains($0) }) {
      isNegative = isNegative && !number.isFinite
    }
    var prefix = isNegative ? "-" : sign == "-" ? "" : String(sign)
    if isAlternate, let type, "xXob".contains(type) { prefix += "0\(type)" }

    let fillsAfterSign = (alignment ?? (padsWithZeros ? .sign : .right)) == .sign
    let filler = padsWithZeros && fill == " " ? "0" : fill
    if let grouping, number.isFinite {
      let padsDigits = fillsAfterSign && filler == "0"
      digits = grouped(digits, by: grouping, width: padsDigits ? width - prefix.count : 0)
    }
    let missing = width - prefix.count - digits.count
    if fillsAfterSign, missing > 0 {
      return prefix + String(repeating: filler, count: missing) + digits
    }
    var spec = self
    spec.fill = filler
    return spec.padded(prefix + digits, default: .right)
  }

  /// The digits of a number that is not negative, before any grouping.
  private func unsignedDigits(_ x: Double) throws(Problem) -> String {
    if let type, "dxXob".contains(type) {
      guard x == x.rounded() else {
        throw Problem(message: "`\(type)` needs a whole number, not \(x.printed)")
      }
      guard x.isFinite else { throw Problem(message: "`\(type)` needs a finite number") }
      if type == "d" { return printf("f", 0, x) }
      guard let whole = UInt64(exactly: x) else {
        throw Problem(message: "`\(type)` needs a number below 2^64")
      }
      let radix = type == "b" ? 2 : type == "o" ? 8 : 16
      return String(whole, radix: radix, uppercase: type == "X")
    }
    guard x.isFinite else {
      let text = x.isNaN ? "nan" : "inf"
      let isUpper = type == "E" || type == "F" || type == "G"
      return (isUpper ? text.uppercased() : text) + (type == "%" ? "%" : "")
    }
    switch type {
    case "%": return printf("f", precision ?? 6, x * 100) + "%"
    case .some(let type): return printf(type, precision ?? 6, x)
    case nil: return precision.map { general(x, digits: max(1, $0)) } ?? x.printed
    }
  }

  /// Python's rule where no type is written: as `g`, but an exponent one digit earlier.
  private func general(_ x: Double, digits: Int) -> String {
    let scientific = printf("e", digits - 1, x)
    let mark = scientific.lastIndex(of: "e")!
    let exponent = Int(scientific[scientific.index(after: mark)...])!
    if x != 0, exponent < -4 || exponent >= digits - 1 {
      return trimmed(String(scientific[..<mark])) + scientific[mark...]
    }
    return trimmed(printf("f", max(0, digits - 1 - (x == 0 ? 0 : exponent)), x))
  }

  private func trimmed(_ text: String) -> String {
    guard !isAlternate, text.contains(".") else { return text }
    var text = text
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }

  /// C's printf, which rounds the exact binary value half to even, as Python does.
  private func printf(_ type: Character, _ precision: Int, _ x: Double) -> String {
    var buffer = [CChar](repeating: 0, count: 340 + precision)
    let format = "%\(isAlternate ? "#" : "").*\(type)"
    let length = withVaList([Int32(precision), x]) { arguments in
      vsnprintf(&buffer, buffer.count, format, arguments)
    }
    return String(
      decoding: buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Separators between the digits before the point, and zeros before them up to a width.
  private func grouped(_ text: String, by separator: Character, width: Int) -> String {
    let hasGroupsOfFour = type.map { "xXob".contains($0) } ?? false
    let size = hasGroupsOfFour ? 4 : 3
    let whole = Array(text.prefix { hasGroupsOfFour ? $0.isHexDigit : $0.isNumber })
    let rest = text.dropFirst(whole.count)
    var result: [Character] = []
    var count = 0
    // From the right; a separator never stands first, so the width may be exceeded by one.
    while count < whole.count || result.count + rest.count < width {
      if count > 0, count % size == 0 { result.append(separator) }
      result.append(count < whole.count ? whole[whole.count - 1 - count] : "0")
      count += 1
    }
    return String(result.reversed()) + rest
  }
}

extension Double {
  /// As `%.6g` writes it, with the digits of a whole number kept: for tables that must fit.
  package func shortened(to digits: Int) -> String {
    if isFinite, self == rounded(), magnitude < 1e9 { return printed }
    var spec = (try? FormatSpec(parsing: ".\(digits)g"))!
    spec.coercesNegativeZero = true
    return (try? spec.format(self)) ?? printed
  }
}
