import TSSLanguage

/// Something that could be written at the cursor.
public struct Completion: Sendable, Hashable {
  /// What takes the place of the unfinished word: `student(`, `init=`, `η`.
  public var text: String
  /// The unfinished word, in UTF-8 bytes of the text; ends at the cursor.
  public var replaces: Range<Int>
  /// One line about it; may be empty.
  public var documentation: String
  /// Whether it begins with the word as it is written; false where only capitals differ.
  public var isExact: Bool

  public init(
    text: String, replaces: Range<Int>, documentation: String = "", isExact: Bool = true
  ) {
    self.text = text
    self.replaces = replaces
    self.documentation = documentation
    self.isExact = isExact
  }
}

extension Session {
  /// What could be written at a cursor: names, fields, argument names and their values, files
  /// inside strings, Greek letters after a backslash. The best come first: what begins with the
  /// word before what does so only where capitals do not count; values that the argument asks for,
  /// arguments that were not given, other names, those used last before the rest.
  ///
  /// Reads tables and the values of global names, and never runs anything.
  ///
  /// - Parameters:
  ///   - text: an input that may still be incomplete.
  ///   - cursor: in UTF-8 bytes of the text, as spans count.
  public func complete(_ text: String, at cursor: Int) -> [Completion] {
    let bytes = Array(text.utf8)
    let cursor = min(max(cursor, 0), bytes.count)
    let place = CompletionPlace(bytes[..<cursor])
    let word = String(decoding: bytes[place.word], as: UTF8.self)
    let isCalled = cursor < bytes.count && bytes[cursor] == UInt8(ascii: "(")
    var found = Finder(word: word, range: place.word)
    found.usage = usage
    switch place.kind {
    case .comment: break
    case .string(let isUsed): findFiles(&found, scriptsOnly: isUsed)
    case .backslash:
      found.word.removeFirst()
      found.isLoose = false
      for letter in SpelledLetter.all { found.add(letter.letter, letter.letter, as: letter.name) }
    case .module:
      for (name, source) in engine.modules { found.add(name, ModuleName.title(of: source)) }
    case .field(let names): findFields(&found, of: names)
    case .resultField(let function):
      if let type = signature(of: function)?.result { findFields(&found, ofType: type) }
    case .name: findNames(&found, place, text, isCalled: isCalled)
    }
    return found.sorted
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
