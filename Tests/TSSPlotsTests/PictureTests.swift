import TSSPlots
import Testing

@Suite struct PictureTests {
  @Test func encodesBase64() {
    // RFC 4648, section 10.
    let vectors = ["": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foobar": "Zm9vYmFy"]
    for (plain, encoded) in vectors {
      #expect(KittyPicture.base64(Array(plain.utf8)) == encoded)
    }
    #expect(KittyPicture.base64([0xFB, 0xFF, 0xFE]) == "+//+")
  }

  @Test func cutsPicturesForKitty() {
    // 4000 bytes are 5336 characters.
    let text = KittyPicture.text(png: [UInt8](repeating: 0, count: 4000), columns: 54)
    let first = "\u{1b}_Ga=T,f=100,q=2,c=54,m=1;" + String(repeating: "A", count: 4096)
    #expect(text.hasPrefix(first + "\u{1b}\\\u{1b}_Gm=0;AAAA"))
    #expect(text.hasSuffix("AA==\u{1b}\\\n"))
  }

  @Test func scalesByMeans() {
    let image = Raster(
      width: 4, height: 2,
      rgb: [
        0, 0, 0, 100, 0, 0, 9, 9, 9, 9, 9, 9,
        0, 0, 0, 100, 40, 0, 9, 9, 9, 9, 9, 9,
      ])
    #expect(image.scaled(toWidth: 2) == Raster(width: 2, height: 1, rgb: [50, 10, 0, 9, 9, 9]))
    #expect(image.scaled(toWidth: 4) == image)
    #expect(image.scaled(toWidth: 8).height == 4)
  }

  @Test func writesSixels() {
    // A red column, then four white ones; seven rows are two bands.
    let row: [UInt8] = [255, 0, 0] + [UInt8](repeating: 255, count: 12)
    let image = Raster(width: 5, height: 7, rgb: (0..<7).flatMap { _ in row })
    #expect(
      SixelPicture.text(image)
        == "\u{1b}P0;1q\"1;1;5;7#180;2;100;0;0#239;2;100;100;100"
        + "#180~$#239?!4~-#180@$#239?!4@-\u{1b}\\\n")
  }
}
