import TSS

/// A list of completions that TAB pages through while nothing is typed.
package struct CompletionListing {
  /// What stood there when it was shown.
  let text: String
  let cursor: Int
  let pages: [String]
  private var shown = 0

  package init(text: String, cursor: Int, pages: [String]) {
    self.text = text
    self.cursor = cursor
    self.pages = pages
  }

  /// The page that follows, after the last the first.
  package mutating func next() -> String? {
    guard !pages.isEmpty else { return nil }
    defer { shown += 1 }
    return pages[shown % pages.count]
  }

  /// What all completions begin with, where that is more than the word: those that differ from it
  /// in capitals only count where there are no others.
  package static func `extension`(of word: String, among completions: [Completion]) -> String? {
    let exact = completions.filter(\.isExact)
    let candidates = exact.isEmpty ? completions : exact
    guard let first = candidates.first?.text else { return nil }
    let common = candidates.dropFirst().reduce(first) { commonPrefix($0, $1.text) }
    if common.isEmpty || common == word { return nil }
    // What was typed is not taken back: only `eta` becomes the shorter η.
    let isLonger = common.unicodeScalars.count >= word.unicodeScalars.count
    return isLonger || !exact.isEmpty ? common : nil
  }

  /// Scalar by scalar, since that is how libedit counts.
  private static func commonPrefix(_ a: String, _ b: String) -> String {
    var common = String.UnicodeScalarView()
    for (x, y) in zip(a.unicodeScalars, b.unicodeScalars) {
      guard x == y else { break }
      common.append(x)
    }
    return String(common)
  }
}
