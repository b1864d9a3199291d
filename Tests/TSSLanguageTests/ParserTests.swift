import TSSLanguage
import Testing

/// The tree of a program as an s-expression; the message where it is no program.
func tree(_ text: String, isPrompt: Bool = false) -> String {
  do throws(Diagnostic) {
    return try Parser.parse(Source(name: "test.tss", text: text), isPrompt: isPrompt).dump
  } catch {
    return "error: \(error.message)"
  }
}

/// Programs and their trees, rule by rule of the language reference.
@Suite struct ParserTests {
  @Test(arguments: [
    ("1 + 2*3 - 4", "(- (+ 1 (* 2 3)) 4)"),
    ("a/b*c", "(* (/ a b) c)"),
    ("-2^2", "(- (^ 2 2))"),
    ("2^-1", "(^ 2 (- 1))"),
    ("2^3^2", "(^ 2 (^ 3 2))"),
    ("2.^x", "(.^ 2 x)"),
    ("a .* b ./ c", "(./ (.* a b) c)"),
    ("--x", "(- (- x))"),
    ("a - -b", "(- a (- b))"),
    ("+x", "(- x 0)"),
    ("not a == b", "(not (a == b))"),
    ("not not a", "(not (not a))"),
    ("a or b and not c", "(or a (and b (not c)))"),
    ("a and b and c", "(and (and a b) c)"),
    ("0 < x < 1", "(0 < x < 1)"),
    ("a == b != c ≈ d", "(a == b != c ≈ d)"),
    ("a ≤ b ≥ c ≠ d", "(a <= b >= c != d)"),
    ("(1 < 2) == true", "((1 < 2) == true)"),
    ("1:5", "(: 1 5)"),
    ("0:0.1:1", "(: 0 0.1 1)"),
    ("1:n+1", "(: 1 (+ n 1))"),
    ("1:3 == [1, 2, 3]", "((: 1 3) == [1 2 3])"),
    ("x' * y''", "(* (' x) (' (' y)))"),
    ("A'*x", "(* (' A) x)"),
    ("x.y.z'[1](2)", "(call (index (' (. (. x y) z)) 1) 2)"),
    ("nothing", "nothing"),
    ("true and false", "(and true false)"),
  ])
  func operators(_ text: String, _ expected: String) {
    #expect(tree(text) == expected)
  }

  @Test(arguments: [
    ("2x^2", "(· 2 (^ x 2))"),
    ("2^3x", "(^ 2 (· 3 x))"),
    ("-2x", "(- (· 2 x))"),
    ("1:3x", "(: 1 (· 3 x))"),
    ("0.1(x+1)", "(· 0.1 (+ x 1))"),
    ("2(x+1)(x-1)", "(· 2 (call (+ x 1) (- x 1)))"),
    ("2π", "(· 2 π)"),
    ("2πr", "(· 2 πr)"),
    ("3e", "(· 3 e)"),
    ("2e3x", "(· 2000 x)"),
    ("3x'", "(· 3 (' x))"),
    ("1/(2x)", "(/ 1 (· 2 x))"),
    ("(1/2)x", "error: unexpected `x`"),
    ("a*2x", "(* a (· 2 x))"),
    ("2x/y", "(/ (· 2 x) y)"),
    ("2 (x)", "error: unexpected `(`"),
    ("2 x", "error: unexpected `x`"),
    ("2[1, 2]", "error: a number cannot be indexed"),
    ("2\"a\"", "error: unexpected `\"a\"`"),
    ("x == 3and y", "(and (x == 3) y)"),
    ("a/2x", "error: `a/2x` can be read in two ways"),
    ("a./2x", "error: `a./2x` can be read in two ways"),
    ("a/-2x", "error: `a/-2x` can be read in two ways"),
    ("a/+2x", "error: `a/+2x` can be read in two ways"),
    ("a/2(x+1)", "error: `a/2(x+1)` can be read in two ways"),
    ("1/2π", "error: `1/2π` can be read in two ways"),
    ("a/-(2x)", "(/ a (- (· 2 x)))"),
  ])
  func implicitProducts(_ text: String, _ expected: String) {
    #expect(tree(text) == expected)
  }

