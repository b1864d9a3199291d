import TSSData
import Testing

@Suite struct JSONTests {
  private func text(_ json: JSON, pretty: Bool = false) -> String {
    String(decoding: json.encoded(pretty: pretty), as: UTF8.self)
  }

  @Test func readsEveryKind() throws {
    let json = try JSON(
      decoding:
        #" {"b": [true, false, null], "a": -1.5e-3, "s": "η\n\u03b7\ud83d\ude00\"\/", "o": {}} "#)
    #expect(
      json == [
        "b": [true, false, nil], "a": -0.0015, "s": "η\nη😀\"/", "o": [:],
      ])
    #expect(json.object?.map(\.key) == ["b", "a", "s", "o"])
    #expect(json["b"]?[0]?.bool == true && json["b"]?[7] == nil && json["c"] == nil)
  }

  @Test func numbersRoundTrip() throws {
    var random = SystemRandomNumberGenerator()
    var values: [Double] = [
      0, -0.0, 0.1, 1e22, 1e23, .leastNonzeroMagnitude, 2.2250738585072014e-308,
      1.7976931348623157e308,
      0.1 + 0.2, 9007199254740992, 1.2345678901234568e29, 1e-7, 4.35, 8.5e-22,
    ]
    for _ in 0..<20_000 {
      let value = Double(bitPattern: random.next())
      if value.isFinite { values.append(value) }
      values.append(Double.random(in: -100...100))
    }
    let back = try #require(try JSON(decoding: JSON(values).encoded()).numbers)
    for (a, b) in zip(values, back) { #expect(a.bitPattern == b.bitPattern, "\(a) became \(b)") }
  }

  @Test func numbersThatJSONLacks() throws {
    #expect(
      text([.number(.nan), .number(.infinity), .number(-.infinity)]) == "[NaN,Infinity,-Infinity]")
    let read = try JSON(
      decoding:
        #"[Infinity, -Infinity, {"$number": "inf"}, {"$number": "-inf"}, NaN, {"$number": "nan"}]"#)
    let numbers = try #require(read.numbers)
    #expect(numbers[..<4] == [.infinity, -.infinity, .infinity, -.infinity])
    #expect(numbers[4].isNaN && numbers[5].isNaN)
  }

  @Test func layout() throws {
    let json: JSON = [
      "α": [0, 1, 2.5], "Q": [[1, 0], [0, 1]], "empty": [[], [:]], "name": "x\u{1}",
    ]
    #expect(
      text(json, pretty: true) == """
        {
          "α": [0, 1, 2.5],
          "Q": [
            [1, 0],
            [0, 1]
          ],
          "empty": [
            [],
            {}
          ],
          "name": "x\\u0001"
        }

        """)
    #expect(try JSON(decoding: json.encoded()) == json)
    #expect(text(json) == #"{"α":[0,1,2.5],"Q":[[1,0],[0,1]],"empty":[[],{}],"name":"x\u0001"}"#)
  }

  @Test(
    arguments: [
      ("", "1:1", "a value is expected, but the text ends"),
      ("[1,\n  η]", "2:3", "a value is expected, but there is `η`"),
      ("[1 2]", "1:4", "a comma or `]` is expected, but there is `2`"),
      ("{\"a\" 1}", "1:6", "a colon is expected after a name, but there is `1`"),
      ("{a: 1}", "1:2", "a name in double quotes is expected, but there is `a`"),
      ("[1,]", "1:4", "a value is expected, but there is `]`"),
      ("1 1", "1:3", "something follows the value"),
      ("\"ab", "1:1", "the string is not closed"),
      ("[01]", "1:2", "this is not a number as JSON writes them"),
      ("-", "1:1", "this is not a number as JSON writes them"),
      ("[1.]", "1:2", "this is not a number as JSON writes them"),
      ("\"\\x\"", "1:3", "a backslash must be followed by one of \" \\ / b f n r t u"),
    ])
  func errorsNameThePlace(input: String, place: String, problem: String) {
    #expect {
      try JSON(decoding: input)
    } throws: { "\($0)" == "not valid JSON: line \(place): \(problem)" }
  }

  @Test func nestingIsLimited() throws {
    let depth = JSON.deepestNesting
    let deep = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    #expect(try JSON(decoding: deep).array?.count == 1)
    #expect(throws: DataError.self) {
      try JSON(decoding: String(repeating: "[{\"a\":", count: 100_000))
    }
  }

  @Test func damageNeverCrashes() {
    let text =
      #"{"a": [1.5e-3, NaN, {"$number": "inf"}, "\ud83d\ude00\n"], "η": [true, null, -Infinity]}"#
    for bytes in damaged(Array(text.utf8)) { _ = try? JSON(decoding: bytes) }
  }

  #if !DEBUG
    @Test func tenMegabytes() throws {
      let values = (0..<530_000).map { Double($0).squareRoot() }
      let bytes = JSON(values).encoded()
      #expect(bytes.count > 9_500_000)
      #expect(try JSON(decoding: bytes).numbers == values)
    }
  #endif
}
