import TSSPlots
import Testing

@Suite struct HeatMapTests {
  /// Three columns, two rows, one cell without a number.
  private func chart(log: Bool = false, contours: [Double] = []) -> Chart {
    Chart(
      heatMap: HeatMap(
        x: [1, 2, 3], y: [10, 20], values: [1, 2, 3, 4, .nan, 10], label: "z_{1}",
        isLogarithmic: log, contours: contours), title: "map", xLabel: "K", yLabel: "η")
  }

  private func script(_ chart: Chart) -> String {
    Figure([chart]).gnuplotScript(suffix: "svg", output: "map.svg")
  }

  // MARK: In the terminal

  @Test func shades() {
    let text = chart().drawn(TerminalOptions(width: 40, height: 12, colour: false, ascii: true))
    #expect(
      text == """
                             map
            z_1|   ...:::---===+++***###%%%@@@|
                             5              10
           η
           |------------////////////@@@@@@@@@@@@
        20 +------------////////////@@@@@@@@@@@@
           |------------////////////@@@@@@@@@@@@
        10 +            ............::::::::::::
           |            ............::::::::::::
           +------+-----------+----------+------
                  1           2          3
                              K

        """, "\n\(text)")
  }

  /// Two values to a character, and curves keep the colours behind them.
  @Test func colours() {
    var chart = chart()
    chart.series = [Series(x: [1], y: [10], label: "SGD", style: .crosses)]
    let text = chart.drawn(TerminalOptions(width: 60, height: 12))
    #expect(text.contains("▀") && text.contains("╱") && text.contains("█"))
    // White on the darkest colour.
    #expect(text.contains("\u{1b}[38;5;231m×"), "\(text)")
    for line in text.split(separator: "\n") where line.contains("48;5;") {
      #expect(line.hasSuffix("\u{1b}[0m"))
    }
    // Without colours nothing is escaped.
    #expect(!chart.drawn(TerminalOptions(colour: false)).contains("\u{1b}"))
  }

  /// What is larger is nowhere darker, in the terminal as on paper.
  @Test func luminanceGrows() {
    let bar = HeatMap(x: (0..<64).map(Double.init), y: [0], values: (0..<64).map(Double.init))
    let text = Chart(heatMap: bar).drawn(TerminalOptions(width: 70, height: 10))
    let places = text.split(separator: "\n")[0].matches(of: /38;5;(\d+)/).map { Int($0.1)! }
    #expect(places.count > 10)
    let steps = [0.0, 95, 135, 175, 215, 255]
    let terminal = places.map { place in
      place >= 232
        ? luminance(Double(10 * (place - 232) + 8) / 255, 0, 0, isGrey: true)
        : luminance(
          steps[(place - 16) / 36] / 255, steps[(place - 16) / 6 % 6] / 255,
          steps[(place - 16) % 6] / 255)
    }
    #expect(zip(terminal, terminal.dropFirst()).allSatisfy { $0 <= $1 }, "\(places)")
    let palette = script(chart()).split(separator: "\n").first { $0.hasPrefix("set palette") }!
    let paper = palette.matches(of: /#(\w\w)(\w\w)(\w\w)/).map { match in
      luminance(
        Double(Int(match.1, radix: 16)!) / 255, Double(Int(match.2, radix: 16)!) / 255,
        Double(Int(match.3, radix: 16)!) / 255)
    }
    #expect(paper.count == 10 && zip(paper, paper.dropFirst()).allSatisfy { $0 < $1 })
  }

  private func luminance(
    _ red: Double, _ green: Double, _ blue: Double, isGrey: Bool = false
  ) -> Double {
    isGrey ? red * red : 0.2126 * red * red + 0.7152 * green * green + 0.0722 * blue * blue
  }

  // MARK: On paper

  @Test func boxesAndBar() {
    let text = script(chart(contours: [2.5]))
    // x, y, the four borders, and the value; the missing cell is a table of its own.
    #expect(text.contains("\n0.5 5.0 0.5 1.5 5.0 15.0 1.0\n"), "\(text)")
    let hatching = text.split(separator: "$c1missing << EOD\n")[1].split(separator: "EOD")[0]
    let ends = hatching.split(separator: "\n").map { $0.split(separator: " ").map { Double($0)! } }
    #expect(ends.count > 10 && ends.count % 2 == 0)
    #expect(
      ends.allSatisfy { (1.499999...2.500001).contains($0[0]) && (14.999...25.001).contains($0[1]) }
    )
    #expect(text.contains("set cbrange [1.0:10.0]") && text.contains("unset logscale cb"))
    #expect(text.contains("'z_{1}' enhanced center at screen"))
    // Ticks stand at the middles of the cells.
    #expect(text.contains("set xtics ('1' 1.0, '2' 2.0, '3' 3.0)"))
    let logarithmic = script(chart(log: true))
    #expect(logarithmic.contains("set logscale cb; set cbrange [1.0:10.0]"))
    #expect(!script(Chart(series: [Series(x: [1], y: [1])])).contains("palette"))
  }

  /// On an axis by decades, cells meet at geometric means.
  @Test func logarithmicAxes() {
    let chart = Chart(
      heatMap: HeatMap(x: [1, 100], y: [1], values: [1, 2]), logX: true)
    #expect(script(chart).contains("\n0.1 0.5 0.1 10.0 0.5 1.5 1.0\n"), "\(script(chart))")
  }

  /// z = x on a grid: a straight contour, at each crossing where x is the level.
  @Test func contours() throws {
    let x = (0..<4).map(Double.init)
    let chart = Chart(
      heatMap: HeatMap(x: x, y: x, values: x.flatMap { _ in x }, contours: [1.25, 9]))
    let text = script(chart)
    let table = try #require(text.split(separator: "$c1level1 << EOD\n").dropFirst().first)
      .split(separator: "EOD")[0]
    let points = table.split(separator: "\n").map { $0.split(separator: " ").map { Double($0)! } }
    #expect(points.count == 6 && points.allSatisfy { abs($0[0] - 1.25) < 1e-12 }, "\(table)")
    #expect(Set(points.map { ($0[1] * 8).rounded() / 8 }) == [0, 1, 2, 3])
    #expect(chart.notes == ["the contour at 9 lies beyond the colours"])
  }

  /// A saddle is cut into two pieces, which do not cross.
  @Test func saddles() {
    for (values, inside) in [([0, 3, 3, 0.0], true), ([3, 0, 0, 3.0], false)] {
      let map = HeatMap(x: [0, 1], y: [0, 1], values: values, contours: [1])
      let text = script(Chart(heatMap: map))
      // The mean, 1.5, is above: the low corners are cut off, one third from each.
      let corner = inside ? "0.3333333333333333 0.0\n" : "0.6666666666666667 0.0\n"
      #expect(text.contains(corner) || text.contains("0.33333333333333337 0.0\n"), "\(text)")
      #expect(
        text.split(separator: "$c1level1 << EOD\n")[1].split(separator: "EOD")[0]
          .split(separator: "\n").count == 4)
    }
  }

  // MARK: Whatever is given

  @Test func oddities() {
    let huge = Double.greatestFiniteMagnitude
    let tiny = Double.leastNonzeroMagnitude
    let lists: [[Double]] = [
      [], [0], [3], [1, 1], [-huge, huge], [tiny, 2 * tiny], [tiny, huge], [.nan, .infinity, 2],
      [3, 1, 2],
    ]
    for x in lists {
      for y in lists {
        for fill in [0, 1, .nan, huge, -tiny] {
          for log in [true, false] {
            var values = Array(repeating: fill, count: x.count * y.count)
            if values.count > 2 { values[1] = 7 }
            let chart = Chart(
              series: log ? [Series(x: [1, 2], y: [1, 2], label: "a")] : [],
              heatMap: HeatMap(
                x: x, y: y, values: values, label: "z", isLogarithmic: log, contours: [0, 1, .nan]),
              logX: log, logY: !log)
            #expect(!chart.drawn(TerminalOptions(width: 30, height: 9, ascii: log)).isEmpty)
            let script = script(chart)
            #expect(!script.contains("inf ") && !script.contains(" nan"), "\(script)")
          }
        }
      }
    }
  }

  /// Rows and columns may come in any order.
  @Test func orderIsThatOfTheAxes() {
    let forward = HeatMap(x: [1, 2], y: [1, 2], values: [1, 2, 3, 4])
    let backward = HeatMap(x: [2, 1], y: [2, 1], values: [4, 3, 2, 1])
    #expect(Chart(heatMap: forward).drawn() == Chart(heatMap: backward).drawn())
    let twice = Chart(heatMap: HeatMap(x: [1, 1], y: [1], values: [1, 2]))
    #expect(
      twice.notes == ["1 column of the heat map left out: without a place of its own on the axis"])
  }
}
