import CKernels
import Groundwork

/// A simulation through the order parameters for structured inputs: the Swift side of `tss_blocks`
/// in CKernels. It has one lane.
///
/// Within an eigenspace inputs know no direction, so the components of the weights there enter
/// through their overlaps only, as for isotropic inputs (``ReducedEngine``): (Q^e, R^e, v) is a
/// Markov chain at every N, exactly.
final class ReducedBlocksEngine: DescentEngine {
  private let handle: OpaquePointer
  private let K: Int
  private let M: Int
  private let teachers: [Matrix]
  /// Kept alive for the kernel, which knows their addresses.
  private let functions: (student: FunctionBox?, teacher: FunctionBox?)
  let cost: Double

  /// Throws `TrainingError.invalid` where there is not enough memory.
  init(continuing run: Run, options: DescentOptions) throws {
    let student = run.student
    let teacher = run.teacher
    K = student.hiddenUnits
    M = teacher.hiddenUnits
    guard let start = run.end.descent, let spectrum = options.inputs.spectrum,
      start.reducedBlocks.count == spectrum.eigenspaces.count
    else { throw TrainingError.invalid("the run has no reduced weights to continue from") }
    teachers = start.reducedBlocks.map(\.teacher)
    functions = (FunctionBox(student.activation), FunctionBox(teacher.activation))
    let E = spectrum.eigenspaces.count
    cost = Double(options.batch) * Double((E + 7) / 8) * Double(100 + K * (40 + 6 * (K + M)))
    var settings = tss_blocks_settings(
      dimension: run.N, blocks: Int32(E), student_units: Int32(K), teacher_units: Int32(M),
      student_activation: student.activation.code,
      teacher_activation: teacher.activation.code,
      student_function: functions.student?.function ?? tss_function(),
      teacher_function: functions.teacher?.function ?? tss_function(),
      student_scale: student.scale, teacher_scale: teacher.scale,
      batch: Int64(options.batch), seed: run.seed,
      level: (options.instructionSet ?? .best).rawValue)
    guard
      let handle = tss_blocks_create(
        &settings, spectrum.eigenvalues, try spectrum.dimensions(N: run.N))
    else { throw TrainingError.invalid("there is not enough memory for K=\(K) and M=\(M)") }
    self.handle = handle
    for (e, weights) in start.reducedBlocks.enumerated() {
      tss_blocks_set_student(handle, Int32(e), weights.student.elements)
      tss_blocks_set_teacher(handle, Int32(e), weights.teacher.elements)
    }
    setSecondLayers(0, v: start.v, vStar: run.end.state.vStar)
  }

  func setSecondLayers(_ lane: Int, v: [Double], vStar: [Double]) {
    for (m, value) in vStar.enumerated() { tss_blocks_teacher_output(handle)[m] = value }
    for (k, value) in v.enumerated() { tss_blocks_student_output(handle)[k] = value }
  }

  deinit { tss_blocks_destroy(handle) }

  func run(
    from first: Int, steps: Int, rates: [DescentRates?], shouldStop: () -> Bool
  ) -> (done: Int, failed: [Int]) {
    let rates = rates[0]!
    var stopped = false
    let ask = {
      stopped = shouldStop()
      return stopped
    }
    let done = withoutActuallyEscaping(ask) { ask in
      withUnsafePointer(to: ask) { context in
        pointers(rates.first) { eta_w in
          pointers(rates.second) { eta_v in
            Int(
              tss_blocks_run(
                handle, UInt64(first), Int64(steps), eta_w, eta_v, rates.decay, rates.noise,
                rates.keep,
                { $0!.assumingMemoryBound(to: (() -> Bool).self).pointee() ? 1 : 0 },
                UnsafeMutableRawPointer(mutating: context)))
          }
        }
      }
    }
    return (done, done < steps && !stopped ? [0] : [])
  }

  private func pointers<Result>(
    _ values: [Double]?, _ body: (UnsafePointer<Double>?) -> Result
  ) -> Result {
    guard let values else { return body(nil) }
    return values.withUnsafeBufferPointer { body($0.baseAddress) }
  }

  private func weights() -> [ReducedWeights] {
    teachers.enumerated().map { e, teacher in
      var coordinates = Matrix(rows: K, columns: M + K)
      tss_blocks_get_student(handle, Int32(e), &coordinates.elements)
      return ReducedWeights(student: coordinates, teacher: teacher)
    }
  }

  func blockOverlaps(_ lane: Int) -> [(Q: Matrix, R: Matrix)] { weights().map(\.overlaps) }

  func overlaps(_ lane: Int) -> (Q: Matrix, R: Matrix) {
    blockOverlaps(lane).reduce(
      (Q: Matrix(rows: K, columns: K), R: Matrix(rows: K, columns: M))
    ) { sum, part in
      (
        Q: Matrix(rows: K, columns: K) { sum.Q[$0, $1] + part.Q[$0, $1] },
        R: Matrix(rows: K, columns: M) { sum.R[$0, $1] + part.R[$0, $1] }
      )
    }
  }

  func secondLayer(_ lane: Int) -> [Double] {
    Array(UnsafeBufferPointer(start: tss_blocks_student_output(handle), count: K))
  }

  func state(_ lane: Int) -> DescentState {
    DescentState(
      studentWeights: [], teacherWeights: [], v: secondLayer(lane), reducedBlocks: weights())
  }

  func retire(_ lane: Int) {}
}
