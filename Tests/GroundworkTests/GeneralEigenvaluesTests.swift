import Groundwork
import Testing

/// Numbers in -1 … 1 that look random and are the same everywhere.
private func scattered(_ n: Int, seed: UInt64) -> Matrix {
  var state = seed
  return Matrix(rows: n, columns: n) { _, _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 11) * 0x1p-52 - 1
  }
}

@Suite struct GeneralEigenvaluesTests {
  @Test func companionMatricesHaveTheRootsOfTheirPolynomials() {
    let C = Matrix(rows: 5, columns: 5) { i, j in
      i == 0 ? Self.row[j] : (i == j + 1 ? 1 : 0)
    }
    let i = 4.75.squareRoot()
    expect(C.eigenvalues, [(2, 0), (1, 0), (0.5, i), (0.5, -i), (-3, 0)], within: 1e-12)
  }

  /// Minus the coefficients of (x - 1)(x - 2)(x + 3)(x² - x + 5), of x⁴ first.
  private static let row: [Double] = {
    var polynomial = [1.0]
    for factor in [[1.0, -1], [1, -2], [1, 3], [1, -1, 5]] {
      var product = [Double](repeating: 0, count: polynomial.count + factor.count - 1)
      for (i, a) in polynomial.enumerated() {
        for (j, b) in factor.enumerated() { product[i + j] += a * b }
      }
      polynomial = product
    }
    return polynomial.dropFirst().map { -$0 }
  }()

  @Test func smallAndTriangularMatrices() {
    #expect(Matrix(rows: 0, columns: 0).eigenvalues.isEmpty)
    expect(Matrix(rows: 1, columns: 1, elements: [3]).eigenvalues, [(3, 0)], within: 0)
    expect(
      Matrix(rows: 2, columns: 2, elements: [0, -1, 1, 0]).eigenvalues, [(0, 1), (0, -1)],
      within: 0)
    expect(
      Matrix(rows: 3, columns: 3, elements: [1, 5, 7, 0, 2, 9, 0, 0, 3]).eigenvalues,
      [(3, 0), (2, 0), (1, 0)], within: 1e-14)
    expect(
      Matrix(rows: 4, columns: 4).eigenvalues, .init(repeating: (0, 0), count: 4), within: 0)
    #expect(Matrix(rows: 2, columns: 2, repeating: .nan).eigenvalues[0].real.isNaN)
  }

  /// Eigenvalues on the unit circle, all of the same size: what exceptional shifts are for.
  @Test func cyclicPermutations() {
    for n in [3, 4, 7, 16] {
      let P = Matrix(rows: n, columns: n) { $1 == ($0 + 1) % n ? 1 : 0 }
      let found = P.eigenvalues
      #expect(found.count == n)
      for value in found { #expect(abs(value.magnitude - 1) < 1e-13) }
      #expect(abs(found.reduce(0) { $0 + $1.real }) < 1e-12)
    }
  }

  @Test(arguments: [2, 3, 5, 12, 40, 120])
  func sumsProductsAndPairs(n: Int) {
    let A = scattered(n, seed: UInt64(n))
    let found = A.eigenvalues
    #expect(found.count == n)
    #expect(abs(found.reduce(0) { $0 + $1.real } - A.diagonal.reduce(0, +)) < 1e-11)
    // tr A², which is Σ λ² and sees the imaginary parts.
    let squares = found.reduce(0) { $0 + $1.real * $1.real - $1.imaginary * $1.imaginary }
    #expect(abs(squares - (A * A).diagonal.reduce(0, +)) < 1e-10)
    var product = 1.0
    for value in found { product *= value.imaginary == 0 ? value.real : value.magnitude }
    #expect(abs(product / A.determinant - 1) < 1e-8)
    for value in found where value.imaginary != 0 {
      #expect(found.contains(Eigenvalue(real: value.real, imaginary: -value.imaginary)))
    }
    #expect(found.map(\.real) == found.map(\.real).sorted(by: >))
    // det(A - λ) vanishes at real ones.
    for value in found where value.imaginary == 0 && n <= 12 {
      let shifted = Matrix(rows: n, columns: n) { A[$0, $1] - ($0 == $1 ? value.real : 0) }
      #expect(abs(shifted.determinant) < 1e-10)
    }
  }

  @Test func symmetricMatricesAgreeWithTheirOwnMethod() {
    let B = scattered(30, seed: 5)
    let A = Matrix(rows: 30, columns: 30) { B[$0, $1] + B[$1, $0] }
    let found = A.eigenvalues
    for (value, known) in zip(found, A.symmetricEigenvalues.reversed()) {
      #expect(value.imaginary == 0)
      #expect(abs(value.real - known) < 1e-12)
    }
  }

  /// Badly scaled, but similar to a harmless matrix.
  @Test func balancingSavesSmallEigenvalues() {
    let A = Matrix(rows: 3, columns: 3, elements: [1, 1e9, 0, 1e-9, 2, 1e9, 0, 1e-9, 3])
    let plain = Matrix(rows: 3, columns: 3, elements: [1, 1, 0, 1, 2, 1, 0, 1, 3])
    expect(
      A.eigenvalues, plain.symmetricEigenvalues.reversed().map { ($0, 0) }, within: 1e-13)
  }

  /// A Jordan block of three: the cube root of rounding.
  @Test func defectiveMatrices() {
    let J = Matrix(rows: 3, columns: 3, elements: [2, 1, 0, 0, 2, 1, 0, 0, 2])
    let X = scattered(3, seed: 3)
    for value in (X * J * X.inverse!).eigenvalues {
      #expect((value.real - 2).magnitude < 1e-4 && value.imaginary.magnitude < 1e-4)
    }
  }
}

private func expect(
  _ found: [Eigenvalue], _ known: [(Double, Double)], within tolerance: Double,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(found.count == known.count, sourceLocation: sourceLocation)
  for (value, known) in zip(found, known) {
    #expect(
      abs(value.real - known.0) <= tolerance && abs(value.imaginary - known.1) <= tolerance,
      "\(value) is not \(known)", sourceLocation: sourceLocation)
  }
}
