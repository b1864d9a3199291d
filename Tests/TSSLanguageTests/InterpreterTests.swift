import Groundwork
import TSSLanguage
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite("The interpreter")
struct InterpreterTests {
  @Test(
    "An engine that is stopped gives what it has, which is bound; then the program stops",
    arguments: [
      "r = engine(); print(1)", "f() = { r = engine(); print(1); r }; f()",
      "f() = { r = engine(); x = 1; r }; q = f()", "for i in 1:3 { r = engine(); print(i) }",
      "r = engine(); s = 1", "print(engine())", "f(x) = x; r = f(engine())",
      "while true { r = engine() }", "map(x -> engine(), 1:2); print(1)",
      "if true { r = engine(); print(1) }", "x = [engine(), engine()]",
    ])
  func stoppedEngines(program: String) throws {
    let lab = Laboratory { _ in .stop }
    let error = lab.failure(program, .prompt)
    guard case .interrupted? = error?.stage else {
      Issue.record("not interrupted: \(program)")
      return
    }
    #expect(lab.host.output == "", "\(program)")
    #expect(
      !lab.interpreter.globalNames.contains("q") && !lab.interpreter.globalNames.contains("s"))
    if program.hasPrefix("r =") { #expect(try lab.printed("r", .prompt) == "partial") }
    #expect(!lab.interpreter.interrupt.isRequested)
  }

  @Test("A stopped engine in the last statement is its value")
  func stoppedAtTheEnd() throws {
    for program in ["engine()", "r = engine()", "f() = engine(); f()", "for i in 1:1 { engine() }"]
    {
      let lab = Laboratory { _ in .stop }
      #expect(lab.failure(program, .prompt) == nil, "\(program)")
      #expect(lab.interpreter.partial?.printed() == "partial")
      #expect(lab.interpreter.lastResult?.printed() == "partial")
      #expect(try lab.printed("1 + 1", .prompt) == "2")
    }
  }

  @Test("A part of what has no value cannot be assigned")
  func unknownRoots() {
    for program in [
      "x[1] = 3", "x.a = 3", "x[1] = 3; x", "f() = { x.a = 3 }; f()",
      "sweep k in 1:2 { x[1] = k }",
    ] {
      #expect(Laboratory().check(program).first?.code == "unknown-name", "\(program)")
    }
    for program in [
      "x = [1]; x[1] = 3", "f(y) = { y[1] = 3; y }", "f() = { y = [1]; y[1] = 3; y }",
      "for x in [[1]] { x[1] = 2 }", "x[1] = 3; x = [1]",
    ] {
      #expect(Laboratory().check(program).isEmpty, "\(program)")
    }
    let lab = Laboratory()
    #expect(lab.failure("x = [1]", .prompt) == nil)
    #expect(lab.check("x[1] = 2", .prompt).isEmpty)
  }

  @Test("What would not fit into memory is refused with its size, before it is made")
  func memorySizes() {
    let lab = Laboratory(limits: Limits(memory: 4 << 20))
    let list = lab.failure("x = [1]; while true { x = [..x, ..x] }")?.message
    #expect(list == "this makes a value of 8 MB, more than the limit of 4 MB")
    let text = lab.failure("s = \"ab\"; while true { s = s + s }")?.message
    #expect(text == "this makes a value of 8 MB, more than the limit of 4 MB")
    let small = Laboratory(limits: Limits(memory: 1600)).failure("1:101")?.message
    #expect(small == "this makes a value of 1616 bytes, more than the limit of 1600 bytes")
  }

  @Test("Help for products with constants, loops without rounds and words of the prompt")
  func helps() {
    #expect(failure("2πr") == "the name `πr` is not known | `2π*r` is a product")
    #expect(failure("for i in 1:0 { }; i").contains("its loop has had no round"))
    for word in ["quit", "quit()", "exit", "exit()"] {
      let help = Laboratory().failure(word, .prompt)?.help
      #expect(help == ["the prompt is left with `:quit` or ^D"])
    }
  }

  @Test("Values that are nested deeply are freed without a crash")
  func deepValues() throws {
    let lab = Laboratory()
    try lab.value("r = [1]; for i in 1:50000 { r = [r] }")
    let start = lab.interpreter.snapshot()
    try lab.value("s = [1]; for i in 1:50000 { s = [s] }")
    lab.interpreter.restore(start)
  }
  @Test("A file shows expression statements, but neither `nothing` nor `if`")
  func shows() throws {
    let lab = Laboratory()
    _ = try lab.value(
      "x = 3\nx + 1\nif true { 5 }\nnothing\nprint(\"a\", 2)\nfor i in 1:2 { i }\n[1, 2]\n\"s\"",
      .file)
    #expect(lab.host.output == "4\na 2\n[1, 2]\n\"s\"\n")
  }

