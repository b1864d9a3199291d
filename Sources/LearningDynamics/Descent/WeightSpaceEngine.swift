import CKernels
import Groundwork

/// A simulation that keeps all weights: the Swift side of `tss_descent` in CKernels. It has one
/// lane.
final class WeightSpaceEngine: DescentEngine {
  private let handle: OpaquePointer
  private let K: Int
  private let M: Int
  private let N: Int
  private let teacherWeights: [Double]
  /// The dimensions of the eigenspaces of structured inputs, one after the other; else none.
  private let dimensions: [Int]
  /// Whether any phase has momentum.
  private let hasMomentum: Bool
  /// Kept alive for the kernel, which knows their addresses.
  private let functions: (student: FunctionBox?, teacher: FunctionBox?)
  /// What the kernel learns from where samples are not fresh; kept alive for it.
  private var samples: SampleSets?
  let cost: Double

  /// Throws `TrainingError.invalid` where there is not enough memory.
  init(continuing run: Run, options: DescentOptions) throws {
    guard let start = run.end.descent, start.reduced == nil else {
      throw TrainingError.invalid("the run has no weights to continue from")
    }
    let student = run.student
    let teacher = run.teacher
    K = student.hiddenUnits
    M = teacher.hiddenUnits
    N = Int(run.N)
    functions = (FunctionBox(student.activation), FunctionBox(teacher.activation))
    teacherWeights = start.teacherWeights
    hasMomentum = start.buffers != nil
    cost = Double(options.batch) * (100 + Double(N) * (0.5 + 0.25 * Double(K + M)))
    var settings = tss_descent_settings(
      dimension: Int64(N), student_units: Int32(K), teacher_units: Int32(M),
      student_activation: student.activation.code,
      teacher_activation: teacher.activation.code,
      student_function: functions.student?.function ?? tss_function(),
      teacher_function: functions.teacher?.function ?? tss_function(),
      student_scale: student.scale, teacher_scale: teacher.scale,
      batch: Int64(options.batch), seed: run.seed,
      single: options.precision == .float32 ? 1 : 0, momentum: hasMomentum ? 1 : 0,
      level: (options.instructionSet ?? .best).rawValue)
    guard let handle = tss_descent_create(&settings) else {
      throw TrainingError.invalid("there is not enough memory for weights at N=\(N)")
    }
    self.handle = handle
    dimensions = try options.inputs.spectrum?.dimensions(N: run.N).map { Int($0) } ?? []
    if let spectrum = options.inputs.spectrum {
      let deviations = zip(spectrum.eigenvalues, dimensions).flatMap {
        [Double](repeating: $0.squareRoot(), count: $1)
      }
      guard tss_descent_set_input_scale(handle, deviations) != 0 else {
        throw TrainingError.invalid("there is not enough memory for inputs at N=\(N)")
      }
    }
    setSecondLayers(0, v: start.v, vStar: run.end.state.vStar)
    tss_descent_set_student(handle, start.studentWeights)
    tss_descent_set_teacher(handle, start.teacherWeights)
    if let buffers = start.buffers { tss_descent_set_buffers(handle, buffers.w, buffers.v) }
  }

  deinit { tss_descent_destroy(handle) }

  /// Makes the samples of a run that learns from a finite set; false where the monitor stopped it.
  func makeSamples(of run: Run, options: DescentOptions, monitor: Monitor) throws -> Bool {
    guard let data = options.trainingData else { return true }
    let progress = Progress(
      fraction: 0, alpha: run.end.alpha, phase: run.end.phase + 1,
      error: run.samples.last?.error ?? .nan, rate: 0)
    guard
      let sets = try SampleSets.make(
        data, handle: handle, N: N, teacher: run.teacher, seed: run.seed,
        level: (options.instructionSet ?? .best).rawValue,
        shouldStop: { !monitor.report(progress) })
    else { return false }
    let training = sets.training
    guard
      tss_descent_set_samples(handle, Int64(training.count), training.inputs, training.labels) != 0
    else { throw TrainingError.invalid("there is not enough memory for \(training.count) samples") }
    samples = sets
    return true
  }

  func setSecondLayers(_ lane: Int, v: [Double], vStar: [Double]) {
    for (m, value) in vStar.enumerated() { tss_descent_teacher_output(handle)[m] = value }
    for (k, value) in v.enumerated() { tss_descent_student_output(handle)[k] = value }
  }

  func sampleErrors(_ lane: Int, keep: Double, shouldStop: () -> Bool) -> SampleErrors? {
    guard let samples else { return SampleErrors() }
    var errors = SampleErrors()
    guard let training = meanError(on: samples.training, keep, shouldStop) else { return nil }
    errors.training = training
    if let held = samples.test {
      guard let test = meanError(on: held, keep, shouldStop) else { return nil }
      errors.test = test
    }
    return errors
  }

