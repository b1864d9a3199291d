import Groundwork
import LearningDynamics
import TSSData

/// A run as named arrays of NumPy, to the bit (docs/design/checkpoints.md).
///
/// The experiment itself is not among them: a run is read into a blank one of its experiment.
package enum RunArchive {
  /// Raised with every change of the fields below or of what their numbers mean.
  package static let format = 2

  /// What is there but cannot be a run of this experiment.
  struct Mismatch: Error { var name: String }

  /// One array: how it is taken from a run, and put back.
  struct Field {
    var name: String
    var get: (Run) -> NDArray?
    var set: (inout Run, NDArray) throws(Mismatch) -> Void
  }

  // MARK: The fields

  private static func fields(of run: Run) -> [Field] {
    let K = run.student.hiddenUnits
    let M = run.teacher.hiddenUnits
    var fields = [
      number("alpha", \.end.alpha), whole("phase", \.end.phase),
      number("phase_alpha", \.end.phaseAlpha), whole("steps", \.end.steps),
      matrix("Q", \.end.state.Q), matrix("R", \.end.state.R), matrix("T", \.end.state.T),
      list("v", \.end.state.v, count: K), list("v_star", \.end.state.vStar, count: M),
      number("seconds", \.seconds), list("phase_starts", \.phaseStarts),
      // The samples first make room for what follows.
      sampleTimes, sampleNumbers("sample_eg", \.error),
      sampleMatrices("sample_Q", \.state.Q), sampleMatrices("sample_R", \.state.R),
      Field(name: "sample_v") { run in
        NDArray(shape: [run.samples.count, K], values: run.samples.flatMap(\.state.v))
      } set: { (run, array) throws(Mismatch) in
        guard array.shape == [run.samples.count, K] else { throw Mismatch(name: "sample_v") }
        for i in run.samples.indices {
          run.samples[i].state.v = Array(array.values[i * K..<(i + 1) * K])
        }
      },
      optional(sampleNumbers("sample_train", \.measuredTrainingError)) {
        $0.finiteSet != nil
      },
      optional(sampleNumbers("sample_η", \.measuredGreedyRate)) {
        $0.plan.contains(where: \.isGreedy)
      },
      Field(name: "quadrature_error") {
        $0.quadratureError.map { NDArray($0) }
      } set: {
        (run, array) throws(Mismatch) in
        run.quadratureError = array.values.first
      },
    ]
    if !run.teacher.tasks.isEmpty {
      fields += [
        whole("task", \.end.state.task), heads, sampleTasks, sampleHeads,
      ]
    }
    if let spectrum = run.inputs.spectrum {
      fields += [blocks(spectrum, K, M), sampleBlocks(spectrum, K, M)]
    }
    switch run.engine {
    case .equations:
      fields += [
        optional(list("integration", \.end.integration!.numbers)) { $0.end.integration != nil },
        optional(list("integration_jacobian", \.end.integration!.jacobian)) {
          $0.end.integration != nil
        },
        optional(list("integration_v", \.end.integration!.secondLayer, count: K)) {
          $0.end.integration != nil
        },
      ]
    case .descent(let options):
      fields += [list("descent_v", \.end.descent!.v, count: K)]
      if let buffers = run.end.descent?.buffers {
        fields += [
          list("buffers_w", \.end.descent!.buffers!.w, count: buffers.w.count),
          list("buffers_v", \.end.descent!.buffers!.v, count: K),
        ]
      }
      switch options.method {
      case .full:
        let N = Int(run.N)
        fields += [
          list("student_weights", \.end.descent!.studentWeights, count: K * N),
          list("teacher_weights", \.end.descent!.teacherWeights, count: M * N),
          keptWeights(K, N),
        ]
      case .reduced where run.inputs.spectrum != nil:
        fields += [reducedBlocks(K, M)]
      case .reduced:
        fields += [
          matrix("reduced_student", \.end.descent!.reduced!.student),
          matrix("reduced_teacher", \.end.descent!.reduced!.teacher),
        ]
        if run.end.descent?.reduced?.buffers != nil {
          fields += [matrix("reduced_buffers", \.end.descent!.reduced!.buffers!)]
        }
      }
    }
    return fields
  }

  // MARK: Writing and reading

  /// The bytes of an NPZ archive; `about` is kept with it.
  package static func encode(_ run: Run, about: [JSON.Member]) throws(DataError) -> [UInt8] {
    var ending: [JSON.Member] = []
    switch run.ending {
    case .completed: ending = [.init("ending", "completed")]
    case .interrupted: ending = [.init("ending", "interrupted")]
    case .diverged(let divergence):
      ending = [
        .init("ending", "diverged"), .init("quantity", .string(divergence.quantity)),
        .init(
          "at",
          JSON(
            [divergence.alpha, divergence.firstRate, divergence.secondRate]
              + (divergence.step.map { [$0] } ?? []))),
      ]
    }
    let text = String(decoding: JSON.object(about + ending).encoded(), as: UTF8.self)
    var entries: [NPZ.Entry] = [("about", .strings(shape: [], [text]))]
    for field in fields(of: run) {
      if let array = field.get(run) { entries.append((field.name, .numbers(array))) }
    }
    return try NPZ.encode(entries)
  }

  /// What `encode` was told about the run, and its arrays.
  package static func decode(
    _ bytes: [UInt8]
  ) throws(DataError) -> (about: JSON, arrays: [String: NDArray]) {
    var arrays: [String: NDArray] = [:]
    var about: JSON?
    for (name, value) in try NPZ.decode(bytes) {
      if name == "about", case .strings(_, let texts) = value, let text = texts.first {
        about = try JSON(decoding: Array(text.utf8))
      } else if let array = value.numbers {
        arrays[name] = array
      }
    }
    guard let about else {
      throw .malformed(.npz, at: nil, problem: "it is no checkpoint: `about` is missing")
    }
    return (about, arrays)
  }

  private static let optionalNames = [
    "quadrature_error", "integration", "integration_jacobian", "integration_v", "sample_train",
    "sample_η",
  ]

  /// The run, from a blank one of its experiment; nil where the arrays do not fit.
  package static func run(_ blank: Run, _ about: JSON, _ arrays: [String: NDArray]) -> Run? {
    var run = blank
    if arrays["integration"] == nil { run.end.integration = nil }
    do throws(Mismatch) {
      for field in fields(of: blank) {
        if let array = arrays[field.name] {
          try field.set(&run, array)
        } else if !optionalNames.contains(field.name) {
          return nil
        }
      }
    } catch { return nil }
    switch about["ending"]?.string {
    case "completed": run.ending = .completed
    case "interrupted": run.ending = .interrupted
    case "diverged":
      guard let quantity = about["quantity"]?.string, let at = about["at"]?.numbers, at.count == 3
      else { return nil }
      run.ending = .diverged(
        Divergence(
          quantity: quantity, alpha: at[0], firstRate: at[1], secondRate: at[2],
          step: at.count == 4 ? at[3] : nil))
    default: return nil
    }
    guard run.end.phase <= run.plan.count, run.phaseStarts.count <= run.plan.count else {
      return nil
    }
    return run
  }
}
