import TSSLanguage
import Testing

@Suite("Operators, lists, matrices, ranges")
struct OperationTests {
  @Test(
    arguments: [
      ("-2^2", "-4"), ("2^-1", "0.5"), ("2^3^2", "512"), ("x = 3; 2x^2", "18"),
      ("x = 2; 2^3x", "64"),
      ("x = 3; -2x", "-6"), ("x = 2; 1:3x", "[1, 2, 3, 4, 5, 6]"), ("1/0", "inf"), ("-1/0", "-inf"),
      ("0/0", "nan"), ("sqrt(-1)", "nan"), ("0*-1", "0"), ("\"a\" + \"b\"", "ab"),
      ("0.1 + 0.2", "0.30000000000000004"), ("mod(-1, 3)", "2"), ("1 .+ 2", ""), ("2.^2", "4"),
    ].filter { $0.1 != "" })
  func numbers(_ program: String, _ result: String) throws {
    #expect(try printed(program) == result)
  }

  @Test(arguments: [
    ("[1, 2] + [3, 4]", "[4, 6]"), ("[1, 2] .* [3, 4]", "[3, 8]"),
    ("[1, 2] ./ [2, 4]", "[0.5, 0.5]"),
    ("2*[1, 2]", "[2, 4]"), ("[1, 2]*2", "[2, 4]"), ("1 + [1, 2]", "[2, 3]"),
    ("1/[1, 2]", "[1, 0.5]"),
    ("[1, 2]^2", "[1, 4]"), ("2^[1, 2]", "[2, 4]"), ("-[1, 2]", "[-1, -2]"),
    ("2*[[1, 2], [3]]", "[[2, 4], [6]]"),
    ("[1, 2] .^ [2, 3]", "[1, 8]"), ("sqrt([4, 9])", "[2, 3]"), ("[1 -2]", "[-1]"),
    ("[..[1, 2], 3, ..[]]", "[1, 2, 3]"), ("[]", "[]"), ("[1, 2,]", "[1, 2]"),
  ])
  func lists(_ program: String, _ result: String) throws {
    #expect(try printed(program) == result)
  }

  @Test(arguments: [
    ("[1, 2; 3, 4]*[1, 1]", "[3, 7]"), ("[1, 2; 3, 4]*[1, 0; 0, 1]", "[1, 2; 3, 4]"),
    ("[1, 2; 3, 4]^2", "[7, 10; 15, 22]"), ("[2, 0; 0, 4]^-1", "[0.5, 0; 0, 0.25]"),
    ("[1, 2; 3, 4]^0", "[1, 0; 0, 1]"), ("[1, 2; 3, 4] .^ 2", "[1, 4; 9, 16]"),
    ("[1, 2; 3, 4]'", "[1, 3; 2, 4]"), ("[1, 2; 3, 4] + 1", "[2, 3; 4, 5]"),
    ("1 + [1, 2;]", "[2, 3;]"), ("[1, 2; 3, 4]/2", "[0.5, 1; 1.5, 2]"),
    ("[2, 4; 6, 8]/[2, 0; 0, 2]", "[1, 2; 3, 4]"), ("2 ./ [1, 2;]", "[2, 1;]"),
    ("[1, 2;]*[1, 1]", "[3]"), ("[1, 2;]''", "[1, 2;]"), ("[1; 2]", "[1; 2]"),
    ("x = [1, 2]; y = [3, 4]; x'*y", "11"), ("x = [1, 2]; x'*[1, 2; 3, 4]", "[7, 10]'"),
    ("x = [1, 2]; x*x'", "[1, 2; 2, 4]"), ("x = [1, 2]; x''", "[1, 2]"),
    ("x = [1, 2]; x'*[1, 0; 0, 2]*x", "9"), ("[1, 2]'", "[1, 2]'"), ("2*[1, 2]'", "[2, 4]'"),
    ("R = [1, 2; 3, 4]; q = [1, 2]; t = [1, 4]; R ./ (q*t')", "[1, 0.5; 1.5, 0.5]"),
    ("same([1, 2]')", "[1, 2;]"), ("3'", "3"),
  ])
  func matrices(_ program: String, _ result: String) throws {
    #expect(try printed(program) == result)
  }

  @Test(arguments: [
    ("1:5", "[1, 2, 3, 4, 5]"), ("(0:0.1:1)[4] == 0.3", "true"), ("(0:0.1:1)[-1] == 1", "true"),
    ("count(0:0.1:1)", "11"), ("3:1", "[]"), ("3:-1:1", "[3, 2, 1]"), ("0:2:5", "[0, 2, 4]"),
    ("2:2", "[2]"), ("1:3 == [1, 2, 3]", "true"), ("0:0.3:1", "[0, 0.3, 0.6, 0.8999999999999999]"),
  ])
  func ranges(_ program: String, _ result: String) throws {
    #expect(try printed(program) == result)
  }

