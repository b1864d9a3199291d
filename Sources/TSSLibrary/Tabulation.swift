import Groundwork
import LearningDynamics
import TSSData
import TSSLanguage

/// Values as the columns of a table file and as named arrays: what CSV and NPZ have in common.
enum Tabulation {
  /// A column of a table file.
  struct Column {
    var name: String
    var cells: [Value]
  }

  // MARK: Columns

  /// The columns of a value, or nil where it has none of equal length.
  static func columns(of value: Value) -> [Column]? {
    switch value {
    case .object(let object as RunObject): return columns(of: object)
    case .table(let table): return columns(of: table)
    case .matrix(let matrix):
      return (0..<matrix.columns).map { j in
        Column(name: "x\(j + 1)", cells: matrix.column(j).map { .number($0) })
      }
    case .list(let elements):
      if elements.isEmpty { return [Column(name: "x", cells: [])] }
      if case .record(let first) = elements[0] { return columns(ofRecords: elements, first) }
      return elements.allSatisfy(isScalar) ? [Column(name: "x", cells: elements)] : nil
    case .record(let record):
      var columns: [Column] = []
      for (name, field) in record.fields {
        if case .list(let cells) = field {
          columns.append(Column(name: name, cells: cells))
        } else {
          columns.append(Column(name: name, cells: [field]))
        }
      }
      let isRectangular = Set(columns.map(\.cells.count)).count <= 1
      return isRectangular && columns.allSatisfy { $0.cells.allSatisfy(isScalar) } ? columns : nil
    case .number, .string, .bool: return [Column(name: "x", cells: [value])]
    default: return nil
    }
  }

  private static func isScalar(_ value: Value) -> Bool {
    switch value {
    case .number, .string, .bool, .word, .nothing: true
    default: false
    }
  }

  private static func columns(ofRecords rows: [Value], _ first: Record) -> [Column]? {
    var columns = first.names.map { Column(name: $0, cells: []) }
    for row in rows {
      guard case .record(let record) = row, record.names == first.names,
        record.values.allSatisfy(isScalar)
      else { return nil }
      for (index, value) in record.values.enumerated() { columns[index].cells.append(value) }
    }
    return columns
  }

  /// α, steps, eg (and sem, train), then Q, R and v element by element.
  private static func columns(of run: RunObject) -> [Column] {
    var columns: [Column] = []
    for name in ["α", "steps", "eg", "sem", "train"] {
      if case .list(let cells)? = run.field(name) {
        columns.append(Column(name: name, cells: cells))
      }
    }
    let samples = run.samples
    guard let state = samples.first?.state else { return columns }
    func add(_ name: String, _ element: (OrderParameters) -> Double) {
      columns.append(Column(name: name, cells: samples.map { .number(element($0.state)) }))
    }
    let K = state.Q.rows, M = state.R.columns
    for i in 0..<K { for k in i..<K { add(subscripted("Q", i, k, max(K, M))) { $0.Q[i, k] } } }
    for i in 0..<K { for n in 0..<M { add(subscripted("R", i, n, max(K, M))) { $0.R[i, n] } } }
    for i in 0..<K { add("v\(i + 1)") { $0.v[i] } }
    return columns
  }

  /// `Q12`, or `Q1_12` where an index has two digits.
  private static func subscripted(_ name: String, _ i: Int, _ j: Int, _ largest: Int) -> String {
    largest < 10 ? "\(name)\(i + 1)\(j + 1)" : "\(name)\(i + 1)_\(j + 1)"
  }

  /// One row a cell: its coordinates, then its value, or the fields of its record.
  private static func columns(of table: Table) -> [Column]? {
    var columns = table.axes.map { Column(name: $0.name, cells: []) }
    for index in table.cells.indices {
      var rest = index
      for (position, axis) in table.axes.enumerated().reversed() {
        columns[position].cells.append(axis.values[rest % axis.values.count])
        rest /= axis.values.count
      }
    }
    if table.cells.allSatisfy(isScalar) {
      columns.append(Column(name: "value", cells: table.cells))
      return columns
    }
    guard
      let first = table.cells.lazy.compactMap({ cell -> Record? in
        if case .record(let record) = cell { record } else { nil }
      }).first
    else { return nil }
    let blank = Value.record(Record(first.names.map { ($0, .nothing) }))
    let rows = table.cells.map { cell -> Value in if case .nothing = cell { blank } else { cell } }
    return Self.columns(ofRecords: rows, first).map { columns + $0 }
  }

  // MARK: Arrays

  /// The named arrays of a value, or nil where it has none.
  static func arrays(of value: Value) -> [NPZ.Entry]? {
    switch value {
    case .object(let object as RunObject): return arrays(of: object)
    case .table(let table): return arrays(of: table)
    case .record(let record):
      var arrays: [NPZ.Entry] = []
      for (name, field) in record.fields {
        guard let array = array(field) else { return nil }
        arrays.append((name, array))
      }
      return arrays
    default: return array(value).map { [("x", $0)] }
    }
  }

