/// Times one part of the laboratory and prints what `report.py` reads, one line for each figure:
///
///     row <TAB> case <TAB> variant <TAB> value <TAB> unit <TAB> error, or -
///     start <TAB> case <TAB> Q and R, row by row
///     reference <TAB> case <TAB> α … <TAB> eg …
///
/// Values are medians of five (of one with `--quick`) in processor time, so that a busy machine
/// disturbs them less; sweeps and the start of the process are timed by the clock.
@main struct Bench {
  private static var sections: [(name: String, run: () throws -> Void)] {
    [
      ("sgd", DescentBench.full), ("reduced", DescentBench.reduced), ("ode", EquationBench.closed),
      ("relu", EquationBench.rectifier), ("activation", ActivationBench.run),
      ("sweep", LanguageBench.sweep), ("language", LanguageBench.run),
    ]
  }

  static func main() throws {
    var names = CommandLine.arguments.dropFirst()
    names.removeAll { $0 == "--quick" }
    if names.count != CommandLine.arguments.count - 1 { Measure.repetitions = 1 }
    for (name, run) in sections where names.isEmpty || names.contains(name) { try run() }
  }
}
