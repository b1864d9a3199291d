import TSSPlots
import Testing

@Suite struct TerminalTests {
  private let plain = TerminalOptions(width: 60, height: 14, colour: false)

  private func lines(_ text: String) -> [String] {
    #expect(text.hasSuffix("\n"))
    return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }

  @Test func drawing() {
    let x = (0...10).map(Double.init)
    let chart = Chart(
      series: [
        Series(x: x, y: x.map { $0 * $0 }, label: "square"),
        Series(x: [2, 8], y: [80, 20], errors: [15, 0], label: "seen", style: .crosses),
      ], xLabel: "α", yLabel: "ε_{g}", marks: [Mark(x: 5, label: "here")])
    let text = chart.drawn(TerminalOptions(width: 40, height: 13, colour: false, ascii: true))
    #expect(
      text == """
          ε_g  ** square   x seen
        100 +      .         : here           *
            |      |         :              **
            |      x         :           ***
            |      '         :         **
         50 +                :     ****
            |                :  ***
            |               ****
            |         ****** :          x
          0 +*********       :
            +----------------+----------------+-
            0                5               10
                              α

        """, "\n\(text)")
  }

  @Test func bandsSurroundTheirCurve() {
    let chart = Chart(series: [
      Series(x: [0, 10], y: [5, 5], band: [0, 5])
    ])
    let text = chart.drawn(TerminalOptions(width: 24, height: 11, colour: false, ascii: true))
    let rows = lines(text)
    // A wedge of points that opens to the right, and the curve across it.
    let points = rows.map { $0.filter { $0 == "." }.count }
    #expect(points.max()! > 5 && rows.contains { $0.contains("*****") }, "\n\(text)")
    let first = rows.compactMap { $0.firstIndex(of: ".")?.utf16Offset(in: $0) }
    #expect(first.first! > first.min()! && first.last! > first.min()!, "\n\(text)")
  }

  @Test func unicodeDrawing() {
    let chart = Chart(
      series: [Series(x: [1, 10, 100, 1000], y: [1, 0.1, 0.01, 0.001], label: "η = 0.2")],
      title: "decay", xLabel: "α", logX: true, logY: true)
    let text = chart.drawn(TerminalOptions(width: 40, height: 12, colour: false))
    #expect(
      text == """
                             decay
                ── η = 0.2
         10⁰ ┤⠒⠤⢄⡀
             │   ⠈⠉⠒⠢⠤⣀
             │        ⠈⠉⠒⠢⠤⣀
             │              ⠉⠑⠒⠤⢄⣀
        10⁻² ┤                    ⠉⠒⠢⠤⣀⡀
             │                         ⠉⠒⠢⠤⣀⡀
             │                              ⠈⠑⠒⠤
             └───────────┬──────────┬──────────┬
            10⁰         10¹        10²       10³
                               α

        """, "\n\(text)")
  }

  @Test func linesAreNoWiderAndTheFrameIsExact() {
    let x = (1...50).map(Double.init)
    let chart = Chart(
      series: [Series(x: x, y: x.map { 1 / $0 }, label: "Greek μεγάλη, e\u{301} and 漢字")],
      title: "σ = 0.1", xLabel: "α", yLabel: "ε", logY: true, marks: [Mark(x: 20, label: "t")])
    for width in [16, 33, 60, 80, 141] {
      for ascii in [true, false] {
        let options = TerminalOptions(width: width, height: 15, colour: false, ascii: ascii)
        let lines = lines(chart.drawn(options))
        #expect(lines.count == 15)
        #expect(lines.map(\.columns).max() == width)
        #expect(lines[12].columns == width && lines[12].contains(ascii ? "+-" : "└─"))
        #expect(!lines.contains { $0.hasSuffix(" ") })
      }
    }
  }

  @Test func coloursChangeNothingElse() {
    let chart = Chart(series: [
      Series(x: [1, 2, 3], y: [1, 2, 1]), Series(x: [1, 3], y: [2, 2]),
    ])
    let text = chart.drawn(TerminalOptions(width: 40, height: 10, colour: true))
    #expect(text.contains("\u{1b}[34m") && text.contains("\u{1b}[31m"))
    for line in text.split(separator: "\n") where line.contains("\u{1b}") {
      #expect(line.hasSuffix("\u{1b}[0m"))
    }
    #expect(!chart.drawn(TerminalOptions(colour: false)).contains("\u{1b}"))
    let control = Chart(series: [], title: "a\u{1b}[2Jb")
    #expect(!control.drawn(plain).contains("\u{1b}"))
  }

  @Test func whatIsLeftOutIsNoted() {
    let chart = Chart(
      series: [
        Series(x: [1, 2, 3, .nan], y: [1, .infinity, -1, 2], label: "SGD"),
        Series(x: [0, 1, 2], y: [1, 2, 3]),
        Series(x: [1, 2], y: [1]),
      ], logX: true, logY: true, yLimits: Limits(lower: 0),
      marks: [Mark(x: -1)])
    #expect(
      chart.notes == [
        "2 points of `SGD` left out: not finite",
        "1 point of `SGD` left out: not positive on a logarithmic axis",
        "series 3 has 2 x and 1 y: drawn to the shorter",
        "the limit 0 left out: a logarithmic axis cannot end there",
        "the mark at -1 lies outside the chart",
      ])
    #expect(lines(chart.drawn(plain)).count == 14 + 7)
  }

  @Test func gapsBreakLines() {
    func level(_ x: [Double], _ y: [Double]) -> String {
      Chart(series: [Series(x: x, y: y)]).drawn(plain)
    }
    /// How many pieces the row that has the line is in.
    func pieces(_ text: String) -> Int? {
      lines(text).map { $0.split { !("⠁"..."⣿").contains($0) }.count }.max()
    }
    #expect(pieces(level([0, 1, 2, 3], [0, 0, 0, 0])) == 1)
    #expect(pieces(level([0, 1, 1.5, 2, 3], [0, 0, .nan, 0, 0])) == 2)
    let alone = level([0, 1, 1.5, 2], [0, .nan, 0, .nan])
    #expect(alone.filter { $0 == "•" }.count == 2)
  }

  @Test func figuresStandSideBySideWhereTheyCan() {
    let chart = Chart(series: [Series(x: [1, 2], y: [1, 2])], xLabel: "K")
    let figure = Figure([chart, chart, chart], columns: 2, title: "M = 4")
    let wide = lines(figure.drawn(TerminalOptions(width: 100, height: 20, colour: false)))
    let narrow = lines(figure.drawn(TerminalOptions(width: 70, height: 20, colour: false)))
    #expect(wide.count == 1 + 2 * 20 && narrow.count == 1 + 3 * 20)
    #expect(wide.map(\.columns).max() == 100)
    #expect(wide[20].filter { $0 == "K" }.count == 2)
  }

  @Test func longLegendsAreCut() {
    let series = (0..<60).map { Series(x: [1, 2], y: [1, Double($0)], label: "run \($0)") }
    let text = Chart(series: series).drawn(plain)
    #expect(text.contains("more") && lines(text).count == 14)
  }

  /// Whatever stands in a chart, something is drawn.
  @Test func oddities() {
    let huge = Double.greatestFiniteMagnitude
    let tiny = Double.leastNonzeroMagnitude
    let lists: [[Double]] = [
      [], [0], [3], [1, 1, 1], [huge, -huge], [huge, huge], [tiny, 2 * tiny], [tiny, huge],
      [.nan, .infinity], [1e16, 1e16 + 2], [-1, 0, 1], [1, 1 + 1e-15], [0, tiny], [-huge, 0, tiny],
    ]
    let limits = [
      Limits(), Limits(lower: 5, upper: 1), Limits(lower: .nan, upper: 0), Limits(upper: -huge),
      Limits(lower: huge), Limits(lower: 0, upper: 0), Limits(lower: tiny, upper: huge),
    ]
    let sizes = [(80, 24), (1, 1), (-5, 0), (20, 3)]
    for x in lists {
      for y in lists {
        for limit in limits {
          for style in Series.Style.allCases {
            for log in [true, false] {
              var chart = Chart(
                series: [Series(x: x, y: y, errors: y, label: "a", style: style)], xLabel: "x",
                logX: log, logY: log, marks: [Mark(x: x.first ?? 1, label: "b")])
              chart.xLimits = limit
              chart.yLimits = limit
              let (width, height) = sizes[(x.count + y.count + (log ? 1 : 0)) % sizes.count]
              let options = TerminalOptions(width: width, height: height, ascii: log)
              #expect(!chart.drawn(options).isEmpty)
            }
          }
        }
      }
    }
  }

  @Test func manyPointsAreThinned() {
    let x = (0..<200_000).map(Double.init)
    let chart = Chart(
      series: [
        Series(x: x, y: x.map { $0.truncatingRemainder(dividingBy: 7) }),
        Series(x: x, y: x.map { $0 / 1e5 }, style: .crosses),
      ])
    let text = chart.drawn(plain)
    #expect(text.contains("⣿⣿⣿⣿"))
    let crosses = text.filter { $0 == "×" }.count
    #expect((10...20).contains(crosses), "\(crosses)")
  }
}
