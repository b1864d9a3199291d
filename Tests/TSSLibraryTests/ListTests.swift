import TSSLanguage
import TSSLibrary
import Testing

@Suite struct ListTests {
  @Test func countsWhatCanBeCounted() throws {
    #expect(try text("count", [1, 2]) == "2")
    #expect(try text("count", "ηK") == "2")
    #expect(try text("count", rows([1, 2], [3, 4])) == "4")
    #expect(failure("count", 3)?.message == "`count` needs a list for `xs`, not a number")
  }

  @Test func sortsStablyAndByKeys() throws {
    #expect(try text("sort", [3, .number(.nan), 1, 2]) == "[1, 2, 3, nan]")
    #expect(try text("sort", [3, 1, 2], named: ["descending": true]) == "[3, 2, 1]")
    #expect(try text("sort", ["b", "a"]) == #"["a", "b"]"#)
    #expect(
      try text("sort", [-3, 2, -1], named: ["by": scalar { $0.magnitude }]) == "[-1, 2, -3]")
    #expect(try text("sort", [3, -2, 2], named: ["by": scalar { $0 * $0 }]) == "[-2, 2, 3]")
    #expect(
      failure("sort", [1, "a"])?.message
        == "numbers or strings can be sorted, not a number and a string together")
  }

  @Test func partsOfLists() throws {
    #expect(try text("take", [1, 2, 3], 2) == "[1, 2]")
    #expect(try text("take", [1, 2, 3], -5) == "[1, 2, 3]")
    #expect(try text("drop", "abc", 1) == "bc")
    #expect(try text("drop", [1, 2, 3], -1) == "[1, 2]")
    #expect(try text("reverse", "abc") == "cba")
    #expect(try text("unique", [2, 1, 2, -0.0, 0]) == "[2, 1, 0]")
    #expect(try text("unique", [[1], [2], [1]]) == "[[1], [2]]")
    #expect(try text("flatten", [1, [2, [rows([3, 4])]]]) == "[1, 2, 3, 4]")
    #expect(try text("indexof", [5, "a"], "a") == "2")
    #expect(try text("indexof", [5], 6) == "nothing")
    #expect(try text("contains", "abc", "bc") == "true")
    #expect(try text("contains", [1, [2]], [2]) == "true")
  }

  @Test func runningSums() throws {
    #expect(try text("cumsum", [1, 2, 3]) == "[1, 3, 6]")
    #expect(try text("cumprod", [1, 2, 3]) == "[1, 2, 6]")
    #expect(try text("diff", [1, 4, 9]) == "[3, 5]")
    #expect(try text("diff", []) == "[]")
  }

  @Test func spacedNumbersMeetTheirEnds() throws {
    #expect(try text("linspace", 0, 1, 5) == "[0, 0.25, 0.5, 0.75, 1]")
    #expect(try text("linspace", 1, 2, 1) == "[1]")
    #expect(try text("linspace", 1, 2, 0) == "[]")
    #expect(
      try text("logspace", 1e-6, 1e-1, 6) == "[1e-06, 1e-05, 0.0001, 0.001, 0.01, 0.1]")
    #expect(failure("logspace", -1, 2, 3)?.help.first?.contains("values") == true)
    #expect(failure("linspace", 0, 1, 2.5)?.span?.text == "2.5")
  }

  @Test func makersOfLists() throws {
    #expect(try text("zeros", 2) == "[0, 0]")
    #expect(try text("ones", 1, 2) == "[1, 1;]")
    #expect(try text("fill", "a", 2) == #"["a", "a"]"#)
    #expect(try text("repeat", "ab", 2) == "abab")
    #expect(try text("repeat", [1, 2], 2) == "[1, 2, 1, 2]")
    #expect(try text("zip", [1, 2], ["a", "b"]) == #"[[1, "a"], [2, "b"]]"#)
    #expect(try text("enumerate", ["a"]) == #"[[1, "a"]]"#)
    #expect(failure("zip", [1], [1, 2])?.message == "`zip` of lists of 1 and of 2 elements")
    #expect(
      failure("zeros", 1e12)?.message == "1000000000000 elements are more than the memory holds")
  }

  @Test func functionsOfFunctions() throws {
    #expect(try text("map", [1, 2], scalar { $0 * $0 }) == "[1, 4]")
    #expect(try text("filter", [1, 2, 3], question { $0 > 1 }) == "[2, 3]")
    #expect(try text("where", [5, 7, 9], question { $0 > 6 }) == "[2, 3]")
    #expect(try text("where", [true, false, true]) == "[1, 3]")
    #expect(try text("find", [5, 7], question { $0 > 6 }) == "7")
    #expect(try text("any", [1, 2], question { $0 > 1 }) == "true")
    #expect(try text("all", []) == "true")
    #expect(failure("any", [1])?.code == "type")
    #expect(failure("map", scalar { $0 }, [1])?.help.first == "the list comes first: map(xs, f)")
    let plus = Value.function(
      TestFunction { arguments throws(Diagnostic) in
        .string(arguments.map { $0.printed() }.joined(separator: "+"))
      })
    #expect(try text("reduce", [1, 2, 3], plus) == "1+2+3")
    #expect(try text("reduce", [1, 2], plus, 0) == "0+1+2")
    #expect(failure("reduce", [], plus)?.message == "`reduce` of an empty list needs a `start`")
  }

  @Test func loopsCanBeInterrupted() {
    let context = TestContext()
    context.patience = 5
    let long = Value([Double](repeating: 1, count: 100))
    #expect(failure("map", long, scalar { $0 }, in: context)?.code == "interrupted")
  }

  @Test func shufflingIsDeterministic() throws {
    #expect(try text("random", 2) == text("random", 2, named: ["seed": 1]))
    #expect(try text("random", 2) != text("random", 2, named: ["seed": 2]))
    #expect(try text("sort", run("shuffle", [3, 1, 2])) == "[1, 2, 3]")
    guard let normal = try run("randn", 100_000).numbers,
      let uniform = try run("random", 100_000).numbers
    else { return }
    func moment(_ xs: [Double], _ k: Int) -> Double {
      xs.reduce(0) { sum, x in sum + (0..<k).reduce(1) { power, _ in power * x } }
        / Double(xs.count)
    }
    #expect(abs(moment(normal, 1)) < 0.015 && abs(moment(normal, 2) - 1) < 0.02)
    #expect(abs(moment(normal, 4) - 3) < 0.15 && abs(moment(uniform, 1) - 0.5) < 0.005)
    #expect(uniform.allSatisfy { $0 >= 0 && $0 < 1 })
  }
}
