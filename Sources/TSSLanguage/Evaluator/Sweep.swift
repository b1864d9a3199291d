import Groundwork
import Synchronization

extension Compiler {
  /// `sweep K in 4:10, seed in 1:20 { … }`
  mutating func sweep(_ binders: [Binder], _ body: Block, _ span: Span) -> Code {
    var axes: [(name: Identifier, values: Expression, code: Piece)] = []
    for binder in binders { axes.append((binder.name, binder.values, Piece(code(binder.values)))) }
    let inner = resolution[body]!
    let outer = scope
    scope = inner
    let code = block(body, isTail: true)
    scope = outer
    let template = Template(
      name: nil, signature: Signature(binders.map { Parameter($0.name.name) }),
      documentation: Documentation(""), span: span, scope: inner, code: code,
      defaults: binders.map { _ in nil }, isLibrary: isLibrary)
    let make = make(template, inner)
    return { (slots, strand) throws(Unwinding) in
      var evaluated: [Table.Axis] = []
      var count = 1
      for (name, values, code) in axes {
        let value = try code.run(slots, strand)
        let axis = try locating(values.span) { () throws(Diagnostic) in
          Table.Axis(name: name.name, values: try Sweep.axis(name.name, value))
        }
        evaluated.append(axis)
        count = count.multipliedReportingOverflow(by: axis.values.count).partialValue
        guard count <= Sweep.maximumCells else {
          throw Unwinding("memory", "a sweep has at most \(Sweep.maximumCells) cells", at: span)
        }
      }
      guard case .function(let function) = try make(slots, strand),
        let closure = function as? Closure, let context = strand.pointee.context
      else { return .nothing }
      let sweep = Sweep(body: closure, axes: evaluated)
      do throws(Diagnostic) {
        let table = try sweep.run(in: context)
        strand.stopIfInterrupted(context.machine)
        return .table(table)
      } catch {
        throw Unwinding(error)
      }
    }
  }
}

/// The cells of a sweep: the body called at each point of the grid, in parallel.
struct Sweep: Sendable {
  let body: Closure
  let axes: [Table.Axis]

  static let maximumCells = 1 << 24

  /// The values of an axis: not empty, without repeats.
  static func axis(_ name: String, _ value: Value) throws(Diagnostic) -> [Value] {
    guard case .list(let values) = value else {
      throw .runtime(
        "axis", "an axis of a sweep is a list, not \(value.kindName)",
        help: { if case .number(let number) = value { "`[\(number.printed)]`" } else { nil } }())
    }
    guard !values.isEmpty else {
      throw .runtime("axis", "the axis `\(name)` has no values")
    }
    if let repeated = firstRepeat(values) {
      throw .runtime(
        "axis", "the axis `\(name)` has the value \(repeated.printed()) twice")
    }
    return values
  }

  private static func firstRepeat(_ values: [Value]) -> Value? {
    if let numbers = Value.list(values).numbers {
      let sorted = numbers.sorted()
      return zip(sorted, sorted.dropFirst()).first { Operations.areNear($0, $1) }
        .map { .number($1) }
    }
    for (index, value) in values.enumerated() {
      if values[..<index].contains(where: { Operations.areNear($0, value) }) { return value }
    }
    return nil
  }

  /// Computes all cells.
  func run(in context: Evaluation) throws(Diagnostic) -> Table {
    let count = axes.reduce(1) { $0 * $1.values.count }
    return try resume(
      Table(
        axes: axes, cells: .init(repeating: .nothing, count: count), unreached: Array(0..<count)),
      context)
  }

  /// Computes the cells that are not reached yet. Where the user stops it, the finished ones are
  /// its value, as with a run, and kept as the partial result; the program stops behind it.
  private func resume(_ table: Table, _ context: Evaluation) throws(Diagnostic) -> Table {
    let run = SweepRun(self, table, context)
    Workers.run(count: table.unreached.count, threads: context.threads) { run.perform($0) }
    let (cells, unreached, fatal) = run.result
    let result = Table(axes: axes, cells: cells, unreached: unreached) {
      (table, context) throws(Diagnostic) in
      guard let context = context as? Evaluation else {
        throw .runtime("resume", "this sweep belongs to another interpreter")
      }
      return try resume(table, context)
    }
    if unreached.isEmpty { return result }
    context.keepPartial(.table(result))
    if let fatal { throw fatal }
    return result
  }
}

