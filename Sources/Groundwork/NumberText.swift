/// Numbers in sentences.
extension Double {
  /// The shortest text that means the number, `2` rather than `2.0`.
  package var plain: String {
    let text = description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// To four digits, for what was computed; whole numbers have all of theirs.
  package var brief: String {
    guard isFinite, self != rounded() || magnitude >= 1e9 else { return plain }
    // From the digits, so that the number is the one nearest to them.
    var digits = magnitude, exponent = 0
    while digits >= 10_000 { (digits, exponent) = (digits / 10, exponent + 1) }
    while digits < 1000 { (digits, exponent) = (digits * 10, exponent - 1) }
    let rounded = Double("\(Int(digits.rounded()))e\(exponent)") ?? magnitude
    return (self < 0 ? -rounded : rounded).plain
  }
}

extension [Double] {
  /// `[1, 0.5]`, as the language writes lists.
  package var brief: String { "[\(map(\.brief).joined(separator: ", "))]" }
}
