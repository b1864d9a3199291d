import TSSLanguage
import TSSLibrary
import Testing

@Suite struct StatisticsTests {
  private let grid = table(
    [("K", [4, 5]), ("η", [1, 2, 3])], [1, 2, 3, 4, .nothing, 9])

  @Test func ofLists() throws {
    #expect(try text("sum", [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]) == "1")
    #expect(try text("sum", [1e100, 1, -1e100]) == "1")
    #expect(try text("sum", [.number(.infinity), 1]) == "inf")
    #expect(try text("sum", []) == "0")
    #expect(try text("product", [2, 3, 4]) == "24")
    #expect(try text("mean", [1, 2, 6]) == "3")
    #expect(try text("var", [1e9, 1000000001, 1000000002]) == "1")
    #expect(try text("std", [1, 3, 5]) == "2")
    #expect(try text("std", [1]) == "nan")
    #expect(try text("sem", [1, 3, 5, 7]) == "1.2909944487358056")
    #expect(try text("median", [5, 1, 3, 100]) == "4")
    #expect(try text("quantile", [1, 2, 3, 4], 0.25) == "1.75")
    #expect(try text("quantile", [1, 2, 3, 4], [0, 1]) == "[1, 4]")
    #expect(try text("mean", rows([1, 2], [3, 4])) == "2.5")
    #expect(failure("mean", [])?.message == "`mean` of no numbers")
    #expect(failure("mean", ["a"])?.code == "type")
    #expect(failure("max", ["a"])?.span?.text == #"["a"]"#)
  }

  @Test func equalShapesGoElementByElement() throws {
    #expect(try text("mean", [[1, 2], [3, 4]]) == "[2, 3]")
    #expect(try text("max", [rows([1, 5]), rows([3, 4])]) == "[3, 5;]")
    #expect(
      failure("mean", [[1, 2], [3]])?.message
        == "`mean` needs equal shapes, not a list of 2 and a list of 1")
  }

  @Test func overAxesOfTables() throws {
    #expect(try text("mean", grid) == "3.8")
    guard case .table(let byK) = try run("mean", grid, named: ["over": "eta"]) else {
      Issue.record("no table")
      return
    }
    #expect(byK.axes.map(\.name) == ["K"])
    #expect(Value.list(byK.cells).printed() == "[2, 6.5]")
    guard case .table(let byEta) = try run("sum", grid, named: ["over": "K"]) else { return }
    #expect(Value.list(byEta.cells).printed() == "[5, 2, 12]")
    #expect(try text("max", grid, named: ["over": ["K", "η"]]) == "9")
    #expect(
      failure("mean", grid, named: ["over": "seed"])?.help.first == "its axes: \"K\", \"η\"")
    #expect(failure("mean", [1], named: ["over": "K"])?.span?.text == "over=K")
    // A cell for which nothing came out stays nothing.
    let half = table([("K", [1, 2]), ("s", [1, 2])], [1, 2, .nothing, .nothing])
    guard case .table(let means) = try run("mean", half, named: ["over": "s"]) else { return }
    #expect(Value.list(means.cells).printed() == "[1.5, nothing]")
  }

  @Test func recordsAreToldToTakeAField() {
    let cell = Value.record(Record([("eg", 1)]))
    #expect(
      failure("mean", table([("K", [1, 2])], [cell, cell]))?.help.first
        == "take a field of each: mean(t.eg)")
    #expect(failure("max", [cell])?.help.first == "take a field of each: max([x.eg for x in xs])")
  }

  @Test func extremes() throws {
    #expect(try text("min", [3, 1, 2]) == "1")
    #expect(try text("max", 1, 3, 2) == "3")
    #expect(try text("max", [1, 5], 3) == "[3, 5]")
    #expect(try text("max", [1, .number(.nan), 3]) == "nan")
    #expect(try text("argmin", [2, 1, 1]) == "2")
    #expect(try text("argmax", [.number(.nan), 1, 3, 3]) == "3")
    #expect(failure("min", [])?.message == "`min` of no numbers")
    #expect(failure("min")?.code == "missing-argument")
  }

  @Test func lines() throws {
    // Reference values from mpmath.
    guard case .record(let fit) = try run("fit_line", [1, 2, 3, 4], [2, 4.5, 5, 8.5]) else {
      return
    }
    let expected = [2, 0, 0.3872983346207417, 1.0606601717798213]
    for (name, value) in zip(["slope", "intercept", "slope_error", "intercept_error"], expected) {
      guard case .number(let number)? = fit[name] else { continue }
      #expect(abs(number - value) < 1e-12, "\(name) = \(number)")
    }
    #expect(try text("cor", [1, 2, 3], [2, 4, 6]) == "1")
    #expect(try text("cor", [1, 2], [2, 2]) == "nan")
    #expect(
      try text("interpolate", [0, 1, 3], [0, 10, 30], [0.5, 2, 3, 4]) == "[5, 20, 30, nan]")
    #expect(failure("interpolate", [1, 0], [1, 2], 0.5)?.message == "`x` must increase")
    #expect(failure("fit_line", [1, 1], [1, 2])?.code == "value")
  }

  @Test func histograms() throws {
    guard
      case .record(let result) = try run("histogram", [1, 1, 2, 4], named: ["bins": 3])
    else { return }
    #expect(result["counts"]!.printed() == "[2, 1, 1]")
    #expect(result["edges"]!.printed() == "[1, 2, 3, 4]")
    #expect(result["centers"]!.printed() == "[1.5, 2.5, 3.5]")
    #expect(result["density"]!.printed() == "[0.5, 0.25, 0.25]")
    #expect(failure("histogram", [1], named: ["bins": [1, 1]])?.code == "value")
  }
}
