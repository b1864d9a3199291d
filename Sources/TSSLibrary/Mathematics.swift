import TSSLanguage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Constants and functions of numbers. They follow IEEE 754: `log(-1)` is `nan`, never an error.
extension StandardVocabulary {
  static func installMathematics(in vocabulary: inout Vocabulary) {
    vocabulary.define(
      "π", .number(.pi), "The ratio of a circle's circumference to its diameter, typed `pi`.",
      seeAlso: ["sin", "e"])
    vocabulary.define(
      "e", .number(M_E), "The base of the natural logarithm, about 2.718.", seeAlso: ["exp", "log"])
    vocabulary.define("inf", .number(.infinity), "Infinity.", seeAlso: ["isinf", "nan"])
    vocabulary.define(
      "nan", .number(.nan), "Not a number; it equals nothing, itself included.",
      seeAlso: ["isnan", "inf"])

    installExponentials(in: &vocabulary)
    installTrigonometry(in: &vocabulary)
    installSpecialFunctions(in: &vocabulary)
    installActivations(in: &vocabulary)
  }

  /// A function of one number, which maps over lists and matrices.
  private static func define(
    _ name: String, _ text: String, _ example: String, _ output: String, seeAlso: [String] = [],
    in vocabulary: inout Vocabulary, _ function: @escaping @Sendable (Double) -> Double
  ) {
    vocabulary.define(
      name, [.required("x", "a number, or a list or matrix of numbers")],
      about: text, examples: [(example, output)], seeAlso: seeAlso, quick: .number(function)
    ) { call throws(Diagnostic) in
      try call.mapNumbers(function)
    }
  }

  private static func installExponentials(in v: inout Vocabulary) {
    define(
      "exp", "The exponential function.", "exp([0, 1])", "[1, 2.718281828459045]",
      seeAlso: ["expm1", "log"], in: &v, exp)
    define(
      "expm1", "exp(x) - 1, accurate for small x.", "expm1(1e-10)", "1.00000000005e-10",
      seeAlso: ["exp"], in: &v, expm1)
    define(
      "log", "The natural logarithm.", "log(e)", "1", seeAlso: ["log10", "log2", "log1p"], in: &v,
      log)
    define(
      "log10", "The logarithm to base 10.", "log10([1, 1000])", "[0, 3]", seeAlso: ["log", "log2"],
      in: &v, log10)
    define(
      "log2", "The logarithm to base 2.", "log2(8)", "3", seeAlso: ["log", "log10"], in: &v, log2)
    define(
      "log1p", "log(1 + x), accurate for small x.", "log1p(1e-10)", "9.9999999995e-11",
      seeAlso: ["log"], in: &v, log1p)
    define(
      "sqrt", "The square root; `nan` for negative numbers.", "sqrt([4, 9])", "[2, 3]",
      seeAlso: ["cbrt"], in: &v
    ) { $0.squareRoot() }
    define(
      "cbrt", "The cube root, of negative numbers too.", "cbrt(-27)", "-3",
      seeAlso: ["sqrt", "abs"],
      in: &v, cbrt)
    define(
      "abs", "The absolute value.", "abs([-2, 3])", "[2, 3]", seeAlso: ["sign", "norm"], in: &v
    ) { $0.magnitude }
    define(
      "floor", "The next whole number below.", "floor(-1.5)", "-2", seeAlso: ["ceil", "trunc"],
      in: &v
    ) { $0.rounded(.down) }
    define(
      "ceil", "The next whole number above.", "ceil(1.2)", "2", seeAlso: ["floor"], in: &v
    ) { $0.rounded(.up) }
    define(
      "trunc", "The whole part: the next whole number towards zero.", "trunc(-1.5)", "-1",
      seeAlso: ["round"], in: &v
    ) { $0.rounded(.towardZero) }
  }

