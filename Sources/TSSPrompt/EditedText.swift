/// The text that is being edited, with the cursor: how far keys move it.
///
/// Positions count Unicode scalars, as libedit does.
public struct EditedText: Equatable {
  public var scalars: [Unicode.Scalar]
  public var cursor: Int

  public init(_ text: String, cursor: Int) {
    scalars = Array(text.unicodeScalars)
    self.cursor = min(max(cursor, 0), scalars.count)
  }

  public var text: String { string(scalars[...]) }
  public var beforeCursor: String { string(scalars[..<cursor]) }
  public var isMultiline: Bool { scalars.contains("\n") }

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

  public var toLineStart: Int { lineStart(of: cursor) - cursor }
  public var toLineEnd: Int { lineEnd(of: cursor) - cursor }

  /// To the same column of the line above; nil on the first line.
  public var toLineAbove: Int? {
    let start = lineStart(of: cursor)
    guard start > 0 else { return nil }
    let above = lineStart(of: start - 1)
    return min(above + (cursor - start), start - 1) - cursor
  }

  /// To the same column of the line below; nil on the last line.
  public var toLineBelow: Int? {
    let end = lineEnd(of: cursor)
    guard end < scalars.count else { return nil }
    let column = cursor - lineStart(of: cursor)
    return min(end + 1 + column, lineEnd(of: end + 1)) - cursor
  }

  /// The spaces before the cursor where nothing else stands on its line; nil otherwise.
  public var indentation: Int? {
    let line = scalars[lineStart(of: cursor)..<cursor]
    return line.allSatisfy { $0 == " " } ? line.count : nil
  }
}
