#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Lines drawn as dots: eight to a cell in braille, one in ASCII.
struct DotCanvas {
  let columns: Int
  let rows: Int
  let isBraille: Bool
  /// The braille pattern of each cell; in ASCII 1 where there is a dot.
  private(set) var patterns: [UInt8]
  /// Which curve drew last in each cell.
  private(set) var owners: [Int]

  var dotsAcross: Int { isBraille ? 2 * columns : columns }
  var dotsDown: Int { isBraille ? 4 * rows : rows }

  init(columns: Int, rows: Int, isBraille: Bool) {
    self.columns = columns
    self.rows = rows
    self.isBraille = isBraille
    patterns = Array(repeating: 0, count: columns * rows)
    owners = Array(repeating: 0, count: columns * rows)
  }

  mutating func dot(_ x: Int, _ y: Int, owner: Int) {
    guard x >= 0, y >= 0, x < dotsAcross, y < dotsDown else { return }
    let cell = isBraille ? (y / 4) * columns + x / 2 : y * columns + x
    // Unicode numbers the dots of the older six-dot cell first.
    let bits: [UInt8] = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80]
    patterns[cell] |= isBraille ? bits[(y & 3) * 2 + (x & 1)] : 1
    owners[cell] = owner
  }

  /// Draws a line from `a` to `b`, given in dots, and moves `travelled` on by its length.
  ///
  /// - Parameter dashes: lengths in dots, drawn and left out in turn; empty for a whole line.
  mutating func line(
    from a: (x: Double, y: Double), to b: (x: Double, y: Double), owner: Int, dashes: [Int],
    travelled: inout Double
  ) {
    guard let (a, b) = clip(a, b) else { return }
    let steps = max(1, Int(max(abs(a.x - b.x), abs(a.y - b.y)).rounded(.up)))
    let length = hypot(a.x - b.x, a.y - b.y)
    for i in 0...steps {
      let t = Double(i) / Double(steps)
      guard Self.draws(dashes, at: travelled + t * length) else { continue }
      dot(Self.whole(a.x + t * (b.x - a.x)), Self.whole(a.y + t * (b.y - a.y)), owner: owner)
    }
    travelled += length
  }

  /// The nearest dot; halves go up even when rounding errors have made them a little smaller, or a
  /// line half-way between two rows of dots would wander between them.
  private static func whole(_ place: Double) -> Int { Int((place + 0.500001).rounded(.down)) }

  private static func draws(_ dashes: [Int], at distance: Double) -> Bool {
    guard !dashes.isEmpty else { return true }
    var rest = Int(distance) % dashes.reduce(0, +)
    for (i, dash) in dashes.enumerated() {
      if rest < dash { return i.isMultiple(of: 2) }
      rest -= dash
    }
    return true
  }

  /// The part of the line within the canvas (Liang and Barsky 1984): limits may cut a curve whose
  /// next point is a million dots away.
  private func clip(
    _ a: (x: Double, y: Double), _ b: (x: Double, y: Double)
  ) -> ((x: Double, y: Double), (x: Double, y: Double))? {
    let dx = b.x - a.x
    let dy = b.y - a.y
    guard dx.isFinite, dy.isFinite else { return nil }
    var enter = 0.0
    var leave = 1.0
    let edges = [
      (-dx, a.x), (dx, Double(dotsAcross - 1) - a.x), (-dy, a.y), (dy, Double(dotsDown - 1) - a.y),
    ]
    for (slope, room) in edges {
      if slope == 0 {
        if room < 0 { return nil }
      } else if slope < 0 {
        enter = max(enter, room / slope)
      } else {
        leave = min(leave, room / slope)
      }
    }
    guard enter <= leave else { return nil }
    return ((a.x + enter * dx, a.y + enter * dy), (a.x + leave * dx, a.y + leave * dy))
  }
}