  @Test("The prompt keeps names across inputs, and what was bound before an error")
  func prompt() throws {
    let lab = Laboratory()
    try lab.value("x = 2", .prompt)
    #expect(try lab.printed("x + 1", .prompt) == "3")
    #expect(try lab.printed("_ * 2", .prompt) == "6")
    #expect(try lab.printed("|> sqrt", .prompt) == "2.449489742783178")
    #expect(lab.failure("y = 5; z = y[1]", .prompt) != nil)
    #expect(try lab.printed("y", .prompt) == "5")
    #expect(lab.failure("z", .prompt)?.code == "unknown-name")
    #expect(lab.host.output == "")
    #expect(lab.interpreter.globalNames == ["x", "y"])
    try lab.value("f(a) = a + x", .prompt)
    try lab.value("x = 10", .prompt)
    #expect(try lab.printed("f(1)", .prompt) == "11")
    #expect(lab.failure("f(1, 2)", .prompt)?.message == "`f` takes 1 argument, not 2")
  }

  @Test func endsInExpression() throws {
    let lab = Laboratory()
    try lab.value("x = 2; x", .prompt)
    #expect(lab.interpreter.endsInExpression)
    try lab.value("x; x = 2", .prompt)
    #expect(!lab.interpreter.endsInExpression)
  }

