#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A field as the outer variables see it: x = first z₁ + second z₂ plus a rest of this deviation.
struct OuterField {
  var function: FieldFunction
  var first: Double
  var second: Double
  var deviation: Double
}

/// Nodes and weights for the outer variables of ``QuadratureIntegrals``, two independent standard
/// normal ones, or the first of them alone.
///
/// - Where all is smooth the trapezoidal rule, its steps as narrow as the functions ask for: a
///   function of width w, of a field with slope β and a rest of deviation s, varies on √(w² + s²)/β.
/// - Kinks of fields without a rest that would smooth them are ends of panels of Gauss and
///   Legendre's rule; where smoothed kinks are narrow there are narrow panels.
/// - Functions too narrow for the one, or against what is between the kinks for the other, have
///   panels as narrow as their cells (``FieldPartition``), found by halving.
struct OuterRule {
  private let rules: QuadratureRules
  private let order: QuadratureOrder
  /// Whether both functions are odd, or both even: a point and its opposite then give the same.
  private let isSymmetric: Bool
  private(set) var z1: [Double] = []
  private(set) var z2: [Double] = []
  private(set) var weights: [Double] = []
  /// At the points, the product of the g′ of the fields whose slopes multiply everything, and their
  /// g.
  private(set) var slopes: [Double] = []
  private(set) var values: [[Double]] = []

  init(_ rules: QuadratureRules, isSymmetric: Bool) {
    self.rules = rules
    order = rules.order
    self.isSymmetric = isSymmetric
  }

  private mutating func add(_ a: Double, _ b: Double, _ weight: Double) {
    let side = abs(a) > 1e-9 ? a : b
    if isSymmetric && side < -1e-9 { return }
    z1.append(a)
    z2.append(b)
    weights.append(isSymmetric && side > 1e-9 ? 2 * weight : weight)
  }

  /// Makes the rule for these fields. `isFlat`: z₂ is not needed. `slopes` are the fields whose g′
  /// multiply everything, the first of them x_i itself: points where these products vanish are left out.
  /// Where `stops` says so the rule stays incomplete.
  mutating func make(
    _ fields: [OuterField], isFlat: Bool, slopes: [OuterField], stops: () -> Bool
  ) {
    z1.removeAll(keepingCapacity: true)
    z2.removeAll(keepingCapacity: true)
    weights.removeAll(keepingCapacity: true)
    makePoints(fields, isFlat: isFlat, slopes, stops)
    prune(slopes)
  }

  private mutating func makePoints(
    _ fields: [OuterField], isFlat: Bool, _ slopes: [OuterField], _ stops: () -> Bool
  ) {
    let standard = isFlat ? order.single : order.double
    let h1 = step(standard, fields, slope: \.first)
    let h2 = isFlat ? standard : step(standard, fields, slope: \.second)
    let isOrdinary = h1 == standard && h2 == standard
    if isSmoothed(fields, h1, h2) {
      let points: Double = isFlat ? 15 / h1 : 200 / (h1 * h2)
      if points < 65_536 {
        let wide1 = h1 == standard ? widened(h1, fields, slopes, slope: \.first) : h1
        let wide2 = h2 == standard && !isFlat ? widened(h2, fields, slopes, slope: \.second) : h2
        return trapezoidal(wide1, wide2, isOrdinary, isFlat: isFlat, slopes)
      }
    } else if isOrdinary, fields.allSatisfy(suitsPanels) {
      return betweenKinks(fields, isFlat: isFlat, slopes)
    }
    byCells(fields, isFlat: isFlat, slopes, stops)
  }

  /// The step that the narrowest function leaves of the standard one.
  private func step(
    _ standard: Double, _ fields: [OuterField], slope: KeyPath<OuterField, Double>
  ) -> Double {
    let factor = order.width * standard / order.double
    return fields.reduce(standard) { (step: Double, field: OuterField) -> Double in
      let width = field.function.partition.width, s = 4.0 / 3 * field.deviation
      let own = factor * (width * width + s * s).squareRoot()
      return abs(field[keyPath: slope]) * step > own ? own / abs(field[keyPath: slope]) : step
    }
  }

