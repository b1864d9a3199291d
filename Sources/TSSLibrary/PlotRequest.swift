import Groundwork
import LearningDynamics
import TSSLanguage
import TSSPlots

/// What a call of `plot` asks for, and how values of the language become curves.
struct PlotRequest {
  /// The x axis: a field of runs or an axis of tables; nil where it was not said.
  var xField: String?
  /// Or these values themselves.
  var xValues: [Double]?
  var yFields: [String]
  var style: Series.Style?
  /// One for each curve, where that was asked for.
  var styles: [Series.Style] = []
  var logX = false
  var logY = false
  var marks: [Double] = []
  var title: String?
  var xLabel: String?
  var yLabel: String?
  /// The dimension whose scatter bands show; nil for that of each run.
  var dimension: Double?
  /// Error bars, one list for each curve in order; an empty one for none.
  var errors: [[Double]] = []
  /// Places in the palette, from 0: one for each curve, or a single one for all, or none.
  var colours: [Int] = []
  var xLimits = TSSPlots.Limits()
  var yLimits = TSSPlots.Limits()

  init(xField: String?, yFields: [String]) {
    self.xField = xField
    self.yFields = yFields
  }

  init(_ call: Call) throws(Diagnostic) {
    self.init(xField: nil, yFields: ["eg"])
    switch call["x"] {
    case nil: break
    case .string(let name): xField = Greek.canonicalName(name)
    case .some(let value):
      guard let numbers = value.numbers else {
        throw call.mismatch("x", wants: "a name or a list of numbers")
      }
      xValues = numbers
    }
    switch call["y"] {
    case nil: break
    case .string(let name): yFields = [Greek.canonicalName(name)]
    case .list(let names):
      yFields = []
      for name in names {
        guard case .string(let field) = name else {
          throw call.mismatch("y", wants: "a field or a list of fields")
        }
        yFields.append(Greek.canonicalName(field))
      }
    default: throw call.mismatch("y", wants: "a field or a list of fields")
    }
    styles = try Self.styles(call)
    if styles.isEmpty { style = try call.optionalChoice("style", PlotStyle.self)?.series }
    colours = try Self.colours(call)
    dimension = try Engines.dimension(call)
    try readAxes(call)
  }

  private mutating func readAxes(_ call: Call) throws(Diagnostic) {
    let hasRuns = call.rest.contains { !PlotRequest.runs(in: $0).isEmpty }
    if hasRuns {
      xLabel = xValues == nil ? xField ?? "α" : nil
    } else {
      xLabel = xField ?? call.rest.lazy.compactMap(Self.mainAxis).first
    }
    if hasRuns || call["y"] != nil { yLabel = yFields.map(Self.symbol).joined(separator: ", ") }
    let log = try call.optionalString("log") ?? (hasRuns ? "xy" : "")
    guard log.allSatisfy({ "xy".contains($0) }) else {
      throw call.error(
        "`log` is \"x\", \"y\", \"xy\" or \"\", not \"\(log)\"", code: "choice", at: "log")
    }
    logX = log.contains("x")
    logY = log.contains("y")
    if case .number(let mark)? = call["marks"] {
      marks = [mark]
    } else {
      marks = try call.optionalNumbers("marks") ?? []
    }
    title = try call.optionalString("title")
    xLabel = try call.optionalString("xlabel") ?? xLabel
    yLabel = try call.optionalString("ylabel") ?? yLabel
    xLimits = try Self.limits("xlim", isLogarithmic: logX, call)
    yLimits = try Self.limits("ylim", isLogarithmic: logY, call)
    errors = try errorBars(call)
  }

  func chart(_ series: [Series]) -> Chart {
    Chart(
      series: series, title: title, xLabel: xLabel, yLabel: yLabel, logX: logX, logY: logY,
      xLimits: xLimits, yLimits: yLimits, marks: marks.map { Mark(x: $0) },
      showsLegend: series.contains { $0.label != nil })
  }

  /// How a field is written in a figure.
  private static func symbol(_ field: String) -> String {
    switch field {
    case "eg", "errors": "ε_{g}"
    case "train": "ε_{train}"
    case "test": "ε_{test}"
    default: field
    }
  }

  /// The axis of a table that a plot runs along unless it is told otherwise: the last numeric one.
  private static func mainAxis(_ value: Value) -> String? {
    guard case .table(let table) = value else { return nil }
    let numeric = table.axes.last { Value.list($0.values).numbers != nil }
    return (numeric ?? table.axes.last)?.name
  }
}

