/// How the terminal draws.
public struct TerminalOptions: Hashable, Sendable {
  /// The widest line, in columns.
  public var width: Int
  /// The lines of one chart, its title, legend and axes included; notes come below.
  public var height: Int
  /// Whether escape sequences for colours are written. Without them, curves differ by dashes.
  public var colour: Bool
  /// Whether the drawing itself uses nothing but ASCII. Labels are shown as they are.
  public var ascii: Bool

  /// The classic terminal, in colour and Unicode.
  public init(width: Int = 80, height: Int = 24, colour: Bool = true, ascii: Bool = false) {
    self.width = width
    self.height = height
    self.colour = colour
    self.ascii = ascii
  }
}

/// The characters and colours of the terminal.
struct TerminalStyle {
  var options: TerminalOptions
  /// Whether curves lie on the colours of a heat map, where they have none of their own.
  var isOverHeat = false

  // The terminal's own eight colours follow the reader's theme. Yellow is last: on white it hardly
  // shows.
  private static let palette: [UInt8] = [34, 31, 32, 35, 36, 33]

  static let dim: UInt8 = 90
  static let bold: UInt8 = 1

  func colour(_ place: Int) -> UInt8? {
    isOverHeat ? nil : Self.palette[place % Self.palette.count]
  }

  /// Whether colours tell curves apart.
  private var hasColours: Bool { options.colour && !isOverHeat }

  /// What tells curves apart besides their colour: nothing until colours repeat or are missing.
  private func variant(_ place: Int) -> Int {
    hasColours ? place / Self.palette.count : place
  }

  private func markerVariant(_ curve: PreparedChart.Curve) -> Int {
    hasColours ? curve.colour / Self.palette.count : curve.markerPlace
  }

  private func pick<Element>(_ list: [Element], _ place: Int) -> Element {
    list[place % list.count]
  }

  /// Lengths in dots, drawn and left out in turn.
  func dashes(_ place: Int) -> [Int] {
    options.ascii
      ? [] : pick([[], [6, 4], [1, 2], [7, 3, 1, 3], [12, 4], [3, 3]], variant(place))
  }

  /// The character of a line in ASCII.
  func asciiLine(_ place: Int) -> String { pick(["*", "#", "=", "%", "~", "&"], variant(place)) }

  func marker(_ curve: PreparedChart.Curve) -> String {
    let place = markerVariant(curve)
    switch (curve.style, options.ascii) {
    case (.crosses, false): return pick(["×", "+", "✕", "∗"], place)
    case (.crosses, true): return pick(["x", "+", "X", "y"], place)
    case (_, false): return pick(["•", "∘", "▪", "▫"], place)
    case (_, true): return pick(["o", "@", "0", "a"], place)
    }
  }

  /// The curve in miniature, for the legend.
  func sample(_ curve: PreparedChart.Curve) -> String {
    let place = curve.colour
    let stroke =
      options.ascii ? asciiLine(place) : pick(["─", "╌", "┈", "╴", "━", "┄"], variant(place))
    switch curve.style {
    case .line: return stroke + stroke
    case .linesAndPoints: return stroke + marker(curve) + stroke
    case .crosses, .points: return marker(curve)
    }
  }

  var vertical: String { options.ascii ? "|" : "│" }
  var horizontal: String { options.ascii ? "-" : "─" }
  var corner: String { options.ascii ? "+" : "└" }
  var yTick: String { options.ascii ? "+" : "┤" }
  var xTick: String { options.ascii ? "+" : "┬" }
  var mark: String { options.ascii ? ":" : "┊" }
  var upperHalf: String { options.ascii ? "'" : "╵" }
  var lowerHalf: String { options.ascii ? "." : "╷" }
}
