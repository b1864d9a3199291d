import LearningDynamics
import TSSLanguage

extension Engines {
  /// What the ways of training, the tasks and the theory of fluctuations do not have together.
  static func checkTraining(
    _ experiment: Experiment, _ call: Call, _ engine: Run.Engine
  ) throws(Diagnostic) {
    func place(_ name: String) -> String { call["plan"] == nil ? name : "plan" }
    let tasks = max(1, experiment.teacher.tasks.count)
    let heads = experiment.student.heads.count
    if heads != 0, heads != experiment.teacher.tasks.count {
      throw call.error(
        "the student has \(heads) heads for \(tasks) task\(tasks == 1 ? "" : "s")", code: "shape",
        at: "student", help: "v has a row for each task, or is one number for all")
    }
    if let last = experiment.plan.map(\.task).max(), last >= tasks {
      throw call.error(
        "there is no task \(last + 1): the teacher has \(tasks == 1 ? "one" : "\(tasks)")",
        at: place("task"), help: "teacher(..two_tasks(2, overlap=0.5)) has two")
    }
    let dropping = experiment.plan.contains { $0.dropout > 0 }
    if tasks > 1, dropping {
      throw call.error("dropout is for teachers of a single task", at: place("dropout"))
    }
    let isGreedy = experiment.plan.contains(where: \.isGreedy)
    if isGreedy, case .descent = engine {
      throw call.error(
        "the greedy rate follows from the equations, and `sgd` does not know it", code: "schedule",
        at: "plan", help: "sgd(ode(S, T, plan=plan))")
    }
    if isGreedy, experiment.inputs != .isotropic {
      throw call.error(
        "the greedy learning rate is for isotropic inputs", code: "schedule", at: "inputs",
        help: "η=0.2, or a function of α")
    }
    guard case .equations(let options) = engine, options.fluctuations else { return }
    let what = dropping ? "dropout" : isGreedy ? "greedy rates" : tasks > 1 ? "several tasks" : nil
    guard let what else { return }
    throw call.error(
      "the theory of fluctuations does not cover \(what)", code: "theory", at: "fluctuations",
      help: "sgd(…, seed=1:10) measures them")
  }
}
