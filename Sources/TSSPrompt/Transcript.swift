#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that gets what stands on the screen, as text.
public struct Transcript: Sendable {
  public let path: String
  private let file: Int32

  /// Goes on in a file that exists; nil where it cannot be written, with the reason in `errno`.
  init?(path: String) {
    file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o666)
    guard file >= 0 else { return nil }
    self.path = path
  }

  func end() { close(file) }

  /// False where the file takes no more. Without a buffer: what stands on the screen stands in the
  /// file.
  func write(_ text: String) -> Bool {
    var text = Self.plain(text)
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)[...]
      while !rest.isEmpty {
        let piece = UnsafeRawBufferPointer(rebasing: rest)
        #if canImport(Glibc)
          let count = Glibc.write(file, piece.baseAddress, piece.count)
        #elseif canImport(Musl)
          let count = Musl.write(file, piece.baseAddress, piece.count)
        #else
          let count = Darwin.write(file, piece.baseAddress, piece.count)
        #endif
        if count < 0 {
          if errno == EINTR { continue }
          return false
        }
        rest = rest.dropFirst(count)
      }
      return true
    }
  }

  /// Without colours and other control sequences, pictures among them.
  public static func plain(_ text: String) -> String {
    guard text.utf8.contains(0x1b) else { return text }
    var plain = String.UnicodeScalarView()
    var scalars = text.unicodeScalars[...]
    while let scalar = scalars.popFirst() {
      guard scalar == "\u{1b}" else {
        plain.append(scalar)
        continue
      }
      switch scalars.popFirst() {
      case "[":
        // Ends at the first letter or one of a few signs.
        while let next = scalars.popFirst(), !(0x40...0x7e).contains(next.value) {}
      case "]", "P", "_", "^", "X":
        // A text of its own, up to ESC \ or BEL.
        while let next = scalars.popFirst(), next != "\u{7}" {
          if next == "\u{1b}" {
            scalars = scalars.dropFirst()
            break
          }
        }
      default: break
      }
    }
    return String(plain)
  }
}
