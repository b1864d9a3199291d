/// An image of red, green and blue bytes, row by row from the top.
public struct Raster: Hashable, Sendable {
  public let width: Int
  public let height: Int
  /// 3·width·height bytes.
  public let rgb: [UInt8]

  public init(width: Int, height: Int, rgb: [UInt8]) {
    precondition(width > 0 && height > 0 && rgb.count == 3 * width * height)
    self.width = width
    self.height = height
    self.rgb = rgb
  }

  /// Of another size with the same shape: each pixel is the mean of those it covers, or the one it
  /// lies in where the image grows.
  public func scaled(toWidth wanted: Int) -> Raster {
    let newWidth = max(1, wanted)
    let newHeight = max(1, (height * newWidth + width / 2) / width)
    var scaled = [UInt8](repeating: 0, count: 3 * newWidth * newHeight)
    for y in 0..<newHeight {
      let rows = Self.covered(y, of: newHeight, on: height)
      for x in 0..<newWidth {
        let columns = Self.covered(x, of: newWidth, on: width)
        var sums = (0, 0, 0)
        for row in rows {
          for column in columns {
            let place = 3 * (row * width + column)
            sums.0 += Int(rgb[place])
            sums.1 += Int(rgb[place + 1])
            sums.2 += Int(rgb[place + 2])
          }
        }
        let count = rows.count * columns.count
        let place = 3 * (y * newWidth + x)
        scaled[place] = UInt8(sums.0 / count)
        scaled[place + 1] = UInt8(sums.1 / count)
        scaled[place + 2] = UInt8(sums.2 / count)
      }
    }
    return Raster(width: newWidth, height: newHeight, rgb: scaled)
  }

  private static func covered(_ place: Int, of count: Int, on old: Int) -> Range<Int> {
    let start = place * old / count
    return start..<max(start + 1, (place + 1) * old / count)
  }
}
