import TSS
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The calls that a Swift program makes, as EMBEDDING.md promises them.
@Suite struct EmbeddingTests {
  @Test func theWholeExample() throws {
    var engine = Engine(
      limits: .init(steps: 10_000_000, depth: 200, memory: .megabytes(512), files: .none))
    engine.define("swish", doc: "x/(1 + exp(-x))") { (x: Double) in x / (1 + exp(-x)) }
    engine.addModule("lab", source: "base = (K=4, g=swish)")

    let s = engine.session(seed: 1, output: .capture)
    s["N"] = 500
    #expect(s["N"] == 500)
    try s.eval(
      "use lab; T = teacher(M=2); run = ode(student(..base), T, η=0.5, time=10)", name: "demo.tss")
    let eg: [Double] = try s.eval("run.eg")
    #expect(eg.count > 10 && eg.last! < eg[0])
    let run: Run = try s.get("run")
    #expect(run.samples.map(\.error) == eg)
    #expect(run.student.hiddenUnits == 4)
    let f: (Double) throws -> Double = try s.function("swish")
    #expect(try f(2) == 2 / (1 + exp(-2)))
    s.onProgress { p in p.fraction > 0.5 ? .stop : .go }
    let stop = s.interrupt
    stop.clear()
    do {
      try s.eval("student(k=2)")
      Issue.record("no error")
    } catch let e {
      #expect(e.code == "unknown-argument")
      #expect(e.span?.text == "k")
      #expect(e.suggestions.first == "K")
      #expect(e.render(color: false, width: 80).hasPrefix("error: `student` has no argument `k`"))
    }
    let before = s.snapshot()
    try s.eval("T = 3")
    s.restore(before)
    let T: Teacher = try s.get("T")
    #expect(T.hiddenUnits == 2)
    guard case .incomplete(indent: 2) = s.isComplete("f(1,") else {
      Issue.record("f(1, is \(s.isComplete("f(1,"))")
      return
    }
    #expect(s.complete("stude", at: 5).map(\.text) == ["student("])
    #expect(
      engine.check("r = 1; plot(r, lgo=1)", name: "a.tss").map(\.message)
        == ["`plot` has no argument `lgo`"])
    try s.eval("print(\"hello\", N)")
    #expect(s.output == "hello 500\n")
  }

  @Test func valuesGoBothWays() throws {
    let s = Engine().session(output: .capture)
    s["number"] = 0.5
    s["text"] = "a"
    s["flag"] = true
    s["list"] = [1, 2, 3]
    s["missing"] = nil as Int?
    s["record"] = ["a": 1, "b": 2]
    s["matrix"] = Matrix(rows: 2, columns: 2, elements: [1, 2, 3, 4])
    #expect(try s.eval("number + 1") == 1.5)
    #expect(try s.eval("text + \"b\"") == "ab")
    #expect(try s.eval("not flag") == false)
    #expect(try s.eval("sum(list)") == 6)
    #expect(try s.eval("[record.a, record.b]") == [1, 2])
    #expect(try s.eval("matrix[2, 1]") == 3)
    #expect(try s.eval("[[1], [2, 3]]") == [[1], [2, 3]])
    #expect(try s.eval("(x=1.5, y=2)") == ["x": 1.5, "y": 2])
    #expect(try s.eval("nothing") == nil as Double?)
    #expect(try s.eval("[1, 2; 3, 4]") == Matrix(rows: 2, columns: 2, elements: [1, 2, 3, 4]))
    s["eta"] = 0.25
    #expect(s["η"] == 0.25)
  }

  @Test func mismatchesAreErrors() throws {
    let s = Engine().session(output: .capture)
    #expect(throws: Diagnostic.self) { let _: Int = try s.eval("1.5") }
    #expect(throws: Diagnostic.self) { let _: [Double] = try s.eval("\"a\"") }
    #expect(throws: Diagnostic.self) { let _: Double = try s.get("nowhere") }
    s["text"] = "a"
    #expect(s["text"] as Double? == nil)
  }

  @Test func closuresHaveAnyNumberOfArguments() throws {
    struct Trouble: Error, CustomStringConvertible { var description: String { "trouble" } }
    var engine = Engine()
    engine.define("none") { 7 }
    engine.define("three") { (a: Double, b: String, c: [Double]?) in
      "\(a) \(b) \(c?.count ?? -1)"
    }
    engine.define("fails") { (x: Double) throws -> Double in throw Trouble() }
    let s = engine.session(output: .capture)
    #expect(try s.eval("none()") == 7)
    #expect(try s.eval("three(1, \"b\", [1, 2])") == "1.0 b 2")
    #expect(try s.eval("three(1, \"b\")") == "1.0 b -1")
    #expect(try s.eval("three(x3=[], x1=2, x2=\"c\")") == "2.0 c 0")
    do {
      try s.eval("three(1, 2)")
      Issue.record("no error")
    } catch {
      #expect(error.message == "`three` needs a string for `x2`, not a number")
      #expect(error.span?.text == "2")
    }
    do {
      try s.eval("1 + fails(2)")
      Issue.record("no error")
    } catch {
      #expect(error.message == "`fails` failed: trouble")
      #expect(error.span?.text == "fails(2)")
    }
  }

  @Test func functionsOfTheLanguageAreSwiftFunctions() throws {
    let s = Engine().session(output: .capture)
    try s.eval("f(x, y) = x^2 + y; g() = \"g\"")
    let f: (Double, Double) throws -> Double = try s.function("f")
    let g: () throws -> String = try s.function("g")
    #expect(try f(3, 1) == 10)
    #expect(try g() == "g")
  }

  @Test func sessionsShareNothing() throws {
    var engine = Engine()
    let a = engine.session(output: .capture)
    engine.define("later", value: 1)
    let b = engine.session(output: .capture)
    try a.eval("x = 1")
    #expect(throws: Diagnostic.self) { try b.eval("x") }
    #expect(throws: Diagnostic.self) { try a.eval("later") }
    #expect(try b.eval("later") == 1)
    #expect(a.names == ["x"])
  }

  @Test func helpIsText() throws {
    var engine = Engine()
    engine.define("swish", doc: "A smooth gate.") { (x: Double) in x }
    let s = engine.session(output: .capture)
    #expect(s.help("swish")?.hasPrefix("swish(x)\n\n  A smooth gate.") == true)
    #expect(s.help("nowhere") == nil)
    s["a"] = [1, 2]
    #expect(s.help("a") == "a: a list\n\n  [1, 2]")
  }

  @Test func outputGoesWhereItIsWanted() throws {
    let captured = Engine().session(output: .capture)
    try captured.eval("print(1); print(2)")
    #expect(captured.output == "1\n2\n")
    captured.clearOutput()
    #expect(captured.output == "")
    try captured.eval("1 + 1; 5", mode: .file)
    #expect(captured.output == "2\n5\n")
  }
}
