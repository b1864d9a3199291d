import Groundwork

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Moments of degree four of Gaussian fields x_a and of the output sum G = Σ_a u_a g(x_a): what the
/// covariance of one SGD step is made of. For networks that are all erf or all linear.
///
/// Stein's lemma E[x_b F] = Σ_p c_bp E[∂_p F] removes the x; g′ tilts the covariance (as in
/// ``FourFields/tilted``); E[G²] is a sum of I2. Only E[G⁴] is left, which Price's theorem turns into
/// one integral over the size t of the covariance t C, of an analytic function.
///
/// Averages are polynomials in u, and an output g(x_j) in the place of one G is a derivative with
/// respect to u_j. An instance remembers what it was asked for and belongs to one thread.
final class FieldMoments {
  private let isErf: Bool
  private let n: Int
  private let C: Matrix
  private let u: [Double]
  /// E[Π g′] of the slopes that tilted the fields: the factor of every average here.
  let weight: Double

  init(isErf: Bool, covariance: Matrix, u: [Double], weight: Double = 1) {
    self.isErf = isErf
    n = u.count
    C = covariance
    self.u = u
    self.weight = weight
  }

  /// The moments under E[Π_i g′(x_i) …]/E[Π_i g′(x_i)]; fields may repeat.
  func tilted(by fields: [Int]) -> FieldMoments {
    guard isErf, !fields.isEmpty else { return self }
    let square = Matrix(rows: fields.count, columns: fields.count) { i, j in
      C[fields[i], fields[j]] + (i == j ? 1 : 0)
    }
    let lu = LU(square)!
    let rows = Matrix(rows: fields.count, columns: n) { C[fields[$0], $1] }
    let solved = lu.solve(rows)
    var moved = C
    for a in 0..<n {
      for b in 0..<n {
        for i in fields.indices { moved[a, b] -= rows[i, a] * solved[i, b] }
      }
    }
    var factor = 1.0
    for _ in fields { factor *= 2 / .pi }
    return FieldMoments(
      isErf: true, covariance: moved, u: u, weight: weight * (factor / lu.determinant).squareRoot())
  }

  // MARK: Up to two fields or outputs

  func covariance(_ a: Int, _ b: Int) -> Double { C[a, b] }

  /// E[g(x_a) g(x_b)].
  private(set) lazy var outputs: Matrix =
    isErf ? Matrix(rows: n, columns: n) { Erf.I2(C[$0, $0], C[$0, $1], C[$1, $1]) } : C

  /// E[g(x_j) G].
  private(set) lazy var outputsWithSum: [Double] = outputs * u

  /// E[G²].
  private(set) lazy var square: Double = zip(u, outputsWithSum).reduce(0) { $0 + $1.0 * $1.1 }

  /// E[x_b g(x_j)].
  func linear(_ b: Int, output j: Int) -> Double {
    C[b, j] * (isErf ? (2 / .pi / (1 + C[j, j])).squareRoot() : 1)
  }

  /// E[x_b G].
  func linear(_ b: Int) -> Double { (0..<n).reduce(0) { $0 + u[$1] * linear(b, output: $1) } }

  // MARK: Fields and sums

  /// E[x_b x_c G²] for all b and c:
  /// c_bc E[G²] + 2 Σ_pq c_bp c_cq u_p u_q E[g′_p g′_q] + 2 Σ_p c_bp c_cp u_p E[g″_p G].
  private(set) lazy var quadratic: Matrix = {
    var inner = Matrix(rows: n, columns: n)
    for p in 0..<n {
      for q in 0..<n {
        let slopes = u[p] * u[q] * (isErf ? Erf.J2(C[p, p], C[p, q], C[q, q]) : 1)
        inner[p, q] += 2 * slopes
        // E[g″(x_p) g(x_q)] = -c_pq/(1 + c_pp) E[g′(x_p) g′(x_q)].
        if isErf { inner[p, p] -= 2 * slopes * C[p, q] / (1 + C[p, p]) }
      }
    }
    let product = C * inner * C
    let square = self.square
    return Matrix(rows: n, columns: n) { product[$0, $1] + C[$0, $1] * square }
  }()

  /// E[g′(x_p) G²] and its derivatives with respect to u.
  private lazy var slopesWithSquare: [(value: Double, gradient: [Double])] = (0..<n).map { p in
    let moments = tilted(by: [p])
    let weight = isErf ? moments.weight / self.weight : 1
    return (weight * moments.square, moments.outputsWithSum.map { 2 * weight * $0 })
  }

  /// E[x_b G³] = 3 Σ_p c_bp u_p E[g′(x_p) G²].
  func cubic(_ b: Int) -> Double {
    (0..<n).reduce(0) { $0 + 3 * C[b, $1] * u[$1] * slopesWithSquare[$1].value }
  }

