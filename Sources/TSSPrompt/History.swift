#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The inputs of this session and of those before, and the walk through them with ↑ and ↓.
///
/// The file has one line per input, with `\n` for newlines and `\\` for backslashes. It is only
/// ever appended to, with one `write` for each input, so that two sessions never lose each other's.
package final class History {
  package private(set) var entries: [String] = []
  private let path: String?
  private let limit = 10_000

  /// The walk that is under way.
  private var walk: Walk?

  private struct Walk {
    /// What was written before the walk, and what all entries it visits begin with.
    var draft: String
    var position: Int
    /// What the walk has put into the line; another text there ends the walk.
    var shown: String
  }

  /// - Parameter path: the file; nil keeps nothing.
  package init(path: String?) {
    self.path = path
    guard let path, let text = try? TextFile.read(path) else { return }
    entries = text.split(separator: "\n").suffix(limit).map(Self.unescaped)
  }

  /// Adds an input, to the file as well.
  package func add(_ entry: String) {
    walk = nil
    if entries.last == entry { return }
    entries.append(entry)
    guard let path else { return }
    let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { return }
    var line = Self.escaped(entry) + "\n"
    // One call, so that the line stays whole. A full disk loses history, which is no error.
    _ = line.withUTF8 { write(file, $0.baseAddress, $0.count) }
    close(file)
  }

  /// Keeps a cancelled input within reach of ↑, for this session only.
  package func keep(_ entry: String) {
    walk = nil
    if entries.last != entry { entries.append(entry) }
  }

  /// The entry before the one that is shown; nil where there is none.
  package func older(than text: String) -> String? {
    var walk = continued(text) ?? Walk(draft: text, position: entries.count, shown: text)
    while walk.position > 0 {
      walk.position -= 1
      let entry = entries[walk.position]
      if entry.hasPrefix(walk.draft), entry != walk.shown {
        walk.shown = entry
        self.walk = walk
        return entry
      }
    }
    return nil
  }

  /// The entry after the one that is shown, and after the last the text of before the walk; nil
  /// outside a walk.
  package func newer(than text: String) -> String? {
    guard var walk = continued(text) else { return nil }
    while walk.position < entries.count {
      walk.position += 1
      let entry = walk.position < entries.count ? entries[walk.position] : walk.draft
      if walk.position == entries.count || (entry.hasPrefix(walk.draft) && entry != walk.shown) {
        walk.shown = entry
        self.walk = walk.position < entries.count ? walk : nil
        return entry
      }
    }
    return nil
  }

  /// The last entry before `position` that contains a text.
  package func search(_ text: String, before position: Int) -> Int? {
    entries[..<min(max(position, 0), entries.count)].lastIndex { $0.contains(text) }
  }

  private func continued(_ text: String) -> Walk? { walk?.shown == text ? walk : nil }

  // MARK: The file's lines

  package static func escaped(_ entry: String) -> String {
    var line = ""
    for character in entry.unicodeScalars {
      switch character {
      case "\n": line += "\\n"
      case "\\": line += "\\\\"
      default: line.unicodeScalars.append(character)
      }
    }
    return line
  }

  package static func unescaped(_ line: some StringProtocol) -> String {
    guard line.utf8.contains(UInt8(ascii: "\\")) else { return String(line) }
    var entry = String.UnicodeScalarView()
    var isEscaped = false
    for character in line.unicodeScalars {
      if isEscaped {
        entry.append(character == "n" ? "\n" : character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else {
        entry.append(character)
      }
    }
    return String(entry)
  }
}
