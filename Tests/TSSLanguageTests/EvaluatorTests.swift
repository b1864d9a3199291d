import TSSLanguage
import Testing

@Suite("Calls, strings, errors")
struct EvaluatorTests {
  @Test(
    arguments: [
      ("f(a, b=2, c=3) = [a, b, c]; f(1)", "[1, 2, 3]"),
      ("f(a, b=2, c=3) = [a, b, c]; f(1, c=5)", "[1, 2, 5]"),
      ("f(a, b=2, c=3) = [a, b, c]; f(c=1, a=2)", "[2, 2, 1]"),
      ("f(a, b) = a - b; f(..[5, 2])", "3"),
      ("f(a, b) = a - b; r = (b=1, a=9); f(..r)", "8"),
      ("f(a, b) = a - b; r = (a=1, b=1); f(..r, a=9)", "8"),
      ("f(a, b) = a - b; r = (a=1, b=1); f(a=9, ..r)", "0"),
      ("f(a, b) = a - b; r = (a=1); f(9, b=1, ..r)", "0"),
      ("base = (K=4, g=erf); (..base, K=8)", "(K=8, g=erf)"), ("student(..(K=4), g=erf)", "4"),
      ("f(Δη) = Δη; f(Delta_eta = 3)", ""), ("f(η) = η; f(eta=3)", "3"), ("f(a,) = a; f(1,)", "1"),
      ("(x -> x^2)(3)", "9"), ("() == (..())", "true"), ("f = (a, b=2) -> a*b; f(3)", "6"),
      ("map(x -> x + 1, [1, 2])", "[2, 3]"), ("map(sqrt, [4, 9])", "[2, 3]"),
    ].filter { $0.1 != "" })
  func calls(_ program: String, _ result: String) throws {
    #expect(try printed(program) == result)
  }

  @Test("The message of LANGUAGE.md")
  func unknownArgument() throws {
    let found = Laboratory().check("S = student(K=2, inti=normal(0.1))\nnormal(x) = x")
    #expect(found.count == 1)
    #expect(found[0].message == "`student` has no argument `inti`")
    #expect(found[0].help == ["did you mean `init`?  student(K, g, v, init)"])
    #expect(found[0].span?.text == "inti")
    #expect(found[0].suggestions == ["init"])
  }

  /// Each is found by the check, and by a call that the check cannot see through.
  @Test(arguments: [
    ("f(1, zz=2)", "`f` has no argument `zz`"), ("f()", "`f` needs an argument `a`"),
    ("f(1, 2, 3)", "`f` takes 2 arguments, not 3"),
    ("f(1, a=2)", "the argument `a` is given twice"),
    ("f(a=1, a=2)", "`a` is given twice"), ("f(a=1, 2)", "come"),
    ("f(1, ..(zz=2))", "`f` has no argument `zz`, a field of the record"),
    ("f(..(b=2))", "needs an argument `a`"),
  ])
  func binding(_ call: String, _ part: String) {
    let lab = Laboratory()
    let found = lab.check("f(a, b=1) = a\n\(call)")
    #expect(found.contains { $0.message.contains(part) }, "\(found.map(\.message))")
    let message = failure("f(a, b=1) = a; g = f; \(call.replacing("f(", with: "g("))")
    #expect(message.contains(part), "\(message)")
  }

  @Test("The check says nothing where it cannot be certain")
  func uncertainCalls() {
    for program in [
      "f(a) = a; f(a, b) = a; f(1, 2)", "f = x -> x; if true { f = (a, b) -> a }; f(1, 2)",
      "g(f) = f(1, 2); g((a, b) -> a)", "student = x -> x; student(1)", "r = (K=1); student(..r)",
      "xs = [1]; student(..xs)",
      "f(student) = student(1, 2, 3, 4, 5, 6)\nf((a, b, c, d, e, f) -> a)",
    ] { #expect(Laboratory().check(program).isEmpty, "\(program)") }
  }

  @Test(arguments: [
    ("\"K = {1 + 1}\"", "K = 2"), ("η = 0.5; \"{η:.2f}\"", "0.50"), ("\"{{}}\"", "{}"),
    ("\"{\"a\"}\"", "a"),
    ("\"{[1, 2]}\"", "[1, 2]"), ("\"{(1:3)}\"", "[1, 2, 3]"), ("\"{nothing}\"", "nothing"),
    ("\"{x -> x + 1}\"", "x -> x + 1"),
    ("f(x) = x; \"{f}\"", "f"), ("\"{sqrt}\"", "sqrt"), ("\"{[1, 2]:.1f}\"", "[1.0, 2.0]"),
  ])
  func strings(_ program: String, _ result: String) throws {
    #expect(try printed(program) == result)
  }

  @Test("Runtime errors carry the user's frames, innermost first")
  func frames() throws {
    let error = try #require(
      Laboratory().failure("h(x) = [1][x]\ng(x) = { y = h(x); y }\nf(x) = map(g, [x])\nf(3)"))
    #expect(error.frames.map(\.function) == ["h", "g", "f"])
    #expect(error.frames.map(\.call.text) == ["h(x)", "map(g, [x])", "f(3)"])
    #expect(error.span?.text == "x")
    let deep = try #require(
      Laboratory().failure("f(n) = if n == 0 { [][1] } else { f(n-1) }\nf(50)"))
    #expect(deep.frames.count == 5)
  }

  @Test("Errors of host functions point at the call or the argument")
  func hostErrors() throws {
    let error = try #require(Laboratory().failure("x = 1\nprint(mod(\"a\", 2))"))
    #expect(error.span?.text == "\"a\"")
    #expect(error.message == "`mod` needs a number for `a`, not a string")
    #expect(try #require(Laboratory().failure("y = sqrt(\"a\")")).span?.text == "sqrt(\"a\")")
  }

  @Test("An error inside the standard library is shown at the user's call")
  func libraryErrors() throws {
    let lab = Laboratory(prelude: "inner(x) = x[1]\nouter(x) = inner(x)\ntwice(f, x) = f(f(x))")
    let error = try #require(lab.failure("f(y) = outer(y)\nf(3)"))
    #expect(error.span?.text == "outer(y)")
    #expect(error.frames.map(\.function) == ["f"])
    let mine = try #require(lab.failure("twice(x -> [1][x], 9)"))
    #expect(mine.span?.text == "9" || mine.span?.text == "x")
  }
}
