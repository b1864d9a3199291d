import Groundwork

/// A step of the left side of an assignment, evaluated: `x[2]`, `r.a`.
enum Step {
  case index([Subscript], Span)
  case field(String, Span)

  var span: Span {
    switch self {
    case .index(_, let span), .field(_, let span): span
    }
  }
}

extension Operations {
  /// Changes a part of a value in place.
  ///
  /// The caller takes the value out of its variable first: where nothing else refers to it, no
  /// elements are copied, so that filling a list in a loop takes linear time.
  static func assign(
    _ new: Value, into value: inout Value, _ path: ArraySlice<Step>, _ name: String
  ) throws(Diagnostic) {
    guard let step = path.first else {
      value = new
      return
    }
    let rest = path.dropFirst()
    do {
      switch step {
      case .field(let field, _): try assign(new, field: field, of: &value, rest, name)
      case .index(let subscripts, _): try assign(new, at: subscripts, of: &value, rest, name)
      }
    } catch {
      throw error.located(at: step.span)
    }
  }

  private static func assign(
    _ new: Value, field: String, of value: inout Value, _ rest: ArraySlice<Step>, _ name: String
  ) throws(Diagnostic) {
    guard let names = value.recordNames else {
      throw .runtime(
        "type", "only the fields of a record can be assigned, not those of \(value.kindName)")
    }
    guard let position = names.firstIndex(of: field) else {
      var problem = unknownField(field, value, among: names)
      if problem.suggestions.isEmpty {
        problem.help = ["`\(name) = (..\(name), \(field)=…)` adds a field"]
      }
      throw problem
    }
    var values = value.takeRecordValues()
    defer { value = .record(Record(names: names, values: values)) }
    try assignElement(new, &values, position, rest, name)
  }

  /// Changes one element of an array without a second reference to it.
  private static func assignElement(
    _ new: Value, _ values: inout [Value], _ position: Int, _ rest: ArraySlice<Step>,
    _ name: String
  ) throws(Diagnostic) {
    if rest.isEmpty {
      values[position] = new
      return
    }
    var element = Value.nothing
    swap(&element, &values[position])
    defer { swap(&element, &values[position]) }
    try assign(new, into: &element, rest, name)
  }

  private static func assign(
    _ new: Value, at subscripts: [Subscript], of value: inout Value, _ rest: ArraySlice<Step>,
    _ name: String
  ) throws(Diagnostic) {
    if var elements = value.takeList() {
      defer { value = .list(elements) }
      guard subscripts.count == 1 else {
        throw .runtime("index", "a list has one index, not \(subscripts.count)")
      }
      let selection = try select(subscripts[0], elements.count)
      switch selection {
      case .one(let position): try assignElement(new, &elements, position, rest, name)
      case .many(let positions):
        try refuseSlice(rest)
        try assign(new, count: positions.count) { elements[positions[$0]] = $1 }
      }
      return
    }
    if var matrix = value.takeMatrix() {
      defer { value = .matrix(matrix) }
      guard rest.isEmpty else { throw .runtime("type", "the elements of a matrix are numbers") }
      let (rows, columns) = try select(matrix, subscripts, name)
      try assign(new, to: &matrix, rows, columns)
      return
    }
    switch value {
    case .record:
      guard subscripts.count == 1, case .value(.string(let field)) = subscripts[0] else {
        throw .runtime("index", "a record is indexed by the name of a field, as in `r[\"K\"]`")
      }
      try assign(new, field: field, of: &value, rest, name)
    case .string:
      throw .runtime("type", "the characters of a string cannot be assigned")
    default:
      throw .runtime("type", "elements of \(value.kindName) cannot be assigned")
    }
  }

  private static func refuseSlice(_ rest: ArraySlice<Step>) throws(Diagnostic) {
    guard rest.isEmpty else {
      throw .runtime("index", "a part of a slice cannot be assigned; use a loop")
    }
  }

  private static func assign(
    _ new: Value, to matrix: inout Matrix, _ rows: Selection, _ columns: Selection
  ) throws(Diagnostic) {
    let (i, j) = (rows.positions, columns.positions)
    switch (rows, columns) {
    case (.one, .one):
      guard case .number(let number) = new else { throw notNumber(new) }
      matrix[i[0], j[0]] = number
    case (.many, .many):
      switch new {
      case .number(let number): for i in i { for j in j { matrix[i, j] = number } }
      case .matrix(let part):
        guard part.rows == i.count, part.columns == j.count else {
          throw .runtime(
            "shape", "\(new.sizedKindName) does not fit into a slice of \(i.count)×\(j.count)")
        }
        for row in i.indices {
          for column in j.indices { matrix[i[row], j[column]] = part[row, column] }
        }
      default:
        throw .runtime(
          "type", "a slice of a matrix takes a matrix or a number, not \(new.kindName)")
      }
    default:
      let width = j.count
      guard case .list(let values) = new.row.map({ Value($0.elements) }) ?? new else {
        guard case .number(let number) = new else { throw notNumber(new) }
        for i in i { for j in j { matrix[i, j] = number } }
        return
      }
      guard values.count == i.count * j.count else {
        throw wrongLength(values.count, i.count * j.count)
      }
      guard let numbers = Value.list(values).numbers else { throw notNumber(values[0]) }
      for index in numbers.indices { matrix[i[index / width], j[index % width]] = numbers[index] }
    }
  }

  private static func notNumber(_ value: Value) -> Diagnostic {
    .runtime("type", "the elements of a matrix are numbers, not \(value.kindName)")
  }

  private static func wrongLength(_ given: Int, _ wanted: Int) -> Diagnostic {
    .runtime("shape", "a list of \(given) does not fit into a slice of \(wanted)")
  }

  /// A slice takes a list of its length or one number.
  private static func assign(
    _ new: Value, count: Int, _ store: (Int, Value) -> Void
  ) throws(Diagnostic) {
    switch new {
    case .number: for index in 0..<count { store(index, new) }
    case .list(let values):
      guard values.count == count else { throw wrongLength(values.count, count) }
      for index in 0..<count { store(index, values[index]) }
    default:
      throw .runtime("type", "a slice takes a list or a number, not \(new.kindName)")
    }
  }
}

/// Taking a value apart so that its parts have no second owner. Not inlined: a `switch` keeps the
/// value that it looks at until its end, and the copy would cost every assignment O(n).
extension Value {
  @inline(never)
  fileprivate mutating func takeList() -> [Value]? {
    guard case .list(let elements) = self else { return nil }
    self = .nothing
    return elements
  }

  @inline(never)
  fileprivate mutating func takeMatrix() -> Matrix? {
    guard case .matrix(let matrix) = self else { return nil }
    self = .nothing
    return matrix
  }

  @inline(never)
  fileprivate mutating func takeRecordValues() -> [Value] {
    guard case .record(let record) = self else { return [] }
    self = .nothing
    return record.values
  }

  @inline(never)
  fileprivate var recordNames: [String]? {
    if case .record(let record) = self { record.names } else { nil }
  }
}

extension Value? {
  /// Changes element `number`, from 1, of a list in place; false where this is no list that has it.
  @inline(never)
  mutating func replaceElement(_ number: Double, with new: Value) -> Bool {
    guard case .list(var elements)? = self, number >= 1, number <= Double(elements.count),
      number == number.rounded()
    else { return false }
    self = nil
    elements[Int(number) - 1] = new
    self = .list(elements)
    return true
  }
}
