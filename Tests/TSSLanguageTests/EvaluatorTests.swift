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
