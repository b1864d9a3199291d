/// One parameter of a function.
public struct Parameter: Sendable {
  public enum Requirement: Sendable, Hashable {
    case required
    /// The default as a reader would write it; empty where leaving it out means something that no
    /// value says.
    case optional(String)
    /// Takes all further positional arguments: `print(a, b, c)`.
    case rest
  }

  public var name: String
  public var requirement: Requirement
  /// One line: what it is, with its unit.
  public var documentation: String
  /// The words it may be, alone or beside other values.
  public var choices: [String]
  /// May be given by name only.
  public var isNamedOnly: Bool
  /// Left out of the short signature that messages and hints show.
  public var isMinor: Bool

  public init(
    _ name: String, _ requirement: Requirement = .required, _ documentation: String = "",
    choices: [String] = [], isNamedOnly: Bool = false, isMinor: Bool = false
  ) {
    self.name = name
    self.requirement = requirement
    self.documentation = documentation
    self.choices = choices
    self.isNamedOnly = isNamedOnly
    self.isMinor = isMinor
  }
}

/// What a call of a function may say.
public struct Signature: Sendable {
  public var parameters: [Parameter]
  /// The type of the result where it is always the same, in the user's words: `student`, `run`,
  /// `number`. The static check knows the fields of these.
  public var result: String?

  public init(_ parameters: [Parameter], result: String? = nil) {
    self.parameters = parameters
    self.result = result
  }
}

/// What `help` says of a function or a constant.
public struct Documentation: Sendable {
  /// One paragraph.
  public var text: String
  /// Programs, each with what it prints: `("sqrt(2)", "1.4142135623730951")`.
  public var examples: [(code: String, output: String)]
  public var seeAlso: [String]

  public init(
    _ text: String, examples: [(code: String, output: String)] = [], seeAlso: [String] = []
  ) {
    self.text = text
    self.examples = examples
    self.seeAlso = seeAlso
  }
}
