import TSSLanguage
import TSSLibrary

extension Session {
  /// Names, and inside a call what its arguments may be.
  func findNames(
    _ found: inout Finder, _ place: CompletionPlace, _ text: String, isCalled: Bool
  ) {
    var fit: ArgumentFit?
    if let call = place.call, let signature = signature(of: call.function) {
      let parameter = index(of: call, in: signature.parameters).map { signature.parameters[$0] }
      fit = parameter.map { ArgumentFit($0.documentation) }
      if let parameter, call.current != nil {
        findWords(&found, parameter)
      } else if call.current == nil {
        findArguments(&found, call, signature)
      }
    }
    findOwn(&found, fit, isCalled: isCalled)
    if let fit { findMakers(&found, of: fit, isCalled: isCalled) }
    if found.word.isEmpty { return }
    findLibrary(&found, fit, text, isCalled: isCalled)
  }

  /// The words that an argument may be.
  private func findWords(_ found: inout Finder, _ parameter: Parameter) {
    found.rank = .wanted
    // After the session's own values: those that were made for it.
    for (index, choice) in parameter.choices.enumerated() {
      found.add(
        choice, engine.vocabulary.entries[choice]?.documentation.text ?? "", order: index + 1)
    }
    if case .optional(let value) = parameter.requirement, ["true", "false"].contains(value) {
      for word in ["true", "false"] { found.add(word, "") }
    }
  }

  /// The arguments that were not given yet.
  private func findArguments(
    _ found: inout Finder, _ call: CompletionPlace.OpenCall, _ signature: Signature
  ) {
    found.rank = .argument
    let positional = signature.parameters.filter { !$0.isNamedOnly }.prefix(call.positional)
    let given = Set(call.given.map(Greek.canonicalName) + positional.map(\.name))
    for (index, parameter) in signature.parameters.enumerated()
    where parameter.requirement != .rest && !given.contains(parameter.name) {
      var line = parameter.documentation
      if !parameter.choices.allSatisfy({ line.contains($0) }) {
        line += ": " + parameter.choices.joined(separator: ", ")
      }
      found.add(parameter.name, line, text: parameter.name + "=", order: index)
    }
  }

  /// Names of the session. Inside a call whose arguments are known an empty word asks for those
  /// that the argument takes, not for hundreds.
  private func findOwn(_ found: inout Finder, _ fit: ArgumentFit?, isCalled: Bool) {
    let isOpen = found.word.isEmpty
    let hasArguments = !found.isEmpty
    var names = interpreter.globalNames { [found] in
      // `_1`, `_2`, … are for those who ask.
      found.matches($0) && !(isOpen && $0.hasPrefix("_"))
    }
    if !(isOpen && hasArguments) { names = shortlist(names) }
    for name in names {
      guard let value = interpreter[global: name] else { continue }
      let isTaken = fit?.takes(value) ?? false
      if isTaken, ArgumentFit.isTelling(value) {
        found.rank = .wanted
      } else if isOpen, hasArguments {
        continue
      } else {
        found.rank = isTaken ? .likely : .name
      }
      found.add(name, value, isCalled: isCalled)
    }
  }

  /// More than anyone reads are cut down to the last used and the first in the alphabet, and the
  /// last of all: what the first and the last begin with, all do.
  private func shortlist(_ names: [String]) -> [String] {
    let limit = 300
    guard names.count > limit, let last = names.max() else { return names }
    func precedes(_ a: String, _ b: String) -> Bool {
      let (first, second) = (usage.lastUse(of: a), usage.lastUse(of: b))
      return first == second ? a < b : first > second
    }
    var kept: [String] = []
    var bound: String?
    for name in names {
      if let bound, !precedes(name, bound) { continue }
      kept.append(name)
      guard kept.count == 2 * limit else { continue }
      kept.sort(by: precedes)
      kept.removeLast(limit)
      bound = kept.last
    }
    kept = Array(kept.sorted(by: precedes).prefix(limit))
    for end in [names.min(), last] {
      if let end, !kept.contains(end) { kept.append(end) }
    }
    return kept
  }

  /// Functions that make what an argument takes: `student(` where a student is wanted.
  private func findMakers(_ found: inout Finder, of fit: ArgumentFit, isCalled: Bool) {
    found.rank = .wanted
    for (name, entry) in engine.vocabulary.entries {
      guard case .function(let function) = entry.value, let kind = function.signature.result,
        engine.vocabulary.types[kind] != nil, fit.takes(kind: kind), found.matches(name),
        !interpreter.isOwn(global: name)
      else { continue }
      found.add(name, entry.value, entry.documentation, order: 1, isCalled: isCalled)
    }
  }

  private func findLibrary(
    _ found: inout Finder, _ fit: ArgumentFit?, _ text: String, isCalled: Bool
  ) {
    found.rank = .name
    for name in interpreter.preludeNames
    where found.matches(name) && !interpreter.isOwn(global: name) {
      if let value = interpreter[global: name] { found.add(name, value, isCalled: isCalled) }
    }
    for (name, entry) in engine.vocabulary.entries
    where found.matches(name) && !interpreter.isOwn(global: name) {
      if case .function(let function) = entry.value, let kind = function.signature.result,
        engine.vocabulary.types[kind] != nil, fit?.takes(kind: kind) == true
      {
        continue
      }
      found.add(name, entry.value, entry.documentation, isCalled: isCalled)
    }
    for keyword in Self.keywords { found.add(keyword, "") }
    found.rank = .elsewhere
    for entry in moduleNames
    where found.matches(entry.name) && !interpreter.isOwn(global: entry.name) {
      let isUsed = text.contains("use \(entry.module)")
      let line = (isUsed ? "" : "needs `use \(entry.module)`: ") + entry.documentation
      found.add(
        entry.name, line, text: entry.name + (entry.isFunction && !isCalled ? "(" : ""))
    }
  }

  private static let keywords = [
    "if", "else", "for", "in", "while", "return", "use", "sweep", "and", "or", "not", "true",
    "false", "nothing",
  ]

  /// All names that a program may write, for suggestions.
  public var knownNames: [String] {
    interpreter.globalNames + interpreter.preludeNames + Array(engine.vocabulary.entries.keys)
      + moduleNames.map(\.name) + Self.keywords
  }

  func signature(of name: String) -> Signature? {
    guard case .function(let function)? = valueIfKnown(name) else { return nil }
    return function.signature
  }
}
