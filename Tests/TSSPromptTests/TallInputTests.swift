import Testing

/// Inputs higher than the screen: the rows around the cursor are seen, and how many more there are.
@Suite struct TallInputTests {
  private let folder = TemporaryFolder()

  /// 40 lines: `f(x) = {`, 38 of `  y3 = x + 3`, and the last.
  private static let lines =
    ["f(x) = {"] + (1...38).map { "  y\($0) = x + \($0)" } + ["  y38 }; f(2)"]

  private func start(
    color: String = "never", columns: Int = 40, rows: Int = 10, pastes: Bool = true
  ) -> TerminalSession {
    let own = ["XDG_STATE_HOME": folder.path, "XDG_CONFIG_HOME": folder.path]
    let session = TerminalSession(
      ["--color=\(color)"], environment: own, columns: columns, rows: rows)
    session.expectPrompt()
    if pastes {
      session.send("\u{1b}[200~\(Self.lines.joined(separator: "\r\n"))\u{1b}[201~")
      session.expect("; f(2)")
    }
    return session
  }

  /// Rows of the input from one to another, 0 being the prompt's.
  private func rows(_ first: Int, _ last: Int) -> [String] {
    (first...last).map { ($0 == 0 ? "tss> " : "") + Self.lines[$0] }
  }

