/// A label cut into parts on the line, lowered ones `_{…}` and raised ones `^{…}`.
///
/// Nothing else has a meaning: a lone `_`, an unmatched brace or a backslash stands for itself.
struct Markup: Hashable, Sendable {
  enum Part: Hashable, Sendable {
    case level(String)
    case lowered(String)
    case raised(String)
  }

  var parts: [Part] = []

  init(_ label: String) {
    var level = ""
    // A line end, a tab or an escape sequence would tear the drawing apart.
    var rest = Substring(String(label.map { $0.isControl ? " " : $0 }))
    while let first = rest.first {
      if first == "_" || first == "^", rest.dropFirst().first == "{",
        let close = rest.firstIndex(of: "}")
      {
        let inner = String(rest[rest.index(rest.startIndex, offsetBy: 2)..<close])
        if !level.isEmpty { parts.append(.level(level)) }
        level = ""
        parts.append(first == "_" ? .lowered(inner) : .raised(inner))
        rest = rest[rest.index(after: close)...]
      } else {
        level.append(first)
        rest = rest.dropFirst()
      }
    }
    if !level.isEmpty { parts.append(.level(level)) }
  }

  /// Whether all of it stands on the line.
  var isLevel: Bool {
    parts.allSatisfy { if case .level = $0 { true } else { false } }
  }

  /// One line of characters: small figures where Unicode has them, `_g` where it has not.
  func text(ascii: Bool) -> String {
    parts.map { part in
      switch part {
      case .level(let text): return text
      case .lowered(let text): return (ascii ? nil : Markup.lowered(text)) ?? "_" + text
      case .raised(let text): return (ascii ? nil : Markup.raised(text)) ?? "^" + text
      }
    }.joined()
  }

  static func raised(_ text: String) -> String? {
    replace(text, from: "0123456789+-−", to: "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
  }
  static func lowered(_ text: String) -> String? {
    replace(text, from: "0123456789+-−", to: "₀₁₂₃₄₅₆₇₈₉₊₋₋")
  }

  private static func replace(_ text: String, from: String, to: String) -> String? {
    let table = Dictionary(uniqueKeysWithValues: zip(from, to))
    var result = ""
    for character in text {
      guard let small = table[character] else { return nil }
      result.append(small)
    }
    return result
  }
}

extension Character {
  fileprivate var isControl: Bool {
    unicodeScalars.contains {
      $0.properties.generalCategory == .control || $0 == "\u{2028}" || $0 == "\u{2029}"
    }
  }
}
