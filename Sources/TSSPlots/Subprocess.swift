#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A program that is given all its input and read to its end.
struct Subprocess {
  /// What it left behind.
  struct Result {
    /// The exit code, or 128 and the number of the signal that ended it.
    var status: Int32
    /// Both of its outputs, as they came.
    var output: String
  }

  enum Failure: Error {
    /// There is no such program on PATH.
    case missing
    /// The operating system refused; its error number.
    case refused(Int32)
    /// It was ended because nobody wants its answer any more.
    case stopped
  }

  /// Runs `program`, found on PATH, without a shell.
  ///
  /// Sockets stand where pipes would: `send` can be told not to raise SIGPIPE, which would end the
  /// whole session when the program leaves early. Input and output are served as `poll` finds them
  /// ready, so that neither side waits for the other.
  ///
  /// - Parameter isStopped: asked every 20 ms; what runs is ended where it says so.
  static func run(
    _ program: String, _ arguments: [String], input: String,
    isStopped: () -> Bool = { false }
  ) throws(Failure) -> Result {
    let toChild = try channel()
    let fromChild: Channel
    do { fromChild = try channel() } catch {
      toChild.close()
      throw error
    }
    let pid: pid_t
    do {
      pid = try spawn(program, arguments, input: toChild.theirs, output: fromChild.theirs)
    } catch {
      toChild.close()
      fromChild.close()
      throw error
    }
    _ = close(toChild.theirs)
    _ = close(fromChild.theirs)
    let output = converse(
      writing: Array(input.utf8), to: toChild.ours, from: fromChild.ours, isStopped: isStopped)
    _ = close(fromChild.ours)
    guard let output else {
      // It has a process group of its own, with all that it may have started.
      kill(-pid, SIGKILL)
      _ = wait(for: pid)
      throw .stopped
    }
    return Result(status: wait(for: pid), output: String(decoding: output, as: UTF8.self))
  }

  // MARK: Starting

  private struct Channel {
    var ours: Int32
    var theirs: Int32
    func close() {
      for descriptor in [ours, theirs] { _ = closeDescriptor(descriptor) }
    }
  }

  private static func channel() throws(Failure) -> Channel {
    var pair: [Int32] = [0, 0]
    #if canImport(Glibc)
      // Closed on exec from the start: a program that another thread starts meanwhile would keep
      // our end open and gnuplot waiting for the end of its input.
      let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
      guard socketpair(AF_UNIX, kind, 0, &pair) == 0 else { throw .refused(errno) }
    #else
      guard socketpair(AF_UNIX, SOCK_STREAM, 0, &pair) == 0 else { throw .refused(errno) }
      for descriptor in pair {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &yes, socklen_t(MemoryLayout<Int32>.size))
      }
    #endif
    return Channel(ours: pair[0], theirs: pair[1])
  }

  private static func spawn(
    _ program: String, _ arguments: [String], input: Int32, output: Int32
  ) throws(Failure) -> pid_t {
    #if canImport(Glibc)
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #else
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_adddup2(&actions, input, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, output, 2)
    // Signals that the session ignores or blocks are its own business.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGPIPE, SIGINT, SIGTERM, SIGCHLD] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    // ^C on the terminal is for the session, which ends the program itself.
    posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
    posix_spawnattr_setflags(&attributes, Int16(flags))

    var argv = ([program] + arguments).map { strdup($0) } + [nil]
    var environment = Self.environment().map { strdup($0) } + [nil]
    defer { for text in argv + environment { free(text) } }
    var pid: pid_t = 0
    let status = posix_spawnp(&pid, program, &actions, &attributes, &argv, &environment)
    if status == ENOENT { throw .missing }
    guard status == 0 else { throw .refused(status) }
    return pid
  }

  /// What a plotting program needs to find its fonts and files, and nothing that changes pictures.
  private static func environment() -> [String] {
    let names = [
      "PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "XDG_CACHE_HOME",
      "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_DATA_DIRS", "FONTCONFIG_FILE", "FONTCONFIG_PATH",
      "GNUPLOT_DRIVER_DIR", "GNUPLOT_PS_DIR",
    ]
    return names.compactMap { name in
      getenv(name).map { "\(name)=\(String(cString: $0))" }
    } + ["LC_ALL=C.UTF-8"]
  }

  // MARK: Talking

  /// What the program says until it closes its output; nil where it is to be ended.
  private static func converse(
    writing input: [UInt8], to sink: Int32, from source: Int32, isStopped: () -> Bool
  ) -> [UInt8]? {
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    var sent = 0
    var isWriting = true
    while true {
      if isStopped() {
        if isWriting { _ = close(sink) }
        return nil
      }
      if isWriting && sent == input.count {
        _ = close(sink)
        isWriting = false
      }
      var waiting = [pollfd(fd: source, events: Int16(POLLIN), revents: 0)]
      if isWriting { waiting.append(pollfd(fd: sink, events: Int16(POLLOUT), revents: 0)) }
      if poll(&waiting, nfds_t(waiting.count), 20) < 0 {
        if errno == EINTR { continue }
        break
      }
      if isWriting, waiting[1].revents != 0 {
        let count = input[sent...].withUnsafeBytes { send(sink, $0.baseAddress, $0.count, flags) }
        if count > 0 {
          sent += count
        } else if errno != EAGAIN && errno != EINTR {
          // It does not want to hear more; what it says tells why.
          sent = input.count
        }
      }
      if waiting[0].revents != 0 {
        let count = read(source, &chunk, chunk.count)
        if count > 0 {
          output += chunk[..<count]
        } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
          break
        }
      }
    }
    if isWriting { _ = close(sink) }
    return output
  }

  /// Never wait for room: the program may itself be waiting until we read.
  private static var flags: Int32 {
    #if canImport(Glibc)
      Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
    #else
      MSG_DONTWAIT
    #endif
  }

  private static func wait(for pid: pid_t) -> Int32 {
    var code: Int32 = 0
    while waitpid(pid, &code, 0) < 0 {
      // Without EINTR there is nobody to wait for: the session ignores its children's ends.
      guard errno == EINTR else { return 0 }
    }
    let signal = code & 0x7f
    return signal == 0 ? (code >> 8) & 0xff : 128 + signal
  }
}

private func closeDescriptor(_ descriptor: Int32) -> Int32 { close(descriptor) }
