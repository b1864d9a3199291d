#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Programs of the package, which lie beside the bundle of the tests.
public enum Executable {
  /// Where a program was built; words that no file is called where there is none.
  public static func path(of name: String) -> String {
    // The runner is …/debug/Package.xctest, or a helper that is given the bundle's path.
    let candidates = CommandLine.arguments + [ownPath]
    for candidate in candidates where candidate.contains(".xctest") {
      let folder = candidate.split(separator: "/", omittingEmptySubsequences: false)
        .prefix { !$0.hasSuffix(".xctest") }.joined(separator: "/")
      let path = "\(folder)/\(name)"
      if access(path, X_OK) == 0 { return path }
    }
    return "no \(name) beside the tests: \(candidates)"
  }

  private static var ownPath: String {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes {
      readlink("/proc/self/exe", $0.baseAddress!, $0.count)
    }
    return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
  }
}
