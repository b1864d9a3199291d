import CLineEditor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The user's own editor, which `^X^E` opens with the input in a temporary file.
enum OutsideEditor {
  /// Why there is no new text, in words for the user.
  struct Problem: Error {
    let message: String
  }

  /// The command as a shell reads it: `$VISUAL`, `$EDITOR`, or vi.
  static var command: String { environment("VISUAL") ?? environment("EDITOR") ?? "vi" }

  /// What the user has made of a text; nil where the editor says that it is not to be used, with
  /// another exit status than 0 (`:cq` in vi).
  static func edit(_ text: String) throws(Problem) -> String? {
    let command = command
    let program = String(command.prefix { $0 != " " })
    guard isInstalled(program) else {
      throw Problem(
        message: "there is no editor `\(program)`: set VISUAL or EDITOR to one that is installed")
    }
    let path = try temporaryFile()
    defer { unlink(path) }
    guard TextFile.write(text + "\n", to: path) else {
      throw Problem(message: "\(path): \(TextFile.lastProblem)")
    }
    guard try run(command, path) else { return nil }
    do { return cleaned(try TextFile.read(path)) } catch { throw Problem(message: error.message) }
  }

  /// As it may stand in the line: no tabs, whose width depends on where they stand, and no control
  /// characters but newlines, none of them at the end.
  static func cleaned(_ text: String) -> String {
    var clean = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 9: clean.append(contentsOf: "  ".unicodeScalars)
      case 10, 0x20..<0x7f, 0xa0...: clean.append(scalar)
      default: break
      }
    }
    while let last = clean.last, last == "\n" || last == " " { clean.removeLast() }
    return String(clean)
  }

  private static func isInstalled(_ program: String) -> Bool {
    // What only the shell understands is left to it.
    if program.contains(where: { "~$\"'`\\=".contains($0) }) { return true }
    if program.contains("/") { return access(program, X_OK) == 0 }
    let folders = (environment("PATH") ?? "/usr/bin:/bin").split(separator: ":")
    return folders.contains { access("\($0)/\(program)", X_OK) == 0 }
  }

  private static func temporaryFile() throws(Problem) -> String {
    let folder = environment("TMPDIR") ?? "/tmp"
    var name = Array("\(folder)/input-XXXXXX.tss".utf8CString)
    let file = mkstemps(&name, 4)
    guard file >= 0 else { throw Problem(message: "\(folder): \(TextFile.lastProblem)") }
    close(file)
    return String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Whether it ended well. The editor stays in this job, so that `^Z` stops both.
  private static func run(_ command: String, _ path: String) throws(Problem) -> Bool {
    let words = ["sh", "-c", "exec \(command) \"$1\"", "sh", path]
    var arguments = words.map { strdup($0) as Optional } + [nil]
    defer { for argument in arguments { free(argument) } }
    #if canImport(Darwin)
      var attributes: posix_spawnattr_t?
    #else
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // What tss ignores is its own business.
    var defaults = sigset_t()
    sigemptyset(&defaults)
    for signal in [SIGPIPE, SIGINT] { sigaddset(&defaults, signal) }
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
    var child = pid_t()
    let failure = posix_spawn(
      &child, "/bin/sh", nil, &attributes, &arguments, line_editor_environment())
    guard failure == 0 else {
      throw Problem(message: "cannot start \(command): \(String(cString: strerror(failure)))")
    }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    return status == 0
  }
}
