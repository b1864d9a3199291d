import CLineEditor

/// ^R: looking for an older input by a piece of it.
extension LineEditor {
  func continueSearch() -> line_editor_action {
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

  func endSearch() -> line_editor_action {
    search = nil
    line_editor_set_searching(editor, false)
    showPrompt()
    return LINE_EDITOR_REFRESH
  }
}
