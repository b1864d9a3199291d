import CKernels
import Groundwork

/// Weights that have given overlaps, exactly up to rounding.
enum Realisation {
  /// The weights of student and teacher, row by row, K + M rows of N.
  ///
  /// With X a root of the covariance C = [[Q, R], [Rᵀ, T]] and F a random orthonormal frame of
  /// K + M vectors, the rows of √N X F have the overlaps C; any such weights are equally likely
  /// in the law of weights given their overlaps, since Gaussian inputs know no direction.
  ///
  /// Throws `Interruption` where `shouldStop` says so, which is asked before each look at N numbers.
  static func weights(
    of state: OrderParameters, N: Int, seed: UInt64, instructionSet: InstructionSet,
    shouldStop: () -> Bool = { false }
  ) throws -> (student: [Double], teacher: [Double]) {
    try weights(
      of: [(state.covariance, N)], K: state.v.count, N: N, seed: seed, instructionSet, shouldStop)
  }

  /// The same for structured inputs, in their eigenbasis, the eigenspaces one after the other with
  /// these dimensions: their overlaps are those of the blocks.
  ///
  /// Throws where an eigenspace has too few dimensions for its overlaps.
  static func weights(
    of state: OrderParameters, dimensions: [Double], seed: UInt64, instructionSet: InstructionSet,
    shouldStop: () -> Bool = { false }
  ) throws -> (student: [Double], teacher: [Double]) {
    let parts = zip(state.blocks, dimensions).map {
      ($0.orderParameters(v: state.v, vStar: state.vStar).covariance, Int($1))
    }
    for (covariance, dimension) in parts where dimension < covariance.rows {
      let values = covariance.symmetricEigenvalues
      // Beyond this many, the eigenvalues of overlaps in so few dimensions are rounding.
      if let surplus = values.reversed().dropFirst(dimension).first, let largest = values.last,
        surplus > 1e-10 * max(largest, 1e-300)
      {
        throw TrainingError.invalid(
          "an eigenspace of \(dimension) dimensions has no room for the overlaps of "
            + "K + M = \(covariance.rows) units")
      }
    }
    return try weights(
      of: parts, K: state.v.count, N: parts.reduce(0) { $0 + $1.1 }, seed: seed, instructionSet,
      shouldStop)
  }

  private static func weights(
    of parts: [(covariance: Matrix, dimension: Int)], K: Int, N: Int, seed: UInt64,
    _ instructionSet: InstructionSet, _ shouldStop: () -> Bool
  ) throws -> (student: [Double], teacher: [Double]) {
    let units = parts[0].covariance.rows
    let level = instructionSet.rawValue
    let length = Double(N).squareRoot()
    var student = [Double](repeating: 0, count: K * N)
    var teacher = [Double](repeating: 0, count: (units - K) * N)
    var start = 0
    for (e, part) in parts.enumerated() {
      let root = CovarianceRoot.of(part.covariance)
      let frame = try orthonormalFrame(
        count: min(units, part.dimension), N: part.dimension, seed: seed, from: e * units,
        instructionSet: instructionSet, shouldStop)
      func fill(_ weights: inout [Double], _ units: Range<Int>) throws {
        try weights.withUnsafeMutableBufferPointer { rows in
          for (i, unit) in units.enumerated() {
            for (a, vector) in frame.enumerated() where root[unit, a] != 0 {
              if shouldStop() { throw Interruption() }
              tss_add_multiple(
                level, length * root[unit, a], vector, rows.baseAddress! + i * N + start,
                Int64(part.dimension))
            }
          }
        }
      }
      try fill(&student, 0..<K)
      try fill(&teacher, K..<units)
      start += part.dimension
    }
    return (student, teacher)
  }

  /// Random orthonormal vectors of N elements, keyed by the seed and their numbers; `count` must
  /// not exceed N.
  ///
  /// Gaussian vectors and two sweeps of Gram and Schmidt: the second removes what rounding left.
  private static func orthonormalFrame(
    count: Int, N: Int, seed: UInt64, from first: Int, instructionSet: InstructionSet,
    _ shouldStop: () -> Bool
  ) throws -> [[Double]] {
    func poll() throws { if shouldStop() { throw Interruption() } }
    let level = instructionSet.rawValue
    let n = Int64(N)
    var frame: [[Double]] = []
    var single = [Float](repeating: 0, count: N)
    for index in first..<first + count {
      try poll()
      tss_gaussians(
        level, seed, RandomStream.Purpose.frame.rawValue, UInt64(index), &single, n)
      try poll()
      var vector = single.map(Double.init)
      for _ in 0..<2 {
        for other in frame {
          try poll()
          tss_add_multiple(level, -tss_dot(level, other, vector, n), other, &vector, n)
        }
        try poll()
        let scale = 1 / tss_dot(level, vector, vector, n).squareRoot()
        for i in vector.indices { vector[i] *= scale }
      }
      frame.append(vector)
    }
    return frame
  }
}