  private func expect(
    _ session: TerminalSession, _ rows: [String], cursor: (row: Int, column: Int),
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let found = session.wait {
      let screen = $0.screen
      return screen.visible == rows && screen.row - screen.top == cursor.row
        && screen.column == cursor.column
    }
    let screen = session.screen
    #expect(
      found, "at \(screen.row - screen.top), \(screen.column):\n\(screen.text)",
      sourceLocation: sourceLocation)
  }

  @Test(arguments: ["always", "never"])
  func showsTheRowsAroundTheCursor(color: String) {
    let session = start(color: color)
    let end = ["↑ 31 more lines"] + rows(31, 39)
    expect(session, end, cursor: (9, 13))
    #expect(session.screen.style(of: "↑ 31 more lines") == (color == "always" ? "2" : ""))
    // Within the window nothing moves but the cursor.
    session.send("\u{1b}[A\u{1b}[A\u{1}")
    expect(session, end, cursor: (7, 0))
    session.send("\u{5}")
    expect(session, end, cursor: (7, 14))
    // Beyond its edge it follows.
    session.send(String(repeating: "\u{1b}[A", count: 10))
    expect(
      session, ["↑ 27 more lines"] + rows(27, 34) + ["↓ 5 more lines"], cursor: (1, 14))
    session.send(String(repeating: "\u{1b}[A", count: 27))
    expect(session, rows(0, 8) + ["↓ 31 more lines"], cursor: (0, 13))
    session.send(String(repeating: "\u{1b}[B", count: 8))
    expect(session, rows(0, 8) + ["↓ 31 more lines"], cursor: (8, 8))
    session.send("\u{1b}[B")
    expect(session, ["↑ 2 more lines"] + rows(2, 9) + ["↓ 30 more lines"], cursor: (8, 8))
  }

  @Test func editsInTheMiddle() {
    let session = start()
    session.send(String(repeating: "\u{1b}[A", count: 20) + "\u{5}0")
    var shown = ["↑ 19 more lines"] + rows(19, 26) + ["↓ 13 more lines"]
    shown[1] += "0"
    expect(session, shown, cursor: (1, 15))
    session.send("\u{7f}\u{7f}\u{7f}123456789 * 123456789 + 1")
    shown[1] = "  y19 = x + 123456789 * 123456789 + 1"
    expect(session, shown, cursor: (1, 37))
    // A row more, in which the cursor stands.
    session.send("0000")
    shown[1] += "000"
    shown.insert("0", at: 2)
    shown.remove(at: 9)
    shown[9] = "↓ 14 more lines"
    expect(session, shown, cursor: (2, 1))
    session.send("\u{1}\u{b}  y19 = x\u{1b}\r")
    expect(
      session,
      ["↑ 19 more lines", "  y19 = x", ""] + rows(20, 25) + ["↓ 14 more lines"],
      cursor: (2, 2))
    session.send("z = 40\u{1b}[A")
    expect(
      session,
      ["↑ 19 more lines", "  y19 = x", "  z = 40"] + rows(20, 25) + ["↓ 14 more lines"],
      cursor: (1, 8))
    // What runs, and stays above its result, is the whole.
    session.send("\r")
    var text = rows(0, 39)
    text[19] = "  y19 = x"
    text.insert("  z = 40", at: 20)
    session.expect(text.joined(separator: "\n") + "\n40\ntss>")
    session.expectPrompt()
    #expect(session.count(of: "more lines") == 0)
    session.send("6 * 7\r")
    session.expect("tss> 6 * 7\n42\ntss>")
  }

  @Test func isRecalledSearchedAndCancelled() {
    let session = start()
    session.send("\r")
    session.expect("; f(2)\n40\ntss>")
    session.expectPrompt()
    session.send("3 * 5\r")
    session.expect("tss> 3 * 5\n15\ntss>")
    session.expectPrompt()
    session.send("\u{1b}[A\u{1b}[A")
    let end = ["↑ 31 more lines"] + rows(31, 39)
    expect(session, end, cursor: (9, 13))
    // Down to the end of the history: a short input, the screen for it alone.
    session.send("\u{1b}[B")
    expect(session, ["tss> 3 * 5"], cursor: (0, 10))
    session.send("\u{15}\u{12}y19")
    var found = rows(0, 8) + ["↓ 31 more lines"]
    found[0] = "search `y19`: f(x) = {"
    expect(session, found, cursor: (0, 14))
    session.send("\u{1b}[C")
    expect(session, end, cursor: (9, 13))
    // All of it cut and brought back by libedit itself.
    session.send("\u{15}")
    expect(session, ["tss>"], cursor: (0, 5))
    session.send("\u{19}")
    expect(session, end, cursor: (9, 13))
    session.send("\u{c}")
    expect(session, end, cursor: (9, 13))
    session.send("\u{3}")
    session.expect(rows(0, 39).joined(separator: "\n") + "^C\ntss>")
    session.expectPrompt()
    #expect(session.count(of: "more lines") == 0)
  }

  @Test func followsTheWindow() {
    let session = start()
    expect(session, ["↑ 31 more lines"] + rows(31, 39), cursor: (9, 13))
    session.resize(columns: 30, rows: 6)
    expect(session, ["↑ 35 more lines"] + rows(35, 39), cursor: (5, 13))
    session.send("\u{1b}[A\u{1b}[A\u{1b}[A\u{1}")
    expect(session, ["↑ 35 more lines"] + rows(35, 39), cursor: (2, 0))
    // Of so few rows all are the input's.
    session.resize(columns: 30, rows: 3)
    expect(session, rows(35, 37), cursor: (1, 0))
    session.resize(columns: 30, rows: 50)
    expect(session, rows(0, 39), cursor: (36, 0))
    session.resize(columns: 40, rows: 10)
    expect(session, ["↑ 29 more lines"] + rows(29, 36) + ["↓ 3 more lines"], cursor: (8, 0))
    session.send("\r")
    session.expect("\n40\ntss>")
  }

  /// The window leaves room for it and takes the room back with the next key.
  @Test func showsAListBesideTheInput() {
    let session = start(pastes: false)
    session.send("qqa = 1; qqb = 2\r")
    session.expect("qqb = 2\ntss>")
    session.expectPrompt()
    session.send("\u{1b}[200~\(Self.lines.joined(separator: "\n"))\u{1b}[201~ + qq\t")
    var window = ["↑ 33 more lines"] + rows(33, 39)
    window[7] += " + qq"
    let isListed = session.wait { $0.screen.visible.suffix(8) == window }
    let visible = session.screen.visible
    #expect(
      isListed && visible[0].hasPrefix("  qqa ") && visible[1].hasPrefix("  qqb "), "\(visible)")
    #expect(visible.count == 10)
    session.send("a")
    window = ["↑ 31 more lines"] + rows(31, 39)
    window[9] += " + qqa"
    expect(session, window, cursor: (9, 19))
    session.send("\r")
    session.expect("\n41\ntss>")
  }

  @Test(arguments: ["always", "never"])
  func growsWhileItIsWritten(color: String) {
    let session = start(color: color, columns: 20, rows: 5, pastes: false)
    session.send("s = [1,\r2,\r3,\r4")
    session.expect("tss> s = [1,\n  2,\n  3,\n  4")
    session.send(",\r5")
    expect(session, ["tss> s = [1,", "  2,", "  3,", "  4,", "  5"], cursor: (4, 3))
    session.send(",\r6")
    expect(session, ["↑ 2 more lines", "  3,", "  4,", "  5,", "  6"], cursor: (4, 3))
    session.send("\u{8}\u{8}\u{8}\u{8}")
    expect(session, ["tss> s = [1,", "  2,", "  3,", "  4,", "  5,"], cursor: (4, 4))
    session.send("\u{15}]; sum(s)\r")
    session.expectPrompt()
  }
}

extension Screen {
  /// What is on the screen now, without empty rows at the bottom and spaces at the ends.
  var visible: [String] {
    var visible = rows[top...].map { row in
      var line = String(row.compactMap(\.character))
      while line.last == " " { line.removeLast() }
      return line
    }
    while visible.last?.isEmpty == true { visible.removeLast() }
    return visible
  }
}
