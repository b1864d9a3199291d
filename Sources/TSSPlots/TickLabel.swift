/// What is written beside a tick, before it is known in which script.
package enum TickLabel: Hashable, Sendable {
  /// Digits as they stand, with an ASCII minus.
  case plain(String)
  /// A power of ten, with a factor unless it is 1.
  case power(mantissa: String?, exponent: Int)
}

extension TickLabel {
  /// `digits`·10^`exponent`, written with a point and no power.
  static func decimal(_ digits: Int, exponent: Int) -> String {
    guard exponent < 0, digits != 0 else {
      return digits == 0 ? "0" : String(digits) + String(repeating: "0", count: max(0, exponent))
    }
    var text = String(digits.magnitude)
    if text.count <= -exponent {
      text = String(repeating: "0", count: 1 - exponent - text.count) + text
    }
    text.insert(".", at: text.index(text.endIndex, offsetBy: exponent))
    return (digits < 0 ? "-" : "") + text
  }

  /// A number in a sentence: the shortest text that reads back as it, without `.0`.
  static func short(_ value: Double) -> String {
    let text = value.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// For terminals: `10⁻²`, or `1e-2` where only ASCII can be shown.
  package func text(ascii: Bool) -> String {
    switch self {
    case .plain(let digits): return digits
    case .power(let mantissa, let exponent):
      if ascii { return "\(mantissa ?? "1")e\(exponent)" }
      return (mantissa.map { $0 + "·" } ?? "") + "10" + Markup.raised(String(exponent))!
    }
  }

  /// For gnuplot's enhanced text, with a real minus.
  var enhancedText: String {
    func minus(_ text: String) -> String {
      String(text.map { $0 == "-" ? "−" : $0 })
    }
    switch self {
    case .plain(let digits): return minus(digits)
    case .power(let mantissa, let exponent):
      return (mantissa.map { minus($0) + "×" } ?? "") + "10^{\(minus(String(exponent)))}"
    }
  }
}
