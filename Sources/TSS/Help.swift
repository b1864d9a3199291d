import Synchronization
import TSSLanguage
import TSSLibrary
import TSSStandardLibrary

extension Session {
  /// What is known of a subject, as it is shown to a user: the page of a function, a word, a type,
  /// a keyword or a topic; one of the session's own names; else what fits the words of a question,
  /// one line each. An overview for an empty text; nil where nothing is known.
  ///
  /// Lines are as long as the session's terminal is wide, and in colour where it has any.
  public func help(_ subject: String = "") -> String? {
    let name = Greek.canonicalName(subject)
    if interpreter.globalNames.contains(name), let value = valueIfKnown(name) {
      return description(of: value, named: name)
    }
    return host.book.answer(subject, terminal)
  }

  /// The same, and where nothing is known a sentence that says so and names what is spelled alike.
  public func explanation(of subject: String) -> String {
    if let help = help(subject) { return help }
    // A name of the session's own goes before those of the library.
    let own = Suggestions.best(for: subject, among: names, limit: 1)
    if let name = own.first { return "nothing is known of `\(subject)`; did you mean `\(name)`?" }
    return host.book.answerOrRegret(subject, terminal)
  }

  private func description(of value: Value, named name: String) -> String {
    if case .function(let function) = value {
      let text = HelpText(terminal)
      return text.page(HelpPage(of: function, named: name))
    }
    let text = value.describe
    var answer = "\(name): \(value.kindName)" + (text.isEmpty ? "" : "\n\n  \(text)")
    if case .object(let object) = value, !object.fieldNames.isEmpty {
      answer += "\n\n  fields: " + object.fieldNames.joined(separator: ", ")
    }
    return answer
  }

  /// How a function is called, for one who has written its name and nothing else; nil for all else.
  func call(of value: Value, askedBy text: String) -> String? {
    guard case .function(let function) = value, let name = function.name,
      Greek.canonicalName(text) == name
    else { return nil }
    if let definition = function.definition, !definition.contains("\n") { return definition }
    let must = function.signature.parameters.filter { $0.requirement == .required }.map(\.name)
    let isAll = must.count == function.signature.parameters.count
    return "\(name)(\((must + (isAll ? [] : ["…"])).joined(separator: ", "))): "
      + "a function, ?\(name) explains it"
  }

  /// The text that defines a function of the language; nil for other names.
  public func source(of name: String) -> String? {
    guard case .function(let function)? = valueIfKnown(name) else { return nil }
    return function.definition
  }
}

extension Engine {
  /// The reference of everything that programs may call, as Markdown files by name.
  public var reference: [(name: String, text: String)] {
    HelpReference(Standard.book(of: vocabulary)).files
  }

  /// All that is known of this engine's names.
  package var book: HelpBook { Standard.book(of: vocabulary) }
}

extension Standard {
  /// The book of help of a vocabulary with the standard library.
  static func book(of vocabulary: Vocabulary) -> HelpBook {
    let parts = StandardLibrary.parts.map { (source(of: $0), false) }
    let modules = StandardLibrary.modules.dropFirst().map { (source(of: $0), true) }
    let groups = ["theory": "formulas"]
    return HelpBook(
      vocabulary,
      modules: (parts + modules).map { source, isUsed in
        let name = String(source.name.dropLast(".tss".count))
        return (groups[name] ?? name, source, isUsed)
      },
      topics: String(decoding: StandardLibrary.topics, as: UTF8.self),
      keywords: String(decoding: StandardLibrary.keywords, as: UTF8.self))
  }
}

/// A book that is put together when it is first opened.
final class Bookshelf: Sendable {
  private let vocabulary: Vocabulary
  private let opened = Mutex<HelpBook?>(nil)

  init(_ vocabulary: Vocabulary) { self.vocabulary = vocabulary }

  var book: HelpBook {
    opened.withLock { opened in
      if let opened { return opened }
      let book = Standard.book(of: vocabulary)
      opened = book
      return book
    }
  }
}

extension Value {
  /// On one line, strings in quotes, as it would stand inside a list.
  public var describe: String {
    if case .string(let text) = self { text.quoted } else { printed() }
  }
}
