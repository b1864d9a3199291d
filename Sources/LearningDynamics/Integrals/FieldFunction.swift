import CKernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// An activation as quadrature sees it: values, and where they and their derivatives jump.
package struct FieldFunction: Sendable {
  let activation: Activation
  /// Jumps of g and of g², in increasing order of their places.
  let kinks: [Kink]
  let kinksOfSquare: [Kink]
  /// Whether what is left without the kinks is a polynomial of degree 2 at most.
  let isPolynomial: Bool
  /// 1 for even functions, -1 for odd ones, 0 for others.
  let parity: Int
  /// The scales on which g varies.
  let partition: FieldPartition

  /// A place where a function jumps by `jump`, its slope by `slope`, its second derivative by
  /// `curvature`, its third by `third`.
  struct Kink: Sendable {
    var place: Double
    var jump: Double
    var slope: Double
    var curvature: Double
    var third: Double

    /// The jumps of g, g′, g″, g‴.
    var jumps: [Double] { [jump, slope, curvature, third] }

    init(place: Double, jump: Double, slope: Double, curvature: Double, third: Double) {
      self.place = place
      self.jump = jump
      self.slope = slope
      self.curvature = curvature
      self.third = third
    }

    /// (x - place)₊^degree/degree!
    init(power degree: Int, at place: Double) {
      self.init(
        place: place, jump: degree == 0 ? 1 : 0, slope: degree == 1 ? 1 : 0,
        curvature: degree == 2 ? 1 : 0, third: degree == 3 ? 1 : 0)
    }

    /// What the kink adds at this distance on its right.
    @inline(__always) func part(_ distance: Double) -> Double {
      jump + distance * (slope + 0.5 * distance * (curvature + distance / 3 * third))
    }

    /// The kink with 0 for what rounding made; nil where nothing is left.
    var withoutRounding: Kink? {
      var kink = self
      if abs(jump) < 1e-12 { kink.jump = 0 }
      if abs(slope) < 1e-10 { kink.slope = 0 }
      if abs(curvature) < 1e-7 { kink.curvature = 0 }
      if abs(third) < 1e-4 { kink.third = 0 }
      let isKink = (kink.jump, kink.slope, kink.curvature, kink.third) != (0, 0, 0, 0)
      return isKink ? kink : nil
    }
  }

  package init(_ activation: Activation) {
    self.activation = activation
    let places: [Double] =
      switch activation {
      case .erf, .linear, .quadratic: []
      case .relu, .sign: [0]
      case .custom(let custom): custom.kinks
      }
    var kinks: [Kink] = [], squares: [Kink] = []
    for place in places {
      let (left, right) = (
        Side(activation, place, sign: -1), Side(activation, place, sign: 1)
      )
      let kink = Kink(
        place: place, jump: right.g - left.g, slope: right.slope - left.slope,
        curvature: right.curvature - left.curvature, third: right.third - left.third
      ).withoutRounding
      // A condition may switch between functions that go on smoothly.
      guard let kink else { continue }
      kinks.append(kink)
      let square = Kink(
        place: place, jump: right.g * right.g - left.g * left.g,
        slope: 2 * (right.g * right.slope - left.g * left.slope),
        curvature: right.curvatureOfSquare - left.curvatureOfSquare,
        third: right.thirdOfSquare - left.thirdOfSquare)
      if let square = square.withoutRounding { squares.append(square) }
    }
    self.kinks = kinks
    kinksOfSquare = squares
    isPolynomial = Self.isPolynomial(activation, kinks)
    parity = Self.parity(of: activation)
    if case .custom(let custom) = activation {
      let own = kinks
      partition = custom.partition { Self.partition(of: activation, own) }
    } else {
      partition = Self.partition(of: activation, kinks)
    }
  }

  private static func partition(of activation: Activation, _ kinks: [Kink]) -> FieldPartition {
    func values(_ x: [Double]) -> [Double] {
      var g = x, dg = x
      evaluate(activation, x, x.count, &g, &dg)
      return g
    }
    func remainder(_ x: [Double]) -> [Double] {
      zip(x, values(x)).map { x, g in
        kinks.reduce(g) { x > $1.place ? $0 - $1.part(x - $1.place) : $0 }
      }
    }
    return FieldPartition(kinks: kinks.map(\.place), remainder: remainder, values)
  }

  /// g and three derivatives on one side of a place, from values close to it.
  private struct Side {
    let g, slope, curvature, third: Double
    var curvatureOfSquare: Double { 2 * (slope * slope + g * curvature) }
    var thirdOfSquare: Double { 6 * slope * curvature + 2 * g * third }

    init(_ activation: Activation, _ place: Double, sign: Double) {
      let near = sign * 1e-8 * max(1, abs(place)), step = sign * 1e-3 * max(1, abs(place))
      let x = (0..<4).map { place + near + Double($0) * step }
      var values = x, dg = x
      FieldFunction.evaluate(activation, x, 4, &values, &dg)
      curvature = (18 * dg[1] - 11 * dg[0] - 9 * dg[2] + 2 * dg[3]) / (6 * step)
      third = (2 * dg[0] - 5 * dg[1] + 4 * dg[2] - dg[3]) / (step * step)
      slope = dg[0] - near * curvature
      g = values[0] - near * dg[0]
    }
  }

  /// 1 for even functions, -1 for odd ones, 0 for others.
  private static func parity(of activation: Activation) -> Int {
    let right = (1...40).map { 0.173 * Double($0) }
    let x = right + right.map { -$0 }
    var g = x, dg = x
    evaluate(activation, x, x.count, &g, &dg)
    for (sign, parity) in [(1.0, 1), (-1.0, -1)] {
      let agrees = (0..<40).allSatisfy { j in
        let difference = abs(g[j] - sign * g[j + 40]), other = abs(dg[j] + sign * dg[j + 40])
        return difference <= 1e-13 * (1 + abs(g[j])) && other <= 1e-12 * (1 + abs(dg[j]))
      }
      if agrees { return parity }
    }
    return 0
  }

  /// Tests a parabola through three points at others.
  private static func isPolynomial(_ activation: Activation, _ kinks: [Kink]) -> Bool {
    let x = [-1.0, 0.013, 1, -7.3, -2.61, -0.57, 0.291, 1.83, 3.3, 8.9]
    var g = x, dg = x
    evaluate(activation, x, x.count, &g, &dg)
    for kink in kinks {
      for j in x.indices where x[j] > kink.place {
        g[j] -= kink.part(x[j] - kink.place)
      }
    }
    let scale = g.reduce(1) { max($0, abs($1)) }
    return x.indices.dropFirst(3).allSatisfy { j in
      var value = 0.0
      for a in 0..<3 {
        let (b, c) = ((a + 1) % 3, (a + 2) % 3)
        value += g[a] * (x[j] - x[b]) * (x[j] - x[c]) / ((x[a] - x[b]) * (x[a] - x[c]))
      }
      return abs(value - g[j]) < 1e-9 * scale
    }
  }

  /// g and g′ of `count` numbers.
  func evaluate(
    _ x: UnsafePointer<Double>, _ count: Int, _ g: UnsafeMutablePointer<Double>,
    _ dg: UnsafeMutablePointer<Double>
  ) { Self.evaluate(activation, x, count, g, dg) }

  /// g of these numbers.
  func values(_ x: [Double]) -> [Double] {
    var g = x, scratch = x
    values(x, x.count, &g, scratch: &scratch)
    return g
  }

  /// g′ of these numbers.
  func slopes(_ x: [Double]) -> [Double] {
    var g = x, slopes = x
    evaluate(x, x.count, &g, &slopes)
    return slopes
  }

  /// g of `count` numbers; `scratch` has as many.
  func values(
    _ x: UnsafePointer<Double>, _ count: Int, _ g: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) {
    switch activation {
    case .custom(let custom): custom.evaluate(x, count: count, g: g, scratch: scratch)
    case .erf:
      for i in 0..<count { g[i] = x[i] * 0.5.squareRoot() }
      tss_erf(tss_best_level(), g, g, Int64(count))
    default: evaluate(x, count, g, scratch)
    }
  }

  private static func evaluate(
    _ activation: Activation, _ x: UnsafePointer<Double>, _ count: Int,
    _ g: UnsafeMutablePointer<Double>, _ dg: UnsafeMutablePointer<Double>
  ) {
    switch activation {
    case .custom(let custom):
      custom.evaluate(x, count: count, g: g, dg: dg)
    case .erf:
      let root = 0.5.squareRoot()
      for i in 0..<count { (g[i], dg[i]) = (x[i] * root, -0.5 * x[i] * x[i]) }
      tss_erf(tss_best_level(), g, g, Int64(count))
      tss_exp(tss_best_level(), dg, dg, Int64(count))
      for i in 0..<count { dg[i] *= 0x1.9884533d43651p-1 }
    case .linear:
      for i in 0..<count { (g[i], dg[i]) = (x[i], 1) }
    case .relu:
      for i in 0..<count { (g[i], dg[i]) = x[i] > 0 ? (x[i], 1) : (0, 0) }
    case .quadratic:
      for i in 0..<count { (g[i], dg[i]) = (x[i] * x[i], 2 * x[i]) }
    case .sign:
      for i in 0..<count { (g[i], dg[i]) = (x[i] > 0 ? 1 : x[i] < 0 ? -1 : 0, 0) }
    }
  }

  /// E[g(x₁) h(x₂)] by quadrature.
  static func pairIntegral(
    _ g: Activation, _ h: Activation, _ c11: Double, _ c12: Double, _ c22: Double
  ) -> Double {
    let fields = LocalFields(K: 1, M: 1)
    (fields.C[0], fields.C[1], fields.C[2], fields.C[3]) = (c11, c12, c12, c22)
    let same = g == h && c11 == c12 && c12 == c22
    (fields.u[0], fields.u[1]) = same ? (1, 0) : (0, 1)
    var drift = 0.0
    QuadratureIntegrals(student: g, teacher: h, n: 2).secondLayer(fields, drift: &drift)
    return drift
  }
}
