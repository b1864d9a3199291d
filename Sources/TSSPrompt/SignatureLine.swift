import TSS

/// The hint below a call that is being written: the call with the argument in hand, and a line about
/// that argument.
public enum SignatureLine {
  /// At most two rows of at most `width` − 1 columns, with control sequences.
  public static func rows(_ hint: SignatureHint, width: Int) -> [String] {
    let room = max(20, width - 1)
    var rows = [call(hint, room)]
    if !hint.documentation.isEmpty {
      let name = hint.current.map { hint.parameters[$0].prefix { $0 != "=" } + ": " } ?? ""
      rows.append(faint("  " + cut(name + hint.documentation, to: room - 2)))
    }
    return rows
  }

  /// Parameters around the one in hand, as many as fit.
  private static func call(_ hint: SignatureHint, _ room: Int) -> String {
    let names = hint.parameters
    var first = hint.current ?? 0
    var last = first
    func length(_ range: ClosedRange<Int>) -> Int {
      let inner = names[range].reduce(0) { $0 + $1.count + 2 } - 2
      let left = range.lowerBound > 0 ? 3 : 0
      let right = range.upperBound < names.count - 1 ? 3 : 0
      return 2 + hint.function.count + 2 + left + inner + right
    }
    if names.isEmpty { return faint("  \(hint.function)()") }
    while true {
      if first > 0, length(first - 1...last) <= room {
        first -= 1
      } else if last + 1 < names.count, length(first...last + 1) <= room {
        last += 1
      } else {
        break
      }
    }
    let shown = (first...last).map { index in
      index == hint.current
        ? "\u{1b}[0;1m\(names[index])\u{1b}[0;2m" : names[index]
    }.joined(separator: ", ")
    let left = first > 0 ? "…, " : ""
    let right = last < names.count - 1 ? ", …" : ""
    return faint("  \(hint.function)(\(left)\(shown)\(right))")
  }

  private static func faint(_ text: String) -> String { "\u{1b}[2m\(text)\u{1b}[0m" }

  private static func cut(_ text: String, to length: Int) -> String {
    text.count <= length ? text : text.prefix(length - 1) + "…"
  }
}
