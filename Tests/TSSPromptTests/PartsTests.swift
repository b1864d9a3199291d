import TSS
import TSSPrompt
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

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
      let line = HistoryFile.escaped(entry)
      #expect(!line.contains("\n"))
      #expect(HistoryFile.unescaped(line) == entry)
    }
  }

  @Test func historyKnowsHowInputsEnded() {
    let folder = TemporaryFolder()
    // The first line is of a version that kept texts only; the process of the fourth was killed.
    let path = folder.write("old\\nentry\n", to: "history")
    let one = History(path: path)
    let two = History(path: path)
    let a = one.add("a")
    let b = two.add("b\nb \\eta")
    two.finish(b, .failed, seconds: 0.25)
    two.add("crash")
    one.finish(a, .done, seconds: 12.5)
    let records = History(path: path).records
    #expect(records.map(\.text) == ["old\nentry", "a", "b\nb \\eta", "crash"])
    #expect(records.map(\.ending) == [nil, .done, .failed, nil])
    #expect(records.map(\.seconds) == [nil, 12.5, 0.25, nil])
    #expect(records[0].time == nil && records[1].time ?? 0 > 1_700_000_000)
    #expect(History(path: path).entries == records.map(\.text))
    // Repeated inputs are written down, and found once.
    for _ in 0..<2 { one.finish(one.add("again"), .stopped, seconds: 1) }
    #expect(History(path: path).records.suffix(2).map(\.ending) == [.stopped, .stopped])
    #expect(History(path: path).entries.last == "again")
    #expect(History(path: path).entries.count == 5)
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

  @Test func durationsAreReadable() {
    #expect(ProgressLine.duration(3.14) == "3.1 s")
    #expect(ProgressLine.duration(59.6) == "1 min 0 s")
    #expect(ProgressLine.duration(12_000) == "3 h 20 min")
    #expect(ProgressLine.duration(.infinity) == "a long time")
    #expect(shownDuration(0.00031) == "0.31 ms")
    #expect(shownDuration(0.0123) == "12 ms")
    #expect(shownDuration(1.254) == "1.25 s")
    #expect(shownDuration(125) == "2 min 5 s")
  }

  @Test func transcriptsAreText() {
    #expect(Transcript.plain("a\u{1b}[1;36mb\u{1b}[0m η") == "ab η")
    #expect(Transcript.plain("\u{1b}_Gf=100;AAAA\u{1b}\\x\u{1b}]8;;u\u{7}y\u{1b}[") == "xy")
    #expect(Transcript.plain("\u{1b}Pq#0\u{1b}\\z\u{1b}") == "z")
  }

  @Test func completionsFitTheScreen() {
    func completions(_ count: Int) -> [Completion] {
      (1...count).map {
        Completion(text: "name_\($0)", replaces: 0..<0, documentation: "what number \($0) is for")
      }
    }
    for width in [80, 40, 20] {
      for count in [2, 30, 500] {
        let pages = CompletionList.pages(completions(count), width: width, height: 24)
        let lines = pages.flatMap { $0.split(separator: "\n") }
        #expect(lines.allSatisfy { $0.count < width })
        #expect(pages.allSatisfy { $0.split(separator: "\n").count <= 21 })
        #expect(
          (1...count).allSatisfy { number in
            pages.joined().split { $0 == " " || $0 == "\n" }.contains("name_\(number)")
          })
      }
    }
    let few = CompletionList.pages(completions(2), width: 80, height: 24)
    #expect(
      few == ["  name_1  what number 1 is for\n  name_2  what number 2 is for\n"])
    let edited = EditedText("na", cursor: 2)
    var listing = CompletionListing(completions(30), of: edited, width: 80, height: 24)
    let pages = CompletionList.pages(completions(30), width: 80, height: 24)
    #expect(pages.count == 2)
    #expect([listing.next(), listing.next(), listing.next()] == [pages[0], pages[1], pages[0]])
    #expect(listing.fits(edited, width: 80, height: 24))
    #expect(!listing.fits(EditedText("na", cursor: 1), width: 80, height: 24))
    #expect(!listing.fits(edited, width: 40, height: 24))
    // On five rows, too, the input stays in sight.
    let low = CompletionList.pages(completions(3), width: 80, height: 5)
    #expect(low.allSatisfy { $0.split(separator: "\n").count <= 2 })
  }

  @Test func damagedHistoryLosesNoOtherLines() throws {
    let folder = TemporaryFolder()
    let path = "\(folder.path)/history"
    let file = try #require(fopen(path, "w"))
    let bytes: [UInt8] =
      Array("a = 1\n".utf8) + [0xff, 0xfe, 0x0a] + Array("\u{1b}[2J\n\\@\n\\=9.9 done\n".utf8)
      + Array("\\@1.2 99999999999999999999 b = 2\n\\=1.2 failed nan\nc = 3\r\nd = 4".utf8)
    #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    fclose(file)
    let history = History(path: path)
    #expect(history.entries == ["a = 1", "\u{fffd}\u{fffd}", "b = 2", "c = 3", "d = 4"])
    #expect(history.records[2] == HistoryFile.Record(text: "b = 2", ending: .failed))
    // What is added does not join the unfinished last line.
    history.add("e = 5")
    #expect(History(path: path).entries.suffix(2) == ["d = 4", "e = 5"])
  }

  @Test func completionsShareABeginning() {
    func common(_ word: String, _ texts: [(String, Bool)]) -> String? {
      let completions = texts.map { Completion(text: $0.0, replaces: 0..<0, isExact: $0.1) }
      return CompletionListing.extension(of: word, among: completions)
    }
    #expect(common("st", [("student(", true)]) == "student(")
    #expect(common("s", [("student(", true), ("std(", true)]) == "st")
    #expect(common("st", [("student(", true), ("std(", true)]) == nil)
    #expect(common("eta", [("η", true)]) == "η")
    // Another capital is taken where nothing begins as it is written, and never takes away.
    #expect(common("st", [("student(", true), ("Stop", false)]) == "student(")
    #expect(common("STU", [("student(", false)]) == "student(")
    #expect(common("ST", [("std(", false), ("S", false)]) == nil)
  }
}
