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

  /// A place where a function jumps by `jump`, its slope by `slope`, its second derivative by
  /// `curvature`.
  struct Kink: Sendable {
    var place: Double
    var jump: Double
    var slope: Double
    var curvature: Double
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
      // g, g′ and g″ on either side, from values at two distances.
      func side(_ sign: Double) -> (g: Double, slope: Double, curvature: Double) {
        let near = 1e-8 * max(1, abs(place)), far = 1e-4 * max(1, abs(place))
        let x = [place + sign * near, place + sign * far]
        var g = x, dg = x
        Self.evaluate(activation, x, 2, &g, &dg)
        let curvature = (dg[1] - dg[0]) / (sign * (far - near))
        return (g[0] - sign * near * dg[0], dg[0], abs(curvature) < 1e-9 ? 0 : curvature)
      }
      let (left, right) = (side(-1), side(1))
      func cleaned(_ value: Double) -> Double { abs(value) < 1e-12 ? 0 : value }
      kinks.append(
        Kink(
          place: place, jump: cleaned(right.g - left.g), slope: cleaned(right.slope - left.slope),
          curvature: right.curvature - left.curvature))
      squares.append(
        Kink(
          place: place, jump: cleaned(right.g * right.g - left.g * left.g),
          slope: cleaned(2 * (right.g * right.slope - left.g * left.slope)),
          curvature: 2
            * (right.slope * right.slope + right.g * right.curvature - left.slope * left.slope
              - left.g * left.curvature)))
    }
    self.kinks = kinks
    kinksOfSquare = squares
    isPolynomial = Self.isPolynomial(activation, kinks)
  }

  /// Tests a parabola through three points at others.
  private static func isPolynomial(_ activation: Activation, _ kinks: [Kink]) -> Bool {
    let x = [-1.0, 0.013, 1, -7.3, -2.61, -0.57, 0.291, 1.83, 3.3, 8.9]
    var g = x, dg = x
    evaluate(activation, x, x.count, &g, &dg)
    for kink in kinks {
      for j in x.indices where x[j] > kink.place {
        let distance = x[j] - kink.place
        g[j] -= kink.jump + distance * (kink.slope + 0.5 * distance * kink.curvature)
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
