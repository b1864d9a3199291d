import TSSLanguage

/// Help as a terminal shows it: what `help(f)` prints and the prompt's `?f`.
public struct HelpText {
  /// Columns of the terminal; no line is longer but program text.
  let width: Int
  let hasColor: Bool

  public init(width: Int = 80, hasColor: Bool = false) {
    self.width = max(30, width)
    self.hasColor = hasColor
  }

  public init(_ terminal: TerminalTraits) {
    self.init(width: terminal.width, hasColor: terminal.hasColor)
  }

  // MARK: Signatures

  /// `name(a, b=1, …)`, as messages show how a function is called.
  public static func signature(of function: Function) -> String {
    let parameters = function.signature.parameters.map(parameter)
    return "\(function.name ?? "")(\(parameters.joined(separator: ", ")))"
  }

  /// One parameter of it: `K`, `g=erf`, `values…`.
  public static func parameter(_ parameter: Parameter) -> String {
    switch parameter.requirement {
    case .required: parameter.name
    case .optional(let value): "\(parameter.name)=\(value.isEmpty ? "…" : value)"
    case .rest: "\(parameter.name)…"
    }
  }

  /// How a function is called, broken after commas below its bracket.
  static func signature(of page: HelpPage, width: Int) -> [String] {
    let indent = String(repeating: " ", count: min(DisplayWidth.of(page.name) + 1, width / 3))
    var lines = [page.name + "("]
    for (index, row) in page.arguments.enumerated() {
      let isLast = index == page.arguments.count - 1
      let piece = row.head + (isLast ? ")" : ",")
      let isFirst = lines[lines.count - 1].hasSuffix("(")
      let line = lines[lines.count - 1] + (isFirst || index == 0 ? "" : " ") + piece
      if index > 0, DisplayWidth.of(line) > width {
        lines.append(indent + piece)
      } else {
        lines[lines.count - 1] = line
      }
    }
    if page.arguments.isEmpty { lines[0] += ")" }
    return lines
  }

  // MARK: Pages

  /// Everything about one function.
  public func page(of function: Function) -> String { page(HelpPage(of: function)) }

  /// Signature, paragraphs, arguments, fields, examples and related names.
  public func page(_ page: HelpPage) -> String {
    var blocks: [[String]] = []
    switch page.kind {
    case .function: blocks.append(Self.signature(of: page, width: width).map(bold))
    case .constant, .type, .keyword, .topic: blocks.append([bold(page.name)])
    }
    if let module = page.module { blocks.append(["  use \(module)"]) }
    for block in page.text.split(separator: "\n\n") { blocks.append(body(String(block))) }
    if !page.arguments.isEmpty { blocks.append(table(page.arguments)) }
    if page.kind == .function, !page.fields.isEmpty {
      blocks.append(wrapped("its fields: " + page.fieldList, indent: "  "))
    } else if !page.fields.isEmpty {
      blocks.append(table(page.fields))
    }
    if let result = page.result, Self.typesWithFields.contains(result), result != page.name {
      blocks.append(wrapped("the fields of the result: help(\"\(result)\")", indent: "  "))
    }
    if !page.examples.isEmpty {
      blocks.append(page.examples.flatMap { Self.lines($0).map { dim("  " + $0) } })
    }
    if !page.seeAlso.isEmpty { blocks.append(seeAlso(page.seeAlso)) }
    return blocks.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
  }

  static let typesWithFields: Set = ["run", "inputs", "phase", "student", "teacher"]

  /// An example as it would look at a prompt.
  static func lines(_ example: (code: String, output: String)) -> [String] {
    let code = example.code.split(separator: "\n").enumerated().map {
      ($0.offset == 0 ? ">>> " : "    ") + $0.element
    }
    return code + example.output.split(separator: "\n").map(String.init)
  }

  private func seeAlso(_ names: [String]) -> [String] {
    let head = "  see also: "
    var lines = wrapped(names.joined(separator: ", "), indent: String(repeating: " ", count: 12))
    lines[0] = head + lines[0].dropFirst(head.count)
    return lines
  }

  /// A paragraph, a list or program text.
  private func body(_ block: String) -> [String] {
    block.split(separator: "\n").flatMap { line -> [String] in
      if line.hasPrefix("    ") { return [dim(String(line))] }
      guard line.hasPrefix("- ") else { return wrapped(line, indent: "  ") }
      var lines = wrapped(line.dropFirst(2), indent: "    ")
      lines[0] = "  - " + lines[0].dropFirst(4)
      return lines
    }
  }

  /// Names in a column of their own, what they are beside them.
  func table(_ rows: [HelpPage.Row]) -> [String] {
    columns(rows.map { ($0.head, $0.text) })
  }

  func columns(_ rows: [(head: String, text: String)]) -> [String] {
    let widest = rows.map { DisplayWidth.of($0.head) }.filter { $0 <= width / 3 }.max() ?? 8
    let indent = String(repeating: " ", count: widest + 4)
    return rows.flatMap { head, text -> [String] in
      var lines = wrapped(text, indent: indent)
      let length = DisplayWidth.of(head)
      if length > widest { return ["  " + bold(head)] + lines }
      let gap = String(repeating: " ", count: widest - length + 2)
      lines[0] = "  " + bold(head) + gap + lines[0].dropFirst(indent.count)
      return lines
    }
  }

  /// Rows of one line each, cut where they are too long.
  func list(_ rows: [(head: String, text: String)]) -> [String] {
    let widest = rows.map { DisplayWidth.of($0.head) }.max() ?? 0
    return rows.map { head, text in
      let gap = String(repeating: " ", count: widest - DisplayWidth.of(head) + 2)
      let room = width - widest - 4
      var line = text
      if DisplayWidth.of(line) > room {
        line = String(line.prefix(max(1, room - 1)))
        while line.last == " " || line.last == "," { line.removeLast() }
        line += "…"
      }
      return "  " + bold(head) + gap + line
    }
  }

  /// The pieces that lines are broken between: words, and short program text in backticks.
  static func words(_ text: some StringProtocol) -> [String] {
    var words: [String] = []
    var isOpen = false
    for word in text.split(separator: " ") {
      if isOpen, words[words.count - 1].count + word.count < 30 {
        words[words.count - 1] += " " + word
      } else {
        words.append(String(word))
      }
      if word.count(where: { $0 == "`" }) % 2 == 1 { isOpen.toggle() }
    }
    return words
  }

  /// Lines broken between words.
  func wrapped(_ text: some StringProtocol, indent: String) -> [String] {
    var lines: [String] = []
    var line = indent
    for word in Self.words(text) {
      if line.count > indent.count,
        DisplayWidth.of(line) + 1 + DisplayWidth.of(word) > width
      {
        lines.append(line)
        line = indent
      }
      line += (line.count > indent.count ? " " : "") + word
    }
    return lines + [line]
  }

  func bold(_ text: String) -> String { hasColor ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
  func dim(_ text: String) -> String { hasColor ? "\u{1B}[2m\(text)\u{1B}[0m" : text }
}
