import LearningDynamics

/// What the suites that run SGD share: plans of one phase, and runs from the start that a seed draws.
protocol SimulationSuite {
  /// The learning rate of a plan that names none.
  var usualRate: Double { get }
}

extension SimulationSuite {
  var usualRate: Double { 0.3 }

  /// One phase; the rate is that of both layers.
  func plan(
    _ time: Double, rate: Double? = nil, layers: Layers = .first, decay: Double = 0
  ) -> [Phase] {
    let rate = Rate.constant(rate ?? usualRate)
    return [
      Phase(
        time: time, firstRate: rate, secondRate: rate, layers: layers, decay: .constant(decay))
    ]
  }
}

/// SGD from the start that the seed draws.
func simulate(
  _ student: Student, _ teacher: Teacher, _ plan: [Phase], N: Int = 100, seed: UInt64 = 1,
  options: DescentOptions = DescentOptions(recording: .logarithmic(points: 20)),
  monitor: Monitor = .none
) throws -> Run {
  let start = try InitialState.draw(
    student: student, teacher: teacher, N: Double(N), seed: seed, plan: plan)
  return try Descent.run(
    student: student, teacher: teacher, plan: plan, from: start, N: N, seed: seed,
    options: options, monitor: monitor)
}
