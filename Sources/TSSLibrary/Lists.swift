import Groundwork
import TSSLanguage

/// What lists, and what can be visited like a list, have in common.
extension Call {
  /// The elements that a loop over the argument visits: of a list, a matrix row by row, the cells
  /// of a table, the characters of a string.
  func elements(_ index: Int) throws(Diagnostic) -> [Value] {
    let value = try value(index)
    switch value {
    case .list(let elements): return elements
    case .matrix(let matrix): return matrix.elements.map { .number($0) }
    case .table(let table): return table.cells
    case .string(let string): return string.map { .string(String($0)) }
    default:
      let name = function.signature.parameters[index].name
      var hint: String?
      if case .function = value { hint = "the list comes first: \(function.name ?? "")(xs, f)" }
      throw mismatch(name, wants: "a list", help: hint)
    }
  }

  /// The numbers of a list or a matrix.
  func numbers(_ index: Int) throws(Diagnostic) -> [Double] {
    let value = try value(index)
    if case .matrix(let matrix) = value { return matrix.elements }
    guard let numbers = value.numbers else {
      throw mismatch(function.signature.parameters[index].name, wants: "a list of numbers")
    }
    return numbers
  }

  /// Elements put back into the kind of value they came from: strings stay strings.
  func rebuilt(_ elements: [Value], as original: Value) -> Value {
    guard case .string = original else { return .list(elements) }
    return .string(
      elements.map { if case .string(let character) = $0 { character } else { "" } }.joined())
  }

  /// Refuses sizes that no computer of the house can hold, before memory runs out.
  func checkSize(_ count: Double, at name: String) throws(Diagnostic) {
    guard count <= 5e7 else {
      throw error("\(count.printed) elements are more than the memory holds", at: name)
    }
  }
}

extension StandardVocabulary {
  private static let xs = Parameter.required("xs", "a list; also a matrix, a table or a string")

  /// How many elements a value has; nil where it has none.
  @Sendable private static func count(_ value: Value) -> Value? {
    switch value {
    case .list(let elements): .number(Double(elements.count))
    case .matrix(let matrix): .number(Double(matrix.elements.count))
    case .table(let table): .number(Double(table.cells.count))
    case .string(let string): .number(Double(string.count))
    case .record(let record): .number(Double(record.names.count))
    default: nil
    }
  }

