/// Greek letters, which may be typed by name: `eta_w` and `η_w` are the same identifier.
public enum Greek {
  /// The letter that a word spells: `eta` is η, `Delta` is Δ.
  public static func letter(spelled word: some StringProtocol) -> Character? {
    // Most words are no letter: their length says so without hashing.
    guard (2...7).contains(word.utf8.count) else { return nil }
    return letters[String(word)]
  }

  /// How a letter is typed: η is `eta`; nil for any other character.
  public static func spelling(of letter: Character) -> String? { spellings[letter] }

  /// The form under which a name is known.
  ///
  /// Every piece between underscores that spells a letter, with or without digits after it, is that
  /// letter, and look-alikes (`µ` the unit, `ϵ` the variant) become the letter they look like.
  /// Composed and decomposed accents are left as they are: strings of Swift compare and hash by
  /// canonical equivalence, so that both forms are the same name already.
  public static func canonicalName(_ written: String) -> String {
    var pieces = written.split(separator: "_", omittingEmptySubsequences: false)
    var isChanged = false
    for index in pieces.indices {
      let piece = pieces[index]
      let word = piece.prefix(while: \.isLetter)
      if word.utf8.count <= 7, let letter = letter(spelled: word),
        piece[word.endIndex...].allSatisfy(isDigit)
      {
        pieces[index] = String(letter) + piece[word.endIndex...]
        isChanged = true
      } else if piece.unicodeScalars.contains(where: { lookAlikes[$0] != nil }) {
        var scalars = Substring.UnicodeScalarView()
        scalars.append(contentsOf: piece.unicodeScalars.map { lookAlikes[$0] ?? $0 })
        pieces[index] = Substring(scalars)
        isChanged = true
      }
    }
    return isChanged ? pieces.joined(separator: "_") : written
  }

  /// The name with its Greek letters spelled, for terminals and keyboards without them.
  public static func spelledName(_ name: String) -> String {
    name.map { spellings[$0] ?? String($0) }.joined()
  }

  private static func isDigit(_ character: Character) -> Bool {
    ("0"..."9").contains(character) || ("₀"..."₉").contains(character)
  }

  private static let letters: [String: Character] = {
    let small = """
      alpha α beta β gamma γ delta δ epsilon ε zeta ζ eta η theta θ iota ι kappa κ lambda λ mu μ \
      nu ν xi ξ omicron ο pi π rho ρ sigma σ tau τ upsilon υ phi φ chi χ psi ψ omega ω
      """.split(separator: " ")
    var letters: [String: Character] = [:]
    for index in stride(from: 0, to: small.count, by: 2) {
      let word = small[index]
      letters[String(word)] = Character(String(small[index + 1]))
      letters[word.prefix(1).uppercased() + word.dropFirst()] =
        Character(small[index + 1].uppercased())
    }
    return letters
  }()

  private static let spellings = Dictionary(
    uniqueKeysWithValues: letters.map { ($0.value, $0.key) })

  private static let lookAlikes: [Unicode.Scalar: Unicode.Scalar] = [
    "µ": "μ", "ϵ": "ε", "ϕ": "φ", "ϑ": "θ", "ϱ": "ρ", "ϖ": "π", "ϰ": "κ", "ϴ": "Θ",
    "\u{2126}": "Ω",
  ]
}
