import TSS

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reading and writing whole texts.
public enum TextFile {
  /// Why a text could not be read: "a.tss: No such file or directory".
  public struct Problem: Error {
    public let message: String
  }

  /// The text of a file.
  public static func read(_ path: String) throws(Problem) -> String {
    try text(of: bytes(path), path)
  }

  /// Everything that can be read from an open file, which must be UTF-8.
  public static func read(descriptor: Int32, name: String) throws(Problem) -> String {
    try text(of: bytes(descriptor: descriptor, name: name), name)
  }

  private static func text(of bytes: [UInt8], _ name: String) throws(Problem) -> String {
    do { return try Engine.text(of: bytes, name: name) } catch {
      throw Problem(message: error.message)
    }
  }

  /// What a file holds, text or not.
  static func bytes(_ path: String) throws(Problem) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw Problem(message: "\(path): \(lastProblem)") }
    defer { close(file) }
    return try bytes(descriptor: file, name: path)
  }

  private static func bytes(descriptor: Int32, name: String) throws(Problem) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      #if canImport(Glibc)
        let count = Glibc.read(descriptor, &chunk, chunk.count)
      #elseif canImport(Musl)
        let count = Musl.read(descriptor, &chunk, chunk.count)
      #else
        let count = Darwin.read(descriptor, &chunk, chunk.count)
      #endif
      if count < 0 {
        if errno == EINTR { continue }
        throw Problem(message: "\(name): \(lastProblem)")
      }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
  }

  /// False where it cannot be written, with the reason in `errno`.
  public static func write(_ text: String, to path: String) -> Bool {
    guard let file = fopen(path, "w") else { return false }
    var text = text
    let isWhole = text.withUTF8 { fwrite($0.baseAddress, 1, $0.count, file) == $0.count }
    return fclose(file) == 0 && isWhole
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// What the system says about the last failure: "No such file or directory".
  public static var lastProblem: String { String(cString: strerror(errno)) }
}

/// A variable of the environment; nil where it is not set or empty.
func environment(_ name: String) -> String? {
  guard let value = getenv(name), value.pointee != 0 else { return nil }
  return String(cString: value)
}

/// Where tss keeps what is the user's, as the XDG directories say.
enum UserFiles {
  /// The history, in a folder that is made if need be; nil where there is no home.
  static var history: String? {
    guard let base = base("XDG_STATE_HOME", ".local/state") else { return nil }
    let folder = base + "/tss"
    makeFolders(folder)
    return folder + "/history"
  }

  /// Run at the start of every interactive session.
  static var initialization: String? {
    base("XDG_CONFIG_HOME", ".config").map { $0 + "/tss/init.tss" }
  }

  private static func base(_ variable: String, _ inHome: String) -> String? {
    if let path = environment(variable), path.hasPrefix("/") { return path }
    return environment("HOME").map { "\($0)/\(inHome)" }
  }

  private static func makeFolders(_ path: String) {
    var prefix = ""
    for part in path.split(separator: "/") {
      prefix += "/" + part
      mkdir(prefix, 0o700)
    }
  }
}