  private static func array(_ value: Value) -> NPYValue? {
    if let numbers = numbers(value) { return .numbers(numbers) }
    switch value {
    case .string(let text), .word(let text): return .strings(shape: [], [text])
    case .list(let elements) where !elements.isEmpty:
      let texts = elements.compactMap { element -> String? in
        switch element {
        case .string(let text), .word(let text): text
        default: nil
        }
      }
      return texts.count == elements.count ? .strings(shape: [texts.count], texts) : nil
    default: return nil
    }
  }

  /// A number, a list of numbers, a matrix, or a list of arrays of one shape; `nothing` is nan.
  private static func numbers(_ value: Value) -> NDArray? {
    switch value {
    case .number(let number): return NDArray(number)
    case .bool(let bool): return NDArray(bool ? 1 : 0)
    case .nothing: return NDArray(.nan)
    case .matrix(let matrix):
      return NDArray(shape: [matrix.rows, matrix.columns], values: matrix.elements)
    case .list(let elements):
      if let numbers = value.numbers { return NDArray(numbers) }
      var parts: [NDArray] = []
      for element in elements {
        guard let part = numbers(element), part.shape == parts.first?.shape ?? part.shape else {
          return nil
        }
        parts.append(part)
      }
      return NDArray(
        shape: [elements.count] + (parts.first?.shape ?? []), values: parts.flatMap(\.values))
    default: return nil
    }
  }

  private static func arrays(of run: RunObject) -> [NPZ.Entry] {
    var arrays: [NPZ.Entry] = []
    for (field, name) in [
      ("α", "alpha"), ("steps", "steps"), ("eg", "eg"), ("sem", "sem"),
      ("train", "train"), ("P", "P"), ("Q", "Q"), ("R", "R"),
      ("v", "v"), ("T", "T"), ("phases", "phases"), ("K", "K"), ("M", "M"), ("N", "N"),
      ("seed", "seed"), ("samples", "samples"), ("seconds", "seconds"),
    ] {
      if let value = run.field(field), let array = array(value) { arrays.append((name, array)) }
    }
    let kept = run.isEnsemble ? [] : run.first.keptWeights
    if let shape = kept.first?.w {
      arrays.append(("w_alpha", .numbers(NDArray(kept.map(\.alpha)))))
      arrays.append(
        (
          "w",
          .numbers(
            NDArray(
              shape: [kept.count, shape.rows, shape.columns], values: kept.flatMap(\.w.elements)))
        ))
    }
    return arrays
  }

  /// The axes by their names, then `values` in their shape.
  private static func arrays(of table: Table) -> [NPZ.Entry]? {
    // A cell that failed has the shape of the others, filled with nan.
    let shape =
      table.cells.lazy.compactMap { cell -> [Int]? in
        if case .nothing = cell { nil } else { numbers(cell)?.shape }
      }.first ?? []
    var values: [Double] = []
    for cell in table.cells {
      if case .nothing = cell {
        values += [Double](repeating: .nan, count: shape.reduce(1, *))
      } else {
        guard let array = numbers(cell), array.shape == shape else { return nil }
        values += array.values
      }
    }
    var entries: [NPZ.Entry] = []
    for axis in table.axes {
      let words = axis.values.map { $0.printed() }
      entries.append(
        (axis.name, array(.list(axis.values)) ?? .strings(shape: [words.count], words)))
    }
    let grid = table.axes.map(\.values.count)
    return entries + [("values", .numbers(NDArray(shape: grid + shape, values: values)))]
  }

  /// A number, a list, a matrix, or lists of these for more dimensions.
  static func value(of array: NPYValue) -> Value {
    switch array {
    case .numbers(let numbers): return value(shape: numbers.shape, numbers.values[...])
    case .strings(let shape, let texts):
      return shape.isEmpty ? .string(texts.first ?? "") : .list(texts.map { .string($0) })
    }
  }

  /// A list, or a matrix with one row for each element of the first dimension: images come as rows.
  static func value(of array: NDArray) -> Value {
    guard array.shape.count > 2 else { return value(shape: array.shape, array.values[...]) }
    // Without places, the other extents may have no product.
    let columns = array.values.isEmpty ? 0 : array.shape.dropFirst().reduce(1, *)
    return .matrix(Matrix(rows: array.shape[0], columns: columns, elements: array.values))
  }

  private static func value(shape: [Int], _ values: ArraySlice<Double>) -> Value {
    switch shape.count {
    case 0: return .number(values.first ?? .nan)
    case 1: return Value(Array(values))
    case 2:
      return .matrix(Matrix(rows: shape[0], columns: shape[1], elements: Array(values)))
    default:
      let size = shape.dropFirst().reduce(1, *)
      return .list(
        (0..<shape[0]).map { i in
          let start = values.startIndex + i * size
          return value(shape: Array(shape.dropFirst()), values[start..<start + size])
        })
    }
  }
}
