import TSSLanguage

/// The part of the vocabulary that belongs to no science: numbers, lists, matrices, statistics,
/// numerical methods, text, output.
public enum StandardVocabulary {
  /// Adds every function and constant; names that exist already are replaced.
  public static func install(in vocabulary: inout Vocabulary) {
    let parts: [(group: String, install: [(inout Vocabulary) -> Void])] = [
      ("mathematics", [installMathematics, installNumberTheory]),
      ("lists", [installLists, installListMakers, installHigherOrder]),
      ("matrices", [installMatrices]),
      ("statistics", [installStatistics, installExtremes, installFits]),
      ("numerical methods", [installNumerics]), ("text", [installText]),
      ("files", [installTextFiles]), ("random numbers", [installRandom]),
      ("programs", [installOutput, installJobs]),
    ]
    for (group, functions) in parts {
      vocabulary.group = group
      for install in functions { install(&vocabulary) }
    }
    vocabulary.group = ""
    installHints(in: &vocabulary)
  }
}

extension Parameter {
  /// A parameter that must be given.
  static func required(_ name: String, _ documentation: String) -> Parameter {
    Parameter(name, .required, documentation)
  }

  /// A parameter that may be left out; `value` is what it is then, as a reader would write it.
  static func optional(
    _ name: String, _ value: String, _ documentation: String, isNamedOnly: Bool = false
  ) -> Parameter {
    Parameter(name, .optional(value), documentation, isNamedOnly: isNamedOnly)
  }

  /// All further positional arguments.
  static func rest(_ name: String, _ documentation: String) -> Parameter {
    Parameter(name, .rest, documentation)
  }
}

extension Vocabulary {
  /// A function with its documentation in one go.
  mutating func define(
    _ name: String, _ parameters: [Parameter], result: String? = nil, about text: String,
    examples: [(code: String, output: String)] = [], seeAlso: [String] = [],
    quick: Builtin.Quick? = nil, body: @escaping Builtin.Body
  ) {
    define(
      name, parameters, result: result,
      Documentation(text, examples: examples, seeAlso: seeAlso), quick: quick, body: body)
  }
}

extension StandardVocabulary {
  /// Names that other languages would have, and what to write here.
  private static func installHints(in vocabulary: inout Vocabulary) {
    let hints = [
      "concat": "[..xs, ..ys]", "arange": "0:0.1:1", "ln": "log(x)", "pow": "x^y",
      "power": "x^y", "array": "matrix(xs)", "average": "mean(xs)", "stdev": "std(xs)",
      "variance": "var(xs)", "arcsin": "asin(x)", "arccos": "acos(x)", "arctan": "atan(x)",
      "rand": "random(n, seed=1)", "eye": "identity(n)", "eigh": "eig(A)",
      "eigvals": "eig(A).values", "inverse": "inv(A)", "determinant": "det(A)",
      "tr": "trace(A)", "quad": "integrate(f, a, b)", "fold": "reduce(xs, f, start)",
      "foldl": "reduce(xs, f, start)", "brentq": "root(f, a, b)", "typeof": "type(x)",
      "findall": "where(xs, f)", "sizeof": "size(A)", "shape": "size(A)",
      "corr": "cor(x, y)",
      "polyfit": "fit_line(x, y)", "head": "take(xs, n)", "tail": "drop(xs, 1)",
      "time": "clock()", "cumulative_sum": "cumsum(xs)",
    ]
    for (name, help) in hints { vocabulary.hint(name, "write \(help)") }
  }
}
