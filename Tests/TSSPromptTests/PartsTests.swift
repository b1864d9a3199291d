import TSSPrompt
import Testing

/// The parts of the prompt that need no terminal.
@Suite struct PartsTests {
  @Test func historyWalksAlongAPrefix() {
    let history = History(path: nil)
    for entry in ["plot(a)", "x = 1", "plot(b)"] { history.add(entry) }
    #expect(history.older(than: "pl") == "plot(b)")
    #expect(history.older(than: "plot(b)") == "plot(a)")
    #expect(history.older(than: "plot(a)") == nil)
    #expect(history.newer(than: "plot(a)") == "plot(b)")
    #expect(history.newer(than: "plot(b)") == "pl")
    #expect(history.newer(than: "pl") == nil)
    // What was changed after a walk is the start of the next one.
    #expect(history.older(than: "") == "plot(b)")
    #expect(history.older(than: "x") == "x = 1")
  }

  @Test func historyLinesRoundTrip() {
    for entry in ["a", "f(x) = {\n  x\n}", "\"\\n\"", "\\\\n\n\\", "η\n"] {
      let line = History.escaped(entry)
      #expect(!line.contains("\n"))
      #expect(History.unescaped(line) == entry)
    }
  }

  @Test func historyFilesOfTwoSessionsMix() {
    let folder = TemporaryFolder()
    let path = folder.path + "/history"
    let one = History(path: path)
    let two = History(path: path)
    one.add("a")
    two.add("b\nb")
    one.add("c")
    #expect(History(path: path).entries == ["a", "b\nb", "c"])
  }

  @Test func cursorMovesByLines() {
    let text = "first\nab\nlonger η"
    let last = EditedText(text, cursor: text.unicodeScalars.count)
    #expect(last.toLineAbove == -9)
    #expect(last.toLineBelow == nil)
    #expect(last.toLineStart == -8)
    let first = EditedText(text, cursor: 4)
    #expect(first.toLineBelow == 4)
    #expect(first.toLineAbove == nil)
    #expect(first.toLineEnd == 1)
    #expect(EditedText("a\n    ", cursor: 6).indentation == 4)
    #expect(EditedText("a\n  b ", cursor: 6).indentation == nil)
  }

  @Test func pasteKeepsInputsOfACopiedSession() {
    func isUnfinished(_ text: String) -> Bool {
      text.count { "([{".contains($0) } > text.count { ")]}".contains($0) }
    }
    func cleaned(_ text: String) -> String { cleanPaste(text, isUnfinished: isUnfinished) }
    #expect(cleaned("a\nb") == "a\nb")
    #expect(cleaned("tss> a\n5\ntss> f(1,\n  2)\n3\n4\ntss> ") == "a\nf(1,\n  2)")
    #expect(cleaned("x\ntss> a") == "x\ntss> a")
  }

  @Test func savedInputsNameTheResultsThatAreRead() {
    func script(_ inputs: String...) -> String {
      SavedInputs.script(inputs.map { ($0, true) })
    }
    #expect(script("1 + 1", "2") == "1 + 1\n2\n")
    #expect(script("1 + 1", "_ * 2") == "_1 = 1 + 1\n_1\n_1 * 2\n")
    #expect(script("1", "\"{_ + 1} _\" # _") == "_1 = 1\n_1\n\"{_1 + 1} _\" # _\n")
    #expect(script("1", "|> sqrt") == "_1 = 1\n_1\n_1 |> sqrt\n")
    #expect(
      SavedInputs.script([("1", true), ("2", false), ("_ + _1", true)])
        == "_1 = 1\n_1\n_1 + _1\n")
  }

  @Test func durationsAreReadable() {
    #expect(ProgressLine.duration(3.14) == "3.1 s")
    #expect(ProgressLine.duration(59.6) == "1 min 0 s")
    #expect(ProgressLine.duration(12_000) == "3 h 20 min")
    #expect(ProgressLine.duration(.infinity) == "a long time")
  }
}