  /// E[x_b g(x_j) G²].
  func cubic(_ b: Int, output j: Int) -> Double {
    (0..<n).reduce(C[b, j] * slopesWithSquare[j].value) {
      $0 + C[b, $1] * u[$1] * slopesWithSquare[$1].gradient[j]
    }
  }

  // MARK: Four sums

  /// E[G⁴].
  private(set) lazy var quartic: Double = {
    guard isErf else { return 3 * square * square }
    return SumToTheFourth.moment(C, u, gradient: nil)
  }()

  /// E[g(x_j) G³] for all j.
  private(set) lazy var quarticOutputs: [Double] = quarticOutputs(u)

  private func quarticOutputs(_ u: [Double]) -> [Double] {
    guard isErf else {
      let row = C * u
      let square = zip(u, row).reduce(0) { $0 + $1.0 * $1.1 }
      return row.map { 3 * square * $0 }
    }
    var gradient = [Double](repeating: 0, count: n)
    _ = SumToTheFourth.moment(C, u, gradient: &gradient)
    return gradient.map { $0 / 4 }
  }

  private var pairs: [Int: [Double]] = [:]

  /// E[g(x_i) g(x_j) G²].
  ///
  /// A third of the derivative of E[g(x_j) G³], a polynomial of degree three in u_i, of which
  /// these differences are exact.
  func quartic(outputs i: Int, _ j: Int) -> Double {
    if let row = pairs[i] { return row[j] }
    func outputs(_ shift: Double) -> [Double] {
      var moved = u
      moved[i] += shift
      return quarticOutputs(moved)
    }
    let (a, b, c, d) = (outputs(1), outputs(-1), outputs(2), outputs(-2))
    var row = [Double](repeating: 0, count: n)
    for j in 0..<n {
      let near = a[j] - b[j], far = c[j] - d[j]
      row[j] = (8 * near - far) / 36
    }
    pairs[i] = row
    return row[j]
  }
}

/// E[G⁴] of a sum G = Σ_a u_a erf(x_a/√2).
private enum SumToTheFourth {
  /// By Price's theorem and Stein's lemma
  ///
  ///     E[G⁴] = ∫₀¹ dt ½ Σ_pq c_pq E_tC[∂_p ∂_q G⁴]
  ///           = ∫₀¹ dt 6 Σ_pq u_p u_q c_pq/(1 + t c_pp) E_tC[g′_p g′_q G²];
  ///
  /// the slopes tilt t C, where E[G²] is a sum of arcsines. Also the gradient with respect to u,
  /// where wanted.
  static func moment(
    _ C: Matrix, _ u: [Double], gradient: UnsafeMutablePointer<Double>?
  ) -> Double {
    let n = u.count
    let scratch = UnsafeMutablePointer<Double>.allocate(capacity: n * n + 3 * n)
    defer { scratch.deallocate() }
    let moved = scratch, inverse = scratch + n * n, row = inverse + n
    var total = 0.0
    for (t, node) in zip(rule.nodes, rule.weights) {
      for p in 0..<n {
        for q in 0...p {
          let factor = u[p] * u[q]
          if C[p, q] == 0 || (factor == 0 && gradient == nil) { continue }
          let a = t * C[p, p], b = t * C[q, q], c = t * C[p, q]
          let determinant = (1 + a) * (1 + b) - c * c
          let xx = t * t * (1 + b) / determinant, yy = t * t * (1 + a) / determinant
          let xy = t * t * c / determinant
          C.elements.withUnsafeBufferPointer { C in
            let x = C.baseAddress! + p * n, y = C.baseAddress! + q * n
            for i in 0..<n {
              let byX = xx * x[i] - xy * y[i], byY = yy * y[i] - xy * x[i]
              for j in 0...i { moved[i * n + j] = t * C[i * n + j] - byX * x[j] - byY * y[j] }
            }
          }
          for i in 0..<n { inverse[i] = 1 / (1 + moved[i * n + i]).squareRoot() }
          // E[g_i G]/(2/π) and E[G²]/(2/π).
          var square = 0.0
          for i in 0..<n {
            row[i] = 0
            for j in 0...i {
              let sine = moved[i * n + j] * inverse[i] * inverse[j]
              let angle = asin(min(1, max(-1, sine)))
              row[i] += u[j] * angle
              if j < i { row[j] += u[i] * angle }
            }
          }
          for i in 0..<n { square += u[i] * row[i] }
          // Both orders of (p, q); the slopes' weight and the arcsines' are 2/π each.
          let ends = p == q ? 1 / (1 + a) : 1 / (1 + a) + 1 / (1 + b)
          let common =
            node * 6 * C[p, q] * ends * 4 / (.pi * .pi) / determinant.squareRoot()
          total += common * factor * square
          if let gradient {
            gradient[p] += common * u[q] * square
            gradient[q] += common * u[p] * square
            for i in 0..<n { gradient[i] += common * factor * 2 * row[i] }
          }
        }
      }
    }
    return total
  }

  private static let rule = GaussRule.legendre(10)
}
