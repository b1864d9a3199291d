import LearningDynamics

/// What a run's samples do not hold but follows from them and from the plan.
extension RunObject {
  /// The learning rate at the recorded α; nil where the plan's functions fail there.
  var learningRates: [Double]? {
    let rates = samples.compactMap { $0.greedyRate ?? first.learningRate(at: $0.alpha) }
    return rates.count == samples.count ? rates : nil
  }

  /// eg of every task at the recorded α, for an ensemble the means; nil for a single task.
  var taskErrors: [[Double]]? { taskErrorMoments.map { $0.map { $0.map(\.mean) } } }

  /// The standard errors of these means; nil where there is one run.
  var taskErrorDeviations: [[Double]]? {
    runs.count > 1 ? taskErrorMoments.map { $0.map { $0.map(\.standardError) } } : nil
  }

  private var taskErrorMoments: [[(mean: Double, standardError: Double)]]? {
    guard !first.teacher.tasks.isEmpty else { return nil }
    let shared = Set(samples.map(\.alpha)), n = Double(runs.count)
    let members = runs.map { run in
      run.samples.filter { shared.contains($0.alpha) }.map {
        $0.state.errorsOfTasks(student: run.student, teacher: run.teacher)
      }
    }
    return samples.indices.map { t in
      first.teacher.tasks.indices.map { task in
        let values = members.map { $0[t][task] }
        let mean = values.reduce(0, +) / n
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (mean, (squares / (n - 1) / n).squareRoot())
      }
    }
  }
}

extension Run {
  /// η at `alpha` since the run began, of the phase that ends there where two meet; nil where that
  /// is not known.
  func learningRate(at alpha: Double) -> Double? {
    let index = max(0, (phaseStarts.firstIndex { $0 >= alpha } ?? phaseStarts.count) - 1)
    guard plan.indices.contains(index), phaseStarts.indices.contains(index) else { return nil }
    let phase = plan[index]
    guard let rates = try? phase.rates(at: alpha - phaseStarts[index]) else { return nil }
    return phase.layers.trainFirst ? rates.first : rates.second
  }

  /// The plan with the greedy rates that were recorded in the place of `greedy`: functions of α on
  /// straight lines between the samples, for those who cannot know them. As many samples as there
  /// are decide how exact that is.
  var planAsRecorded: [Phase] {
    plan.indices.map { index in
      var phase = plan[index]
      guard phase.isGreedy, phaseStarts.indices.contains(index) else { return phase }
      let begin = phaseStarts[index]
      let end = phaseStarts.indices.contains(index + 1) ? phaseStarts[index + 1] : .infinity
      let known = samples.filter { $0.greedyRate != nil && $0.alpha >= begin && $0.alpha <= end }
      let points = known.map { (alpha: $0.alpha - begin, rate: $0.greedyRate!) }
      let rate = Rate.function { alpha in
        guard let above = points.firstIndex(where: { $0.alpha >= alpha }) else {
          return points.last?.rate ?? 0
        }
        guard above > 0 else { return points[0].rate }
        let (a, b) = (points[above - 1], points[above])
        return a.rate + (b.rate - a.rate) * (alpha - a.alpha) / (b.alpha - a.alpha)
      }
      if phase.firstRate.isGreedy { phase.firstRate = rate }
      if phase.secondRate.isGreedy { phase.secondRate = rate }
      let others = phase.source
      phase.source = FunctionText { (others.map { $0.text() + "; " } ?? "") + "η as recorded" }
      return phase
    }
  }
}