/// The words for how a curve is drawn.
enum PlotStyle: String, CaseIterable {
  case line, crosses, points

  var series: Series.Style {
    switch self {
    case .line: .line
    case .crosses: .crosses
    case .points: .points
    }
  }
}

// MARK: Values as curves

extension PlotRequest {
  /// The runs that a value is, or holds as a list or a table.
  static func runs(in value: Value) -> [(name: String?, run: RunObject)] {
    switch value {
    case .object(let object as RunObject): [(nil, object)]
    case .list(let elements): elements.flatMap { runs(in: $0) }
    case .table(let table):
      zip(table.cells.indices, table.cells).flatMap { index, cell in
        runs(in: cell).map { (table.coordinates(of: index), $0.run) }
      }
    default: []
    }
  }

  func series(of data: [Value], _ call: Call) throws(Diagnostic) -> [Series] {
    var series: [Series] = []
    var lists: [[Double]] = []
    for (position, value) in data.enumerated() {
      let runs = Self.runs(in: value)
      if !runs.isEmpty {
        for (name, run) in runs {
          for field in yFields { series += try curves(of: run, field, name, call) }
        }
      } else if case .table(let table) = value {
        series += try tableCurves(table, call)
      } else if let numbers = value.numbers {
        lists.append(numbers)
      } else if case .matrix(let matrix) = value {
        lists += (0..<matrix.columns).map { matrix.column($0) }
      } else {
        throw .runtime(
          "type", "`plot` draws runs, tables and lists of numbers, not \(value.kindName)",
          at: call.restSpans.indices.contains(position) ? call.restSpans[position] : call.span,
          help: "plot(run, y=\"eg\")")
      }
    }
    series += try curves(of: lists, call)
    guard styles.isEmpty || styles.count == series.count else {
      throw call.error(
        "`style` has \(styles.count) words for \(series.count) curves", code: "shape", at: "style")
    }
    for (index, style) in styles.enumerated() { series[index].style = style }
    guard colours.count < 2 || colours.count == series.count else {
      throw call.error(
        "`colour` has \(colours.count) numbers for \(series.count) curves", code: "shape",
        at: "colour")
    }
    for index in series.indices where !colours.isEmpty {
      series[index].colour = colours[colours.count == 1 ? 0 : index]
    }
    for (index, error) in errors.enumerated() where index < series.count && !error.isEmpty {
      guard error.count == 1 || error.count == series[index].y.count else {
        throw call.error(
          "`error` has \(error.count) values for a curve of \(series[index].y.count)",
          code: "shape", at: "error")
      }
      series[index].errors =
        error.count == 1 ? .init(repeating: error[0], count: series[index].y.count) : error
    }
    return series
  }

  /// Lists of numbers: one against 1, 2, …; more against the first, or all against `x=[…]`.
  private func curves(of lists: [[Double]], _ call: Call) throws(Diagnostic) -> [Series] {
    guard !lists.isEmpty else { return [] }
    var lists = lists
    let x: [Double]
    if let xValues {
      x = xValues
    } else if lists.count == 1 {
      x = lists[0].indices.map { Double($0 + 1) }
    } else {
      x = lists.removeFirst()
    }
    var series: [Series] = []
    for y in lists {
      guard y.count == x.count else {
        throw call.error(
          "a curve needs as many values of y as of x, not \(y.count) and \(x.count)",
          code: "shape")
      }
      series.append(Series(x: x, y: y, style: style ?? .line))
    }
    return series
  }

