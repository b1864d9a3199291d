/// Why data could not be read or written.
public enum DataError: Error, Hashable, Sendable {
  /// The formats of this module.
  public enum Format: String, Hashable, Sendable {
    case npy = ".npy"
    case npz = ".npz"
    case csv = "CSV"
    case json = "JSON"
    case idx = "IDX"
    case gzip = "gzip"
  }

  /// Where in a text something is wrong; both count from 1.
  public struct Place: Hashable, Sendable {
    /// The line.
    public var line: Int
    /// The character in the line; `nil` where the whole line is meant.
    public var column: Int?

    /// A place in a text.
    public init(line: Int, column: Int? = nil) {
      self.line = line
      self.column = column
    }
  }

  /// The file cannot be read; `reason` is the operating system's word.
  case cannotRead(path: String, reason: String)
  /// The file cannot be written; `reason` is the operating system's word.
  case cannotWrite(path: String, reason: String)
  /// The bytes are not what the format asks for.
  case malformed(Format, at: Place?, problem: String)
  /// The bytes are right, but of a kind that is not read here.
  case unsupported(Format, what: String)
  /// Whoever asked for it does not want it any more.
  case stopped
  /// The format has no room for so much.
  case tooLarge(Format, what: String)
}

extension DataError: CustomStringConvertible {
  /// A sentence for the user.
  public var description: String {
    switch self {
    case .cannotRead(let path, let reason): return "cannot read `\(path)`: \(reason)"
    case .cannotWrite(let path, let reason): return "cannot write `\(path)`: \(reason)"
    case .malformed(let format, nil, let problem): return "not valid \(format.rawValue): \(problem)"
    case .malformed(let format, let place?, let problem):
      let column = place.column.map { ":\($0)" } ?? ""
      return "not valid \(format.rawValue): line \(place.line)\(column): \(problem)"
    case .unsupported(let format, let what): return "\(format.rawValue): \(what)"
    case .stopped: return "stopped"
    case .tooLarge(let format, let what): return "too large for \(format.rawValue): \(what)"
    }
  }
}
