/// How far a simulation is from a theory, over the whole curve.
///
/// Two ensembles over the same seeds are compared run by run: a deviation is then the mean over the
/// seeds of simulation − theory, and its standard error that of these differences. What the starts
/// scatter is common to both and drops out; it would otherwise hide a theory that is wrong. In all
/// other cases the curves are compared, an ensemble by its mean, with the standard error of the
/// simulation's mean.
public struct Comparison: Hashable, Sendable {
  public struct Row: Hashable, Sendable {
    /// "eg", "Q", "R" or "v".
    public var quantity: String
    /// The largest absolute deviation over all instants and elements.
    public var max: Double
    /// The mean absolute deviation.
    public var mean: Double
    /// The same in standard errors, of the simulation's mean or of the mean difference; nil where
    /// the simulation is a single run, whose scatter is not known.
    public var maxInStandardErrors: Double?
    public var meanInStandardErrors: Double?
  }

  /// In the order eg, Q, R, v.
  public var rows: [Row]
  /// How many instants of the simulation lay within the theory's range.
  public var instants: Int
  /// Whether two ensembles over the same seeds were compared run by run.
  public var isPaired: Bool

  /// Compares at the simulation's α, to which the theory is interpolated.
  ///
  /// - Throws: `TrainingError.invalid` where the two differ in K or M or share no range of α.
  public static func of(
    theory: some LearningCurve, simulation: some LearningCurve
  ) throws -> Comparison {
    guard let first = simulation.curve.first, let expected = theory.curve.first,
      first.state.v.count == expected.state.v.count,
      first.state.vStar.count == expected.state.vStar.count
    else { throw TrainingError.invalid("the two runs differ in K or M, or recorded nothing") }

    let K = first.state.v.count
    let M = first.state.vStar.count
    let names = ["eg", "Q", "R", "v"]
    var end = 0
    let ranges = [1, K * K, K * M, K].map { count in
      end += count
      return end - count..<end
    }
    var tallies = names.map { _ in Tally() }
    var instants = 0
    let pairs = Self.pairs(theory, simulation)
    for (t, sample) in simulation.curve.enumerated() {
      let deviations =
        if let pairs { Self.deviations(of: pairs, at: sample.alpha) } else {
          theory.values(at: sample.alpha).map {
            Self.deviations(
              of: sample.values, from: $0, standardErrors: simulation.curveDeviation?[t].values)
          }
        }
      guard let deviations else { continue }
      instants += 1
      for (group, range) in ranges.enumerated() {
        for i in range { tallies[group].add(deviations[i]) }
      }
    }
    guard instants > 0 else {
      throw TrainingError.invalid("the simulation lies outside the theory's range of α")
    }
    return Comparison(
      rows: zip(names, tallies).map { $1.row(of: $0) }, instants: instants,
      isPaired: pairs != nil)
  }

  /// The deviation of one quantity at one instant.
  private struct Deviation {
    var difference: Double
    /// The size of the theory's value.
    var size: Double
    var standardError: Double?
  }

  private static func deviations(
    of values: [Double], from theory: [Double], standardErrors: [Double]?
  ) -> [Deviation] {
    values.indices.map {
      Deviation(
        difference: abs(values[$0] - theory[$0]), size: abs(theory[$0]),
        standardError: standardErrors?[$0])
    }
  }

  /// The runs of one seed in two ensembles over the same seeds, in whatever order.
  private static func pairs(
    _ theory: some LearningCurve, _ simulation: some LearningCurve
  ) -> [(theory: Run, simulation: Run)]? {
    guard let theory = theory as? Ensemble, let simulation = simulation as? Ensemble,
      theory.runs.count == simulation.runs.count
    else { return nil }
    let runs = Dictionary(theory.runs.map { ($0.seed, $0) }) { first, _ in first }
    // A seed that occurs twice pairs with no run in particular.
    guard runs.count == theory.runs.count, Set(simulation.seeds) == Set(theory.seeds) else {
      return nil
    }
    return simulation.runs.map { (runs[$0.seed]!, $0) }
  }

  /// The means of simulation − theory over the pairs; nil where one of the theories ends before.
  private static func deviations(
    of pairs: [(theory: Run, simulation: Run)], at alpha: Double
  ) -> [Deviation]? {
    var differences: [[Double]] = [], sizes: [Double] = []
    for pair in pairs {
      guard let expected = pair.theory.values(at: alpha),
        let values = pair.simulation.values(at: alpha)
      else { return nil }
      differences.append(zip(values, expected).map { $0 - $1 })
      sizes = sizes.isEmpty ? expected.map(abs) : zip(sizes, expected).map { max($0, abs($1)) }
    }
    let n = Double(pairs.count)
    return sizes.indices.map { i in
      let mean = differences.reduce(0) { $0 + $1[i] } / n
      let squares = differences.reduce(0) { $0 + ($1[i] - mean) * ($1[i] - mean) }
      return Deviation(
        difference: abs(mean), size: sizes[i],
        standardError: n > 1 ? (squares / (n - 1) / n).squareRoot() : nil)
    }
  }

  private struct Tally {
    var count = 0
    var max = 0.0
    var sum = 0.0
    var relativeCount = 0
    var relativeMax = 0.0
    var relativeSum = 0.0

    mutating func add(_ deviation: Deviation) {
      let difference = deviation.difference
      count += 1
      max = Swift.max(max, difference)
      sum += difference
      guard let standardError = deviation.standardError else { return }
      // A quantity that all runs share (the start, a fixed second layer) scatters by rounding
      // only, which is no measure of anything.
      relativeCount += 1
      let floor = 1e-12 * Swift.max(deviation.size, 1)
      if difference <= floor { return }
      let relative = difference / Swift.max(standardError, floor)
      relativeMax = Swift.max(relativeMax, relative)
      relativeSum += relative
    }

    func row(of quantity: String) -> Row {
      Row(
        quantity: quantity, max: max, mean: sum / Double(Swift.max(count, 1)),
        maxInStandardErrors: relativeCount > 0 ? relativeMax : nil,
        meanInStandardErrors: relativeCount > 0 ? relativeSum / Double(relativeCount) : nil)
    }
  }
}