  /// The standard step, or a wider one where the functions are so wide that it suffices.
  ///
  /// For E[exp(-b z²/2)] the error of the step h is exp(-2π²/(h²(1 + b))). The noise term has b = β²/w²
  /// from each of the slopes, and from err² twice that of the field that varies most, β²/(w² + s²).
  private func widened(
    _ standard: Double, _ fields: [OuterField], _ slopes: [OuterField],
    slope: KeyPath<OuterField, Double>
  ) -> Double {
    guard !slopes.isEmpty, fields.allSatisfy({ $0.function.kinks.isEmpty }) else { return standard }
    func b(_ field: OuterField) -> Double {
      let width = field.function.partition.width, beta = field[keyPath: slope]
      return beta * beta / (width * width + field.deviation * field.deviation)
    }
    let largest = fields.reduce(0) { max($0, b($1)) }
    // Both slopes are of the same field where there is one outer variable.
    let ofSlopes = slopes.reduce(0) { $0 + b($1) } * (slopes.count == 1 ? 2 : 1)
    let step = order.gaussianStep / (1 + 2 * largest + ofSlopes).squareRoot()
    return max(standard, min(step, order.width))
  }

  /// Whether kinks are smoothed so much by what is not given that these steps are none too wide:
  /// a width w leaves exp(-2π² w²/h²) of a kink.
  private func isSmoothed(_ fields: [OuterField], _ h1: Double, _ h2: Double) -> Bool {
    let h1 = min(h1, order.double)
    return fields.allSatisfy { field in
      if field.function.kinks.isEmpty { return true }
      let (a, b) = (h1 * field.first, h2 * field.second)
      return field.deviation > 1.25 * (a * a + b * b).squareRoot()
    }
  }

  /// Whether panels between kinks are narrow enough for what is between them.
  private func suitsPanels(_ field: OuterField) -> Bool {
    if field.function.partition.isRough { return false }
    if !field.function.kinks.isEmpty { return true }
    let width = field.function.partition.width, s = field.deviation
    let slope = max(abs(field.first), abs(field.second))
    return order.panel * slope <= 2.2 * (width * width + s * s).squareRoot()
  }

  // MARK: Trapezoidal

  private mutating func trapezoidal(
    _ h1: Double, _ h2: Double, _ isOrdinary: Bool, isFlat: Bool, _ slopes: [OuterField]
  ) {
    let whole: GaussRule = .trapezoidal(step: h1, reach: isFlat ? 7.5 : 7)
    let first = significant(slopes.first, whole)
    if isFlat {
      for (a, u) in zip(first.nodes, first.weights) where u > 1e-15 * h1 { add(a, 0, u) }
    } else {
      let second: GaussRule = h1 == h2 ? whole : .trapezoidal(step: h2, reach: 7)
      let least = order.negligible * (isOrdinary ? 1 : h1 * h2)
      for (a, u) in zip(first.nodes, first.weights) {
        for (b, w) in zip(second.nodes, second.weights) where u * w > least { add(a, b, u * w) }
      }
    }
  }

  // MARK: Kinks

  /// Places where a kink of any field, smoothed to the width s, lies when it depends on one
  /// variable with this slope and offset; with neighbours that resolve the width.
  private func addBreaks(
    _ breaks: inout [Double], _ kinks: [FieldFunction.Kink], slope: Double, offset: Double,
    s: Double
  ) {
    guard abs(slope) > 1e-9 else { return }
    let width = s / abs(slope)
    guard width < 0.4 else { return }
    for kink in kinks {
      let place = (kink.place - offset) / slope
      guard abs(place) < 7 else { continue }
      breaks.append(place)
      if width > 1e-7 {
        for factor in [-6, -2, 2, 6] { breaks.append(place + Double(factor) * width) }
      }
    }
  }

  /// For one standard normal variable with breaks.
  private func panels(_ breaks: [Double]) -> GaussRule {
    rules.legendre.normal(reach: 7, width: order.panel, cuts: breaks)
  }

