import LearningDynamics
import TSS

/// An activation that the user writes in the language, beside the built-in one: `erf` by hand, and
/// tanh, which is not built in.
enum ActivationBench {
  private static let activations = [
    ("erf", "erf"), ("erf by hand", "x -> erf(x/sqrt(2))"), ("tanh", "tanh"),
    ("tanh by hand", "x -> (exp(x) - exp(-x))/(exp(x) + exp(-x))"),
  ]

  static func run() throws {
    let session = Engine().session(output: .discard, environment: Environment(threads: 1))
    /// Processor time of a program, K = M = `units`.
    func seconds(_ g: String, units: Int, _ program: String) throws -> Double {
      try session.eval(
        "T = teacher(M=\(units), g=\(g), σ=0.1); S = student(K=\(units), g=\(g), init=normal(1))")
      return try Measure.median { try Measure.seconds { try session.eval(program) } }
    }
    for (method, steps) in [("full", 20_000), ("reduced", 100_000)] {
      func program(_ steps: Int) -> String {
        "sgd(S, T, η=0.2, time=\(steps / 1000), N=1000, seed=1, method=\(method))"
      }
      // What recording costs does not depend on the length.
      for (variant, g) in activations {
        let short = try seconds(g, units: 4, program(steps))
        let long = try seconds(g, units: 4, program(5 * steps))
        Measure.row(
          "SGD \(method) K=4 M=4 N=1000", variant, (long - short) * 1e6 / Double(4 * steps),
          "us/step")
        Measure.row("SGD \(method), run of \(steps) steps", variant, short * 1e3, "ms")
      }
    }
    for (variant, g) in activations {
      let time = try seconds(g, units: 2, "ode(S, T, η=0.2, time=100, N=784, seed=1)")
      Measure.row("ODE K=2 M=2 to alpha=100", variant, time * 1e3, "ms")
    }
  }
}
