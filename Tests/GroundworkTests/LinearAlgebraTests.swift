import Groundwork
import Testing

/// Numbers in -1 … 1 that look random and are the same everywhere.
private func scattered(_ rows: Int, _ columns: Int, seed: UInt64 = 7) -> Matrix {
  var state = seed
  return Matrix(rows: rows, columns: columns) { _, _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 11) * 0x1p-52 - 1
  }
}

private func largestDifference(_ a: Matrix, _ b: Matrix) -> Double {
  zip(a.elements, b.elements).map { abs($0 - $1) }.max() ?? 0
}

@Suite struct LinearAlgebraTests {
  /// Sizes on both sides of the blocks of four.
  @Test(arguments: [1, 2, 3, 4, 5, 7, 8, 9, 33, 64])
  func luSolves(n: Int) throws {
    let A = scattered(n, n)
    let lu = try #require(LU(A))
    let x = scattered(n, 1, seed: 9).column(0)
    let found = lu.solve(A * x)
    for i in 0..<n { #expect(abs(found[i] - x[i]) < 1e-11) }
    let inverse = try #require(A.inverse)
    #expect(largestDifference(A * inverse, .identity(n)) < 1e-11)
  }

  @Test func pivotsAreExchanged() throws {
    let A = Matrix(rows: 3, columns: 3, elements: [0, 2, 1, 1, 0, 0, 3, 0, 1])
    #expect(abs(A.determinant - -2) < 1e-15)
    let x = try #require(A.solve([4, 1, 5]))
    for (found, known) in zip(x, [1.0, 1, 2]) { #expect(abs(found - known) < 1e-15) }
  }

  @Test func determinants() {
    #expect(Matrix.identity(5).determinant == 1)
    #expect(Matrix(rows: 0, columns: 0).determinant == 1)
    // The Hilbert matrix of order 4: 1/6,048,000.
    let hilbert = Matrix(rows: 4, columns: 4) { 1 / Double($0 + $1 + 1) }
    #expect(abs(hilbert.determinant * 6_048_000 - 1) < 1e-11)
    let permuted = Matrix(rows: 6, columns: 6) { $1 == ($0 + 1) % 6 ? 1 : 0 }
    #expect(permuted.determinant == -1)
  }

  @Test func singularMatricesHaveNoInverse() {
    #expect(Matrix(rows: 3, columns: 3).inverse == nil)
    #expect(Matrix(rows: 2, columns: 2, elements: [1, 2, 2, 4]).solve([1, 1]) == nil)
    #expect(Matrix(rows: 2, columns: 2, elements: [.nan, 2, 2, 4]).inverse == nil)
    #expect(Matrix(rows: 2, columns: 2, elements: [1, 2, 2, 4]).determinant == 0)
  }

  @Test func choleskyFactors() throws {
    let B = scattered(9, 9)
    let A = B * B.transpose
    let cholesky = try #require(Cholesky(A))
    #expect(largestDifference(cholesky.lower * cholesky.lower.transpose, A) < 1e-14)
    let x = cholesky.solve(A * [1, 2, 3, 4, 5, 6, 7, 8, 9])
    for i in 0..<9 { #expect(abs(x[i] - Double(i + 1)) < 1e-8) }
    #expect(Cholesky(Matrix(rows: 2, columns: 2, elements: [1, 2, 2, 1])) == nil)
  }

  @Test(arguments: [1, 2, 3, 10, 57])
  func eigenvectorsDiagonalise(n: Int) {
    let B = scattered(n, n)
    let A = Matrix(rows: n, columns: n) { B[$0, $1] + B[$1, $0] }
    let eigen = SymmetricEigen(A)
    let V = eigen.vectors
    #expect(largestDifference(V.transpose * V, .identity(n)) < 1e-13)
    #expect(largestDifference(V.transpose * A * V, .diagonal(eigen.values)) < 1e-12)
    #expect(eigen.values == eigen.values.sorted())
    #expect(abs(eigen.values.reduce(1, *) / A.determinant - 1) < 1e-10)
  }

  @Test func eigenvaluesOfKnownMatrices() {
    // The second difference: 2 - 2 cos(π j/(n + 1)).
    let second = Matrix(rows: 3, columns: 3, elements: [2, -1, 0, -1, 2, -1, 0, -1, 2])
    let root2 = 2.0.squareRoot()
    for (value, known) in zip(second.symmetricEigenvalues, [2 - root2, 2, 2 + root2]) {
      #expect(abs(value - known) < 1e-15)
    }
    #expect(Matrix.diagonal([3, 1, 2]).symmetricEigenvalues == [1, 2, 3])
    #expect(Matrix(rows: 4, columns: 4, repeating: 0).symmetricEigenvalues == [0, 0, 0, 0])
    #expect(Matrix(rows: 2, columns: 2, repeating: .nan).symmetricEigenvalues[0].isNaN)
  }
}
