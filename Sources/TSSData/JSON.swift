/// A value of JSON (RFC 8259), with the members of objects in their order.
///
/// Numbers are doubles: integers beyond 2^53, such as random seeds, belong in strings. Numbers
/// read back exactly as they were written. The numbers that JSON lacks are written as `NaN`,
/// `Infinity` and `-Infinity`, as Python's `json` writes and reads them; besides these, the
/// object `{"$number": "nan"}` (or `"inf"`, `"-inf"`) is read as such a number.
public enum JSON: Hashable, Sendable {
  /// A name and its value.
  public struct Member: Hashable, Sendable {
    /// The name.
    public var key: String
    /// What it stands for.
    public var value: JSON

    /// A name and its value.
    public init(_ key: String, _ value: JSON) {
      self.key = key
      self.value = value
    }
  }

  /// Nothing.
  case null
  /// True or false.
  case bool(Bool)
  /// A number, whole or not.
  case number(Double)
  /// Text.
  case string(String)
  /// Values in a row.
  case array([JSON])
  /// Names with values, in their order.
  case object([Member])
}

// MARK: - Looking inside

extension JSON {
  /// The value of a member of an object: of the last one, if several have this name.
  public subscript(key: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.key == key }?.value
  }

  /// An element of an array; `nil` beyond its ends.
  public subscript(index: Int) -> JSON? {
    guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
    return elements[index]
  }

  /// The number, if it is one.
  public var number: Double? { if case .number(let value) = self { value } else { nil } }

  /// The string, if it is one.
  public var string: String? { if case .string(let value) = self { value } else { nil } }

  /// The truth value, if it is one.
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// The elements, if it is an array.
  public var array: [JSON]? { if case .array(let value) = self { value } else { nil } }

  /// The members, if it is an object.
  public var object: [Member]? { if case .object(let value) = self { value } else { nil } }

  /// The numbers, if it is an array of nothing else.
  public var numbers: [Double]? {
    guard case .array(let elements) = self else { return nil }
    let numbers = elements.compactMap(\.number)
    return numbers.count == elements.count ? numbers : nil
  }

  /// An array of numbers.
  public init(_ numbers: [Double]) { self = .array(numbers.map { .number($0) }) }
}

// MARK: - Literals

/// A value may be written in Swift as it looks in JSON: `["K": 4, "layers": ["first", "both"]]`.
extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self = .null }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(elements.map { Member($0.0, $0.1) })
  }
}
