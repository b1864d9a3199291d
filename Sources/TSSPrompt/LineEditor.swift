import CLineEditor
import TSS

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The editor over libedit: what keys do.
///
/// ⏎ submits what is complete and opens a line in what is not; ↑ and ↓ move inside the input
/// first and then through the history.
final class LineEditor: InputReader {
  private var editor: OpaquePointer?
  private let history: History
  private let assistant: InputAssistant
  private var search: HistorySearch?
  private let painter: Painter

  /// nil where the terminal cannot be used.
  init?(history: History, assistant: InputAssistant, color: Bool) {
    self.history = history
    self.assistant = assistant
    painter = Painter(assistant: assistant, history: history)
    painter.hasColor = color
    editor = line_editor_open(
      "tss",
      { context, _, key in
        Unmanaged<LineEditor>.fromOpaque(context!).takeUnretainedValue().handle(key)
      }, Unmanaged.passUnretained(self).toOpaque())
    guard editor != nil else { return nil }
    showPrompt()
    installPainter()
  }

  private func installPainter() {
    line_editor_set_painter(editor) { context, _, painting in
      let editor = Unmanaged<LineEditor>.fromOpaque(context!).takeUnretainedValue()
      editor.painter.paint(
        editor.edited, isSearching: editor.search != nil, into: &painting!.pointee)
      return true
    }
  }

  /// Whether the input is coloured while it is written, with suggestions and hints.
  var hasColor: Bool {
    get { painter.hasColor }
    set {
      painter.hasColor = newValue
      showPrompt()
    }
  }

  var showsHints: Bool {
    get { painter.showsHints }
    set { painter.showsHints = newValue }
  }

  /// The input that TAB and ⏎ write into an empty line; the tour has one.
  var offered: () -> String? = { nil }
  private var listing: CompletionListing?

  deinit { if let editor { line_editor_close(editor) } }

  func read() -> InputOutcome {
    var text: UnsafeMutablePointer<CChar>?
    let outcome = line_editor_read(editor, &text)
    defer { free(text) }
    let input = text.map { String(cString: $0) } ?? ""
    return switch outcome {
    case LINE_EDITOR_LINE: .line(input)
    case LINE_EDITOR_CANCELLED: .cancelled(input)
    default: .end
    }
  }

  private func showPrompt(_ text: String = "tss>") {
    // libedit loses a control sequence at the very end: the space stands after it.
    let painted = hasColor ? "\u{1}\u{1b}[1;36m\u{1}\(text)\u{1}\u{1b}[0m\u{1} " : text + " "
    line_editor_set_prompt(editor, painted, Int32(text.count + 1))
  }

  func notice(_ text: String) { line_editor_notice(editor, text) }

  func show(status: @escaping () -> String?) { painter.status = status }

  func repaint() { line_editor_repaint(editor) }

  func forgetTyped() { line_editor_forget_typed(editor) }

  func putBack(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes {
      line_editor_put_back(
        editor, $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count)
    }
  }

  // MARK: Keys

  private var edited: EditedText {
    var cursor = 0
    let text = line_editor_text(editor, &cursor)
    defer { free(text) }
    return EditedText(text.map { String(cString: $0) } ?? "", cursor: cursor)
  }

  private func handle(_ key: line_editor_key) -> line_editor_action {
    switch key {
    case LINE_EDITOR_ENTER: enter()
    case LINE_EDITOR_NEWLINE: newLine()
    case LINE_EDITOR_TAB: tab()
    case LINE_EDITOR_UP: vertical(edited.toLineAbove, orElse: history.older)
    case LINE_EDITOR_DOWN: vertical(edited.toLineBelow, orElse: history.newer)
    case LINE_EDITOR_LINE_START: move(edited.toLineStart)
    case LINE_EDITOR_LINE_END: takeSuggestion() ?? move(edited.toLineEnd)
    case LINE_EDITOR_RIGHT: takeSuggestion() ?? move(1)
    case LINE_EDITOR_CLOSING_BRACE: closeBrace()
    case LINE_EDITOR_PASTE: paste()
    case LINE_EDITOR_SEARCH: continueSearch()
    case LINE_EDITOR_EDIT: editOutside()
    default: LINE_EDITOR_BEEP
    }
  }

  private func insert(_ text: String) -> line_editor_action {
    line_editor_insert(editor, text)
    return LINE_EDITOR_REFRESH
  }

  private func move(_ distance: Int) -> line_editor_action {
    line_editor_move(editor, Int32(distance))
    return LINE_EDITOR_MOVED
  }

  private func isUnfinished(_ text: String) -> Bool {
    if case .incomplete = assistant.completeness(text) { true } else { false }
  }

