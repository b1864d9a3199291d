import LearningDynamics
import Groundwork
import Testing
@Suite struct ScratchTests {
  @Test func printing() throws {
    for (index, known) in KinkTests.known.enumerated() {
      let (g, epsilon, _, values) = known
      let rates = try OrderParameterRates(
        student: Student(hiddenUnits: 2, activation: .custom(g)),
        teacher: Teacher(activation: .custom(g), secondLayer: [1, 1], labelNoise: 0.1),
        state: KinkTests.state(epsilon),
        phase: Phase(time: 1, firstRate: .constant(0.5), secondRate: .constant(0)))
      let dQ = [rates.dQ[0, 0], rates.dQ[0, 1], rates.dQ[1, 1]]
      print("SCR", index, g.name, epsilon, relativeDifference(rates.dR.elements, Array(values[0..<4])), relativeDifference(dQ, Array(values[4..<7])), rates.error / values[7] - 1, rates.quadratureError!)
    }
    func lines(_ place: Double, _ left: Double, _ right: Double) -> Activation {
      .custom(
        CustomActivation(name: "lines") { x, count, g, dg in
          for i in 0..<count {
            dg[i] = x[i] > place ? right : left
            g[i] = (x[i] - place) * dg[i]
          }
        })
    }
    for (left, right) in [(0.1, 1.0), (-1, 1), (-0.5, -2)] {
      for (name, teacher) in [("relu", Activation.relu), ("linear", .linear), ("lines", lines(0, left, right)), ("moved", lines(1e-9, left, right)), ("relu2", lines(1e-9, 0, 1))] {
        for epsilon in [0.3, 1e-3] {
          for layers in [Layers.first, .both] {
          let all = try [lines(0, left, right), lines(1e-9, left, right)].map { student in
            try OrderParameterRates(
              student: Student(hiddenUnits: 2, activation: student),
              teacher: Teacher(activation: teacher, secondLayer: [1, 1], labelNoise: 0.3),
              state: KinkTests.state(epsilon),
              phase: Phase(
                time: 1, firstRate: .constant(0.5), secondRate: .constant(0.2), layers: layers))
          }
          print("SCR", left, right, name, epsilon, layers, relativeDifference(all[0].dQ.elements, all[1].dQ.elements), relativeDifference(all[0].dR.elements, all[1].dR.elements), relativeDifference(all[0].dv, all[1].dv), all[0].error / all[1].error - 1, all[1].quadratureError ?? 0, all[0].dR.elements)
          }
        }
      }
    }
  }
}
