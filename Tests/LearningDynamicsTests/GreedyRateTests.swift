import Groundwork
import LearningDynamics
import Testing

/// The rate that lowers ε_g fastest, η* = -A/(2B) with dε_g/dα = η A + η² B (PHYSICS.md, E8).
@Suite struct GreedyRateTests {
  let teacher = Teacher(secondLayer: [1, 0.7], labelNoise: 0.2)
  let student = Student(hiddenUnits: 3, initialisation: .normal(sd: 0.7))

  func phase(_ rate: Rate, layers: Layers = .first, time: Double = 0) -> Phase {
    Phase(time: time, firstRate: rate, secondRate: rate, layers: layers)
  }

  func start(_ student: Student, _ teacher: Teacher) throws -> OrderParameters {
    try InitialState.draw(
      student: student, teacher: teacher, N: 100, seed: 3, trainsSecondLayer: false)
  }

  /// A and B from the rates at two constant η and differences of ε_g along them.
  @Test(arguments: [Activation.erf, .linear, .relu], [Layers.first, .both])
  func minimisesTheSlopeOfTheError(activation: Activation, layers: Layers) throws {
    var (student, teacher) = (student, teacher)
    (student.activation, teacher.activation) = (activation, activation)
    let state = try start(student, teacher)
    func rates(_ rate: Rate) throws -> OrderParameterRates {
      try OrderParameterRates(
        student: student, teacher: teacher, state: state, phase: phase(rate, layers: layers),
        batch: 2)
    }
    func slope(_ eta: Double) throws -> Double {
      let rates = try rates(.constant(eta))
      func error(_ h: Double) -> Double {
        var moved = state
        for i in moved.Q.elements.indices { moved.Q.elements[i] += h * rates.dQ.elements[i] }
        for i in moved.R.elements.indices { moved.R.elements[i] += h * rates.dR.elements[i] }
        for i in moved.v.indices { moved.v[i] += h * rates.dv[i] }
        return moved.generalisationError(student: student, teacher: teacher)
      }
      let h = 1e-5
      return (error(h) - error(-h)) / (2 * h)
    }
    let (one, two) = (try slope(1), try slope(2))
    let B = (two - 2 * one) / 2, A = one - B
    let greedy = try rates(.greedy), eta = try #require(greedy.greedyRate)
    #expect(abs(eta + A / (2 * B)) < 1e-6 * eta)
    let same = try rates(.constant(eta))
    for (a, b) in zip(greedy.dQ.elements + greedy.dv, same.dQ.elements + same.dv) {
      #expect(abs(a - b) < 1e-12)
    }
  }

  /// A run records its rate, falls all along, and repeats with that rate as a function.
  @Test func runsRecordTheirRate() throws {
    let plan = [
      phase(.constant(0.5), time: 5), phase(.greedy, time: 200),
    ]
    let state = try start(student, teacher)
    func run(_ plan: [Phase]) throws -> Run {
      try Equations.run(
        student: student, teacher: teacher, plan: plan, from: state,
        options: EquationOptions(recording: .at((0...1000).map { 0.205 * Double($0) })))
    }
    let greedy = try run(plan)
    let known = greedy.samples.filter { $0.greedyRate != nil }
    #expect(known[0].alpha > 5 && greedy.samples[0].greedyRate == nil)
    for (a, b) in zip(known, known.dropFirst()) { #expect(b.error < a.error) }
    let function = Rate.function { alpha in
      let next = known.firstIndex { $0.alpha >= 5 + alpha } ?? known.count - 1
      guard next > 0 else { return known[0].greedyRate! }
      let (a, b) = (known[next - 1], known[next])
      let part = (5 + alpha - a.alpha) / (b.alpha - a.alpha)
      return a.greedyRate! + part * (b.greedyRate! - a.greedyRate!)
    }
    let again = try run([plan[0], phase(function, time: 200)])
    for (a, b) in zip(greedy.samples, again.samples) {
      #expect(abs(a.error - b.error) < 2e-4 * a.error)
    }
  }

  @Test func interruptedRunsContinueToTheBit() throws {
    let plan = [phase(.greedy, time: 50)], state = try start(student, teacher)
    func run(_ monitor: Monitor) throws -> Run {
      try Equations.run(
        student: student, teacher: teacher, plan: plan, from: state, monitor: monitor)
    }
    let part = try run(Monitor { $0.alpha < 5 })
    #expect(part.ending == .interrupted)
    #expect(try Equations.resume(part).samples == run(.none).samples)
  }

  /// η = c/α in the end: α ε_g/σ² → ½ Σ c² l²/(2c l - 1), 3.413 for c = 16 and K = M = 2 (E8).
  @Test func inverseDecayReachesItsLimit() throws {
    let teacher = Teacher(secondLayer: [1, 1], labelNoise: 0.1)
    let student = Student(hiddenUnits: 2, initialisation: .informed(noise: 0.1))
    let rate = Rate.function { 16 / (16 + $0) }
    let end = 1e6
    let run = try Equations.run(
      student: student, teacher: teacher, plan: [phase(rate, time: end)],
      from: InitialState.draw(
        student: student, teacher: teacher, N: 1000, seed: 1, trainsSecondLayer: false),
      options: EquationOptions(recording: .at([end])))
    let (m1, m2) = ((1 / Double.pi).squareRoot(), 2 / (Double.pi * 3.0.squareRoot()))
    let limit = [m2 - m1 * m1, m2 + m1 * m1].reduce(0) { sum, l in
      sum + 0.5 * 256 * l * l / (32 * l - 1)
    }
    #expect(abs(limit - 3.41349) < 1e-5)
    #expect(abs(end * run.samples[0].error / 0.01 / limit - 1) < 0.003)
  }

  @Test func whatHasNoGreedyRateSaysSo() throws {
    let state = try start(student, teacher)
    #expect(throws: TrainingError.self) {
      try simulate(student, teacher, [phase(.greedy, time: 1)])
    }
    #expect(throws: TrainingError.self) {
      try Equations.run(
        student: student, teacher: teacher, plan: [phase(.greedy, layers: .second, time: 1)],
        from: state)
    }
    #expect(throws: TrainingError.self) {
      try Equations.run(
        student: student, teacher: teacher, plan: [phase(.greedy, time: 1)], from: state,
        options: EquationOptions(fluctuations: true))
    }
  }
}