  @Test(arguments: [
    ("f()", "(call f)"),
    ("f(1, a=2, ..r,)", "(call f 1 a=2 ..r)"),
    ("f(..xs, 1)", "(call f ..xs 1)"),
    ("student(K=2)", "(call student K=2)"),
    ("f(a=1, b)", "error: positional arguments come before named ones"),
    ("f(a=1, a=2)", "error: `a` is given twice"),
    ("f(eta=1, η=2)", "error: `η` is given twice"),
    ("()", "(record)"),
    ("(a=1)", "(record a=1)"),
    ("(a=1,\n b=2,\n)", "(record a=1 b=2)"),
    ("(a)", "a"),
    ("(..r, b=2)", "(record ..r b=2)"),
    ("(x = 3)", "(record x=3)"),
    ("(1, 2)", "error: round brackets hold one value, or a record whose values have names"),
    ("(1,)", "error: round brackets hold one value, or a record whose values have names"),
    ("x[1]", "(index x 1)"),
    ("x[-1]", "(index x (- 1))"),
    ("x[2:-1]", "(index x (: 2 (- 1)))"),
    ("A[:, 1]", "(index A : 1)"),
    ("t[K=4]", "(index t K=4)"),
    ("t[K=[4, 6], seed=1]", "(index t K=[4 6] seed=1)"),
    ("x[]", "error: an index is missing"),
    ("f (x)", "error: unexpected `(`"),
    ("x [1]", "error: unexpected `[`"),
    ("r.in", "error: `in` is a keyword and cannot be a field"),
    ("f(in=3)", "error: `in` is a keyword and cannot be a name"),
    ("r[\"in\"]", "(index r \"in\")"),
  ])
  func callsRecordsAndIndices(_ text: String, _ expected: String) {
    #expect(tree(text) == expected)
  }

  @Test(arguments: [
    ("[]", "[]"),
    ("[1, 2,]", "[1 2]"),
    ("[1 -2]", "[(- 1 2)]"),
    ("[1, ..xs, 2]", "[1 ..xs 2]"),
    ("[1, 2; 3, 4]", "[1 2; 3 4]"),
    ("[1, 2;]", "[1 2]"),
    ("[1; 2]", "[1; 2]"),
    ("[1, 2;\n 3, 4;\n]", "[1 2; 3 4]"),
    ("[1, 2; 3]", "error: the rows of a matrix are equally long: this one has 1, the first has 2"),
    ("[1; ..xs]", "error: a row of a matrix is written element by element"),
    ("[;]", "error: expected a value after `[`, found `;`"),
    ("[1 2]", "error: expected `,` or `]`, found `2`"),
    ("[a = 1]", "error: the elements of a list have no names"),
    ("[f(x) for x in xs]", "[(call f x) for x in xs]"),
    ("[x*y for x in xs, y in ys if x < y]", "[(* x y) for x in xs, y in ys if (x < y)]"),
    ("[x for x in xs for y in ys]", "error: a comprehension has one `for`"),
    ("[x -> x, y -> y]", "[(λ(x) x) (λ(y) y)]"),
    ("[[1, 2], [3]]", "[[1 2] [3]]"),
    ("[if a { 1 } else { 2 }]", "[(if a {1} {2})]"),
  ])
  func listsAndMatrices(_ text: String, _ expected: String) {
    #expect(tree(text) == expected)
  }

