import CLineEditor
import TSS

/// What keys do.
///
/// ⏎ submits what is complete and opens a line in what is not; ↑ and ↓ move inside the input
/// first and then through the history.
extension LineEditor {
  func handle(_ key: line_editor_key) -> line_editor_action {
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
}
