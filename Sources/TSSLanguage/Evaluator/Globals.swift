/// A variable at the top level of a program.
///
/// Its storage is raw memory: compiled code reads it at each call, and a class property would be
/// checked for exclusive access each time. Only the top level writes, from one thread.
final class Cell: @unchecked Sendable {
  let name: String
  let slot: UnsafeMutablePointer<Value?>
  /// The closure that `slot` holds, for calls that take no reference of their own.
  let callee: UnsafeMutablePointer<Unmanaged<Closure>?>
  /// The host function that `slot` holds.
  let builtin: UnsafeMutablePointer<Unmanaged<Builtin>?>
  /// Whether the program gave it its value, not the vocabulary.
  var isOwn = false

  init(name: String, value: Value?) {
    self.name = name
    slot = .allocate(capacity: 1)
    slot.initialize(to: nil)
    callee = .allocate(capacity: 1)
    callee.initialize(to: nil)
    builtin = .allocate(capacity: 1)
    builtin.initialize(to: nil)
    store(value)
  }

  func store(_ value: Value?) {
    slot.pointee = value
    callee.pointee = nil
    builtin.pointee = nil
    guard case .function(let function)? = value else { return }
    if type(of: function) == Closure.self {
      callee.pointee = .passUnretained(unsafeDowncast(function, to: Closure.self))
    } else if type(of: function) == Builtin.self {
      builtin.pointee = .passUnretained(unsafeDowncast(function, to: Builtin.self))
    }
  }

  deinit {
    slot.deinitialize(count: 1)
    slot.deallocate()
    callee.deallocate()
    builtin.deallocate()
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
  /// Functions that the host replaced: one may be running, called without a reference of its own.
  private var retired: [Value?] = []

  init(base: @escaping (String) -> Value?, baseNames: @escaping () -> [String]) {
    self.base = base
    self.baseNames = baseNames
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
    let cell = Cell(name: name, value: base(name))
    cells[name] = cell
    return cell
  }

  subscript(name: String) -> Value? {
    get { cells[name]?.slot.pointee ?? base(name) }
    set {
      let cell = cell(name)
      if case .function? = cell.slot.pointee { retired.append(cell.slot.pointee) }
      cell.store(newValue ?? base(name))
      cell.isOwn = newValue != nil
    }
  }

  /// Lets go of what the host replaced; called when nothing runs.
  func releaseRetired() { retired = [] }

  func baseValue(_ name: String) -> Value? { base(name) }

  func isOwn(_ name: String) -> Bool {
    guard let cell = cells[name] else { return false }
    return cell.isOwn && cell.slot.pointee != nil
  }

  /// The names that the program has given a value.
  var ownNames: [String] {
    cells.values.filter { $0.isOwn && $0.slot.pointee != nil }.map(\.name).sorted()
  }

  /// Those that fit, in no order: completion asks for a few of thousands.
  func ownNames(where fits: (String) -> Bool) -> [String] {
    cells.values.filter { fits($0.name) && $0.isOwn && $0.slot.pointee != nil }.map(\.name)
  }

  var own: [String: Value] {
    var values: [String: Value] = [:]
    for cell in cells.values where cell.isOwn { values[cell.name] = cell.slot.pointee }
    return values
  }

  /// Puts back what `own` gave.
  func restore(_ values: [String: Value]) {
    for cell in cells.values {
      if case .function? = cell.slot.pointee { retired.append(cell.slot.pointee) }
      cell.store(values[cell.name] ?? base(cell.name))
      cell.isOwn = values[cell.name] != nil
    }
    for (name, value) in values where cells[name] == nil { self[name] = value }
  }
}
