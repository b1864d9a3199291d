import CKernels
import Groundwork

/// The training set of one run and what it is tested on, made from its `TrainingData`, seed and
/// teacher: the same at every start and `resume`.
struct SampleSets {
  var training: SampleMemory
  /// Held-out rows with the labels they are tested against; nil where ε_g is exact.
  var test: SampleMemory?

  /// - Parameters:
  ///   - handle: the simulation, its teacher's weights set; it draws Gaussian inputs and labels.
  ///   - level: the instruction set of the kernels.
  /// - Returns: nil where `shouldStop` said so.
  /// - Throws: `TrainingError.invalid` where memory is short or the inputs cannot be standardised.
  static func make(
    _ data: TrainingData, handle: OpaquePointer, N: Int, teacher: Teacher, seed: UInt64,
    level: tss_level, shouldStop: () -> Bool
  ) throws(TrainingError) -> SampleSets? {
    let training: SampleMemory
    var test: SampleMemory?
    /// Which number of the stream of noise belongs to each training sample.
    let noisy: [UInt32]?
    switch data {
    case .gaussian(let samples):
      training = try SampleMemory(count: samples, N: N)
      let isDone = training.forParts(stopping: shouldStop) { rows in
        for row in rows {
          tss_descent_inputs(handle, UInt64(row), 0, training.inputs + row * N)
        }
      }
      guard isDone else { return nil }
      noisy = Array(0..<UInt32(samples))
    case .rows(let table):
      let (learned, tested) = division(of: table, seed: seed)
      training = try SampleMemory(count: learned.count, N: N)
      let held = try SampleMemory(count: tested.count, N: N)
      test = held
      guard let scale = try standardisation(of: table, rows: learned, shouldStop: shouldStop)
      else { return nil }
      var areFinite = true
      for (memory, rows) in [(training, learned), (held, tested)] {
        let isDone = memory.forParts(stopping: shouldStop) { part in
          for row in part {
            areFinite =
              fill(memory.inputs + row * N, table.inputs, Int(rows[row]), scale) && areFinite
            if let labels = table.labels { memory.labels[row] = labels[Int(rows[row])] }
          }
        }
        guard isDone else { return nil }
      }
      guard areFinite else { throw notFinite }
      noisy = table.labels == nil ? learned : nil
    }

    guard let noisy else { return SampleSets(training: training, test: test) }
    for memory in [training, test].compactMap({ $0 }) {
      let isDone = memory.forParts(stopping: shouldStop) { rows in
        tss_descent_outputs(
          handle, 1, memory.inputs + rows.lowerBound * N, Int64(rows.count),
          memory.labels + rows.lowerBound)
      }
      guard isDone else { return nil }
    }
    addNoise(to: training, numbers: noisy, sd: teacher.labelNoise, seed: seed, level: level)
    return SampleSets(training: training, test: test)
  }

  /// The rows to learn from and those held out: a random order, the held-out ones first.
  static func division(
    of table: DataTable, seed: UInt64
  ) -> (training: [UInt32], test: [UInt32]) {
    var order = [UInt32](repeating: 0, count: table.inputs.rows)
    tss_shuffle(
      seed, RandomStream.Purpose.division.rawValue, 0, &order, Int64(order.count))
    let rest = order[table.testRows...]
    return (
      Array(rest.prefix(table.trainingRows ?? rest.count)), Array(order[..<table.testRows])
    )
  }

  /// What is subtracted from every input of these rows, and what the rest is divided by; nil where
  /// `shouldStop` said so.
  private static func standardisation(
    of table: DataTable, rows: [UInt32], shouldStop: () -> Bool
  ) throws(TrainingError) -> (mean: Double, sd: Double)? {
    guard table.standardises else { return (0, 1) }
    let N = table.inputs.columns
    let count = Double(rows.count * N)
    /// The mean of (x - center)^power.
    func moment(_ power: Int, about center: Double) -> Double? {
      table.inputs.elements.withUnsafeBufferPointer { elements in
        var total = 0.0
        for (place, row) in rows.enumerated() {
          if place % 256 == 255, shouldStop() { return nil }
          for i in Int(row) * N..<(Int(row) + 1) * N {
            let difference = elements[i] - center
            total += power == 1 ? difference : difference * difference
          }
        }
        return total / count
      }
    }
    guard let mean = moment(1, about: 0), let variance = moment(2, about: mean) else { return nil }
    let sd = variance.squareRoot()
    guard sd.isFinite else { throw notFinite }
    guard sd > 1e-12 * abs(mean) else {
      throw .invalid(
        "the training rows hold the same number everywhere, so they cannot be standardised")
    }
    return (mean, sd)
  }

  private static let notFinite = TrainingError.invalid(
    "inputs must be finite numbers, and below 3e38 for single precision")

  /// One row of inputs; whether all of them are finite.
  private static func fill(
    _ row: UnsafeMutablePointer<Float>, _ inputs: Matrix, _ from: Int,
    _ scale: (mean: Double, sd: Double)
  ) -> Bool {
    let N = inputs.columns
    return inputs.elements.withUnsafeBufferPointer { elements in
      var areFinite = true
      for i in 0..<N {
        row[i] = Float((elements[from * N + i] - scale.mean) / scale.sd)
        areFinite = areFinite && row[i].isFinite
      }
      return areFinite
    }
  }

  /// y = φ* + σζ, with the ζ that online SGD adds to its sample of that number.
  private static func addNoise(
    to memory: SampleMemory, numbers: [UInt32], sd: Double, seed: UInt64, level: tss_level
  ) {
    guard sd != 0 else { return }
    let size = 4096
    var block = [Float](repeating: 0, count: size)
    var index: Int?
    for (row, number) in numbers.enumerated() {
      if Int(number) / size != index {
        index = Int(number) / size
        tss_gaussians(
          level, seed, RandomStream.Purpose.labelNoise.rawValue, UInt64(index!), &block,
          Int64(size))
      }
      memory.labels[row] += sd * Double(block[Int(number) % size])
    }
  }
}
