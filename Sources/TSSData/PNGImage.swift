/// A PNG file (RFC 2083) as pixels: what drawing programs write, 8 bits to a sample in colour or
/// grey, with or without alpha, not interlaced.
package struct PNGImage {
  package var width: Int
  package var height: Int
  /// 3·width·height bytes, row by row; alpha is laid over white.
  package var rgb: [UInt8]

  /// What is wrong with a file, in words.
  package struct Failure: Error {
    package var problem: String
  }

  package static func decode(_ bytes: [UInt8]) throws(Failure) -> PNGImage {
    guard bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) else {
      throw Failure(problem: "it is no PNG file")
    }
    func number(_ place: Int) -> Int {
      bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    var place = 8
    var header: (width: Int, height: Int, channels: Int)?
    var packed: [UInt8] = []
    while place + 12 <= bytes.count {
      let length = number(place)
      let data = place + 8
      guard length <= bytes.count - place - 12 else { break }
      switch bytes[place + 4..<place + 8] {
      case [0x49, 0x48, 0x44, 0x52] where length == 13:
        let channels = [0: 1, 2: 3, 4: 2, 6: 4][Int(bytes[data + 9])]
        let (width, height) = (number(data), number(data + 4))
        guard bytes[data + 8] == 8, bytes[data + 12] == 0, let channels,
          (1...1 << 14).contains(width), (1...1 << 14).contains(height)
        else { throw Failure(problem: "its kind of pixels is not known here") }
        header = (width, height, channels)
      case [0x49, 0x44, 0x41, 0x54]: packed += bytes[data..<data + length]
      default: break
      }
      place = data + length + 4
    }
    guard let header, packed.count > 6 else { throw Failure(problem: "it has no pixels") }
    let stride = header.width * header.channels
    let rows: [UInt8]
    do {
      // Two bytes of zlib's own before, a checksum behind.
      rows = try Inflate.unpack(packed[2..<packed.count - 4], limit: header.height * (stride + 1))
    } catch { throw Failure(problem: error.problem) }
    guard rows.count == header.height * (stride + 1) else {
      throw Failure(problem: "it ends too early")
    }
    let samples = try unfiltered(rows, stride: stride, channels: header.channels)
    return PNGImage(
      width: header.width, height: header.height,
      rgb: colours(samples, channels: header.channels))
  }

  /// Section 6: each byte was written as the difference to one predicted from its neighbours.
  private static func unfiltered(
    _ rows: [UInt8], stride: Int, channels: Int
  ) throws(Failure) -> [UInt8] {
    var samples: [UInt8] = []
    samples.reserveCapacity(rows.count)
    for start in Swift.stride(from: 0, to: rows.count, by: stride + 1) {
      let filter = rows[start]
      guard filter <= 4 else { throw Failure(problem: "it has a row of an unknown kind") }
      let isFirst = start == 0
      for i in 0..<stride {
        let now = samples.count
        let left = i >= channels ? samples[now - channels] : 0
        let above = isFirst ? 0 : samples[now - stride]
        let corner = isFirst || i < channels ? 0 : samples[now - stride - channels]
        let predicted: UInt8 =
          switch filter {
          case 0: 0
          case 1: left
          case 2: above
          case 3: UInt8((Int(left) + Int(above)) / 2)
          default: paeth(left, above, corner)
          }
        samples.append(rows[start + 1 + i] &+ predicted)
      }
    }
    return samples
  }

  private static func paeth(_ left: UInt8, _ above: UInt8, _ corner: UInt8) -> UInt8 {
    let estimate = Int(left) + Int(above) - Int(corner)
    let a = abs(estimate - Int(left))
    let b = abs(estimate - Int(above))
    let c = abs(estimate - Int(corner))
    return a <= b && a <= c ? left : b <= c ? above : corner
  }

  private static func colours(_ samples: [UInt8], channels: Int) -> [UInt8] {
    var rgb: [UInt8] = []
    rgb.reserveCapacity(samples.count / channels * 3)
    for start in Swift.stride(from: 0, to: samples.count, by: channels) {
      let alpha = channels % 2 == 0 ? Int(samples[start + channels - 1]) : 255
      for i in 0..<3 {
        let sample = Int(samples[start + (channels >= 3 ? i : 0)])
        rgb.append(UInt8((sample * alpha + 255 * (255 - alpha)) / 255))
      }
    }
    return rgb
  }
}
