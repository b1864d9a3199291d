import TSSLanguage

/// The vocabulary of the domain: networks, schedules, engines, plots, files.
public enum PhysicsVocabulary {
  /// Adds every function, word and type. The standard vocabulary comes first.
  public static func install(in vocabulary: inout Vocabulary) {
    Networks.install(in: &vocabulary)
    Schedules.install(in: &vocabulary)
    InputsArgument.install(in: &vocabulary)
    Engines.install(in: &vocabulary)
    Training.install(in: &vocabulary)
    TrainingSets.install(in: &vocabulary)
    Theory.install(in: &vocabulary)
    ErrorSplit.install(in: &vocabulary)
    Plots.install(in: &vocabulary)
    Files.install(in: &vocabulary)
  }
}
