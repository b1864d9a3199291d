import Groundwork
import TSSLanguage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Functions that make lists and matrices out of numbers.
extension StandardVocabulary {
  static func installListMakers(in v: inout Vocabulary) {
    let ends: [Parameter] = [
      .required("start", "the first number"), .required("stop", "the last number"),
      .required("n", "how many numbers"),
    ]
    v.define(
      "linspace", ends, result: "list", about: "n numbers at equal distances, both ends included.",
      examples: [("linspace(0, 1, 5)", "[0, 0.25, 0.5, 0.75, 1]")], seeAlso: ["logspace"]
    ) { call throws(Diagnostic) in
      let (a, b) = (try call.number("start"), try call.number("stop"))
      return Value(spaced(a, b, try size(call, "n")))
    }
    v.define(
      "logspace", ends, result: "list",
      about: "n numbers at equal ratios, both ends included; the ends are values, not exponents.",
      examples: [("logspace(0.01, 100, 5)", "[0.01, 0.1, 1, 10, 100]")], seeAlso: ["linspace"]
    ) { call throws(Diagnostic) in
      let (a, b) = (try call.number("start"), try call.number("stop"))
      guard a > 0, b > 0 else {
        throw call.error(
          "`logspace` needs positive ends, not \((a > 0 ? b : a).printed)",
          at: a > 0 ? "stop" : "start", help: "the ends are values: logspace(1e-6, 1e-1, 11)")
      }
      let n = try size(call, "n")
      var numbers = spaced(log10(a), log10(b), n).map { pow(10, $0) }
      // The ends exactly, whatever pow has made of their logarithms.
      if n > 0 { numbers[0] = a }
      if n > 1 { numbers[n - 1] = b }
      return Value(numbers)
    }
    for (name, number) in [("zeros", 0.0), ("ones", 1.0)] {
      v.define(
        name,
        [
          .required("m", "how many elements, or rows"),
          .optional("n", "none", "columns, for a matrix"),
        ],
        about: "A list of \(name), or a matrix of them."
          + (name == "zeros" ? " As `init=zeros` a student that begins with Q = R = 0." : ""),
        examples: [
          ("\(name)(3)", Value([number, number, number]).printed()),
          ("\(name)(1, 2)", "[\(number.printed), \(number.printed);]"),
        ], seeAlso: ["fill", name == "zeros" ? "ones" : "zeros", "identity"]
      ) { call throws(Diagnostic) in
        let m = try size(call, "m")
        guard call["n"] != nil else { return Value([Double](repeating: number, count: m)) }
        let n = try size(call, "n")
        try call.checkSize(Double(m) * Double(n), at: "n")
        return .matrix(Matrix(rows: m, columns: n, repeating: number))
      }
    }
    v.define(
      "fill",
      [
        .required("x", "any value"), .required("m", "how many elements, or rows"),
        .optional("n", "none", "columns, for a matrix of one number"),
      ],
      about: "A list that holds one value m times, or a matrix that holds one number.",
      examples: [("fill(0.5, 3)", "[0.5, 0.5, 0.5]")], seeAlso: ["zeros", "repeat"]
    ) { call throws(Diagnostic) in
      let m = try size(call, "m")
      guard call["n"] != nil else {
        return .list([Value](repeating: try call.value(0), count: m))
      }
      let n = try size(call, "n")
      try call.checkSize(Double(m) * Double(n), at: "n")
      return .matrix(Matrix(rows: m, columns: n, repeating: try call.number("x")))
    }
    v.define(
      "repeat", [.required("xs", "a list or a string"), .required("n", "how many times")],
      about: "A list or a string, n times after itself.",
      examples: [("repeat([1, 2], 2)", "[1, 2, 1, 2]"), ("repeat(\"-\", 4)", "\"----\"")],
      seeAlso: ["fill"]
    ) { call throws(Diagnostic) in
      let n = try size(call, "n")
      switch try call.value(0) {
      case .string(let string):
        try call.checkSize(Double(string.utf8.count) * Double(n), at: "n")
        return .string(String(repeating: string, count: n))
      case .list(let elements):
        try call.checkSize(Double(elements.count) * Double(n), at: "n")
        return .list(Array([[Value]](repeating: elements, count: n).joined()))
      default:
        throw call.mismatch("xs", wants: "a list or a string", help: "fill(x, n)")
      }
    }
    v.define(
      "zip", [.rest("lists", "lists of equal length")], result: "list",
      about: "The first elements of all lists as a list, then the second ones, and so on.",
      examples: [("zip([1, 2], [\"a\", \"b\"])", "[[1, \"a\"], [2, \"b\"]]")],
      seeAlso: ["enumerate", "transpose"]
    ) { call throws(Diagnostic) in
      var lists: [[Value]] = []
      for (index, value) in call.rest.enumerated() {
        guard case .list(let elements) = value else {
          throw .runtime(
            "type", "`zip` needs lists, not \(value.kindName)", at: call.restSpans[index])
        }
        guard elements.count == lists.first?.count ?? elements.count else {
          throw .runtime(
            "shape", "`zip` of lists of \(lists[0].count) and of \(elements.count) elements",
            at: call.restSpans[index], help: "take(xs, n)")
        }
        lists.append(elements)
      }
      return .list((lists.first ?? []).indices.map { i in .list(lists.map { $0[i] }) })
    }
    v.define(
      "enumerate", [.required("xs", "a list; also a matrix, a table or a string")],
      result: "list", about: "Pairs of index and element.",
      examples: [("enumerate([\"a\", \"b\"])", "[[1, \"a\"], [2, \"b\"]]")], seeAlso: ["zip"]
    ) { call throws(Diagnostic) in
      let elements = try call.elements(0)
      return .list(elements.indices.map { .list([.number(Double($0 + 1)), elements[$0]]) })
    }
  }

  /// A count that memory can hold.
  static func size(_ call: Call, _ name: String) throws(Diagnostic) -> Int {
    let count = try call.count(name)
    try call.checkSize(Double(count), at: name)
    return count
  }

  /// As ranges of the language are spaced: element i is a + (b-a)*(i-1)/(n-1), the last exactly b.
  private static func spaced(_ a: Double, _ b: Double, _ n: Int) -> [Double] {
    (0..<n).map { i in
      i == n - 1 && n > 1 ? b : i == 0 ? a : a + (b - a) * Double(i) / Double(n - 1)
    }
  }
}
