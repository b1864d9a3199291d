import LearningDynamics

/// Times online SGD in weight space and prints one line for each measurement:
///
///     sgd <K> <M> <N> <what> <µs per step>
///
/// `scripts/bench` runs this and `peers.py` and joins the two.
@main struct Bench {
  static let sizes: [(K: Int, M: Int, N: Int)] = [(2, 2, 784), (4, 4, 1000), (8, 4, 10_000)]

  static func main() throws {
    for size in sizes {
      for set in InstructionSet.supported.reversed() {
        for precision in DescentOptions.Precision.allCases {
          let time = try median(5) {
            try microsecondsPerStep(
              K: size.K, M: size.M, N: size.N, precision: precision, set: set)
          }
          print("sgd", size.K, size.M, size.N, "\(precision)/\(set)", time)
        }
      }
    }
  }

  static func median(_ count: Int, _ measure: () throws -> Double) rethrows -> Double {
    try (0..<count).map { _ in try measure() }.sorted()[count / 2]
  }

  /// One run of about 30 ms, its set-up not counted.
  static func microsecondsPerStep(
    K: Int, M: Int, N: Int, precision: DescentOptions.Precision, set: InstructionSet
  ) throws -> Double {
    let student = Student(hiddenUnits: K, initialisation: .normal(sd: 1))
    let teacher = Teacher(secondLayer: .init(repeating: 1, count: M), labelNoise: 0.1)
    let steps = 20_000_000 / (N * K)
    let plan = [
      Phase(
        time: Double(steps) / Double(N), firstRate: .constant(0.2), secondRate: .constant(0.2))
    ]
    let start = try InitialState.draw(
      student: student, teacher: teacher, N: Double(N), seed: 1, plan: plan)
    let run = try Descent.run(
      student: student, teacher: teacher, plan: plan, from: start, N: N, seed: 1,
      options: DescentOptions(
        precision: precision, recording: .at([0]), instructionSet: set))
    return run.seconds * 1e6 / Double(steps)
  }
}
