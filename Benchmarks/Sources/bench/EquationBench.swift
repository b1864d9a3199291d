import LearningDynamics

/// The equations of the order parameters, from overlaps drawn at N = 784.
///
/// The error is the largest relative one of eg at 41 values of α against a run at tolerance 1e-12.
/// Peers get the same start, and their eg is compared with the same reference.
enum EquationBench {
  static func closed() throws {
    let cases = [
      (2, 2, 1e3), (4, 4, 1e3), (4, 4, 1e6), (8, 4, 1e3), (8, 4, 1e6), (8, 8, 1e3),
      (16, 16, 1e3),
    ]
    for (K, M, end) in cases {
      try time(K: K, M: M, end: end, activation: .erf, showsReference: true)
    }
  }

  static func rectifier() throws {
    try time(K: 4, M: 4, end: 1000, activation: .relu, showsReference: false)
  }

  private static func time(
    K: Int, M: Int, end: Double, activation: Activation, showsReference: Bool
  ) throws {
    let name = "\(activation) K=\(K) M=\(M) alpha=\(Int(end))"
    let start = try Problem.start(K: K, M: M, N: 784, activation: activation)
    let (student, teacher) = Problem.networks(K: K, M: M, activation: activation)
    func run(_ tolerance: Double) throws -> Run {
      try Equations.run(
        student: student, teacher: teacher, plan: Problem.plan(time: end), from: start, N: 784,
        seed: 1,
        options: EquationOptions(tolerance: tolerance, recording: .logarithmic(points: 41)))
    }
    let reference = try run(activation == .erf ? 1e-12 : 1e-10)
    if showsReference {
      print("start", name, list(start.Q.elements + start.R.elements), separator: "\t")
      print(
        "reference", name, list(reference.samples.map(\.alpha)),
        list(reference.samples.map(\.error)),
        separator: "\t")
    }
    for tolerance in [1e-8, 1e-6] {
      var last: Run?
      let time = try Measure.median { try Measure.seconds { last = try run(tolerance) } }
      let errors = zip(last!.samples, reference.samples).map { abs($0.error / $1.error - 1) }
      Measure.row(name, "tolerance \(tolerance)", time * 1e3, "ms", error: errors.max())
    }
  }

  private static func list(_ numbers: [Double]) -> String {
    numbers.map { "\($0)" }.joined(separator: " ")
  }
}
