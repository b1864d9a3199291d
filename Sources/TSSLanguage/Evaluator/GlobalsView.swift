/// The names of the top level as they were when a job began.
///
/// Compiled code is shared between threads and reads variables of the top level from their cells,
/// which the top level writes. On the threads of a job it reads the copies here instead: nothing
/// that a job reads is ever written while it runs. Values are immutable, so a copy is a reference.
final class GlobalsView: @unchecked Sendable {
  /// By `Cell.number`.
  let contents: UnsafeMutablePointer<CellContents>
  private let count: Int
  private let cells: [String: Cell]
  private let base: (String) -> Value?
  private let globals: ObjectIdentifier

  init(_ globals: Globals, _ cells: [String: Cell], _ base: @escaping (String) -> Value?) {
    precondition(globals.hasViews)
    self.globals = ObjectIdentifier(globals)
    self.cells = cells
    self.base = base
    count = cells.count
    contents = .allocate(capacity: max(1, count))
    for cell in cells.values {
      (contents + cell.number).initialize(to: cell.contents.pointee)
    }
  }

  deinit {
    contents.deinitialize(count: count)
    contents.deallocate()
  }

  func isOf(_ globals: Globals) -> Bool { self.globals == ObjectIdentifier(globals) }

  subscript(name: String) -> Value? {
    guard let cell = cells[name] else { return base(name) }
    return contents[cell.number].value ?? base(name)
  }
}
