/// Why a function cannot become a tape.
public struct TapeProblem: Error, Sendable, Hashable {
  /// One sentence: what stands in the way.
  public var message: String
  /// The smallest piece of program that does; nil where no text is at fault.
  public var span: Span?

  public init(_ message: String, at span: Span? = nil) {
    self.message = message
    self.span = span
  }

  /// The same as an error of a running program.
  public var diagnostic: Diagnostic { .runtime("tape", message, at: span) }
}

/// A pure function of one number, with its derivative, as straight-line code that runs on blocks
/// of numbers.
///
/// What it may be made of: numbers and truth values, arithmetic, comparisons, `and`, `or`, `not`,
/// `if`, `for` over ranges of constants, local names, calls of functions that are made of the same
/// (they are inlined, so a recursion must end by constants alone), and the host's functions of
/// numbers by their names.
/// Both branches of an `if` are computed and one is kept; its derivative is that of the branch
/// that the condition takes, also at a kink.
///
/// A tape is a snapshot: outer variables have the values that they have when it is made, and keep
/// them. Whole powers up to the 8th are products; where the language calls `pow`, the last digits
/// may differ.
public struct Tape: Sendable {
  /// Numbers that are computed at once.
  private static let blockSize = 256

  private let whole: TapeProgram
  /// The steps for the values alone.
  private let values: TapeProgram
  /// The steps as they were written, and those among them that choose.
  private let graph: TapeGraph
  private let choices: [Int]

  /// The number of elementary operations for a number and its derivative.
  public var stepCount: Int { whole.instructions.count }

  /// Makes the tape of a function that can be called with one argument; its other parameters have
  /// their defaults. Not to be called while another thread assigns the function's outer variables.
  public init(of function: Function) throws(TapeProblem) {
    var writer = TapeWriter()
    let value = try writer.write(function)
    let derivative = writer.graph.differentiate(value)
    self.init(writer.graph, value, derivative)
  }

  private init(_ graph: TapeGraph, _ value: Int, _ derivative: Int) {
    whole = TapeProgram(graph, results: [value, derivative])
    values = TapeProgram(graph, results: [value])
    self.graph = graph
    choices = graph.needed(for: [value]).filter { graph.steps[$0].operation.isChoice }
  }

  /// Where a condition of the function changes, or `abs`, `min`, `floor` and the like do: the
  /// places in the range at which the function or a derivative of it may jump, in increasing
  /// order. At most `most` are looked for.
  public func switches(in range: ClosedRange<Double>, most: Int = 100) -> [Double] {
    if choices.isEmpty { return [] }
    let intervals = 4000
    let step = (range.upperBound - range.lowerBound) / Double(intervals)
    // Off the round numbers, which are the places that people use.
    let grid = (0...intervals).map { range.lowerBound + step * (Double($0) + 0.137) }
    var found: [Double] = []
    func search(_ low: Double, _ high: Double, _ atLow: [Double], _ atHigh: [Double]) {
      guard atLow != atHigh, found.count < most else { return }
      let middle = 0.5 * (low + high)
      if high - low < 1e-13 * max(1, abs(low)) {
        let round = (middle * 1e6).rounded() / 1e6
        found.append(abs(middle - round) < 1e-11 ? round : middle)
        return
      }
      let atMiddle = graph.choose(choices, at: middle)
      search(low, middle, atLow, atMiddle)
      search(middle, high, atMiddle, atHigh)
    }
    var before = graph.choose(choices, at: grid[0])
    for (low, high) in Swift.zip(grid, grid.dropFirst()) {
      let here = graph.choose(choices, at: high)
      search(low, high, before, here)
      before = here
    }
    return found
  }

  /// g and, where asked for, g′ of `count` numbers. May be called from several threads at once; `g`
  /// or `dg` may be the argument's array.
  public func evaluate(
    _ x: UnsafePointer<Double>, count: Int, g: UnsafeMutablePointer<Double>,
    dg: UnsafeMutablePointer<Double>?
  ) {
    guard count > 0 else { return }
    let width = min(count, Self.blockSize)
    let program = dg == nil ? values : whole
    withUnsafeTemporaryAllocation(of: Double.self, capacity: program.rowCount * width) { scratch in
      let rows = scratch.baseAddress!
      program.fillConstants(rows, width)
      var start = 0
      while start < count {
        let size = min(width, count - start)
        rows.update(from: x + start, count: size)
        program.run(rows, width, size)
        (g + start).update(from: rows + program.resultRows[0] * width, count: size)
        if let dg { (dg + start).update(from: rows + program.resultRows[1] * width, count: size) }
        start += size
      }
    }
  }
}
