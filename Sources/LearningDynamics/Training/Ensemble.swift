import Groundwork
import Synchronization

/// Runs that differ in their seed only, and their means.
///
/// Any engine will do: an ensemble of simulations, or of equations started from the overlaps of
/// each seed. Means are over the instants that all runs recorded; runs that a stopping condition
/// ended at different α therefore contribute where they overlap, and each keeps its own end in
/// `runs`.
public struct Ensemble: Sendable {
  /// In the order of the seeds.
  public let runs: [Run]
  /// Mean eg and order parameters, at the values of α that all runs share.
  public let mean: [Run.Sample]
  /// The standard error of each of these means: the deviation over runs with n − 1, over √n. Not
  /// numbers where there is one run. T and v* are constants of a run; theirs are not computed.
  public let standardError: [Run.Sample]

  /// At least one run, all of the same K and M.
  public init(runs: [Run]) {
    precondition(!runs.isEmpty, "an ensemble has at least one run")
    self.runs = runs
    var occurrences: [Double: Int] = [:]
    for run in runs { for sample in run.samples { occurrences[sample.alpha, default: 0] += 1 } }
    let shared = runs.map { run in run.samples.filter { occurrences[$0.alpha] == runs.count } }
    let statistics = shared[0].indices.map { t in Self.statistics(of: shared.map { $0[t] }) }
    mean = statistics.map(\.mean)
    standardError = statistics.map(\.standardError)
  }

  public var seeds: [UInt64] { runs.map(\.seed) }
  /// α of the means.
  public var alpha: [Double] { mean.map(\.alpha) }
  /// The mean generalisation error.
  public var error: [Double] { mean.map(\.error) }
  /// The standard error of the mean generalisation error.
  public var errorDeviation: [Double] { standardError.map(\.error) }

  private static func statistics(
    of samples: [Run.Sample]
  ) -> (mean: Run.Sample, standardError: Run.Sample) {
    var mean = samples[0]
    var standardError = samples[0]
    let n = Double(samples.count)
    // Closures, not key paths: these took longer than the simulations they were to summarise.
    func moments(_ number: (Run.Sample) -> Double) -> (mean: Double, standardError: Double) {
      let average = samples.reduce(0) { $0 + number($1) } / n
      let squares = samples.reduce(0.0) {
        let deviation = number($1) - average
        return $0 + deviation * deviation
      }
      return (average, n > 1 ? (squares / (n - 1) / n).squareRoot() : .nan)
    }
    (mean.error, standardError.error) = moments { $0.error }
    for i in mean.state.Q.elements.indices {
      (mean.state.Q.elements[i], standardError.state.Q.elements[i]) = moments {
        $0.state.Q.elements[i]
      }
    }
    for i in mean.state.R.elements.indices {
      (mean.state.R.elements[i], standardError.state.R.elements[i]) = moments {
        $0.state.R.elements[i]
      }
    }
    for i in mean.state.v.indices {
      (mean.state.v[i], standardError.state.v[i]) = moments { $0.state.v[i] }
    }
    if samples.allSatisfy({ $0.trainingError != nil }) {
      let (average, error) = moments { $0.trainingError! }
      mean.trainingError = average
      standardError.trainingError = error
    }
    for task in mean.state.heads.indices {
      for i in mean.state.heads[task].v.indices {
        (mean.state.heads[task].v[i], standardError.state.heads[task].v[i]) = moments {
          $0.state.presentHeads[task].v[i]
        }
      }
    }
    if samples.allSatisfy({ $0.greedyRate != nil }) {
      let (average, error) = moments { $0.greedyRate! }
      mean.greedyRate = average
      standardError.greedyRate = error
    }
    for i in mean.state.T.elements.indices {
      mean.state.T.elements[i] =
        samples.reduce(0) { $0 + $1.state.T.elements[i] } / Double(samples.count)
    }
    return (mean, standardError)
  }
}

/// What one member of an ensemble threw.
public struct EnsembleError: Error {
  public var seed: UInt64
  public var underlying: any Error
}

extension Ensemble {
  /// Runs `engine` for every seed, `threads` at a time; the result does not depend on how many.
  ///
  /// - Parameters:
  ///   - seeds: one for each run, in their order.
  ///   - threads: how many run at a time.
  ///   - monitor: told of the whole ensemble's progress, from any of the threads but one at a
  ///     time; when it stops, members that have begun return what they have, and the others run
  ///     up to the first question to the monitor.
  ///   - engine: a run from a seed and the monitor to hand on.
  /// - Throws: `EnsembleError` of the first seed, in their order, that failed; members that had
  ///   not begun by then do not begin.
  public static func run(
    seeds: [UInt64], threads: Int = Workers.processorCount, monitor: Monitor = .none,
    engine: @escaping @Sendable (UInt64, Monitor) throws -> Run
  ) throws -> Ensemble {
    try run(
      seeds: seeds, groups: seeds.indices.map { [$0] }, threads: threads, monitor: monitor
    ) { seeds, monitors in
      [Result { try engine(seeds[0], monitors[0]) }]
    }
  }

  /// As above, with an engine that runs a group of seeds at once, each with its monitor; `groups`
  /// are places in `seeds`.
  static func run(
    seeds: [UInt64], groups: [[Int]], threads: Int, monitor: Monitor,
    engine: @escaping @Sendable ([UInt64], [Monitor]) -> [Result<Run, any Error>]
  ) throws -> Ensemble {
    precondition(!seeds.isEmpty, "an ensemble has at least one seed")
    let failed = Atomic<Bool>(false)
    let watch = SharedMonitor(monitor, members: seeds.count)
    let results = Workers.map(count: groups.count, threads: threads) {
      group -> [Result<Run, any Error>] in
      if failed.load(ordering: .relaxed) { return [] }
      let members = groups[group]
      let results = engine(members.map { seeds[$0] }, members.map { watch.monitor(of: $0) })
      for case .failure in results { failed.store(true, ordering: .relaxed) }
      return results
    }
    // After a failure the others may have none.
    var ends: [Result<Run, any Error>?] = seeds.map { _ in nil }
    for (members, results) in zip(groups, results) {
      for (member, result) in zip(members, results) { ends[member] = result }
    }
    var runs: [Run] = []
    for (seed, end) in zip(seeds, ends) {
      switch end {
      case .success(let run): runs.append(run)
      case .failure(let error): throw EnsembleError(seed: seed, underlying: error)
      case nil: break
      }
    }
    return Ensemble(runs: runs)
  }
}

/// Adds up the progress of members that run at the same time.
private final class SharedMonitor: Sendable {
  private struct State {
    var fractions: [Double]
    var stopped = false
  }

  private let outer: Monitor
  private let state: Mutex<State>

  init(_ outer: Monitor, members: Int) {
    self.outer = outer
    state = Mutex(State(fractions: .init(repeating: 0, count: members)))
  }

  func monitor(of member: Int) -> Monitor {
    Monitor(keeper: outer.keeper) { [self] progress in
      state.withLock { state in
        state.fractions[member] = progress.fraction
        if state.stopped { return false }
        var whole = progress
        whole.fraction = state.fractions.reduce(0, +) / Double(state.fractions.count)
        state.stopped = !outer.report(whole)
        return !state.stopped
      }
    }
  }
}
