import TSS

/// How an input ended.
enum InputOutcome {
  case line(String)
  case cancelled(String)
  case end
}

/// Reads inputs from a terminal, each of one or many lines.
protocol InputReader: AnyObject {
  func read() -> InputOutcome
  /// Prints whole lines, above the input where one is being edited. From any thread.
  func notice(_ text: String)
  /// Drops what has been typed ahead: who stops a program does not want what was to follow it.
  func forgetTyped()
  /// What others have read from the terminal, for the next input.
  func putBack(_ bytes: [UInt8])
  /// Shows a line below the input, where there is a place for it, whenever it is painted.
  func show(status: @escaping () -> String?)
  /// Paints what stands below the input again. From any thread.
  func repaint()
}

extension InputReader {
  func show(status: @escaping () -> String?) {}
  func repaint() {}
}

/// What the reader of inputs asks the language.
struct InputAssistant {
  var completeness: (String) -> Completeness
  var complete: (String, Int) -> [Completion]
  var highlight: (String) -> [HighlightedSpan]
  var matchingBrackets: (String, Int) -> (Int, Int)?
  var signatureHint: (String, Int) -> SignatureHint?

  init(_ session: Session) {
    completeness = { session.isComplete($0) }
    complete = { session.complete($0, at: $1) }
    highlight = { session.highlight($0) }
    matchingBrackets = { session.matchingBrackets(in: $0, at: $1) }
    signatureHint = { session.signatureHint($0, at: $1) }
  }
}
