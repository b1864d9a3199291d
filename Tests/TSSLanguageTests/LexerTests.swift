import TSSLanguage
import Testing

/// What the lexer reads, seen through the trees it leads to.
@Suite struct LexerTests {
  @Test(arguments: [
    ("1_000", "1000"), (".5", "0.5"), ("5.", "5"), ("2e-3", "0.002"), ("2E+3", "2000"),
    ("5.e2", "500"), ("0.1", "0.1"), ("12345678901234567890", "1.2345678901234567e+19"),
    ("1e400", "inf"), ("007", "7"), ("1_0.2_5", "10.25"),
    ("5.x", "(· 5 x)"), ("3e+x", "(+ (· 3 e) x)"), ("3em", "(· 3 em)"), ("2.*x", "(.* 2 x)"),
    ("[1..r]", "error: expected `,` or `]`, found `..`"), ("1:.5:2", "(: 1 0.5 2)"),
    ("1_", "error: a `_` in a number stands between digits"),
    ("1__0", "error: a `_` in a number stands between digits"),
    ("1.2.3", "error: a number has one decimal point"), ("0xFF", "error: numbers are decimal"),
    ("0xyz", "(· 0 xyz)"),
  ])
  func numbers(_ text: String, _ expected: String) {
    #expect(tree(text) == expected)
  }

  @Test(arguments: [
    ("eta", "η"), ("eta1", "η1"), ("eta_w", "η_w"), ("w_eta", "w_η"), ("Delta", "Δ"),
    ("lambda", "λ"), ("beta", "β"), ("Eta", "Η"), ("ETA", "ETA"), ("etas", "etas"),
    ("eta₁", "η₁"), ("Q₁₁", "Q₁₁"), ("_", "_"), ("_x", "_x"), ("a__eta", "a__η"),
    ("µ", "μ"), ("ϵ", "ε"), ("pi", "π"), ("eta2x", "eta2x"), ("x_1_sigma2", "x_1_σ2"),
    ("r.eta", "(. r η)"), ("f(eta=1)", "(call f η=1)"), ("straße", "straße"), ("x̂", "x̂"),
  ])
  func names(_ text: String, _ expected: String) {
    #expect(tree(text) == expected)
  }

  @Test func composedAndDecomposedAccentsAreTheSameName() {
    #expect(tree("\u{e9}") == tree("e\u{301}"))
  }

  @Test(arguments: [
    (#""""#, #""""#), (#""abc""#, #""abc""#), (#""a\"b""#, #""a"b""#),
    (#""\\ \u{3b7} \u{1F600}""#, "\"\\ η 😀\""), (#""{{x}}""#, #""{x}""#),
    (#""{x}""#, #""{x}""#), (#""K = {K}, η = {eta:.2f}""#, #""K = {K}, η = {η:.2f}""#),
    (#""{a + b}{c}""#, #""{(+ a b)}{c}""#),
    (#""{f("{y}", [1:3])}""#, #""{(call f "{y}" [(: 1 3)])}""#),
    (#""{(1:3)}""#, #""{(: 1 3)}""#), (#""{x:>8}|""#, #""{x:>8}|""#), (#""{x:}""#, #""{x:}""#),
    (#""{if a { 1 } else { 2 }}""#, #""{(if a {1} {2})}""#),
    (#""{x -> {x}}""#, #""{(λ(x) {x})}""#), (#""{r["in"]:d}""#, #""{(index r "in"):d}""#),
    (#""a # b""#, #""a # b""#), (#""π""#, #""π""#),
    (#""{}""#, "error: these braces are empty"), (#""{ }""#, "error: these braces are empty"),
    (#""}""#, "error: a `}` stands alone in this string"),
    (#""\q""#, #"error: `\q` means nothing in a string"#),
    (#""\u{110000}""#, "error: this is no character's number"),
    (#""\u{}""#, "error: this is no character's number"),
    ("\"abc", "error: this string is never closed"),
    ("\"abc\nx\"", "error: this string is never closed"),
    ("\"abc\\", "error: this string is never closed"),
    (#""{x"#, "error: this `{` in a string is never closed"),
    (#""{x:{w}}""#, "error: a format cannot contain values"),
    (#""{x # y}""#, "error: a comment cannot stand inside a string"),
    ("\"{x\n}\"", "error: this `{` in a string is never closed"),
    (#""{x y}""#, "error: expected `}` after the value in this string, found `y`"),
    (#""{x;y}""#, "error: expected `}` after the value in this string, found `;`"),
    (#""""a""""#, "error: strings have one quote at each end"),
  ])
  func strings(_ text: String, _ expected: String) {
    #expect(tree(text) == expected)
  }

  @Test func spaceAndLineBreaks() {
    #expect(tree("\u{FEFF}x") == "x")
    #expect(tree("#!/usr/bin/env tss\nx") == "x")
    #expect(tree("a\r\nb\r\n") == "a\nb")
    #expect(tree("a\t+\u{A0}b\u{202F}") == "(+ a b)")
    #expect(tree("\"a\"\r\n") == "\"a\"")
  }

  @Test(arguments: [
    ("x'", "(' x)"), ("f(x)'", "(' (call f x))"), ("[1, 2]'", "(' [1 2])"),
    ("x'y", "error: unexpected `y`"),
    ("x'*y", "(* (' x) y)"), ("'x'", "error: strings are written with double quotes"),
    ("f('x')", "error: strings are written with double quotes"),
    ("x 'y'", "error: strings are written with double quotes"),
    ("x '", "error: this quote closes nothing"),
    ("return'a'", "error: strings are written with double quotes"),
  ])
  func quotes(_ text: String, _ expected: String) {
    #expect(tree(text) == expected)
  }

  @Test func theFirstMistakeIsTold() {
    #expect(tree("def f(x):\n  return x**2") == "error: `def` is not part of the language")
    #expect(tree("x = 1 2\ny = 'a'") == "error: unexpected `2`")
    #expect(tree("x = 'a'\ny = 1 2") == "error: strings are written with double quotes")
  }
}
