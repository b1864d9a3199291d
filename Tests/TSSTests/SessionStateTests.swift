import TSS
import Testing

/// What a prompt asks a session about its programs, names and settings.
@Suite struct SessionStateTests {
  private let session = Engine().session(output: .capture)

  @Test func shapesOfPrograms() throws {
    let product = try #require(session.shape(of: "a = 1; eta = 2\n  a*η"))
    #expect(product.ending == .expression(start: 17))
    #expect(product.binds == ["a", "η"])
    #expect(!product.isAtomic)
    let value = try #require(session.shape(of: "x = 3"))
    #expect(value.ending == .binding("x") && value.isAtomic)
    let function = try #require(session.shape(of: "f(x) = { y = x\ny }"))
    #expect(function.ending == .binding("f") && function.binds == ["f"])
    let loop = try #require(session.shape(of: "for i in 1:3 { s = i }"))
    #expect(loop.ending == .other && loop.binds == ["i", "s"] && !loop.isAtomic)
    #expect(session.shape(of: "x[1] = 3")?.ending == .other)
    #expect(session.shape(of: "x = { a = 1\na }")?.isAtomic == false)
    let use = try #require(session.shape(of: "use \"lib/a.tss\"; use theory"))
    #expect(use.usedFiles.map(\.path) == ["lib/a.tss"])
    #expect(use.usedFiles.map(\.range) == [4..<15])
    #expect(session.shape(of: "1 +") == nil)
    #expect(session.shape(of: "|> f")?.ending == .expression(start: 0))
  }

  @Test func variablesHaveKindsAndSizes() throws {
    try session.eval(
      """
      A = identity(100); word = "four"; xs = [1, 2, 3]; f(x) = x; rec = (a=1, b=[1, 2])
      t = sweep K in 1:7, s in 1:3 { K*s }
      r = ode(student(2), teacher(2), η=0.1, time=1, points=20)
      e = sgd(student(2), teacher(2), η=0.1, time=1, N=50, points=10, seed=1:3)
      _1 = 5
      """)
    let found = Dictionary(uniqueKeysWithValues: session.variables.map { ($0.name, $0) })
    #expect(session.variables.map(\.name) == ["A", "e", "f", "r", "rec", "t", "word", "xs"])
    #expect(found["A"]?.line == "matrix 100×100 80000")
    #expect(found["word"]?.line == "string 4 characters 4")
    #expect(found["xs"]?.line == "list 3 elements 24")
    #expect(found["f"]?.line == "function  0")
    #expect(found["rec"]?.line == "record 2 fields 24")
    #expect(found["t"]?.line == "table K: 7 × s: 3 248")
    let points = (try session.eval("count(r.α)") as Int)
    #expect(found["r"]?.kind == "run" && found["r"]?.size == "\(points) points")
    // α, eg; Q, R and T of 2×2; v and v* of 2.
    #expect(found["r"]?.bytes == 8 * points * (2 + 12 + 4))
    #expect(found["e"]?.kind == "ensemble" && found["e"]?.size.hasPrefix("3 × ") == true)
    // Each member keeps the weights of both networks, to go on with.
    #expect(found["e"]?.bytes ?? 0 > 3 * 8 * (2 + 2) * 50)
  }

  @Test func digitsChangeWhatIsShownOnly() throws {
    session.terminal.digits = 3
    for code in ["1/3", "[1/3, 2]", "[1/3, 2; 3, 4]", "(a=2/3, n=123456)", "print(1/3)"] {
      try session.eval(code, mode: .prompt)
    }
    #expect(
      session.output
        == "0.333\n[0.333, 2]\n[0.333, 2;\n     3, 4]\n(a=0.667, n=123456)\n0.3333333333333333\n")
    #expect(try session.eval("1/3") == 1.0 / 3)
    session.clearOutput()
    try session.eval("sweep K in 1:2 { K/3 }", mode: .prompt)
    try session.eval("[k/7 for k in 1:200]", mode: .prompt)
    #expect(session.output.hasPrefix("K  value\n1  0.333\n2  0.667\n[0.143, 0.286, 0.429, …"))
    session.terminal.digits = nil
    session.clearOutput()
    try session.eval("1/3", mode: .prompt)
    #expect(session.output == "0.3333333333333333\n")
  }

  @Test func threadsChangeAndResultsDoNot() throws {
    session.threads = 1
    let one: [Double] = try session.eval(
      "sgd(student(1), teacher(1), η=1, time=1, N=20, seed=1:4).eg")
    session.threads = 4
    #expect(session.threads == 4)
    let four: [Double] = try session.eval(
      "sgd(student(1), teacher(1), η=1, time=1, N=20, seed=1:4).eg")
    #expect(one == four)
    session.threads = 0
    #expect(session.threads == 1)
    #expect(Engine().session(seed: 7).seed == 7)
  }

  @Test func namesForSuggestions() {
    session["mine"] = 1
    let known = Set(session.knownNames)
    #expect(known.isSuperset(of: ["mine", "student", "rms", "plateau_rate", "sweep", "π"]))
    #expect(Suggestions.best(for: "studnet", among: known) == ["student"])
    #expect(Session.canonicalName("eta_w") == "η_w")
  }
}

extension Variable {
  fileprivate var line: String { "\(kind) \(size) \(bytes)" }
}
