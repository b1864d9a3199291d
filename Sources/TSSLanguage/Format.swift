/// A format as it stands after the colon in `"{x:.3e}"`: Python's format mini-language.
///
///     [[fill]align][sign][z][#][0][width][, or _][.precision][type]
///
/// Numbers give what Python gives, digit for digit. The one difference follows from how the
/// language prints: where no type is written, a whole number has no `.0` (`{3:.3}` is `3`).
public struct FormatSpec: Sendable, Hashable {
  enum Alignment: Character, Sendable { case left = "<", right = ">", center = "^", sign = "=" }

  var fill: Character = " "
  var alignment: Alignment?
  /// `+`, `-` or a space: what stands before a number that is not negative.
  var sign: Character = "-"
  /// `z`: a negative zero that rounding has made is printed without its sign.
  var coercesNegativeZero = false
  /// `#`
  var isAlternate = false
  /// `0` before the width.
  var padsWithZeros = false
  var width = 0
  /// `,` or `_`
  var grouping: Character?
  var precision: Int?
  /// One of `types`, or `s` for strings.
  var type: Character?

  static let numberTypes = "eEfFgG%dxXob"
  /// More would be a slip, and takes memory.
  static let limit = 9999

  /// What is wrong with a text that is no format.
  public struct Problem: Error, Sendable, Hashable {
    /// One sentence: "`.` needs a number of digits after it".
    public var message: String
  }

  /// Reads a format; an empty one is allowed and changes nothing.
  public init(parsing text: String) throws(Problem) {
    var scanner = FormatScanner(text)
    if let next = scanner.peek(1), let aligned = Alignment(rawValue: next) {
      fill = scanner.take()!
      alignment = aligned
      _ = scanner.take()
    } else if let first = scanner.peek(), let aligned = Alignment(rawValue: first) {
      alignment = aligned
      _ = scanner.take()
    }
    if let mark = scanner.take(of: "+- ") { sign = mark }
    coercesNegativeZero = scanner.take(of: "z") != nil
    isAlternate = scanner.take(of: "#") != nil
    padsWithZeros = scanner.take(of: "0") != nil
    width = try scanner.number("width") ?? 0
    grouping = scanner.take(of: ",_")
    if grouping != nil, scanner.take(of: ",_") != nil {
      throw Problem(message: "a format has one of `,` and `_`, once")
    }
    if scanner.take(of: ".") != nil {
      guard let digits = try scanner.number("precision") else {
        throw Problem(message: "`.` in a format needs a number of digits after it")
      }
      precision = digits
    }
    guard let last = scanner.take() else { return }
    guard scanner.peek() == nil else {
      throw Problem(message: "`\(text)` is no format; formats look like `.2f`, `8.3e`, `>10`, `d`")
    }
    guard last == "s" || Self.numberTypes.contains(last) else {
      throw Problem(message: "`\(last)` is no type of format; use f, e, g, d, % or s")
    }
    type = last
    if let complaint = conflict() { throw Problem(message: complaint) }
  }

  /// What the parts forbid each other, as in Python.
  private func conflict() -> String? {
    switch type {
    case "d", "x", "X", "o", "b":
      if precision != nil { return "`\(type!)` prints whole numbers and takes no precision" }
      if grouping == ",", type != "d" { return "`,` does not go with `\(type!)`; use `_`" }
    case "s":
      if isForNumbersOnly { return "a format for strings has no sign, `,`, `_`, `#` or `=`" }
    default: break
    }
    return nil
  }

  /// Whether only numbers can be written this way, whatever the type.
  private var isForNumbersOnly: Bool {
    sign != "-" || grouping != nil || isAlternate || alignment == .sign || coercesNegativeZero
  }

  /// Whether the format says how digits are written; else it only places text in a width.
  var isNumeric: Bool {
    if let type { return type != "s" }
    return isForNumbersOnly || precision != nil || padsWithZeros
  }

  /// What is wrong with a format, for the check before a run; nil where it is right.
  public static func problem(in text: String) -> String? {
    do throws(Problem) {
      _ = try FormatSpec(parsing: text)
      return nil
    } catch {
      return error.message
    }
  }

  func padded(_ text: String, default standard: Alignment) -> String {
    let missing = width - text.count
    guard missing > 0 else { return text }
    let filler = padsWithZeros && fill == " " && alignment == nil ? "0" : fill
    let left =
      switch alignment ?? standard {
      case .left: 0
      case .right, .sign: missing
      case .center: missing / 2
      }
    return String(repeating: filler, count: left) + text
      + String(repeating: filler, count: missing - left)
  }
}

private struct FormatScanner {
  private let characters: [Character]
  private var index = 0

  init(_ text: String) { characters = Array(text) }

  func peek(_ ahead: Int = 0) -> Character? {
    index + ahead < characters.count ? characters[index + ahead] : nil
  }

  mutating func take() -> Character? {
    guard let character = peek() else { return nil }
    index += 1
    return character
  }

  mutating func take(of set: String) -> Character? {
    guard let character = peek(), set.contains(character) else { return nil }
    return take()
  }

  mutating func number(_ name: String) throws(FormatSpec.Problem) -> Int? {
    var number: Int?
    while let digit = take(of: "0123456789") {
      let value = (number ?? 0) * 10 + digit.wholeNumberValue!
      guard value <= FormatSpec.limit else {
        throw FormatSpec.Problem(message: "a \(name) of more than \(FormatSpec.limit)")
      }
      number = value
    }
    return number
  }
}

extension FormatSpec {
  /// The value as this format writes it. Formats of numbers map over lists and matrices.
  public func apply(to value: Value) throws(Problem) -> String {
    switch value {
    case .number(let number):
      return try format(number)
    case .matrix(let matrix) where isNumeric:
      var texts: [String] = []
      for element in matrix.elements { texts.append(try format(element)) }
      return Printer.matrixLine(texts, rows: matrix.rows, columns: matrix.columns)
    case .list(let elements) where isNumeric:
      var texts: [String] = []
      for element in elements {
        if case .string(let string) = element {
          texts.append(try format(string, of: element).quoted)
        } else {
          texts.append(try apply(to: element))
        }
      }
      return "[" + texts.joined(separator: ", ") + "]"
    default:
      return try format(value.printed(), of: value)
    }
  }

  private func format(_ text: String, of value: Value) throws(Problem) -> String {
    // Zeros beside text are allowed as in Python, a precision cuts.
    if let type, type != "s" {
      throw Problem(message: "`\(type)` formats numbers, not \(value.kindName)")
    }
    guard !isForNumbersOnly else {
      throw Problem(message: "this format is for numbers, not \(value.kindName)")
    }
    switch value {
    case .list, .matrix, .record, .table, .object, .function:
      guard precision == nil, !padsWithZeros else {
        throw Problem(message: "this format is for numbers and strings, not \(value.kindName)")
      }
    default: break
    }
    return padded(precision.map { String(text.prefix($0)) } ?? text, default: .left)
  }
}

extension Value {
  /// The value as a format of Python's mini-language writes it; `span` is where the format stands.
  public func formatted(_ spec: String, at span: Span?) throws(Diagnostic) -> String {
    do throws(FormatSpec.Problem) {
      return try FormatSpec(parsing: spec).apply(to: self)
    } catch {
      throw .runtime("format", error.message, at: span)
    }
  }
}
