/// Why a figure could not be written.
public enum PlotError: Error, Hashable, Sendable {
  /// The name ends in none of the suffixes that name a format.
  case unknownSuffix(path: String, known: [String])
  /// The file cannot be made; `reason` is the operating system's word.
  case cannotWrite(path: String, reason: String)
  /// gnuplot ran and made no picture.
  case gnuplotFailed(path: String, message: String)
  /// There is no gnuplot; everything it needs was written to `script`.
  case gnuplotMissing(path: String, script: String)
  /// Who asked for the picture does not want it any more.
  case stopped
}

extension PlotError: CustomStringConvertible {
  /// A sentence for the user, with what to do about it where something can be done.
  public var description: String {
    switch self {
    case .unknownSuffix(let path, let known):
      let list = known.map { ".\($0)" }.joined(separator: ", ")
      return "cannot tell the format of `\(path)`: a figure's name ends in one of \(list)"
    case .cannotWrite(let path, let reason):
      return "cannot write `\(path)`: \(reason)"
    case .gnuplotFailed(let path, let message):
      let words = message.isEmpty ? "it said nothing" : message
      return "gnuplot did not make `\(path)`: \(words)"
    case .stopped: return "stopped"
    case .gnuplotMissing(let path, let script):
      return "gnuplot is not installed, so `\(path)` was not drawn; "
        + "install it (`apt install gnuplot-nox`), then `gnuplot \(script)` makes it"
    }
  }
}
