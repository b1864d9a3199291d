import TSSLanguage
import TSSLibrary

/// Collects what fits an unfinished word.
struct Finder {
  var word: String
  let range: Range<Int>
  /// Groups in the result: arguments before names.
  var rank = 0
  private var items: [(completion: Completion, rank: Int, order: Int)] = []

  init(word: String, range: Range<Int>) {
    self.word = word
    self.range = range
  }

  var isEmpty: Bool { items.isEmpty }

  /// Greek letters fit as they are written and as they are spelled: `et` fits η.
  func matches(_ name: String) -> Bool {
    if name.utf8.starts(with: word.utf8) { return true }
    // Almost every name is ASCII, and there may be ten thousand.
    if name.utf8.allSatisfy({ $0 < 0x80 }) { return false }
    return Greek.spelledName(name).utf8.starts(with: word.utf8)
  }

  /// Adds a completion if the name fits.
  ///
  /// - Parameters:
  ///   - text: what is inserted; the name if nil.
  ///   - spelling: what is compared with the word; the name if nil.
  ///   - order: place among those of the same rank; alphabetical where equal.
  mutating func add(
    _ name: String, _ documentation: String, text: String? = nil, as spelling: String? = nil,
    order: Int = 0
  ) {
    guard matches(spelling ?? name) else { return }
    let line = documentation.prefix { $0 != "\n" }
    items.append(
      (Completion(text: text ?? name, replaces: range, documentation: String(line)), rank, order))
  }

  /// Adds a name with its value, a function with its bracket.
  mutating func add(
    _ name: String, _ value: Value, _ documentation: Documentation? = nil, isCalled: Bool
  ) {
    guard case .function(let function) = value else {
      return add(name, documentation?.text ?? value.kindName)
    }
    let bracket = isCalled ? "" : function.signature.parameters.isEmpty ? "()" : "("
    let text = (documentation ?? function.documentation).text
    add(name, text.isEmpty ? HelpText.signature(of: function) : text, text: name + bracket)
  }

  var sorted: [Completion] {
    items.sorted {
      ($0.rank, $0.order, $0.completion.text) < ($1.rank, $1.order, $1.completion.text)
    }.map(\.completion)
  }
}

/// A letter that cannot be found on most keyboards, with its name after a backslash.
struct SpelledLetter {
  var name: String
  var letter: String

  static let all: [SpelledLetter] = {
    let names = [
      "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
      "lambda", "mu", "nu", "xi", "omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi",
      "chi", "psi", "omega",
    ]
    let capitals = names.map { $0.prefix(1).uppercased() + $0.dropFirst() }
    let letters = (names + capitals).compactMap { name in
      Greek.letter(spelled: name).map { SpelledLetter(name: name, letter: String($0)) }
    }
    let signs = [("approx", "≈"), ("le", "≤"), ("ge", "≥"), ("ne", "≠"), ("inf", "∞")]
    return letters + signs.map { SpelledLetter(name: $0.0, letter: $0.1) }
  }()
}
