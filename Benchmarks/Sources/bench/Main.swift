import LearningDynamics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Times the engines and prints one line for each measurement, a median of five
/// in processor time, so that a busy machine disturbs it less:
///
///     sgd <K> <M> <N> <precision>/<instruction set> <µs per step>
///     reduced <K> <M> <N> <alone, or 8 in lanes>/<instruction set> <ns per step of a run>
///     ode <K> <M> <α> tol=<tolerance> <ms>
///
/// `scripts/bench` hands these lines to `peers.py`, which times the peers in the same run and prints
/// one table.
@main struct Bench {
  static func main() throws {
    for (K, M, N) in [(2, 2, 784), (4, 4, 1000), (8, 4, 10_000)] {
      for set in InstructionSet.supported.reversed() {
        for precision in DescentOptions.Precision.allCases {
          let time = try median {
            try microsecondsPerStep(K: K, M: M, N: N, precision: precision, set: set)
          }
          print("sgd", K, M, N, "\(precision)/\(set)", time)
        }
      }
    }
    for (K, M) in [(2, 2), (4, 4), (8, 4), (16, 16)] {
      for set in InstructionSet.supported.reversed() {
        for (runs, name) in [(1, "alone"), (8, "lanes")] {
          let time = try median {
            try nanosecondsPerReducedStep(K: K, M: M, runs: runs, set: set)
          }
          print("reduced", K, M, 1_000_000, "\(name)/\(set)", time)
        }
      }
    }
    for (K, M) in [(2, 2), (4, 4), (8, 4)] {
      print("ode", K, M, 1000, "tol=1e-8", try median { try milliseconds(K: K, M: M) })
    }
  }

  static func median(_ measure: () throws -> Double) rethrows -> Double {
    try (0..<5).map { _ in try measure() }.sorted()[2]
  }

  static func seconds(_ body: () throws -> Void) rethrows -> Double {
    func now() -> Double {
      var time = timespec()
      clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
    let begin = now()
    try body()
    return now() - begin
  }

  /// A run of some ten milliseconds, less one of no steps: drawing the weights does not count.
  static func microsecondsPerStep(
    K: Int, M: Int, N: Int, precision: DescentOptions.Precision, set: InstructionSet
  ) throws -> Double {
    let (student, teacher) = networks(K: K, M: M)
    let steps = 200_000_000 / (N * K)
    let start = try InitialState.draw(
      student: student, teacher: teacher, N: Double(N), seed: 1, trainsSecondLayer: false)
    let options = DescentOptions(
      precision: precision, recording: .at([0]), instructionSet: set)
    let times = try [0, steps].map { steps in
      try seconds {
        _ = try Descent.run(
          student: student, teacher: teacher, plan: phases(time: Double(steps) / Double(N)),
          from: start, N: N, seed: 1, options: options)
      }
    }
    return (times[1] - times[0]) * 1e6 / Double(steps)
  }

  /// Of each run, on one thread.
  static func nanosecondsPerReducedStep(
    K: Int, M: Int, runs: Int, set: InstructionSet
  ) throws -> Double {
    let (student, teacher) = networks(K: K, M: M)
    let steps = 8_000_000 / (K * K * runs) + 20_000
    let time = try seconds {
      _ = try Descent.runEnsemble(
        student: student, teacher: teacher, plan: phases(time: Double(steps) * 1e-6),
        N: 1_000_000, seeds: Array(1...UInt64(runs)),
        options: DescentOptions(recording: .at([0]), instructionSet: set, method: .reduced),
        threads: 1)
    }
    return time * 1e9 / Double(steps * runs)
  }

  /// The equations to α = 1000 with 200 recorded points, from overlaps drawn at N = 784.
  static func milliseconds(K: Int, M: Int) throws -> Double {
    let (student, teacher) = networks(K: K, M: M)
    let start = try InitialState.draw(
      student: student, teacher: teacher, N: 784, seed: 1, trainsSecondLayer: false)
    return try 1e3
      * seconds {
        _ = try Equations.run(
          student: student, teacher: teacher, plan: phases(time: 1000), from: start, N: 784,
          seed: 1)
      }
  }

  static func networks(K: Int, M: Int) -> (Student, Teacher) {
    (
      Student(hiddenUnits: K, initialisation: .normal(sd: 1)),
      Teacher(secondLayer: .init(repeating: 1, count: M), labelNoise: 0.1)
    )
  }

  static func phases(time: Double) -> [Phase] {
    [Phase(time: time, firstRate: .constant(0.2), secondRate: .constant(0.2))]
  }
}