  @Test(arguments: [
    ("1 == \"1\"", "false"), ("[1, 2] == [1, 2]", "true"), ("(a=1, b=2) == (b=2, a=1)", "true"),
    ("[[1, 2], [3, 4]] == [1, 2; 3, 4]", "false"), ("0/0 == 0/0", "false"), ("0/0 != 0/0", "true"),
    ("erf == erf", "true"), ("(x -> x) == (x -> x)", "false"), ("nothing == nothing", "true"),
    ("0 < 1 < 2", "true"), ("0 < 2 < 1", "false"), ("(1 < 2) == true", "true"),
    ("1 < 2 == 2", "true"),
    ("0.1 + 0.2 ≈ 0.3", "true"), ("[0.1 + 0.2, 1] ≈ [0.3, 1]", "true"), ("[1] ≈ [1, 2]", "false"),
    ("1 ≈ 1.0000001", "false"), ("inf ≈ inf", "true"), ("\"a\" < \"b\"", "true"),
    ("not 1 == 2", "true"), ("true and not false", "true"), ("true or 1", "true"),
    ("false and 1", "false"),
    ("first == first", "true"), ("first == \"first\"", "false"), ("[1, 2]' == [1, 2]'", "true"),
    ("n = [0]; f() = { n }; [1, 2, 3] != [1, 2]", "true"), ("() == ()", "true"),
  ])
  func comparisons(_ program: String, _ result: String) throws {
    #expect(try printed(program) == result)
  }

  @Test(arguments: [
    ("x = [1, 2, 3]; x[1]", "1"), ("[1, 2, 3][-1]", "3"), ("[1, 2, 3][2:-1]", "[2, 3]"),
    ("[1, 2, 3][:]", "[1, 2, 3]"), ("[1, 2, 3][[3, 1]]", "[3, 1]"), ("[1, 2, 3][2:1]", "[]"),
    ("[1, 2, 3][-2:-1]", "[2, 3]"), ("[1, 2, 3][-1:-1:1]", "[3, 2, 1]"),
    ("A = [1, 2; 3, 4]; A[1, 2]", "2"), ("A = [1, 2; 3, 4]; A[:, 1]", "[1, 3]"),
    ("A = [1, 2; 3, 4]; A[2, :]", "[3, 4]"), ("A = [1, 2; 3, 4]; A[:, [2, 1]]", "[2, 1; 4, 3]"),
    ("A = [1, 2; 3, 4]; A[-1, -1]", "4"), ("A = [1, 2; 3, 4]; A[1:1, :]", "[1, 2;]"),
    ("\"häx\"[2]", "ä"), ("\"abc\"[2:-1]", "bc"), ("r = (K=4); r[\"K\"]", "4"), ("(K=4).K", "4"),
    ("[c for c in \"ab\"]", "[\"a\", \"b\"]"), ("[x for x in [1, 2; 3, 4]]", "[1, 2, 3, 4]"),
    ("f = x -> x + 1; r = (g=f); r.g(2)", "3"),
  ])
  func indices(_ program: String, _ result: String) throws {
    #expect(try printed(program) == result)
  }

