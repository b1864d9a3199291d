/// The spectral radius ρ of a system's Jacobian, by the power method on differences of f.
///
/// It keeps its vector, so that a later estimate of a Jacobian that has changed little takes two or
/// three evaluations. With a pair of complex eigenvalues the estimate fluctuates about ρ.
struct SpectralRadius {
  private var vector: [Double]
  /// Evaluations of f in the latest estimate.
  private(set) var evaluations = 0

  init(count: Int) {
    vector = (0..<count).map(Self.scattered)
  }

  /// What it remembers.
  mutating func pass(_ transfer: inout StateTransfer) { transfer.pass(&vector) }

  /// The elements of a vector without any symmetry, for a start that is orthogonal to no
  /// eigenvector: numbers in 0.5 … 1.5, from the golden ratio times squares.
  static func scattered(_ i: Int) -> Double {
    let x = 0.618033988749895 * Double((i + 1) * (i + 1))
    return 0.5 + x - x.rounded(.down)
  }

  /// The estimate at (t, y), where f = f(t, y): to 1 %, or what these iterations reach.
  mutating func estimate(
    _ system: any DifferentialSystem, _ t: Double, _ y: UnsafePointer<Double>,
    f: UnsafePointer<Double>, iterations: Int
  ) throws -> Double {
    let n = vector.count
    evaluations = 0
    let scratch = UnsafeMutablePointer<Double>.allocate(capacity: 2 * n)
    defer { scratch.deallocate() }
    let moved = scratch, change = scratch + n
    var length = 0.0
    for i in 0..<n { length += y[i] * y[i] }
    let distance = max(length.squareRoot(), 1e-3) * 1.5e-8
    var estimate = 0.0
    while evaluations < iterations {
      var norm = 0.0
      for i in 0..<n { norm += vector[i] * vector[i] }
      guard norm > 0 else { return 0 }
      let factor = distance / norm.squareRoot()
      for i in 0..<n { moved[i] = y[i] + factor * vector[i] }
      try system.derivative(t, moved, change)
      evaluations += 1
      var size = 0.0
      for i in 0..<n {
        change[i] -= f[i]
        size += change[i] * change[i]
      }
      guard size.isFinite, size > 0 else { return estimate }
      for i in 0..<n { vector[i] = change[i] }
      let better = size.squareRoot() / distance
      let isSettled = evaluations > 1 && abs(better - estimate) <= 0.01 * better
      estimate = better
      if isSettled { break }
    }
    return estimate
  }
}
