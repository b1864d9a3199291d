/// The terminal graphics protocol of kitty, which Ghostty, WezTerm and Konsole know as well.
///
/// See https://sw.kovidgoyal.net/kitty/graphics-protocol/.
public enum KittyPicture {
  /// What shows a PNG file at the cursor, so many columns wide and as high as it is.
  ///
  /// The bytes go in base64, at most 4096 characters to a sequence; `m=1` says that there is more.
  /// `q=2` asks for no answer, which would arrive as if it were typed.
  public static func text(png: [UInt8], columns: Int) -> String {
    let data = Array(base64(png).utf8)
    var text = ""
    var start = 0
    repeat {
      let end = min(start + 4096, data.count)
      let more = end < data.count ? 1 : 0
      let keys = start == 0 ? "a=T,f=100,q=2,c=\(max(1, columns)),m=\(more)" : "m=\(more)"
      text += "\u{1b}_G\(keys);" + String(decoding: data[start..<end], as: UTF8.self) + "\u{1b}\\"
      start = end
    } while start < data.count
    return text + "\n"
  }

  /// RFC 4648, section 4.
  package static func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let count = min(3, bytes.count - start)
      var group: UInt32 = 0
      for i in 0..<3 { group = group << 8 | (i < count ? UInt32(bytes[start + i]) : 0) }
      for i in 0..<4 {
        text.append(
          i <= count ? alphabet[Int(group >> UInt32(18 - 6 * i)) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
