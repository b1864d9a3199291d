/// Names that were probably meant.
public enum Suggestions {
  /// The candidates nearest to a name, best first, at most `limit`.
  ///
  /// Near is an optimal string alignment distance (a swap of neighbours counts 1) of at most a
  /// third of the name's length, at least 1; names that differ in case only always match. Names
  /// are also compared with their Greek letters spelled, so that `etta` finds `η`.
  public static func best(
    for name: String, among candidates: some Sequence<String>, limit: Int = 3
  ) -> [String] {
    let wanted = Word(name)
    var found: [(distance: Double, candidate: String)] = []
    for candidate in candidates where candidate != name {
      if let distance = distance(wanted, Word(candidate)) { found.append((distance, candidate)) }
    }
    found.sort { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }
    var best: [String] = []
    for (_, candidate) in found where best.count < limit && !best.contains(candidate) {
      best.append(candidate)
    }
    return best
  }

  /// "did you mean `student`?"
  public static func help(for name: String, among candidates: some Sequence<String>) -> String? {
    best(for: name, among: candidates, limit: 1).first.map { "did you mean `\($0)`?" }
  }

  /// A name in the forms in which it is compared.
  private struct Word {
    let written: [Unicode.Scalar]
    let spelled: [Unicode.Scalar]

    init(_ name: String) {
      written = Array(name.unicodeScalars)
      spelled =
        written.allSatisfy(\.isASCII) ? written : Array(Greek.spelledName(name).unicodeScalars)
    }
  }

  private static func distance(_ a: Word, _ b: Word) -> Double? {
    let plain = distance(a.written, b.written)
    let spelled =
      a.spelled == a.written && b.spelled == b.written ? nil : distance(a.spelled, b.spelled)
    return [plain, spelled].compactMap { $0 }.min()
  }

  /// The distance where it is within the limit. Case only counts a little, a different first
  /// letter a little more than another one.
  private static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Double? {
    let limit = max(1, a.count / 3)
    guard abs(a.count - b.count) <= limit, let first = a.first else { return nil }
    let small = (a.map(lowercased), b.map(lowercased))
    if small.0 == small.1 { return 0.1 }
    // One letter in place of another is no slip of the hand but another name.
    if a.count == 1, b.count == 1 { return nil }
    guard let distance = alignment(small.0, small.1, limit: limit) else { return nil }
    return Double(distance) + (lowercased(first) == small.1.first ? 0 : 0.5)
  }

  private static func lowercased(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar
  }

  /// The number of insertions, deletions, replacements and swaps of neighbours that turn one into
  /// the other; nil above the limit.
  package static func alignment<Element: Equatable>(
    _ a: [Element], _ b: [Element], limit: Int
  ) -> Int? {
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in 1..<max(1, a.count + 1) {
      var row = [i] + last.dropFirst()
      for j in 1..<max(1, b.count + 1) {
        row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          row[j] = min(row[j], beforeLast[j - 2] + 1)
        }
      }
      // Distances never shrink from row to row, so most candidates are given up early.
      if row.min()! > limit { return nil }
      (beforeLast, last) = (last, row)
    }
    return last[b.count] <= limit ? last[b.count] : nil
  }
}
