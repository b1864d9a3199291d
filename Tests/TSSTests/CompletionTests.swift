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

  @Test func theWordAsWrittenComesFirst() {
    let s = Self.engine.session(output: .capture)
    s["zzz_Sum"] = 1
    s["ZZZ_s"] = 1
    let found = complete("zzz_s|", s)
    #expect(found.map(\.text) == ["zzz_student(", "ZZZ_s", "zzz_Sum"])
    #expect(found.map(\.isExact) == [true, false, false])
    #expect(texts("ZZZ_S|", s) == ["ZZZ_s", "zzz_Sum", "zzz_student("])
    // A single letter means itself, and so does one after a backslash.
    #expect(texts("zz|", s).contains("ZZZ_s"))
    #expect(!texts("Z|", s).contains("zzz_student("))
    #expect(texts("\\eta|") == ["η"])
  }

  @Test func valuesThatFitComeFirst() throws {
    let s = Self.engine.session(output: .capture)
    try s.eval(
      "aa = 1; S = student(2); T = teacher(2); r = ode(S, T, η=1, time=1); gg(x) = x^3; xs = [1, 2]"
    )
    #expect(Array(texts("ode(|", s).prefix(4)) == ["S", "r", "ode(", "sgd("])
    #expect(texts("ode(|", s).contains("time=") && !texts("ode(|", s).contains("aa"))
    #expect(Array(texts("ode(S, |", s).prefix(2)) == ["T", "teacher("])
    #expect(!texts("ode(S, T, |", s).contains("teacher="))
    #expect(Array(texts("compare(|", s).prefix(1)) == ["r"])
    // Words that an argument may be, and functions where it may be one.
    #expect(Array(texts("teacher(2, g=|", s).prefix(2)) == ["gg(", "erf"])
    #expect(texts("sgd(S, T, method=|", s) == ["full", "reduced"])
    #expect(texts("sgd(S, T, method=r|", s).first == "reduced")
    #expect(
      complete("sgd(S, T, method=r|", s).first?.documentation.hasPrefix("SGD through") == true)
    // A list for `mean`, before its argument and before names that fit the word as well.
    s["xa"] = 1
    #expect(texts("mean(x|", s) == ["xs", "xs=", "xa"])
  }

  @Test func namesUsedLastComeFirst() throws {
    let s = Self.engine.session(output: .capture)
    s["zzz_a"] = 1
    s["zzz_b"] = 2
    s["zzz_c"] = 3
    #expect(texts("zzz_|", s).prefix(3) == ["zzz_a", "zzz_b", "zzz_c"])
    try s.eval("zzz_c + 1", mode: .prompt)
    try s.eval("zzz_b + 1", mode: .prompt)
    #expect(texts("zzz_|", s).prefix(3) == ["zzz_b", "zzz_c", "zzz_a"])
  }

  @Test func modulesOfferTheirFunctions() throws {
    let s = Engine().session(output: .capture)
    let found = complete("plateau_r|", s)
    #expect(found.map(\.text) == ["plateau_rate("])
    #expect(found[0].documentation.hasPrefix("needs `use theory`: The rate at which"))
    #expect(complete("use theory; plateau_r|", s)[0].documentation.hasPrefix("The rate"))
    try s.eval("use theory")
    #expect(texts("plateau_r|", s) == ["plateau_rate("])
    #expect(complete("plateau_r|", s)[0].documentation.hasPrefix("The rate"))
    // What a module keeps for itself is not offered.
    #expect(texts("slope_mo|", Engine().session()) == [])
    #expect(complete("use theo|", s).first?.documentation.hasPrefix("Closed formulas") == true)
  }

  @Test func everyCompletionSaysWhatItIs() throws {
    let s = Engine().session(output: .capture)
    try s.eval("r = ode(student(2), teacher(2), η=1, time=1); x = [1, 2, 3]")
    for text in ["s|", "p|", "r.|", "ode(|", "use |", "plot(r, |", "sgd(r, method=|", "x|"] {
      let bare = complete(text, s).filter { $0.documentation.isEmpty }.map(\.text)
      let keywords = ["sweep"]
      #expect(bare.allSatisfy(keywords.contains), "\(text) \(bare)")
    }
    #expect(complete("x|", s).first?.documentation == "a list, 3 elements")
  }

  @Test func findsTheRightOnesAmongTenThousand() {
    let s = Self.engine.session(output: .capture)
    for index in 0..<10_000 { s["name_\(index)"] = index }
    #expect(texts("x = name_99|", s).count == 111)
    #expect(texts("x = NAME_99|", s).count == 111)
    #expect(texts("zzz_student(|", s) == ["K=", "init=", "η_w="])
    // Of thousands, the last used and the first, and what they share is what all share.
    s["naught"] = 1
    #expect((300..<310).contains(texts("n|", s).filter { $0.hasPrefix("na") }.count))
    #expect(texts("n|", s).contains("naught") && texts("n|", s).contains("name_0"))
  }
}
