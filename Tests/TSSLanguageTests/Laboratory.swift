import Groundwork
import Synchronization
import TSSLanguage

#if canImport(Glibc)
  import Glibc
#endif

/// A host that keeps what it is told.
final class TestHost: Host {
  struct State {
    var output = ""
    var notes: [String] = []
    var reports: [Diagnostic] = []
    var progress: [ProgressReport] = []
  }

  let state = Mutex(State())
  let threads: Int
  let directory: String
  /// Asked at each report of progress.
  let decide: @Sendable (ProgressReport) -> ProgressDecision

  init(
    threads: Int = 2, directory: String = ".",
    decide: @escaping @Sendable (ProgressReport) -> ProgressDecision = { _ in .go }
  ) {
    self.threads = threads
    self.directory = directory
    self.decide = decide
  }

  func write(_ text: String) { state.withLock { $0.output += text } }
  func note(_ text: String) { state.withLock { $0.notes.append(text) } }
  func report(_ diagnostic: Diagnostic) { state.withLock { $0.reports.append(diagnostic) } }
  func progress(_ report: ProgressReport) -> ProgressDecision {
    state.withLock { $0.progress.append(report) }
    return decide(report)
  }
  var terminal: TerminalTraits { TerminalTraits() }
  var seed: UInt64 { 1 }

  var output: String { state.withLock { $0.output } }
  var notes: [String] { state.withLock { $0.notes } }
  var reports: [Diagnostic] { state.withLock { $0.reports } }
}

/// A vocabulary of few words, enough to test the language without its library.
enum Mini {
  static let vocabulary: Vocabulary = {
    var words = Vocabulary()
    words.define("e", .number(2.718281828459045), "Euler's number")
    words.define("π", .number(3.141592653589793), "the circle's")
    words.define("inf", .number(.infinity), "infinity")
    words.define("nan", .number(.nan), "no number")
    words.define(word: "first", "the first layer")
    words.define(word: "both", "both layers")
    for (name, function) in scalars {
      words.define(name, [Parameter("x")], Documentation("")) { (call) throws(Diagnostic) in
        try Operations.map(call["x"]!, name, function)
      }
    }
    words.define("print", [Parameter("values", .rest)], Documentation("")) {
      (call) throws(Diagnostic) in
      call.context.write(call.rest.map { $0.printed() }.joined(separator: " ") + "\n")
      return .nothing
    }
    words.define("count", [Parameter("xs")], Documentation("")) { (call) throws(Diagnostic) in
      .number(Double(try Operations.count(of: call["xs"]!)))
    }
    words.define("sum", [Parameter("xs")], Documentation("")) { (call) throws(Diagnostic) in
      var sum = 0.0
      for case .number(let x) in try Operations.elements(of: call["xs"]!) { sum += x }
      return .number(sum)
    }
    words.define("map", [Parameter("f"), Parameter("xs")], Documentation("")) {
      (call) throws(Diagnostic) in
      let f = try call.optionalFunction("f")!
      var values: [Value] = []
      for x in try Operations.elements(of: call["xs"]!) {
        values.append(try call.context.call(f, [x]))
      }
      return .list(values)
    }
    words.define("mod", [Parameter("a"), Parameter("b")], Documentation("")) {
      (call) throws(Diagnostic) in
      let (a, b) = (try call.number("a"), try call.number("b"))
      return .number(a - b * (a / b).rounded(.down))
    }
    words.define("matrix", [Parameter("xs")], Documentation("")) { (call) throws(Diagnostic) in
      let rows = try Operations.elements(of: call["xs"]!).compactMap(\.numbers)
      return .matrix(
        Matrix(rows: rows.count, columns: rows[0].count, elements: rows.flatMap { $0 }))
    }
    words.define("same", [Parameter("x")], Documentation("")) { (call) throws(Diagnostic) in
      call["x"]!
    }
    words.define(
      "assert", [Parameter("c"), Parameter("message", .optional("\"\""))], Documentation("")
    ) { (call) throws(Diagnostic) in
      if try call.optionalBool("c")! { return .nothing }
      throw call.error(try call.optionalString("message") ?? "the assertion fails", code: "assert")
    }
    words.define("resume", [Parameter("table")], Documentation("")) { (call) throws(Diagnostic) in
      guard case .table(let table)? = call["table"] else { return .nothing }
      return .table(try table.resumed(in: call.context))
    }
    // An engine that goes on until it is told to stop, and gives what it has.
    words.define("engine", [], Documentation("")) { (call) throws(Diagnostic) in
      while case .go = call.context.progress(ProgressReport(task: "engine", fraction: 0)) {}
      call.context.keepPartial(.string("partial"))
      return .string("partial")
    }
    words.define(
      "teacher", [Parameter("M"), Parameter("g", .optional("erf"))], result: "teacher",
      Documentation("")
    ) { (call) throws(Diagnostic) in .object(MiniTeacher(try call.count("M"))) }
    words.define(
      "student",
      [
        Parameter("K"), Parameter("g", .optional("erf")), Parameter("v", .optional("1")),
        Parameter("init", .optional("normal(0.1)")),
      ], Documentation("")
    ) { (call) throws(Diagnostic) in .number(try call.number("K")) }
    words.define(type: .init("teacher", [.init("M", "number"), .init("twin", "teacher")]))
    return words
  }()

