import TSS

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reads inputs line by line from a terminal that can do nothing, such as a shell inside Emacs
/// (`TERM=dumb`): the terminal's own editing, no control sequences.
final class PlainInput: InputReader {
  private let assistant: InputAssistant
  private var pending: [UInt8] = []
  private var isAtEnd = false

  init(assistant: InputAssistant) { self.assistant = assistant }

  func read() -> InputOutcome {
    var text = ""
    while true {
      StandardStream.output.write(text.isEmpty ? "tss> " : "...> ")
      switch nextLine() {
      case .line(let line):
        text += (text.isEmpty ? "" : "\n") + line
        if !Command.isCommand(text), case .incomplete = assistant.completeness(text) { continue }
        return .line(text)
      case .cancelled:
        StandardStream.output.write("\n")
        return .cancelled(text)
      case .end:
        StandardStream.output.write("\n")
        return text.isEmpty ? .end : .line(text)
      }
    }
  }

  func notice(_ text: String) { StandardStream.output.write(text) }

  func forgetTyped() { pending = [] }

  func putBack(_ bytes: [UInt8]) { pending += bytes }

  private func nextLine() -> InputOutcome {
    while true {
      if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: pending[..<end], as: UTF8.self)
        pending.removeFirst(end + 1)
        return .line(line)
      }
      if isAtEnd {
        defer { pending = [] }
        return pending.isEmpty ? .end : .line(String(decoding: pending, as: UTF8.self))
      }
      var chunk = [UInt8](repeating: 0, count: 4096)
      #if canImport(Glibc)
        let count = Glibc.read(0, &chunk, chunk.count)
      #elseif canImport(Musl)
        let count = Musl.read(0, &chunk, chunk.count)
      #else
        let count = Darwin.read(0, &chunk, chunk.count)
      #endif
      if count > 0 {
        pending += chunk[..<count]
      } else if count < 0, errno == EINTR {
        // ^C: its handler is installed without SA_RESTART for this.
        pending = []
        return .cancelled("")
      } else {
        isAtEnd = true
      }
    }
  }
}
