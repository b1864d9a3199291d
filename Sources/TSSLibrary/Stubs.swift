import TSSLanguage
extension StandardVocabulary {
  static func installExtremes(in v: inout Vocabulary) {}
  static func installFits(in v: inout Vocabulary) {}
  static func installMatrices(in v: inout Vocabulary) {}
  static func installNumerics(in v: inout Vocabulary) {}
  static func installOutput(in v: inout Vocabulary) {}
  static func installRandom(in v: inout Vocabulary) {}
  static func installStatistics(in v: inout Vocabulary) {}
  static func installText(in v: inout Vocabulary) {}
}
