import TSSLanguage

/// Strings: their parts, their case, and what becomes of values.
extension StandardVocabulary {
  static func installText(in v: inout Vocabulary) {
    let text = Parameter.required("text", "a string")
    installConversions(in: &v)
    let cases: [(String, String, String, String, @Sendable (String) -> String)] = [
      ("upper", "The text in capitals.", "upper(\"ode\")", "\"ODE\"", { $0.uppercased() }),
      ("lower", "The text in small letters.", "lower(\"ODE\")", "\"ode\"", { $0.lowercased() }),
      (
        "trim", "The text without spaces and line ends around it.", "trim(\"  a b \")", "\"a b\"",
        { $0.trimmed }
      ),
    ]
    for (name, about, example, output, transform) in cases {
      v.define(
        name, [text], result: "string", about: about, examples: [(example, output)],
        seeAlso: ["upper", "lower", "trim"].filter { $0 != name }
      ) { call throws(Diagnostic) in .string(transform(try call.string("text"))) }
    }
    v.define(
      "split",
      [
        text,
        .optional("by", "none", "what stands between the pieces; where none, spaces and line ends"),
      ],
      result: "list", about: "The pieces of a text.",
      examples: [
        ("split(\"a,b\", \",\")", "[\"a\", \"b\"]"), ("split(\" a  b\")", "[\"a\", \"b\"]"),
      ],
      seeAlso: ["join", "lines", "chars"], body: splitText)
    v.define(
      "join",
      [
        .required("xs", "a list; what is no string is printed"),
        .optional("by", "\"\"", "what stands between the pieces"),
      ], result: "string", about: "The elements of a list as one text.",
      examples: [("join([\"K\", 4], \" = \")", "\"K = 4\"")], seeAlso: ["split", "string"]
    ) { call throws(Diagnostic) in
      let separator = try call.optionalString("by") ?? ""
      var text = ""
      for (index, element) in try call.elements(0).enumerated() {
        if index > 0 { text += separator }
        text += element.printed()
      }
      return .string(text)
    }
    v.define(
      "replace",
      [text, .required("old", "what to look for"), .required("new", "what to put there")],
      result: "string", about: "The text with every `old` replaced by `new`.",
      examples: [("replace(\"a-b-c\", \"-\", \"+\")", "\"a+b+c\"")], seeAlso: ["split"]
    ) { call throws(Diagnostic) in
      let old = try call.string("old")
      guard !old.isEmpty else { throw call.error("an empty text cannot be replaced", at: "old") }
      let pieces = try call.string("text").pieces(by: old)
      return .string(pieces.joined(separator: try call.string("new")))
    }
    v.define(
      "startswith", [text, .required("piece", "a string")], result: "bool",
      about: "Whether a text begins with a piece.",
      examples: [("startswith(\"figure2.pdf\", \"figure\")", "true")], seeAlso: ["endswith"]
    ) { call throws(Diagnostic) in
      .bool(try call.string("text").hasPrefix(try call.string("piece")))
    }
    v.define(
      "endswith", [text, .required("piece", "a string")], result: "bool",
      about: "Whether a text ends with a piece.",
      examples: [("endswith(\"figure2.pdf\", \".pdf\")", "true")], seeAlso: ["startswith"]
    ) { call throws(Diagnostic) in
      .bool(try call.string("text").hasSuffix(try call.string("piece")))
    }
    v.define(
      "chars", [text], result: "list", about: "The characters of a text, each a string.",
      examples: [("chars(\"ηK\")", "[\"η\", \"K\"]")], seeAlso: ["split", "lines"]
    ) { call throws(Diagnostic) in
      .list(try call.string("text").map { .string(String($0)) })
    }
    v.define(
      "lines", [text], result: "list", about: "The lines of a text, without their ends.",
      examples: [("lines(\"a\\nb\\n\")", "[\"a\", \"b\"]")], seeAlso: ["split"]
    ) { call throws(Diagnostic) in
      var lines = try call.string("text").split(
        omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      if lines.last?.isEmpty == true { lines.removeLast() }
      return .list(lines.map { .string(String($0)) })
    }
  }

  /// `split(text, by)`. Public, because the theory has a `split(run)` of its own: a vocabulary with
  /// both defines one `split` that comes here with strings. The parameters are `text` and `by`.
  public static let splitText: Builtin.Body = { call throws(Diagnostic) in
    let text = try call.string("text")
    guard let separator = try call.optionalString("by") else {
      return .list(text.split(whereSeparator: \.isWhitespace).map { .string(String($0)) })
    }
    guard !separator.isEmpty else {
      throw call.error("an empty text separates nothing", at: "by", help: "chars(text)")
    }
    return .list(text.pieces(by: separator).map { .string(String($0)) })
  }

  private static func installConversions(in v: inout Vocabulary) {
    v.define(
      "string", [.required("x", "any value")], result: "string",
      about: "The text that `print(x)` prints.",
      examples: [("string([1, 2])", "\"[1, 2]\"")], seeAlso: ["format", "number"]
    ) { call throws(Diagnostic) in .string(try call.value(0).printed()) }
    v.define(
      "format",
      [
        .required("x", "a number, a string, or a list or matrix of numbers"),
        .required("spec", "a format of Python's mini-language: \".3e\", \"8.2f\", \">10\", \"%\""),
      ], result: "string", about: "The text that `\"{x:spec}\"` gives.",
      examples: [
        ("format(π, \".2f\")", "\"3.14\""),
        ("format([0.5, 1], \".1e\")", "\"[5.0e-01, 1.0e+00]\""),
      ],
      seeAlso: ["string", "round"]
    ) { call throws(Diagnostic) in
      .string(try call.value(0).formatted(try call.string("spec"), at: call.span(of: "spec")))
    }
    v.define(
      "number", [.required("text", "a string such as \"1.5e-3\", \"inf\" or \"1_000\"")],
      result: "number", about: "The number that a text spells.",
      examples: [("number(\"1.5e-3\")", "0.0015")], seeAlso: ["string"]
    ) { call throws(Diagnostic) in
      if case .number = try call.value(0) { return try call.value(0) }
      let text = try call.string("text")
      let digits = text.trimmed.filter { $0 != "_" }
      // Swift reads hexadecimal numbers and payloads of nan, which the language does not have.
      let isPlain = digits.allSatisfy { "0123456789.eE+-".contains($0) }
      let isWord = ["inf", "-inf", "nan", "+inf"].contains(digits)
      guard isPlain || isWord, let number = Double(digits) else {
        throw call.error("\(text.quoted) is no number", at: "text")
      }
      return .number(number)
    }
  }
}

extension String {
  /// Without white space around it.
  var trimmed: String {
    guard let first = firstIndex(where: { !$0.isWhitespace }),
      let last = lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(self[first...last])
  }

  /// The pieces between separators, empty ones included.
  func pieces(by separator: String) -> [Substring] {
    var pieces: [Substring] = []
    var start = startIndex
    while let range = firstRange(of: separator, from: start) {
      pieces.append(self[start..<range.lowerBound])
      start = range.upperBound
    }
    return pieces + [self[start...]]
  }
}