  private static func installTrigonometry(in v: inout Vocabulary) {
    define(
      "sin", "The sine of an angle in radians.", "sin(π/2)", "1", seeAlso: ["cos", "asin"], in: &v,
      sin)
    define(
      "cos", "The cosine of an angle in radians.", "cos([0, π])", "[1, -1]",
      seeAlso: ["sin", "acos"], in: &v, cos)
    define(
      "tan", "The tangent of an angle in radians.", "tan(0)", "0", seeAlso: ["sin", "atan"], in: &v,
      tan)
    define(
      "asin", "The inverse sine, from -π/2 to π/2, in radians.", "asin(1)", "1.5707963267948966",
      seeAlso: ["sin", "acos"], in: &v, asin)
    define(
      "acos", "The inverse cosine, from 0 to π, in radians.", "acos(1)", "0",
      seeAlso: ["cos", "asin"], in: &v, acos)
    define(
      "atan", "The inverse tangent, from -π/2 to π/2, in radians.", "atan(1)", "0.7853981633974483",
      seeAlso: ["tan", "atan2"], in: &v, atan)
    define(
      "sinh", "The hyperbolic sine.", "sinh(1)", "1.1752011936438014", seeAlso: ["cosh", "asinh"],
      in: &v, sinh)
    define(
      "cosh", "The hyperbolic cosine.", "cosh(0)", "1", seeAlso: ["sinh", "acosh"], in: &v, cosh)
    define(
      "asinh", "The inverse hyperbolic sine.", "asinh(0)", "0", seeAlso: ["sinh", "acosh"], in: &v,
      asinh)
    define(
      "acosh", "The inverse hyperbolic cosine.", "acosh(1)", "0", seeAlso: ["cosh", "asinh"],
      in: &v,
      acosh)
    define(
      "atanh", "The inverse hyperbolic tangent.", "atanh(0.5)", "0.5493061443340548",
      seeAlso: ["tanh", "asinh"], in: &v, atanh)

    v.define(
      "atan2", [.required("y", "the ordinate"), .required("x", "the abscissa")],
      about: "The angle of the point (x, y), from -π to π.",
      examples: [("atan2(1, -1)", "2.356194490192345")], seeAlso: ["atan", "hypot"],
      quick: .numbers(atan2)
    ) { call throws(Diagnostic) in
      try call.zipNumbers(try call.value(0), try call.value(1), atan2)
    }
    v.define(
      "hypot", [.required("x", "a number"), .required("y", "a number")],
      about: "sqrt(x^2 + y^2) without overflow.", examples: [("hypot(3, 4)", "5")],
      seeAlso: ["norm"],
      quick: .numbers(hypot)
    ) { call throws(Diagnostic) in
      try call.zipNumbers(try call.value(0), try call.value(1), hypot)
    }
  }

  private static func installSpecialFunctions(in v: inout Vocabulary) {
    define(
      "erfc", "The complementary error function 1 - erf(x), accurate for large x.", "erfc(5)",
      "1.5374597944280347e-12", seeAlso: ["erf"], in: &v, erfc)
    define(
      "erfinv", "The inverse of the error function.", "erfinv(0.5)", "0.4769362762044699",
      seeAlso: ["erf"], in: &v, inverseErf)
    // `gamma` is how γ is typed: both letters are the function until a program takes the name.
    for name in ["Γ", "γ"] {
      define(
        name, "The gamma function, typed `gamma(x)` or `Gamma(x)`: Γ(n) = (n - 1)!.",
        "gamma(0.5)^2", "3.1415926535897927", seeAlso: ["lgamma", "factorial"], in: &v, tgamma)
    }
    define(
      "lgamma", "The logarithm of |Γ(x)|, which does not overflow.", "lgamma(100)",
      "359.1342053695754", seeAlso: ["Γ", "binomial"], in: &v
    ) {
      var sign: Int32 = 0
      return lgamma_r($0, &sign)
    }
  }

  /// Functions whose names are also words for activations: `student(K, g=relu)`.
  private static func installActivations(in v: inout Vocabulary) {
    define(
      "erf",
      "The error function (2/√π)∫₀ˣ exp(-t²)dt. As an activation, `g=erf` is erf(x/√2), "
        + "as in the literature.", "erf([0, 1])", "[0, 0.8427007929497149]",
      seeAlso: ["activations", "erfc", "erfinv"], in: &v, erf)
    define(
      "relu", "The rectifier max(0, x). Also an activation, `g=relu`.", "relu([-1, 2])", "[0, 2]",
      seeAlso: ["activations", "leaky_relu", "softplus"], in: &v
    ) { $0 > 0 ? $0 : $0.isNaN ? $0 : 0 }
    define(
      "linear", "The identity x. Also an activation, `g=linear`.", "linear(3)", "3",
      seeAlso: ["activations", "relu"], in: &v
    ) { $0 }
    define(
      "quadratic", "The square x². Also an activation, `g=quadratic`.", "quadratic(3)", "9",
      seeAlso: ["activations", "linear"], in: &v
    ) { $0 * $0 }
    define(
      "tanh", "The hyperbolic tangent; as an activation, `g=tanh`, it is integrated numerically.",
      "tanh(1)", "0.7615941559557649", seeAlso: ["activations", "erf", "atanh"], in: &v, tanh)
    define(
      "sign", "1, 0 or -1 with the sign of x. Also an activation of teachers, `g=sign`.",
      "sign([-2, 0, 3])", "[-1, 0, 1]", seeAlso: ["activations", "abs"], in: &v
    ) { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }
  }
}

/// The inverse error function to a few units in the last place.
///
/// Winitzki's approximation (2008, relative error 2e-3), then Halley's steps, each of which cubes
/// the error. Near ±1 they work on erfc, since 1 - |y| is exact there and erf(x) - y is not.
func inverseErf(_ y: Double) -> Double {
  let target = y.magnitude
  if y.isNaN || target > 1 { return .nan }
  if target == 1 { return y * .infinity }
  if target < 1e-8 { return y * 0.886226925452758 }  // √π/2
  let a = 0.147
  let logarithm = log1p(-target * target)
  let half = 2 / (.pi * a) + logarithm / 2
  var x = ((half * half - logarithm / a).squareRoot() - half).squareRoot()
  for _ in 0..<3 {
    let excess = target < 0.5 ? erf(x) - target : (1 - target) - erfc(x)
    let step = excess / (1.1283791670955126 * exp(-x * x))  // 2/√π
    x -= step / (1 + x * step)
  }
  return y < 0 ? -x : x
}
