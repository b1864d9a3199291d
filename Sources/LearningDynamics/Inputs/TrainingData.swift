import Groundwork

/// The finite set of samples that a simulation learns from, epoch after epoch, in place of a fresh
/// one at every step (PHYSICS.md, sections A and E13).
///
/// Each epoch goes through all P samples in an order of its own, keyed by the seed; α goes on
/// counting updates, α = steps/N. Only the simulation that keeps its weights can learn from it: the
/// order parameters of a student that meets a sample again are not a Markov chain.
public enum TrainingData: Sendable {
  /// P samples with Gaussian inputs and labels of the teacher, noise included: the first P that
  /// online SGD with the same seed would meet. ε_g is exact, from the overlaps.
  case gaussian(samples: Int)
  /// Rows of real data; ε_g is the error on those that were held out.
  case rows(DataTable)
}

/// Real inputs: rows of N numbers, and how a run divides them.
public struct DataTable: Sendable {
  /// One row a sample, N columns; finite numbers.
  public var inputs: Matrix
  /// A label for each row, used as it is, in training and in testing; nil for labels of the
  /// teacher, with its noise in training and without it in testing.
  public var labels: [Double]?
  /// Rows held out to measure ε_g, drawn from the seed.
  public var testRows: Int
  /// P, how many of the other rows are learned from; nil for all. The held-out rows do not depend
  /// on it.
  public var trainingRows: Int?
  /// Whether the mean of all numbers in the training rows is subtracted from every input, and the
  /// result divided by their standard deviation.
  public var standardises: Bool

  public init(
    inputs: Matrix, labels: [Double]? = nil, testRows: Int, trainingRows: Int? = nil,
    standardises: Bool = true
  ) {
    self.inputs = inputs
    self.labels = labels
    self.testRows = testRows
    self.trainingRows = trainingRows
    self.standardises = standardises
  }
}

extension TrainingData {
  /// P, the number of samples learned from.
  public var sampleCount: Int {
    switch self {
    case .gaussian(let samples): samples
    case .rows(let table): table.trainingRows ?? table.inputs.rows - table.testRows
    }
  }

  /// Whether the labels come with the inputs, so that no teacher is needed.
  public var hasLabels: Bool {
    if case .rows(let table) = self { table.labels != nil } else { false }
  }

  /// The table, of real inputs.
  public var table: DataTable? { if case .rows(let table) = self { table } else { nil } }

  /// Inputs beyond this are refused: four bytes each are 8 GB.
  static let largestSize = 2_000_000_000

  /// Throws `TrainingError.invalid` for what cannot be learned from at this N and batch.
  func check(N: Int, batch: Int) throws(TrainingError) {
    let P = sampleCount
    func require(_ condition: Bool, _ words: @autoclosure () -> String) throws(TrainingError) {
      if !condition { throw .invalid(words()) }
    }
    try require(P >= 1, "a training set has at least one sample")
    try require(P < 1 << 31, "a training set has at most 2^31 samples, not \(P)")
    try require(
      P <= Self.largestSize / N,
      "\(P) samples of \(N) inputs are too many to keep: at most 2e9 inputs are")
    try require(
      batch <= P, "a batch of \(batch) is more than the \(P) samples of the training set")
    guard case .rows(let table) = self else { return }
    let rows = table.inputs.rows
    try require(
      table.inputs.columns == N,
      "the inputs have \(table.inputs.columns) columns, which is N, but N=\(N)")
    try require(table.testRows >= 1, "at least one row must be held out")
    try require(
      table.testRows + P <= rows,
      "\(table.testRows) rows held out and \(P) to learn from are more than the \(rows) there are")
    try require(
      table.labels == nil || table.labels!.count == rows,
      "there are \(table.labels?.count ?? 0) labels for \(rows) rows")
    // Inputs are looked at where they are copied, which can be interrupted.
    try require(
      (table.labels ?? []).allSatisfy(\.isFinite), "labels must be finite numbers")
  }
}
