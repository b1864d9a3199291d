import Groundwork
import TSSLanguage
import TSSLibrary
import Testing

/// A context without an evaluator: functions of the library are called directly, and functions
/// that a program would write are Swift closures.
final class TestContext: Context, @unchecked Sendable {
  var output = ""
  var notes: [String] = []
  var polls = 0
  /// Polls after which the user interrupts.
  var patience = Int.max

  func call(_ function: Function, _ arguments: [Value]) throws(Diagnostic) -> Value {
    if let closure = function as? TestFunction { return try closure.body(arguments) }
    return try bound(function as! Builtin, arguments, [:])
  }

  /// Arguments bound as the evaluator binds them, in a source that says where each stands.
  func bound(
    _ function: Builtin, _ arguments: [Value], _ named: [String: Value]
  ) throws(Diagnostic) -> Value {
    let parameters = function.signature.parameters
    var texts: [String] = []
    var values = [Value?](repeating: nil, count: parameters.count)
    var spans = [Span?](repeating: nil, count: parameters.count)
    for value in arguments { texts.append(value.printed()) }
    let order = named.keys.sorted()
    for name in order { texts.append("\(name)=\(named[name]!.printed())") }
    let head = (function.name ?? "f") + "("
    let source = Source(name: "test.tss", text: head + texts.joined(separator: ", ") + ")")
    var offset = head.utf8.count
    var places: [Span] = []
    for text in texts {
      places.append(Span(source, offset, offset + text.utf8.count))
      offset += text.utf8.count + 2
    }
    let hasRest = parameters.contains { $0.requirement == .rest }
    if !hasRest {
      precondition(arguments.count <= parameters.count, "too many arguments for \(head)")
      for (index, value) in arguments.enumerated() {
        values[index] = value
        spans[index] = places[index]
      }
    }
    for (offset, name) in order.enumerated() {
      let index = parameters.firstIndex { $0.name == name }!
      values[index] = named[name]
      spans[index] = places[arguments.count + offset]
    }
    let call = Call(
      function: function, values: values, spans: spans, rest: hasRest ? arguments : [],
      restSpans: hasRest ? Array(places.prefix(arguments.count)) : [],
      span: Span(source, 0, source.bytes.count), context: self)
    return try function.body(call)
  }

  func write(_ text: String) { output += text }
  func note(_ text: String) { notes.append(text) }
  func poll() throws(Diagnostic) {
    polls += 1
    if polls > patience { throw Diagnostic(.interrupted, "interrupted", "interrupted") }
  }
  func progress(_ report: @autoclosure () -> ProgressReport) -> ProgressDecision { .go }
  func keepPartial(_ value: Value) {}
  let interrupt = Interrupt()
  let threads = 1
  var files = FileAccess.all
  let directory = "."
  let script: String? = nil
  var terminal = TerminalTraits()
  func nextPlotNumber() -> Int { 1 }
  let seed: UInt64 = 1
}

/// A function as a program would define it.
final class TestFunction: Function, @unchecked Sendable {
  let body: ([Value]) throws(Diagnostic) -> Value

  init(_ body: @escaping ([Value]) throws(Diagnostic) -> Value) {
    self.body = body
    super.init(name: nil, signature: Signature([]), documentation: Documentation(""))
  }

  override var printedSource: String { "x -> …" }
}

/// A function of one number.
func scalar(_ body: @escaping (Double) -> Double) -> Value {
  .function(
    TestFunction { arguments throws(Diagnostic) in
      guard case .number(let x) = arguments[0] else { return .nothing }
      return .number(body(x))
    })
}

/// A function that answers a question about a number.
func question(_ body: @escaping (Double) -> Bool) -> Value {
  .function(
    TestFunction { arguments throws(Diagnostic) in
      guard case .number(let x) = arguments[0] else { return .nothing }
      return .bool(body(x))
    })
}

let standard: Vocabulary = {
  var vocabulary = Vocabulary()
  StandardVocabulary.install(in: &vocabulary)
  return vocabulary
}()

/// Calls a function of the standard vocabulary.
func run(
  _ name: String, _ arguments: Value..., named: [String: Value] = [:],
  in context: TestContext = TestContext()
) throws(Diagnostic) -> Value {
  guard case .function(let function)? = standard.entries[name]?.value else {
    preconditionFailure("no function \(name)")
  }
  return try context.bound(function as! Builtin, arguments, named)
}

/// What a call prints.
func text(
  _ name: String, _ arguments: Value..., named: [String: Value] = [:],
  in context: TestContext = TestContext()
) throws(Diagnostic) -> String {
  guard case .function(let function)? = standard.entries[name]?.value else {
    preconditionFailure("no function \(name)")
  }
  return try context.bound(function as! Builtin, arguments, named).printed()
}

/// The error of a call that must fail.
func failure(
  _ name: String, _ arguments: Value..., named: [String: Value] = [:],
  in context: TestContext = TestContext()
) -> Diagnostic? {
  guard case .function(let function)? = standard.entries[name]?.value else {
    preconditionFailure("no function \(name)")
  }
  do {
    _ = try context.bound(function as! Builtin, arguments, named)
    return nil
  } catch {
    return error
  }
}

extension Value: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
  ExpressibleByBooleanLiteral
{
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: Value...) { self = .list(elements) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
}

/// A matrix from its rows.
func rows(_ rows: [Double]...) -> Value {
  .matrix(Matrix(rows: rows.count, columns: rows[0].count, elements: rows.flatMap { $0 }))
}

/// A table of one or more axes.
func table(_ axes: [(String, [Value])], _ cells: [Value]) -> Value {
  .table(Table(axes: axes.map { Table.Axis(name: $0.0, values: $0.1) }, cells: cells))
}
