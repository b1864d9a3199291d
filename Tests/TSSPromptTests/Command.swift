import Synchronization
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Executable {
  /// The built `tss`.
  static let path = path(of: "tss")
}

/// A folder of its own for each test, removed with it.
final class TemporaryFolder {
  let path: String

  init() {
    var template = Array("/tmp/tss-test-XXXXXX".utf8CString)
    mkdtemp(&template)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  func write(_ text: String, to name: String) -> String {
    let file = fopen("\(path)/\(name)", "w")!
    fputs(text, file)
    fclose(file)
    return "\(path)/\(name)"
  }

  deinit {
    _ = pipeline("rm -rf '\(path)'")
  }
}

/// What a finished process left behind.
struct Outcome {
  var status: Int32
  var output: String
  var errors: String
}

/// Starting the executable with plain pipes or on a terminal.
enum Start {
  /// `POSIX_SPAWN_SETSID`, which glibc's header hides from Swift.
  #if canImport(Darwin)
    private static let newSessionFlag: Int32 = 0x400
  #else
    private static let newSessionFlag: Int32 = 0x80
  #endif

  static func environment(_ changes: [String: String]) -> [String] {
    var variables = [
      "PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8", "TERM": "xterm",
      "XDG_CONFIG_HOME": "/nonexistent",
    ]
    variables.merge(changes) { $1 }
    return variables.map { "\($0.key)=\($0.value)" }
  }

  /// Starts the executable; `actions` says what its descriptors are.
  static func spawn(
    _ arguments: [String], _ changes: [String: String], program: String = Executable.path,
    inNewSession: Bool,
    actions: (inout posix_spawn_file_actions_t) -> Void
  ) -> pid_t {
    var fileActions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&fileActions)
    defer { posix_spawn_file_actions_destroy(&fileActions) }
    actions(&fileActions)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // The runner of the tests may ignore or block signals; users' shells do not.
    var flags = Int32(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK)
    if inNewSession { flags |= newSessionFlag }
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigdefault(&attributes, &all)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(flags))
    let words = ([program] + arguments).map { strdup($0) as Optional } + [nil]
    let variables = environment(changes).map { strdup($0) as Optional } + [nil]
    defer { for word in words + variables { free(word) } }
    var child = pid_t()
    let failure = posix_spawn(&child, program, &fileActions, &attributes, words, variables)
    if failure != 0 {
      Issue.record("cannot start \(program): \(String(cString: strerror(failure)))")
      return -1
    }
    return child
  }

  static func status(of child: pid_t) -> Int32 {
    var status: Int32 = 0
    guard child > 0, waitpid(child, &status, 0) == child else { return -1 }
    // As a shell says it: the status, or 128 and the signal.
    return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + status & 0x7f
  }
}

/// Runs the executable without a terminal, to its end.
func tss(
  _ arguments: [String], input: String = "", environment: [String: String] = [:]
) -> Outcome {
  var ends: [[Int32]] = []
  for _ in 0..<3 {
    var pair: [Int32] = [0, 0]
    pipe(&pair)
    for end in pair { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    ends.append(pair)
  }
  let child = Start.spawn(arguments, environment, inNewSession: false) { actions in
    posix_spawn_file_actions_adddup2(&actions, ends[0][0], 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1][1], 1)
    posix_spawn_file_actions_adddup2(&actions, ends[2][1], 2)
  }
  for end in [ends[0][0], ends[1][1], ends[2][1]] { close(end) }
  // Inputs are short: they fit into the pipe.
  _ = input.withCString { write(ends[0][1], $0, strlen($0)) }
  close(ends[0][1])
  let output = readAll(ends[1][0])
  let errors = readAll(ends[2][0])
  return Outcome(status: Start.status(of: child), output: output, errors: errors)
}

private func readAll(_ descriptor: Int32) -> String {
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = read(descriptor, &chunk, chunk.count)
    if count <= 0 { return String(decoding: bytes, as: UTF8.self) }
    bytes += chunk[..<count]
  }
}

/// What a shell prints for a command line, errors included.
func pipeline(_ line: String) -> String {
  guard let stream = popen("{ \(line) ; } 2>&1", "r") else { return "no shell" }
  defer { pclose(stream) }
  var text = ""
  var buffer = [CChar](repeating: 0, count: 4096)
  while fgets(&buffer, Int32(buffer.count), stream) != nil {
    text += String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
  return text
}
