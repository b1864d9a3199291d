import TSSLanguage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Rounding, remainders, counting, and questions to numbers.
extension StandardVocabulary {
  static func installNumberTheory(in v: inout Vocabulary) {
    v.define(
      "round",
      [
        .required("x", "a number, or a list or matrix of numbers"),
        .optional("digits", "0", "how many decimals to keep; negative for tens and hundreds"),
      ],
      about: "The nearest number with so many decimals; halves go to the even neighbour.",
      examples: [("round(2.567, 1)", "2.6"), ("round([0.5, 1.5])", "[0, 2]")],
      seeAlso: ["floor", "ceil", "trunc"]
    ) { call throws(Diagnostic) in
      let digits = try call.optionalNumber("digits") ?? 0
      guard digits == digits.rounded(), digits.magnitude <= 400 else {
        throw call.error("`digits` must be a whole number", at: "digits")
      }
      return try call.mapNumbers { rounded($0, digits: Int(digits)) }
    }
    v.define(
      "mod", [.required("a", "the dividend"), .required("b", "the divisor")],
      about: "The remainder of a division, a - b*floor(a/b): it has the sign of b.",
      examples: [("mod(7, 3)", "1"), ("mod(-7, 3)", "2")], seeAlso: ["floor", "gcd"],
      quick: .numbers(modulo)
    ) { call throws(Diagnostic) in
      try call.zipNumbers(try call.value(0), try call.value(1), modulo)
    }
    v.define(
      "gcd", [.required("a", "a whole number"), .required("b", "a whole number")],
      result: "number", about: "The greatest common divisor.", examples: [("gcd(12, 18)", "6")],
      seeAlso: ["mod", "iswhole"]
    ) { call throws(Diagnostic) in
      var (a, b) = (try call.number("a").magnitude, try call.number("b").magnitude)
      guard a == a.rounded(), b == b.rounded(), a.isFinite, b.isFinite else {
        throw call.error("`gcd` needs whole numbers")
      }
      while b != 0 { (a, b) = (b, fmod(a, b)) }
      return .number(a)
    }
    v.define(
      "clamp",
      [
        .required("x", "a number, or a list or matrix of numbers"),
        .required("low", "the least result"), .required("high", "the greatest result"),
      ],
      about: "The nearest number between two bounds.",
      examples: [("clamp([-1, 0.5, 2], 0, 1)", "[0, 0.5, 1]")], seeAlso: ["min", "max"]
    ) { call throws(Diagnostic) in
      let (low, high) = (try call.number("low"), try call.number("high"))
      guard low <= high else {
        throw call.error(
          "the lower bound \(low.printed) is above the upper bound \(high.printed)", at: "low")
      }
      return try call.mapNumbers { $0 < low ? low : $0 > high ? high : $0 }
    }
    v.define(
      "factorial", [.required("n", "a whole number, or a list of them")],
      about: "The product of 1, 2, …, n.", examples: [("factorial(5)", "120")],
      seeAlso: ["binomial", "Γ"]
    ) { call throws(Diagnostic) in
      try call.mapNumbers { n in
        guard n >= 0, n == n.rounded() else { return .nan }
        // Exact to 22!, and no worse than the product beyond.
        return n > 170 ? .infinity : stride(from: 2, through: n, by: 1).reduce(1, *)
      }
    }
    v.define(
      "binomial", [.required("n", "a whole number"), .required("k", "a whole number")],
      about: "The number of ways to choose k out of n.", examples: [("binomial(5, 2)", "10")],
      seeAlso: ["factorial"],
      quick: .numbers(binomial)
    ) { call throws(Diagnostic) in
      try call.zipNumbers(try call.value(0), try call.value(1), binomial)
    }
    let questions: [(String, String, String, String, @Sendable (Double) -> Bool)] = [
      ("isnan", "Whether a number is `nan`.", "isnan(0/0)", "true", { $0.isNaN }),
      (
        "isfinite", "Whether a number is neither infinite nor `nan`.", "isfinite([1, inf])",
        "[true, false]", { $0.isFinite }
      ),
      ("isinf", "Whether a number is infinite.", "isinf(-inf)", "true", { $0.isInfinite }),
      (
        "iswhole", "Whether a number has no fraction.", "iswhole([2, 2.5])", "[true, false]",
        { $0.isFinite && $0 == $0.rounded() }
      ),
    ]
    for (name, text, example, output, question) in questions {
      v.define(
        name, [.required("x", "a number, or a list of numbers")], about: text,
        examples: [(example, output)], seeAlso: questions.map(\.0).filter { $0 != name }
      ) { call throws(Diagnostic) in try call.ask(question) }
    }
  }
}

/// The remainder with the sign of the divisor.
private func modulo(_ a: Double, _ b: Double) -> Double {
  let remainder = fmod(a, b)
  if remainder == 0 { return b < 0 ? -0.0 : 0 }
  return (remainder < 0) != (b < 0) ? remainder + b : remainder
}

/// Rounded as it would be printed with so many decimals: 2.675 is below 2.675, so 2 digits give
/// 2.67, where multiplication by 100 would give 267.5 and 2.68.
private func rounded(_ x: Double, digits: Int) -> Double {
  if digits == 0 || !x.isFinite { return x.rounded(.toNearestOrEven) }
  if digits < 0 {
    let unit = pow(10, Double(-digits))
    return unit.isFinite ? (x / unit).rounded(.toNearestOrEven) * unit : 0
  }
  let text = try? Value.number(x).formatted(".\(digits)f", at: nil)
  return text.flatMap(Double.init) ?? x
}

private func binomial(_ n: Double, _ k: Double) -> Double {
  guard n == n.rounded(), k == k.rounded(), n >= 0, n.isFinite else { return .nan }
  if k < 0 || k > n { return 0 }
  let k = min(k, n - k)
  guard k < 1100 else {
    return exp(lgamma(n + 1).0 - lgamma(k + 1).0 - lgamma(n - k + 1).0)
  }
  var result = 1.0
  // The product is a whole number after every step, so it is exact below 2^53.
  for i in stride(from: 1, through: k, by: 1) { result = result * (n - k + i) / i }
  return result
}
