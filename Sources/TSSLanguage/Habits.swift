/// Words of other languages, and how the same thing is said here.
///
/// None of them is reserved: each may be a variable. They are looked up only when a name is unknown
/// or is followed by what cannot follow a name.
public enum Habits {
  /// What to write instead of an unknown name; nil for a word of no other language.
  public static func help(forUnknownName name: String) -> String? {
    values[name]
  }

  /// Words that stand alone.
  private static let values: [String: String] = [
    "function": "a function is written  x -> x^2", "func": "a function is written  x -> x^2",
    "None": "write `nothing`", "nil": "write `nothing`", "null": "write `nothing`",
    "NULL": "write `nothing`", "undefined": "write `nothing`", "True": "write `true`",
    "False": "write `false`", "TRUE": "write `true`", "FALSE": "write `false`",
    "Inf": "write `inf`", "Infinity": "write `inf`", "NaN": "write `nan`", "NA": "write `nan`",
    "break": "a loop is left with `return`, in a function",
    "continue": "leave out the rest of a round with  if c { … }",
    "pass": "an empty block is written { }",
    "end": "a block is closed by `}`; the last element is x[-1]",
    "endif": "a block is closed by `}`", "len": "write count(xs)", "length": "write count(xs)",
    "numel": "write count(xs)", "range": "write 1:n, both ends included",
    "linspace": "write a:step:b, both ends included",
    "str": "write \"{x}\"", "string": "write \"{x}\"", "println": "write print(x)",
    "printf": "write print(\"x = {x:.3f}\")", "disp": "write print(x)", "display": "write print(x)",
    "np": "functions of lists need no module: sqrt(x), mean(x)",
    "numpy": "functions of lists need no module: sqrt(x), mean(x)",
    "math": "functions need no module: sqrt(x)", "this": "a function sees what is around it",
    "self": "a function sees what is around it",
    "append": "write [..xs, x]", "push": "write [..xs, x]",
  ]

  /// Words that begin something, with what they begin here.
  static let statements: [String: String] = [
    "def": "a function is written  f(x) = x^2", "fn": "a function is written  f(x) = x^2",
    "func": "a function is written  f(x) = x^2", "fun": "a function is written  f(x) = x^2",
    "function": "a function is written  f(x) = x^2", "proc": "a function is written  f(x) = x^2",
    "macro": "a function is written  f(x) = x^2",
    "λ": "an anonymous function is written  x -> x^2",
    "lambda": "an anonymous function is written  x -> x^2",
    "let": "leave it out: x = 3", "const": "leave it out: x = 3", "var": "leave it out: x = 3",
    "val": "leave it out: x = 3", "auto": "leave it out: x = 3", "local": "leave it out: x = 3",
    "double": "leave it out: x = 3", "float": "leave it out: x = 3", "int": "leave it out: x = 3",
    "global": "a function cannot change what is outside; return the value and bind it there",
    "nonlocal": "a function cannot change what is outside; return the value and bind it there",
    "import": "a file is read by  use \"file.tss\"; mathematics needs no import",
    "from": "a file is read by  use \"file.tss\"; mathematics needs no import",
    "using": "a file is read by  use \"file.tss\"; mathematics needs no import",
    "include": "write  use \"file.tss\"",
    "require": "write  use \"file.tss\"", "source": "write  use \"file.tss\"",
    "elif": "write  else if", "elsif": "write  else if", "elseif": "write  else if",
    "unless": "write  if not", "until": "write  while not",
    "foreach": "write  for x in xs { }", "parfor": "write  sweep x in xs { }",
    "do": "a block is written { }", "then": "write  if c { a } else { b }",
    "begin": "a block is written { }", "loop": "write  while true { }",
    "switch": "write  if x == 1 { a } else if x == 2 { b }",
    "match": "write  if x == 1 { a } else if x == 2 { b }",
    "case": "write  if x == 1 { a } else if x == 2 { b }",
    "class": "a value with fields is a record: (a=1, b=2)",
    "struct": "a value with fields is a record: (a=1, b=2)",
    "type": "a value with fields is a record: (a=1, b=2)",
    "dict": "a value with fields is a record: (a=1, b=2)",
    "try": "errors are not caught; a failed cell of a sweep holds `nothing`",
    "catch": "errors are not caught; a failed cell of a sweep holds `nothing`",
    "except": "errors are not caught; a failed cell of a sweep holds `nothing`",
    "raise": "write assert(c, \"what is wrong\")", "throw": "write assert(c, \"what is wrong\")",
    "del": "names are not deleted", "delete": "names are not deleted",
    "async": "write  sweep x in xs { } to compute in parallel",
    "await": "write  sweep x in xs { } to compute in parallel",
    "yield": "a list is made by [f(x) for x in xs]",
    "with": "write  x = …",
  ]

  /// Words between two operands.
  static let infix: [String: String] = [
    "is": "write `==`", "mod": "write mod(a, b)", "rem": "write mod(a, b)",
    "div": "write floor(a/b)", "xor": "write `!=` between two truth values",
    "dot": "write dot(a, b)", "then": "write { }", "do": "write { }", "step": "write a:step:b",
  ]
}
