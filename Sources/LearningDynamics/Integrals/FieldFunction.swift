import CKernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// An activation as quadrature sees it: values, and where they and their derivatives jump.
package final class FieldFunction: Sendable {
  let activation: Activation
  private let shape: FieldShape

  package init(_ activation: Activation) {
    self.activation = activation
    shape = .of(activation)
  }

  typealias Kink = FieldShape.Kink

  /// Jumps of g and of g², in increasing order of their places.
  var kinks: [Kink] { shape.kinks }
  var kinksOfSquare: [Kink] { shape.kinksOfSquare }
  /// Whether what is left without the kinks is a polynomial of degree 2 at most.
  var isPolynomial: Bool { shape.isPolynomial }
  /// 1 for even functions, -1 for odd ones, 0 for others.
  var parity: Int { shape.parity }
  /// The scales on which g varies.
  var partition: FieldPartition { shape.partition }

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
    case .custom(let custom):
      custom.tabulated(x, count: count, g: g, dg: nil, scratch: scratch)
    case .erf:
      for i in 0..<count { g[i] = x[i] * 0.5.squareRoot() }
      tss_erf(tss_best_level(), g, g, Int64(count))
    default: evaluate(x, count, g, scratch)
    }
  }

  static func evaluate(
    _ activation: Activation, _ x: UnsafePointer<Double>, _ count: Int,
    _ g: UnsafeMutablePointer<Double>, _ dg: UnsafeMutablePointer<Double>
  ) {
    switch activation {
    case .custom(let custom):
      custom.tabulated(x, count: count, g: g, dg: dg, scratch: dg)
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
