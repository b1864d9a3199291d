/// The part of the vocabulary that is written in the language itself, embedded in the binary.
public enum StandardLibrary {
  /// A module: what `use name` finds, and the files that every session starts with.
  public struct Module: Sendable {
    public let name: String
    public let source: [UInt8]
  }

  /// General functions, loaded into every engine before anything else.
  public static let prelude = Module(name: "prelude", source: PackageResources.prelude_tss)

  /// Loaded into every engine, in this order. They are small: each costs its parsing at every
  /// start.
  public static let autoloaded = [
    prelude,
    Module(name: "activations", source: PackageResources.activations_tss),
    Module(name: "schedules", source: PackageResources.schedules_tss),
  ]

  /// All modules, those that are always loaded first; the others wait for `use name`.
  public static let modules =
    autoloaded + [Module(name: "theory", source: PackageResources.theory_tss)]
}
