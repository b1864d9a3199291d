/// A system of ordinary differential equations dy/dt = f(t, y), as the integrators see it.
package protocol DifferentialSystem: AnyObject {
  /// The number of equations.
  var count: Int { get }

  /// Writes f(t, y). What it throws ends the integration at the last accepted step.
  func derivative(
    _ t: Double, _ y: UnsafePointer<Double>, _ dy: UnsafeMutablePointer<Double>) throws

  /// Writes ∂f_i/∂y_j into `J[i * count + j]`; `y` may be changed meanwhile.
  func jacobian(
    _ t: Double, _ y: UnsafeMutablePointer<Double>, _ J: UnsafeMutablePointer<Double>) throws

  /// The size of a local error in units of what is tolerated: at most 1 is accepted.
  ///
  /// Not finite if the error is not, or where `y` or `y - error` has no meaning.
  func size(of error: UnsafePointer<Double>, at y: UnsafePointer<Double>, _ tolerance: Tolerance)
    -> Double
}

/// What error one step may make in a component y: `absolute + relative · |y|`.
package struct Tolerance: Hashable, Sendable {
  package var relative: Double
  package var absolute: Double

  package init(relative: Double, absolute: Double) {
    self.relative = relative
    self.absolute = absolute
  }

  /// The root mean square of error/(tolerated error).
  package func norm(
    _ error: UnsafePointer<Double>, at y: UnsafePointer<Double>, count: Int
  ) -> Double {
    var sum = 0.0
    for i in 0..<count {
      let q = error[i] / (absolute + relative * abs(y[i]))
      sum += q * q
    }
    return (sum / Double(max(1, count))).squareRoot()
  }
}

extension DifferentialSystem {
  package func jacobian(
    _ t: Double, _ y: UnsafeMutablePointer<Double>, _ J: UnsafeMutablePointer<Double>
  ) throws {
    try differenceJacobian(t, y, J)
  }

  /// The Jacobian by forward differences. The increments keep away from 0, for near a learned
  /// fixed point most overlaps are 1e-16 and differences in proportion to them are noise.
  package func differenceJacobian(
    _ t: Double, _ y: UnsafeMutablePointer<Double>, _ J: UnsafeMutablePointer<Double>
  ) throws {
    let n = count
    let f = UnsafeMutablePointer<Double>.allocate(capacity: 2 * n)
    defer { f.deallocate() }
    let moved = f + n
    try derivative(t, y, f)
    for j in 0..<n {
      let kept = y[j]
      defer { y[j] = kept }
      y[j] += 1.5e-8 * max(abs(kept), 1e-5)
      // What was really added, after rounding.
      let inverse = 1 / (y[j] - kept)
      try derivative(t, y, moved)
      for i in 0..<n { J[i * n + j] = (moved[i] - f[i]) * inverse }
    }
  }

  package func size(
    of error: UnsafePointer<Double>, at y: UnsafePointer<Double>, _ tolerance: Tolerance
  ) -> Double { tolerance.norm(error, at: y, count: count) }
}
