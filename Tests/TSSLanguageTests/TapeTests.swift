import TSSLanguage
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite("Tapes")
struct TapeTests {
  /// A laboratory that also has functions which the small vocabulary lacks.
  static func laboratory() -> Laboratory {
    let laboratory = Laboratory()
    let functions: [(String, @Sendable (Double) -> Double)] = [
      ("tanh", { tanh($0) }), ("erfc", { erfc($0) }), ("cos", { cos($0) }), ("tan", { tan($0) }),
      ("expm1", { expm1($0) }), ("log1p", { log1p($0) }), ("log2", { log2($0) }),
      ("log10", { log10($0) }), ("cbrt", { cbrt($0) }), ("asin", { asin($0) }),
      ("acos", { acos($0) }), ("atan", { atan($0) }), ("sinh", { sinh($0) }),
      ("cosh", { cosh($0) }), ("asinh", { asinh($0) }), ("acosh", { acosh($0) }),
      ("atanh", { atanh($0) }), ("floor", { floor($0) }), ("ceil", { ceil($0) }),
      ("round", { $0.rounded(.toNearestOrEven) }), ("trunc", { trunc($0) }),
      ("sign", { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }), ("relu", { $0 > 0 ? $0 : 0 }),
      ("linear", { $0 }), ("quadratic", { $0 * $0 }), ("unheard", { $0 + 1 }),
    ]
    for (name, function) in functions {
      laboratory.interpreter[global: name] = .function(
        Builtin(name, Signature([Parameter("x")]), Documentation("")) {
          (call) throws(Diagnostic) in
          .number(function(try call.number("x")))
        })
    }
    laboratory.interpreter[global: "clamp"] = .function(
      Builtin(
        "clamp", Signature([Parameter("x"), Parameter("low"), Parameter("high")]),
        Documentation("")
      ) { (call) throws(Diagnostic) in
        .number(min(max(try call.number("x"), try call.number("low")), try call.number("high")))
      })
    let extremes: [(String, @Sendable (Double, Double) -> Bool)] = [
      ("min", { $0 < $1 }), ("max", { $0 > $1 }),
    ]
    for (name, better) in extremes {
      laboratory.interpreter[global: name] = .function(
        Builtin(
          name, Signature([Parameter("values", .rest), Parameter("over", .optional(""))]),
          Documentation("")
        ) { (call) throws(Diagnostic) in
          var result = Double.nan
          for case .number(let x) in call.rest where result.isNaN || better(x, result) {
            result = x
          }
          return .number(result)
        })
    }
    return laboratory
  }

  static func function(_ text: String, in laboratory: Laboratory) throws -> Function {
    guard case .function(let function) = try laboratory.value(text) else {
      throw Diagnostic.runtime("test", "no function")
    }
    return function
  }

  static func tape(_ text: String) throws -> Tape {
    let laboratory = laboratory()
    return try Tape(of: function(text, in: laboratory))
  }

  static func run(_ tape: Tape, _ x: [Double]) -> (g: [Double], dg: [Double]) {
    var g = x, dg = x
    tape.evaluate(x, count: x.count, g: &g, dg: &dg)
    return (g, dg)
  }

  /// Off the kinks that the functions below have; more than two blocks.
  static let points = (0..<600).map { -2.97 + 0.0099 * Double($0) + 1e-4 }

  // MARK: Values and slopes

