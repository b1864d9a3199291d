/// Draws diagnostics: the sentence, the place, the line with carets under it, and the help.
///
/// ```
/// error: `student` has no argument `inti`
///  --> demo.tss:3:18
///   |
/// 3 | S = student(K=2, inti=normal(0.1))
///   |                  ^^^^
///   = help: did you mean `init`?  student(K, g, v, init)
/// ```
public struct Renderer: Sendable {
  public var color: Bool
  /// The columns of the terminal; longer lines are cut around what is marked in them.
  public var width: Int

  public init(color: Bool, width: Int = 80) {
    self.color = color
    self.width = max(width, 30)
  }

  /// Several diagnostics with a blank line between them.
  public func render(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.map(render).joined(separator: "\n\n")
  }

  /// One diagnostic, without a line break at the end.
  public func render(_ diagnostic: Diagnostic) -> String {
    let word = if case .interrupted = diagnostic.stage { "interrupted" } else { "error" }
    var lines = ["\(paint(word, .error))\(paint(": \(diagnostic.message)", .message))"]
    var gutter = 1
    if let span = diagnostic.span {
      let marks = marks(of: diagnostic, span)
      gutter = marks.map { "\($0.line)".count }.max() ?? 1
      var isFirst = true
      for source in marks.map(\.span.source).removingRepeats() {
        let here = marks.filter { $0.span.source === source }
        let (line, column) = source.location(
          of: here.first { $0.isPrimary }?.span.start
            ?? here[0].span.start)
        let arrow = String(repeating: " ", count: gutter) + (isFirst ? "-->" : ":::")
        lines.append("\(paint(arrow, .gutter)) \(source.name):\(line):\(column)")
        lines += excerpt(of: source, here, gutter)
        isFirst = false
      }
    }
    let note = paint(String(repeating: " ", count: gutter + 1) + "= ", .gutter)
    lines += frames(diagnostic.frames).map { note + $0 }
    lines += diagnostic.help.map { note + paint("help", .help) + ": " + $0 }
    return lines.joined(separator: "\n")
  }

  // MARK: Marks

  private struct Mark {
    var span: Span
    var text: String
    var isPrimary: Bool
    var line: Int

    init(_ span: Span, _ text: String, isPrimary: Bool) {
      self.span = span
      self.text = text
      self.isPrimary = isPrimary
      line = span.source.line(of: span.start)
    }
  }

  /// The places to show: the error's own file first, each file from top to bottom.
  private func marks(of diagnostic: Diagnostic, _ span: Span) -> [Mark] {
    var marks = [Mark(span, diagnostic.label, isPrimary: true)]
    marks += diagnostic.related.map { Mark($0.span, $0.text, isPrimary: false) }
    let order = marks.map { ObjectIdentifier($0.span.source) }.removingRepeats()
    return marks.enumerated().sorted { a, b in
      let (left, right) = (a.element, b.element)
      return (order.firstIndex(of: ObjectIdentifier(left.span.source))!, left.line, a.offset)
        < (order.firstIndex(of: ObjectIdentifier(right.span.source))!, right.line, b.offset)
    }.map(\.element)
  }

  private func excerpt(of source: Source, _ marks: [Mark], _ gutter: Int) -> [String] {
    let blank = String(repeating: " ", count: gutter)
    let bar = paint("\(blank) |", .gutter)
    var lines = [bar]
    var last: Int?
    for line in marks.map(\.line).removingRepeats() {
      if let last, line > last + 1 { lines.append(paint("\(blank) …", .gutter)) }
      let number = String(repeating: " ", count: gutter - "\(line)".count) + "\(line)"
      let here = marks.filter { $0.line == line }
      let focus = (here.first { $0.isPrimary } ?? here[0]).span
      let excerpt = LineExcerpt(source, line, around: focus, columns: width - gutter - 3)
      lines.append("\(paint("\(number) |", .gutter)) \(excerpt.text)".trimmedEnd)
      lines += underlines(here, excerpt).map { "\(bar) \($0)" }
      last = line
    }
    return lines
  }

  /// The carets under a line. Marks that do not overlap share a row, in which the last one has its
  /// words beside it; the words of the others follow below, each under its own mark.
  private func underlines(_ marks: [Mark], _ excerpt: LineExcerpt) -> [String] {
    typealias Piece = (column: Int, text: String, mark: Mark)
    var pieces: [Piece] = []
    for mark in marks {
      guard let (column, count, goesOn) = excerpt.columns(of: mark.span) else { continue }
      let carets = String(repeating: mark.isPrimary ? "^" : "-", count: count)
      pieces.append((column, carets + (goesOn ? "…" : ""), mark))
    }
    func draw(_ piece: Piece, _ words: String) -> String {
      paint(words, piece.mark.isPrimary ? .error : .gutter)
    }
    func indent(_ piece: Piece) -> String { String(repeating: " ", count: piece.column) }
    func labelled(_ piece: Piece) -> String {
      piece.mark.text.isEmpty ? piece.text : "\(piece.text) \(piece.mark.text)"
    }
    let sorted = pieces.sorted { $0.column < $1.column }
    let isCrowded = zip(sorted, sorted.dropFirst()).contains {
      $0.column + $0.text.count >= $1.column
    }
    if isCrowded { return pieces.map { indent($0) + draw($0, labelled($0)) } }
    guard let last = sorted.last else { return [] }
    var row = ""
    var column = 0
    for piece in sorted.dropLast() {
      row += String(repeating: " ", count: piece.column - column) + draw(piece, piece.text)
      column = piece.column + piece.text.count
    }
    row += String(repeating: " ", count: last.column - column) + draw(last, labelled(last))
    let below = sorted.dropLast().reversed().filter { !$0.mark.text.isEmpty }
    return [row] + below.map { indent($0) + draw($0, $0.mark.text) }
  }

  private func frames(_ frames: [Diagnostic.Frame]) -> [String] {
    var lines = frames.prefix(5).map { frame in
      let (line, column) = frame.call.source.location(of: frame.call.start)
      return "in `\(frame.function)`, called at \(frame.call.source.name):\(line):\(column)"
    }
    if frames.count > 5 {
      let more = frames.count - 5
      lines.append("and \(more) more call\(more == 1 ? "" : "s")")
    }
    return lines
  }

  // MARK: Colour

  private enum Paint: String {
    case error = "1;31"
    case message = "1"
    case gutter = "34"
    case help = "36"
  }

  private func paint(_ text: String, _ paint: Paint) -> String {
    color ? "\u{1B}[\(paint.rawValue)m\(text)\u{1B}[0m" : text
  }
}

extension Array {
  /// The elements without those that occurred before.
  fileprivate func removingRepeats() -> [Element] where Element: Hashable {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }

  fileprivate func removingRepeats() -> [Element] where Element: AnyObject {
    var seen: Set<ObjectIdentifier> = []
    return filter { seen.insert(ObjectIdentifier($0)).inserted }
  }
}

extension String {
  fileprivate var trimmedEnd: String {
    var text = Substring(self)
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
