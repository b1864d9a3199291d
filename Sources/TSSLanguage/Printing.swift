import Groundwork

/// How values become text.
public struct PrintStyle: Sendable, Hashable {
  public enum Layout: Sendable, Hashable {
    /// One line, as in `print(x)` and `"{x}"`.
    case line
    /// What is shown of a result: aligned rows, tables, a summary of what is too large to read.
    case block
  }

  public var layout: Layout
  /// Whether a string that is the whole value has quotes; inside other values it always has.
  public var quotesStrings: Bool
  /// Columns that a block may take.
  public var width: Int
  /// Whether Greek letters, `…` and sparklines can be shown.
  public var hasUnicode: Bool
  /// Significant digits of numbers; nil for as many as read back to the same number.
  public var digits: Int?

  public init(
    layout: Layout = .line, quotesStrings: Bool = false, width: Int = 80, hasUnicode: Bool = true,
    digits: Int? = nil
  ) {
    self.layout = layout
    self.quotesStrings = quotesStrings
    self.width = width
    self.hasUnicode = hasUnicode
    self.digits = digits
  }

  /// As `print` and strings print.
  public static let line = PrintStyle()

  /// As results are shown at the prompt and at the top level of a file.
  public static func shown(on terminal: TerminalTraits = TerminalTraits()) -> PrintStyle {
    PrintStyle(
      layout: .block, quotesStrings: true, width: max(20, terminal.width),
      hasUnicode: terminal.hasUnicode, digits: terminal.digits)
  }
}

extension Value {
  /// The value as text; no line has trailing spaces, and a block fits its width.
  public func printed(_ style: PrintStyle = .line) -> String {
    let printer = Printer(style: style)
    if case .string(let text) = self { return style.quotesStrings ? text.quoted : text }
    guard style.layout == .block else { return printer.line(self) }
    return printer.block(self, width: style.width).joined(separator: "\n")
  }

  /// What is shown of a result; nil where nothing is: `nothing`, and objects that say so.
  public func shown(in context: Context) throws(Diagnostic) -> String? {
    switch self {
    case .nothing: nil
    case .object(let object): try object.display(in: context)
    default: printed(.shown(on: context.terminal))
    }
  }
}

extension Double {
  /// As the language prints numbers: shortest round-trip, as Python's `repr` but without `.0`;
  /// minus zero prints `0`.
  public var printed: String {
    if magnitude < 0x1p53, self == rounded() { return Int(self).description }
    let text = description
    // Swift writes exponents from 2^53 on, Python from 1e16 on.
    if text.hasSuffix("e+15") {
      let digits = text.dropLast(4).filter { $0 != "." && $0 != "-" }
      return (self < 0 ? "-" : "") + digits + String(repeating: "0", count: 16 - digits.count)
    }
    return text
  }
}

extension String {
  /// As a literal of the language that gives this string.
  public var quoted: String {
    var text = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case "\r": text += "\\r"
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "{": text += "{{"
      case "}": text += "}}"
      case _ where scalar.value < 32 || scalar.value == 127:
        text += "\\u{\(String(scalar.value, radix: 16))}"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}

/// Writes values in one style.
struct Printer {
  var style: PrintStyle
  /// Elements of a list that one line shows in full; a longer one shows its ends.
  static let elementsOnLine = 100

  var ellipsis: String { style.hasUnicode ? "…" : "..." }
  var times: String { style.hasUnicode ? "×" : "x" }

  /// A number in the style's digits; whole numbers keep theirs.
  func text(_ number: Double) -> String {
    style.digits.map { number.shortened(to: $0) } ?? number.printed
  }

  /// The same in no more than so many digits.
  func text(_ number: Double, digits: Int) -> String {
    number.shortened(to: min(digits, style.digits ?? digits))
  }

  /// A name as this terminal can show it.
  func name(_ name: String) -> String { style.hasUnicode ? name : Greek.spelledName(name) }

  /// The value on one line, as it stands inside another.
  func line(_ value: Value) -> String {
    switch value {
    case .number(let number): text(number)
    case .bool(let bool): bool ? "true" : "false"
    case .nothing: "nothing"
    case .string(let string): string.quoted
    case .list(let elements): "[" + joined(elements.count) { line(elements[$0]) } + "]"
    case .matrix(let matrix):
      matrixLine(matrix)
    case .record(let record):
      "("
        + zip(record.names, record.values).map { "\(name($0))=\(line($1))" }
        .joined(separator: ", ") + ")"
    case .function(let function): name(function.printedSource)
    case .word(let word): name(word)
    case .table(let table): "<table \(shape(of: table))>"
    case .object(let object): object.describe()
    }
  }

  /// `K: 7 × seed: 20`
  func shape(of table: Table) -> String {
    table.axes.map { "\(name($0.name)): \($0.values.count)" }.joined(separator: " \(times) ")
  }

  /// A value in at most `limit` columns: its text, or what it is.
  func brief(_ value: Value, limit: Int) -> String {
    let text = line(value)
    if text.columns <= limit { return text }
    let summary: String? =
      switch value {
      case .list(let elements): "<list of \(elements.count)>"
      case .matrix(let matrix): "<\(matrix.rows)\(times)\(matrix.columns) matrix>"
      case .record(let record): "<record of \(record.names.count)>"
      case .number(let number): number.shortened(to: max(1, limit - 7))
      default: nil
      }
    return truncated(summary ?? text, to: limit)
  }

  func truncated(_ text: String, to width: Int) -> String {
    guard text.columns > width else { return text }
    var room = width - ellipsis.columns
    let start = text.prefix {
      room -= DisplayWidth.of($0)
      return room >= 0
    }
    return String(start).trimmingEnd + ellipsis
  }

  /// Texts of elements with commas, the middle left out where there are too many.
  private func joined(_ count: Int, _ text: (Int) -> String) -> String {
    guard count > Self.elementsOnLine else {
      return (0..<count).map(text).joined(separator: ", ")
    }
    let ends = (0..<3).map(text) + [ellipsis] + (count - 3..<count).map(text)
    return ends.joined(separator: ", ")
  }

  private func matrixLine(_ matrix: Matrix) -> String {
    if matrix.elements.count <= Self.elementsOnLine {
      return Self.matrixLine(
        matrix.elements.map { text($0) }, rows: matrix.rows, columns: matrix.columns)
    }
    func rowLine(_ row: Int) -> String {
      let last = matrix.columns - 1
      let shown = last >= 7 ? [0, 1, 2, -1, last] : Array(0...last)
      return shown.map { $0 < 0 ? ellipsis : text(matrix[row, $0]) }.joined(separator: ", ")
    }
    let shown = matrix.rows > 7 ? [0, 1, -1, matrix.rows - 1] : Array(0..<matrix.rows)
    return "[" + shown.map { $0 < 0 ? ellipsis : rowLine($0) }.joined(separator: "; ")
      + (matrix.rows == 1 ? ";]" : "]")
  }

  /// `[1, 2; 3, 4]`; one row ends in `;`, so that it reads back as a matrix.
  static func matrixLine(_ texts: [String], rows: Int, columns: Int) -> String {
    let lines = (0..<rows).map {
      texts[$0 * columns..<($0 + 1) * columns].joined(separator: ", ")
    }
    return "[" + lines.joined(separator: "; ") + (rows == 1 ? ";]" : "]")
  }
}

extension String {
  /// The width on a terminal.
  var columns: Int { DisplayWidth.of(self) }

  var trimmingEnd: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }

  /// Spaces on the right up to a width.
  func filled(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - columns))
  }

  /// Spaces on the left up to a width.
  func indented(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - columns)) + self
  }
}
