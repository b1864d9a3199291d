import TSS
import Testing

/// What an editor asks of a text while it is written.
@Suite struct HighlightingTests {
  private let session = Engine().session()

  /// The spans, as the text they cover and their style.
  private func spans(_ text: String) -> [String] {
    let bytes = Array(text.utf8)
    return session.highlight(text).map {
      "\(String(decoding: bytes[$0.range], as: UTF8.self)):\($0.style.rawValue)"
    }
  }

  @Test func findsTheParts() {
    #expect(spans("η = 2x # β") == ["2:number", "# β:comment"])
    #expect(spans("f(K=4, x) = 1") == ["f:function", "K:argument", "4:number", "1:number"])
    #expect(spans("for k in (a=1) { }") == ["for:keyword", "in:keyword", "a:argument", "1:number"])
    #expect(
      spans("\"a{K:.2f}b\"") == [
        "\":string", "a:string", ".2f:string", "b:string", "\":string",
      ])
    #expect(spans("## doc\nx = true") == ["## doc:comment", "true:number"])
  }

  @Test func takesUnfinishedAndWrongText() {
    #expect(spans("print(\"abc") == ["print:function", "\"abc:string"])
    #expect(spans("[1, 2)") == ["1:number", "2:number", "):strayBracket"])
    #expect(spans("a ? b").isEmpty)
    #expect(spans("").isEmpty)
    #expect(spans("# only") == ["# only:comment"])
  }

  @Test func spansAreInOrderAndInside() {
    let text = "S = student(K=2, g=x -> x^2) # η\n\"{S.K + [1,2][1]:d}\" |> print\n)"
    var last = 0
    for length in 0...text.utf8.count {
      let part = String(decoding: text.utf8.prefix(length), as: UTF8.self)
      last = 0
      for span in session.highlight(part) {
        #expect(span.range.lowerBound >= last && span.range.upperBound <= part.utf8.count)
        last = span.range.upperBound
      }
    }
  }

  @Test func matchesBrackets() {
    let text = "f(a[1], \"{g(2)}\")"
    #expect(session.matchingBrackets(in: text, at: 1)! == (1, 16))
    #expect(session.matchingBrackets(in: text, at: 17)! == (1, 16))
    #expect(session.matchingBrackets(in: text, at: 3)! == (3, 5))
    #expect(session.matchingBrackets(in: text, at: 0) == nil)
    #expect(session.matchingBrackets(in: "(1", at: 1) == nil)
  }

  @Test func hintsAtTheCall() throws {
    func hint(_ text: String) -> SignatureHint? { session.signatureHint(text, at: text.utf8.count) }
    let first = try #require(hint("student("))
    #expect(first.function == "student" && first.parameters[first.current!] == "K")
    let second = try #require(hint("sgd(student(2), "))
    #expect(second.parameters[second.current!].hasPrefix("teacher"))
    #expect(hint("student(2, ")?.current == nil)
    let named = try #require(hint("ode(S, T, eta=[0.1, "))
    #expect(named.current.map { named.parameters[$0] } == "η=…")
    #expect(hint("student(K=2, nonsense=")?.current == nil)
    #expect(hint("print(sin(1), ")?.function == "print")
    #expect(hint("student(2) + ") == nil)
    #expect(hint("map(x -> { ") == nil)
    #expect(hint("unknown(") == nil)
    #expect(hint("# student(") == nil)
  }
}
