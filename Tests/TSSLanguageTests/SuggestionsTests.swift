import TSSLanguage
import Testing

@Suite struct SuggestionsTests {
  private let names = [
    "student", "teacher", "init", "K", "η", "η_w", "seed", "plot", "points", "print", "sgd", "mean",
    "normal", "sqrt", "log", "N",
  ]

  @Test(arguments: [
    ("studnet", "student"), ("inti", "init"), ("k", "K"), ("sead", "seed"), ("prnt", "print"),
    ("Student", "student"), ("STUDENT", "student"), ("etta", "η"), ("eta_v", "η_w"), ("n", "N"),
    ("sqr", "sqrt"), ("noraml", "normal"), ("lgo", "log"),
  ])
  func near(_ written: String, _ meant: String) {
    #expect(Suggestions.best(for: written, among: names).first == meant)
  }

  @Test(arguments: ["xyz", "q", "teech", "", "überhaupt"])
  func far(_ written: String) {
    #expect(Suggestions.best(for: written, among: names) == [])
  }

  @Test func bestFirstAndAtMostAsManyAsAsked() {
    let best = Suggestions.best(for: "abcdef", among: ["abcdxx", "abcdeg", "ABCDEF", "fedcba"])
    #expect(best == ["ABCDEF", "abcdeg", "abcdxx"])
    #expect(
      Suggestions.best(for: "x1", among: ["x2", "x3", "x4", "x5"], limit: 2) == ["x2", "x3"])
    #expect(Suggestions.help(for: "studnet", among: names) == "did you mean `student`?")
    #expect(Suggestions.help(for: "zzz", among: names) == nil)
  }

  @Test func aSwapOfNeighboursCountsOnce() {
    #expect(Suggestions.alignment(Array("inti"), Array("init"), limit: 3) == 1)
    #expect(Suggestions.alignment(Array("abcd"), Array("badc"), limit: 3) == 2)
    #expect(Suggestions.alignment(Array("ca"), Array("abc"), limit: 3) == 3)
    #expect(Suggestions.alignment(Array(""), Array("abc"), limit: 3) == 3)
    #expect(Suggestions.alignment(Array("kitten"), Array("sitting"), limit: 2) == nil)
  }

  @Test(.timeLimit(.minutes(1))) func tenThousandNames() {
    let many = (0..<10_000).map { "parameter_\($0)" }
    #expect(Suggestions.best(for: "paramter_42", among: many).first == "parameter_42")
  }
}
