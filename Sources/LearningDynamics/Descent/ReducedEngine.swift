import CKernels
import Groundwork

/// Simulations through the order parameters, one alone or up to eight in lanes: the Swift side of
/// `tss_reduced` in CKernels.
///
/// Isotropic inputs enter an update only through their projections on the span of all weights and
/// through the length of what is left, whose laws are known at every N. So (Q, R, v) is a Markov
/// chain of its own, and this simulates it: the law is that of SGD in weight space, exactly, and
/// the cost does not depend on N.
final class ReducedEngine: DescentEngine {
  /// How many runs advance together.
  static let lanes = 8

  private let handle: OpaquePointer
  private let K: Int
  private let M: Int
  private let width: Int
  /// Whether any phase has momentum.
  private let hasMomentum: Bool
  private let teachers: [Matrix]
  /// Kept alive for the kernel, which knows their addresses.
  private let functions: (student: FunctionBox?, teacher: FunctionBox?)
  let cost: Double

  /// One run, or up to eight that differ in their seeds and starts only; the first lanes are theirs.
  ///
  /// Throws `TrainingError.invalid` where there is not enough memory.
  init(continuing runs: [Run], options: DescentOptions) throws {
    let first = runs[0]
    K = first.student.hiddenUnits
    M = first.teacher.hiddenUnits
    functions = (FunctionBox(first.student.activation), FunctionBox(first.teacher.activation))
    width = runs.count == 1 ? 1 : Self.lanes
    let states = try runs.map { run in
      guard let state = run.end.descent?.reduced else {
        throw TrainingError.invalid("the run has no reduced weights to continue from")
      }
      return (state, run.end.descent!)
    }
    teachers = states.map(\.0.teacher)
    hasMomentum = states[0].0.buffers != nil
    let rows = hasMomentum ? 2 * K : K
    let perSample = Double(rows * (20 + 4 * (rows + M)))
    cost = Double(options.batch) * (runs.count == 1 ? perSample : 3 * perSample)

    var settings = tss_reduced_settings(
      dimension: first.N, student_units: Int32(K), teacher_units: Int32(M),
      student_activation: first.student.activation.code,
      teacher_activation: first.teacher.activation.code,
      student_function: functions.student?.function ?? tss_function(),
      teacher_function: functions.teacher?.function ?? tss_function(),
      student_scale: first.student.scale, teacher_scale: first.teacher.scale,
      batch: Int64(options.batch), lanes: Int32(width), momentum: hasMomentum ? 1 : 0,
      level: (options.instructionSet ?? .best).rawValue)
    var seeds = runs.map(\.seed)
    seeds += .init(repeating: 0, count: width - seeds.count)
    guard let handle = tss_reduced_create(&settings, seeds) else {
      throw TrainingError.invalid("there is not enough memory for K=\(K) and M=\(M)")
    }
    self.handle = handle
    for (lane, (state, descent)) in states.enumerated() {
      tss_reduced_set_teacher(
        handle, Int32(lane), state.teacher.elements, runs[lane].end.state.vStar)
      // With momentum its buffers come first.
      tss_reduced_set_student(
        handle, Int32(lane), (state.buffers?.elements ?? []) + state.student.elements,
        (descent.buffers?.v ?? []) + descent.v)
    }
  }

  deinit { tss_reduced_destroy(handle) }

  func setSecondLayers(_ lane: Int, v: [Double], vStar: [Double]) {
    tss_reduced_set_outputs(handle, Int32(lane), v, vStar)
  }

  func run(
    from first: Int, steps: Int, rates: [DescentRates?], shouldStop: () -> Bool
  ) -> (done: Int, failed: [Int]) {
    var active: UInt32 = 0
    var noise: [Double] = []
    var keep = [Double](repeating: 1, count: Self.lanes)
    for case (let lane, let rates?) in rates.enumerated() {
      active |= 1 << UInt32(lane)
      noise = rates.noise
      keep[lane] = rates.keep
      if hasMomentum, rates.beginsPhase { tss_reduced_clear_buffers(handle, Int32(lane)) }
    }
    let table = table(of: rates, steps: steps)
    var failed: UInt32 = 0
    let done = withoutActuallyEscaping(shouldStop) { ask in
      withUnsafePointer(to: ask) { context in
        tss_reduced_run(
          handle, UInt64(first), Int64(steps), table, noise, keep, active,
          &failed,
          { $0!.assumingMemoryBound(to: (() -> Bool).self).pointee() ? 1 : 0 },
          UnsafeMutableRawPointer(mutating: context))
      }
    }
    return (Int(done), (0..<width).filter { failed & 1 << UInt32($0) != 0 })
  }

  /// The rates as the kernel wants them: of each step, for both layers, of every lane.
  private func table(of rates: [DescentRates?], steps: Int) -> [Double] {
    let places = hasMomentum ? 6 : 4
    return .init(unsafeUninitializedCapacity: steps * places * width) { table, count in
      count = steps * places * width
      func fill(_ place: Int, _ lane: Int, _ value: Double) {
        for i in 0..<steps { table[(places * i + place) * width + lane] = value }
      }
      func fill(_ place: Int, _ lane: Int, _ values: [Double]?) {
        guard let values else { return fill(place, lane, 0) }
        values.withUnsafeBufferPointer { values in
          for i in 0..<steps { table[(places * i + place) * width + lane] = values[i] }
        }
      }
      for lane in 0..<width {
        let rates = lane < rates.count ? rates[lane] : nil
        fill(0, lane, rates?.first)
        fill(1, lane, rates?.second)
        fill(2, lane, rates?.first == nil ? nil : rates?.decay)
        fill(3, lane, rates?.second == nil ? nil : rates?.decay)
        guard hasMomentum else { continue }
        fill(4, lane, rates?.first == nil ? 0 : rates!.momentum)
        fill(5, lane, rates?.second == nil ? 0 : rates!.momentum)
      }
    }
  }

  private func weights(_ lane: Int) -> (reduced: ReducedWeights, v: [Double], buffer: [Double]) {
    let rows = hasMomentum ? 2 * K : K
    var coordinates = Matrix(rows: rows, columns: M + rows)
    var v = [Double](repeating: 0, count: rows)
    tss_reduced_get_student(handle, Int32(lane), &coordinates.elements, &v)
    guard hasMomentum else {
      return (ReducedWeights(student: coordinates, teacher: teachers[lane]), v, [])
    }
    let reduced = ReducedWeights(
      student: Matrix(rows: K, columns: M + rows) { coordinates[K + $0, $1] },
      teacher: teachers[lane],
      buffers: Matrix(rows: K, columns: M + rows) { coordinates[$0, $1] })
    return (reduced, Array(v[K...]), Array(v[..<K]))
  }

  func overlaps(_ lane: Int) -> (Q: Matrix, R: Matrix) { weights(lane).reduced.overlaps }

  func secondLayer(_ lane: Int) -> [Double] { weights(lane).v }

  func state(_ lane: Int) -> DescentState {
    let (reduced, v, buffer) = weights(lane)
    return DescentState(
      studentWeights: [], teacherWeights: [], v: v, reduced: reduced,
      buffers: hasMomentum ? MomentumBuffers(w: [], v: buffer) : nil)
  }

  func retire(_ lane: Int) {
    // Whatever had diverged there must not be computed with any longer.
    let rows = hasMomentum ? 2 * K : K
    let nothing = [Double](repeating: 0, count: rows * (M + rows))
    tss_reduced_set_student(handle, Int32(lane), nothing, nothing)
  }
}
