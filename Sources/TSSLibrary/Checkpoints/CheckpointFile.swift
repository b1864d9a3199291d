import Groundwork
import LearningDynamics
import Synchronization
import TSSData

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The file in which one run is kept as it goes.
final class CheckpointFile: Sendable {
  /// Why a file cannot be used.
  enum Problem: Error {
    /// Someone else writes it now.
    case inUse
    case damaged(String)
    /// What differs.
    case otherExperiment(String)
    case data(DataError)
  }

  private struct State {
    var due: Double
    var hasFailed = false
  }

  let path: String
  private let blank: Run
  /// Made once: after ^C no function of the user's can be called any more.
  private let experiment: [(name: String, text: String)]
  private let lock: FileLock
  private let state: Mutex<State>
  /// Told once where the file cannot be written any more; the run goes on.
  private let warn: @Sendable (String) -> Void

  /// Seconds between two states at least; the environment is for tests.
  private static let interval: Double =
    getenv("TSS_CHECKPOINT_SECONDS").flatMap { Double(String(cString: $0)) } ?? 30

  /// The file for a run of this experiment, which nobody else may write as long as it lives.
  init(
    _ path: String, for blank: Run, began: Double, warn: @escaping @Sendable (String) -> Void
  ) throws(Problem) {
    self.path = path
    self.blank = blank
    experiment = ExperimentText.of(blank)
    self.warn = warn
    do throws(DataError) {
      guard let lock = try FileLock(for: path) else { throw .cannotWrite(path: "", reason: "") }
      self.lock = lock
    } catch .cannotWrite("", _) {
      throw .inUse
    } catch {
      throw .data(error)
    }
    // Members of an ensemble count from the same moment, so that those that advance together are
    // saved at the same step and can advance together again.
    state = Mutex(State(due: began + Self.interval))
  }

  /// The run in the file; nil where there is no file yet.
  func read() throws(Problem) -> Run? {
    guard fileExists(path) else { return nil }
    let about: JSON, arrays: [String: NDArray]
    do throws(DataError) {
      (about, arrays) = try RunArchive.decode(try readFile(path))
    } catch {
      if case .cannotRead = error { throw .data(error) }
      throw .damaged("\(error)")
    }
    guard let format = about["format"]?.number, let experiment = about["experiment"]?.object else {
      throw .damaged("it does not say of which experiment it is")
    }
    guard format == Double(RunArchive.format) else {
      throw .otherExperiment(
        "the format of checkpoints is \(Int(format)) there and \(RunArchive.format) here, for it is "
          + "of another version of tss")
    }
    let there = experiment.map { (name: $0.key, text: $0.value.string ?? "") }
    if let difference = ExperimentText.difference(there, self.experiment) {
      throw .otherExperiment(difference)
    }
    guard let run = RunArchive.run(blank, about, arrays) else {
      throw .damaged("its arrays do not belong to this experiment")
    }
    return run
  }

  var isDue: Bool { state.withLock { monotonicSeconds() >= $0.due } }

  /// Writes the run, and sees to it that writing takes 2 % of the time at most.
  func keep(_ run: Run) {
    // A member of an ensemble that was stopped before it began.
    if run.ending == .interrupted, run.end.alpha == 0 { return }
    let start = monotonicSeconds()
    var failure: DataError?
    do throws(DataError) {
      try writeFileAtomically(path, try RunArchive.encode(run, about: about), isDurable: true)
    } catch { failure = error }
    let end = monotonicSeconds()
    let isNew = state.withLock { state in
      let interval = max(Self.interval, 50 * (end - start))
      // Whole intervals, so that what began together stays together.
      state.due += max(1, ((end - state.due) / interval).rounded(.up)) * interval
      defer { if failure != nil { state.hasFailed = true } }
      return !state.hasFailed
    }
    if let failure, isNew { warn("the run goes on but is not saved: \(failure)") }
  }

  private var about: [JSON.Member] {
    [
      .init("format", .number(Double(RunArchive.format))),
      .init(
        "experiment",
        .object(experiment.map { JSON.Member($0.name, .string($0.text)) })),
    ]
  }
}
