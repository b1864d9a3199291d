import TSS
import TSSLanguage
import Testing

/// Functions of the whole standard library as tapes.
@Suite("Activations as tapes")
struct ActivationTapeTests {
  @Test(arguments: [
    "sigmoid", "softplus", "swish", "gelu", "leaky_relu(0.1)", "leaky_relu()", "elu", "relu",
    "hard_tanh", "softsign", "sine(2)", "hermite_activation(3)", "x -> hermite(4, x)",
    "x -> hermite(0, x)", "x -> { s = 0; for k in 5:-2:1 { s = s + k*x^k }; s }",
    "x -> { s = x; for k in 1:0 { s = 0 }; s }", "tanh", "x -> clamp(x, -1, 1)",
    "x -> clamp(x, high=1, low=-1)", "x -> max(-1, min(x, 1))",
    "x -> round(x) + floor(x) + sign(x) + trunc(x)", "compose(tanh, exp)", "x -> normal_density(x)",
    "x -> normal_probability(x, sd=2)", "x -> erf(x/sqrt(2))*sin(π*x)",
    "x -> asinh(x) + cbrt(x) + log10(x^2)",
  ])
  func agree(_ text: String) throws {
    let interpreter = Engine().session().interpreter
    let source = Source(name: "test.tss", text: text)
    guard case .function(let function) = try interpreter.run(source, mode: .embedded) else {
      Issue.record("no function")
      return
    }
    let tape = try Tape(of: function)
    let x = (0..<300).map { -3.01 + 0.02 * Double($0) }
    var g = x, dg = x
    tape.evaluate(x, count: x.count, g: &g, dg: &dg)
    for index in stride(from: 0, to: x.count, by: 5) {
      guard case .number(let y) = try interpreter.call(function, [.number(x[index])]) else {
        Issue.record("no number")
        return
      }
      #expect(abs(g[index] - y) <= 1e-14 * (1 + abs(y)), "\(text) at \(x[index])")
    }
  }
}
