import Groundwork
import TSSLanguage

/// A Swift type that a value of the language can be turned into.
public protocol FromValue: SendableMetatype {
  /// nil where the value is something else.
  static func from(_ value: Value) -> Self?
  /// What messages ask for: "a number".
  static var wanted: String { get }
  /// Whether an argument of this type may be left out.
  static var isOptional: Bool { get }
}

/// A Swift type that can be turned into a value of the language.
public protocol ToValue: SendableMetatype {
  /// The value as a program sees it.
  var scriptValue: Value { get }
}

extension FromValue {
  public static var isOptional: Bool { false }
}

extension Value: FromValue, ToValue {
  public static func from(_ value: Value) -> Value? { value }
  public static var wanted: String { "a value" }
  public var scriptValue: Value { self }
}

extension Double: FromValue, ToValue {
  public static func from(_ value: Value) -> Double? {
    if case .number(let number) = value { number } else { nil }
  }
  public static var wanted: String { "a number" }
  public var scriptValue: Value { .number(self) }
}

extension Int: FromValue, ToValue {
  public static func from(_ value: Value) -> Int? {
    if case .number(let number) = value { Int(exactly: number) } else { nil }
  }
  public static var wanted: String { "a whole number" }
  public var scriptValue: Value { .number(Double(self)) }
}

extension Bool: FromValue, ToValue {
  public static func from(_ value: Value) -> Bool? {
    if case .bool(let bool) = value { bool } else { nil }
  }
  public static var wanted: String { "true or false" }
  public var scriptValue: Value { .bool(self) }
}

/// Words arrive as strings, too; strings never become words.
extension String: FromValue, ToValue {
  public static func from(_ value: Value) -> String? {
    switch value {
    case .string(let text), .word(let text): text
    default: nil
    }
  }
  public static var wanted: String { "a string" }
  public var scriptValue: Value { .string(self) }
}

/// `nothing` is nil, in both directions.
extension Optional: FromValue where Wrapped: FromValue {
  public static func from(_ value: Value) -> Wrapped?? {
    if case .nothing = value { return .some(nil) }
    return Wrapped.from(value).map { .some($0) }
  }
  public static var wanted: String { Wrapped.wanted }
  public static var isOptional: Bool { true }
}

extension Optional: ToValue where Wrapped: ToValue {
  public var scriptValue: Value { self?.scriptValue ?? .nothing }
}

extension Array: FromValue where Element: FromValue {
  public static func from(_ value: Value) -> [Element]? {
    guard case .list(let values) = value else { return nil }
    var elements: [Element] = []
    elements.reserveCapacity(values.count)
    for value in values {
      guard let element = Element.from(value) else { return nil }
      elements.append(element)
    }
    return elements
  }
  public static var wanted: String { "a list" }
}

extension Array: ToValue where Element: ToValue {
  public var scriptValue: Value { .list(map(\.scriptValue)) }
}

/// Records whose fields are all of one type. The order of the fields is lost on the way to Swift,
/// and alphabetical on the way back; `Record` keeps it.
extension Dictionary: FromValue where Key == String, Value: FromValue {
  public static func from(_ value: TSSLanguage.Value) -> [String: Value]? {
    guard case .record(let record) = value else { return nil }
    var fields: [String: Value] = [:]
    for (name, value) in record.fields {
      guard let field = Value.from(value) else { return nil }
      fields[name] = field
    }
    return fields
  }
  public static var wanted: String { "a record" }
}

extension Dictionary: ToValue where Key == String, Value: ToValue {
  public var scriptValue: TSSLanguage.Value {
    .record(Record(sorted { $0.key < $1.key }.map { ($0.key, $0.value.scriptValue) }))
  }
}

extension Matrix: FromValue, ToValue {
  public static func from(_ value: Value) -> Matrix? {
    if case .matrix(let matrix) = value { matrix } else { nil }
  }
  public static var wanted: String { "a matrix" }
  public var scriptValue: Value { .matrix(self) }
}

extension Record: FromValue, ToValue {
  public static func from(_ value: Value) -> Self? {
    if case .record(let record) = value { record as? Self } else { nil }
  }
  public static var wanted: String { "a record" }
  public var scriptValue: Value { .record(self) }
}

extension Table: FromValue, ToValue {
  public static func from(_ value: Value) -> Self? {
    if case .table(let table) = value { table as? Self } else { nil }
  }
  public static var wanted: String { "a table" }
  public var scriptValue: Value { .table(self) }
}

/// Objects of the domain go over as they are: the same object, no copy.
extension NativeObject: FromValue, ToValue {
  public static func from(_ value: Value) -> Self? {
    if case .object(let object) = value { object as? Self } else { nil }
  }
  public static var wanted: String { "a value of the type \(self)" }
  public var scriptValue: Value { .object(self) }
}

/// For closures that return nothing.
public struct Nothing: FromValue, ToValue, Sendable {
  public init() {}
  public static func from(_ value: Value) -> Nothing? {
    if case .nothing = value { Nothing() } else { nil }
  }
  public static var wanted: String { "nothing" }
  public var scriptValue: Value { .nothing }
}