  @Test(arguments: [
    ("x -> x^2", "(λ(x) (^ x 2))"),
    ("(x, y) -> x + y", "(λ(x y) (+ x y))"),
    ("(x, a=0.1) -> a*x", "(λ(x a=0.1) (* a x))"),
    ("() -> 3", "(λ() 3)"),
    ("(x) -> x", "(λ(x) x)"),
    ("x -> y -> x+y", "(λ(x) (λ(y) (+ x y)))"),
    ("x -> { y = x; y }", "(λ(x) {(= y x); y})"),
    ("f(η = t -> 0.5/(1 + t/50), g=1)", "(call f η=(λ(t) (/ 0.5 (+ 1 (/ t 50)))) g=1)"),
    ("_ -> 1", "(λ(_) 1)"),
    ("(_, _) -> 1", "(λ(_ _) 1)"),
    ("2 -> x", "error: a parameter is a plain name"),
    ("(x, 2) -> x", "error: a parameter is a plain name"),
    ("(x, x) -> x", "error: the parameter `x` stands twice"),
    ("(a=1, x) -> x", "error: parameters with defaults come last"),
    ("(nothing) -> 1", "error: `nothing` cannot be assigned"),
    ("((x)) -> x", "error: a parameter is a plain name"),
    ("x -> x |> f", "(pipe f (λ(x) x))"),
    ("x |> f", "(pipe f x)"),
    ("x |> f(a, b=1)", "(pipe f x a b=1)"),
    ("x |> f(a)(b)", "(pipe (call f a) x b)"),
    ("x |> (f(a))", "(pipe (call f a) x)"),
    ("x |> m.f(a) |> g", "(pipe g (pipe (. m f) x a))"),
    ("x |> (y -> y^2)", "(pipe (λ(y) (^ y 2)) x)"),
    ("x |> f(a).eg", "(pipe (. (call f a) eg) x)"),
    ("(x |> f).eg", "(. (pipe f x) eg)"),
    ("x |> (y |> f(1))", "(pipe (pipe f y 1) x)"),
    ("x |> y -> y^2", "error: `->` cannot stand here"),
    ("1 + x |> f", "(pipe f (+ 1 x))"),
  ])
  func lambdasAndPipes(_ text: String, _ expected: String) {
    #expect(tree(text) == expected)
  }

  @Test(arguments: [
    ("x = 3", "(= x 3)"),
    ("f(x) = x^2", "(define f(x) (^ x 2))"),
    ("f(x, a=0.1) = {\n  a*x\n}", "(define f(x a=0.1) {(* a x)})"),
    ("f() = 1", "(define f() 1)"),
    ("x = { 1; 2 }", "(= x {1; 2})"),
    ("x[2] = 5", "(= (index x 2) 5)"),
    ("A[1, :] = [1, 2]", "(= (index A 1 :) [1 2])"),
    ("r.a[2] = 3", "(= (index (. r a) 2) 3)"),
    ("t[K=4] = 1", "(= (index t K=4) 1)"),
    ("g = x -> x", "(= g (λ(x) x))"),
    ("(x) = 3", "error: a name in brackets cannot be given a value"),
    ("(x)[1] = 3", "error: a name in brackets cannot be given a value"),
    ("f(x)[1] = 3", "error: the result of a call cannot be given a value"),
    ("f(x).a = 3", "error: the result of a call cannot be given a value"),
    ("f(x)(y) = 3", "error: only a plain name can be defined as a function"),
    ("(f)(y) = 3", "error: only a plain name can be defined as a function"),
    ("f(1) = 2", "error: a parameter is a plain name"),
    ("2 = x", "error: only a name, an element or a field can be given a value"),
    ("a + b = c", "error: only a name, an element or a field can be given a value"),
    ("true = 1", "error: `true` is a keyword and cannot be a name"),
    ("nothing = 1", "error: `nothing` cannot be assigned"),
    ("_ = 1", "error: `_` cannot be assigned"),
    ("a = b = c", "error: one statement gives one value"),
    ("use \"f.tss\"; use stats", "(use \"f.tss\")\n(use stats)"),
    ("use \"{x}\"", "error: the file of a `use` is a plain string, without values in it"),
    ("if true { use a }", "error: `use` stands at the top level only"),
    ("for x in xs { x }", "(for x in xs {x})"),
    ("for x in xs, y in ys {}", "(for x in xs, y in ys {})"),
    ("while a < 3 { a = a + 1 }", "(while (a < 3) {(= a (+ a 1))})"),
    ("f() = { return }", "(define f() {(return)})"),
    ("f() = { return 1; 2 }", "(define f() {(return 1); 2})"),
    ("f() = {\n return\n 2 }", "(define f() {(return); 2})"),
    ("if a { 1 } else if b { 2 } else { 3 }", "(if a {1} (if b {2} {3}))"),
    ("x = if a { 1 } else { 2 }", "(= x (if a {1} {2}))"),
    ("sweep K in 4:10, s in 1:2 { K }", "(sweep K in (: 4 10), s in (: 1 2) {K})"),
    ("t = sweep x in xs { x } |> mean", "(= t (pipe mean (sweep x in xs {x})))"),
  ])
  func statements(_ text: String, _ expected: String) {
    #expect(tree(text) == expected)
  }

