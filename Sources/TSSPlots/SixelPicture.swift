/// Sixels, the pictures of DEC's terminals (VT340), which xterm, foot, mlterm and others show.
///
/// A picture is bands of six rows. In a band each colour has a line of characters; the low six bits
/// of a character, less 63, are the pixels of one column that have the colour, the topmost lowest.
public enum SixelPicture {
  /// What shows an image at the cursor.
  public static func text(_ image: Raster) -> String {
    let indices = palette(image)
    // 1;1: square pixels. Colours are percentages.
    var text = Array("\u{1b}P0;1q\"1;1;\(image.width);\(image.height)".utf8)
    for colour in Set(indices).sorted() {
      let (red, green, blue) = levels(colour)
      text += "#\(colour);2;\(red);\(green);\(blue)".utf8
    }
    for top in stride(from: 0, to: image.height, by: 6) {
      appendBand(&text, indices, image, rows: top..<min(top + 6, image.height))
    }
    text += "\u{1b}\\\n".utf8
    return String(decoding: text, as: UTF8.self)
  }

  // MARK: Colours

  /// 0–215 are the cube of six levels of red, green and blue, 216–239 are greys: what figures have,
  /// which are dark lines of few colours on white, smoothed at their edges.
  private static func palette(_ image: Raster) -> [UInt8] {
    (0..<image.width * image.height).map { pixel in
      let red = Int(image.rgb[3 * pixel])
      let green = Int(image.rgb[3 * pixel + 1])
      let blue = Int(image.rgb[3 * pixel + 2])
      if max(red, green, blue) - min(red, green, blue) < 12 {
        return UInt8(216 + ((red + green + blue) * 23 + 382) / 765)
      }
      let step = { (level: Int) in (level * 5 + 127) / 255 }
      return UInt8(36 * step(red) + 6 * step(green) + step(blue))
    }
  }

  private static func levels(_ colour: UInt8) -> (Int, Int, Int) {
    let index = Int(colour)
    if index >= 216 {
      let grey = (index - 216) * 100 / 23
      return (grey, grey, grey)
    }
    return (index / 36 * 20, index / 6 % 6 * 20, index % 6 * 20)
  }

  // MARK: Bands

  private static func appendBand(
    _ text: inout [UInt8], _ indices: [UInt8], _ image: Raster, rows: Range<Int>
  ) {
    var lines: [UInt8: [UInt8]] = [:]
    for (bit, row) in rows.enumerated() {
      for column in 0..<image.width {
        let colour = indices[row * image.width + column]
        lines[colour, default: [UInt8](repeating: 0, count: image.width)][column] |= 1 << bit
      }
    }
    for (place, colour) in lines.keys.sorted().enumerated() {
      // `$` goes back to the band's first column.
      text += "\(place == 0 ? "" : "$")#\(colour)".utf8
      appendRuns(&text, lines[colour]!)
    }
    text.append(UInt8(ascii: "-"))
  }

  /// `!40~` for forty times `~`. Empty columns at the end are left out.
  private static func appendRuns(_ text: inout [UInt8], _ line: [UInt8]) {
    let end = (line.lastIndex { $0 != 0 } ?? -1) + 1
    var start = 0
    while start < end {
      var next = start
      while next < end, line[next] == line[start] { next += 1 }
      let character = 63 + line[start]
      if next - start > 3 {
        text += "!\(next - start)".utf8
        text.append(character)
      } else {
        text += [UInt8](repeating: character, count: next - start)
      }
      start = next
    }
  }
}
