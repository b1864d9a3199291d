/// What is wrong, where, and what to do about it: data, turned into a picture by `Renderer`.
public struct Diagnostic: Error, Sendable {
  /// When it was found, which decides the exit status of the command.
  public enum Stage: Sendable {
    /// The text is no program. `isIncomplete` says that more input could make it one.
    case syntax(isIncomplete: Bool)
    /// Found before running.
    case check
    case runtime
    case interrupted
  }

  /// A second place that explains the first: the definition, the opening bracket.
  public struct Label: Sendable {
    public var span: Span
    public var text: String

    public init(_ span: Span, _ text: String) {
      self.span = span
      self.text = text
    }
  }

  /// A call of the user's own code that was under way.
  public struct Frame: Sendable {
    public var function: String
    public var call: Span

    public init(function: String, call: Span) {
      self.function = function
      self.call = call
    }
  }

  public var stage: Stage
  /// A short stable word for programs: `unknown-name`, `unknown-argument`, `type`, `index`.
  public var code: String
  /// One sentence that says what is wrong, in the user's words.
  public var message: String
  /// The smallest wrong thing; nil only where no source is at fault.
  public var span: Span?
  /// Words beside the carets; may be empty.
  public var label: String
  public var related: [Label]
  /// Each can be pasted or acted upon.
  public var help: [String]
  /// Names that were probably meant, best first.
  public var suggestions: [String]
  /// The user's own calls under way, innermost first.
  public var frames: [Frame]

  public init(
    _ stage: Stage, _ code: String, _ message: String, at span: Span? = nil, label: String = "",
    related: [Label] = [], help: [String] = [], suggestions: [String] = []
  ) {
    self.stage = stage
    self.code = code
    self.message = message
    self.span = span
    self.label = label
    self.related = related
    self.help = help
    self.suggestions = suggestions
    frames = []
  }

  /// An error at run time.
  public static func runtime(
    _ code: String, _ message: String, at span: Span? = nil, help: String? = nil
  ) -> Diagnostic {
    Diagnostic(.runtime, code, message, at: span, help: help.map { [$0] } ?? [])
  }
}
