import TSSLanguage
import TSSPlots

/// Arguments of `plot` that say how each curve looks and where the axes end.
extension PlotRequest {
  /// A style for each curve; empty where `style` is one word or was not given.
  static func styles(_ call: Call) throws(Diagnostic) -> [Series.Style] {
    guard case .list(let list)? = call["style"] else { return [] }
    var styles: [Series.Style] = []
    for element in list {
      let word: String? =
        switch element {
        case .word(let word), .string(let word): word
        case .function(let function): function.name
        default: nil
        }
      guard let style = word.flatMap(PlotStyle.init(rawValue:)) else {
        throw call.error(
          "`style` has line, crosses or points for each curve, not \(element.inWords)",
          code: "choice", at: "style", help: "style=[\"points\", \"line\"]")
      }
      styles.append(style.series)
    }
    return styles
  }

  /// Places in the palette, which begins at 0; users count from 1.
  static func colours(_ call: Call) throws(Diagnostic) -> [Int] {
    guard let value = call["colour"] else { return [] }
    let numbers: [Double]? = if case .number(let one) = value { [one] } else { value.numbers }
    guard let numbers, !numbers.isEmpty,
      numbers.allSatisfy({ (1...8).contains($0) && $0 == $0.rounded() })
    else {
      throw call.error(
        "`colour` is a whole number from 1 to 8, or a list with one for each curve",
        code: "choice", at: "colour", help: "colour=[1, 2, 1, 2]")
    }
    return numbers.map { Int($0) - 1 }
  }

  /// The ends of an axis, `[lower, upper]`.
  static func limits(
    _ name: String, isLogarithmic: Bool, _ call: Call
  ) throws(Diagnostic) -> TSSPlots.Limits {
    guard let ends = try call.optionalNumbers(name) else { return TSSPlots.Limits() }
    guard ends.count == 2, ends[0].isFinite, ends[1].isFinite, ends[0] < ends[1] else {
      throw call.error(
        "`\(name)` is [lower, upper] with lower < upper", code: "shape", at: name,
        help: "\(name)=[0.1, 10]")
    }
    guard !isLogarithmic || ends[0] > 0 else {
      throw call.error("a logarithmic axis begins above 0", code: "domain", at: name)
    }
    return TSSPlots.Limits(lower: ends[0], upper: ends[1])
  }

  /// Half the error bars, one list for each curve in order; empty where a curve has none.
  func errorBars(_ call: Call) throws(Diagnostic) -> [[Double]] {
    switch call["error"] {
    case nil: return []
    case .table(let table): return try tableCurves(table, call).map(\.y)
    case .number(let number): return [[number]]
    case .some(let value):
      if let numbers = value.numbers { return [numbers] }
      guard case .list(let curves) = value else { break }
      var bars: [[Double]] = []
      for curve in curves {
        switch curve {
        case .nothing: bars.append([])
        case .number(let number): bars.append([number])
        default:
          guard let numbers = curve.numbers else {
            throw call.mismatch("error", wants: "a list of numbers, or `nothing`, for each curve")
          }
          bars.append(numbers)
        }
      }
      return bars
    }
    throw call.mismatch("error", wants: "a table or a list like the data")
  }
}