  /// One curve for a number a sample; for Q, R and v one for each element.
  private func curves(
    of run: RunObject, _ field: String, _ name: String?, _ call: Call
  ) throws(Diagnostic) -> [Series] {
    let x = if let xValues { xValues } else { try numbers(of: run, xField ?? "α", call) }
    let style = style ?? (run.isSimulation ? .crosses : .line)
    let isMany = yFields.count > 1
    func label(_ element: String) -> String? {
      let own = element.isEmpty && !isMany ? nil : Self.symbol(field) + element
      let parts = [name, own].compactMap { $0 }
      return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }
    switch field {
    case "Q", "R":
      let matrices = run.samples.map { field == "Q" ? $0.state.Q : $0.state.R }
      guard let shape = matrices.first else { return [] }
      var series: [Series] = []
      for i in 0..<shape.rows {
        for j in (field == "Q" ? i : 0)..<shape.columns {
          series.append(
            Series(
              x: x, y: matrices.map { $0[i, j] },
              band: run.band(N: dimension) { (field == "Q" ? $0.Q : $0.R)[i, j] },
              label: label("_{\(i + 1)\(j + 1)}"), style: style))
        }
      }
      return series
    case "v":
      let lists = run.samples.map(\.state.v)
      return (lists.first ?? []).indices.map { k in
        Series(
          x: x, y: lists.map { $0[k] }, band: run.band(N: dimension) { $0.v[k] },
          label: label("_{\(k + 1)}"), style: style)
      }
    case "errors":
      guard let errors = run.taskErrors else { fallthrough }
      let bars = run.taskErrorDeviations
      return (errors.first ?? []).indices.map { task in
        Series(
          x: x, y: errors.map { $0[task] }, errors: bars?.map { $0[task] },
          label: "\(name ?? "") task \(task + 1)", style: style)
      }
    default:
      let y = try numbers(of: run, field, call)
      let bars = field == "eg" ? run.ensemble?.errorDeviation : nil
      let band = field == "eg" ? run.errorScatter(N: dimension ?? run.first.N) : nil
      return [Series(x: x, y: y, errors: bars, band: band, label: label(""), style: style)]
    }
  }

  private func numbers(
    of run: RunObject, _ field: String, _ call: Call
  ) throws(Diagnostic) -> [Double] {
    guard let value = run.field(field) else {
      let help = Suggestions.best(for: field, among: run.fieldNames).first.map {
        "did you mean \"\($0)\"?"
      }
      let along = run.fieldNames.filter { $0 != "phases" && run.field($0)?.numbers != nil }
      let fields = along + ["Q", "R", "v"]
      throw call.error(
        "a run has no field \"\(field)\"", code: "unknown-field",
        at: field == xField ? "x" : call.function.signature.has("y") ? "y" : nil,
        help: help ?? "its fields along α: " + fields.map { "\"\($0)\"" }.joined(separator: ", "))
    }
    guard let numbers = value.numbers else {
      throw call.error("the field \"\(field)\" of a run is no list of numbers", code: "type")
    }
    return numbers
  }

  /// A table of numbers: one curve along the x axis for each combination of the other axes.
  func tableCurves(_ table: Table, _ call: Call) throws(Diagnostic) -> [Series] {
    let names = table.axes.map(\.name)
    guard !names.isEmpty else { return [] }
    let along: Int
    if let xField {
      guard let position = names.firstIndex(of: xField) else {
        throw call.error(
          "the table has no axis \"\(xField)\"; its axes are \(names.joined(separator: ", "))",
          code: "unknown-axis", at: "x",
          help: Suggestions.best(for: xField, among: names).first.map { "x=\"\($0)\"" })
      }
      along = position
    } else {
      let main = Self.mainAxis(.table(table))
      along = names.firstIndex { $0 == main } ?? names.count - 1
    }
    let axis = table.axes[along]
    let x =
      xValues ?? Value.list(axis.values).numbers ?? axis.values.indices.map { Double($0 + 1) }
    let stride = table.axes[(along + 1)...].reduce(1) { $0 * $1.values.count }
    var series: [Series] = []
    for start in table.cells.indices where start / stride % axis.values.count == 0 {
      let cells = axis.values.indices.map { table.cells[start + $0 * stride] }
      var y: [Double] = []
      for cell in cells {
        switch cell {
        case .number(let number): y.append(number)
        case .nothing: y.append(.nan)
        default:
          throw call.error(
            "`plot` draws tables of numbers; this one holds \(cell.kindName)", code: "type",
            help: "plot(t.eg) takes a field of every cell")
        }
      }
      let label = table.coordinates(of: start, without: along)
      series.append(Series(x: x, y: y, label: label, style: style ?? .linesAndPoints))
    }
    return series
  }
}

extension Table {
  /// "K = 4, seed = 2" for a cell; nil where there is nothing to say.
  func coordinates(of cell: Int, without skipped: Int? = nil) -> String? {
    var rest = cell
    var parts: [String] = []
    for (position, axis) in axes.enumerated().reversed() {
      if position != skipped {
        parts.insert("\(axis.name) = \(axis.values[rest % axis.values.count].printed())", at: 0)
      }
      rest /= axis.values.count
    }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}
