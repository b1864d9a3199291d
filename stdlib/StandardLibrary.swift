/// The part of the vocabulary that is written in the language itself, embedded in the binary.
public enum StandardLibrary {
  /// A module: what `use name` finds, and the prelude that every session starts with.
  public struct Module: Sendable {
    public let name: String
    public let source: [UInt8]
  }

  /// Loaded into every engine before anything else.
  public static let prelude = Module(name: "prelude", source: PackageResources.prelude_tss)

  /// All modules, the prelude first.
  public static let modules = [prelude]
}
