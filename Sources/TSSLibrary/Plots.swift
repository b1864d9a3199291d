import Groundwork
import LearningDynamics
import TSSLanguage
import TSSPlots

/// `plot`, `crosses` and `figure`; `overlay` and `heatmap` are installed with them.
enum Plots {
  static func install(in vocabulary: inout Vocabulary) {
    installPlot(in: &vocabulary)
    installCrosses(in: &vocabulary)
    installFigure(in: &vocabulary)
    PlotLayers.install(in: &vocabulary)
    HeatMaps.install(in: &vocabulary)
    for word in ["line", "points"] {
      vocabulary.define(
        word: word, "A style of `plot`: `style=\(word)`.", seeAlso: ["plot", "plot styles"])
    }
    vocabulary.define(type: .init("plot", []))
  }

  private static func installPlot(in vocabulary: inout Vocabulary) {
    vocabulary.define(
      "plot",
      [
        Parameter("data", .rest, "runs, tables, or lists of numbers: plot(y), plot(x, y)"),
        Parameter(
          "x", .optional("\"α\""), "a field of the runs, an axis of the tables, or a list",
          isNamedOnly: true),
        Parameter(
          "y", .optional("\"eg\""), "a field of the runs, or a list of fields", isNamedOnly: true),
        Parameter(
          "log", .optional("\"xy\""),
          "logarithmic axes: \"x\", \"y\", \"xy\" or \"\"; "
            + "\"xy\" for runs, \"\" for anything else", isNamedOnly: true),
        Parameter(
          "label", .optional("none"),
          "a string, or a list with one for each curve; `nothing` leaves a curve out of the legend",
          isNamedOnly: true),
        Parameter("marks", .optional("[]"), "values of x to mark", isNamedOnly: true),
        Parameter(
          "error", .optional("none"),
          "half the error bars, of the shape of the data; a list of lists, or `nothing`, for several "
            + "curves", isNamedOnly: true),
        Parameter("title", .optional("\"\""), "written above", isNamedOnly: true),
        Parameter(
          "xlabel", .optional("none"), "name of the x axis; where none, the field's",
          isNamedOnly: true),
        Parameter(
          "ylabel", .optional("none"), "name of the y axis; where none, the field's",
          isNamedOnly: true),
        Parameter(
          "style", .optional("line"),
          "line, crosses or points, or a list with one for each curve; for runs of `sgd` crosses "
            + "unless given",
          choices: ["line", "crosses", "points"], isNamedOnly: true),
        Parameter(
          "colour", .optional("none"),
          "place in the palette, 1 to 8, or a list with one for each curve; where none, in order",
          isNamedOnly: true),
        Parameter(
          "xlim", .optional("none"), "[lower, upper] of the x axis; where none, those of the data",
          isNamedOnly: true),
        Parameter(
          "ylim", .optional("none"), "[lower, upper] of the y axis; where none, those of the data",
          isNamedOnly: true),
        Parameter(
          "N", .optional("none"),
          "input dimension whose fluctuations the bands show; where none, that of the run",
          isNamedOnly: true),
      ], result: "plot",
      Documentation(
        "Draws runs against α, tables against an axis, lists against each other. A run with "
          + "`fluctuations=true` has a band of one standard deviation of runs at finite N around "
          + "eg, Q, R and v; an ensemble has the standard error of eg as bars. On a terminal the "
          + "plot is drawn there; otherwise it is written to a file. `save(p, \"f.pdf\")` writes it.",
        examples: [("plot([1, 4, 9])", "plot(1 curve)")],
        seeAlso: ["plot styles", "crosses", "overlay", "figure", "heatmap", "save"])
    ) { (call) throws(Diagnostic) in
      let request = try PlotRequest(call)
      var series = try request.series(of: call.rest, call)
      guard !series.isEmpty else {
        throw call.error("`plot` needs something to draw", code: "missing-argument")
      }
      guard series.contains(where: { !$0.x.isEmpty }) else {
        throw call.error("there is nothing to draw: no curve has a point", code: "value")
      }
      let points = series.lazy.flatMap { zip($0.x, $0.y) }
      guard points.contains(where: { $0.isFinite && $1.isFinite }) else {
        throw call.error(
          "there is nothing to draw: no curve has a point that is finite", code: "value")
      }
      try label(&series, call)
      for note in request.chart(series).notes { call.context.note(note) }
      return .object(
        PlotObject(
          Figure([request.chart(series)]), xField: request.xField ?? "α",
          yFields: request.yFields))
    }
  }

