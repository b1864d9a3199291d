import TSSLanguage

extension HelpBook {
  /// A name that fits the words that were looked for, and what it is in one line.
  public struct Hit: Sendable, Hashable {
    /// `sgd`, `run.eg`, `plot styles`.
    public var name: String
    public var text: String
  }

  /// Pages and fields in which all words occur, the most specific first.
  ///
  /// A word counts most in a name, then in the names of arguments, then in what is said of the
  /// function and of its arguments. "rates" finds "rate", "schedul" finds "schedule".
  public func search(_ question: String, limit: Int = 12) -> [Hit] {
    let wanted = HelpWords.stems(question)
    if wanted.isEmpty { return [] }
    var found: [(hit: Hit, score: Double)] = []
    for page in pages {
      let score = HelpScore(page, wanted).value
      if score > 0 { found.append((Hit(name: page.name, text: page.summary), score)) }
    }
    for page in pages {
      let said = Set(page.arguments.map(\.name))
      for row in page.fields where !said.contains(row.name) {
        let score = HelpScore(field: row, of: page, wanted).value
        if score > 0 {
          found.append((Hit(name: "\(page.name).\(row.name)", text: row.text), score))
        }
      }
    }
    // Of two that fit alike, the one that says less besides is the more specific.
    found.sort { a, b in
      (b.score, a.hit.text.count, a.hit.name) < (a.score, b.hit.text.count, b.hit.name)
    }
    return found.prefix(limit).map(\.hit)
  }
}

/// How well the words of a question fit a page: 0 unless all of them occur.
private struct HelpScore {
  let value: Double

  init(_ page: HelpPage, _ wanted: [String]) {
    let title = HelpWords.stems(page.name)
    let summary = HelpWords.stems(page.summary)
    var places = [(title, 10.0), (summary, 4), (HelpWords.stems(page.text), 2)]
    places += page.arguments.map { (HelpWords.stems($0.name), 5) }
    places += page.arguments.map { (HelpWords.stems($0.text), 3) }
    places.append((page.seeAlso.flatMap(HelpWords.stems), 0.5))
    // A function with several arguments of the kind, as the rates of a phase, has more to do with it.
    let about = page.arguments.count { row in
      let words = HelpWords.stems(row.text)
      return wanted.allSatisfy { stem in words.contains { HelpWords.fits($0, stem) > 0 } }
    }
    let score = Self.score(places, wanted)
    value = score == 0 ? 0 : (score + 1.5 * Double(about)) * (page.kind == .topic ? 1.2 : 1)
  }

  init(field: HelpPage.Row, of page: HelpPage, _ wanted: [String]) {
    let own = [
      (HelpWords.stems(field.name), 8.0), (HelpWords.stems(field.text), 4),
    ]
    // The type alone is no reason to list every field of it.
    let isAbout = own.contains { words, _ in
      wanted.contains { stem in words.contains { HelpWords.fits($0, stem) > 0 } }
    }
    value = isAbout ? Self.score(own + [(HelpWords.stems(page.name), 2)], wanted) : 0
  }

  private static func score(_ places: [([String], Double)], _ wanted: [String]) -> Double {
    var total = 0.0
    for stem in wanted {
      var best = 0.0
      for (words, weight) in places {
        for word in words { best = max(best, weight * HelpWords.fits(word, stem)) }
      }
      if best == 0 { return 0 }
      total += best
    }
    // Words that stand together as they were written mean what was meant.
    var phrase = 0.0
    if wanted.count > 1 {
      for (words, weight) in places where words.count >= wanted.count {
        let isTogether = words.indices.dropLast(wanted.count - 1).contains { start in
          wanted.indices.allSatisfy { HelpWords.fits(words[start + $0], wanted[$0]) > 0 }
        }
        if isTogether { phrase = max(phrase, 2 * weight) }
      }
    }
    return total + phrase
  }
}

/// The words of a text without their endings.
enum HelpWords {
  private static let idle: Set = [
    "the", "a", "an", "of", "to", "in", "for", "is", "how", "do", "i",
  ]

  static func stems(_ text: String) -> [String] {
    let words = text.split { !($0.isLetter || $0.isNumber) }
    let stems = words.map { stem(Greek.spelledName(Greek.canonicalName(String($0)))) }
    let telling = stems.filter { !idle.contains($0) }
    return telling.isEmpty ? stems : telling
  }

  /// Small letters, one spelling of -ise, no ending: "Rates" and "rate" are the same.
  static func stem(_ word: String) -> String {
    var word = word.lowercased()
    for (from, to, least) in [("iz", "is", 8), ("our", "or", 6)] where word.utf8.count >= least {
      if let range = range(of: from, in: word) { word.replaceSubrange(range, with: to) }
    }
    for (ending, least) in [("ies", 6), ("ing", 6), ("ed", 6), ("es", 6), ("s", 4)]
    where word.hasSuffix(ending) && word.count >= least && !word.hasSuffix("ss") {
      word.removeLast(ending.count)
      if ending == "ies" { word += "y" }
      break
    }
    if word.count >= 5, word.last == "e" { word.removeLast() }
    return word
  }

  private static func range(of piece: String, in word: String) -> Range<String.Index>? {
    var start = word.startIndex
    while start < word.endIndex {
      if word[start...].hasPrefix(piece) {
        return start..<word.index(start, offsetBy: piece.count)
      }
      start = word.index(after: start)
    }
    return nil
  }

  /// 1 for the same stem, less where the question's is only the beginning of the word.
  static func fits(_ word: String, _ stem: String) -> Double {
    if word == stem { return 1 }
    guard stem.count >= 3, word.hasPrefix(stem) else { return 0 }
    return word.count - stem.count <= 3 ? 0.6 : 0.4
  }
}
