import TSSLanguage
import Testing

@Suite("Scopes and closures")
struct ScopeTests {
  @Test(arguments: [
    // Blocks, loops and `if` open no scope.
    ("if true { x = 3 }; x", "3"), ("for i in 1:3 { y = i }; [i, y]", "[3, 3]"),
    ("i = 7; for i in 1:0 { }; i", "7"), ("f() = { for i in 1:3 { }; i }; f()", "3"),
    // Functions do.
    ("x = 1; f() = { x = 2; x }; [f(), x]", "[2, 1]"),
    ("x = 1; f() = x; x = 5; f()", "5"),
    ("f() = g(); g() = 3; f()", "3"),
    (
      "even(n) = if n == 0 { true } else { odd(n-1) }; odd(n) = if n == 0 { false } else { even(n-1) }; even(10)",
      "true"
    ),
    // Closures see the variable.
    ("f() = { n = 0; g = () -> n; n = 5; g() }; f()", "5"),
    ("f() = { n = 0; g(x) = x + n; n = 10; g(1) }; f()", "11"),
    ("make(a) = x -> a*x; d = make(2); t = make(3); [d(5), t(5)]", "[10, 15]"),
    ("f(a) = { g = () -> a; a = a + 1; g() }; f(1)", "2"),
    ("f() = { g(n) = if n < 1 { 0 } else { n + g(n-1) }; g(4) }; f()", "10"),
    ("f() = { a = () -> b(); b = () -> 7; a() }; f()", "7"),
    ("add = x -> y -> z -> x + y + z; add(1)(2)(3)", "6"),
    // A `for` variable keeps its round's value in the functions made in the loop.
    ("fs = []; for i in 1:3 { fs = [..fs, () -> i] }; [f() for f in fs]", "[1, 2, 3]"),
    (
      "make() = { fs = []; for i in 1:3 { fs = [..fs, () -> i] }; fs }; [f() for f in make()]",
      "[1, 2, 3]"
    ),
    ("fs = []; for i in 1:2, j in 1:2 { fs = [..fs, x -> [i, j, x]] }; fs[2](0)", "[1, 2, 0]"),
    ("g() = i; out = []; for i in 1:3 { out = [..out, g()] }; out", "[1, 2, 3]"),
    ("f() = { i = 0; g = () -> i; for i in 1:3 { }; g() }; f()", "3"),
    ("fs = []; for i in 1:3 { k = i; fs = [..fs, () -> k] }; [f() for f in fs]", "[3, 3, 3]"),
    ("fs = []; for i in 1:3 { fs = [..fs, () -> (() -> i)] }; [f()() for f in fs]", "[1, 2, 3]"),
    // Comprehensions have names of their own, new for each element.
    ("x = 9; y = [x for x in 1:3]; x", "9"),
    ("fs = [() -> x for x in 1:3]; [f() for f in fs]", "[1, 2, 3]"),
    ("[x*y for x in 1:2, y in 1:x]", "[1, 2, 4]"), ("[x*y for x in 1:2, y in 1:2 if x < y]", "[2]"),
    ("f(x) = [x + i for i in 1:x]; f(2)", "[3, 4]"),
    ("f(n) = [[i*j for j in 1:n] for i in 1:n]; f(2)", "[[1, 2], [2, 4]]"),
    // Defaults: at each call, in the scope of the definition, left to right.
    ("f(x, y=2x) = x + y; [f(1), f(1, 5), f(1, y=0)]", "[3, 6, 1]"),
    ("b = 1; f(x, a=b) = { b = 10; x + a }; b = 2; f(0)", "2"),
    ("f(a, g = x -> a*x) = { a = 100; g(1) }; f(2)", "100"),
    ("f(x, n=count(x)) = n; f([1, 2])", "2"),
    // `_`
    ("s = 0; for _ in 1:3 { s = s + 1 }; s", "3"), ("f(_, _) = 1; f(5, 6)", "1"),
    ("[0 for _ in 1:2]", "[0, 0]"),
    // Values of blocks.
    ("f() = { x = 4 }; f()", "4"), ("f() = { }; f()", "nothing"),
    ("f() = { if false { 1 } }; f()", "nothing"),
    ("f() = { for i in 1:2 { i } }; f()", "nothing"), ("f() = { g() = 1 }; f()", "nothing"),
    ("x = { y = 2; y + 1 }; x", "3"),
    ("f(x) = { if x > 0 { return 1 }; 2 }; [f(1), f(-1)]", "[1, 2]"),
    ("f() = { return }; f()", "nothing"),
    ("f(xs) = { for x in xs { if x > 1 { return x } } }; f([1, 2, 3])", "2"),
    ("f(x) = 1 + if x { return 5 } else { 2 }; [f(true), f(false)]", "[5, 3]"),
    ("f() = { g = () -> { return 1 }; g() + 1 }; f()", "2"),
    ("f() = [if x == 2 { return x } else { x } for x in 1:3]; f()", "2"),
    // Redefinition.
    ("erf = 3; erf + 1", "4"), ("print(x) = x + 1; print(1)", "2"),
    ("f(x) = 1; f(x) = 2; f(0)", "2"), ("e = e + 1; e > 3", "true"),
    // Pipes.
    ("f(x, a) = x*a; 3 |> f(2)", "6"), ("4 |> sqrt", "2"), ("3 |> (y -> y^2)", "9"),
    ("f(a) = (x, b) -> a*x + b; 2 |> f(3)(1)", "7"),
  ])
  func programs(_ program: String, _ result: String) throws {
    #expect(try printed(program) == result)
  }

