import TSSPrompt
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Plots on terminals that show pictures, and on those that do not.
@Suite struct GraphicsTests {
  private let folder = TemporaryFolder()
  private static let kitty = "\u{1b}_Gi=31;OK\u{1b}\\\u{1b}[?62;22c"
  private static let sixel = "\u{1b}[?62;4;22c"

  private func start(
    _ attributes: String?, _ environment: [String: String] = [:], color: String = "--color=always"
  ) -> TerminalSession {
    let own = ["XDG_STATE_HOME": folder.path, "XDG_CONFIG_HOME": folder.path]
    return TerminalSession(
      [color], environment: own.merging(environment) { $1 }, attributes: attributes)
  }

  private func isAsked(_ session: TerminalSession) -> Bool {
    session.raw.contains("\u{1b}_Gi=31")
  }

  private func showsBraille(_ session: TerminalSession) -> Bool {
    session.raw.unicodeScalars.contains { (0x2801...0x28ff).contains($0.value) }
  }

  private static let hasGnuplot = pipeline("command -v gnuplot").contains("gnuplot")

  @Test(.enabled(if: hasGnuplot)) func sendsPicturesToKitty() {
    let session = start(Self.kitty)
    session.expectPrompt()
    #expect(!isAsked(session))
    session.send("plot([1, 4, 9])\r")
    session.expect("plot([1, 4, 9])\n")
    session.expectPrompt()
    #expect(!showsBraille(session))
    var data = ""
    var counts: [Int] = []
    for piece in session.raw.split(separator: "\u{1b}_G").dropFirst()
    where !piece.hasPrefix("i=31") {
      let payload = piece.drop { $0 != ";" }.dropFirst().prefix { $0 != "\u{1b}" }
      data += payload
      counts.append(payload.count)
    }
    #expect(session.raw.contains("\u{1b}_Ga=T,f=100,q=2,c=54,m=1;"))
    #expect(counts.count > 1 && counts.allSatisfy { $0 <= 4096 })
    #expect(counts.dropLast().allSatisfy { $0 == 4096 })
    let encoded = folder.write(data, to: "picture.base64")
    let png = "\(folder.path)/picture.png"
    #expect(
      pipeline("base64 -d '\(encoded)' > '\(png)'; head -c 8 '\(png)' | od -An -tx1")
        .contains("89 50 4e 47 0d 0a 1a 0a"))
    #expect(
      pipeline("tail -c 12 '\(png)' | od -An -tx1")
        .contains("00 00 00 00 49 45 4e 44 ae 42 60 82"))
    // The picture is the file that `save` writes.
    session.send("save(_, \"\(folder.path)/saved.png\")\r")
    session.expectPrompt()
    #expect(pipeline("cmp '\(folder.path)/saved.png' '\(png)' && echo same") == "same\n")
    // Asked once; nothing of the answer is in the input.
    session.send("plot([2, 1])\r")
    session.expectPrompt()
    #expect(session.raw.split(separator: "\u{1b}_Gi=31").count == 2)
    session.send("6 * 7\r")
    session.expect("tss> 6 * 7\n42\ntss>")
  }

  @Test(.enabled(if: hasGnuplot)) func sendsSixels() {
    let session = start(Self.sixel)
    session.expectPrompt()
    session.send("plot([1, 4, 9])\r")
    session.expect("plot([1, 4, 9])\n")
    session.expectPrompt()
    #expect(!showsBraille(session))
    // 54 columns of 10 pixels.
    #expect(session.raw.contains("\u{1b}P0;1q\"1;1;540;"))
    #expect(session.raw.contains("\u{1b}\\"))
    session.send("6 * 7\r")
    session.expect("tss> 6 * 7\n42\ntss>")
  }

  @Test func drawsDotsForAMuteTerminal() {
    let session = start(nil)
    session.expectPrompt()
    session.send("plot([1, 4, 9])\r")
    #expect(session.wait { showsBraille($0) })
    session.expectPrompt()
    #expect(isAsked(session))
    // What comes too late is no input.
    session.send(Self.kitty + "6 * 7\r")
    session.expect("tss> 6 * 7\n42\ntss>")
    #expect(!session.screen.text.contains("31") && !session.screen.text.contains("62"))
  }

  @Test func keepsWhatIsTypedMeanwhile() {
    let session = start("6 * \u{1b}[?62c7")
    session.expectPrompt()
    session.send("plot([1, 4, 9])\r")
    session.expect("tss> 6 * 7")
    session.send("\r")
    session.expect("tss> 6 * 7\n42\ntss>")
    #expect(showsBraille(session))
  }

  @Test(arguments: [["TMUX": "/tmp/x"], ["TERM": "screen-256color"], ["TSS_GRAPHICS": "braille"]])
  func asksNobodyWhoCannotAnswer(environment: [String: String]) {
    let session = start(Self.kitty, environment)
    session.expectPrompt()
    session.send("plot([1, 4, 9])\r")
    #expect(session.wait { showsBraille($0) })
    session.expectPrompt()
    #expect(!isAsked(session))
  }

  @Test func neverAsksWithoutColour() {
    let session = start(Self.kitty, color: "--color=never")
    session.expectPrompt()
    session.send("plot([1, 4, 9])\r")
    #expect(session.wait { showsBraille($0) })
    #expect(!isAsked(session))
  }

  @Test func drawsDotsWithoutGnuplot() {
    let session = start(Self.kitty, ["PATH": folder.path])
    session.expectPrompt()
    session.send("plot([1, 4, 9])\r")
    #expect(session.wait { showsBraille($0) })
    session.expectPrompt()
    #expect(pipeline("ls '\(folder.path)'") == "tss\n")
    session.send(":set graphics sketch\r")
    session.expect("auto, braille, kitty, sixel")
    session.send(":set graphics braille\r:set\r")
    #expect(
      session.wait {
        $0.screen.lines.contains { $0.contains("graphics") && $0.contains("braille") }
      })
  }

  // MARK: The answer

  @Test func readsAnswers() {
    let answer = TerminalAnswer(Array("\u{1b}[A\(Self.kitty)x".utf8))
    #expect(answer.hasKitty && !answer.hasSixel)
    #expect(answer.attributes == [62, 22])
    #expect(answer.typed == Array("\u{1b}[Ax".utf8))
    let sixel = TerminalAnswer(Array(Self.sixel.utf8))
    #expect(sixel.hasSixel && !sixel.hasKitty && sixel.typed.isEmpty)
    let refused = TerminalAnswer(Array("\u{1b}_Gi=31;ENOTSUP:no\u{1b}\\\u{1b}[?64c".utf8))
    #expect(!refused.hasKitty && !refused.hasSixel && refused.attributes == [64])
    // In part: the rest belongs to it.
    let partial = TerminalAnswer(Array("\u{1b}_Gi=31;O".utf8))
    #expect(!partial.hasKitty && partial.attributes == nil && partial.typed.count == 9)
  }
}
