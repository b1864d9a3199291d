#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The file behind the history: a line when an input starts and a line when it has ended.
///
///     \@4711.3 1763910541 sgd(student(2), teacher(2), η=0.1, time=50)
///     \=4711.3 done 12.5
///
/// The first says who (process and number), when (seconds since 1970) and what; the second how it
/// ended and after how many seconds. A line without such a head is an input as well: that was the
/// whole format once. Newlines in inputs are `\n` and backslashes `\\`, so that no input begins with
/// a backslash and a sign. Each line is appended with one `write`: sessions mix and never lose each
/// other's inputs, and an input that ends the process has been written before.
public enum HistoryFile {
  /// An input of this session or of one before.
  public struct Record: Equatable, Sendable {
    public var text: String
    /// Seconds since 1970 when it started; nil where the file does not say.
    public var time: Int?
    /// nil where the process ended first, or the file does not say.
    public var ending: InputEnding?
    public var seconds: Double?

    public init(
      text: String, time: Int? = nil, ending: InputEnding? = nil, seconds: Double? = nil
    ) {
      self.text = text
      self.time = time
      self.ending = ending
      self.seconds = seconds
    }
  }

  /// All inputs of a file in order, each with how it ended. What no input can be is passed over.
  public static func records(of text: String) -> [Record] {
    var records: [Record] = []
    var places: [Substring: Int] = [:]
    // Scalar by scalar: a carriage return and a newline are one character.
    for scalars in text.unicodeScalars.split(separator: "\n") {
      let line = Substring(scalars.last == "\r" ? scalars.dropLast() : scalars)
      if scalars.contains(where: { $0.value < 0x20 && $0 != "\t" && $0 != "\r" }) { continue }
      if line.hasPrefix("\\@") {
        let parts = line.dropFirst(2).split(
          separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { continue }
        places[parts[0]] = records.count
        records.append(Record(text: unescaped(parts[2]), time: Int(parts[1])))
      } else if line.hasPrefix("\\=") {
        let parts = line.dropFirst(2).split(separator: " ")
        guard parts.count == 3, let place = places[parts[0]] else { continue }
        records[place].ending = InputEnding(rawValue: String(parts[1]))
        records[place].seconds = Double(parts[2]).flatMap { $0.isFinite ? $0 : nil }
      } else {
        records.append(Record(text: unescaped(line)))
      }
    }
    return records
  }

  static func startLine(_ id: String, _ record: Record) -> String {
    "\\@\(id) \(record.time ?? 0) \(escaped(record.text))\n"
  }

  static func endLine(_ id: String, _ ending: InputEnding, _ seconds: Double) -> String {
    "\\=\(id) \(ending.rawValue) \((seconds * 1e6).rounded() / 1e6)\n"
  }

  /// Why nothing can be written to a file: "/history: Read-only file system".
  static func problem(_ path: String) -> String? {
    let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    if file < 0 { return "\(path): \(TextFile.lastProblem)" }
    close(file)
    return nil
  }

  /// One call, so that the line stays whole. A full disk loses history, which is no error.
  static func append(_ line: String, to path: String) {
    let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { return }
    var line = line
    _ = line.withUTF8 { write(file, $0.baseAddress, $0.count) }
    close(file)
  }

  public static func escaped(_ entry: String) -> String {
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

  public static func unescaped(_ line: some StringProtocol) -> String {
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
