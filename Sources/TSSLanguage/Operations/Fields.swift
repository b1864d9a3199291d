extension Operations {
  /// `x.name`
  public static func field(_ value: Value, _ name: String) throws(Diagnostic) -> Value {
    switch value {
    case .record(let record):
      if let found = record[name] { return found }
      throw unknownField(name, value, among: record.names)
    case .object(let object):
      if let found = object.field(name) { return found }
      throw unknownField(name, value, among: object.fieldNames)
    case .table(let table):
      // An axis is a field only where the cells have none of that name.
      if let axis = table.axes.first(where: { $0.name == name }),
        table.cells.allSatisfy({ !hasField($0, name) })
      {
        return .list(axis.values)
      }
      return .table(
        Table(
          axes: table.axes,
          cells: try table.cells.mapped { (cell) throws(Diagnostic) in
            if case .nothing = cell { return .nothing }
            return try field(cell, name)
          }))
    case .list(let elements):
      var help: String?
      if let first = elements.first, hasField(first, name) {
        help = "`[x.\(name) for x in xs]` takes it of each element"
      }
      throw .runtime("unknown-field", "a list has no field `\(name)`", help: help)
    default:
      throw .runtime("unknown-field", "\(value.kindName) has no field `\(name)`")
    }
  }

  private static func hasField(_ value: Value, _ name: String) -> Bool {
    switch value {
    case .record(let record): record[name] != nil
    case .object(let object): object.field(name) != nil
    default: false
    }
  }

  static func unknownField(_ name: String, _ value: Value, among names: [String]) -> Diagnostic {
    let suggestions = Suggestions.best(for: name, among: names)
    var help: [String] = []
    if let best = suggestions.first {
      help = ["did you mean `\(best)`?"]
    } else if names.isEmpty {
      help = ["it has no fields"]
    } else {
      help = ["its fields are " + names.map { "`\($0)`" }.joined(separator: ", ")]
    }
    let owner = if case .record = value { "the record" } else { value.kindName }
    return Diagnostic(
      .runtime, "unknown-field", "\(owner) has no field `\(name)`", help: help,
      suggestions: suggestions)
  }
}
