import TSSLanguage

/// The vocabulary of the domain: networks, schedules, engines, plots, files.
public enum PhysicsVocabulary {
  /// Adds every function, word and type. The standard vocabulary comes first.
  public static func install(in vocabulary: inout Vocabulary) {
    let parts: [(group: String, install: [(inout Vocabulary) -> Void])] = [
      ("networks", [Networks.install, InputsArgument.install]),
      ("training", [Schedules.install, Engines.install, Training.install, TrainingSets.install]),
      ("theory", [Theory.install, ErrorSplit.install]), ("plots", [Plots.install]),
      ("files", [Files.install]),
    ]
    for (group, functions) in parts {
      vocabulary.group = group
      for install in functions { install(&vocabulary) }
    }
    vocabulary.group = ""
  }
}