  @Test(
    arguments: [
      (
        "[1, 2]*[3, 4]",
        "`*` of two lists is not defined | `[1, 2] .* [3, 4]` multiplies element by "
          + "element | `dot([1, 2], [3, 4])` is the inner product"
      ),
      ("[1, 2]^[3, 4]", ".^"), ("[1]/[2]", "`[1] ./ [2]`"),
      ("true + 1", "a truth value is not a number"),
      ("\"a\" + 1", "{1}"), ("1 + \"a\"", "{1}"), ("[1, 2] + [1]", "a list of 2 and a list of 1"),
      ("2^[1, 2;]", ".^"), ("1/[1, 2;]", "inverse"),
      ("[1, 2; 3, 4] + [1, 2]", "nothing is stretched"),
      ("[1, 2]*[1, 2; 3, 4]", "'*"), ("[1, 2; 3, 4]^0.5", "whole powers"),
      ("[1, 2; 2, 4]^-1", "singular"),
      ("[1, 2;]^2", "square"), ("x = [1]; x[0]", "indices start at 1"),
      ("x = [1]; x[2]", "out of range"),
      ("x = [1]; x[1:2]", "out of range"), ("x = [1]; x[1.5]", "whole number"),
      ("x = [1]; x[true]", "comprehension"),
      ("A = [1, 2; 3, 4]; A[2]", "`A[2, :]` is a row"), ("x = 3; x(1)", "`x*(1)`"),
      ("x = 2; 2(x+1)(x-1)", "`(x+1)*(x-1)`"), ("x = [1]; x(1)", "`x[1]` is an element"),
      ("3.a", ""),
      ("r = (abc=1); r.abd", "did you mean `abc`?"), ("if 1 { 2 }", "`if` needs true or false"),
      ("not 1", "`not`"), ("1 and true", "`and`"), ("while 1 { }", "`while`"),
      ("[x for x in [1] if x]", "`if`"),
      ("for i in 3 { }", "`1:3`"), ("1:0:3", "must not be 0"), ("1:inf", "finite"),
      ("1:1e12", "memory"),
      ("[1, 2] < 3", "compares two numbers or two strings"),
      ("\"a\" < 1", "not a string and a number"),
      ("[\"a\", 1;]", "the elements of a matrix are numbers"), ("[1, \"a\"]'", "list of numbers"),
      ("x = \"abc\"; x[1] = \"z\"", "cannot be assigned"), ("nothing + 1", "nothing"),
      ("1:\"a\"", "number to number"),
      ("[..3]", "`..` in a list needs a list"), ("(..[1])", "`..` in a record needs a record"),
      ("erf + 1", "function"), ("r = (a=1); r[1]", "name of a field"),
      ("x = 3; x[1]", "cannot be indexed"),
      ("x = [1, 2]; x[1, 2]", "one index"), ("first.a", "has no field"),
      ("x = [(a=1)]; x.a", "[x.a for x in xs]"),
      ("[1, 2]*[3, 4]'*[1]", "inner"), ("[1, 2]'*[1]", "inner dimensions differ"),
    ].filter { $0.1 != "" })
  func errors(_ program: String, _ part: String) {
    let message = failure(program)
    #expect(message.contains(part), "\(message)")
  }

  @Test(arguments: [
    ("x = [1, 2]; y = x; x[1] = 9; [x, y]", "[[9, 2], [1, 2]]"),
    ("A = [1, 2; 3, 4]; A[1, :] = [8, 9]; A", "[8, 9; 3, 4]"),
    ("A = [1, 2; 3, 4]; A[:, 1] = 0; A", "[0, 2; 0, 4]"),
    ("A = [1, 2; 3, 4]; A[2, 2] = 7; A", "[1, 2; 3, 7]"),
    ("A = [1, 2; 3, 4]; A[:, :] = A'; A", "[1, 3; 2, 4]"),
    ("r = (a=1, b=2); r.a = 5; r", "(a=5, b=2)"),
    ("r = (a=[1, 2]); s = r; r.a[2] = 3; [r, s]", "[(a=[1, 3]), (a=[1, 2])]"),
    ("x = [1, 2, 3]; x[2:-1] = [7, 8]; x", "[1, 7, 8]"),
    ("x = [1, 2, 3]; x[:] = 0; x", "[0, 0, 0]"),
    ("x = [[1], [2]]; x[1][1] = 5; x", "[[5], [2]]"), ("x = [1]; x[-1] = 4", "4"),
    ("r = (a=(b=[1])); r.a.b[1] = 2; r", "(a=(b=[2]))"), ("r = (a=1); r[\"a\"] = 2; r", "(a=2)"),
    ("f(x) = { x[1] = 0; x }; y = [1]; [f(y), y]", "[[0], [1]]"),
  ])
  func assignment(_ program: String, _ result: String) throws {
    #expect(try printed(program) == result)
  }

  @Test(arguments: [
    ("x = [1]; x[2] = 1", "out of range"), ("r = (a=1); r.b = 2", "`r = (..r, b=…)` adds a field"),
    ("x = [1, 2]; x[:] = [1]", "a list of 1 does not fit"),
    ("x = 3; x[1] = 2", "elements of a number"),
    ("A = [1, 2;]; A[1, 1] = \"a\"", "elements of a matrix are numbers"),
    ("A = [1, 2;]; A[1] = 3", "two indices"),
  ])
  func wrongAssignment(_ program: String, _ part: String) {
    let message = failure(program)
    #expect(message.contains(part), "\(message)")
  }

  @Test("A failed assignment leaves the value as it was")
  func failedAssignment() throws {
    let lab = Laboratory()
    try lab.value("x = [1, 2]; r = (a=[1, 2], b=3); A = [1, 2;]")
    for program in ["x[5] = 1", "r.a[5] = 1", "r.c = 1", "A[1, 9] = 2", "r.a[:] = [1]"] {
      #expect(lab.failure(program) != nil)
    }
    #expect(try lab.printed("[x, r, A]") == "[[1, 2], (a=[1, 2], b=3), [1, 2;]]")
  }
}
