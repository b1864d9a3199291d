import LearningDynamics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Time, and the lines that say how much of it was taken.
enum Measure {
  nonisolated(unsafe) static var repetitions = 5

  static func median(_ measure: () throws -> Double) rethrows -> Double {
    try (0..<repetitions).map { _ in try measure() }.sorted()[repetitions / 2]
  }

  /// Processor time of all threads, or time of the clock.
  static func seconds(
    _ clock: clockid_t = CLOCK_PROCESS_CPUTIME_ID, _ body: () throws -> Void
  ) rethrows -> Double {
    func now() -> Double {
      var time = timespec()
      clock_gettime(clock, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
    let begin = now()
    try body()
    return now() - begin
  }

  static func row(
    _ name: String, _ variant: String, _ value: Double, _ unit: String, error: Double? = nil
  ) {
    print(
      "row", name, variant, value, unit, error.map { "\($0)" } ?? "-", separator: "\t")
    fflush(nil)
  }
}

/// The networks of every figure: erf unless said otherwise, η = 0.2, σ = 0.1.
enum Problem {
  static func networks(
    K: Int, M: Int, activation: Activation = .erf
  ) -> (student: Student, teacher: Teacher) {
    (
      Student(hiddenUnits: K, activation: activation, initialisation: .normal(sd: 1)),
      Teacher(
        activation: activation, secondLayer: .init(repeating: 1, count: M), labelNoise: 0.1)
    )
  }

  static func plan(time: Double) -> [Phase] {
    [Phase(time: time, firstRate: .constant(0.2), secondRate: .constant(0.2))]
  }

  static func start(K: Int, M: Int, N: Double, activation: Activation = .erf) throws
    -> OrderParameters
  {
    let (student, teacher) = networks(K: K, M: M, activation: activation)
    return try InitialState.draw(
      student: student, teacher: teacher, N: N, seed: 1, trainsSecondLayer: false)
  }
}