  private static let scalars: [(String, @Sendable (Double) -> Double)] = [
    ("sqrt", { $0.squareRoot() }), ("abs", { abs($0) }), ("exp", { exp($0) }),
    ("log", { log($0) }), ("sin", { sin($0) }), ("erf", { erf($0) }),
  ]
}

final class MiniTeacher: NativeObject, @unchecked Sendable {
  let units: Int
  init(_ units: Int) { self.units = units }
  override var typeName: String { "teacher" }
  override var fieldNames: [String] { ["M", "twin"] }
  override func field(_ name: String) -> Value? {
    switch name {
    case "M": .number(Double(units))
    case "twin": .object(self)
    default: nil
    }
  }
}

/// An interpreter with its host, and the shortest ways to use it.
struct Laboratory {
  let host: TestHost
  let interpreter: Interpreter

  init(
    threads: Int = 2, directory: String = ".", prelude: String? = nil,
    modules: [String: String] = [:], limits: Limits = Limits(),
    decide: @escaping @Sendable (ProgressReport) -> ProgressDecision = { _ in .go }
  ) {
    host = TestHost(threads: threads, directory: directory, decide: decide)
    interpreter = Interpreter(
      vocabulary: Mini.vocabulary, prelude: prelude.map { Source(name: "prelude.tss", text: $0) },
      modules: Dictionary(
        uniqueKeysWithValues: modules.map { ($0, Source(name: "\($0).tss", text: $1)) }),
      host: host, limits: limits)
  }

  /// The value of a program.
  @discardableResult
  func value(_ text: String, _ mode: Interpreter.Mode = .embedded) throws(Diagnostic) -> Value {
    try interpreter.run(Source(name: "test.tss", text: text), mode: mode)
  }

  /// The value as it prints.
  func printed(_ text: String, _ mode: Interpreter.Mode = .embedded) throws(Diagnostic) -> String {
    try value(text, mode).printed()
  }

  /// The error that a program ends with.
  func failure(_ text: String, _ mode: Interpreter.Mode = .embedded) -> Diagnostic? {
    do throws(Diagnostic) {
      _ = try value(text, mode)
      return nil
    } catch {
      return error
    }
  }

  func check(_ text: String, _ mode: Interpreter.Mode = .file) -> [Diagnostic] {
    interpreter.check(Source(name: "test.tss", text: text), mode: mode)
  }
}

/// What a program gives in an interpreter of its own.
func printed(_ text: String) throws -> String { try Laboratory().printed(text) }

/// The message and help of the error that a program ends with.
func failure(_ text: String) -> String {
  guard let error = Laboratory().failure(text) else { return "no error" }
  return ([error.message] + error.help).joined(separator: " | ")
}
