import TSSLanguage
import Testing

/// The picture of a diagnostic. Marks in the texts stand for spans: `«` to `»`.
@Suite struct RendererTests {
  /// A source and the spans between its marks, in order of their beginnings.
  private func marked(_ text: String, name: String = "demo.tss") -> (Source, [Span]) {
    var plain: [UInt8] = []
    var open: [Int] = []
    var ranges: [(Int, Int)] = []
    for character in text {
      switch character {
      case "«": open.append(plain.count)
      case "»": ranges.append((open.removeLast(), plain.count))
      default: plain += String(character).utf8
      }
    }
    let source = Source(name: name, text: String(decoding: plain, as: UTF8.self))
    return (source, ranges.sorted { $0.0 < $1.0 }.map { Span(source, $0.0, $0.1) })
  }

  private func render(_ diagnostic: Diagnostic, color: Bool = false, width: Int = 80) -> String {
    Renderer(color: color, width: width).render(diagnostic)
  }

  @Test func theFormOfTheReference() {
    let (_, spans) = marked("T = 1\n\nS = student(K=2, «inti»=normal(0.1))")
    let diagnostic = Diagnostic(
      .check, "unknown-argument", "`student` has no argument `inti`", at: spans[0],
      help: ["did you mean `init`?  student(K, g, v, init)"])
    #expect(
      render(diagnostic) == """
        error: `student` has no argument `inti`
         --> demo.tss:3:18
          |
        3 | S = student(K=2, inti=normal(0.1))
          |                  ^^^^
          = help: did you mean `init`?  student(K, g, v, init)
        """)
  }

  @Test func labelsOnOtherLines() {
    let (_, spans) = marked("f«(»a,\n1\n2\n3\n4\n5\n6\n7\n8\n  «b» = 3")
    let diagnostic = Diagnostic(
      .check, "x", "message", at: spans[1], label: "here", related: [.init(spans[0], "opened here")]
    )
    #expect(
      render(diagnostic) == """
        error: message
          --> demo.tss:10:3
           |
         1 | f(a,
           |  - opened here
           …
        10 |   b = 3
           |   ^ here
        """)
  }

  @Test func labelsOnTheSameLineAndInAnotherFile() {
    let (_, spans) = marked("x = «a» + «b»")
    let (_, other) = marked("\n«b» = 1", name: "other.tss")
    let diagnostic = Diagnostic(
      .check, "x", "message", at: spans[1],
      related: [.init(spans[0], "first"), .init(other[0], "set here")])
    #expect(
      render(diagnostic) == """
        error: message
         --> demo.tss:1:9
          |
        1 | x = a + b
          |     -   ^
          |     first
         ::: other.tss:2:1
          |
        2 | b = 1
          | - set here
        """)
  }

  @Test func aSpanOfSeveralLinesShowsItsFirst() {
    let (_, spans) = marked("x = «[1,\n 2,\n 3]» + 1")
    #expect(
      render(Diagnostic(.runtime, "x", "message", at: spans[0])) == """
        error: message
         --> demo.tss:1:5
          |
        1 | x = [1,
          |     ^^^…
        """)
  }

  @Test func tabsWideAndCombiningCharactersAlign() {
    let (_, tab) = marked("\tx = «y»")
    #expect(
      render(Diagnostic(.check, "x", "m", at: tab[0])).hasSuffix("|     x = y\n  |         ^"))
    let (_, wide) = marked("\"漢字\" + «e\u{301}x» + 1")
    let text = render(Diagnostic(.check, "x", "m", at: wide[0]))
    #expect(text.hasSuffix("| \"漢字\" + e\u{301}x + 1\n  |          ^^"))
    #expect(text.contains("demo.tss:1:8\n"))
    let (_, escape) = marked("\u{1B}[31m«x»")
    #expect(!render(Diagnostic(.check, "x", "m", at: escape[0])).contains("\u{1B}"))
    let (_, mark) = marked("\u{FEFF}x = «y»\r\n")
    #expect(
      render(Diagnostic(.check, "x", "m", at: mark[0]))
        == "error: m\n --> demo.tss:1:5\n  |\n1 | x = y\n  |     ^")
  }

  @Test func emptySpansAndTheEndOfTheInput() {
    let (_, end) = marked("x = «»")
    #expect(render(Diagnostic(.check, "x", "m", at: end[0])).hasSuffix("1 | x =\n  |     ^"))
    let (_, empty) = marked("«»")
    #expect(
      render(Diagnostic(.check, "x", "m", at: empty[0]))
        == "error: m\n --> demo.tss:1:1\n  |\n1 |\n  | ^")
    #expect(render(Diagnostic(.check, "x", "m", help: ["try"])) == "error: m\n  = help: try")
  }

  @Test(arguments: [20, 80, 200]) func longLinesAreCutAroundTheSpan(_ width: Int) {
    let noise = String(repeating: "abcdefghi ", count: 30_000)
    for text in ["\(noise)«wrong»\(noise)", "«wrong»\(noise)", "\(noise)«wrong»", "«\(noise)»"] {
      let (_, spans) = marked(text)
      let lines = render(Diagnostic(.check, "x", "m", at: spans[0]), width: width)
        .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      #expect(lines.count == 5)
      #expect(lines.allSatisfy { $0.count <= max(width, 30) })
      let carets = lines[4].count - lines[4].drop { $0 != "^" }.count
      #expect(lines[4].contains("^^^^^"))
      if !text.hasPrefix("«abc") { #expect(lines[3].dropFirst(carets).hasPrefix("wrong")) }
    }
  }

  @Test func framesAreShownInnermostFirstAndFiveAtMost() {
    let (_, spans) = marked("f(x) = «g»(x)\n«f»(1)")
    var diagnostic = Diagnostic.runtime("type", "m", at: spans[0], help: "h")
    diagnostic.frames = [
      .init(function: "g", call: spans[0]), .init(function: "f", call: spans[1]),
    ]
    #expect(
      render(diagnostic).hasSuffix(
        """
          |        ^
          = in `g`, called at demo.tss:1:8
          = in `f`, called at demo.tss:2:1
          = help: h
        """))
    diagnostic.frames = (0..<9).map { _ in .init(function: "g", call: spans[0]) }
    #expect(render(diagnostic).contains("  = and 4 more calls\n"))
  }

  @Test func colour() {
    let (_, spans) = marked("«x»")
    #expect(
      render(Diagnostic(.check, "x", "m", at: spans[0], help: ["h"]), color: true) == """
        \u{1B}[1;31merror\u{1B}[0m\u{1B}[1m: m\u{1B}[0m
        \u{1B}[34m -->\u{1B}[0m demo.tss:1:1
        \u{1B}[34m  |\u{1B}[0m
        \u{1B}[34m1 |\u{1B}[0m x
        \u{1B}[34m  |\u{1B}[0m \u{1B}[1;31m^\u{1B}[0m
        \u{1B}[34m  = \u{1B}[0m\u{1B}[36mhelp\u{1B}[0m: h
        """)
  }

  @Test func severalAreSeparatedByEmptyLines() {
    let one = Diagnostic(.check, "x", "m")
    #expect(Renderer(color: false).render([one, one]) == "error: m\n\nerror: m")
  }
}
