/// The text that is being edited, with the cursor: how far keys move it.
///
/// Positions count Unicode scalars, as libedit does.
package struct EditedText {
  package var scalars: [Unicode.Scalar]
  package var cursor: Int

  package init(_ text: String, cursor: Int) {
    scalars = Array(text.unicodeScalars)
    self.cursor = min(max(cursor, 0), scalars.count)
  }

  package var text: String { string(scalars[...]) }
  package var beforeCursor: String { string(scalars[..<cursor]) }
  package var isMultiline: Bool { scalars.contains("\n") }

  private func string(_ slice: ArraySlice<Unicode.Scalar>) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: slice)
    return String(text)
  }

  private func lineStart(of position: Int) -> Int {
    scalars[..<position].lastIndex(of: "\n").map { $0 + 1 } ?? 0
  }

  private func lineEnd(of position: Int) -> Int {
    scalars[position...].firstIndex(of: "\n") ?? scalars.count
  }

  package var toLineStart: Int { lineStart(of: cursor) - cursor }
  package var toLineEnd: Int { lineEnd(of: cursor) - cursor }

  /// To the same column of the line above; nil on the first line.
  package var toLineAbove: Int? {
    let start = lineStart(of: cursor)
    guard start > 0 else { return nil }
    let above = lineStart(of: start - 1)
    return min(above + (cursor - start), start - 1) - cursor
  }

  /// To the same column of the line below; nil on the last line.
  package var toLineBelow: Int? {
    let end = lineEnd(of: cursor)
    guard end < scalars.count else { return nil }
    let column = cursor - lineStart(of: cursor)
    return min(end + 1 + column, lineEnd(of: end + 1)) - cursor
  }

  /// The spaces before the cursor where nothing else stands on its line; nil otherwise.
  package var indentation: Int? {
    let line = scalars[lineStart(of: cursor)..<cursor]
    return line.allSatisfy { $0 == " " } ? line.count : nil
  }
}