  static func installLists(in v: inout Vocabulary) {
    v.define(
      "count", [.required("xs", "a list, a matrix, a table, a record or a string")],
      result: "number",
      about: "The number of elements of a list, a matrix or a table, of characters of a string.",
      examples: [("count([4, 5, 6])", "3"), ("count(\"η = 1\")", "5")], seeAlso: ["size"],
      quick: .value(count)
    ) { call throws(Diagnostic) in
      guard let count = count(try call.value(0)) else { throw call.mismatch("xs", wants: "a list") }
      return count
    }
    v.define(
      "reverse", [xs], about: "The elements in opposite order.",
      examples: [("reverse(1:3)", "[3, 2, 1]"), ("reverse(\"abc\")", "\"cba\"")],
      seeAlso: ["sort"]
    ) { call throws(Diagnostic) in
      call.rebuilt(try call.elements(0).reversed(), as: try call.value(0))
    }
    v.define(
      "sort",
      [
        xs, .optional("by", "none", "a function that gives the number or string to sort by"),
        .optional("descending", "false", "whether the greatest comes first", isNamedOnly: true),
      ], result: "list",
      about: "The elements in order, equal ones in the order they had; `nan` comes last.",
      examples: [
        ("sort([3, 1, 2])", "[1, 2, 3]"),
        ("sort([\"bb\", \"a\"], by=count)", "[\"a\", \"bb\"]"),
      ], seeAlso: ["reverse", "unique", "argmin"], body: sort)
    v.define(
      "unique", [xs], result: "list", about: "The elements without repeats, in order.",
      examples: [("unique([2, 1, 2])", "[2, 1]")], seeAlso: ["sort", "contains"]
    ) { call throws(Diagnostic) in
      let elements = try call.elements(0)
      if let numbers = Value.list(elements).numbers {
        var seen: Set<Double> = []
        return Value(numbers.filter { seen.insert($0).inserted })
      }
      var kept: [Value] = []
      for element in elements where !kept.contains(where: { Operations.areEqual($0, element) }) {
        try call.context.poll()
        kept.append(element)
      }
      return .list(kept)
    }
    v.define(
      "take", [xs, .required("n", "how many; a negative number counts from the end")],
      about: "The first n elements, or all where there are fewer; the last ones for n < 0.",
      examples: [("take(1:9, 2)", "[1, 2]"), ("take(1:9, -2)", "[8, 9]")], seeAlso: ["drop"]
    ) { call throws(Diagnostic) in
      let (elements, n) = (try call.elements(0), try wholeNumber(call, "n"))
      let part = n < 0 ? elements.suffix(-n) : elements.prefix(n)
      return call.rebuilt(Array(part), as: try call.value(0))
    }
    v.define(
      "drop", [xs, .required("n", "how many; a negative number counts from the end")],
      about: "All but the first n elements; all but the last ones for n < 0.",
      examples: [("drop(1:5, 2)", "[3, 4, 5]"), ("drop(1:5, -2)", "[1, 2, 3]")],
      seeAlso: ["take"]
    ) { call throws(Diagnostic) in
      let (elements, n) = (try call.elements(0), try wholeNumber(call, "n"))
      let part = n < 0 ? elements.dropLast(-n) : elements.dropFirst(n)
      return call.rebuilt(Array(part), as: try call.value(0))
    }
    v.define(
      "contains", [xs, .required("x", "the element, or a piece of the string")], result: "bool",
      about: "Whether a list has an element, a string a piece, or a record a field.",
      examples: [("contains([1, 2], 2)", "true"), ("contains(\"abc\", \"bc\")", "true")],
      seeAlso: ["indexof", "find"]
    ) { call throws(Diagnostic) in
      let wanted = try call.value(1)
      switch (try call.value(0), wanted) {
      case (.string(let text), .string(let piece)): return .bool(text.hasPiece(piece))
      case (.record(let record), .string(let name)): return .bool(record[name] != nil)
      default: return .bool(try call.elements(0).contains { Operations.areEqual($0, wanted) })
      }
    }
    v.define(
      "indexof", [xs, .required("x", "the element")],
      about: "The index of the first element that equals x, or `nothing`.",
      examples: [("indexof([5, 7], 7)", "2")], seeAlso: ["contains", "where", "argmin"]
    ) { call throws(Diagnostic) in
      let wanted = try call.value(1)
      let index = try call.elements(0).firstIndex { Operations.areEqual($0, wanted) }
      return index.map { .number(Double($0 + 1)) } ?? .nothing
    }
    v.define(
      "flatten", [xs], result: "list",
      about: "The elements of lists within lists, and of matrices row by row, as one list.",
      examples: [("flatten([1, [2, [3]]])", "[1, 2, 3]")], seeAlso: ["rows", "matrix"]
    ) { call throws(Diagnostic) in
      var flat: [Value] = []
      func add(_ value: Value) {
        switch value {
        case .list(let elements): for element in elements { add(element) }
        case .matrix(let matrix): flat += matrix.elements.map { .number($0) }
        default: flat.append(value)
        }
      }
      for element in try call.elements(0) { add(element) }
      return .list(flat)
    }
    installRunning(in: &v)
  }