  private mutating func betweenKinks(
    _ fields: [OuterField], isFlat: Bool, _ slopes: [OuterField]
  ) {
    let least = isFlat ? 1e-15 : order.negligible
    // What the second variable leaves of a field smooths its kinks as seen from the first.
    var breaks: [Double] = []
    for field in fields {
      let s = (field.deviation * field.deviation + field.second * field.second).squareRoot()
      addBreaks(&breaks, field.function.kinks, slope: field.first, offset: 0, s: s)
    }
    let first = significant(slopes.first, panels(breaks))
    for (a, u) in zip(first.nodes, first.weights) where u > least {
      if isFlat {
        add(a, 0, u)
        continue
      }
      var inner: [Double] = []
      for field in fields {
        addBreaks(
          &inner, field.function.kinks, slope: field.second, offset: field.first * a,
          s: field.deviation)
      }
      let second = panels(inner)
      for (b, w) in zip(second.nodes, second.weights) where u * w > least { add(a, b, u * w) }
    }
  }

  // MARK: Cells

  private mutating func byCells(
    _ fields: [OuterField], isFlat: Bool, _ slopes: [OuterField], _ stops: () -> Bool
  ) {
    // What the second variable leaves of a field smooths it as seen from the first.
    let panels = FieldLine.panels(
      fields.map {
        FieldLine(
          $0.function, slope: $0.first, offset: 0,
          s: ($0.deviation * $0.deviation + $0.second * $0.second).squareRoot())
      }, reach: 7.5, widest: order.gaussian, most: isFlat ? 4096 : 160)
    let first = significant(slopes.first, rules.normal(panels))
    for (a, u) in zip(first.nodes, first.weights) {
      if isFlat {
        add(a, 0, u)
        continue
      }
      if stops() { return }
      let inner = FieldLine.panels(
        fields.map {
          FieldLine($0.function, slope: $0.second, offset: $0.first * a, s: $0.deviation)
        }, reach: 7.5, widest: order.gaussian, most: 160)
      let second = rules.normal(inner)
      for (b, w) in zip(second.nodes, second.weights) where a * a + b * b < 60 { add(a, b, u * w) }
    }
  }

  // MARK: Points that do not matter

  /// The points of a rule for the first variable where g′ of this field, which depends on nothing
  /// else, is not negligible.
  private func significant(_ field: OuterField?, _ rule: GaussRule) -> GaussRule {
    guard let field, field.second == 0, field.deviation == 0 else { return rule }
    let x = rule.nodes.map { field.first * $0 }
    let sizes = zip(rule.weights, field.function.slopes(x)).map { $0 * abs($1) }
    let least = 1e-3 * order.negligible * (sizes.max() ?? 0)
    let kept = x.indices.filter { !(sizes[$0] <= least) }
    return GaussRule(
      nodes: kept.map { rule.nodes[$0] }, weights: kept.map { rule.weights[$0] })
  }

  /// Leaves out the points at which the product of these fields' g′ makes all negligible, and keeps
  /// their g and this product at the others.
  private mutating func prune(_ fields: [OuterField]) {
    slopes.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
    if fields.isEmpty { return }
    let count = weights.count
    var x = weights, g = weights, slope = weights
    slopes.append(contentsOf: repeatElement(1, count: count))
    for field in fields {
      for p in 0..<count { x[p] = field.first * z1[p] + field.second * z2[p] }
      field.function.evaluate(x, count, &g, &slope)
      for p in 0..<count { slopes[p] *= slope[p] }
      values.append(g)
    }
    var largest = 0.0
    for p in 0..<count { largest = max(largest, weights[p] * abs(slopes[p])) }
    let least = 1e-1 * order.negligible * largest
    var kept = 0
    for p in 0..<count where !(weights[p] * abs(slopes[p]) <= least) {
      z1[kept] = z1[p]
      z2[kept] = z2[p]
      weights[kept] = weights[p]
      slopes[kept] = slopes[p]
      for f in values.indices { values[f][kept] = values[f][p] }
      kept += 1
    }
    let rest = count - kept
    z1.removeLast(rest)
    z2.removeLast(rest)
    weights.removeLast(rest)
    slopes.removeLast(rest)
  }
}
