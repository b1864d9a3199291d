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
    for (name, program, steps, unit) in [
      ("SGD full K=4 M=4 N=1000", "sgd(S, T, η=0.2, time=20, N=1000, seed=1)", 20_000, "us/step"),
      (
        "SGD reduced K=4 M=4 N=1000", "sgd(S, T, η=0.2, time=100, N=1000, seed=1, method=reduced)",
        100_000, "us/step"
      ),
      ("ODE K=2 M=2 to alpha=100", "ode(S, T, η=0.2, time=100, N=784, seed=1)", 1000, "ms"),
    ] {
      let units = name.hasPrefix("ODE") ? 2 : 4
      for (variant, g) in activations {
        try session.eval(
          "T = teacher(M=\(units), g=\(g), σ=0.1); S = student(K=\(units), g=\(g), init=normal(1))")
        let time = try Measure.median { try Measure.seconds { try session.eval(program) } }
        Measure.row(name, variant, time * 1e6 / Double(steps), unit)
      }
    }
  }
}
