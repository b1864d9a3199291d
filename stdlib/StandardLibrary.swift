/// The part of the vocabulary that is written in the language itself, embedded in the binary.
public enum StandardLibrary {
  /// A module: what `use name` finds, and the text that every session starts with.
  public struct Module: Sendable {
    public let name: String
    public let source: [UInt8]
  }

  /// Loaded into every engine before anything else: the files of `parts`, one after the other.
  /// They are kept small, since every start pays for reading them.
  public static let prelude = Module(
    name: "prelude", source: Array(parts.map(\.source).joined(separator: [UInt8(ascii: "\n")])))

  /// General functions, activations and schedules.
  public static let parts = [
    Module(name: "mathematics", source: PackageResources.prelude_tss),
    Module(name: "activations", source: PackageResources.activations_tss),
    Module(name: "schedules", source: PackageResources.schedules_tss),
  ]

  /// All modules, the prelude first; the others wait for `use name`.
  public static let modules = [
    prelude, Module(name: "theory", source: PackageResources.theory_tss),
  ]

  /// Texts of `help` about subjects that are no functions: sections that begin with `# title`.
  public static let topics = PackageResources.topics_md
  /// The same about the keywords of the language.
  public static let keywords = PackageResources.keywords_md
}
