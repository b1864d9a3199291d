import Synchronization

/// A transfer function that a user wrote.
///
/// Simulations call it once a step for all hidden units; the order-parameter equations take its
/// Gaussian integrals by quadrature (`QuadratureIntegrals`). Two are equal where they are the
/// same object.
///
///     let tanh = CustomActivation(name: "tanh") { x, count, g, dg in
///       for i in 0..<count {
///         g[i] = Foundation.tanh(x[i])
///         dg[i] = 1 - g[i] * g[i]
///       }
///     }
public final class CustomActivation: Sendable {
  /// Writes g(x) and g′(x) of `count` numbers; the arrays do not overlap. It may be called from
  /// several threads at once.
  public typealias Evaluator =
    @Sendable (
      _ x: UnsafePointer<Double>, _ count: Int, _ g: UnsafeMutablePointer<Double>,
      _ dg: UnsafeMutablePointer<Double>
    ) -> Void
  /// Writes g(x) of `count` numbers.
  public typealias Values =
    @Sendable (_ x: UnsafePointer<Double>, _ count: Int, _ g: UnsafeMutablePointer<Double>) -> Void

  /// What messages and results call it.
  public let name: String
  /// Where g, g′ or g″ may jump, in increasing order. Quadrature looks at either side.
  public let kinks: [Double]
  /// What kept g from being a number where it is NaN; nil where nothing did.
  public let failure: @Sendable () -> (any Error)?
  private let evaluator: Evaluator
  private let values: Values?
  /// Found when quadrature first asks for it.
  private let knownPartition = Mutex<FieldPartition?>(nil)

  /// - Parameters:
  ///   - name: what messages and results call it.
  ///   - kinks: where g, g′ or g″ jumps; nil to look for jumps of g and g′ between -20 and 20.
  ///   - switches: more places where they may jump, such as those where a condition changes.
  ///   - values: g alone, where that takes less time; quadrature needs little else.
  ///   - failure: what kept g from being a number where it was NaN, for whoever finds NaN in a
  ///     result. An evaluator cannot throw: engines ask it amid a step.
  ///   - evaluator: g and its derivative.
  public init(
    name: String, kinks: [Double]? = nil, switches: [Double] = [], values: Values? = nil,
    failure: @escaping @Sendable () -> (any Error)? = { nil }, evaluator: @escaping Evaluator
  ) {
    self.name = name
    self.failure = failure
    self.evaluator = evaluator
    self.values = values
    var places = kinks ?? Self.findKinks(evaluator)
    for place in switches where !places.contains(where: { abs($0 - place) < 1e-9 }) {
      places.append(place)
    }
    self.kinks = places.sorted()
  }

  /// g and g′ of `count` numbers.
  public func evaluate(
    _ x: UnsafePointer<Double>, count: Int, g: UnsafeMutablePointer<Double>,
    dg: UnsafeMutablePointer<Double>
  ) { evaluator(x, count, g, dg) }

  /// g of `count` numbers; `scratch` has as many.
  public func evaluate(
    _ x: UnsafePointer<Double>, count: Int, g: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) { if let values { values(x, count, g) } else { evaluator(x, count, g, scratch) } }

  /// The scales on which g varies, found once.
  func partition(_ find: () -> FieldPartition) -> FieldPartition {
    if let known = knownPartition.withLock({ $0 }) { return known }
    let found = find()
    knownPartition.withLock { $0 = found }
    return found
  }

  /// Bisects every interval of a grid, all at once, towards the half in which g′ (and g) differs
  /// more at the ends. After 44 rounds a difference that is left is a jump.
  private static func findKinks(_ evaluator: Evaluator) -> [Double] {
    let intervals = 4000, reach = 20.0
    func values(_ x: [Double]) -> (g: [Double], dg: [Double]) {
      var g = x, dg = x
      evaluator(x, x.count, &g, &dg)
      return (g, dg)
    }
    // An odd grid, so that the kinks at 0 and ±1 that people use are not on it.
    let grid = (0...intervals).map {
      reach * (2 * (Double($0) + 0.137) / Double(intervals) - 1)
    }
    let ends = values(grid)
    var kinks: [Double] = []
    for ofSlope in [true, false] {
      let f = ofSlope ? ends.dg : ends.g
      var candidates = (0..<intervals).filter {
        let (a, b) = (f[$0], f[$0 + 1])
        return abs(b - a) > 1e-9 * (1 + abs(a) + abs(b))
      }
      let original = candidates.map { abs(f[$0 + 1] - f[$0]) }
      var low = candidates.map { grid[$0] }, high = candidates.map { grid[$0 + 1] }
      var atLow = candidates.map { f[$0] }, atHigh = candidates.map { f[$0 + 1] }
      candidates = Array(original.indices)
      for _ in 0..<44 where !candidates.isEmpty {
        let middles = zip(low, high).map { 0.5 * ($0 + $1) }
        let found = values(middles)
        for i in candidates {
          let value = ofSlope ? found.dg[i] : found.g[i]
          if abs(value - atLow[i]) > abs(atHigh[i] - value) {
            (high[i], atHigh[i]) = (middles[i], value)
          } else {
            (low[i], atLow[i]) = (middles[i], value)
          }
        }
      }
      for i in candidates where abs(atHigh[i] - atLow[i]) > 0.2 * original[i] {
        let kink = 0.5 * (low[i] + high[i])
        // Where bisection ends a rounding error beside a round number, the number is meant.
        let round = (kink * 1e6).rounded() / 1e6
        let place = abs(kink - round) < 1e-11 ? round : kink
        if !kinks.contains(where: { abs($0 - place) < 1e-9 }) { kinks.append(place) }
      }
    }
    return kinks
  }
}

extension CustomActivation: Hashable {
  public static func == (a: CustomActivation, b: CustomActivation) -> Bool { a === b }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
