import Groundwork
import Synchronization

/// Turns a text into a tree, by recursive descent: one function for each rule of the grammar.
///
/// The grammar is LL(1). Three places are decided after the fact, by looking at what was parsed:
/// whether `name(…)` before `=` was a call or a definition, whether what stands before `->` was an
/// expression or parameters, and whether `(…)` was a bracket, a record or parameters.
///
/// The parser recurses where the text nests. A text that nests deeper than programs do is parsed
/// on a thread with a deep stack, so that the caller may stand on any stack; one that nests deeper
/// than `nesting`, or makes a tree higher than `height`, is an error, so that whoever walks the
/// tree is safe as well.
public struct Parser: Sendable {
  /// How deep brackets, blocks, prefix operators and lambdas may nest.
  public static let nesting = 500
  /// How high a tree may be: also `1 + 1 + 1 + …`, which does not nest, makes a high one.
  public static let height = 1000

  let source: Source
  private let tokens: [Token]
  private let documentation: [Int: String]
  private let isPrompt: Bool
  private var index = 0
  private var depth = 0
  private var depthLimit: Int
  /// The end of the token before the current one.
  private(set) var previousEnd = 0
  /// The brackets around the current token, innermost last.
  private(set) var openBrackets: [Token] = []
  /// Line breaks end statements, except inside `( )` and `[ ]`.
  private var ignoresNewlines = false
  /// Between `if`, `for`, `while` or `sweep` and its `{`, where a colon that ends the line is a
  /// habit from Python.
  var isInHeader = false
  /// The last colon in such a place.
  var headerColon: Token?

  /// How deep a text may nest to be parsed on the caller's stack, of which a debug build takes
  /// 45 KB for each level, a release build 12 KB.
  private static let shallowNesting = 16
  private static let deepStack = 64 << 20

  /// Parses a file or, with `isPrompt`, one input of the prompt, where a leading `|>` applies to
  /// `_`. Throws the first mistake.
  public static func parse(
    _ source: Source, isPrompt: Bool = false
  ) throws(Diagnostic) -> Program {
    let (lexer, tokens) = Lexer.lex(source)
    let parser = Parser(source, tokens, lexer.documentation, isPrompt: isPrompt)
    do throws(Diagnostic) {
      return try parser.program()
    } catch {
      // What the lexer could not read comes first if the parser was stopped by it.
      if let failure = lexer.failure, error.span?.start ?? 0 >= failure.span?.start ?? 0 {
        throw failure
      }
      throw error
    }
  }

  private init(
    _ source: Source, _ tokens: [Token], _ documentation: [Int: String], isPrompt: Bool
  ) {
    self.source = source
    self.tokens = tokens
    self.documentation = documentation
    self.isPrompt = isPrompt
    depthLimit = Parser.shallowNesting
  }

  private func program() throws(Diagnostic) -> Program {
    var parser = self
    do throws(Diagnostic) {
      return try parser.wholeProgram()
    } catch {
      guard error.code == Parser.tooDeepCode else { throw error }
    }
    // Once more from the start, with room.
    parser = self
    parser.depthLimit = Parser.nesting
    return try parser.programOnDeepStack()
  }

  private func programOnDeepStack() throws(Diagnostic) -> Program {
    let result = Mutex<Result<Program, Diagnostic>?>(nil)
    let thread = Thread(stackSize: Parser.deepStack) { [self] in
      var parser = self
      let outcome: Result<Program, Diagnostic>
      do throws(Diagnostic) {
        outcome = .success(try parser.wholeProgram())
      } catch {
        outcome = .failure(error)
      }
      result.withLock { $0 = outcome }
    }
    thread.join()
    return try result.withLock { $0! }.get()
  }

