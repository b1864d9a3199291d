/// The colours of heat maps, from dark violet by green to yellow.
///
/// *viridis* of Smith, van der Walt and Firing (2015, CC0) at ten places: luminance grows evenly
/// along it, so that a grey print shows the same order, and the colour-blind see it, too.
enum ColourScale {
  struct Colour: Hashable {
    var red: Double
    var green: Double
    var blue: Double

    /// Rec. 709 luminance of the linear light, from 0 to 1.
    var luminance: Double {
      func linear(_ byte: Double) -> Double {
        let s = byte / 255
        // The square is near enough to sRGB's curve to compare colours.
        return s * s
      }
      return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }
  }

  static let anchors: [UInt32] = [
    0x440154, 0x482878, 0x3e4989, 0x31688e, 0x26828e, 0x1f9e89, 0x35b779, 0x6ece58, 0xb5de2b,
    0xfde725,
  ]

  /// The colour at `fraction` of the scale, whose ends go on beyond it.
  static func colour(_ fraction: Double) -> Colour {
    let place = min(1, max(0, fraction)) * Double(anchors.count - 1)
    let low = min(anchors.count - 2, Int(place))
    let t = place - Double(low)
    func mixed(_ shift: UInt32) -> Double {
      let (a, b) = (anchors[low] >> shift & 255, anchors[low + 1] >> shift & 255)
      return (1 - t) * Double(a) + t * Double(b)
    }
    return Colour(red: mixed(16), green: mixed(8), blue: mixed(0))
  }

  // MARK: Terminals

  /// The colour of the 256 of xterm that is nearest to `fraction` of the scale.
  ///
  /// Only its cube of 6·6·6 and its greys are asked: the first sixteen follow the reader's theme.
  static func indexed(_ fraction: Double) -> UInt8 {
    table[Int((min(1, max(0, fraction)) * Double(table.count - 1)).rounded())]
  }

  /// Black or white, whichever is read better on an indexed colour.
  static func contrast(_ index: UInt8) -> UInt8 { rgb(index).luminance > 0.2 ? 16 : 231 }

  /// What an indexed colour looks like.
  static func rgb(_ index: UInt8) -> Colour {
    if index >= 232 {
      let grey = Double(8 + 10 * (Int(index) - 232))
      return Colour(red: grey, green: grey, blue: grey)
    }
    let steps: [Double] = [0, 95, 135, 175, 215, 255]
    let place = Int(max(16, index)) - 16
    return Colour(
      red: steps[place / 36], green: steps[place / 6 % 6], blue: steps[place % 6])
  }

  /// Sixty-four places on the scale, each no darker than the one before.
  private static let table: [UInt8] = {
    var table: [UInt8] = []
    for step in 0..<64 {
      let wanted = colour(Double(step) / 63)
      func distance(_ index: UInt8) -> Double {
        let found = rgb(index)
        let (r, g, b) = (
          found.red - wanted.red, found.green - wanted.green, found.blue - wanted.blue
        )
        // The eye sees green best and blue least.
        return 2 * r * r + 4 * g * g + 3 * b * b
      }
      let least = table.last.map { rgb($0).luminance } ?? 0
      let allowed = (UInt8(16)...255).filter { rgb($0).luminance >= least }
      table.append(allowed.min { distance($0) < distance($1) } ?? 16)
    }
    return table
  }()

  /// Shades for terminals without colours, the lightest of ink first.
  static func shade(_ fraction: Double, ascii: Bool) -> String {
    let shades =
      ascii ? [" ", ".", ":", "-", "=", "+", "*", "#", "%", "@"] : [" ", "░", "▒", "▓", "█"]
    let place = Int(min(1, max(0, fraction)) * Double(shades.count))
    return shades[min(shades.count - 1, place)]
  }
}
