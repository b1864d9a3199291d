import TSS

/// A list of completions that TAB pages through while nothing is typed.
public struct CompletionListing {
  /// What stood there when it was shown, on how large a screen.
  private let edited: EditedText
  private let width: Int
  private let height: Int
  private let pages: [String]
  private var shown = 0

  public init(_ completions: [Completion], of edited: EditedText, width: Int, height: Int) {
    self.edited = edited
    self.width = width
    self.height = height
    pages = CompletionList.pages(completions, width: width, height: height)
  }

  /// Whether it still fits what is edited and the screen.
  public func fits(_ edited: EditedText, width: Int, height: Int) -> Bool {
    self.edited == edited && self.width == width && self.height == height
  }

  /// The page that follows, after the last the first.
  public mutating func next() -> String? {
    guard !pages.isEmpty else { return nil }
    defer { shown += 1 }
    return pages[shown % pages.count]
  }

  /// What all completions begin with, where that is more than the word: those that differ from it
  /// in capitals only count where there are no others.
  public static func `extension`(of word: String, among completions: [Completion]) -> String? {
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