  /// ½⟨(φ − y)²⟩ over samples in memory, with `keep` times the student's output.
  private func meanError(
    on memory: SampleMemory, _ keep: Double, _ shouldStop: () -> Bool
  ) -> Double? {
    var outputs = [Double](repeating: 0, count: memory.count)
    var sum = 0.0
    let isDone = memory.forParts(stopping: shouldStop) { rows in
      outputs.withUnsafeMutableBufferPointer { outputs in
        tss_descent_outputs(
          handle, 0, memory.inputs + rows.lowerBound * N, Int64(rows.count),
          outputs.baseAddress! + rows.lowerBound)
        for row in rows {
          let difference = keep * outputs[row] - memory.labels[row]
          sum += difference * difference
        }
      }
    }
    return isDone ? 0.5 * sum / Double(memory.count) : nil
  }

  func secondLayer(_ lane: Int) -> [Double] {
    Array(UnsafeBufferPointer(start: tss_descent_student_output(handle), count: K))
  }

  func state(_ lane: Int) -> DescentState {
    let weights = [Double](unsafeUninitializedCapacity: K * N) { buffer, count in
      tss_descent_get_student(handle, buffer.baseAddress!)
      count = K * N
    }
    return DescentState(
      studentWeights: weights, teacherWeights: teacherWeights, v: secondLayer(lane),
      buffers: buffers)
  }

  private var buffers: MomentumBuffers? {
    guard hasMomentum else { return nil }
    var buffers = MomentumBuffers(
      w: .init(repeating: 0, count: K * N), v: .init(repeating: 0, count: K))
    tss_descent_get_buffers(handle, &buffers.w, &buffers.v)
    return buffers
  }

  func retire(_ lane: Int) {}

  func overlaps(_ lane: Int) -> (Q: Matrix, R: Matrix) { overlaps(from: 0, count: N) }

  func blockOverlaps(_ lane: Int) -> [(Q: Matrix, R: Matrix)] {
    var from = 0
    return dimensions.map { dimension in
      defer { from += dimension }
      return overlaps(from: from, count: dimension)
    }
  }

  private func overlaps(from first: Int, count: Int) -> (Q: Matrix, R: Matrix) {
    var Q = Matrix(rows: K, columns: K)
    var R = Matrix(rows: K, columns: M)
    tss_descent_overlaps(handle, Int64(first), Int64(count), &Q.elements, &R.elements)
    return (Q, R)
  }

  func run(
    from first: Int, steps: Int, rates: [DescentRates?], shouldStop: () -> Bool
  ) -> (done: Int, failed: [Int]) {
    let rates = rates[0]!
    if hasMomentum, rates.beginsPhase { tss_descent_clear_buffers(handle) }
    var stopped = false
    let ask = {
      stopped = shouldStop()
      return stopped
    }
    let done = run(from: first, steps: steps, rates: rates, shouldStop: ask)
    return (done, done < steps && !stopped ? [0] : [])
  }

  private func run(
    from first: Int, steps: Int, rates: DescentRates, shouldStop: () -> Bool
  ) -> Int {
    withoutActuallyEscaping(shouldStop) { ask in
      withUnsafePointer(to: ask) { context in
        pointers(rates) { rates in
          Int(
            tss_descent_run(
              handle, UInt64(first), Int64(steps), rates,
              { $0!.assumingMemoryBound(to: (() -> Bool).self).pointee() ? 1 : 0 },
              UnsafeMutableRawPointer(mutating: context)))
        }
      }
    }
  }

  /// The rates as the kernel wants them.
  private func pointers<Result>(
    _ rates: DescentRates, _ body: (UnsafePointer<tss_descent_rates>) -> Result
  ) -> Result {
    pointer(rates.first) { eta_w in
      pointer(rates.second) { eta_v in
        rates.decay.withUnsafeBufferPointer { kappa in
          rates.noise.withUnsafeBufferPointer { sigma in
            var all = tss_descent_rates(
              eta_w: eta_w, eta_v: eta_v, kappa: kappa.baseAddress!, sigma: sigma.baseAddress!,
              beta: rates.momentum, keep: rates.keep)
            return body(&all)
          }
        }
      }
    }
  }

  private func pointer<Result>(
    _ values: [Double]?, _ body: (UnsafePointer<Double>?) -> Result
  ) -> Result {
    guard let values else { return body(nil) }
    return values.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}

extension Activation {
  /// The kernels' name of it.
  var code: Int32 {
    switch self {
    case .erf: Int32(TSS_ERF)
    case .linear: Int32(TSS_LINEAR)
    case .relu: Int32(TSS_RELU)
    case .quadratic: Int32(TSS_QUADRATIC)
    case .sign: Int32(TSS_SIGN)
    case .custom: Int32(TSS_CUSTOM)
    }
  }
}