  /// Functions that go along a list of numbers.
  private static func installRunning(in v: inout Vocabulary) {
    let numbers = Parameter.required("xs", "a list of numbers")
    v.define(
      "cumsum", [numbers], result: "list", about: "The sums of the first 1, 2, … elements.",
      examples: [("cumsum([1, 2, 3])", "[1, 3, 6]")], seeAlso: ["sum", "diff", "cumprod"]
    ) { call throws(Diagnostic) in
      var sum = 0.0
      return Value(
        try call.each(call.numbers(0)) {
          sum += $0
          return sum
        })
    }
    v.define(
      "cumprod", [numbers], result: "list", about: "The products of the first 1, 2, … elements.",
      examples: [("cumprod([1, 2, 3])", "[1, 2, 6]")], seeAlso: ["product", "cumsum"]
    ) { call throws(Diagnostic) in
      var product = 1.0
      return Value(
        try call.each(call.numbers(0)) {
          product *= $0
          return product
        })
    }
    v.define(
      "diff", [numbers], result: "list",
      about: "The differences of neighbours; one element fewer.",
      examples: [("diff([1, 4, 9])", "[3, 5]")], seeAlso: ["cumsum"]
    ) { call throws(Diagnostic) in
      let xs = try call.numbers(0)
      return Value(zip(xs.dropFirst(), xs).map { $0 - $1 })
    }
  }

  /// A whole number of either sign.
  static func wholeNumber(_ call: Call, _ name: String) throws(Diagnostic) -> Int {
    let number = try call.number(name)
    guard number == number.rounded(), number.magnitude < 1e15 else {
      throw call.error("`\(name)` must be a whole number, not \(number.printed)", at: name)
    }
    return Int(number)
  }

  private static let sort: Builtin.Body = { call throws(Diagnostic) in
    let elements = try call.elements(0)
    var keys = elements
    if let key = try call.optionalFunction("by") {
      for index in keys.indices {
        keys[index] = try call.context.call(key, [elements[index]])
      }
    }
    let descends = try call.optionalBool("descending") ?? false
    var order: [Int]
    var comparisons = 0
    /// Asks now and then whether the order is still wanted.
    func poll() throws(Diagnostic) {
      comparisons &+= 1
      if comparisons & 0xFFFF == 0 { try call.context.poll() }
    }
    do {
      if let numbers = Value.list(keys).numbers {
        order = try elements.indices.sorted { i, j in
          try poll()
          let (a, b) = (numbers[i], numbers[j])
          if a.isNaN || b.isNaN { return a.isNaN == b.isNaN ? i < j : b.isNaN }
          return a == b ? i < j : (a < b) != descends
        }
      } else {
        var strings: [String] = []
        for key in keys {
          guard case .string(let string) = key else {
            let kinds = Set(keys.map(\.kindName)).sorted()
            throw call.error(
              "numbers or strings can be sorted, not "
                + (kinds.count > 1 ? "\(kinds.joined(separator: " and ")) together" : kinds[0]),
              code: "type", at: call["by"] == nil ? "xs" : "by",
              help: call["by"] == nil ? "say what to sort by: sort(xs, by=x -> x.eg)" : nil)
          }
          strings.append(string)
        }
        order = try elements.indices.sorted { i, j in
          try poll()
          return strings[i] == strings[j] ? i < j : (strings[i] < strings[j]) != descends
        }
      }
      var sorted: [Value] = []
      sorted.reserveCapacity(order.count)
      for place in order {
        try poll()
        sorted.append(elements[place])
      }
      return .list(sorted)
    } catch { throw diagnostic(error, call) }
  }
}

extension String {
  /// Whether the characters of `piece` follow each other somewhere in this string.
  func hasPiece(_ piece: String) -> Bool {
    if piece.isEmpty { return true }
    return firstRange(of: piece, from: startIndex) != nil
  }

  /// Where a piece stands first, at or after an index.
  func firstRange(of piece: String, from start: Index) -> Range<Index>? {
    var position = start
    while position < endIndex {
      if self[position...].hasPrefix(piece), !piece.isEmpty {
        return position..<index(position, offsetBy: piece.count)
      }
      position = index(after: position)
    }
    return nil
  }
}
