import Groundwork
import LearningDynamics
import TSSData

/// The kinds of fields that a run is kept in.
extension RunArchive {
  static func number(_ name: String, _ path: WritableKeyPath<Run, Double>) -> Field {
    Field(name: name) {
      NDArray($0[keyPath: path])
    } set: { (run, array) throws(Mismatch) in
      guard array.shape == [] else { throw Mismatch(name: name) }
      run[keyPath: path] = array.values[0]
    }
  }

  static func whole(_ name: String, _ path: WritableKeyPath<Run, Int>) -> Field {
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

  static func list(
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
  static func matrix(_ name: String, _ path: WritableKeyPath<Run, Matrix>) -> Field {
    Field(name: name) {
      let matrix = $0[keyPath: path]
      return NDArray(shape: [matrix.rows, matrix.columns], values: matrix.elements)
    } set: { (run, array) throws(Mismatch) in
      let shape = [run[keyPath: path].rows, run[keyPath: path].columns]
      guard array.shape == shape else { throw Mismatch(name: name) }
      run[keyPath: path].elements = array.values
    }
  }

  static func optional(_ field: Field, where isThere: @escaping (Run) -> Bool) -> Field {
    Field(name: field.name, get: { isThere($0) ? field.get($0) : nil }, set: field.set)
  }

  /// α of the samples, which makes them, each with the T and v* of the run.
  static var sampleTimes: Field {
    Field(name: "sample_alpha") {
      NDArray($0.samples.map(\.alpha))
    } set: {
      (run, array) throws(Mismatch) in
      run.samples = array.values.map { Run.Sample(alpha: $0, error: 0, state: run.end.state) }
    }
  }

  static func sampleNumbers(
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

  static func sampleMatrices(
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

  static func keptWeights(_ K: Int, _ N: Int) -> Field {
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

  // MARK: Several tasks

  /// The students' heads, one after the other; v* of the tasks comes with the experiment.
  static var heads: Field {
    Field(name: "heads") { run in
      let state = run.end.state
      return NDArray(shape: [state.heads.count, state.v.count], values: numbers(state.heads))
    } set: { (run, array) throws(Mismatch) in
      let state = run.end.state
      guard array.shape == [state.heads.count, state.v.count], state.task < state.heads.count
      else { throw Mismatch(name: "heads") }
      run.end.state.heads = heads(array.values[...], run)
    }
  }

  /// The task that was trained at each sample.
  static var sampleTasks: Field {
    Field(name: "sample_task") {
      NDArray($0.samples.map { Double($0.state.task) })
    } set: { (run, array) throws(Mismatch) in
      let tasks = run.teacher.tasks
      guard array.shape == [run.samples.count],
        array.values.allSatisfy({ $0 == $0.rounded() && $0 >= 0 && $0 < Double(tasks.count) })
      else { throw Mismatch(name: "sample_task") }
      for i in run.samples.indices {
        run.samples[i].state.task = Int(array.values[i])
        run.samples[i].state.vStar = tasks[Int(array.values[i])]
      }
    }
  }

  static var sampleHeads: Field {
    Field(name: "sample_heads") { run in
      let size = run.end.state.heads.count * run.end.state.v.count
      return NDArray(
        shape: [run.samples.count, size], values: run.samples.flatMap { numbers($0.state.heads) })
    } set: { (run, array) throws(Mismatch) in
      let size = run.end.state.heads.count * run.end.state.v.count
      guard array.shape == [run.samples.count, size] else { throw Mismatch(name: "sample_heads") }
      for i in run.samples.indices {
        run.samples[i].state.heads = heads(array.values[i * size..<(i + 1) * size], run)
      }
    }
  }

  private static func numbers(_ heads: [Head]) -> [Double] { heads.flatMap(\.v) }

  private static func heads(_ numbers: ArraySlice<Double>, _ run: Run) -> [Head] {
    let K = run.student.hiddenUnits
    return run.teacher.tasks.enumerated().map { task, vStar in
      Head(v: Array(numbers.dropFirst(task * K).prefix(K)), vStar: vStar)
    }
  }

  // MARK: Structured inputs

  /// Q^e, R^e and T^e of each eigenspace, one after the other.
  private static func numbers(_ blocks: [OverlapBlock]) -> [Double] {
    blocks.flatMap { $0.Q.elements + $0.R.elements + $0.T.elements }
  }

  private static func overlapBlocks(
    _ numbers: ArraySlice<Double>, _ spectrum: Spectrum, _ K: Int, _ M: Int
  ) -> [OverlapBlock] {
    var rest = numbers
    func matrix(_ rows: Int, _ columns: Int) -> Matrix {
      defer { rest = rest.dropFirst(rows * columns) }
      return Matrix(rows: rows, columns: columns, elements: Array(rest.prefix(rows * columns)))
    }
    return spectrum.eigenspaces.map {
      OverlapBlock(
        eigenvalue: $0.eigenvalue, fraction: $0.fraction, Q: matrix(K, K), R: matrix(K, M),
        T: matrix(M, M))
    }
  }

  private static func size(_ spectrum: Spectrum, _ K: Int, _ M: Int) -> Int {
    spectrum.eigenspaces.count * (K * K + K * M + M * M)
  }

  static func blocks(_ spectrum: Spectrum, _ K: Int, _ M: Int) -> Field {
    Field(name: "blocks") {
      NDArray(numbers($0.end.state.blocks))
    } set: { (run, array) throws(Mismatch) in
      guard array.shape == [size(spectrum, K, M)] else { throw Mismatch(name: "blocks") }
      run.end.state.blocks = overlapBlocks(array.values[...], spectrum, K, M)
    }
  }

  static func sampleBlocks(_ spectrum: Spectrum, _ K: Int, _ M: Int) -> Field {
    Field(name: "sample_blocks") { run in
      NDArray(
        shape: [run.samples.count, size(spectrum, K, M)],
        values: run.samples.flatMap { numbers($0.state.blocks) })
    } set: { (run, array) throws(Mismatch) in
      let size = size(spectrum, K, M)
      guard array.shape == [run.samples.count, size] else { throw Mismatch(name: "sample_blocks") }
      for i in run.samples.indices {
        run.samples[i].state.blocks = overlapBlocks(
          array.values[i * size..<(i + 1) * size], spectrum, K, M)
      }
    }
  }

  /// The student and the teacher in each eigenspace, one after the other.
  static func reducedBlocks(_ K: Int, _ M: Int) -> Field {
    let size = K * (M + K) + M * M
    return Field(name: "reduced_blocks") { run in
      let blocks = run.end.descent!.reducedBlocks
      return NDArray(
        shape: [blocks.count, size],
        values: blocks.flatMap { $0.student.elements + $0.teacher.elements })
    } set: { (run, array) throws(Mismatch) in
      guard array.shape.count == 2, array.shape[1] == size else {
        throw Mismatch(name: "reduced_blocks")
      }
      run.end.descent!.reducedBlocks = (0..<array.shape[0]).map { e in
        let numbers = Array(array.values[e * size..<(e + 1) * size])
        return ReducedWeights(
          student: Matrix(
            rows: K, columns: M + K, elements: Array(numbers.prefix(K * (M + K)))),
          teacher: Matrix(rows: M, columns: M, elements: Array(numbers.suffix(M * M))))
      }
    }
  }
}

extension Run.Sample {
  /// The greedy rate of a sample that has one; not a number in phases with another.
  var measuredGreedyRate: Double {
    get { greedyRate ?? .nan }
    set { greedyRate = newValue.isNaN ? nil : newValue }
  }

  /// The training error of a sample that has one.
  var measuredTrainingError: Double {
    get { trainingError ?? .nan }
    set { trainingError = newValue }
  }
}
