import TSSLanguage

/// Something that could be written at the cursor.
public struct Completion: Sendable, Hashable {
  /// What takes the place of the unfinished word: `student(`, `init=`, `η`.
  public var text: String
  /// The unfinished word, in UTF-8 bytes of the text; ends at the cursor.
  public var replaces: Range<Int>
  /// One line about it; may be empty.
  public var documentation: String

  public init(text: String, replaces: Range<Int>, documentation: String = "") {
    self.text = text
    self.replaces = replaces
    self.documentation = documentation
  }
}

extension Session {
  /// What could be written at a cursor: names, fields, argument names and their values, files
  /// inside strings, Greek letters after a backslash.
  ///
  /// Reads tables and the values of global names, and never runs anything.
  ///
  /// - Parameter at: the cursor in UTF-8 bytes of the text, as spans count.
  public func complete(_ text: String, at cursor: Int) -> [Completion] {
    let bytes = Array(text.utf8)
    let cursor = min(max(cursor, 0), bytes.count)
    let place = CompletionPlace(bytes[..<cursor])
    let word = String(decoding: bytes[place.word], as: UTF8.self)
    let isCalled = cursor < bytes.count && bytes[cursor] == UInt8(ascii: "(")
    var found = Finder(word: word, range: place.word)
    switch place.kind {
    case .comment: break
    case .string(let isUsed): findFiles(&found, scriptsOnly: isUsed)
    case .backslash:
      found.word.removeFirst()
      for letter in SpelledLetter.all { found.add(letter.letter, letter.letter, as: letter.name) }
    case .module:
      for name in engine.modules.keys { found.add(name, "a module of the standard library") }
    case .field(let names): findFields(&found, of: names)
    case .resultField(let function):
      if let type = signature(of: function)?.result { findFields(&found, ofType: type) }
    case .name: findNames(&found, place, isCalled: isCalled)
    }
    return found.sorted
  }

  // MARK: Names

  private func findNames(_ found: inout Finder, _ place: CompletionPlace, isCalled: Bool) {
    if let call = place.call, let signature = signature(of: call.function) {
      findArguments(&found, call, signature)
      // An empty word would bring hundreds of names where the arguments are what is asked for.
      if found.word.isEmpty, !found.isEmpty { return }
    }
    found.rank += 1
    var own: Set<String> = []
    // `_1`, `_2`, … are for those who ask.
    let hidesResults = found.word.isEmpty
    func add(_ names: [String]) {
      for name in names where own.insert(name).inserted {
        if let value = interpreter[global: name] { found.add(name, value, isCalled: isCalled) }
      }
    }
    add(
      interpreter.globalNames { [found] in
        found.matches($0) && !(hidesResults && $0.hasPrefix("_"))
      })
    if found.word.isEmpty { return }
    add(interpreter.preludeNames.filter(found.matches))
    for (name, entry) in engine.vocabulary.entries
    where found.matches(name) && !own.contains(name) {
      found.add(name, entry.value, entry.documentation, isCalled: isCalled)
    }
    for keyword in Self.keywords { found.add(keyword, "") }
  }

  private static let keywords = [
    "if", "else", "for", "in", "while", "return", "use", "sweep", "and", "or", "not", "true",
    "false", "nothing",
  ]

  private func findArguments(
    _ found: inout Finder, _ call: CompletionPlace.OpenCall, _ signature: Signature
  ) {
    if let current = call.current {
      let parameter = signature.parameters.first { $0.name == Greek.canonicalName(current) }
      for choice in parameter?.choices ?? [] { found.add(choice, documentation(of: choice)) }
      return
    }
    let positional = signature.parameters.filter { !$0.isNamedOnly }.prefix(call.positional)
    let given = Set(call.given.map(Greek.canonicalName) + positional.map(\.name))
    for (index, parameter) in signature.parameters.enumerated()
    where parameter.requirement != .rest && !given.contains(parameter.name) {
      found.add(
        parameter.name, parameter.documentation, text: parameter.name + "=", order: index)
    }
  }

  private func signature(of name: String) -> Signature? {
    guard case .function(let function)? = valueIfKnown(name) else { return nil }
    return function.signature
  }

  private func documentation(of name: String) -> String {
    engine.vocabulary.entries[name]?.documentation.text ?? ""
  }

  // MARK: Fields

  private func findFields(_ found: inout Finder, of names: [String]) {
    guard let root = names.first, var value = valueIfKnown(root) else { return }
    for (index, name) in names.dropFirst().enumerated() {
      switch value {
      case .record(let record):
        guard let field = record[name] else { return }
        value = field
      case .object(let object):
        // Asking an object for a field may compute; its type is described.
        let rest = names.dropFirst(index + 1)
        return findFields(&found, ofType: object.typeName, after: rest)
      default: return
      }
    }
    findFields(&found, of: value)
  }

  private func findFields(_ found: inout Finder, of value: Value) {
    switch value {
    case .record(let record):
      for (index, (name, value)) in record.fields.enumerated() {
        found.add(name, value.kindName, order: index)
      }
    case .object(let object):
      let type = engine.vocabulary.types[object.typeName]
      for (index, name) in object.fieldNames.enumerated() {
        let field = type?.fields.first { $0.name == name }
        found.add(name, field?.documentation ?? "", order: index)
      }
    case .table(let table):
      for cell in table.cells {
        if case .nothing = cell { continue }
        return findFields(&found, of: cell)
      }
    default: break
    }
  }

  private func findFields(
    _ found: inout Finder, ofType name: String, after names: ArraySlice<String> = []
  ) {
    guard let type = engine.vocabulary.types[name] else { return }
    if let next = names.first {
      guard let inner = type.fields.first(where: { $0.name == next })?.type else { return }
      return findFields(&found, ofType: inner, after: names.dropFirst())
    }
    for (index, field) in type.fields.enumerated() {
      found.add(field.name, field.documentation, order: index)
    }
  }

  // MARK: Files

  private func findFiles(_ found: inout Finder, scriptsOnly: Bool) {
    guard engine.limits.files != .none else { return }
    let folder = found.word.lastIndex(of: "/").map { String(found.word[...$0]) } ?? ""
    for entry in Folder.entries(folder.hasPrefix("/") ? folder : "\(host.directory)/\(folder)") {
      if entry.name.hasPrefix("."), !found.word.dropFirst(folder.count).hasPrefix(".") { continue }
      if entry.isFolder {
        found.add(folder + entry.name + "/", "a folder")
      } else if !scriptsOnly || entry.name.hasSuffix(".tss") {
        found.add(folder + entry.name, "")
      }
    }
  }
}