  @Test("The standard library does not notice what the session redefines")
  func libraryScope() throws {
    let lab = Laboratory(
      prelude: "double(x) = 2x\nquadruple(x) = double(double(x))\nroot(x) = sqrt(x)",
      modules: ["lab": "base = double(3)\nhalf(x) = x/2\nquarter(x) = half(half(x))"])
    #expect(lab.interpreter.preludeDiagnostics.isEmpty)
    #expect(
      try lab.printed("double(x) = 0; sqrt = 5; [quadruple(1), root(4), double(7)]") == "[4, 2, 0]")
    #expect(try lab.printed("use lab; half(x) = 0; [base, quarter(8), half(8)]") == "[6, 2, 0]")
  }

  @Test func snapshots() throws {
    let lab = Laboratory()
    try lab.value("x = 1; erf = 2")
    let before = lab.interpreter.snapshot()
    try lab.value("x = 5; y = 3; erf = 9")
    lab.interpreter.restore(before)
    #expect(try lab.printed("[x, erf]") == "[1, 2]")
    #expect(lab.failure("y")?.code == "unknown-name")
    lab.interpreter[global: "z"] = .number(4)
    #expect(try lab.printed("z") == "4")
    lab.interpreter[global: "erf"] = nil
    #expect(try lab.printed("erf(0)") == "0")
  }

  @Test("Calls nest 2,000 deep from any thread, and a deeper recursion is an error")
  func recursion() throws {
    let program = "f(n) = if n == 0 { 0 } else { 1 + f(n-1) }\n"
    #expect(try printed(program + "f(2500)") == "2500")
    let error = try #require(Laboratory().failure(program + "f(1e9)"))
    #expect(error.code == "recursion")
    #expect(error.message.contains("recursion"))
    let limited = Laboratory(limits: Limits(depth: 50))
    #expect(limited.failure(program + "f(49)") == nil)
    #expect(limited.failure(program + "f(50)")?.code == "recursion")
    // Through host functions, whose frames are larger.
    let mapped = "g(n) = if n == 0 { [0] } else { map(x -> count(g(n-1)), [n]) }\n"
    #expect(Laboratory().failure(mapped + "g(1000)") == nil)
    #expect(Laboratory().failure(mapped + "g(1e9)")?.code == "recursion")
  }

  @Test func steps() throws {
    let lab = Laboratory(limits: Limits(steps: 1000))
    #expect(lab.failure("while true { }")?.code == "step-limit")
    #expect(lab.failure("f() = f(); f()")?.code == "step-limit")
    #expect(lab.failure("[x for x in 1:1e6]")?.code == "step-limit")
    #expect(try lab.printed("s = 0; for i in 1:500 { s = s + i }; s") == "125250")
    #expect(lab.failure("sweep K in 1:4 { while true { } }")?.code == "step-limit")
  }

  @Test func memory() throws {
    let lab = Laboratory(limits: Limits(memory: 1 << 20))
    for program in [
      "1:1e6", "x = [1]; while true { x = [..x, ..x] }", "s = \"a\"; while true { s = s + s }",
      "[x for x in 1:1e6]", "[0 for x in 1:1000, y in 1:1000]",
    ] { #expect(lab.failure(program)?.code == "memory", "\(program)") }
  }

  @Test("An interrupt from another thread stops a tight loop, and the next input works")
  func interrupts() throws {
    for program in [
      "while true { }", "for i in 1:1e7 { for j in 1:1e7 { } }", "f(n) = { while true { } }; f(1)",
    ] {
      let lab = Laboratory()
      let interrupt = lab.interpreter.interrupt
      let requested = Thread {
        usleep(30_000)
        interrupt.request()
      }
      let error = lab.failure(program, .prompt)
      requested.join()
      guard case .interrupted? = error?.stage else {
        Issue.record("not interrupted: \(program)")
        continue
      }
      #expect(try lab.printed("1 + 1", .prompt) == "2")
    }
  }

  @Test("Host functions call back from threads of their own")
  func concurrentCalls() throws {
    let lab = Laboratory()
    try lab.value("f(x) = { s = 0; for i in 1:100 { s = s + x }; s }")
    guard case .function(let f)? = lab.interpreter[global: "f"] else { return }
    let context = lab.interpreter.context
    let results = Workers.map(count: 64, threads: 4) { index in
      (try? context.call(f, [.number(Double(index))]))?.printed() ?? "failed"
    }
    #expect(results == (0..<64).map { "\($0 * 100)" })
    #expect(try lab.interpreter.call(f, [.number(1)]).printed() == "100")
    #expect(throws: Diagnostic.self) { try lab.interpreter.call(f, []) }
  }

  @Test("Files are used once, beside the file that uses them")
  func use() throws {
    let folder = "/tmp/tss-use-\(getpid())"
    mkdir(folder, 0o755)
    func write(_ name: String, _ text: String) {
      let file = fopen("\(folder)/\(name)", "w")!
      fputs(text, file)
      fclose(file)
    }
    write("a.tss", "use \"b.tss\"\nuse \"c.tss\"\nb + c")
    write("b.tss", "use \"c.tss\"\nb = 2\n99\nf(x) = x + c\nprint(\"b\")")
    write("c.tss", "c = 40\nprint(\"c\")")
    write("x.tss", "use \"y.tss\"")
    write("y.tss", "use \"x.tss\"")
    write("wrong.tss", "z = (")
    write("unknown.tss", "zz + 1")
    let lab = Laboratory(directory: folder)
    _ = try lab.value("use \"a.tss\"; f(2)", .file)
    #expect(lab.host.output == "c\nb\n42\n")
    #expect(try lab.printed("use \"c.tss\"; c + b", .prompt) == "42")
    #expect(lab.check("use \"x.tss\"")[0].message.contains("`x.tss` uses `y.tss` uses `x.tss`"))
    #expect(lab.check("use \"bb.tss\"")[0].suggestions.first == "b.tss")
    #expect(lab.check("use \"wrong.tss\"").count == 1)
    #expect(lab.check("use \"unknown.tss\"")[0].span?.source.name == "unknown.tss")
    let closed = Laboratory(directory: folder, limits: Limits(files: .none))
    #expect(closed.check("use \"a.tss\"")[0].code == "files")
  }

  @Test("Nothing that a random program does brings the interpreter down")
  func fuzz() {
    let words = [
      "x", "y", "f", "1", "2.5", "\"s\"", "[1, 2]", "[1, 2; 3, 4]", "(a=1)", "erf", "nothing",
      "true",
      " + ", "*", "^", ".*", "'", "[1]", "[0]", "(x)", "(1)", " = ", "; ", ":", " -> ", " |> ",
      ".a",
      "if true { ", "for i in 1:3 { ", "sweep K in [1, 2] { ", "} ", "x[1] = ", "f(x) = ", " == ",
      "[x for x in ", "]", "(", ")", "..", ", ", "-", "not ", " and ", "return ", "{ ", "i", "K",
      "map(",
    ]
    var state: UInt64 = 42
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let lab = Laboratory(limits: Limits(steps: 20000, memory: 1 << 24))
    _ = try? lab.value("x = 3; y = [1, 2]; f(a) = a")
    var ran = 0
    for _ in 0..<4000 {
      let program = (0..<(2 + next(9))).map { _ in words[next(words.count)] }.joined()
      if lab.failure(program, .prompt) == nil { ran += 1 }
    }
    #expect(ran > 20)
  }
}
