/// The names that a program starts with, and the types whose fields the static check knows.
public struct Vocabulary: Sendable {
  public struct Entry: Sendable {
    public var value: Value
    public var documentation: Documentation
    /// The part of the reference that it belongs to: `matrices`.
    public var group: String
  }

  /// A type of the host: what `x.` can be followed by.
  public struct TypeDescription: Sendable {
    public struct Field: Sendable {
      public var name: String
      /// The type of the field where it is always the same: `number`, `list`, `matrix`, `run`.
      public var type: String?
      public var documentation: String

      public init(_ name: String, _ type: String? = nil, _ documentation: String = "") {
        self.name = name
        self.type = type
        self.documentation = documentation
      }
    }

    public var name: String
    public var fields: [Field]
    /// What a value of this type is, for `help`.
    public var documentation: Documentation
    /// The part of the reference that it belongs to.
    public internal(set) var group = ""

    public init(
      _ name: String, _ fields: [Field], _ documentation: Documentation = Documentation("")
    ) {
      self.name = name
      self.fields = fields
      self.documentation = documentation
    }
  }

  public private(set) var entries: [String: Entry] = [:]
  public private(set) var types: [String: TypeDescription] = [:]

  /// Names of other languages that are unknown here, and what to write instead: `arcsin` gives
  /// "write asin(x)". For the help of an error about an unknown name.
  public private(set) var hints: [String: String] = [:]

  /// The part of the reference that what is defined next belongs to.
  public var group = ""

  public init() {}

  /// What to write instead of a name that this vocabulary does not have.
  public mutating func hint(_ name: String, _ help: String) { hints[name] = help }

  /// A constant: `π`, `first`.
  public mutating func define(
    _ name: String, _ value: Value, _ text: String, seeAlso: [String] = []
  ) {
    define(name, value, Documentation(text, seeAlso: seeAlso))
  }

  /// A constant with examples and related names.
  public mutating func define(_ name: String, _ value: Value, _ documentation: Documentation) {
    entries[name] = Entry(value: value, documentation: documentation, group: group)
  }

  /// A word that stands for itself.
  public mutating func define(word name: String, _ text: String, seeAlso: [String] = []) {
    define(name, .word(name), Documentation(text, seeAlso: seeAlso))
  }

  /// A function of the host; `quick` is what `body` does with common arguments.
  public mutating func define(
    _ name: String, _ parameters: [Parameter], result: String? = nil,
    _ documentation: Documentation, quick: Builtin.Quick? = nil,
    body: @escaping Builtin.Body
  ) {
    let function = Builtin(
      name, Signature(parameters, result: result), documentation, quick: quick, body: body)
    define(name, .function(function), documentation)
  }

  /// The function whose calls at the top level run their argument in the background. `body` is
  /// called where it is used as a value, with the argument's value.
  public mutating func define(
    startingJobs name: String, _ parameter: Parameter, result: String,
    _ documentation: Documentation, body: @escaping Builtin.Body
  ) {
    let function = Builtin(
      name, Signature([parameter], result: result), documentation, startsJob: true, body: body)
    define(name, .function(function), documentation)
  }

  public mutating func define(type: TypeDescription) {
    types[type.name] = type
    types[type.name]!.group = group
  }
}
