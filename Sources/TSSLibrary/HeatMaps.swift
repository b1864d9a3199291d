import Groundwork
import TSSLanguage
import TSSPlots

/// `heatmap`: a table or a matrix as colours.
enum HeatMaps {
  /// Each is a box in the file.
  private static let mostCells = 250_000

  static func install(in vocabulary: inout Vocabulary) {
    vocabulary.define(
      "heatmap",
      [
        Parameter(
          "data", .required, "a table with two axes, a matrix, or a list of rows of equal length"),
        Parameter(
          "x", .optional("none"),
          "the axis of the table that runs across, or the places of the columns; where none, the "
            + "last axis or 1, 2, …", isNamedOnly: true),
        Parameter(
          "y", .optional("none"),
          "the axis of the table that runs upwards, or the places of the rows; where none, the "
            + "other axis or 1, 2, …", isNamedOnly: true),
        Parameter(
          "log", .optional("\"\""),
          "what is logarithmic: \"x\", \"y\", the colours \"z\", or several: \"xz\"",
          isNamedOnly: true),
        Parameter("contours", .optional("[]"), "values to draw lines along", isNamedOnly: true),
        Parameter("title", .optional("\"\""), "written above", isNamedOnly: true),
        Parameter(
          "xlabel", .optional("none"), "name of the x axis; where none, the table's",
          isNamedOnly: true),
        Parameter(
          "ylabel", .optional("none"), "name of the y axis; where none, the table's",
          isNamedOnly: true),
        Parameter("zlabel", .optional("\"\""), "name of the colour bar", isNamedOnly: true),
        Parameter("xlim", .optional("none"), "[lower, upper] of the x axis", isNamedOnly: true),
        Parameter("ylim", .optional("none"), "[lower, upper] of the y axis", isNamedOnly: true),
        Parameter(
          "zlim", .optional("none"),
          "[lower, upper] of the colours; values beyond have the colour of the end",
          isNamedOnly: true),
      ], result: "plot",
      Documentation(
        "Draws numbers over a grid as colours from dark to light, in order on a grey print, too: a "
          + "`sweep` over two axes, or a matrix, whose first row is at the bottom. Cells without a "
          + "finite number (on a logarithmic scale: a positive one) are hatched. "
          + "`overlay(heatmap(…), plot(…))` draws curves over it.",
        examples: [
          (
            "T = teacher(2, σ=0.01)\n"
              + "e = sweep K in 2:4, η in [0.1, 0.2, 0.5] { final_error(student(K), T, η=η).eg }\n"
              + "heatmap(e, log=\"xz\", zlabel=\"eg\", contours=[1e-5])",
            "plot(heat map of 3×3)"
          )
        ],
        seeAlso: ["plot", "overlay", "figure", "sweep", "plot styles"])
    ) { (call) throws(Diagnostic) in
      let chart = try chart(call)
      for note in chart.notes { call.context.note(note) }
      return .object(PlotObject(Figure([chart])))
    }
  }

  private static func chart(_ call: Call) throws(Diagnostic) -> Chart {
    let log = try call.optionalString("log") ?? ""
    guard log.allSatisfy({ "xyz".contains($0) }) else {
      throw call.error(
        "`log` has the letters x, y and z, not \"\(log)\"", code: "choice", at: "log",
        help: "log=\"xz\"")
    }
    let grid = try HeatGrid(call)
    for (axis, middles, count) in [("x", grid.x, grid.columns), ("y", grid.y, grid.rows)] {
      guard middles.count == count else {
        throw call.error(
          "`\(axis)` has \(middles.count) places for \(count) \(axis == "x" ? "columns" : "rows")",
          code: "shape", at: axis)
      }
      guard Set(middles).count == middles.count, middles.allSatisfy(\.isFinite) else {
        throw call.error(
          "the places along \(axis) must be finite and differ from each other", code: "domain",
          at: axis)
      }
      guard !log.contains(axis) || middles.allSatisfy({ $0 > 0 }) else {
        throw call.error(
          "a logarithmic axis begins above 0, and \(axis) goes down to "
            + "\((middles.min() ?? 0).printed)", code: "domain",
          at: call[axis] == nil ? "log" : axis)
      }
    }
    guard grid.values.count <= mostCells else {
      throw call.error(
        "\(grid.rows)×\(grid.columns) cells are more than a picture shows", code: "limit",
        at: "data", help: "at most \(mostCells) cells, as of 500×500")
    }
    let isLogarithmic = log.contains("z")
    guard grid.values.contains(where: { $0.isFinite && (!isLogarithmic || $0 > 0) }) else {
      throw call.error(
        "there is nothing to draw: no cell has a \(isLogarithmic ? "positive" : "finite") number",
        at: "data")
    }
    let contours: [Double]
    if case .number(let level)? = call["contours"] {
      contours = [level]
    } else {
      contours = try call.optionalNumbers("contours") ?? []
    }
    let map = HeatMap(
      x: grid.x, y: grid.y, values: grid.values, label: try call.optionalString("zlabel"),
      isLogarithmic: isLogarithmic,
      limits: try PlotRequest.limits("zlim", isLogarithmic: isLogarithmic, call),
      contours: contours)
    return Chart(
      heatMap: map, title: try call.optionalString("title"),
      xLabel: try call.optionalString("xlabel") ?? grid.xName,
      yLabel: try call.optionalString("ylabel") ?? grid.yName, logX: log.contains("x"),
      logY: log.contains("y"),
      xLimits: try PlotRequest.limits("xlim", isLogarithmic: log.contains("x"), call),
      yLimits: try PlotRequest.limits("ylim", isLogarithmic: log.contains("y"), call))
  }
}
