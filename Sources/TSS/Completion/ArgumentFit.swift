import TSSLanguage
import TSSLibrary

/// Which values an argument asks for, read from the line that describes it: "the student, or a run
/// to repeat by this engine" asks for students and runs.
struct ArgumentFit {
  private let nouns: Set<Substring>

  init(_ documentation: String) {
    var nouns: Set<Substring> = []
    let ends = documentation.split { ",:;()".contains($0) }
    for piece in ends {
      // "A list of numbers" is a list; "a student or a run" is either.
      var isOf = false
      for word in piece.split(separator: " ") {
        if word == "or" { isOf = false }
        if word == "of" { isOf = true }
        if !isOf { nouns.insert(word) }
      }
    }
    self.nouns = nouns
  }

  func takes(_ value: Value) -> Bool { takes(kind: value.shortKind) }

  func takes(kind: String) -> Bool {
    func has(_ noun: String) -> Bool {
      nouns.contains(noun[...]) || nouns.contains("\(noun)s"[...])
    }
    return has(kind) || (kind == "ensemble" && has("run"))
  }

  /// Kinds of which a session has few, and whose names are therefore what is meant.
  static func isTelling(_ value: Value) -> Bool {
    switch value {
    case .object, .table, .function: true
    default: false
    }
  }
}
