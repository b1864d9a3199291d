import Groundwork
import TSSData
import TSSLanguage

/// Values as JSON and back.
///
/// Numbers, strings, truth values, lists and records are what they are in JSON, `nothing` is null.
/// What JSON has no word for is an object with one key that begins with `$`: `$matrix` (its rows),
/// `$word`, `$table`. Objects of the domain become records of their fields.
enum JSONValues {
  static func json(of value: Value, _ call: Call) throws(Diagnostic) -> JSON {
    switch value {
    case .number(let number): return .number(number)
    case .bool(let bool): return .bool(bool)
    case .nothing: return .null
    case .string(let text): return .string(text)
    case .word(let word): return special("$word", .string(word))
    case .matrix(let matrix):
      let rows = (0..<matrix.rows).map { JSON.array(matrix.row($0).map { .number($0) }) }
      return special("$matrix", .array(rows))
    case .list(let elements): return .array(try list(elements, call))
    case .record(let record):
      return try object(record.fields.map { (escaped($0.0), $0.1) }, call)
    case .table(let table):
      var axes: [JSON] = []
      for axis in table.axes {
        axes.append(
          .object([
            JSON.Member("name", .string(axis.name)),
            JSON.Member("values", .array(try list(axis.values, call))),
          ]))
      }
      return special(
        "$table",
        .object([
          JSON.Member("axes", .array(axes)),
          JSON.Member("cells", .array(try list(table.cells, call))),
        ]))
    case .object(let object):
      let fields = object.fieldNames.compactMap { name in object.field(name).map { (name, $0) } }
      if object is InitialisationObject { return .string(object.describe()) }
      guard !(object is PlotObject), !fields.isEmpty else {
        throw refusal(value, call)
      }
      // The text is what can be kept of a function; it comes back as a string.
      let functions = fields.compactMap { name, value in isFunction(value) ? "`\(name)`" : nil }
      if !functions.isEmpty {
        let verb = functions.count == 1 ? "is a function" : "are functions"
        call.context.note(
          "\(functions.joined(separator: ", ")) of the \(object.typeName) \(verb), saved as text")
      }
      return try Self.object(fields.map { ($0, asText($1)) }, call)
    case .function(let function):
      // `g=erf` in a record: the name is what a reader needs.
      guard let name = function.name, function is Builtin else { throw refusal(value, call) }
      return special("$word", .string(name))
    }
  }

  private static func isFunction(_ value: Value) -> Bool {
    if case .function = value { true } else { false }
  }

  private static func asText(_ value: Value) -> Value {
    guard case .function(let function) = value else { return value }
    return .string(function.definition ?? function.printedSource)
  }

  private static func refusal(_ value: Value, _ call: Call) -> Diagnostic {
    call.error("\(value.kindName) cannot be saved as JSON", code: "type", at: "value")
  }

  private static func list(_ elements: [Value], _ call: Call) throws(Diagnostic) -> [JSON] {
    var items: [JSON] = []
    items.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      if index & 4095 == 4095 { try call.context.poll() }
      items.append(try json(of: element, call))
    }
    return items
  }

  private static func object(
    _ fields: [(String, Value)], _ call: Call
  ) throws(Diagnostic) -> JSON {
    var members: [JSON.Member] = []
    for (name, value) in fields { members.append(JSON.Member(name, try json(of: value, call))) }
    return .object(members)
  }

  private static func special(_ key: String, _ content: JSON) -> JSON {
    .object([JSON.Member(key, content)])
  }

  private static func escaped(_ name: String) -> String { name.hasPrefix("$") ? "$" + name : name }

  static func value(of json: JSON, _ call: Call) throws(Diagnostic) -> Value {
    switch json {
    case .null: return .nothing
    case .bool(let bool): return .bool(bool)
    case .number(let number): return .number(number)
    case .string(let text): return .string(text)
    case .array(let items):
      var elements: [Value] = []
      elements.reserveCapacity(items.count)
      for item in items { elements.append(try value(of: item, call)) }
      return .list(elements)
    case .object(let members):
      if members.count == 1, let member = members.first, member.key.hasPrefix("$"),
        let special = try special(member, call)
      {
        return special
      }
      var fields: [(String, Value)] = []
      var positions: [String: Int] = [:]
      for member in members {
        let name = member.key.hasPrefix("$$") ? String(member.key.dropFirst()) : member.key
        let value = try value(of: member.value, call)
        if let position = positions[name] {
          fields[position].1 = value
        } else {
          positions[name] = fields.count
          fields.append((name, value))
        }
      }
      return .record(Record(fields))
    }
  }

  /// What a key with `$` stands for; nil where the content is not as `json(of:)` writes it.
  private static func special(
    _ member: JSON.Member, _ call: Call
  ) throws(Diagnostic) -> Value? {
    switch (member.key, member.value) {
    case ("$word", .string(let word)):
      return .word(word)
    case ("$matrix", .array(let items)):
      var rows: [[Double]] = []
      for item in items {
        guard let row = try value(of: item, call).numbers,
          row.count == rows.first?.count ?? row.count
        else { return nil }
        rows.append(row)
      }
      return .matrix(
        Matrix(rows: rows.count, columns: rows.first?.count ?? 0, elements: rows.flatMap { $0 }))
    case ("$table", .object(let members)):
      guard case .record(let table) = try value(of: .object(members), call),
        case .list(let axisValues)? = table["axes"], case .list(let cells)? = table["cells"]
      else { return nil }
      var axes: [Table.Axis] = []
      for axis in axisValues {
        guard case .record(let record) = axis, case .string(let name)? = record["name"],
          case .list(let values)? = record["values"]
        else { return nil }
        axes.append(.init(name: name, values: values))
      }
      guard cells.count == axes.reduce(1, { $0 * $1.values.count }) else { return nil }
      return .table(Table(axes: axes, cells: cells))
    default: return nil
    }
  }
}
