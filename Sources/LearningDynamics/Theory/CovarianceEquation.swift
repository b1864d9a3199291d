import Groundwork

/// dS/dα = J S + S Jᵀ + D along one phase, for the upper triangle of S row by row: a linear
/// equation, of the stiffness of the equations twice over.
final class CovarianceEquation: DifferentialSystem {
  private let stage: FluctuationStage
  private let n: Int
  let count: Int
  private var time = Double.nan
  private var J: Matrix
  private var D: [Double]
  private var gradientTime = Double.nan
  private var gradient: [Double] = []

  init(_ stage: FluctuationStage) {
    self.stage = stage
    n = stage.equations.count
    count = n * (n + 1) / 2
    J = Matrix(rows: n, columns: n)
    D = .init(repeating: 0, count: count)
  }

  /// The full matrix of an upper triangle.
  static func matrix(_ triangle: UnsafePointer<Double>, _ n: Int) -> Matrix {
    var S = Matrix(rows: n, columns: n)
    var p = 0
    for i in 0..<n {
      for j in i..<n {
        S[i, j] = triangle[p]
        S[j, i] = triangle[p]
        p += 1
      }
    }
    return S
  }

  private func prepare(_ t: Double) throws {
    guard t != time else { return }
    try stage.jacobian(at: t, into: &J)
    try stage.diffusion(at: t, into: &D)
    time = t
  }

  func derivative(
    _ t: Double, _ y: UnsafePointer<Double>, _ dy: UnsafeMutablePointer<Double>
  ) throws {
    try prepare(t)
    let JS = J * Self.matrix(y, n)
    var p = 0
    for i in 0..<n {
      for j in i..<n {
        dy[p] = JS[i, j] + JS[j, i] + D[p]
        p += 1
      }
    }
  }

  func jacobian(
    _ t: Double, _ y: UnsafeMutablePointer<Double>, _ matrix: UnsafeMutablePointer<Double>
  ) throws {
    try prepare(t)
    matrix.update(repeating: 0, count: count * count)
    func place(_ i: Int, _ j: Int) -> Int {
      let (low, high) = (min(i, j), max(i, j))
      return low * n - low * (low - 1) / 2 + high - low
    }
    for i in 0..<n {
      for j in i..<n {
        let row = place(i, j) * count
        for k in 0..<n {
          matrix[row + place(k, j)] += J[i, k]
          matrix[row + place(i, k)] += J[j, k]
        }
      }
    }
  }

  /// Judged against √(S_ii S_jj), and on the variance of ε_g: near a solution this is a small
  /// difference of large terms.
  func size(
    of error: UnsafePointer<Double>, at y: UnsafePointer<Double>, _ tolerance: Tolerance
  ) -> Double {
    if time != gradientTime, let state = try? stage.state(at: time) {
      gradient = stage.equations.errorGradient(state)
      gradientTime = time
    }
    var diagonal = [Double](repeating: 0, count: n)
    var p = 0
    for i in 0..<n {
      diagonal[i] = max(0, y[p]).squareRoot()
      p += n - i
    }
    var (sum, projected, known) = (0.0, 0.0, 0.0)
    p = 0
    for i in 0..<n {
      for j in i..<n {
        let q = error[p] / (tolerance.absolute + tolerance.relative * diagonal[i] * diagonal[j])
        sum += q * q
        let factor = (i == j ? 1 : 2) * gradient[i] * gradient[j]
        projected += factor * error[p]
        known += factor * y[p]
        p += 1
      }
    }
    let tolerated = tolerance.absolute + 20 * tolerance.relative * abs(known)
    return max((sum / Double(count)).squareRoot(), abs(projected) / tolerated)
  }
}
