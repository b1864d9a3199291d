import CLineEditor
import TSS

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The editor over libedit: the input and what stands beside it.
final class LineEditor: InputReader {
  var editor: OpaquePointer?
  let history: History
  let assistant: InputAssistant
  var search: HistorySearch?
  let painter: Painter

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
  var listing: CompletionListing?

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

  func showPrompt(_ text: String = "tss>") {
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

  // MARK: The text

  var edited: EditedText {
    var cursor = 0
    let text = line_editor_text(editor, &cursor)
    defer { free(text) }
    return EditedText(text.map { String(cString: $0) } ?? "", cursor: cursor)
  }

  func insert(_ text: String) -> line_editor_action {
    line_editor_insert(editor, text)
    return LINE_EDITOR_REFRESH
  }

  func move(_ distance: Int) -> line_editor_action {
    line_editor_move(editor, Int32(distance))
    return LINE_EDITOR_MOVED
  }

  func replace(with text: String) {
    line_editor_move(editor, 1 << 30)
    line_editor_delete(editor, Int32(edited.scalars.count))
    line_editor_insert(editor, text)
  }
}