  @Test(arguments: [
    "swish(x) = x/(1 + exp(-x)); swish", "gelu(x) = x*erfc(-x/sqrt(2))/2; gelu",
    "leaky(x, a=0.01) = if x > 0 { x } else { a*x }; leaky",
    "leaky(x, a=0.01) = if x > 0 { x } else { a*x }; x -> leaky(x, a=0.1)",
    "make(slope=0.01) = x -> if x > 0 { x } else { slope*x }; make(0.2)",
    "x -> if x < -1 { -1 } else { if x > 1 { 1 } else { x } }",
    "x -> clamp(x, low=-1, high=1)", "x -> max(-1, min(x, 1))", "x -> max(x, -x/2, x^2 - 2)",
    "x -> erf(x/sqrt(2))", "x -> x^3 - 3x", "x -> 1 - x + 2x^2 - x^5/7 + x^8/1000 + x^-2",
    "x -> x .^ 3 ./ 2 .* x", "x -> (x^2 + 1)^0.3", "x -> 2^x + (x^2 + 1)^x",
    "square(x) = x*x; twice(f, x) = f(f(x)); x -> twice(square, sin(x))",
    "compose(f, g) = x -> f(g(x)); compose(exp, sin)", "a = 3; f(x) = a*x; g(x) = f(x) + f(2x); g",
    "f(x) = { y = sin(x); z = y^2; y = y + z; h = u -> u*y; return h(z) + h(1) }; f",
    "f(x) = { if x < -1 { return -x }; y = 2x; if x > 1 { return y^2 } else { y = y + 1 }; y }; f",
    "f(x) = { s = 1; if x < 0 { s = -1; x = -x }; s*log1p(x) }; f",
    "f(x) = { c = x > -1 and x < 1 or not (x < 2); if c { x^2 } else { -x } }; f",
    "x -> if -1 < x <= 1 { x^2 } else { if x == 7 or x != x { 0 } else { x } }",
    "f(x) = { g(y, k=x) = k*y; g(2) + g(x, k=3) }; f", "x -> (x |> sin |> exp)", "exp", "relu",
    "hermite(n, x) = { if n == 0 { return 1 }; if n == 1 { return x }; "
      + "x*hermite(n-1, x) - (n-1)*hermite(n-2, x) }; x -> hermite(5, x)",
    "f(x) = { n = 0; g = () -> n; n = x; g()*x }; f", "f(x) = { g(y) = y*x; g(g(x)) }; f",
    "make() = { n = 1; g(x) = n*x; n = 4; g }; make()", "x -> if true { x } else { [x] }",
    "x -> floor(x)*x + ceil(x) + round(x) + trunc(x) + sign(x)*x + abs(x)",
    "x -> expm1(x) + log(abs(x)) + log1p(x^2) + log2(x^2) + log10(x^2) + sqrt(x^2 + 1) + cbrt(x)",
    "x -> sin(x) + 2*cos(x) + tan(x/3) + asin(x/4) + 3*acos(x/5) + atan(x)",
    "x -> sinh(x) + 2*cosh(x) + tanh(x) + asinh(x) + acosh(x^2 + 2) + atanh(x/4)",
    "x -> erf(x) + 2*erfc(x) + relu(x) + linear(x) + quadratic(x)",
    "fs = []; for i in 1:3 { fs = [..fs, x -> i*x^2] }; fs[2]", "x -> if x ≈ 50 { 3 } else { x }",
    "f(x, k=3, h = y -> k*y) = h(x)^2; f", "x -> -x*2", "x -> 5",
  ])
  func agrees(_ text: String) throws {
    let laboratory = Self.laboratory()
    let function = try Self.function(text, in: laboratory)
    let tape = try Tape(of: function)
    let (g, dg) = Self.run(tape, Self.points)
    for (index, x) in Self.points.enumerated() where index % 7 == 0 {
      func value(_ x: Double) throws -> Double {
        guard case .number(let y) = try laboratory.interpreter.call(function, [.number(x)]) else {
          return .nan
        }
        return y
      }
      let expected = try value(x)
      #expect(abs(g[index] - expected) <= 1e-13 * (1 + abs(expected)), "\(text) at \(x)")
      let h = 1e-4
      let slope =
        (8 * (try value(x + h) - value(x - h)) - (try value(x + 2 * h) - value(x - 2 * h)))
        / (12 * h)
      // Differences know nothing near a kink or a pole.
      let nextKink = [-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5, -2.5, -0.25, 0.25]
        .map { abs(x - $0) }.min()!
      if nextKink > 3e-2, abs(slope) < 1e4 {
        #expect(abs(dg[index] - slope) <= 2e-7 * (1 + abs(slope)), "\(text)′ at \(x)")
      }
    }
  }

  @Test func closedForms() throws {
    let x = [-3.0, -0.5, 0, 0.7, 4]
    let erf = Self.run(try Self.tape("x -> erf(x/sqrt(2))"), x)
    let swish = Self.run(try Self.tape("x -> x/(1 + exp(-x))"), x)
    let cubic = Self.run(try Self.tape("x -> x^3 - 3x"), x)
    for (i, x) in x.enumerated() {
      #expect(abs(erf.dg[i] - sqrt(2 / .pi) * exp(-x * x / 2)) < 1e-15)
      let s = 1 / (1 + exp(-x))
      #expect(abs(swish.dg[i] - (s + x * s * (1 - s))) < 1e-15)
      #expect(abs(cubic.dg[i] - (3 * x * x - 3)) < 1e-13)
    }
  }

  @Test func kinksTakeTheBranchOfTheCondition() throws {
    for (text, slope) in [
      ("x -> if x > 0 { x } else { 0.1*x }", 0.1), ("x -> if x >= 0 { x } else { 0.1*x }", 1),
      ("relu", 0), ("x -> max(x, 0)", 0), ("x -> clamp(x, 0, 1)", 1), ("abs", 0),
      // The branch that is not taken has no slope here.
      ("x -> if x > 0 { log(x) } else { x }", 1), ("x -> if x > 0 { sqrt(x) } else { 2x }", 2),
    ] {
      #expect(Self.run(try Self.tape(text), [0]).dg == [slope], "\(text)")
    }
    #expect(Self.run(try Self.tape("relu"), [.nan]).g[0].isNaN)
  }

