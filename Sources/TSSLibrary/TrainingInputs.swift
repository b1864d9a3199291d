import Groundwork
import TSSLanguage

/// Real inputs and labels out of the arguments of a call: whatever `load` makes of a file.
struct TrainingInputs {
  private let call: Call
  private let inputs: Value

  init(_ call: Call) {
    self.call = call
    inputs = call["inputs"] ?? .nothing
  }

  /// One row a sample, all numbers finite; and a label for each where labels are given.
  var parts: (inputs: Matrix, labels: [Double]?) {
    get throws(Diagnostic) {
      var labels: [Double]?
      let matrix: Matrix
      if case .record(let record) = inputs {
        (matrix, labels) = try columns(of: record)
      } else {
        matrix = try self.matrix
        if case .string(let name)? = call["labels"] {
          throw call.error(
            "`labels` = \"\(name)\" names a column, but `inputs` has no names", code: "type",
            at: "labels", help: "labels=[…]")
        }
      }
      guard matrix.rows > 0, matrix.columns > 0 else {
        throw call.error("`inputs` is empty", at: "inputs")
      }
      guard matrix.rows > 1 else {
        throw call.error(
          "`inputs` has one row; at least one to learn from and one to test on are needed",
          at: "inputs")
      }
      if let bad = try firstNotFinite(matrix.elements) {
        throw call.error(
          "`inputs` holds \(matrix.elements[bad].printed) in row \(bad / matrix.columns + 1), "
            + "column \(bad % matrix.columns + 1); inputs are finite numbers", at: "inputs")
      }
      if labels == nil, call["labels"] != nil { labels = try givenLabels }
      if let labels { try check(labels, rows: matrix.rows) }
      return (matrix, labels)
    }
  }

  private func firstNotFinite(_ numbers: [Double]) throws(Diagnostic) -> Int? {
    let part = 1 << 20
    for start in stride(from: 0, to: numbers.count, by: part) {
      try call.context.poll()
      let end = min(start + part, numbers.count)
      if let bad = numbers[start..<end].firstIndex(where: { !$0.isFinite }) { return bad }
    }
    return nil
  }

  /// A matrix, a list of rows, or a list of images, each of which becomes a row.
  private var matrix: Matrix {
    get throws(Diagnostic) {
      if case .matrix(let matrix) = inputs { return matrix }
      guard case .list(let rows) = inputs, inputs.numbers == nil else {
        throw call.mismatch(
          "inputs", wants: "a matrix with one row for each sample",
          help: "inputs=load(\"digits.npz\").data")
      }
      var elements: [Double] = []
      var width: Int?
      for (index, row) in rows.enumerated() {
        guard let numbers = Self.numbers(row) else {
          throw call.error(
            "row \(index + 1) of `inputs` is no list of numbers, but \(row.kindName)",
            code: "type", at: "inputs")
        }
        if let width, numbers.count != width {
          throw call.error(
            "the rows of `inputs` differ in length: the first has \(width) numbers, row "
              + "\(index + 1) has \(numbers.count)", code: "shape", at: "inputs")
        }
        width = numbers.count
        elements += numbers
      }
      return Matrix(rows: rows.count, columns: width ?? 0, elements: elements)
    }
  }

  /// A list of numbers or an image, row by row.
  private static func numbers(_ value: Value) -> [Double]? {
    if case .matrix(let image) = value { image.elements } else { value.numbers }
  }

  /// The columns of a table file, without that of the labels where they are given by its name.
  private func columns(
    of record: Record
  ) throws(Diagnostic) -> (inputs: Matrix, labels: [Double]?) {
    if record.names == ["λ", "fractions"] {
      throw call.error(
        "this record is a spectrum, not data", code: "type", at: "inputs",
        help: "inputs=gaussian(..\(call.span(of: "inputs")?.text ?? "spectrum"))")
    }
    var labels: [Double]?
    var columns: [[Double]] = []
    var labelName: String?
    if case .string(let name)? = call["labels"] {
      labelName = Greek.canonicalName(name)
      guard record[labelName!] != nil else {
        throw call.error(
          "`inputs` has no column \"\(name)\"", code: "unknown-field", at: "labels",
          help: Suggestions.help(for: name, among: record.names))
      }
    }
    for (name, value) in record.fields {
      guard let numbers = value.numbers else {
        var help: String?
        if case .matrix = value { help = "inputs=\(call.span(of: "inputs")?.text ?? "d").\(name)" }
        throw call.error(
          "the column \"\(name)\" of `inputs` is no list of numbers, but \(value.kindName)",
          code: "type", at: "inputs", help: help)
      }
      if name == labelName { labels = numbers } else { columns.append(numbers) }
    }
    let rows = columns.first?.count ?? 0
    guard columns.allSatisfy({ $0.count == rows }) else {
      throw call.error("the columns of `inputs` differ in length", code: "shape", at: "inputs")
    }
    return (Matrix(rows: rows, columns: columns.count) { columns[$1][$0] }, labels)
  }

  private var givenLabels: [Double] {
    get throws(Diagnostic) {
      switch call["labels"] {
      case .matrix(let matrix)? where matrix.columns == 1 || matrix.rows == 1:
        return matrix.elements
      case let value?:
        guard let numbers = value.numbers else {
          throw call.mismatch("labels", wants: "a list of numbers")
        }
        return numbers
      case nil: return []
      }
    }
  }

  private func check(_ labels: [Double], rows: Int) throws(Diagnostic) {
    guard labels.count == rows else {
      throw call.error(
        "there are \(labels.count) labels for \(rows) rows of `inputs`", code: "shape",
        at: "labels")
    }
    if let bad = labels.firstIndex(where: { !$0.isFinite }) {
      throw call.error(
        "label \(bad + 1) is \(labels[bad].printed); labels are finite numbers", at: "labels")
    }
  }
}