  private static func installCrosses(in vocabulary: inout Vocabulary) {
    vocabulary.define(
      "crosses",
      [
        Parameter("plot", .required, "the plot to add to"),
        Parameter("runs", .required, "a run or a list of runs"),
        Parameter("label", .optional("none"), "a string or a list of them", isNamedOnly: true),
      ], result: "plot",
      Documentation(
        "Adds runs to a plot as crosses, in the colours of its curves: simulation over theory. As "
          + "`style=crosses` it is a style of `plot`.",
        examples: [
          (
            "S = student(1); T = teacher(1); sim = sgd(S, T, η=0.5, time=1, N=50)\n"
              + "plot(ode(S, T, η=0.5, time=1)) |> crosses(sim)", "plot(2 curves)"
          )
        ],
        seeAlso: ["plot", "plot styles"])
    ) { (call) throws(Diagnostic) in
      guard let plot = try call.optionalObject("plot", PlotObject.self, wants: "a plot"),
        let chart = plot.figure.charts.first, plot.figure.charts.count == 1
      else { throw call.mismatch("plot", wants: "a plot") }
      let request = PlotRequest(xField: plot.xField, yFields: plot.yFields)
      var series = try request.series(of: [call["runs"] ?? .nothing], call)
      for index in series.indices {
        series[index].style = .crosses
        series[index].colour = index % max(1, chart.series.count)
        series[index].label = nil
      }
      try label(&series, call)
      var extended = plot.figure
      extended.charts[0].series += series
      return .object(PlotObject(extended, xField: plot.xField, yFields: plot.yFields))
    }
  }

  private static func installFigure(in vocabulary: inout Vocabulary) {
    vocabulary.define(
      "figure",
      [
        Parameter("plots", .rest, "the plots, row by row"),
        Parameter("cols", .optional("2"), "how many side by side", isNamedOnly: true),
        Parameter(
          "size", .optional("none"), "[width, height] in cm; by the number of plots where none",
          isNamedOnly: true),
        Parameter("title", .optional("\"\""), "written above all", isNamedOnly: true),
      ], result: "plot",
      Documentation(
        "Sets several plots side by side.",
        examples: [("figure(plot([1, 2]), plot([2, 1]))", "figure(2 curves)")],
        seeAlso: ["plot", "save"])
    ) { (call) throws(Diagnostic) in
      var charts: [Chart] = []
      for (position, value) in call.rest.enumerated() {
        let elements: [Value] = if case .list(let list) = value { list } else { [value] }
        for element in elements {
          guard case .object(let object) = element, let plot = object as? PlotObject else {
            throw .runtime(
              "type", "`figure` sets plots side by side; this is \(element.kindName)",
              at: call.restSpans[position])
          }
          charts += plot.figure.charts
        }
      }
      guard !charts.isEmpty else {
        throw call.error("`figure` needs a plot", code: "missing-argument")
      }
      var size: Figure.Size?
      if let numbers = try call.optionalNumbers("size") {
        guard numbers.count == 2, numbers.allSatisfy({ $0 >= 1.5 && $0 <= 200 }) else {
          throw call.error(
            "`size` is [width, height] in cm, each from 1.5 to 200", at: "size",
            help: "size=[17, 7]")
        }
        size = Figure.Size(width: numbers[0], height: numbers[1])
      }
      return .object(
        PlotObject(
          Figure(
            charts, columns: try call.optionalCount("cols", minimum: 1), size: size,
            title: try call.optionalString("title"))))
    }
  }

  /// Names the curves: one string for a single curve or the first, a list with one for each.
  private static func label(_ series: inout [Series], _ call: Call) throws(Diagnostic) {
    switch call["label"] {
    case nil, .nothing: return
    case .string(let text): series[0].label = text
    case .list(let labels):
      guard labels.count == series.count else {
        throw call.error(
          "`label` has \(labels.count) names for \(series.count) curves", code: "shape",
          at: "label")
      }
      for (index, label) in labels.enumerated() {
        series[index].label =
          switch label {
          case .string(let text): text
          case .nothing: nil
          default: label.printed()
          }
      }
    default: throw call.mismatch("label", wants: "a string or a list of strings")
    }
  }
}
