/// The syntax tree, as the grammar of LANGUAGE.md has it.
///
/// Nodes are classes so that a tree is pointers, not copies; every node knows its span and its
/// height, by which the parser refuses trees too deep to walk.

/// A name as written, and as it is known: NFC, with spelled Greek letters turned into letters.
public struct Identifier: Sendable, Hashable {
  public var name: String
  public var span: Span

  public init(_ name: String, _ span: Span) {
    self.name = name
    self.span = span
  }
}

public final class Expression: Sendable {
  public let kind: Kind
  public let span: Span
  /// Written in brackets of its own, which end every special reading: `(1 < 2) == true`.
  public let isBracketed: Bool
  public let height: Int

  public init(_ kind: Kind, _ span: Span, isBracketed: Bool = false, height: Int) {
    self.kind = kind
    self.span = span
    self.isBracketed = isBracketed
    self.height = height
  }

  public indirect enum Kind: Sendable {
    case number(Double)
    case bool(Bool)
    case string([StringPart])
    /// Also `nothing`, and `_` at the prompt.
    case name(String)
    case negate(Expression)
    case not(Expression)
    case binary(Operator, Expression, Expression, operatorSpan: Span)
    /// `a < b <= c`: one more operand than operators.
    case comparison([Expression], [Comparison])
    case and(Expression, Expression)
    case or(Expression, Expression)
    /// `start:stop` or `start:step:stop`.
    case range(start: Expression, step: Expression?, stop: Expression)
    case list([Argument])
    case matrix([[Expression]])
    case comprehension(Expression, [Binder], filter: Expression?)
    case record([Argument])
    /// The arguments include what a pipe put first.
    case call(Expression, [Argument], isPiped: Bool)
    case index(Expression, [Index])
    case field(Expression, Identifier)
    case transpose(Expression)
    case lambda(FunctionSyntax)
    case `if`(Expression, then: Block, else: Block?)
    case sweep([Binder], Block)
  }
}

public enum Operator: String, Sendable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case power = "^"
  case elementwiseMultiply = ".*"
  case elementwiseDivide = "./"
  case elementwisePower = ".^"
}

public enum Comparison: String, Sendable {
  case less = "<"
  case greater = ">"
  case lessOrEqual = "<="
  case greaterOrEqual = ">="
  case equal = "=="
  case notEqual = "!="
  case near = "≈"
}

public enum StringPart: Sendable {
  case text(String)
  /// `{expression:format}`; the format without its colon.
  case value(Expression, format: String?, formatSpan: Span?)
}

/// What stands between the brackets of a call, a record or a list.
public enum Argument: Sendable {
  case positional(Expression)
  case named(Identifier, Expression)
  /// `..expression`, with the span of the dots and the expression.
  case spread(Expression, Span)

  public var expression: Expression {
    switch self {
    case .positional(let value), .named(_, let value), .spread(let value, _): value
    }
  }
}

/// What stands in the brackets of an index.
public enum Index: Sendable {
  case value(Expression)
  case all(Span)
  /// `t[K=4]`
  case key(Identifier, Expression)
}

/// `name in values`
public struct Binder: Sendable {
  public var name: Identifier
  public var values: Expression

  public init(name: Identifier, values: Expression) {
    self.name = name
    self.values = values
  }
}

public struct ParameterSyntax: Sendable {
  public var name: Identifier
  public var defaultValue: Expression?

  public init(name: Identifier, defaultValue: Expression?) {
    self.name = name
    self.defaultValue = defaultValue
  }
}

/// A function as written: a definition or a lambda.
public final class FunctionSyntax: Sendable {
  /// The name it is defined under; nil for a lambda.
  public let name: Identifier?
  public let parameters: [ParameterSyntax]
  public let body: Block
  /// The `##` lines above a definition, without the marks.
  public let documentation: String
  /// The whole definition or lambda.
  public let span: Span

  public init(
    name: Identifier?, parameters: [ParameterSyntax], body: Block, documentation: String, span: Span
  ) {
    self.name = name
    self.parameters = parameters
    self.body = body
    self.documentation = documentation
    self.span = span
  }
}

/// Statements in braces, or the single expression that stands for them (`f(x) = x^2`).
public final class Block: Sendable {
  public let statements: [Statement]
  public let span: Span
  public let height: Int

  public init(_ statements: [Statement], _ span: Span) {
    self.statements = statements
    self.span = span
    height = 1 + (statements.map(\.kind.height).max() ?? 0)
  }
}

public struct Statement: Sendable {
  public let kind: Kind
  public let span: Span
  /// The `##` lines above it, without the marks; what a definition has, its `FunctionSyntax` has
  /// too.
  public let documentation: String

  public init(_ kind: Kind, _ span: Span, documentation: String = "") {
    self.kind = kind
    self.span = span
    self.documentation = documentation
  }

  public indirect enum Kind: Sendable {
    case expression(Expression)
    /// `target = value`; a block on the right is an expression statement's value.
    case assign(Target, Block)
    case define(FunctionSyntax)
    /// More binders nest, the last fastest.
    case `for`([Binder], Block)
    case `while`(Expression, Block)
    case `return`(Expression?)
    /// `use "file.tss"` or `use name`.
    case use(String, isFile: Bool, Span)
  }

  /// The left side of `=`: a name, then indices and fields.
  public struct Target: Sendable {
    public var root: Identifier
    public var path: [Step]

    public enum Step: Sendable {
      case index([Index], Span)
      case field(Identifier)
    }

    public init(root: Identifier, path: [Step]) {
      self.root = root
      self.path = path
    }
  }
}

/// A whole file or one input of the prompt.
public struct Program: Sendable {
  public let source: Source
  public let statements: [Statement]

  public init(source: Source, statements: [Statement]) {
    self.source = source
    self.statements = statements
  }
}
