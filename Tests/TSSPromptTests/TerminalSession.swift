import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The executable on a pseudo-terminal, driven as a user would.
final class TerminalSession {
  private let master: Int32
  private let child: pid_t
  /// What is sent when the program asks for the terminal's attributes; nil for a mute terminal.
  private let attributes: String?
  private(set) var screen: Screen
  /// All bytes that came, for looking at control sequences.
  private(set) var raw = ""
  private var undecoded: [UInt8] = []
  private var hasEnded = false
  /// How much the program had written, and had computed in seconds, before the last input.
  private var written = 0
  private var computed = 0.0

  init(
    _ arguments: [String] = ["--color=never"], environment: [String: String] = [:],
    columns: Int = 80, rows: Int = 24, program: String = Executable.path,
    attributes: String? = nil
  ) {
    var master: Int32 = 0
    var slave: Int32 = 0
    var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    var name = [CChar](repeating: 0, count: 256)
    openpty(&master, &slave, &name, nil, &size)
    _ = fcntl(master, F_SETFD, FD_CLOEXEC)
    self.master = master
    self.attributes = attributes
    screen = Screen(columns: columns, height: rows)
    child = Start.spawn(arguments, environment, program: program, inNewSession: true) { actions in
      // Opened by name in a new session, it becomes the terminal that ^C is sent from.
      posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
      posix_spawn_file_actions_adddup2(&actions, 0, 1)
      posix_spawn_file_actions_adddup2(&actions, 0, 2)
    }
    close(slave)
  }

  deinit {
    close(master)
    if !hasEnded, child > 0 {
      kill(child, SIGKILL)
      waitpid(child, nil, 0)
    }
  }

  /// What the program does with it is looked for in what it writes from now on.
  func send(_ text: String) {
    written = raw.utf8.count
    computed = processorSeconds
    var text = text
    _ = text.withUTF8 { write(master, $0.baseAddress, $0.count) }
  }

  /// What a user does with the window's corner.
  func resize(columns: Int, rows: Int = 24) {
    var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    screen.resize(columns: columns, height: rows)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
  }

  /// The modes of the terminal, which a program may change.
  var modes: termios {
    var modes = termios()
    tcgetattr(master, &modes)
    return modes
  }

  /// Reads until the condition holds; false after a time that only a failure takes.
  func wait(
    seconds: Double = 60, pause: Int32 = 50, until condition: (TerminalSession) -> Bool
  ) -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while !condition(self) {
      if ContinuousClock.now > deadline || !pump(pause) { return condition(self) }
    }
    return true
  }

  /// Waits for something on the screen, and says what was there instead.
  func expect(
    _ text: String, times: Int = 1, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let found = wait { $0.count(of: text) >= times }
    #expect(
      found,
      "no “\(text)” on the screen:\n\(screen.text)\n\(raw.debugDescription)",
      sourceLocation: sourceLocation)
  }

  /// How often a text stands on the screen.
  func count(of text: String) -> Int {
    screen.text.split(separator: text, omittingEmptySubsequences: false).count - 1
  }

  /// Waits for a prompt with nothing behind it: the program is ready for the next input.
  func expectPrompt(sourceLocation: SourceLocation = #_sourceLocation) {
    let found = wait {
      let answer = $0.raw.utf8.dropFirst($0.written)
      return $0.screen.lines.last == "tss>"
        && (answer.ends(with: "tss> ") || answer.ends(with: "tss>\u{1b}[0m "))
    }
    #expect(found, "no prompt on the screen:\n\(screen.text)", sourceLocation: sourceLocation)
  }

  /// Waits until the cursor stands there: ESC, which nothing may follow at once, has been taken.
  func expectCursor(column: Int, sourceLocation: SourceLocation = #_sourceLocation) {
    let found = wait { $0.screen.column == column }
    #expect(
      found, "the cursor is in \(screen.column):\n\(screen.text)", sourceLocation: sourceLocation)
  }

  /// Waits until the program has taken the input and runs it: from then on ^C and ^Z are signals,
  /// not characters of a line.
  func expectRunning(sourceLocation: SourceLocation = #_sourceLocation) {
    let runs = wait {
      $0.modes.c_lflag & tcflag_t(ISIG) != 0 && $0.modes.c_lflag & tcflag_t(ECHO) == 0
    }
    #expect(runs, "nothing runs:\n\(screen.text)", sourceLocation: sourceLocation)
  }

  /// Waits until the program has computed for this long on behalf of the last input. Other than
  /// time on a clock, this is as much work on a busy machine as on an idle one.
  func expectBusy(
    milliseconds: Int, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let isBusy = wait(pause: 2) {
      $0.processorSeconds - $0.computed > Double(milliseconds) / 1000
    }
    #expect(isBusy, "nothing computes:\n\(screen.text)", sourceLocation: sourceLocation)
  }

  /// What the program has used of the processor.
  private var processorSeconds: Double {
    #if canImport(Darwin)
      var usage = rusage_info_v0()
      withUnsafeMutablePointer(to: &usage) { pointer in
        pointer.withMemoryRebound(to: rusage_info_t?.self, capacity: 1) {
          _ = proc_pid_rusage(child, RUSAGE_INFO_V0, $0)
        }
      }
      return Double(usage.ri_user_time + usage.ri_system_time) / 1e9
    #else
      var clock = clockid_t()
      var time = timespec()
      guard clock_getcpuclockid(child, &clock) == 0, clock_gettime(clock, &time) == 0 else {
        return 0
      }
      return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    #endif
  }

  func signal(_ number: Int32) { kill(child, number) }

  /// Waits for the end of the program and gives its exit status.
  func end() -> Int32 {
    var isRunning = true
    _ = wait {
      isRunning = $0.pump()
      return !isRunning
    }
    if isRunning {
      Issue.record("it goes on:\n\(screen.text)")
      kill(child, SIGKILL)
    }
    hasEnded = true
    return Start.status(of: child)
  }

  /// Takes what arrives within some milliseconds; false where nothing can arrive any more.
  private func pump(_ pause: Int32 = 50) -> Bool {
    var wait = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    if poll(&wait, 1, pause) == 0 { return true }
    var chunk = [UInt8](repeating: 0, count: 65536)
    let count = read(master, &chunk, chunk.count)
    if count <= 0 { return false }
    undecoded += chunk[..<count]
    // A character may have arrived in part.
    var end = undecoded.count
    while end > 0, undecoded.count - end < 4, undecoded[end - 1] & 0xc0 == 0x80 { end -= 1 }
    if end > 0, undecoded[end - 1] >= 0xc0 {
      let lead = undecoded[end - 1]
      let length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
      end = undecoded.count - (end - 1) >= length ? undecoded.count : end - 1
    } else {
      end = undecoded.count
    }
    let text = String(decoding: undecoded[..<end], as: UTF8.self)
    undecoded.removeFirst(end)
    raw += text
    if let attributes, text.contains("\u{1b}[c") {
      _ = attributes.withCString { write(master, $0, strlen($0)) }
    }
    screen.feed(text)
    return true
  }
}

extension Substring.UTF8View {
  fileprivate func ends(with text: String) -> Bool {
    count >= text.utf8.count && suffix(text.utf8.count).elementsEqual(text.utf8)
  }
}
