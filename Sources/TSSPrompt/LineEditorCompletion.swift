import CLineEditor

/// TAB.
extension LineEditor {
  func tab() -> line_editor_action {
    let edited = edited
    if edited.text.isEmpty, let offer = offered() { return insert(offer) }
    if let indentation = edited.indentation, indentation > 0 || edited.isMultiline {
      return insert("  ")
    }
    let before = edited.beforeCursor
    // The same key at the same place turns the page of what it has shown.
    if listing?.text == edited.text, listing?.cursor == edited.cursor {
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
      let pages = CompletionList.pages(found, width: Console.width, height: Console.height)
      listing = CompletionListing(text: edited.text, cursor: edited.cursor, pages: pages)
      if let page = listing?.next() { line_editor_show(editor, page) }
    }
    return LINE_EDITOR_NOTHING
  }
}
