#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// When the state is recorded.
public enum Recording: Hashable, Sendable {
  /// About this many values of α, spread logarithmically, the start and the end included.
  case logarithmic(points: Int)
  /// These values of α and no others, in increasing order.
  case at([Double])
}

extension Recording {
  /// A million instants already take longer to look at than to compute.
  static let largestCount = 1_000_000

  /// Throws for more points than memory should hold.
  func check() throws(TrainingError) {
    if case .logarithmic(let points) = self, points > Self.largestCount {
      throw .invalid(
        "\(points) points are too many to record: at most \(Self.largestCount) are possible, for "
          + "each keeps all order parameters")
    }
  }

  /// The values of α to record in a plan of length `total`, in increasing order, none beyond it.
  ///
  /// The logarithmic grid starts at 0 and goes from min(0.1, total/1000) to `total`, as the
  /// authors' programs do.
  public func times(total: Double) -> [Double] {
    switch self {
    case .at(let times): return times.filter { $0 <= total }
    case .logarithmic(let points):
      guard total > 0, points > 1 else { return total > 0 ? [0, total] : [0] }
      let first = min(0.1, total / 1000)
      let ratio = log(total / first)
      return [0]
        + (0..<points - 1).map { i in
          i == points - 2 ? total : first * exp(ratio * Double(i) / Double(max(1, points - 2)))
        }
    }
  }
}
