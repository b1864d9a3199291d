import Groundwork
import TSSLanguage

/// What a program says, and what it asks about its values.
extension StandardVocabulary {
  static func installOutput(in v: inout Vocabulary) {
    v.define(
      "print",
      [
        .rest("values", "any values"),
        .optional("sep", "\" \"", "what stands between them", isNamedOnly: true),
        .optional("end", "\"\\n\"", "what stands after them", isNamedOnly: true),
      ],
      about: "Prints values on one line; a table alone is printed as a table.",
      examples: [("print(\"K =\", 4)", "K = 4")], seeAlso: ["format", "note", "string"]
    ) { call throws(Diagnostic) in
      let separator = try call.optionalString("sep") ?? " "
      let end = try call.optionalString("end") ?? "\n"
      if call.rest.count == 1, case .table = call.rest[0] {
        call.context.write(call.rest[0].printed(.shown(on: call.context.terminal)) + end)
        return .nothing
      }
      let style = PrintStyle(hasUnicode: call.context.terminal.hasUnicode)
      call.context.write(
        call.rest.map { $0.printed(style) }.joined(separator: separator) + end)
      return .nothing
    }
    v.define(
      "note", [.rest("values", "any values")],
      about: "Says something beside the output of the program: on standard error.",
      examples: [("if 1 > 2 { note(\"numbers have lost their order\") }", "")],
      seeAlso: ["print", "error"]
    ) { call throws(Diagnostic) in
      call.context.note(call.rest.map { $0.printed() }.joined(separator: " "))
      return .nothing
    }
    v.define(
      "assert",
      [
        .required("condition", "what must be true"),
        .optional("message", "none", "what to say where it is not"),
      ],
      about: "Stops the program where a condition is false.",
      examples: [("assert(1 < 2, \"numbers have an order\")", "")], seeAlso: ["error"]
    ) { call throws(Diagnostic) in
      guard case .bool(let holds) = try call.value(0) else {
        throw call.mismatch("condition", wants: "true or false")
      }
      if holds { return .nothing }
      let span = call.spans[0]
      var failure = call.error("the assertion is false", code: "assert", at: "condition")
      if let message = call["message"] {
        failure.message = message.printed()
        failure.label = "this is false"
      } else if let source = span?.text, !source.contains(where: \.isNewline) {
        failure.message = "the assertion `\(source)` is false"
      }
      throw failure
    }
    v.define(
      "error", [.rest("message", "what is wrong")],
      about: "Stops the program with a message.",
      examples: [("error(\"K must not be below M\")", "error: K must not be below M")],
      seeAlso: ["assert", "note"]
    ) { call throws(Diagnostic) in
      let text = call.rest.map { $0.printed() }.joined(separator: " ")
      throw call.error(text.isEmpty ? "the program stopped itself" : text, code: "user")
    }
    installQuestions(in: &v)
  }

  private static func installQuestions(in v: inout Vocabulary) {
    v.define(
      "type", [.required("x", "any value")], result: "string",
      about: "The kind of a value, as messages name it.",
      examples: [("type(1:3)", "\"list\""), ("type(sin)", "\"function\"")], seeAlso: ["fields"]
    ) { call throws(Diagnostic) in .string(try call.value(0).typeName) }
    v.define(
      "fields", [.required("x", "a record or an object: a run, a teacher, …")], result: "list",
      about: "The names of the fields: what can stand after `x.`.",
      examples: [("fields((K=4, g=erf))", "[\"K\", \"g\"]")], seeAlso: ["type", "axes"]
    ) { call throws(Diagnostic) in
      switch try call.value(0) {
      case .record(let record): return .list(record.names.map { .string($0) })
      case .object(let object): return .list(object.fieldNames.map { .string($0) })
      default: throw call.mismatch("x", wants: "a record or an object")
      }
    }
    v.define(
      "axes", [.required("t", "a table")], result: "record",
      about: "The axes of a table: a record of the list of values of each.",
      examples: [("t = sweep K in 2:4 { K^2 }; axes(t).K", "[2, 3, 4]")],
      seeAlso: ["size", "fields"]
    ) { call throws(Diagnostic) in
      guard case .table(let table) = try call.value(0) else {
        throw call.mismatch("t", wants: "a table")
      }
      return .record(Record(table.axes.map { ($0.name, .list($0.values)) }))
    }
    v.define(
      "help",
      [
        .optional(
          "subject", "none",
          "a function or another value, or in quotes a name, a topic or words to look for")
      ],
      about: "Prints what is known of a subject. `help()` lists the subjects, `help(ode)` and "
        + "`help(\"ode\")` explain a function, `help(\"run\")` lists the fields of a run, and "
        + "`help(\"learning rate\")` finds what has to do with these words.",
      examples: [
        (
          "help(cbrt)",
          "cbrt(x)\n\n  The cube root, of negative numbers too.\n\n"
            + "  x  a number, or a list or matrix of numbers\n\n"
            + "  >>> cbrt(-27)\n  -3\n\n  see also: sqrt, abs"
        )
      ], seeAlso: ["first steps", "fields", "type"]
    ) { call throws(Diagnostic) in
      let text = HelpText(call.context.terminal)
      let answer: String
      switch call.values[0] {
      case nil: answer = try explanation(of: "", call)
      case .string(let question): answer = try explanation(of: question, call)
      case .word(let word): answer = try explanation(of: word, call)
      case .function(let function): answer = text.page(of: function)
      case .object(let object):
        answer =
          "\(Value.object(object).kindName): \(object.describe())\n\n"
          + "  fields: \(object.fieldNames.joined(separator: ", "))"
      case .some(let value): answer = "\(value.kindName): \(value.printed())"
      }
      call.context.write(answer + "\n")
      return .nothing
    }
    v.define(
      "clock", [], result: "number",
      about: "Seconds since some moment in the past: the difference of two calls is a duration.",
      examples: [("clock() <= clock()", "true")], seeAlso: ["run"]
    ) { _ throws(Diagnostic) in .number(monotonicSeconds()) }
  }
}

/// What the host says of a subject.
private func explanation(of question: String, _ call: Call) throws(Diagnostic) -> String {
  if let answer = call.context.explanation(of: question) { return answer }
  throw call.error(
    question.isEmpty
      ? "there are no subjects to list here" : "nothing is known of `\(question)`",
    code: "help", at: "subject",
    help: question.isEmpty ? "help(f) explains a function f" : "help(\(question))")
}

extension Value {
  /// The kind without an article: `number`, `list`, `run`.
  var typeName: String {
    switch self {
    case .number: "number"
    case .bool: "bool"
    case .nothing: "nothing"
    case .string: "string"
    case .list: "list"
    case .matrix: "matrix"
    case .record: "record"
    case .function: "function"
    case .word: "word"
    case .table: "table"
    case .object(let object): object.typeName
    }
  }
}
