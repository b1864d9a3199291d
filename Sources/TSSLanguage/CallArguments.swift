import Groundwork

/// Typed reading of a call's arguments, each with an error that points at the argument.
extension Call {
  private func position(_ name: String) -> Int {
    guard let index = function.signature.parameters.firstIndex(where: { $0.name == name }) else {
      preconditionFailure("\(function.name ?? "?") has no parameter \(name)")
    }
    return index
  }

  /// The argument, or nil where it was not given.
  public subscript(name: String) -> Value? { values[position(name)] }

  /// Where the argument was written; the whole call where it was not.
  public func span(of name: String) -> Span? { spans[position(name)] ?? span }

  /// An error about an argument (or about the whole call).
  public func error(
    _ message: String, code: String = "value", at name: String? = nil, help: String? = nil
  ) -> Diagnostic {
    .runtime(code, message, at: name.map { span(of: $0) } ?? span, help: help)
  }

  /// "`student` needs a number for `K`, not a list".
  public func mismatch(_ name: String, wants: String, help: String? = nil) -> Diagnostic {
    error(
      "`\(function.name ?? "function")` needs \(wants) for `\(name)`, "
        + "not \(self[name]?.kindName ?? "nothing")",
      code: "type", at: name, help: help)
  }

  public func optionalNumber(_ name: String) throws(Diagnostic) -> Double? {
    guard let value = self[name] else { return nil }
    guard case .number(let number) = value else { throw mismatch(name, wants: "a number") }
    return number
  }

  public func number(_ name: String) throws(Diagnostic) -> Double {
    guard let number = try optionalNumber(name) else { throw mismatch(name, wants: "a number") }
    return number
  }

  /// A whole number of at least `minimum`.
  public func optionalCount(_ name: String, minimum: Int = 0) throws(Diagnostic) -> Int? {
    guard let number = try optionalNumber(name) else { return nil }
    guard number == number.rounded(), number >= Double(minimum) else {
      throw error(
        "`\(name)` must be a whole number of at least \(minimum), not \(number.printed)", at: name)
    }
    guard number < 1e15 else {
      throw error("`\(name)` = \(number.printed) is too large", at: name)
    }
    return Int(number)
  }

  public func count(_ name: String, minimum: Int = 0) throws(Diagnostic) -> Int {
    guard let count = try optionalCount(name, minimum: minimum) else {
      throw mismatch(name, wants: "a whole number")
    }
    return count
  }

  public func optionalString(_ name: String) throws(Diagnostic) -> String? {
    guard let value = self[name] else { return nil }
    guard case .string(let string) = value else { throw mismatch(name, wants: "a string") }
    return string
  }

  public func string(_ name: String) throws(Diagnostic) -> String {
    guard let string = try optionalString(name) else { throw mismatch(name, wants: "a string") }
    return string
  }

  public func optionalBool(_ name: String) throws(Diagnostic) -> Bool? {
    guard let value = self[name] else { return nil }
    guard case .bool(let bool) = value else { throw mismatch(name, wants: "true or false") }
    return bool
  }

  /// A list of numbers.
  public func optionalNumbers(_ name: String) throws(Diagnostic) -> [Double]? {
    guard let value = self[name] else { return nil }
    guard let numbers = value.numbers else { throw mismatch(name, wants: "a list of numbers") }
    return numbers
  }

  public func optionalFunction(_ name: String) throws(Diagnostic) -> Function? {
    guard let value = self[name] else { return nil }
    guard case .function(let function) = value else { throw mismatch(name, wants: "a function") }
    return function
  }

  /// Throws where a function that is given for `name` cannot be called with one number or state.
  public func requireOneArgument(
    _ function: Function, _ name: String, help: String
  ) throws(Diagnostic) {
    let parameters = function.signature.parameters
    let required = parameters.count { $0.requirement == .required }
    let takesOne =
      parameters.contains { !$0.isNamedOnly } && required <= 1
    guard !takesOne else { return }
    throw error(
      "`\(name)` must be a function of one argument; `\(function.printedSource)` takes "
        + "\(required == 1 ? "it by name only" : "\(required)")", code: "type", at: name,
      help: help)
  }

  /// A word or string out of a fixed set.
  public func optionalChoice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, _: Choice.Type
  ) throws(Diagnostic) -> Choice? where Choice.RawValue == String {
    guard let value = self[name] else { return nil }
    let names = Choice.allCases.map(\.rawValue)
    let word: String? =
      switch value {
      case .word(let word), .string(let word): word
      case .function(let function): function.name
      default: nil
      }
    if let word, let choice = Choice(rawValue: word) { return choice }
    let known = names.map { "`\($0)`" }.joined(separator: ", ")
    guard let word else {
      throw error(
        "`\(name)` is one of \(known), not \(value.kindName)", code: "choice", at: name,
        help: "where a word's name was given to something else, write it as a string: "
          + "\(name)=\"\(names[0])\"")
    }
    throw error(
      "`\(name)` is one of \(known), not `\(word)`", code: "choice", at: name,
      help: Suggestions.help(for: word, among: names))
  }

  /// An object of the host.
  public func optionalObject<Object: NativeObject>(
    _ name: String, _: Object.Type, wants: String
  ) throws(Diagnostic) -> Object? {
    guard let value = self[name] else { return nil }
    guard case .object(let object) = value, let typed = object as? Object else {
      throw mismatch(name, wants: wants)
    }
    return typed
  }
}

extension Value {
  /// The numbers of a list that holds nothing else; nil otherwise.
  public var numbers: [Double]? {
    guard case .list(let elements) = self else { return nil }
    var numbers: [Double] = []
    numbers.reserveCapacity(elements.count)
    for element in elements {
      guard case .number(let number) = element else { return nil }
      numbers.append(number)
    }
    return numbers
  }

  public init(_ numbers: [Double]) { self = .list(numbers.map { .number($0) }) }
}
