/// How far a simulation is from a theory, over the whole curve.
public struct Comparison: Hashable, Sendable {
  public struct Row: Hashable, Sendable {
    /// "eg", "Q", "R" or "v".
    public var quantity: String
    /// The largest absolute deviation over all instants and elements.
    public var max: Double
    /// The mean absolute deviation.
    public var mean: Double
    /// The same in standard errors of the simulation's mean; nil where the simulation is a single
    /// run, whose scatter is not known.
    public var maxInStandardErrors: Double?
    public var meanInStandardErrors: Double?
  }

  /// In the order eg, Q, R, v.
  public var rows: [Row]
  /// How many instants of the simulation lay within the theory's range.
  public var instants: Int

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
    for (t, sample) in simulation.curve.enumerated() {
      guard let theory = theory.values(at: sample.alpha) else { continue }
      instants += 1
      let values = sample.values
      let deviations = simulation.curveDeviation?[t].values
      for (group, range) in ranges.enumerated() {
        for i in range {
          tallies[group].add(
            difference: abs(values[i] - theory[i]), size: abs(theory[i]),
            standardError: deviations?[i])
        }
      }
    }
    guard instants > 0 else {
      throw TrainingError.invalid("the simulation lies outside the theory's range of α")
    }
    return Comparison(
      rows: zip(names, tallies).map { $1.row(of: $0) }, instants: instants)
  }

  private struct Tally {
    var count = 0
    var max = 0.0
    var sum = 0.0
    var relativeCount = 0
    var relativeMax = 0.0
    var relativeSum = 0.0

    mutating func add(difference: Double, size: Double, standardError: Double?) {
      count += 1
      max = Swift.max(max, difference)
      sum += difference
      guard let standardError else { return }
      // A quantity that all runs share (the start, a fixed second layer) scatters by rounding
      // only, which is no measure of anything.
      relativeCount += 1
      let floor = 1e-12 * Swift.max(size, 1)
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