/// One pass over the cells that are left, shared by its threads.
private final class SweepRun: Sendable {
  private enum Outcome {
    case value(Value)
    case failure(Diagnostic)
  }

  private struct State {
    var outcomes: [Outcome?]
    var done = 0
    /// Failures are reported in the order of the cells, as far as all before them are done.
    var reported = 0
    var isStopped = false
    /// What ends the whole sweep: a limit that is used up.
    var fatal: Diagnostic?
  }

  private let sweep: Sweep
  private let table: Table
  private let context: Evaluation
  /// What the cells are given: their engines show no progress of their own.
  private let quiet: Evaluation
  private let state: Mutex<State>

  init(_ sweep: Sweep, _ table: Table, _ context: Evaluation) {
    self.sweep = sweep
    self.table = table
    self.context = context
    quiet = Evaluation(context.machine, isQuiet: true, view: context.view)
    state = Mutex(State(outcomes: .init(repeating: nil, count: table.unreached.count)))
  }

  /// Computes one of the cells that are left.
  func perform(_ index: Int) {
    if state.withLock({ $0.isStopped }) || context.machine.interrupt.isRequested { return }
    let cell = table.unreached[index]
    let coordinates = table.coordinates(ofCell: cell)
    let outcome: Outcome
    do {
      outcome = .value(try compute(coordinates.map(\.value)))
    } catch {
      if case .interrupted = error.stage { return }
      if error.code == "step-limit" {
        state.withLock {
          $0.isStopped = true
          $0.fatal = error
        }
        return
      }
      outcome = .failure(describe(error, coordinates))
    }
    finish(index, outcome)
  }

  private func compute(_ values: [Value]) throws(Diagnostic) -> Value {
    let body = sweep.body
    return try quiet.entering { (strand) throws(Diagnostic) in
      do throws(Unwinding) {
        let size = body.template.frameSize
        let frame = try Calls.push(size, strand, nil)
        defer { strand.pop(frame, size) }
        for (slot, value) in values.enumerated() { frame[slot] = value }
        let value = try Calls.enter(body, frame, strand, nil)
        // An engine that was stopped gave what it had: the cell is not reached.
        try strand.stopBetweenStatements()
        return value
      } catch {
        throw error.diagnostic ?? .runtime("return", "`return` outside of a function")
      }
    }
  }

  private func describe(
    _ error: Diagnostic, _ coordinates: [(name: String, value: Value)]
  ) -> Diagnostic {
    var error = error
    let place = coordinates.map { "\($0.name) = \($0.value.printed())" }.joined(separator: ", ")
    error.message = "in the cell \(place): \(error.message)"
    return error
  }

  private func finish(_ index: Int, _ outcome: Outcome) {
    let done = state.withLock { state in
      state.outcomes[index] = outcome
      state.done += 1
      // Inside the lock, or two threads might report out of order.
      while state.reported < state.outcomes.count, let next = state.outcomes[state.reported] {
        if case .failure(let diagnostic) = next { context.machine.host.report(diagnostic) }
        state.reported += 1
      }
      return state.done + table.cells.count - table.unreached.count
    }
    let decision = context.progress(
      ProgressReport(
        task: "sweep", fraction: Double(done) / Double(table.cells.count),
        detail: "\(done) of \(table.cells.count) cells"))
    if case .stop = decision { state.withLock { $0.isStopped = true } }
  }

  /// All cells, those that were not reached, and what ended the sweep.
  var result: (cells: [Value], unreached: [Int], fatal: Diagnostic?) {
    state.withLock { state in
      var cells = table.cells
      var unreached: [Int] = []
      var failures: [Diagnostic] = []
      for (cell, outcome) in zip(table.unreached, state.outcomes) {
        switch outcome {
        case .value(let value): cells[cell] = value
        case .failure(let diagnostic): failures.append(diagnostic)
        case nil: unreached.append(cell)
        }
      }
      context.machine.recordFailedCells(failures)
      return (cells, unreached, state.fatal)
    }
  }
}