  @Test(
    arguments: [
      (
        "f() = { y = x; x = 1; y }; x = 3; f()",
        "`x` is local to `f`, which assigns it, and has no value yet"
      ),
      ("f() = { g = () -> n; g(); n = 1 }; f()", "local"),
      ("f() = g(); f(); g() = 1", "`g` has no value yet"),
      ("t = sweep K in [1] { k = x; x = 1; k }; x = 2; t", ""),
    ].filter { $0.1 != "" })
  func unset(_ program: String, _ part: String) {
    let message = failure(program)
    #expect(message.contains(part), "\(message)")
  }

  @Test(arguments: [
    ("return 1", "`return` stands outside"), ("if true { return 1 }", "`return` stands outside"),

    ("print(_)", "`_` cannot be read"), ("f(a=1, b) = 2", "defaults come last"),
    ("stdent(3)", "the name `stdent` is not known"), ("if true { use \"x.tss\" }", "top level"),
    ("(a=1, a=2)", "given twice"), ("\"{1:zz}\"", "format"),
    ("use \"nowhere.tss\"", "there is no file `nowhere.tss`"),
    ("use nowhere", "no module `nowhere`"),
    ("T = teacher(M=2); T.X", "a teacher has no field `X`"),
    ("T = teacher(2); T.twin.twin.m", "did you mean `M`?"),
  ])
  func checks(_ program: String, _ part: String) {
    let found = Laboratory().check(program)
    #expect(
      found.contains { ([$0.message] + $0.help).joined(separator: " | ").contains(part) },
      "\(found.map(\.message))")
  }

  @Test("All unknown names are reported, with suggestions")
  func unknownNames() {
    let found = Laboratory().check("r = 1\nprint(stdent(3), 2πr, lenn)\nNone")
    #expect(found.map(\.code) == ["unknown-name", "unknown-name", "unknown-name", "unknown-name"])
    #expect(found[0].suggestions == ["student"])
    #expect(found[1].help == ["`2π*r` is a product"])
    #expect(found[1].span?.text == "πr")
    #expect(found[3].help == ["write `nothing`"])
  }

  @Test("A file may use names that are defined further down")
  func wholeFile() {
    #expect(Laboratory().check("f(x) = g(x) + c\ng(x) = x\nc = 1\nf(1)").isEmpty)
  }
}
