#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Samples as the kernels read them: rows of N single-precision inputs and a label for each, at an
/// address that does not change.
final class SampleMemory {
  let count: Int
  let N: Int
  let inputs: UnsafeMutablePointer<Float>
  let labels: UnsafeMutablePointer<Double>

  /// All zero. Throws `TrainingError.invalid` where there is not enough memory.
  init(count: Int, N: Int) throws(TrainingError) {
    guard let inputs = calloc(count * N, MemoryLayout<Float>.stride) else {
      throw .invalid("there is not enough memory for \(count) samples of \(N) inputs")
    }
    guard let labels = calloc(count, MemoryLayout<Double>.stride) else {
      free(inputs)
      throw .invalid("there is not enough memory for \(count) labels")
    }
    self.count = count
    self.N = N
    self.inputs = inputs.bindMemory(to: Float.self, capacity: count * N)
    self.labels = labels.bindMemory(to: Double.self, capacity: count)
  }

  deinit {
    free(inputs)
    free(labels)
  }

  /// Goes through the rows in parts of about a quarter of a millisecond, and asks between them
  /// whether to stop; false where it was.
  func forParts(stopping shouldStop: () -> Bool, _ body: (Range<Int>) -> Void) -> Bool {
    let part = max(1, 1 << 18 / max(1, N))
    for first in stride(from: 0, to: count, by: part) {
      if first > 0, shouldStop() { return false }
      body(first..<min(first + part, count))
    }
    return true
  }
}
