/// The search that ^R starts: what was typed is looked for in ever older inputs.
struct HistorySearch {
  /// The text before the search, for giving up.
  let original: String
  private(set) var query = ""
  /// The entry that is shown.
  private(set) var found: Int?
  private var hasFailed = false
  private let end: Int

  init(text: String, position: Int) {
    original = text
    end = position
  }

  var prompt: String { "\(hasFailed ? "nothing older has" : "search") `\(query)`:" }

  mutating func extend(_ scalar: Unicode.Scalar, in history: History) {
    query.unicodeScalars.append(scalar)
    // The entry that is shown may fit the longer query as well.
    show(history.search(query, before: (found ?? end - 1) + 1))
  }

  mutating func shorten(in history: History) {
    if !query.isEmpty { query.unicodeScalars.removeLast() }
    show(query.isEmpty ? nil : history.search(query, before: end))
    if query.isEmpty { hasFailed = false }
  }

  mutating func findOlder(in history: History) {
    if !query.isEmpty { show(history.search(query, before: found ?? end)) }
  }

  private mutating func show(_ entry: Int?) {
    hasFailed = entry == nil
    if let entry { found = entry }
  }
}