  @Test(arguments: [
    ("a\nb", "a\nb"),
    ("a; b;; c;", "a\nb\nc"),
    ("", ""),
    ("\n\n;\n", ""),
    ("a +\n b", "(+ a b)"),
    ("a + # comment\n\n # another\n b", "(+ a b)"),
    ("x =\n 3", "(= x 3)"),
    ("f(a,\n\n b\n)", "(call f a b)"),
    ("f(a\n, b)", "(call f a b)"),
    ("[1,\n 2]", "[1 2]"),
    ("[2\nx]", "error: expected `,` or `]`, found `x`"),
    ("[f\n(x)]", "error: expected `,` or `]`, found `(`"),
    ("[1\n 2]", "error: expected `,` or `]`, found `2`"),
    ("a\n-b", "a\n(- b)"),
    ("f\n(x)", "f\nx"),
    ("f\n[1]", "f\n[1]"),
    ("a\n+ b", "error: a line cannot begin with `+`"),
    ("a\n== b", "error: a line cannot begin with `==`"),
    ("a\nand b", "error: a line cannot begin with `and`"),
    ("(a\n+ b)", "(+ a b)"),
    ("a\n|> f\n|> g(1)", "(pipe g (pipe f a) 1)"),
    ("a\n\n# comment\n\n  |> f", "(pipe f a)"),
    ("x = a\n |> f", "(= x (pipe f a))"),
    ("|> f", "error: there is nothing to pipe here"),
    ("a;\n|> f", "error: there is nothing to pipe here"),
    ("for x in xs { }\n|> f", "error: there is nothing to pipe here"),
    ("f(x -> {\n a\n b\n})", "(call f (λ(x) {a; b}))"),
    ("(if a {\n b\n c\n} else {\n d\n})", "(if a {b; c} {d})"),
    ("if a {\n}\nelse {\n}", "error: `else` stands on the line of the `}` before it"),
    ("if a { 1 } b", "error: unexpected `b`"),
    ("if a { 1 }; b", "(if a {1})\nb"),
    ("if a\n{ 1 }", "error: `if` needs a block in `{ }`, found the end of the line"),
    ("x ->\n x", "(λ(x) x)"),
    ("x.\n y", "(. x y)"),
    ("for x in xs,\n y in ys { }", "(for x in xs, y in ys {})"),
    ("1:\n 3", "(: 1 3)"),
    ("{ 1 }", "error: a block cannot stand here"),
  ])
  func newlines(_ text: String, _ expected: String) {
    #expect(tree(text) == expected)
  }

  @Test func aLeadingPipeAtThePromptTakesTheLastResult() {
    #expect(tree("|> f(1); x", isPrompt: true) == "(pipe f _ 1)\nx")
    #expect(tree("|> f\n|> g", isPrompt: true) == "(pipe g (pipe f _))")
    #expect(tree("_ + 1", isPrompt: true) == "(+ _ 1)")
  }

  @Test func documentationBelongsToTheDefinitionBelow() throws {
    let program = try Parser.parse(
      Source(
        name: "test.tss",
        text: """
          ## A header.

          ## Leaky ReLU.
          ## >>> leaky(-2)
          ##  -0.2
          leaky(x) = x
          # nothing special
          plain(x) = x ## no documentation
          other(x) = x
          ## A constant.
          c = 3
          """))
    let texts = program.statements.map { statement in
      if case .define(let function) = statement.kind {
        function.documentation
      } else {
        statement.documentation
      }
    }
    #expect(texts == ["Leaky ReLU.\n>>> leaky(-2)\n -0.2", "", "", "A constant."])
  }
}
