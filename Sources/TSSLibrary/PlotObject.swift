import TSSLanguage
import TSSPlots

/// A plot or a figure of several as a value of the language.
public final class PlotObject: NativeObject, @unchecked Sendable {
  public let figure: Figure
  /// The fields of the runs that a plot shows, by which `crosses` adds more.
  let xField: String
  let yFields: [String]

  public init(_ figure: Figure, xField: String = "α", yFields: [String] = ["eg"]) {
    self.figure = figure
    self.xField = xField
    self.yFields = yFields
  }

  public override var typeName: String { figure.charts.count > 1 ? "figure" : "plot" }

  public override func describe() -> String {
    let curves = figure.charts.reduce(0) { $0 + $1.series.count }
    let maps = figure.charts.compactMap(\.heatMap)
    var parts: [String] = []
    if maps.count == 1 { parts.append("heat map of \(maps[0].y.count)×\(maps[0].x.count)") }
    if maps.count > 1 { parts.append("\(maps.count) heat maps") }
    if curves > 0 || maps.isEmpty { parts.append("\(curves) \(curves == 1 ? "curve" : "curves")") }
    let title = figure.title ?? figure.charts.first?.title
    return "\(typeName)(\(parts.joined(separator: ", "))"
      + (title.map { ", \"\($0)\"" } ?? "") + ")"
  }

  /// Drawn where there is a terminal; otherwise written beside the script's other plots.
  public override func display(in context: Context) throws(Diagnostic) -> String? {
    if context.terminal.isTerminal {
      if let picture = try picture(in: context) { return picture }
      return figure.drawn(
        TerminalOptions(
          width: min(context.terminal.width, 100), height: 24, colour: context.terminal.hasColor,
          ascii: !context.terminal.hasUnicode))
    }
    let stem = context.script.map { fileStem($0) } ?? "plot"
    let path = "\(stem)-\(context.nextPlotNumber()).svg"
    try write(to: path, in: context, at: nil)
    return path
  }

  func write(to path: String, in context: Context, at span: Span?) throws(Diagnostic) {
    guard context.files == .all else {
      throw .runtime("files", "writing files is not allowed here: \"\(path)\"", at: span)
    }
    let interrupt = context.interrupt
    do {
      try figure.write(to: Files.resolved(path, in: context)) { interrupt.isRequested }
    } catch {
      if case .stopped = error { try context.poll() }
      throw .runtime("file", "\(error)", at: span)
    }
  }

  public override func isEqual(to other: NativeObject) -> Bool {
    (other as? PlotObject)?.figure == figure
  }
}

/// The name of a file without folder and suffix.
func fileStem(_ path: String) -> String {
  let name = path.split(separator: "/").last.map(String.init) ?? path
  guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
  return String(name[..<dot])
}
