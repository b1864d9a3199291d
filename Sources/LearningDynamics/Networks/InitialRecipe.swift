import Groundwork

/// How a student's weights begin, as one rule for all kinds of start, with the second layer.
struct InitialRecipe {
  enum Weights {
    /// w = copies w* + sd · N(0, 1)^N; Q and R are then moved by perturbation · N(0, 1).
    case random(copies: Matrix, sd: Double, perturbation: Double)
    case overlaps(Q: Matrix, R: Matrix)
    /// In each eigenspace of the inputs.
    case blocks(Q: [Matrix], R: [Matrix])
  }

  var weights: Weights
  var v: [Double]

  /// For the task `head` of several, from 0: each draws a second layer of its own.
  init(
    student: Student, teacher: Teacher, N: Double, seed: UInt64, trainsSecondLayer: Bool,
    head: Int = 0
  ) throws {
    let K = student.hiddenUnits
    let M = teacher.hiddenUnits
    let freeSecondLayer = trainsSecondLayer && !student.secondLayerIsChosen
    var v = Self.secondLayer(of: student, seed: seed, head)
    var copies = Matrix(rows: K, columns: M)
    var sd = 0.0
    var perturbation = 0.0
    switch student.initialisation {
    case .normal(let deviation, let perturb):
      sd = deviation
      perturbation = perturb
    case .informed(let noise):
      for m in 0..<M { copies[m, m] = 1 }
      sd = noise
      if freeSecondLayer { for m in 0..<M { v[m] = teacher.secondLayer[m] } }
      if freeSecondLayer { for k in M..<K { v[k] = 1 } }
    case .denoise(let noise):
      for k in 0..<K { copies[k, k % M] = 1 }
      sd = noise
      if freeSecondLayer {
        for k in 0..<K {
          let count = (K - k % M + M - 1) / M
          v[k] = teacher.secondLayer[k % M] / Double(count)
        }
      }
    case .mixed:
      sd = 1 / N.squareRoot()
      if freeSecondLayer {
        var stream = RandomStream(seed: seed, purpose: .secondLayer)
        v = stream.gaussians(K * (head + 1)).suffix(K).map { $0 / Double(K).squareRoot() }
      }
    case .zeros:
      break
    case .overlaps(let Q, let R, let chosen):
      weights = .overlaps(Q: Q, R: R)
      self.v = chosen ?? v
      return
    case .blocks(let Q, let R, let chosen):
      weights = .blocks(Q: Q, R: R)
      self.v = chosen ?? v
      return
    }
    weights = .random(copies: copies, sd: sd, perturbation: perturbation)
    self.v = v
  }

  private static func secondLayer(of student: Student, seed: UInt64, _ head: Int) -> [Double] {
    switch student.secondLayer {
    case .values(let v): return v
    case .normal(let sd):
      var stream = RandomStream(seed: seed, purpose: .secondLayer)
      let K = student.hiddenUnits
      return stream.gaussians(K * (head + 1)).suffix(K).map { $0 * sd }
    }
  }
}
