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
  /// multiply everything: points where these products vanish are left out of rules that are long. Where `stops` says so
  /// the rule stays incomplete.
  mutating func make(
    _ fields: [OuterField], isFlat: Bool, slopes: [OuterField], stops: () -> Bool
  ) {
    z1.removeAll(keepingCapacity: true)
    z2.removeAll(keepingCapacity: true)
    weights.removeAll(keepingCapacity: true)
    let standard = isFlat ? order.single : order.double
    let h1 = step(standard, fields, slope: \.first)
    let h2 = isFlat ? standard : step(standard, fields, slope: \.second)
    let isOrdinary = h1 == standard && h2 == standard
    if isSmoothed(fields, h1, h2) {
      let points: Double = isFlat ? 15 / h1 : 200 / (h1 * h2)
      if points < 65_536 { return trapezoidal(h1, h2, isOrdinary, isFlat: isFlat, slopes) }
    } else if isOrdinary, fields.allSatisfy(suitsPanels) {
      return betweenKinks(fields, isFlat: isFlat)
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
    let first: GaussRule = .trapezoidal(step: h1, reach: isFlat ? 7.5 : 7)
    if isFlat {
      for (a, u) in zip(first.nodes, first.weights) where u > 1e-15 * h1 { add(a, 0, u) }
    } else {
      let second: GaussRule = h1 == h2 ? first : .trapezoidal(step: h2, reach: 7)
      let least = order.negligible * (isOrdinary ? 1 : h1 * h2)
      for (a, u) in zip(first.nodes, first.weights) {
        for (b, w) in zip(second.nodes, second.weights) where u * w > least { add(a, b, u * w) }
      }
    }
    if !isOrdinary { prune(slopes) }
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

  private mutating func betweenKinks(_ fields: [OuterField], isFlat: Bool) {
    let least = isFlat ? 1e-15 : order.negligible
    // What the second variable leaves of a field smooths its kinks as seen from the first.
    var breaks: [Double] = []
    for field in fields {
      let s = (field.deviation * field.deviation + field.second * field.second).squareRoot()
      addBreaks(&breaks, field.function.kinks, slope: field.first, offset: 0, s: s)
    }
    let first = panels(breaks)
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
    var first = rules.normal(panels)
    if let slope = slopes.first, let kept = significant(slope, first) { first = kept }
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
    prune(slopes)
  }

  /// The points of a rule for the first variable where g′ of this field is not negligible, if the
  /// field depends on nothing else.
  private func significant(_ field: OuterField, _ rule: GaussRule) -> GaussRule? {
    guard field.second == 0, field.deviation == 0 else { return nil }
    let x = rule.nodes.map { field.first * $0 }
    let sizes = zip(rule.weights, field.function.slopes(x)).map { $0 * abs($1) }
    let least = 1e-15 * (sizes.max() ?? 0)
    let kept = x.indices.filter { !(sizes[$0] <= least) }
    return GaussRule(
      nodes: kept.map { rule.nodes[$0] }, weights: kept.map { rule.weights[$0] })
  }

  /// Leaves out the points at which the product of these fields' g′ makes all negligible.
  private mutating func prune(_ slopes: [OuterField]) {
    var sizes = weights
    for field in slopes {
      let x = z1.indices.map { field.first * z1[$0] + field.second * z2[$0] }
      let slope = field.function.slopes(x)
      for p in sizes.indices { sizes[p] *= abs(slope[p]) }
    }
    let least = 1e-3 * order.negligible * (sizes.max() ?? 0)
    let kept = sizes.indices.filter { !(sizes[$0] <= least) }
    z1 = kept.map { z1[$0] }
    z2 = kept.map { z2[$0] }
    weights = kept.map { weights[$0] }
  }
}

/// A function of a field, smoothed over s, along a variable: f(slope z + offset).
struct FieldLine {
  private let partition: FieldPartition
  private let slope: Double
  private let offset: Double
  private let s: Double

  init(_ function: FieldFunction, slope: Double, offset: Double, s: Double) {
    partition = function.partition
    self.slope = slope
    self.offset = offset
    // What is narrower than this is a kink for the rules.
    self.s = s > 1e-7 * abs(slope) ? s : 0
  }

  private func resolves(_ low: Double, _ high: Double) -> Bool {
    let (a, b) = (offset + slope * low, offset + slope * high)
    return partition.resolves(min(a, b), max(a, b), smoothing: s)
  }

  /// Panels from -reach to reach, as pairs of ends, each of which all lines resolve by one rule:
  /// found by halving until `most` are there.
  static func panels(
    _ lines: [FieldLine], reach: Double, widest: Double, most: Int
  ) -> [(low: Double, high: Double)] {
    var ends = [-reach, 0, reach]
    for line in lines where line.s == 0 && abs(line.slope) > 1e-12 {
      for kink in line.partition.kinks {
        let place = (kink - line.offset) / line.slope
        if abs(place) < reach { ends.append(place) }
      }
    }
    ends.sort()
    var done: [(low: Double, high: Double)] = []
    var open = zip(ends, ends.dropFirst()).filter { $0.1 - $0.0 > 1e-13 }.map {
      (low: $0.0, high: $0.1)
    }
    while !open.isEmpty {
      var next: [(low: Double, high: Double)] = []
      for (low, high) in open {
        let size = high - low
        let isFine =
          size < 1e-8
          || size <= widest && lines.allSatisfy { $0.resolves(low, high) }
        if isFine || done.count + next.count + open.count > most && size <= widest {
          done.append((low, high))
        } else {
          next += [(low, 0.5 * (low + high)), (0.5 * (low + high), high)]
        }
      }
      open = next
    }
    return done
  }
}

extension QuadratureRules {
  /// Nodes and weights for a standard normal variable in these panels.
  func normal(_ panels: [(low: Double, high: Double)]) -> GaussRule {
    let density = 1 / (2 * Double.pi).squareRoot()
    var nodes: [Double] = [], weights: [Double] = []
    for (low, high) in panels {
      for (node, weight) in zip(cell.nodes, cell.weights) {
        let z = low + (high - low) * node
        nodes.append(z)
        weights.append(weight * (high - low) * density * exp(-0.5 * z * z))
      }
    }
    return GaussRule(nodes: nodes, weights: weights)
  }
}
