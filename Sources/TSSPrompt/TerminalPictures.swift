import CLineEditor
import Synchronization
import TSS

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How plots are shown on a terminal.
public enum GraphicsChoice: String, Sendable, CaseIterable {
  /// As pictures where the terminal says that it shows them.
  case auto
  case braille, kitty, sixel
}

/// Finds out how the terminal shows pictures, when the first is to be shown.
final class TerminalPictures: Sendable {
  private struct State {
    var choice: GraphicsChoice
    /// What the terminal has answered; the inner nil for characters only.
    var answer: PictureAbility.Format??
    /// What was typed while its answer was waited for.
    var typed: [UInt8] = []
  }

  private let state: Mutex<State>
  /// Whether there is a terminal that may be asked.
  private let mayAsk: Bool

  init(choice: GraphicsChoice, mayAsk: Bool) {
    state = Mutex(State(choice: choice))
    self.mayAsk = mayAsk && Self.isDirect
  }

  var choice: GraphicsChoice {
    get { state.withLock { $0.choice } }
    set { state.withLock { $0.choice = newValue } }
  }

  /// What was typed while the terminal was asked; once.
  func takeTyped() -> [UInt8] {
    state.withLock { state in
      defer { state.typed = [] }
      return state.typed
    }
  }

  var ability: PictureAbility? {
    let format: PictureAbility.Format? = state.withLock { state in
      switch state.choice {
      case .braille: return nil
      case .kitty: return .kitty
      case .sixel: return .sixel
      case .auto:
        if let known = state.answer { return known }
        let answer = mayAsk ? Self.ask() : nil
        state.typed += answer?.typed ?? []
        let found: PictureAbility.Format? =
          answer.map { $0.hasKitty ? .kitty : $0.hasSixel ? .sixel : nil } ?? nil
        state.answer = .some(found)
        return found
      }
    }
    guard let format else { return nil }
    let cell = Self.cell
    return PictureAbility(format: format, cellWidth: cell.width, cellHeight: cell.height)
  }

  // MARK: The terminal

  /// No multiplexer between, which would have to be told to pass pictures on.
  private static var isDirect: Bool {
    let term = environment("TERM") ?? "dumb"
    return environment("TMUX") == nil && environment("STY") == nil
      && !["screen", "tmux", "linux", "dumb"].contains { term.hasPrefix($0) }
  }

  /// Pixels of a character's cell, where the terminal says it.
  private static var cell: (width: Int, height: Int) {
    var size = winsize()
    guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0,
      size.ws_xpixel >= size.ws_col, size.ws_ypixel >= size.ws_row
    else { return (10, 20) }
    return (Int(size.ws_xpixel / size.ws_col), Int(size.ws_ypixel / size.ws_row))
  }

  /// A picture of one pixel that is only to be judged, then the primary device attributes, which
  /// every terminal answers: who has not spoken of pictures before them does not know them.
  private static let question = "\u{1b}_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\u{1b}\\\u{1b}[c"
  private static let patience = 100

  /// Asks and waits; nil where there is nobody to ask. An answer that comes later is swallowed by
  /// the line editor.
  private static func ask() -> TerminalAnswer? {
    var found = termios()
    guard isatty(1) == 1, tcgetpgrp(0) == getpgrp(), tcgetattr(0, &found) == 0 else { return nil }
    var quiet = found
    quiet.c_lflag &= ~tcflag_t(ICANON | ECHO)
    tcsetattr(0, TCSANOW, &quiet)
    defer { tcsetattr(0, TCSANOW, &found) }
    StandardStream.output.write(question)
    let deadline = ContinuousClock.now + .milliseconds(patience)
    var bytes: [UInt8] = []
    var answer = TerminalAnswer(bytes)
    while answer.attributes == nil {
      let left = (deadline - ContinuousClock.now) / .milliseconds(1)
      guard left > 0 else { break }
      var waiting = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, Int32(left.rounded(.up))) > 0 else { continue }
      var chunk = [UInt8](repeating: 0, count: 4096)
      let count = read(0, &chunk, chunk.count)
      if count <= 0 { break }
      bytes += chunk[..<count]
      answer = TerminalAnswer(bytes)
    }
    return answer
  }
}