  private func enter() -> line_editor_action {
    let text = edited.text
    if text.isEmpty, let offer = offered() {
      line_editor_insert(editor, offer)
      return LINE_EDITOR_SUBMIT
    }
    if Command.isCommand(text) || !isUnfinished(text) { return LINE_EDITOR_SUBMIT }
    return newLine()
  }

  private func newLine() -> line_editor_action {
    var indent = 0
    if case .incomplete(let wanted) = assistant.completeness(edited.beforeCursor) {
      indent = wanted
    }
    return insert("\n" + String(repeating: " ", count: indent))
  }

  /// A brace alone on its line goes back to the depth of what it closes.
  private func closeBrace() -> line_editor_action {
    let edited = edited
    if edited.isMultiline, let indentation = edited.indentation, indentation >= 2 {
      line_editor_delete(editor, 2)
    }
    return insert("}")
  }

  private func vertical(
    _ distance: Int?, orElse recall: (String) -> String?
  ) -> line_editor_action {
    if let distance { return move(distance) }
    guard let entry = recall(edited.text) else { return LINE_EDITOR_BEEP }
    replace(with: entry)
    return LINE_EDITOR_REFRESH
  }

  private func replace(with text: String) {
    line_editor_move(editor, 1 << 30)
    line_editor_delete(editor, Int32(edited.scalars.count))
    line_editor_insert(editor, text)
  }

  private func paste() -> line_editor_action {
    insert(cleanPaste(String(cString: line_editor_pasted(editor)), isUnfinished: isUnfinished))
  }

  /// The input in the user's own editor; what comes back can still be changed before it is run.
  private func editOutside() -> line_editor_action {
    line_editor_lend(editor)
    do throws(OutsideEditor.Problem) {
      if let text = try OutsideEditor.edit(edited.text) { replace(with: text) }
    } catch {
      StandardStream.error.write(error.message + "\n")
    }
    line_editor_take_back(editor)
    return LINE_EDITOR_NOTHING
  }

  /// What was shown faintly behind the text becomes part of it.
  private func takeSuggestion() -> line_editor_action? {
    search == nil ? painter.suggestion(for: edited).map(insert) : nil
  }

  // MARK: Search

  private func continueSearch() -> line_editor_action {
    let character = line_editor_searched(editor)
    var search = search ?? HistorySearch(text: edited.text, position: history.entries.count)
    switch Int(character) {
    case LINE_EDITOR_SEARCH_AGAIN:
      if self.search != nil { search.findOlder(in: history) }
    case LINE_EDITOR_SEARCH_CANCEL:
      replace(with: search.original)
      return endSearch()
    case LINE_EDITOR_SEARCH_ACCEPT: return endSearch()
    case LINE_EDITOR_SEARCH_DELETE: search.shorten(in: history)
    default:
      if let scalar = Unicode.Scalar(character) { search.extend(scalar, in: history) }
    }
    if let found = search.found { replace(with: history.entries[found]) }
    showPrompt(search.prompt)
    line_editor_set_searching(editor, true)
    self.search = search
    return LINE_EDITOR_REFRESH
  }

  private func endSearch() -> line_editor_action {
    search = nil
    line_editor_set_searching(editor, false)
    showPrompt()
    return LINE_EDITOR_REFRESH
  }

  // MARK: Completion

  private func tab() -> line_editor_action {
    let edited = edited
    if edited.text.isEmpty, let offer = offered() { return insert(offer) }
    if let indentation = edited.indentation, indentation > 0 || edited.isMultiline {
      return insert("  ")
    }
    let before = edited.beforeCursor
    // The same key at the same place turns the page of what it has shown.
    let (width, height) = (Console.width, Console.height)
    if listing?.fits(edited, width: width, height: height) == true {
      if let page = listing?.next() { line_editor_show(editor, page) }
      return LINE_EDITOR_NOTHING
    }
    listing = nil
    let found =
      Command.completions(of: before, assistant.complete)
      ?? assistant.complete(edited.text, before.utf8.count)
    guard let first = found.first else { return LINE_EDITOR_BEEP }
    let word = String(decoding: Array(before.utf8)[first.replaces], as: UTF8.self)
    if let common = CompletionListing.extension(of: word, among: found) {
      line_editor_delete(editor, Int32(word.unicodeScalars.count))
      return insert(common)
    }
    if found.count > 1 {
      listing = CompletionListing(found, of: edited, width: width, height: height)
      if let page = listing?.next() { line_editor_show(editor, page) }
    }
    return LINE_EDITOR_NOTHING
  }
}