  @Test func isASnapshot() throws {
    let laboratory = Self.laboratory()
    let function = try Self.function("a = 3; f(x) = a*x; f", in: laboratory)
    let tape = try Tape(of: function)
    try laboratory.value("a = 5")
    #expect(Self.run(tape, [2]).g == [6])
    #expect(Self.run(try Tape(of: function), [2]).g == [10])
  }

  @Test func sharesAndFolds() throws {
    #expect(try Self.tape("x -> x*sqrt(4)/2 + 0*5").stepCount <= 3)
    // exp once, for the value and the slope.
    #expect(try Self.tape("x -> exp(x) + exp(x)").stepCount == 2)
    #expect(try Self.tape("x -> 5").stepCount == 0)
    #expect(Self.run(try Self.tape("x -> 5"), [1, 2]).dg == [0, 0])
  }

  // MARK: What cannot be taped

  @Test(arguments: [
    (
      "f(x) = { s = 0; for i in 1:x { s = s + x }; s }; f",
      "a tape has loops over ranges of constants only", "for"
    ),
    ("f(x) = { while x < 3 { x = 2x }; x }; f", "a tape has no `while`", "while"),
    ("x -> count([x])", "a tape has no lists", "[x]"),
    ("w = [1, 2]; x -> w*x", "in a tape `*` needs numbers, not a list", "w"),
    ("w = [1, 2]; x -> w[1]*x", "a tape has no indices", "w[1]"),
    ("x -> unheard(x)", "`unheard` cannot be part of a tape", "unheard(x)"),
    ("x -> \"{x}\"", "a tape has no strings", "\"{x}\""),
    ("f(x) = if x > 0 { f(x - 1) } else { x }; f", "a tape has no recursion", "f(x - 1)"),
    ("x -> x > 0", "the function gives a truth value", "x -> x > 0"),
    ("x -> if x > 0 { x }", "the function gives one thing or another", "x -> if"),
    ("x -> if x { 1 } else { 2 }", "`if` needs true or false, not a number", "x"),
    ("(x, y) -> x*y", "the function needs an argument `y`", "(x, y)"),
    ("() -> 3", "the function takes no arguments", "() -> 3"),
    ("f(x) = { if x > 0 { y = 1 }; y*x }; f", "what `y` is depends on a condition", "y"),
    ("f(x) = { y = y + x; y }; f", "`y` has no value yet", "y"),
    ("f(x) = { y = if x > 0 { return 1 } else { 2 }; y }; f", "a tape has `return`", "return 1"),
    ("x -> clamp(x, 1, -1)", "the lower bound 1 is above the upper bound -1", "clamp(x, 1, -1)"),
    ("make(g) = x -> g(x, b=2); make((x, a) -> a*x)", "the function has no argument `b`", "b"),
    ("f(x) = { x[1] = 2; x }; f", "a tape has no lists and records to assign to", "x[1]"),
    ("x -> x(2)", "a number cannot be called in a tape", "x"),
    (
      "fib(n, x) = if n < 2 { x } else { fib(n-1, x) + fib(n-2, x) }; x -> fib(25, x)",
      "the function is too long for a tape", ""
    ),
    ("f(x, h = () -> x) = { x = 2x; h() }; f", "a tape cannot follow a default", "() -> x"),
  ])
  func saysWhy(_ text: String, _ message: String, _ place: String) throws {
    let laboratory = Self.laboratory()
    let function = try Self.function(text, in: laboratory)
    do throws(TapeProblem) {
      _ = try Tape(of: function)
      Issue.record("no problem: \(text)")
    } catch {
      #expect(error.message.hasPrefix(message), "\(text): \(error.message)")
      #expect(error.span?.text.hasPrefix(place) == true, "\(error.span?.text ?? "no span")")
    }
  }

  // MARK: Threads

  @Test func runsOnSeveralThreads() async throws {
    let tape = try Self.tape("x -> if x > 0 { tanh(x)*exp(-x^2) } else { erf(x) }")
    let expected = Self.run(tape, Self.points)
    let agreed = await withTaskGroup(of: Bool.self) { group in
      for task in 0..<16 {
        group.addTask {
          (0..<20).allSatisfy { round in
            let count = 1 + (task * 37 + round * 11) % Self.points.count
            let found = Self.run(tape, Array(Self.points[..<count]))
            return found.g == Array(expected.g[..<count])
              && found.dg == Array(expected.dg[..<count])
          }
        }
      }
      return await group.reduce(true) { $0 && $1 }
    }
    #expect(agreed)
  }
}
