import TSSLanguage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What two lists say of each other, and how the numbers of one are spread.
extension StandardVocabulary {
  static func installFits(in v: inout Vocabulary) {
    let x = Parameter.required("x", "a list of numbers")
    let y = Parameter.required("y", "as many numbers")
    v.define(
      "cor", [x, y], result: "number", about: "Pearson's correlation coefficient.",
      examples: [("cor([1, 2, 3], [2, 4, 6])", "1")], seeAlso: ["fit_line"]
    ) { call throws(Diagnostic) in
      let (x, y) = try pair(call, minimum: 2)
      let moments = Moments(x, y)
      let scale = (moments.xx * moments.yy).squareRoot()
      return .number(max(min(moments.xy / scale, 1), -1))
    }
    v.define(
      "fit_line", [x, y], result: "record",
      about:
        "The straight line of least squares: a record (slope, intercept, slope_error, "
        + "intercept_error, residual) with standard errors, and the standard deviation of the "
        + "residuals. Two points leave no errors (`nan`). A power law is a line in logarithms.",
      examples: [
        ("fit_line([1, 2, 3], [3, 5, 7]).slope", "2"),
        ("fit_line(log([1, 10, 100]), log([5, 0.5, 0.05])).slope", "-1"),
      ], seeAlso: ["cor", "interpolate"]
    ) { call throws(Diagnostic) in
      let (x, y) = try pair(call, minimum: 2)
      let moments = Moments(x, y)
      guard moments.xx != 0 else {
        throw call.error("all x are equal: no line can be fitted", at: "x")
      }
      let n = Double(x.count)
      let slope = moments.xy / moments.xx
      let intercept = moments.meanY - slope * moments.meanX
      let squares = total(
        zip(x, y).map { x, y in
          let residual = y - moments.meanY - slope * (x - moments.meanX)
          return residual * residual
        })
      let spread = n > 2 ? squares / (n - 2) : .nan
      let fields: [(String, Double)] = [
        ("slope", slope), ("intercept", intercept),
        ("slope_error", (spread / moments.xx).squareRoot()),
        (
          "intercept_error",
          (spread * (1 / n + moments.meanX * moments.meanX / moments.xx)).squareRoot()
        ),
        ("residual", spread.squareRoot()),
      ]
      return .record(Record(fields.map { ($0.0, .number($0.1)) }))
    }
    v.define(
      "interpolate",
      [
        .required("x", "increasing numbers"), y,
        .required("at", "where: a number, or a list or matrix of numbers"),
      ],
      about: "Values on the straight lines between the points (x, y); `nan` outside of them.",
      examples: [("interpolate([0, 1, 3], [0, 10, 30], [0.5, 2])", "[5, 20]")],
      seeAlso: ["fit_line"], body: interpolate)
    v.define(
      "histogram",
      [
        .required("xs", "a list or a matrix of numbers"),
        .optional("bins", "sqrt(n)", "how many bins of equal width, or their edges, increasing"),
      ], result: "record",
      about:
        "How many numbers fall into each bin: a record (edges, centers, counts, density). A bin "
        + "has its lower edge, the last one also its upper edge.",
      examples: [("histogram([1, 1, 2, 4], bins=3).counts", "[2, 1, 1]")],
      seeAlso: ["quantile", "std"], body: histogram)
  }

  private static func pair(
    _ call: Call, minimum: Int
  ) throws(Diagnostic) -> ([Double], [Double]) {
    let (x, y) = (try call.numbers(0), try call.numbers(1))
    guard x.count == y.count else {
      throw call.error("\(x.count) x and \(y.count) y", code: "shape", at: "y")
    }
    guard x.count >= minimum else {
      throw call.error("`\(call.function.name!)` needs at least \(minimum) points", at: "x")
    }
    return (x, y)
  }

  /// Means and the sums of squares about them.
  private struct Moments {
    let meanX, meanY, xx, xy, yy: Double

    init(_ x: [Double], _ y: [Double]) {
      let (mx, my) = (mean(x), mean(y))
      meanX = mx
      meanY = my
      xx = total(x.map { ($0 - mx) * ($0 - mx) })
      yy = total(y.map { ($0 - my) * ($0 - my) })
      xy = total(zip(x, y).map { ($0 - mx) * ($1 - my) })
    }
  }

  private static let interpolate: Builtin.Body = { call throws(Diagnostic) in
    let (x, y) = try pair(call, minimum: 1)
    guard zip(x, x.dropFirst()).allSatisfy(<) else {
      throw call.error("`x` must increase", at: "x", help: "sort(x), if y follows")
    }
    func value(at t: Double) -> Double {
      guard t >= x[0], t <= x[x.count - 1] else { return .nan }
      var (low, high) = (0, x.count - 1)
      while high - low > 1 {
        let middle = (low + high) / 2
        if x[middle] <= t { low = middle } else { high = middle }
      }
      if t == x[low] { return y[low] }
      if t == x[high] { return y[high] }
      return y[low] + (y[high] - y[low]) * ((t - x[low]) / (x[high] - x[low]))
    }
    return try call.mapNumbers(of: 2, value)
  }

  private static let histogram: Builtin.Body = { call throws(Diagnostic) in
    let xs = try call.numbers(0)
    guard xs.allSatisfy(\.isFinite) else {
      throw call.error("`histogram` needs finite numbers", at: "xs")
    }
    let edges: [Double]
    if case .list? = call["bins"] {
      edges = try call.numbers(1)
      guard edges.count > 1, zip(edges, edges.dropFirst()).allSatisfy(<) else {
        throw call.error("the edges of bins must be two or more, and increase", at: "bins")
      }
    } else {
      guard let low = xs.min(), let high = xs.max() else {
        throw call.error("`histogram` of no numbers", code: "empty", at: "xs")
      }
      let count =
        try call.optionalCount("bins", minimum: 1)
        ?? max(1, Int(Double(xs.count).squareRoot().rounded(.up)))
      try call.checkSize(Double(count), at: "bins")
      // Equal numbers still need a bin of some width.
      let (start, stop) = low < high ? (low, high) : (low - 0.5, low + 0.5)
      edges = (0...count).map {
        $0 == count ? stop : start + (stop - start) * Double($0) / Double(count)
      }
    }
    var counts = [Double](repeating: 0, count: edges.count - 1)
    for x in xs where x >= edges[0] && x <= edges[edges.count - 1] {
      var (low, high) = (0, edges.count - 1)
      while high - low > 1 {
        let middle = (low + high) / 2
        if edges[middle] <= x { low = middle } else { high = middle }
      }
      counts[low] += 1
    }
    let inside = counts.reduce(0, +)
    let widths = zip(edges.dropFirst(), edges).map { $0 - $1 }
    return .record(
      Record([
        ("edges", Value(edges)),
        ("centers", Value(zip(edges, edges.dropFirst()).map { $0 + ($1 - $0) / 2 })),
        ("counts", Value(counts)),
        ("density", Value(zip(counts, widths).map { inside > 0 ? $0 / ($1 * inside) : 0 })),
      ]))
  }
}
