import TSSLanguage
import TSSLibrary

/// Collects what fits an unfinished word, the best first.
struct Finder {
  /// How well a name fits the word.
  enum Fit: Int, Comparable {
    /// It begins with the word, as it is written or with its Greek letters spelled.
    case exact
    /// It does where capitals do not count.
    case loose

    static func < (a: Fit, b: Fit) -> Bool { a.rawValue < b.rawValue }
  }

  /// What is offered first: a value that can only be meant for the argument, one that it may be, an
  /// argument, any name, a name that needs a `use` before.
  enum Rank: Int, Comparable {
    case wanted, likely, argument, name, elsewhere

    static func < (a: Rank, b: Rank) -> Bool { a.rawValue < b.rawValue }
  }

  private struct Item {
    var completion: Completion
    var fit: Fit
    var rank: Rank
    /// Place among those of the same rank.
    var order: Int
    /// When the name was used last; 0 for never.
    var used: Int

    /// Alphabetical where all else is equal.
    static func precedes(_ a: Item, _ b: Item) -> Bool {
      if (a.fit, a.rank) != (b.fit, b.rank) { return (a.fit, a.rank) < (b.fit, b.rank) }
      if (a.order, a.used) != (b.order, b.used) { return (a.order, b.used) < (b.order, a.used) }
      return a.completion.text < b.completion.text
    }
  }

  var word: String
  let range: Range<Int>
  var rank = Rank.argument
  /// Whether `T` may find `teacher`: not among letters, where a capital is another letter.
  var isLoose = true
  /// When names were used last.
  var usage = NameUsage()
  private var items: [Item] = []

  init(word: String, range: Range<Int>) {
    self.word = word
    self.range = range
  }

  var isEmpty: Bool { items.isEmpty }

  func matches(_ name: String) -> Bool { fit(name) != nil }

  /// Greek letters fit as they are written and as they are spelled: `et` fits η.
  private func fit(_ name: String) -> Fit? {
    if name.utf8.starts(with: word.utf8) { return .exact }
    // Almost every name is ASCII, and there may be ten thousand.
    let isASCII = name.utf8.allSatisfy { $0 < 0x80 }
    let spelled = isASCII ? name : Greek.spelledName(name)
    if !isASCII, spelled.utf8.starts(with: word.utf8) { return .exact }
    // One letter would find too much.
    guard isLoose, word.utf8.count > 1 else { return nil }
    return spelled.utf8.starts(with: word.utf8, by: Self.isSameLetter) ? .loose : nil
  }

  private static func isSameLetter(_ a: UInt8, _ b: UInt8) -> Bool {
    if a == b { return true }
    let letter = a | 0x20
    return letter == b | 0x20 && letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z")
  }

  /// Adds a completion if the name fits.
  ///
  /// - Parameters:
  ///   - text: what is inserted; the name if nil.
  ///   - spelling: what is compared with the word; the name if nil.
  ///   - order: place among those of the same rank; the last used first where equal.
  mutating func add(
    _ name: String, _ documentation: String, text: String? = nil, as spelling: String? = nil,
    order: Int = 0
  ) {
    guard let fit = fit(spelling ?? name) else { return }
    let line = documentation.prefix { $0 != "\n" }
    let completion = Completion(
      text: text ?? name, replaces: range, documentation: String(line), isExact: fit == .exact)
    items.append(
      Item(
        completion: completion, fit: fit, rank: rank, order: order, used: usage.lastUse(of: name)))
  }

  /// Adds a name with its value, a function with its bracket.
  mutating func add(
    _ name: String, _ value: Value, _ documentation: Documentation? = nil, order: Int = 0,
    isCalled: Bool
  ) {
    guard case .function(let function) = value else {
      let size = value.sizeText
      let kind = value.kindName + (size.isEmpty ? "" : ", " + size)
      return add(name, documentation?.text ?? kind, order: order)
    }
    let bracket = isCalled ? "" : function.signature.parameters.isEmpty ? "()" : "("
    let text = (documentation ?? function.documentation).text
    add(
      name, text.isEmpty ? HelpText.signature(of: function) : text, text: name + bracket,
      order: order)
  }

  var sorted: [Completion] { items.sorted(by: Item.precedes).map(\.completion) }
}

/// Which names the inputs of a prompt have used, and when.
struct NameUsage {
  private var lastUses: [String: Int] = [:]
  private var count = 0

  func lastUse(of name: String) -> Int { lastUses.isEmpty ? 0 : lastUses[name] ?? 0 }

  /// An input was run.
  mutating func note(_ text: String) {
    // Whoever pastes a program into the prompt is not typing names.
    guard text.utf8.count < 10_000 else { return }
    count += 1
    let words = text.utf8.split { !CompletionPlace.isWord($0) }
    for word in words where word.count < 100 {
      lastUses[Greek.canonicalName(String(decoding: word, as: UTF8.self))] = count
    }
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
