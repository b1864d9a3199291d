import TSSData
import Testing

@Suite struct CSVTests {
  private func table(_ text: String, header: Bool? = nil) throws -> CSVTable {
    try CSVTable(decoding: Array(text.utf8), header: header)
  }

  private func text(_ table: CSVTable) -> String {
    String(decoding: table.encoded(), as: UTF8.self)
  }

  @Test func writesShortNumbersAndQuotesWhatNeedsIt() {
    let table = CSVTable(
      names: ["α", "layers, or both"],
      columns: [
        [.number(0.1), .number(1e-5), .number(3), .number(.nan), .number(-.infinity), .empty],
        [.text("first"), .text("say \"hi\""), .text("3"), .text(""), .empty, .text("# no")],
      ], comments: ["seed 1"])
    #expect(
      text(table) == """
        # seed 1
        α,"layers, or both"
        0.1,first
        1e-05,"say ""hi""\"
        3,"3"
        nan,""
        -inf,
        ,"# no"

        """)
  }

  @Test func roundTrips() throws {
    let odd: [CSVCell] = [
      .number(.leastNonzeroMagnitude), .number(-0.0), .number(1.7976931348623157e308),
      .number(0.1 + 0.2),
      .text("two\nlines"), .text(" blanks "), .text("nan"), .text("1e5"), .text(""), .empty,
      .text("ü;\t,"), .text("#"), .text("a\rb"), .text("\u{FEFF}x"), .text("\""),
    ]
    let wide = CSVTable(names: ["a", "1"], columns: [odd, odd.reversed()], comments: ["x", ""])
    #expect(try CSVTable(decoding: wide.encoded()) == wide)
    let narrow = CSVTable(names: ["a"], columns: [odd])
    #expect(try CSVTable(decoding: narrow.encoded()) == narrow)
    let bare = CSVTable(names: ["a", "b"], columns: [[], []])
    #expect(try CSVTable(decoding: bare.encoded()) == bare)
    #expect(try table("") == CSVTable(names: [], columns: []))
  }

  @Test func delimitersAndLineEnds() throws {
    let expected = CSVTable([("K", [4, 5]), ("eg", [0.5, 1e-3])])
    let texts = [
      "K,eg\n4,0.5\n5,1e-3\n", "K;eg\r\n4;.5\r\n5;0.001", "\u{FEFF}K\teg\r4\t+5e-1\r5\t1E-3\r",
      "\n\nK , eg\n 4 , 0.5 \n   \n5,1e-3\n\n",
    ]
    for text in texts { #expect(try table(text) == expected, "\(text.debugDescription)") }
  }

  @Test func headersAreFound() throws {
    #expect(try table("1,2\n3,4\n").names == ["c1", "c2"])
    #expect(try table("# K, eg\n1,2\n").names == ["K", "eg"])
    #expect(try table("# three words here\n1,2\n").comments == ["three words here"])
    #expect(try table("first,1\nboth,2\n").rowCount == 2)
    #expect(try table("a,b\nc,d\n", header: false).rowCount == 2)
    #expect(try table("1,2\n3,4\n", header: true).names == ["1", "2"])
  }

  @Test func numbersAsNumPySpellsThem() throws {
    let numbers = try #require(
      try table("x\nnan\n-inf\nInfinity\n5.\n,\n".replacingLast()).numbers("x"))
    #expect(numbers[0].isNaN && numbers[1...] == [-.infinity, .infinity, 5])
    #expect(try table("x\n1\nword\n").numbers("x") == nil)
    #expect(try table("x,y\n1,\n").numbers("y")?.first?.isNaN == true)
  }

  @Test func errorsNameTheLine() {
    #expect {
      try table("a,b\n1,2\n\"x\ny\",2\n1,2,3\n")
    } throws: { error in
      "\(error)" == "not valid CSV: line 5: 3 cells, but the first row has 2 cells"
    }
    #expect {
      try table("a\n1\n\"b\nc")
    } throws: { "\($0)" == "not valid CSV: line 3: a quote is not closed" }
    #expect(throws: DataError.self) { try table("a\n\"b\"c\n") }
    #expect(throws: DataError.self) { try CSVTable(decoding: [0xFF, 0xFE, 0x41, 0]) }
  }

  @Test func damageNeverCrashes() {
    let text = "# c\n\"a \"\"b\"\"\";x\r\n1e-300;\"two\nlines\"\r\n-inf;η\r\n"
    for bytes in damaged(Array(text.utf8)) { _ = try? CSVTable(decoding: bytes) }
  }
}

extension String {
  /// Without its last line, which would be one of two cells.
  fileprivate func replacingLast() -> String { String(dropLast(2)) }
}
