import TSSLanguage

/// Means, spreads and quantiles of lists, matrices and tables.
extension StandardVocabulary {
  static let over = Parameter.optional(
    "over", "all", "for tables: the axis to go over, or a list of axes", isNamedOnly: true)

  static func installStatistics(in v: inout Vocabulary) {
    define(
      "sum", "The sum, with an error that does not grow with the number of terms.",
      ("sum([1, 2, 3])", "6"), seeAlso: ["product", "mean", "cumsum"], empty: 0, in: &v, total)
    define(
      "product", "The product.", ("product([2, 3, 4])", "24"), seeAlso: ["sum", "cumprod"],
      empty: 1, in: &v
    ) { $0.reduce(1, *) }
    define(
      "mean", "The arithmetic mean.", ("mean([1, 2, 6])", "3"), seeAlso: ["sem", "median"], in: &v,
      mean)
    define(
      "var", "The variance, with n - 1 in the denominator; `nan` of one number.",
      ("var([1, 2, 3])", "1"), seeAlso: ["std"], in: &v, variance)
    define(
      "std", "The standard deviation, with n - 1 in the denominator.", ("std([1, 3, 5])", "2"),
      seeAlso: ["var", "sem"], in: &v
    ) { variance($0).squareRoot() }
    define(
      "sem", "The standard error of the mean, std/√n.", ("sem([1, 3, 5, 7])", "1.2909944487358056"),
      seeAlso: ["mean", "std"], in: &v
    ) { (variance($0) / Double($0.count)).squareRoot() }
    define(
      "median", "The median: half of the numbers are below it.", ("median([5, 1, 3, 100])", "4"),
      seeAlso: ["quantile", "mean"], in: &v
    ) { quantile($0, 0.5) }
    v.define(
      "quantile",
      [
        .required("xs", "a list, a matrix or a table of numbers"),
        .required("p", "the fraction below, from 0 to 1; or a list of fractions"), over,
      ],
      about: "The number below which a fraction p lies; linear between neighbours.",
      examples: [("quantile([1, 2, 3, 4], 0.25)", "1.75")], seeAlso: ["median"]
    ) { call throws(Diagnostic) in
      let value = try call.value(0)
      func at(_ p: Double) throws(Diagnostic) -> Value {
        guard p >= 0, p <= 1 else {
          throw call.error("a quantile is from 0 to 1, not \(p.printed)", at: "p")
        }
        return try Reduction(call) { quantile($0, p) }.apply(to: value)
      }
      if case .number(let p) = try call.value(1) { return try at(p) }
      var results: [Value] = []
      for p in try call.numbers(1) { results.append(try at(p)) }
      return .list(results)
    }
  }

  private static func define(
    _ name: String, _ text: String, _ example: (String, String), seeAlso: [String],
    empty: Double? = nil, in v: inout Vocabulary, _ reduce: @escaping @Sendable ([Double]) -> Double
  ) {
    let table = " Of a table over all cells, or `over` an axis; `nothing` is left out."
    v.define(
      name, [.required("xs", "a list, a matrix or a table"), over], about: text + table,
      examples: [example], seeAlso: seeAlso
    ) { call throws(Diagnostic) in
      try Reduction(call, empty: empty, reduce).apply(to: try call.value(0))
    }
  }

  static func installExtremes(in v: inout Vocabulary) {
    let extremes: [(String, String, String, @Sendable (Double, Double) -> Double)] = [
      ("min", "least", "1", { $0.isNaN || $0 < $1 ? $0 : $1 }),
      ("max", "greatest", "3", { $0.isNaN || $0 > $1 ? $0 : $1 }),
    ]
    for (name, word, output, better) in extremes {
      v.define(
        name, [.rest("values", "a list, a matrix or a table; or several numbers"), over],
        about:
          "The \(word) element of a list, a matrix or a table (`over` an axis), or the \(word) of "
          + "several numbers, element by element where they are lists; `nan` where one is.",
        examples: [("\(name)([3, 1, 2])", output), ("\(name)(1, 3)", output)],
        seeAlso: [name == "min" ? "max" : "min", "arg\(name)", "clamp"]
      ) { call throws(Diagnostic) in
        guard let first = call.rest.first else {
          throw call.error("`\(name)` needs a list or several numbers", code: "missing-argument")
        }
        if call.rest.count == 1 {
          return try Reduction(call) { $0.dropFirst().reduce($0[0], better) }.apply(to: first)
        }
        var result = first
        for value in call.rest.dropFirst() { result = try call.zipNumbers(result, value, better) }
        return result
      }
      v.define(
        "arg\(name)", [.required("xs", "a list of numbers")], result: "number",
        about: "The index of the \(word) element, the first where there are several.",
        examples: [("arg\(name)([2, 3, 1])", name == "min" ? "3" : "2")],
        seeAlso: [name, "indexof"]
      ) { call throws(Diagnostic) in
        let numbers = try call.numbers(0)
        let candidates = numbers.indices.filter { !numbers[$0].isNaN }
        guard var best = candidates.first else {
          throw call.error("`arg\(name)` of no numbers", code: "empty", at: "xs")
        }
        for index in candidates where numbers[index] != numbers[best] {
          if better(numbers[index], numbers[best]) == numbers[index] { best = index }
        }
        return .number(Double(best + 1))
      }
    }
  }
}

/// Neumaier's summation: the error does not grow with the number of terms.
func total(_ numbers: [Double]) -> Double {
  var sum = 0.0
  var lost = 0.0
  for x in numbers {
    let next = sum + x
    lost += sum.magnitude >= x.magnitude ? (sum - next) + x : (x - next) + sum
    sum = next
  }
  // Beyond the finite numbers the correction is inf - inf.
  return sum.isFinite ? sum + lost : sum
}

func mean(_ numbers: [Double]) -> Double { total(numbers) / Double(numbers.count) }

/// In two passes, so that a large mean costs no digits.
func variance(_ numbers: [Double]) -> Double {
  guard numbers.count > 1 else { return .nan }
  let center = mean(numbers)
  return total(numbers.map { ($0 - center) * ($0 - center) }) / Double(numbers.count - 1)
}

func quantile(_ numbers: [Double], _ p: Double) -> Double {
  if numbers.contains(where: \.isNaN) { return .nan }
  let sorted = numbers.sorted()
  let position = p * Double(sorted.count - 1)
  let below = Int(position)
  guard below + 1 < sorted.count, position > Double(below) else { return sorted[below] }
  return sorted[below] + (position - Double(below)) * (sorted[below + 1] - sorted[below])
}
