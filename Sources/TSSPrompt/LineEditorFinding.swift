import CLineEditor
import TSS

/// What TAB finds among the names, and ^R in the history.
extension LineEditor {
  func tab() -> line_editor_action {
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

  private func endSearch() -> line_editor_action {
    search = nil
    line_editor_set_searching(editor, false)
    showPrompt()
    return LINE_EDITOR_REFRESH
  }
}
