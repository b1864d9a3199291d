import LearningDynamics
import TSS

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The language itself; `report.py` times the same programs in CPython.
enum LanguageBench {
  private static let programs = """
    fib(n) = if n < 2 { n } else { fib(n-1) + fib(n-2) }
    loop() = { i = 0; s = 0; while i < 1000000 { s = s + i; i = i + 1 }; s }
    polynomial() = { s = 0; for i in 1:1000000 { s = s + i*i/(i + 1) - 2*i }; s }
    squares() = count([x*x for x in 1:1000000])
    roots() = { s = 0; for i in 1:1000000 { s = s + sqrt(i) }; s }
    counts() = { xs = [1, 2]; s = 0; for i in 1:1000000 { s = s + count(xs) }; s }
    replaced() = { xs = [0 for i in 1:1000]; for i in 1:300000 { xs[1 + mod(i, 1000)] = i }; xs }
    closures() = sum([f(1) for f in [x -> x + i for i in 1:300000]])
    strings() = count(join(["{i}" for i in 1:100000], ","))
    """

  static func run() throws {
    let session = Engine().session(output: .discard)
    try session.eval(programs)
    for (name, call, count, unit) in [
      ("fib(27)", "fib(27)", 1.0, "ms"),
      ("while, a round", "loop()", 1e6, "ns"),
      ("for with five operations, a round", "polynomial()", 1e6, "ns"),
      ("list of squares, an element", "squares()", 1e6, "ns"),
      ("sqrt(i), a round", "roots()", 1e6, "ns"),
      ("count(xs), a round", "counts()", 1e6, "ns"),
      ("xs[j] = i, a round", "replaced()", 3e5, "ns"),
      ("closure made and called", "closures()", 3e5, "ns"),
      ("string of a number, joined", "strings()", 1e5, "ns"),
    ] {
      let time = try Measure.median { try Measure.seconds { try session.eval(call) } }
      Measure.row(name, "tss", time * (unit == "ms" ? 1e3 : 1e9) / count, unit)
    }
  }

  /// A sweep of 64 short simulations, by the clock.
  static func sweep() throws {
    for threads in [1, 2] {
      let session = Engine().session(output: .discard, environment: Environment(threads: threads))
      try session.eval("T = teacher(M=4, g=erf, σ=0.1); S = student(K=4, g=erf, init=normal(1))")
      let time = try Measure.median {
        try Measure.seconds(CLOCK_MONOTONIC) {
          try session.eval(
            "sweep seed in 1:64 { sgd(S, T, η=0.2, time=20, N=1000, seed=seed).eg[-1] }")
        }
      }
      let variant = threads == 1 ? "1 thread" : "\(threads) threads"
      Measure.row("64 runs of 20000 steps", variant, time * 1e3, "ms")
    }
  }
}
