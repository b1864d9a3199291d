import TSSLanguage
import TSSLibrary
import Testing

/// Reference values from mpmath with 30 digits.
private let references: [(String, Double, Double)] = [
  ("erf", 1e-10, 1.1283791670955126e-10),
  ("erf", 0.3, 0.32862675945912742),
  ("erf", 1.0, 0.84270079294971487),
  ("erf", 2.5, 0.99959304798255504),
  ("erf", -0.7, -0.67780119383741844),
  ("erfc", -1.0, 1.8427007929497149),
  ("erfc", 0.5, 0.47950012218695346),
  ("erfc", 3.0, 2.2090496998585441e-5),
  ("erfc", 10.0, 2.0884875837625448e-45),
  ("erfc", 26.0, 5.6631924088561428e-296),
  ("erfinv", 1e-12, 8.86226925452758e-13),
  ("erfinv", 0.1, 0.088855990494257692),
  ("erfinv", 0.5, 0.47693627620446987),
  ("erfinv", -0.9, -1.1630871536766742),
  ("erfinv", 0.999999, 3.4589107372754988),
  ("erfinv", 0.9999999999, 4.5728249585449249),
  ("Γ", 0.1, 9.5135076986687313),
  ("Γ", 1.5, 0.88622692545275801),
  ("Γ", -1.5, 2.3632718012073547),
  ("Γ", 10.5, 1133278.3889487856),
  ("Γ", 100.0, 9.3326215443944153e+155),
  ("lgamma", 0.1, 2.2527126517342059),
  ("lgamma", 3.5, 1.2009736023470742),
  ("lgamma", -2.5, -0.056243716497674051),
  ("lgamma", 100000.0, 1051287.7089736569),
  ("expm1", 1e-08, 1.000000005e-8),
  ("expm1", -0.3, -0.25918177931828213),
  ("expm1", 2.0, 6.3890560989306502),
  ("log1p", 1e-08, 9.9999999500000005e-9),
  ("log1p", -0.3, -0.35667494393873236),
  ("tanh", 0.01, 0.0099996666799994605),
  ("tanh", 2.0, 0.96402758007581688),
  ("cbrt", 2.0, 1.2599210498948732),
  ("log2", 3.0, 1.5849625007211562),
  ("log10", 3.0, 0.47712125471966244),
  ("asinh", 0.3, 0.29567304756342243),
  ("acosh", 1.3, 0.75643291085695964),
  ("atanh", 0.3, 0.3095196042031117),
  ("sinh", 0.7, 0.75858370183953345),
  ("cosh", 0.7, 1.255169005630943),
]

@Suite struct MathematicsTests {
  @Test(arguments: references)
  func functionsAgreeWithMpmath(name: String, x: Double, expected: Double) throws {
    guard case .number(let result) = try run(name, .number(x)) else {
      Issue.record("no number")
      return
    }
    // The C library promises a few units in the last place; gamma near 171 loses two digits.
    let tolerance = name == "Γ" || name == "lgamma" ? 1e-14 : 1e-15
    #expect(abs(result / expected - 1) <= tolerance, "\(name)(\(x)) = \(result)")
  }

  @Test func erfinvInvertsErf() throws {
    for x in stride(from: -5.0, through: 5, by: 0.37) {
      guard case .number(let y) = try run("erf", .number(x)),
        case .number(let z) = try run("erfinv", .number(y))
      else { continue }
      // Where erf is flat, the rounding of y is all that is lost.
      let slope = 1.13 * (try Double(text("exp", .number(-x * x)))!)
      #expect(abs(z - x) <= 4e-16 * max(1, abs(x)) + 2.3e-16 / slope)
    }
    #expect(try text("erfinv", [1, -1, 0, 2]) == "[inf, -inf, 0, nan]")
  }

  @Test func functionsMapOverWhateverHoldsNumbers() throws {
    #expect(try text("sqrt", [4, [9, 16]]) == "[2, [3, 4]]")
    #expect(try text("abs", rows([-1, 2], [3, -4])) == "[1, 2; 3, 4]")
    #expect(try text("atan2", 0, [1, 2]) == "[0, 0]")
    #expect(try text("hypot", [3, 5], [4, 12]) == "[5, 13]")
    let mapped = try run("log10", table([("K", [1, 2])], [100, .nothing]))
    guard case .table(let table) = mapped else { return }
    #expect(Value.list(table.cells).printed() == "[2, nothing]")
    #expect(failure("exp", "a")?.message == "`exp` needs numbers, not a string")
    #expect(failure("exp", "a")?.span?.text == "a")
    #expect(failure("hypot", [1], [1, 2])?.code == "shape")
  }

  @Test func resultsAreIEEE() throws {
    #expect(try text("log", [0, -1]) == "[-inf, nan]")
    #expect(try text("sqrt", -1) == "nan")
    #expect(try text("isnan", [1, .number(.nan)]) == "[false, true]")
    #expect(try text("sign", [-0.0, -3]) == "[0, -1]")
    #expect(try text("relu", [-1, 2, .number(.nan)]) == "[0, 2, nan]")
  }

  @Test(arguments: [
    (7.0, 3.0, "1"), (-7, 3, "2"), (7, -3, "-2"), (-7, -3, "-1"), (5.5, 2, "1.5"), (1, 0, "nan"),
    (6, 3, "0"), (-1e-20, 3, "3"),
  ])
  func modHasTheSignOfTheDivisor(a: Double, b: Double, result: String) throws {
    #expect(try text("mod", .number(a), .number(b)) == result)
  }

  @Test func roundingGoesToTheEvenNeighbour() throws {
    #expect(try text("round", [0.5, 1.5, 2.5, -0.5]) == "[0, 2, 2, 0]")
    #expect(try text("round", 2.675, 2) == "2.67")
    #expect(try text("round", 1234.5, -2) == "1200")
    #expect(try text("round", .number(.infinity), 2) == "inf")
  }

  @Test func countingFunctions() throws {
    #expect(try text("factorial", [0, 5, 22, 171]) == "[1, 120, 1.1240007277776077e+21, inf]")
    #expect(try text("binomial", 50, 25) == "126410606437752")
    #expect(try text("binomial", 5, [0, 5, 6]) == "[1, 1, 0]")
    #expect(try text("gcd", 12, -18) == "6")
    #expect(try text("clamp", [-1, 0.5, 2], 0, 1) == "[0, 0.5, 1]")
    #expect(failure("clamp", 1, 2, 0)?.message == "the lower bound 2 is above the upper bound 0")
  }
}
