import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The inputs of this session and of those before, and the walk through them with ↑ and ↓.
public final class History {
  /// What ↑ and ^R find: no input twice in a row.
  public private(set) var entries: [String] = []
  /// All inputs with when they ran and how that ended.
  public private(set) var records: [HistoryFile.Record] = []
  /// Why this session's inputs go to no file; nil where they do.
  public let problem: String?
  private let path: String?
  private let limit = 10_000
  /// Numbers the inputs of the process.
  private static let count = Atomic(0)

  /// An input that runs.
  public struct Ticket {
    fileprivate let id: String
    fileprivate let place: Int
  }

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
  public init(path: String?) {
    self.path = path
    problem = path.map(HistoryFile.problem) ?? "there is no HOME"
    guard let path, let bytes = try? TextFile.bytes(path) else { return }
    // One damaged line is no reason to lose the others.
    records = HistoryFile.records(of: String(decoding: bytes, as: UTF8.self)).suffix(limit)
    if let last = bytes.last, last != UInt8(ascii: "\n") { HistoryFile.append("\n", to: path) }
    for record in records { remember(record.text) }
  }

  /// Adds an input that is about to run, to the file as well: it may end the process.
  @discardableResult
  public func add(_ entry: String) -> Ticket {
    walk = nil
    remember(entry)
    let record = HistoryFile.Record(text: entry, time: time(nil))
    records.append(record)
    let number = Self.count.add(1, ordering: .relaxed).newValue
    let ticket = Ticket(id: "\(getpid()).\(number)", place: records.count - 1)
    if let path { HistoryFile.append(HistoryFile.startLine(ticket.id, record), to: path) }
    return ticket
  }

  /// It has ended.
  public func finish(_ ticket: Ticket, _ ending: InputEnding, seconds: Double) {
    records[ticket.place].ending = ending
    records[ticket.place].seconds = seconds
    guard let path else { return }
    HistoryFile.append(HistoryFile.endLine(ticket.id, ending, seconds), to: path)
  }

  private func remember(_ entry: String) {
    if entries.last != entry { entries.append(entry) }
  }

  /// Keeps a cancelled input within reach of ↑, for this session only.
  public func keep(_ entry: String) {
    walk = nil
    remember(entry)
  }

  /// The entry before the one that is shown; nil where there is none.
  public func older(than text: String) -> String? {
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
  public func newer(than text: String) -> String? {
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
  public func search(_ text: String, before position: Int) -> Int? {
    entries[..<min(max(position, 0), entries.count)].lastIndex { $0.contains(text) }
  }

  private func continued(_ text: String) -> Walk? { walk?.shown == text ? walk : nil }
}
