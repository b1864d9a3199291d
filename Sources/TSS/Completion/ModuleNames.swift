import TSSLanguage

/// What a module offers to those who `use` it.
struct ModuleName {
  var name: String
  var module: String
  var documentation: String
  var isFunction: Bool
}

extension ModuleName {
  /// The documented names of some modules; nothing is run.
  static func all(in modules: [String: Source]) -> [ModuleName] {
    modules.flatMap { module, source -> [ModuleName] in
      guard let program = try? Parser.parse(source) else { return [] }
      return program.statements.compactMap { statement in
        guard !statement.documentation.isEmpty else { return nil }
        switch statement.kind {
        case .define(let function):
          return function.name.map {
            ModuleName(
              name: $0.name, module: module, documentation: statement.documentation,
              isFunction: true)
          }
        case .assign(let target, _):
          return ModuleName(
            name: target.root.name, module: module, documentation: statement.documentation,
            isFunction: false)
        default: return nil
        }
      }
    }
  }

  /// The first line of a module, which says what it is for.
  static func title(of module: Source) -> String {
    let line = module.text.prefix { $0 != "\n" }
    return line.hasPrefix("# ") ? String(line.dropFirst(2)) : "a module of the standard library"
  }
}
