import Groundwork
import LearningDynamics
import TSSData
import TSSLanguage

/// `checkpoint="run.ckpt"`: a run, or the members of an ensemble in a folder, saved as they go.
struct Checkpoints: Sendable {
  /// What the files held.
  let past: [UInt64: Run]
  private let files: [UInt64: CheckpointFile]
  private let context: any Context

  static let parameter = Parameter(
    "checkpoint", .optional("none"),
    "a file that keeps the run as it goes; the same call continues it, after a crash too",
    isNamedOnly: true)

  /// nil where the call asks for none.
  init?(_ experiment: Engines.Experiment, _ call: Call, engine: Run.Engine) throws(Diagnostic) {
    guard call["checkpoint"] != nil else { return nil }
    let name = try call.string("checkpoint")
    guard call.context.files == .all else {
      throw call.error(
        "writing files is not allowed here: \"\(name)\"", code: "files", at: "checkpoint")
    }
    guard !name.isEmpty, !name.hasSuffix("/") else {
      throw call.error(
        "`checkpoint` needs the name of a file", at: "checkpoint", help: "checkpoint=\"run.ckpt\"")
    }
    let path = Files.resolved(name, in: call.context)
    var files: [UInt64: CheckpointFile] = [:]
    var past: [UInt64: Run] = [:]
    let began = monotonicSeconds()
    let context = call.context
    if experiment.isEnsemble {
      do throws(DataError) { try makeFolder(path) } catch {
        throw Self.diagnostic(.data(error), name, call)
      }
    }
    for seed in experiment.seeds {
      let member = experiment.isEnsemble ? "/seed-\(seed).npz" : ""
      do throws(CheckpointFile.Problem) {
        let file = try CheckpointFile(
          path + member,
          for: .blank(
            student: experiment.student, teacher: experiment.teacher, plan: experiment.plan,
            engine: engine, N: experiment.N, seed: seed), began: began
        ) { context.note($0) }
        files[seed] = file
        if let run = try file.read() { past[seed] = run }
      } catch {
        try context.poll()
        throw Self.diagnostic(error, name + member, call)
      }
      // Functions that a stop had ended would look like others.
      try context.poll()
    }
    self.past = past
    self.files = files
    self.context = context
    if let words = Self.words(past, of: experiment, name) { context.note(words) }
  }

  /// What the engines hand runs to.
  var keeper: Keeper {
    Keeper(
      isDue: { [files] in files[$0]?.isDue ?? false },
      keep: { [files, context] run in
        // An activation that did not come to its end after a request to stop gave no numbers.
        if case .diverged = run.ending, context.interrupt.isRequested { return }
        files[run.seed]?.keep(run)
      })
  }

  /// What was found, in a line.
  private static func words(
    _ past: [UInt64: Run], of experiment: Engines.Experiment, _ name: String
  ) -> String? {
    let finished = past.values.count { $0.ending != .interrupted }
    guard experiment.isEnsemble else {
      return past.first.map { _, run in
        finished == 1
          ? "`\(name)` holds this run, finished at α = \(short(run.end.alpha))"
          : "continuing `\(name)` from α = \(short(run.end.alpha))"
      }
    }
    let count = experiment.seeds.count
    if past.isEmpty { return nil }
    if finished == count { return "`\(name)` holds all \(count) runs, finished" }
    return "continuing `\(name)`: of \(count) runs \(finished) are finished and "
      + "\(past.count - finished) begun"
  }

  private static func diagnostic(
    _ problem: CheckpointFile.Problem, _ name: String, _ call: Call
  ) -> Diagnostic {
    switch problem {
    case .inUse:
      call.error(
        "`\(name)` is being written by another run now", code: "checkpoint", at: "checkpoint",
        help: "each run needs a file of its own; in a sweep over K: checkpoint=\"run-{K}.ckpt\"")
    case .damaged(let reason):
      call.error(
        "`\(name)` cannot be continued: \(reason)", code: "checkpoint", at: "checkpoint",
        help: "delete it to begin anew, or choose another name")
    case .otherExperiment(let difference):
      call.error(
        "`\(name)` is of another experiment: \(difference)", code: "checkpoint", at: "checkpoint",
        help: "delete it to begin anew, or choose another name")
    case .data(let error):
      call.error("\(error)", code: "file", at: "checkpoint")
    }
  }
}
