import TSSLanguage

/// Functions that take a function: the list comes first, so that they stand in pipes.
extension StandardVocabulary {
  static func installHigherOrder(in v: inout Vocabulary) {
    let xs = Parameter.required("xs", "a list; also a matrix, a table or a string")
    v.define(
      "map", [xs, .required("f", "a function of one element")], result: "list",
      about: "The list of f(x) for every x.",
      examples: [("[1, 2] |> map(x -> x^2)", "[1, 4]")], seeAlso: ["filter", "reduce"]
    ) { call throws(Diagnostic) in
      let elements = try call.elements(0)
      let f = try function(call, "f")
      var results: [Value] = []
      results.reserveCapacity(elements.count)
      for element in elements {
        try call.context.poll()
        results.append(try call.context.call(f, [element]))
      }
      return .list(results)
    }
    v.define(
      "filter", [xs, .required("f", "a function that gives true or false")],
      about: "The elements for which f(x) is true.",
      examples: [("1:6 |> filter(x -> mod(x, 2) == 0)", "[2, 4, 6]")],
      seeAlso: ["map", "where", "find"]
    ) { call throws(Diagnostic) in
      var kept: [Value] = []
      for element in try call.elements(0) where try holds(call, element) { kept.append(element) }
      return call.rebuilt(kept, as: try call.value(0))
    }
    v.define(
      "where", [xs, .optional("f", "none", "a function that gives true or false")], result: "list",
      about: "The indices of the elements for which f(x) is true, or that are true themselves.",
      examples: [("where([5, 7, 9], x -> x > 6)", "[2, 3]")], seeAlso: ["filter", "indexof"]
    ) { call throws(Diagnostic) in
      var indices: [Double] = []
      for (index, element) in try call.elements(0).enumerated() where try holds(call, element) {
        indices.append(Double(index + 1))
      }
      return Value(indices)
    }
    v.define(
      "find", [xs, .required("f", "a function that gives true or false")],
      about: "The first element for which f(x) is true, or `nothing`.",
      examples: [("find([5, 7, 9], x -> x > 6)", "7")], seeAlso: ["where", "indexof"]
    ) { call throws(Diagnostic) in
      for element in try call.elements(0) where try holds(call, element) { return element }
      return .nothing
    }
    v.define(
      "any", [xs, .optional("f", "none", "a function that gives true or false")], result: "bool",
      about: "Whether f(x) holds for some element, or some element is true; stops at the first.",
      examples: [("any([1, 2], x -> x > 1)", "true"), ("any([])", "false")],
      seeAlso: ["all", "where"]
    ) { call throws(Diagnostic) in
      for element in try call.elements(0) where try holds(call, element) { return .bool(true) }
      return .bool(false)
    }
    v.define(
      "all", [xs, .optional("f", "none", "a function that gives true or false")], result: "bool",
      about: "Whether f(x) holds for every element, or all are true; stops at the first failure.",
      examples: [("all([1, 2], x -> x > 1)", "false"), ("all([])", "true")],
      seeAlso: ["any", "where"]
    ) { call throws(Diagnostic) in
      for element in try call.elements(0) {
        guard try holds(call, element) else { return .bool(false) }
      }
      return .bool(true)
    }
    v.define(
      "reduce",
      [
        xs, .required("f", "a function of what was found so far and the next element"),
        .optional("start", "xs[1]", "what is there before the first element"),
      ],
      about: "f(…f(f(start, x₁), x₂)…, xₙ).",
      examples: [("reduce(1:4, (a, b) -> a*b)", "24"), ("reduce([], (a, b) -> a+b, 0)", "0")],
      seeAlso: ["sum", "product", "map"]
    ) { call throws(Diagnostic) in
      var rest = try call.elements(0)[...]
      let f = try function(call, "f")
      guard var result = call["start"] ?? rest.popFirst() else {
        throw call.error(
          "`reduce` of an empty list needs a `start`", at: "xs", help: "reduce(xs, f, 0)")
      }
      for element in rest {
        try call.context.poll()
        result = try call.context.call(f, [result, element])
      }
      return result
    }
  }

  static func function(_ call: Call, _ name: String) throws(Diagnostic) -> Function {
    guard let function = try call.optionalFunction(name) else {
      throw call.mismatch(name, wants: "a function")
    }
    return function
  }

  /// Whether the function `f` of the call, or the element itself where there is none, is true.
  private static func holds(_ call: Call, _ element: Value) throws(Diagnostic) -> Bool {
    try call.context.poll()
    let f = try call.optionalFunction("f")
    let answer: Value = if let f { try call.context.call(f, [element]) } else { element }
    guard case .bool(let bool) = answer else {
      throw call.error(
        f == nil
          ? "`\(call.function.name!)` without a function needs true or false, not \(answer.kindName)"
          : "the function given to `\(call.function.name!)` must be true or false, "
            + "not \(answer.kindName)", code: "type", at: f == nil ? "xs" : "f")
    }
    return bool
  }
}
