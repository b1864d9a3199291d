import TSSData
import Testing

@Suite struct PNGTests {
  /// A file of one chunk of pixels, stored without compression; checksums are not looked at.
  private func file(
    width: UInt8, height: UInt8, kind: UInt8, rows: [[UInt8]], depth: UInt8 = 8
  ) -> [UInt8] {
    func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
      [0, 0, 0, UInt8(data.count)] + Array(name.utf8) + data + [0, 0, 0, 0]
    }
    let data = rows.flatMap { $0 }
    let count = UInt8(data.count)
    let stored: [UInt8] = [0x78, 1, 1, count, 0, ~count, 0xff] + data + [0, 0, 0, 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + chunk("IHDR", [0, 0, 0, width, 0, 0, 0, height, depth, kind, 0, 0, 0])
      + chunk("IDAT", stored) + chunk("IEND", [])
  }

  @Test func undoesEachFilter() throws {
    // Rows: as it is, left, above, mean, Paeth; all are the same two pixels.
    let rows: [[UInt8]] = [
      [0, 10, 20, 30, 14, 24, 34], [1, 10, 20, 30, 4, 4, 4], [2, 0, 0, 0, 0, 0, 0],
      [3, 5, 10, 15, 2, 2, 2], [4, 0, 0, 0, 0, 0, 0],
    ]
    let image = try PNGImage.decode(file(width: 2, height: 5, kind: 2, rows: rows))
    #expect(image.width == 2 && image.height == 5)
    #expect(image.rgb == (0..<5).flatMap { _ in [10, 20, 30, 14, 24, 34] as [UInt8] })
  }

  @Test func laysAlphaOverWhite() throws {
    let image = try PNGImage.decode(
      file(width: 2, height: 1, kind: 6, rows: [[0, 10, 20, 30, 255, 0, 0, 0, 51]]))
    #expect(image.rgb == [10, 20, 30, 204, 204, 204])
    let grey = try PNGImage.decode(file(width: 2, height: 1, kind: 0, rows: [[0, 7, 9]]))
    #expect(grey.rgb == [7, 7, 7, 9, 9, 9])
  }

  @Test func refusesWhatItDoesNotKnow() {
    let good = file(width: 2, height: 1, kind: 0, rows: [[0, 7, 9]])
    #expect(throws: PNGImage.Failure.self) { try PNGImage.decode([]) }
    #expect(throws: PNGImage.Failure.self) {
      try PNGImage.decode(file(width: 2, height: 1, kind: 3, rows: [[0, 7, 9]]))
    }
    #expect(throws: PNGImage.Failure.self) {
      try PNGImage.decode(file(width: 2, height: 1, kind: 0, rows: [[0, 7, 9]], depth: 16))
    }
    #expect(throws: PNGImage.Failure.self) {
      try PNGImage.decode(file(width: 2, height: 9, kind: 0, rows: [[0, 7, 9]]))
    }
    // Cut anywhere, it is an error and no crash.
    for count in 0..<good.count - 16 {
      #expect(throws: PNGImage.Failure.self) { try PNGImage.decode(Array(good[..<count])) }
    }
  }
}
