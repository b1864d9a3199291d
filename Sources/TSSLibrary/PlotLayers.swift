import TSSLanguage
import TSSPlots

/// `overlay`: several plots on one pair of axes.
enum PlotLayers {
  static func install(in vocabulary: inout Vocabulary) {
    vocabulary.define(
      "overlay",
      [Parameter("plots", .rest, "the plots, the lowest first")], result: "plot",
      Documentation(
        "Draws plots over each other: points over the curves of a theory or a heat map, say, with "
          + "x of their own. Axes, names and limits are those of the first; curves without a `colour` go on "
          + "in the palette.",
        examples: [
          (
            "x = 0:0.1:1\n"
              + "overlay(plot(x, x^2), plot([0, 1], [0, 1], style=points, colour=1))",
            "plot(2 curves)"
          )
        ],
        seeAlso: ["plot", "heatmap", "crosses", "figure", "plot styles"])
    ) { (call) throws(Diagnostic) in
      var layers: [PlotObject] = []
      for (position, value) in call.rest.enumerated() {
        let elements: [Value] = if case .list(let list) = value { list } else { [value] }
        for element in elements {
          guard case .object(let object) = element, let plot = object as? PlotObject,
            plot.figure.charts.count == 1
          else {
            throw .runtime(
              "type", "`overlay` draws plots over each other; this is \(element.kindName)",
              at: call.restSpans[position])
          }
          layers.append(plot)
        }
      }
      guard let lowest = layers.first else {
        throw call.error("`overlay` needs a plot", code: "missing-argument")
      }
      var figure = lowest.figure
      for layer in layers.dropFirst() {
        if let map = layer.figure.charts[0].heatMap {
          guard figure.charts[0].heatMap == nil else {
            throw call.error("one pair of axes has room for one heat map", code: "value")
          }
          figure.charts[0].heatMap = map
        }
        figure.charts[0].series += layer.figure.charts[0].series
        figure.charts[0].marks += layer.figure.charts[0].marks
      }
      figure.charts[0].showsLegend = figure.charts[0].series.contains { $0.label != nil }
      return .object(PlotObject(figure, xField: lowest.xField, yFields: lowest.yFields))
    }
  }
}
