import Groundwork
import LearningDynamics
import TSSLanguage

extension Run {
  /// Whether fluctuations were asked for and the computation was stopped.
  var lacksFluctuations: Bool {
    guard let fluctuations, ending == .completed else { return false }
    return fluctuations.samples.count < samples.count
  }

  /// One of the fields of a run with fluctuations; nil where there are none. What an interruption
  /// left out is `nan`.
  func fluctuationField(_ name: String) -> Value? {
    guard let fluctuations else { return nil }
    let scale = 1 / N.squareRoot()
    func matrices(_ part: KeyPath<OrderParameters, Matrix>) -> Value {
      .list(deviations(of: fluctuations).map { .matrix($0[keyPath: part].map { $0 * scale }) })
    }
    switch name {
    case "sd_eg": return errorScatter(N: N).map { Value($0) }
    case "sd_Q": return matrices(\.Q)
    case "sd_R": return matrices(\.R)
    case "sd_v":
      return .list(deviations(of: fluctuations).map { Value($0.v.map { $0 * scale }) })
    case "covariance":
      return .list(fluctuations.samples.map { .matrix($0.covariance) })
    default: return nil
    }
  }

  /// The standard deviation of eg over runs of dimension N, for each sample.
  func errorScatter(N: Double) -> [Double]? {
    guard let fluctuations else { return nil }
    let known = fluctuations.samples.map { $0.errorDeviation(N: N) }
    return known + .init(repeating: .nan, count: max(0, samples.count - known.count))
  }

  /// √N times the standard deviations of Q, R and v, for each sample.
  func deviations(of fluctuations: Fluctuations) -> [OrderParameters] {
    let known = fluctuations.samples.map(\.deviations)
    return known
      + samples.dropFirst(known.count).map { sample in
        var state = sample.state
        state.Q = state.Q.map { _ in .nan }
        state.R = state.R.map { _ in .nan }
        state.v = state.v.map { _ in .nan }
        return state
      }
  }
}

extension RunObject {
  /// The standard deviation of eg over runs of dimension N; nil for ensembles, and for runs without
  /// fluctuations.
  func errorScatter(N: Double) -> [Double]? { isEnsemble ? nil : first.errorScatter(N: N) }

  /// The standard deviation of one order parameter over runs of dimension N, or of the run's own;
  /// nil as above.
  func band(N: Double?, _ element: (OrderParameters) -> Double) -> [Double]? {
    guard !isEnsemble, let fluctuations = first.fluctuations else { return nil }
    let scale = 1 / (N ?? first.N).squareRoot()
    return first.deviations(of: fluctuations).map { scale * element($0) }
  }
}

extension Engines {
  /// Where the scatter is as large as half the error, deviations are no longer small, and the
  /// linear theory of them overestimates.
  static func noteLargeFluctuations(_ runs: [Run], _ context: Context) {
    for run in runs {
      guard let fluctuations = run.fluctuations,
        let place = fluctuations.samples.first(where: {
          // Below 1e-9 both are rounding.
          $0.error > 1e-9 && $0.errorDeviation(N: run.N) > 0.5 * $0.error
        })
      else { continue }
      let words =
        "the scatter of eg at N = \(run.N.printed) exceeds half of eg from α = "
        + "\(short(place.alpha)) on: there the theory of small fluctuations holds at larger N only"
      context.note(words)
      return
    }
  }
}
