import TSSLanguage

/// What a program binds and how it ends, as far as its text says: for whoever writes inputs down
/// again as a script.
public struct ProgramShape: Sendable, Hashable {
  /// What the value of the program is.
  public enum Ending: Sendable, Hashable {
    /// That of an expression, which begins at this byte.
    case expression(start: Int)
    /// That of a name that the last statement binds.
    case binding(String)
    case other
  }

  /// The file of a `use "file.tss"`.
  public struct UsedFile: Sendable, Hashable {
    public var path: String
    /// The string with its quotes, in UTF-8 bytes.
    public var range: Range<Int>
  }

  public var ending: Ending
  /// The names that the program may give a value, outside of functions.
  public var binds: Set<String>
  public var usedFiles: [UsedFile]
  /// Whether nothing of it can have been done where it failed: a single statement that binds its
  /// value last.
  public var isAtomic: Bool
}

extension Session {
  /// The shape of a program; nil where it cannot be parsed.
  public func shape(of text: String) -> ProgramShape? {
    let source = Source(name: "<shape>", text: text)
    guard let program = try? Parser.parse(source, isPrompt: true) else { return nil }
    let last = program.statements.last
    var shape = ProgramShape(
      ending: .other, binds: Set(AssignedNames(program.statements).counts.keys), usedFiles: [],
      isAtomic: program.statements.count == 1)
    switch last?.kind {
    case .expression: shape.ending = .expression(start: last!.span.start)
    case .assign(let target, let block):
      if target.path.isEmpty { shape.ending = .binding(target.root.name) }
      // Blocks open no scope: what they have bound when they fail stays bound.
      if block.statements.count > 1 { shape.isAtomic = false }
    case .define(let function):
      if let name = function.name { shape.ending = .binding(name.name) }
    default: shape.isAtomic = false
    }
    for statement in program.statements {
      guard case .use(let path, true, let span) = statement.kind else { continue }
      shape.usedFiles.append(.init(path: path, range: span.start..<span.end))
    }
    return shape
  }

  /// The one form in which a name is known that can be written in several: `eta` is `η`.
  public static func canonicalName(_ name: String) -> String { Greek.canonicalName(name) }
}
