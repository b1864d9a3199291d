import Groundwork
import TSSLanguage
import Testing

@Suite struct FormatTests {
  @Test func numbersAgreeWithPython() throws {
    var failures: [String] = []
    let lines = formatFixture.split(separator: "\n")
    for line in lines {
      let parts = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
      let value = try #require(Double(parts[0]))
      let text = try Value.number(value).formatted(parts[1], at: nil)
      if text != parts[2] { failures.append("\(parts[0]):\(parts[1]) \(text), not \(parts[2])") }
    }
    #expect(lines.count > 1000)
    #expect(failures.isEmpty, "\(failures.prefix(20).joined(separator: "\n"))")
  }

  @Test(arguments: [
    (Value.string("ab"), ">5", "   ab"), (.string("ab"), "^5", " ab  "),
    (.string("ab"), "*<5s", "ab***"), (.string("abcdef"), ".3", "abc"),
    (.string("abcdef"), ">5.3", "  abc"), (.string("a"), "05", "a0000"), (.string("a"), "", "a"),
    (.bool(true), ">6", "  true"), (.nothing, "9", "nothing  "), (.word("first"), "^7", " first "),
    (.number(3), ".3", "3"), (.number(3), "6", "     3"), (.number(-0.0), "", "0"),
    (.number(-0.0), ".1f", "-0.0"), (.number(-0.0), "d", "0"),
    (.number(1e20), "d", "1" + zeros(20)),
    (Value([0.125, 2]), ".2f", "[0.12, 2.00]"), (Value([1, 2]), ">8", "  [1, 2]"),
    (.matrix(Matrix(rows: 1, columns: 2, elements: [1, 2])), ".1f", "[1.0, 2.0;]"),
    (.list([Value([1]), Value([2, 3])]), ".1e", "[[1.0e+00], [2.0e+00, 3.0e+00]]"),
    (.list([.string("abc")]), ".2", "[\"ab\"]"),
  ])
  func valuesFormat(value: Value, spec: String, text: String) throws {
    #expect(try value.formatted(spec, at: nil) == text)
  }

  @Test(arguments: [
    (Value.number(1.5), "d", "`d` needs a whole number, not 1.5"),
    (.number(.infinity), "d", "`d` needs a finite number"),
    (.number(1), "s", "`s` formats strings, not a number"),
    (.string("a"), ".2f", "`f` formats numbers, not a string"),
    (.string("a"), "+", "this format is for numbers, not a string"),
    (.list([.number(1), .nothing]), ".2f", "`f` formats numbers, not nothing"),
    (.record(Record([])), ".2f", "`f` formats numbers, not a record"),
    (Value([1.5]), "d", "`d` needs a whole number, not 1.5"),
  ])
  func mismatchesAreErrors(value: Value, spec: String, message: String) {
    #expect(throws: Diagnostic.self) { try value.formatted(spec, at: nil) }
    do { _ = try value.formatted(spec, at: nil) } catch { #expect(error.message == message) }
  }

  @Test(arguments: [
    ("", nil), (".2f", nil), ("*^+#012,.3e", nil),
    (".f", "`.` in a format needs a number of digits after it"),
    ("q", "`q` is no type of format; use f, e, g, d, % or s"),
    ("ab", "`ab` is no format; formats look like `.2f`, `8.3e`, `>10`, `d`"),
    (",_", "a format has one of `,` and `_`, once"),
    (".2d", "`d` prints whole numbers and takes no precision"),
    ("=5s", "a format for strings has no sign, `,`, `_`, `#` or `=`"),
    ("99999999999999999999", "a width of more than 9999"),
  ])
  func theCheckKnowsFormats(spec: String, problem: String?) {
    #expect(FormatSpec.problem(in: spec) == problem)
  }
}

private func zeros(_ count: Int) -> String { String(repeating: "0", count: count) }
