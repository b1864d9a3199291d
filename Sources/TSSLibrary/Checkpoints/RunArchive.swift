import Groundwork
import LearningDynamics
import TSSData

/// A run as named arrays of NumPy, to the bit (docs/design/checkpoints.md).
///
/// The experiment itself is not among them: a run is read into a blank one of its experiment.
package enum RunArchive {
  /// Raised with every change of the fields below or of what their numbers mean.
  package static let format = 1

  /// What is there but cannot be a run of this experiment.
  struct Mismatch: Error { var name: String }

  /// One array: how it is taken from a run, and put back.
  private struct Field {
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
      Field(name: "quadrature_error") {
        $0.quadratureError.map { NDArray($0) }
      } set: {
        (run, array) throws(Mismatch) in
        run.quadratureError = array.values.first
      },
    ]
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

  // MARK: Kinds of fields

  private static func number(_ name: String, _ path: WritableKeyPath<Run, Double>) -> Field {
    Field(name: name) {
      NDArray($0[keyPath: path])
    } set: { (run, array) throws(Mismatch) in
      guard array.shape == [] else { throw Mismatch(name: name) }
      run[keyPath: path] = array.values[0]
    }
  }

  private static func whole(_ name: String, _ path: WritableKeyPath<Run, Int>) -> Field {
    Field(name: name) {
      NDArray(Double($0[keyPath: path]))
    } set: {
      (run, array) throws(Mismatch) in
      guard array.shape == [], let value = Int(exactly: array.values[0]), value >= 0 else {
        throw Mismatch(name: name)
      }
      run[keyPath: path] = value
    }
  }

  private static func list(
    _ name: String, _ path: WritableKeyPath<Run, [Double]>, count: Int? = nil
  ) -> Field {
    Field(name: name) {
      NDArray($0[keyPath: path])
    } set: { (run, array) throws(Mismatch) in
      guard array.shape == [count ?? array.values.count] else { throw Mismatch(name: name) }
      run[keyPath: path] = array.values
    }
  }

  /// Of the shape that the blank run has.
  private static func matrix(_ name: String, _ path: WritableKeyPath<Run, Matrix>) -> Field {
    Field(name: name) {
      let matrix = $0[keyPath: path]
      return NDArray(shape: [matrix.rows, matrix.columns], values: matrix.elements)
    } set: { (run, array) throws(Mismatch) in
      let shape = [run[keyPath: path].rows, run[keyPath: path].columns]
      guard array.shape == shape else { throw Mismatch(name: name) }
      run[keyPath: path].elements = array.values
    }
  }

  private static func optional(_ field: Field, where isThere: @escaping (Run) -> Bool) -> Field {
    Field(name: field.name, get: { isThere($0) ? field.get($0) : nil }, set: field.set)
  }

  /// α of the samples, which makes them, each with the T and v* of the run.
  private static var sampleTimes: Field {
    Field(name: "sample_alpha") {
      NDArray($0.samples.map(\.alpha))
    } set: {
      (run, array) throws(Mismatch) in
      run.samples = array.values.map { Run.Sample(alpha: $0, error: 0, state: run.end.state) }
    }
  }

  private static func sampleNumbers(
    _ name: String, _ path: WritableKeyPath<Run.Sample, Double>
  ) -> Field {
    Field(name: name) {
      NDArray($0.samples.map { $0[keyPath: path] })
    } set: {
      (run, array) throws(Mismatch) in
      guard array.shape == [run.samples.count] else { throw Mismatch(name: name) }
      for i in run.samples.indices { run.samples[i][keyPath: path] = array.values[i] }
    }
  }

  private static func sampleMatrices(
    _ name: String, _ path: WritableKeyPath<Run.Sample, Matrix>
  ) -> Field {
    Field(name: name) { run in
      let size = run.end.state
      let matrix = Run.Sample(alpha: 0, error: 0, state: size)[keyPath: path]
      return NDArray(
        shape: [run.samples.count, matrix.rows, matrix.columns],
        values: run.samples.flatMap { $0[keyPath: path].elements })
    } set: { (run, array) throws(Mismatch) in
      guard let first = run.samples.first else { return }
      let matrix = first[keyPath: path]
      guard array.shape == [run.samples.count, matrix.rows, matrix.columns] else {
        throw Mismatch(name: name)
      }
      let size = matrix.elements.count
      for i in run.samples.indices {
        run.samples[i][keyPath: path].elements = Array(array.values[i * size..<(i + 1) * size])
      }
    }
  }

  private static func keptWeights(_ K: Int, _ N: Int) -> Field {
    Field(name: "kept_weights") { run in
      NDArray(
        shape: [run.keptWeights.count, 1 + K * N],
        values: run.keptWeights.flatMap { [$0.alpha] + $0.w.elements })
    } set: { (run, array) throws(Mismatch) in
      guard array.shape.count == 2, array.shape[1] == 1 + K * N else {
        throw Mismatch(name: "kept_weights")
      }
      run.keptWeights = (0..<array.shape[0]).map { i in
        let row = array.values[i * (1 + K * N)..<(i + 1) * (1 + K * N)]
        return KeptWeights(
          alpha: row.first!, w: Matrix(rows: K, columns: N, elements: Array(row.dropFirst())))
      }
    }
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
        .init("at", JSON([divergence.alpha, divergence.firstRate, divergence.secondRate])),
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

  /// The run, from a blank one of its experiment; nil where the arrays do not fit.
  package static func run(_ blank: Run, _ about: JSON, _ arrays: [String: NDArray]) -> Run? {
    var run = blank
    if arrays["integration"] == nil { run.end.integration = nil }
    do throws(Mismatch) {
      for field in fields(of: blank) {
        if let array = arrays[field.name] {
          try field.set(&run, array)
        } else if !["quadrature_error", "integration", "integration_jacobian", "integration_v"]
          .contains(field.name)
        {
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
        Divergence(quantity: quantity, alpha: at[0], firstRate: at[1], secondRate: at[2]))
    default: return nil
    }
    guard run.end.phase <= run.plan.count, run.phaseStarts.count <= run.plan.count else {
      return nil
    }
    return run
  }
}
