/// Straight-line code on rows of numbers that computes some of a graph's steps.
struct TapeProgram: Sendable {
  struct Instruction {
    var operation: TapeOperation
    var target: Int
    var a: Int
    var b: Int
    var c: Int
  }

  /// Rows 1, 2, …; row 0 is the argument.
  let constants: [Double]
  let instructions: [Instruction]
  let rowCount: Int
  /// Where the results are.
  let resultRows: [Int]

  /// Gives each step a row, and the row of a step that is read no more to a later one.
  init(_ graph: TapeGraph, results: [Int]) {
    let steps = graph.needed(for: results)
    var lastReader: [Int: Int] = [:]
    for index in steps {
      for operand in graph.steps[index].operands { lastReader[operand] = index }
    }
    for result in results { lastReader[result] = Int.max }
    var rows: [Int: Int] = [0: 0]
    var constants: [Double] = []
    for index in steps {
      guard let number = graph.value(of: index) else { continue }
      constants.append(number)
      rows[index] = constants.count
    }
    var rowCount = 1 + constants.count
    var free: [Int] = []
    var instructions: [Instruction] = []
    for index in steps where rows[index] == nil {
      let step = graph.steps[index]
      let operands = step.operands.map { rows[$0]! }
      for operand in Set(step.operands) where lastReader[operand] == index {
        if rows[operand]! > constants.count { free.append(rows[operand]!) }
      }
      let row = free.popLast() ?? rowCount
      if row == rowCount { rowCount += 1 }
      rows[index] = row
      instructions.append(
        Instruction(
          operation: step.operation, target: row, a: operands[0],
          b: operands.count > 1 ? operands[1] : operands[0],
          c: operands.count > 2 ? operands[2] : operands[0]))
    }
    self.constants = constants
    self.instructions = instructions
    self.rowCount = rowCount
    resultRows = results.map { rows[$0]! }
  }

  func fillConstants(_ rows: UnsafeMutablePointer<Double>, _ width: Int) {
    for (index, number) in constants.enumerated() {
      (rows + (index + 1) * width).initialize(repeating: number, count: width)
    }
  }

  /// Computes the first `size` numbers of rows of `width`.
  func run(_ rows: UnsafeMutablePointer<Double>, _ width: Int, _ size: Int) {
    instructions.withUnsafeBufferPointer { instructions in
      for step in instructions {
        TapeKernels.run(
          step.operation, rows + step.target * width, rows + step.a * width,
          rows + step.b * width, rows + step.c * width, size)
      }
    }
  }
}
