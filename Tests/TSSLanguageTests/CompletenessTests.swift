import TSSLanguage
import Testing

/// What the prompt asks at every Enter.
@Suite struct CompletenessTests {
  private func judge(_ text: String) -> String {
    switch Parser.completeness(of: text) {
    case .complete: "complete"
    case .incomplete(let indent): "incomplete \(indent)"
    case .wrong(let diagnostic): "wrong: \(diagnostic.message)"
    }
  }

  @Test(arguments: [
    "", "x", "x = 3", "f(x) = x^2", "|> plot", "# only a comment", "## Given up.\n\n",
    "## Whole.\nf(x) = x", "if a { 1 }", "x;", "\n\n",
    "f(x) = {\n  x\n}", "return", "x = 'a'*2".replacing("'a'", with: "A'"),
  ])
  func complete(_ text: String) {
    #expect(judge(text) == "complete")
  }

  @Test(arguments: [
    ("x =", 0), ("1 +", 0), ("a and", 0), ("x ->", 0), ("x |>", 0), ("not", 0), ("if", 0),
    ("for x in", 0), ("use", 0), ("x.", 0), ("f(", 2), ("f(a,", 2), ("f(a", 2), ("[1, 2;", 2),
    ("f(x) = {", 2), ("f(x) = {\n  if x {", 4), ("f([(", 2), ("f(a,\n  [1,", 4),
    ("if a { 1 } else", 0), ("sweep K in 1:3 {", 2), ("f((x, y)", 2), ("(x", 2), ("[x for x", 2),
    ("x = 1\ny = (", 2), ("f(x) = {\n  x\n", 2), ("a + # comment", 0),
    ("f(\"{x}\", ", 2), ("t[K=", 2), ("1:", 0), ("## A function.", 0),
    ("x\n## A function.\n## >>> f(1)", 0),
  ])
  func incomplete(_ text: String, _ indent: Int) {
    #expect(judge(text) == "incomplete \(indent)")
  }

  /// No further line can mend these, so the prompt says so at once.
  @Test(arguments: [
    "x = )", "\"abc", "print(\"abc", "f(1 2", "def f", "if x > 0", "for x", "while a", "(1, 2)",
    "x y", "1/2x", "else", "a\n+ b", "f(x) = { ]", "sweep K in 1:3",
  ])
  func wrong(_ text: String) {
    #expect(judge(text).hasPrefix("wrong: "), "\(judge(text))")
  }
}
