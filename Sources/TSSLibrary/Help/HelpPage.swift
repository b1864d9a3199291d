import TSSLanguage

/// What is known of one subject: the one text that the prompt shows and the reference prints.
public struct HelpPage: Sendable {
  public enum Kind: Sendable, Hashable {
    case function
    /// A number or a word of the vocabulary: `π`, `orthonormal`.
    case constant
    /// What values of a type have: `run`.
    case type
    case keyword
    /// A text about several names.
    case topic
  }

  /// The fields of what a function makes that has its own name, as one reads them: `.K .g`.
  var fieldList: String { fields.map { ".\($0.name)" }.joined(separator: " ") }

  /// An argument of a function or a field of a type.
  public struct Row: Sendable {
    /// The name: `η`, `values…`.
    public var name: String
    /// What it is where the call does not say; nil for fields and for what must be given.
    public var standard: String?
    public var text: String

    /// As it stands in a signature: `g=erf`.
    var head: String { standard.map { "\(name)=\($0)" } ?? name }
  }

  public var name: String
  public var kind: Kind
  /// The part of the reference that it belongs to: `training`.
  public var group: String
  /// The module that a program has to `use` first.
  public var module: String?
  public var arguments: [Row] = []
  public var fields: [Row] = []
  /// The type of what a function gives, where it is always the same.
  public var result: String?
  /// Paragraphs, lists (`- `) and program text (four spaces), with empty lines between them.
  public var text: String
  public var examples: [(code: String, output: String)]
  public var seeAlso: [String]
  /// The line that a topic gives itself.
  private var line: String?

  init(_ name: String, _ kind: Kind, group: String, _ documentation: Documentation) {
    self.name = name
    self.kind = kind
    self.group = group
    text = documentation.text
    examples = documentation.examples
    seeAlso = documentation.seeAlso
  }

  /// A topic or a keyword: `# plot styles: how curves are drawn`.
  init(_ kind: Kind, title: String, group: String? = nil, _ documentation: Documentation) {
    let colon = title.firstIndex(of: ":") ?? title.endIndex
    let name = String(title[..<colon])
    self.init(name, kind, group: group ?? name, documentation)
    line = String(title[colon...].drop { $0 == ":" || $0 == " " })
  }

  /// Of a function, whoever wrote it.
  public init(of function: Function, named name: String? = nil, group: String = "") {
    self.init(
      name ?? function.name ?? "", .function, group: group, function.documentation)
    describe(function.signature)
  }

  mutating func describe(_ signature: Signature) {
    result = signature.result
    arguments = signature.parameters.map { parameter in
      let text = Self.text(of: parameter)
      return switch parameter.requirement {
      case .required: Row(name: parameter.name, standard: nil, text: text)
      case .optional(let value): Row(name: parameter.name, standard: value, text: text)
      case .rest: Row(name: parameter.name + "…", standard: nil, text: text)
      }
    }
  }

  /// What a parameter is, with the words it may be unless the text says them.
  private static func text(of parameter: Parameter) -> String {
    let text = parameter.documentation
    let words = Set(text.split { !($0.isLetter || $0.isNumber) })
    if parameter.choices.allSatisfy({ words.contains(Substring($0)) }) { return text }
    return "\(text) (\(parameter.choices.joined(separator: ", ")))"
  }

  init(_ type: Vocabulary.TypeDescription) {
    self.init(type.name, .type, group: type.group, type.documentation)
    fields = Self.rows(type)
  }

  static func rows(_ type: Vocabulary.TypeDescription) -> [Row] {
    type.fields.map { Row(name: $0.name, standard: nil, text: $0.documentation) }
  }

  /// The page in one line.
  public var summary: String {
    if let line { return line }
    let paragraph = text.split(separator: "\n").first.map(String.init) ?? ""
    var end = paragraph.startIndex
    while let stop = paragraph[end...].firstIndex(where: { ".;".contains($0) }) {
      end = paragraph.index(after: stop)
      if end == paragraph.endIndex || paragraph[end] == " " { return String(paragraph[..<stop]) }
    }
    return paragraph.hasSuffix(":") ? String(paragraph.dropLast()) : paragraph
  }
}