  private mutating func wholeProgram() throws(Diagnostic) -> Program {
    var statements: [Statement] = []
    if isPrompt, at(.pipe) {
      let last = Expression(.name("_"), Span(source, current.start, current.start))
      let value = try pipes(after: last, from: current.start)
      statements.append(Statement(.expression(value), value.span))
      try endStatement(statements)
    }
    statements += try self.statements()
    guard isAtEnd else { throw unexpected() }
    return Program(source: source, statements: statements)
  }

  // MARK: Tokens

  var current: Token { tokens[index] }

  /// The token after the current one, for messages only.
  var next: Token { tokens[min(index + 1, tokens.count - 1)] }

  /// The token before the current one, for messages only.
  var previous: Token? {
    tokens[..<index].last { if case .newline = $0.kind { false } else { true } }
  }

  var isAtEnd: Bool { if case .end = current.kind { true } else { false } }

  var isAtNewline: Bool { if case .newline = current.kind { true } else { false } }

  /// The `##` lines above the current token.
  var currentDocumentation: String { documentation[index] ?? "" }

  func at(_ symbol: Symbol) -> Bool { current.kind.is(symbol) }

  mutating func advance() {
    previousEnd = current.end
    if !isAtEnd { index += 1 }
    skipIgnoredNewlines()
  }

  private mutating func skipIgnoredNewlines() {
    while ignoresNewlines, isAtNewline { index += 1 }
  }

  mutating func take(_ symbol: Symbol) -> Bool {
    guard at(symbol) else { return false }
    advance()
    return true
  }

  mutating func takeNewline() -> Bool {
    guard isAtNewline else { return false }
    index += 1
    return true
  }

  /// A name in its canonical form, with the place where it stands.
  mutating func takeName() -> Identifier? {
    guard case .name(let name) = current.kind else { return nil }
    defer { advance() }
    return Identifier(name, span(of: current))
  }

  func span(of token: Token) -> Span { Span(source, token.start, token.end) }

  /// From there to the end of the last token that was read.
  func span(from start: Int) -> Span { Span(source, start, max(start, previousEnd)) }

  func text(_ start: Int, _ end: Int) -> String {
    String(decoding: source.bytes[start..<max(start, end)], as: UTF8.self)
  }

  // MARK: Brackets

  /// What a bracket changes until it is closed.
  struct Surroundings {
    let opening: Token
    fileprivate let ignoresNewlines: Bool
    fileprivate let isInHeader: Bool
  }

  /// Reads an opening bracket.
  mutating func open(ignoringNewlines: Bool) -> Surroundings {
    let outside = Surroundings(
      opening: current, ignoresNewlines: ignoresNewlines, isInHeader: isInHeader)
    openBrackets.append(current)
    ignoresNewlines = ignoringNewlines
    isInHeader = false
    advance()
    return outside
  }

  /// Reads the closing bracket.
  mutating func close(_ symbol: Symbol, _ outside: Surroundings) throws(Diagnostic) {
    guard at(symbol) else { throw unexpected() }
    openBrackets.removeLast()
    ignoresNewlines = outside.ignoresNewlines
    isInHeader = outside.isInHeader
    advance()
  }

  // MARK: Depth

  /// One level deeper; whoever calls this also calls `leave`.
  mutating func enter() throws(Diagnostic) {
    depth += 1
    if depth > depthLimit { throw tooDeep(span(of: current)) }
  }

  mutating func leave() { depth -= 1 }

  /// A node from there to the last token that was read: mutating, so that `self` is looked at only
  /// after the arguments, which often read tokens, were evaluated.
  mutating func node(_ kind: Expression.Kind, from start: Int) throws(Diagnostic) -> Expression {
    let node = Expression(kind, span(from: start))
    if node.height > Parser.height { throw tooDeep(span(of: current)) }
    return node
  }

  private static let tooDeepCode = "too-deep"

  private func tooDeep(_ span: Span) -> Diagnostic {
    wrong(Parser.tooDeepCode, "this is nested too deeply", span, help: "give a part of it a name")
  }
}
