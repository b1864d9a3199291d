import TSSLanguage
import TSSLibrary
import Testing

@Suite struct TextTests {
  @Test func pieces() throws {
    #expect(try text("split", "a,,b", ",") == #"["a", "", "b"]"#)
    #expect(try text("split", " a  b\n") == #"["a", "b"]"#)
    #expect(try text("join", ["K", 4], " = ") == "K = 4")
    #expect(try text("replace", "a-b-c", "-", "") == "abc")
    #expect(try text("lines", "a\r\nb\n\nc\n") == #"["a", "b", "", "c"]"#)
    #expect(try text("chars", "ηé") == #"["η", "é"]"#)
    #expect(try text("trim", " \n ") == "")
    #expect(try text("upper", "ode η") == "ODE Η")
    #expect(try text("startswith", "figure2", "fig") == "true")
    #expect(try text("endswith", "a.pdf", "pdf") == "true")
    #expect(failure("split", "ab", "")?.help.first == "chars(text)")
  }

  @Test func conversions() throws {
    #expect(try text("string", [1, "a"]) == #"[1, "a"]"#)
    #expect(try text("number", " 1_000.5e-3 ") == "1.0005")
    #expect(try text("number", "-inf") == "-inf")
    #expect(failure("number", "0x10")?.message == #""0x10" is no number"#)
    #expect(failure("number", "")?.code == "value")
    #expect(try text("format", [0.5, 1], ".1e") == "[5.0e-01, 1.0e+00]")
    #expect(failure("format", "a", ".2f")?.span?.text == ".2f")
  }

  @Test func printing() throws {
    let context = TestContext()
    _ = try run("print", "K =", 4, ["a"], in: context)
    _ = try run("print", in: context)
    _ = try run("print", 1, 2, named: ["sep": ";", "end": ""], in: context)
    #expect(context.output == "K = 4 [\"a\"]\n\n1;2")
    let grid = TestContext()
    _ = try run("print", table([("K", [1, 2])], [3, 4]), in: grid)
    #expect(grid.output == "K  value\n1      3\n2      4\n")
    _ = try run("note", "η =", 1, in: grid)
    #expect(grid.notes == ["η = 1"])
  }

  @Test func assertionsPointAtTheirCondition() throws {
    #expect(try text("assert", true, "fine") == "nothing")
    let named = failure("assert", false, "a wider start must escape sooner")
    #expect(named?.message == "a wider start must escape sooner")
    #expect(named?.span?.text == "false")
    #expect(failure("assert", false)?.message == "the assertion `false` is false")
    #expect(
      failure("assert", 1)?.message
        == "`assert` needs true or false for `condition`, not a number")
    #expect(failure("error", "no", 3)?.message == "no 3")
  }

  @Test func questions() throws {
    #expect(try text("type", [1]) == "list")
    #expect(try text("type", .nothing) == "nothing")
    #expect(try text("fields", .record(Record([("K", 4), ("g", 1)]))) == #"["K", "g"]"#)
    #expect(try text("axes", table([("K", [1, 2])], [3, 4])) == "(K=[1, 2])")
    let context = TestContext()
    _ = try run("help", standard.entries["linspace"]!.value, in: context)
    #expect(
      context.output == """
        linspace(start, stop, n)

          n numbers at equal distances, both ends included.

          start  the first number
          stop   the last number
          n      how many numbers

          >>> linspace(0, 1, 5)
          [0, 0.25, 0.5, 0.75, 1]

          see also: logspace

        """)
    #expect(failure("help", "sin")?.help.first == "help(sin)")
  }

  @Test func filesNeedPermission() {
    let context = TestContext()
    context.files = .none
    #expect(failure("readtext", "a.txt", in: context)?.code == "files")
    #expect(
      failure("readtext", "/no/such")?.message
        == "\"/no/such\" cannot be read: No such file or directory")
  }

  /// What the whole vocabulary promises its readers.
  @Test func everyFunctionIsDocumented() {
    for (name, entry) in standard.entries {
      #expect(!entry.documentation.text.isEmpty, "\(name)")
      #expect(entry.documentation.text.hasSuffix("."), "\(name)")
      guard case .function(let function) = entry.value else { continue }
      for parameter in function.signature.parameters {
        #expect(!parameter.documentation.isEmpty, "\(name): \(parameter.name)")
      }
    }
    for name in standard.hints.keys {
      #expect(standard.entries[name] == nil, "\(name) exists and needs no hint")
      #expect(Habits.help(forUnknownName: name) == nil, "\(name) is a habit known already")
    }
  }
}
