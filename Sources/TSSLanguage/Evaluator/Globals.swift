/// What a variable of the top level holds.
struct CellContents {
  var value: Value?
  /// The closure that `value` is, for calls that take no reference of their own.
  var callee: Unmanaged<Closure>?
  /// The host function that `value` is.
  var builtin: Unmanaged<Builtin>?

  init(_ value: Value?) {
    self.value = value
    guard case .function(let function)? = value else { return }
    if type(of: function) == Closure.self {
      callee = .passUnretained(unsafeDowncast(function, to: Closure.self))
    } else if type(of: function) == Builtin.self {
      builtin = .passUnretained(unsafeDowncast(function, to: Builtin.self))
    }
  }
}

/// A variable at the top level of a program.
///
/// Its storage is raw memory: compiled code reads it at each call, and a class property would be
/// checked for exclusive access each time. Only the top level writes, from one thread, and jobs,
/// which run meanwhile, do not read it: they have a `GlobalsView`.
final class Cell: @unchecked Sendable {
  let name: String
  /// Its place in views; -1 in the standard library, which does not change.
  let number: Int
  let contents: UnsafeMutablePointer<CellContents>
  /// Whether the program gave it its value, not the vocabulary.
  var isOwn = false

  init(name: String, number: Int, value: Value?) {
    self.name = name
    self.number = number
    contents = .allocate(capacity: 1)
    contents.initialize(to: CellContents(value))
  }

  var value: Value? { contents.pointee.value }

  func store(_ value: Value?) { contents.pointee = CellContents(value) }

  deinit {
    contents.deinitialize(count: 1)
    contents.deallocate()
  }
}

/// The names of the top level: of a session, of the standard library, of one of its modules.
///
/// Each has its own, with the vocabulary beneath, so that a session that redefines `erf` does not
/// change what the standard library does.
final class Globals {
  /// What a name means that the program has not defined.
  private let base: (String) -> Value?
  let baseNames: () -> [String]
  private var cells: [String: Cell] = [:]
  /// Whether jobs may be started that see these names as they are.
  let hasViews: Bool
  /// Functions that the host replaced: one may be running, called without a reference of its own.
  private var retired: [Value?] = []

  init(
    base: @escaping (String) -> Value?, baseNames: @escaping () -> [String], hasViews: Bool = false
  ) {
    self.base = base
    self.baseNames = baseNames
    self.hasViews = hasViews
  }

  /// Functions of the top level refer to each other through their cells: empty these, or none of
  /// them is ever freed.
  deinit { releaseAll() }

  /// Lets go of all values.
  func releaseAll() {
    for cell in cells.values { cell.store(nil) }
    retired = []
  }

  /// The variable of a name, which starts with what the vocabulary has under it.
  func cell(_ name: String) -> Cell {
    if let known = cells[name] { return known }
    let cell = Cell(name: name, number: hasViews ? cells.count : -1, value: base(name))
    cells[name] = cell
    return cell
  }

  subscript(name: String) -> Value? {
    get { cells[name]?.value ?? base(name) }
    set {
      let cell = cell(name)
      if case .function? = cell.value { retired.append(cell.value) }
      cell.store(newValue ?? base(name))
      cell.isOwn = newValue != nil
    }
  }

  /// Lets go of what the host replaced; called when nothing runs.
  func releaseRetired() { retired = [] }

  func baseValue(_ name: String) -> Value? { base(name) }

  /// All names as they are now, for a job.
  func view() -> GlobalsView { GlobalsView(self, cells, base) }

  /// The value of a name for the program that runs on this thread, which may be a job.
  func current(_ name: String) -> Value? {
    if let view = Evaluation.current?.view, view.isOf(self) { return view[name] }
    return self[name]
  }

  func isOwn(_ name: String) -> Bool {
    guard let cell = cells[name] else { return false }
    return cell.isOwn && cell.value != nil
  }

  /// The names that the program has given a value.
  var ownNames: [String] {
    cells.values.filter { $0.isOwn && $0.value != nil }.map(\.name).sorted()
  }

  /// Those that fit, in no order: completion asks for a few of thousands.
  func ownNames(where fits: (String) -> Bool) -> [String] {
    cells.values.filter { fits($0.name) && $0.isOwn && $0.value != nil }.map(\.name)
  }

  var own: [String: Value] {
    var values: [String: Value] = [:]
    for cell in cells.values where cell.isOwn { values[cell.name] = cell.value }
    return values
  }

  /// Puts back what `own` gave.
  func restore(_ values: [String: Value]) {
    for cell in cells.values {
      if case .function? = cell.value { retired.append(cell.value) }
      cell.store(values[cell.name] ?? base(cell.name))
      cell.isOwn = values[cell.name] != nil
    }
    for (name, value) in values where cells[name] == nil { self[name] = value }
  }
}
