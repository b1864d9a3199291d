import CLineEditor
import TSS

/// What the editor shows beside the characters of the input: colour, the bracket's partner, how
/// the input may go on, the arguments of the call that is being written.
///
/// The editor reads what `paint` hands out through pointers, which live until the next call.
final class Painter {
  private let assistant: InputAssistant
  private let history: History
  private var styles = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 1)
  private let escapes: UnsafePointer<UnsafePointer<CChar>?>
  private var ghostText: UnsafeMutablePointer<CChar>?
  private var hintText: UnsafeMutablePointer<CChar>?
  var showsHints = true
  /// A line about what runs in the background, below everything else; nil for none.
  var status: () -> String? = { nil }
  /// Without colour nothing is told from what was typed, so nothing is added to it either.
  var hasColor = true

  init(assistant: InputAssistant, history: History) {
    self.assistant = assistant
    self.history = history
    let table = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(
      capacity: Palette.escapes.count)
    for (index, escape) in Palette.escapes.enumerated() {
      table[index] = UnsafePointer(escape.withCString(duplicate))
    }
    escapes = UnsafePointer(table)
  }

  deinit {
    for index in Palette.escapes.indices { escapes[index]?.deallocate() }
    escapes.deallocate()
    styles.deallocate()
    ghostText?.deallocate()
    hintText?.deallocate()
  }

  /// Fills in what the editor asks for.
  ///
  /// While the history is searched there is colour only, and so it is in what was submitted, without
  /// the bracket's partner.
  func paint(
    _ edited: EditedText, isSearching: Bool, into painting: inout line_editor_painting
  ) {
    styles.deallocate()
    styles = .allocate(capacity: edited.scalars.count + 1)
    styles.initialize(repeating: 0)
    let addsNothing = isSearching || painting.is_final || !hasColor
    let isCommand = Command.isCommand(edited.text)
    if hasColor, !isCommand { color(edited, marksBrackets: !painting.is_final) }
    let suggestion = addsNothing ? nil : suggestion(for: edited)
    var hint = addsNothing || isCommand || !showsHints ? [] : hint(for: edited)
    if !addsNothing, let status = status() { hint.append("\u{1b}[2m\(status)\u{1b}[0m") }
    replace(&ghostText, with: suggestion?.prefix { $0 != "\n" })
    replace(&hintText, with: hint.isEmpty ? nil : hint.joined(separator: "\r\n"))
    painting.styles = UnsafePointer(styles.baseAddress!)
    painting.styled = edited.scalars.count
    painting.escapes = escapes
    painting.has_color = hasColor
    painting.ghost = ghostText.map { UnsafePointer($0) }
    painting.hint = hintText.map { UnsafePointer($0) }
    painting.hint_rows = Int32(hint.count)
  }

  private func replace(
    _ text: inout UnsafeMutablePointer<CChar>?, with new: (some StringProtocol)?
  ) {
    text?.deallocate()
    text = new.flatMap { $0.isEmpty ? nil : String($0).withCString(duplicate) }
  }

  // MARK: Colour

  private func color(_ edited: EditedText, marksBrackets: Bool) {
    let text = edited.text
    let places = Self.scalarPlaces(text)
    for span in assistant.highlight(text) {
      let style = Palette.index(of: span.style)
      for place in places[span.range.lowerBound]..<places[span.range.upperBound] {
        styles[place] = style
      }
    }
    let cursor = edited.beforeCursor.utf8.count
    if marksBrackets, let (open, close) = assistant.matchingBrackets(text, cursor) {
      styles[places[open]] = Palette.partner
      styles[places[close]] = Palette.partner
    }
  }

  /// For each byte of a text, and for its end, the scalar it belongs to.
  private static func scalarPlaces(_ text: String) -> [Int] {
    var places: [Int] = []
    places.reserveCapacity(text.utf8.count + 1)
    var count = 0
    for scalar in text.unicodeScalars {
      for _ in 0..<UTF8.width(scalar) { places.append(count) }
      count += 1
    }
    return places + [count]
  }

  // MARK: Suggestion and hint

  /// How the newest input that begins like this one goes on; only where the cursor is at its end.
  func suggestion(for edited: EditedText) -> String? {
    guard hasColor, edited.cursor == edited.scalars.count, edited.scalars.count > 1 else {
      return nil
    }
    let text = edited.text
    guard let entry = history.entries.last(where: { $0.hasPrefix(text) && $0 != text }) else {
      return nil
    }
    return String(entry.dropFirst(text.count))
  }

  private func hint(for edited: EditedText) -> [String] {
    guard let hint = assistant.signatureHint(edited.text, edited.beforeCursor.utf8.count) else {
      return []
    }
    return SignatureLine.rows(hint, width: Console.width)
  }
}

/// A copy on the heap.
private func duplicate(_ text: UnsafePointer<CChar>) -> UnsafeMutablePointer<CChar> {
  var length = 0
  while text[length] != 0 { length += 1 }
  let copy = UnsafeMutablePointer<CChar>.allocate(capacity: length + 1)
  copy.update(from: text, count: length + 1)
  return copy
}

extension UTF8 {
  /// Bytes of a scalar.
  fileprivate static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0..<0x80: 1
    case 0x80..<0x800: 2
    case 0x800..<0x10000: 3
    default: 4
    }
  }
}

/// The colours of a program, as numbers of SGR sequences.
enum Palette {
  /// 0 is plain, then the styles in their order, then the bracket and its partner.
  static let escapes: [String] =
    ["0"] + HighlightedSpan.Style.allCases.map(escape) + ["1;4"]

  static let partner = UInt8(HighlightedSpan.Style.allCases.count + 1)

  static func index(of style: HighlightedSpan.Style) -> UInt8 {
    UInt8(HighlightedSpan.Style.allCases.firstIndex(of: style)! + 1)
  }

  private static func escape(_ style: HighlightedSpan.Style) -> String {
    switch style {
    case .keyword: "1;35"
    case .number: "36"
    case .string: "32"
    case .comment: "2"
    case .function: "34"
    case .argument: "33"
    case .strayBracket: "1;31"
    }
  }
}
