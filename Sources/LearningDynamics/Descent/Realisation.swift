import CKernels
import Groundwork

/// Weights that have given overlaps, exactly up to rounding.
enum Realisation {
  /// The weights of student and teacher, row by row, K + M rows of N.
  ///
  /// With X a root of the covariance C = [[Q, R], [Rᵀ, T]] and F a random orthonormal frame of
  /// K + M vectors, the rows of √N X F have the overlaps C; any such weights are equally likely
  /// in the law of weights given their overlaps, since Gaussian inputs know no direction.
  static func weights(
    of state: OrderParameters, N: Int, seed: UInt64, instructionSet: InstructionSet
  ) -> (student: [Double], teacher: [Double]) {
    let K = state.v.count
    let M = state.vStar.count
    let root = CovarianceRoot.of(state.covariance)
    let frame = orthonormalFrame(
      count: K + M, N: N, seed: seed, instructionSet: instructionSet)
    let level = instructionSet.rawValue
    let length = Double(N).squareRoot()
    func rows(_ range: Range<Int>) -> [Double] {
      var weights = [Double](repeating: 0, count: range.count * N)
      weights.withUnsafeMutableBufferPointer { rows in
        for (i, row) in range.enumerated() {
          for (a, vector) in frame.enumerated() where root[row, a] != 0 {
            tss_add_multiple(
              level, length * root[row, a], vector, rows.baseAddress! + i * N, Int64(N))
          }
        }
      }
      return weights
    }
    return (rows(0..<K), rows(K..<K + M))
  }

  /// Random orthonormal vectors of N elements, keyed by the seed; `count` must not exceed N.
  ///
  /// Gaussian vectors and two sweeps of Gram and Schmidt: the second removes what rounding left.
  private static func orthonormalFrame(
    count: Int, N: Int, seed: UInt64, instructionSet: InstructionSet
  ) -> [[Double]] {
    let level = instructionSet.rawValue
    let n = Int64(N)
    var frame: [[Double]] = []
    var single = [Float](repeating: 0, count: N)
    for index in 0..<count {
      tss_gaussians(
        level, seed, RandomStream.Purpose.frame.rawValue, UInt64(index), &single, n)
      var vector = single.map(Double.init)
      for _ in 0..<2 {
        for other in frame {
          tss_add_multiple(level, -tss_dot(level, other, vector, n), other, &vector, n)
        }
        let scale = 1 / tss_dot(level, vector, vector, n).squareRoot()
        for i in vector.indices { vector[i] *= scale }
      }
      frame.append(vector)
    }
    return frame
  }
}
