import LearningDynamics

/// Online SGD: microseconds of one step in weight space, nanoseconds of one through the order
/// parameters.
enum DescentBench {
  static func full() throws {
    for (K, M, N) in [(2, 2, 784), (4, 4, 1000), (8, 4, 10_000)] {
      for precision in DescentOptions.Precision.allCases {
        for set in InstructionSet.supported.reversed() {
          let time = try Measure.median {
            try microsecondsPerStep(K: K, M: M, N: N, precision: precision, set: set)
          }
          Measure.row("K=\(K) M=\(M) N=\(N)", "\(precision) \(set)", time, "us/step")
        }
      }
    }
  }

  static func reduced() throws {
    for N in [1000, 1_000_000, 1_000_000_000] {
      for runs in [1, 8] {
        let time = try Measure.median {
          try nanosecondsPerReducedStep(K: 4, M: 4, N: N, runs: runs)
        }
        let variant = runs == 1 ? "one run" : "8 in lanes"
        Measure.row("K=4 M=4 N=\(N)", variant, time, "ns/step")
        if N == 1_000_000, runs == 1 {
          // 10⁸ steps; the cost of a step does not depend on α.
          Measure.row("K=4 M=4 N=\(N)", "to alpha=100, from ns/step", time * 0.1, "s")
        }
      }
    }
    for (K, M) in [(2, 2), (8, 4), (16, 16)] {
      let time = try Measure.median {
        try nanosecondsPerReducedStep(K: K, M: M, N: 1_000_000, runs: 1)
      }
      Measure.row("K=\(K) M=\(M) N=1000000", "one run", time, "ns/step")
    }
  }

  /// A run of some ten milliseconds, less one of no steps: drawing the weights does not count.
  private static func microsecondsPerStep(
    K: Int, M: Int, N: Int, precision: DescentOptions.Precision, set: InstructionSet
  ) throws -> Double {
    let (student, teacher) = Problem.networks(K: K, M: M)
    let steps = 200_000_000 / (N * K)
    let start = try Problem.start(K: K, M: M, N: Double(N))
    let options = DescentOptions(precision: precision, recording: .at([0]), instructionSet: set)
    let times = try [0, steps].map { steps in
      try Measure.seconds {
        _ = try Descent.run(
          student: student, teacher: teacher, plan: Problem.plan(time: Double(steps) / Double(N)),
          from: start, N: N, seed: 1, options: options)
      }
    }
    return (times[1] - times[0]) * 1e6 / Double(steps)
  }

  /// Of each run, on one thread.
  private static func nanosecondsPerReducedStep(
    K: Int, M: Int, N: Int, runs: Int
  ) throws -> Double {
    let (student, teacher) = Problem.networks(K: K, M: M)
    let steps = 8_000_000 / (K * K * runs) + 20_000
    let time = try Measure.seconds {
      _ = try Descent.runEnsemble(
        student: student, teacher: teacher, plan: Problem.plan(time: Double(steps) / Double(N)),
        N: N, seeds: Array(1...UInt64(runs)),
        options: DescentOptions(recording: .at([0]), method: .reduced), threads: 1)
    }
    return time * 1e9 / Double(steps * runs)
  }
}
