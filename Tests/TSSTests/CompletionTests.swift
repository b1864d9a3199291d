import TSS
import Testing

/// What TAB offers. A `|` in the texts is the cursor.
@Suite struct CompletionTests {
  private static let engine = {
    var engine = Engine()
    engine.define("zzz_student", doc: "Learns.\nMore.", parameters: ["K", "init", "η_w"]) {
      (K: Int, start: Double?, rate: Double?) in K
    }
    engine.define("zzz_none") { 1 }
    engine.addModule("zzz_module", source: "")
    return engine
  }()

  private func complete(_ text: String, _ session: Session? = nil) -> [Completion] {
    let parts = text.split(separator: "|", omittingEmptySubsequences: false)
    let session = session ?? Self.engine.session(output: .capture)
    return session.complete(parts.joined(), at: parts[0].utf8.count)
  }

  private func texts(_ text: String, _ session: Session? = nil) -> [String] {
    complete(text, session).map(\.text)
  }

  @Test func names() {
    #expect(texts("zzz_s|") == ["zzz_student("])
    #expect(texts("1 + zzz_|") == ["zzz_none()", "zzz_student("])
    // The bracket is there already.
    #expect(texts("zzz_s|(2)") == ["zzz_student"])
    #expect(texts("whi|") == ["while"])
    #expect(texts("zzz_q|") == [])
    #expect(texts("# zzz_|") == [])
    #expect(complete("zzz_s|").first?.documentation == "Learns.")
    #expect(complete("1 + zzz_s|").first?.replaces == 4..<9)
  }

  @Test func namesOfTheSession() {
    let s = Self.engine.session(output: .capture)
    s["zzz_mine"] = 5
    s["ζμine"] = 5
    #expect(texts("zzz_m|", s) == ["zzz_mine"])
    #expect(texts("zetam|", s) == ["ζμine"])
    #expect(complete("zzz_m|", s).first?.documentation == "a number")
  }

  @Test func arguments() {
    #expect(texts("zzz_student(|") == ["K=", "init=", "η_w="])
    #expect(texts("zzz_student(2, |") == ["init=", "η_w="])
    #expect(texts("zzz_student(init=f(1, 2), |") == ["K=", "η_w="])
    #expect(texts("zzz_student(2, ini|") == ["init="])
    #expect(texts("zzz_student(2, eta|").contains("η_w="))
    #expect(texts("zzz_student(eta_w=1, |") == ["K=", "init="])
    #expect(texts("zzz_student(\n  2,\n  in|").first == "init=")
    #expect(texts("zzz_student([1, |").isEmpty)
  }

  @Test func fields() {
    let s = Self.engine.session(output: .capture)
    s["record"] = ["first": 1, "second": 2]
    s["outer"] = ["inner": ["deep": 1]]
    #expect(texts("record.|", s) == ["first", "second"])
    #expect(texts("record.s|", s) == ["second"])
    #expect(texts("2*outer.inner.d|", s) == ["deep"])
    #expect(texts("record.first.|", s) == [])
    #expect(texts("unknown.|", s) == [])
  }

  @Test func lettersAndModules() {
    #expect(texts("\\eta|") == ["η"])
    #expect(texts("\\Delt|") == ["Δ"])
    #expect(complete("x + \\al|").first?.replaces == 4..<7)
    #expect(texts("use zzz|") == ["zzz_module"])
  }

  @Test func insideStrings() {
    #expect(texts("\"zzz_s|") == [])
    #expect(texts("\"K = {zzz_s|") == ["zzz_student("])
    #expect(texts("\"K = {1}\" + zzz_s|") == ["zzz_student("])
    #expect(texts("load(\"/et|").contains("/etc/"))
  }

  @Test func answersInFiveMilliseconds() {
    let s = Self.engine.session(output: .capture)
    for index in 0..<10_000 { s["name_\(index)"] = index }
    _ = s.complete("name_99", at: 7)
    var best = Duration.seconds(1)
    for _ in 0..<5 {
      let start = ContinuousClock.now
      let found = s.complete("x = name_99", at: 11)
      best = min(best, ContinuousClock.now - start)
      #expect(found.count == 111)
    }
    #if DEBUG
      #expect(best < .milliseconds(300), "\(best)")
    #else
      #expect(best < .milliseconds(5), "\(best)")
    #endif
  }
}
