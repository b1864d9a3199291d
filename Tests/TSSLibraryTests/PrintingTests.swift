import Groundwork
import TSSLanguage
import Testing

private let large = Value.matrix(Matrix(rows: 20, columns: 20) { Double($0 * 20 + $1) })

/// What users see of values: `print` and strings on one line, results as blocks.
@Suite struct PrintingTests {
  @Test(arguments: [
    (0.1 + 0.2, "0.30000000000000004"), (3, "3"), (1e-5, "1e-05"), (0.0001, "0.0001"),
    (1e16, "1e+16"), (1e21, "1e+21"), (-0.0, "0"), (.infinity, "inf"), (-.infinity, "-inf"),
    (.nan, "nan"), (9.9e15, "9900000000000000"), (-9_007_199_254_740_994, "-9007199254740994"),
    (1e15, "1000000000000000"), (1.5e300, "1.5e+300"),
  ])
  func numbers(number: Double, text: String) {
    #expect(Value.number(number).printed() == text)
  }

  @Test(arguments: [
    (Value.string("a\"b"), "a\"b"), (.list([.string("a\"b{\n")]), #"["a\"b{{\n"]"#),
    (.bool(true), "true"), (.nothing, "nothing"), (.word("first"), "first"),
    (Value([1, 2.5]), "[1, 2.5]"), (.list([]), "[]"), (.record(Record([])), "()"),
    (.record(Record([("K", .number(4)), ("η_w", .word("erf"))])), "(K=4, η_w=erf)"),
    (.matrix(Matrix(rows: 2, columns: 2, elements: [1, 2, 3, 4])), "[1, 2; 3, 4]"),
    (.matrix(Matrix(rows: 1, columns: 2, elements: [1, 2])), "[1, 2;]"),
    (.matrix(Matrix(rows: 2, columns: 1, elements: [1, 2])), "[1; 2]"),
    (Value((1...200).map(Double.init)), "[1, 2, 3, …, 198, 199, 200]"),
    (large, "[0, 1, 2, …, 19; 20, 21, 22, …, 39; …; 380, 381, 382, …, 399]"),
  ])
  func lines(value: Value, text: String) {
    #expect(value.printed() == text)
  }

  private func expect(
    _ value: Value, _ text: String, width: Int = 60, hasUnicode: Bool = true,
    at location: SourceLocation = #_sourceLocation
  ) {
    let style = PrintStyle(
      layout: .block, quotesStrings: true, width: width, hasUnicode: hasUnicode)
    let printed = value.printed(style)
    #expect(printed == text, sourceLocation: location)
    for line in printed.split(separator: "\n") {
      #expect(line.count <= width && line.last != " ", "\(line)", sourceLocation: location)
    }
  }

  @Test func shortResultsStandOnOneLine() {
    expect(.string("a"), "\"a\"")
    expect(Value([1, 2]), "[1, 2]")
  }

  @Test func listsWrapThenAreSummedUp() {
    expect(
      Value((1...20).map(Double.init)),
      """
      [1, 2, 3, 4, 5, 6, 7,
       8, 9, 10, 11, 12, 13,
       14, 15, 16, 17, 18,
       19, 20]
      """, width: 22)
    expect(
      Value((0..<1000).map { Double($0) / 999 }),
      """
      [0, 0.001001, 0.002002, …, 0.997998, 0.998999, 1]
      ▁▁▁▁▁▂▂▂▂▂▃▃▃▃▃▄▄▄▄▄▅▅▅▅▅▆▆▆▆▆▇▇▇▇▇█████  1000 numbers
      """)
    expect(
      Value((0..<1000).map { Double($0) }), "[0, 1, 2, ..., 997, 998, 999]\n1000 numbers",
      hasUnicode: false)
  }

  @Test func matricesAlign() {
    expect(
      .matrix(Matrix(rows: 2, columns: 2, elements: [1, -0.5, 10.25, 3])),
      """
      [    1, -0.5;
       10.25,    3]
      """)
    expect(
      .matrix(Matrix(rows: 2, columns: 3) { 1 / Double($0 + $1 + 3) }),
      """
      [0.333333, 0.25,      0.2;
           0.25,  0.2, 0.166667]
      """, width: 40)
    expect(
      .matrix(Matrix(rows: 30, columns: 30) { Double($0 * 30 + $1) }),
      """
      [  0,   1,   2,   3,   4, …,  28,  29;
        30,  31,  32,  33,  34, …,  58,  59;
        60,  61,  62,  63,  64, …,  88,  89;
        90,  91,  92,  93,  94, …, 118, 119;
       120, 121, 122, 123, 124, …, 148, 149;
         …,   …,   …,   …,   …, …,   …,   …;
       810, 811, 812, 813, 814, …, 838, 839;
       840, 841, 842, 843, 844, …, 868, 869;
       870, 871, 872, 873, 874, …, 898, 899]
      30×30 matrix
      """, width: 40)
  }

  @Test func recordsBreakByField() {
    let matrix = Value.matrix(Matrix(rows: 2, columns: 2, elements: [1, 0.5, 0.5, 1]))
    expect(
      .record(
        Record([("Q", matrix), ("name", .string("a run of some length")), ("η", .number(1))])),
      """
      (Q=[  1, 0.5;
          0.5,   1],
       name="a run of some length",
       η=1)
      """, width: 40)
    expect(
      .list([Value((1...9).map { 1 / Double($0) }), .nothing]),
      """
      [[1, 0.5, 0.3333333333333333,
        0.25, 0.2,
        0.16666666666666666,
        0.14285714285714285, 0.125,
        0.1111111111111111],
       nothing]
      """, width: 32)
  }

  private func axis(_ name: String, _ values: Int...) -> Table.Axis {
    Table.Axis(name: name, values: (values[0]...values[1]).map { .number(Double($0)) })
  }

  private func wholes(_ count: Int, each step: Double = 1) -> [Value] {
    (1...count).map { .number(Double($0) * step) }
  }

  @Test func aTableOfOneAxisHasTwoColumns() {
    expect(
      .table(Table(axes: [axis("η", 9, 11)], cells: [.number(0.25), .nothing, .number(12)])),
      """
       η    value
       9     0.25
      10  nothing
      11    12
      """)
    expect(
      .table(Table(axes: [axis("η", 1, 1)], cells: [.number(0.25)])), "eta  value\n  1   0.25",
      hasUnicode: false)
  }

  @Test func aTableOfTwoAxesIsAGrid() {
    expect(
      .table(Table(axes: [axis("K", 1, 2), axis("M", 1, 3)], cells: wholes(6))),
      """
      K \\ M  1  2  3
          1  1  2  3
          2  4  5  6
      """)
    expect(
      .table(
        Table(axes: [axis("K", 1, 2), axis("M", 1, 30)], cells: wholes(60))),
      """
      K \\ M   1   2   3   4   5  …  30
          1   1   2   3   4   5  …  30
          2  31  32  33  34  35  …  60
      """, width: 34)
  }

  @Test func moreAxesGiveARowForEachCell() {
    expect(
      .table(
        Table(
          axes: [axis("K", 1, 2), axis("M", 1, 2), axis("s", 1, 7)],
          cells: wholes(28, each: 0.5))),
      """
      K  M  s  value
      1  1  1    0.5
      1  1  2    1
      1  1  3    1.5
      1  1  4    2
      1  1  5    2.5
      1  1  6    3
      1  1  7    3.5
      1  2  1    4
      1  2  2    4.5
      1  2  3    5
      1  2  4    5.5
      1  2  5    6
      1  2  6    6.5
      1  2  7    7
      … 8 more rows
      2  2  2   11.5
      2  2  3   12
      2  2  4   12.5
      2  2  5   13
      2  2  6   13.5
      2  2  7   14
      """)
  }

  @Test func recordsInCellsBecomeColumns() {
    let cell = Value.record(Record([("eg", .number(0.5)), ("note", .string("fine"))]))
    expect(
      .table(Table(axes: [axis("K", 1, 2)], cells: [cell, .nothing])),
      """
      K       eg  note
      1      0.5  fine
      2  nothing  nothing
      """)
  }

  @Test func sparklinesShowDecades() {
    #expect(Sparkline.text([1, 2, 3, 4]) == "▁▃▆█")
    #expect(Sparkline.text([1, 10, 100, 1e4]) == "▁▃▅█")
    #expect(Sparkline.text([2, 2, .nan]) == "▁▁·")
  }

  /// Random values of every shape, at every width: nothing crashes, wraps or ends in a space.
  @Test func blocksFitTheTerminal() {
    var generator = SplitMix(state: 7)
    for _ in 0..<1000 {
      let value = randomValue(depth: 3, &generator)
      let width = Int.random(in: 20...120, using: &generator)
      let style = PrintStyle(
        layout: .block, width: width, hasUnicode: Bool.random(using: &generator))
      for line in value.printed(style).split(separator: "\n") {
        #expect(line.count <= width && line.last != " ", "\(line)")
      }
      #expect(!value.printed().contains("\n"))
    }
  }

  private func randomValue(depth: Int, _ generator: inout SplitMix) -> Value {
    let number = Double.random(in: -1e6...1e6, using: &generator)
    let count = [0, 1, 2, 3, 7, 25, 130].randomElement(using: &generator)!
    switch Int.random(in: 0..<(depth > 0 ? 9 : 5), using: &generator) {
    case 0: return .number([.nan, .infinity, 1e300, -1e-300, 0].randomElement(using: &generator)!)
    case 1: return .number(number)
    case 2: return .word("η_first")
    case 3: return .nothing
    case 4: return .bool(true)
    case 5:
      let columns = max(1, count)
      return .matrix(
        Matrix(rows: max(1, 26 - columns / 4), columns: columns) { number / Double(1 + $0 + $1) })
    case 6:
      return .list((0..<count).map { _ in randomValue(depth: depth - 1, &generator) })
    case 7:
      let fields = min(count, 25)
      return .record(
        Record((0..<fields).map { ("field\($0)", randomValue(depth: depth - 1, &generator)) }))
    default:
      let lengths = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
        Int.random(in: 1...12, using: &generator)
      }
      let axes = lengths.enumerated().map { index, length in
        Table.Axis(name: "α\(index)", values: (0..<length).map { .number(Double($0)) })
      }
      let cell = randomValue(depth: depth - 1, &generator)
      return .table(
        Table(axes: axes, cells: (0..<lengths.reduce(1, *)).map { $0 % 3 == 0 ? .nothing : cell }))
    }
  }
}

private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
