/// Something that can be called: a closure of the language or a function of the host.
open class Function: @unchecked Sendable {
  /// The name it was defined under; nil for an anonymous one.
  public let name: String?
  public let signature: Signature
  public let documentation: Documentation

  public init(name: String?, signature: Signature, documentation: Documentation) {
    self.name = name
    self.signature = signature
    self.documentation = documentation
  }

  /// How it prints: the name, or the source of an anonymous one on one line.
  open var printedSource: String { name ?? "<function>" }

  /// The text that defines it; nil for a function of the host.
  open var definition: String? { nil }

  /// What the function reads from outside, with the values of now; none for a function of the host.
  /// Asked on the thread of the program that would call it.
  open var outerValues: [(name: String, value: Value)] { [] }
}

/// A function of the host.
public final class Builtin: Function, @unchecked Sendable {
  public typealias Body = @Sendable (Call) throws(Diagnostic) -> Value

  /// What a function does with the arguments that it is given most. It cannot fail; the others are
  /// left to the body.
  public enum Quick: Sendable {
    case number(@Sendable (Double) -> Double)
    case numbers(@Sendable (Double, Double) -> Double)
    /// Any one value; nil where that is for the body.
    case value(@Sendable (Value) -> Value?)
  }

  public let body: Body
  /// The same on these arguments alone: no `Call` is made.
  public let quick: Quick?
  /// How many positional arguments may be given, one for each parameter; nil where positions are
  /// not enough, or some argument takes all that follow.
  let positionalCounts: ClosedRange<Int>?
  let parameterCount: Int
  /// Whether calls at the top level hand their argument, unevaluated, to a new job.
  public let startsJob: Bool

  public init(
    _ name: String, _ signature: Signature, _ documentation: Documentation,
    quick: Quick? = nil, startsJob: Bool = false, body: @escaping Body
  ) {
    self.body = body
    self.startsJob = startsJob
    self.quick = quick
    positionalCounts = signature.positionalCounts
    parameterCount = signature.parameters.count
    super.init(name: name, signature: signature, documentation: documentation)
  }
}

extension Signature {
  fileprivate var positionalCounts: ClosedRange<Int>? {
    if parameters.contains(where: { $0.requirement == .rest }) { return nil }
    let positional = parameters.prefix { !$0.isNamedOnly }
    let required = parameters.lastIndex { $0.requirement == .required }.map { $0 + 1 } ?? 0
    return required <= positional.count ? required...positional.count : nil
  }
}

/// A call of a host function, its arguments bound to the parameters.
public struct Call: Sendable {
  public let function: Builtin
  /// One for each parameter, nil where none was given; nil for a `rest` parameter.
  public let values: [Value?]
  /// Where each argument was written.
  public let spans: [Span?]
  /// The arguments of a `rest` parameter.
  public let rest: [Value]
  public let restSpans: [Span]
  /// The whole call.
  public let span: Span?
  public let context: Context

  public init(
    function: Builtin, values: [Value?], spans: [Span?], rest: [Value], restSpans: [Span],
    span: Span?, context: Context
  ) {
    self.function = function
    self.values = values
    self.spans = spans
    self.rest = rest
    self.restSpans = restSpans
    self.span = span
    self.context = context
  }
}
