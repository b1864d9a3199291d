import Groundwork
import Testing

/// Factorisations of large matrices take seconds, and give up where they are told to.
@Suite struct StoppingTests {
  private let matrix = Matrix(rows: 40, columns: 40) { i, j in
    1 / Double(i + j + 1) + (i == j ? 1 : 0)
  }

  /// Says yes at the `count`-th question.
  private final class Patience {
    var questions = 0
    let limit: Int
    init(_ limit: Int) { self.limit = limit }

    func isOver() -> Bool {
      questions += 1
      return questions >= limit
    }
  }

  @Test func givesUpAtOnce() {
    #expect(LU(matrix, shouldStop: { true }) == nil)
    #expect(Cholesky(matrix, shouldStop: { true }) == nil)
    #expect(SymmetricEigen(matrix, shouldStop: { true }) == nil)
    #expect(matrix.times(matrix, shouldStop: { true }) == nil)
    #expect(matrix.inverse(shouldStop: { true }) == nil)
  }

  @Test func givesUpOnTheWay() {
    // Reducing 40 rows and joining their reflections asks 39 times each, the iterations after that.
    for limit in [2, 39, 41, 78, 80] {
      let patience = Patience(limit)
      #expect(SymmetricEigen(matrix, shouldStop: patience.isOver) == nil)
      #expect(patience.questions == limit)
    }
    // 10 blocks of four columns, then 40 right-hand sides.
    for limit in [10, 11, 50] {
      let patience = Patience(limit)
      #expect(matrix.inverse(shouldStop: patience.isOver) == nil)
      #expect(patience.questions == limit)
    }
  }

  @Test func asksWithoutChangingTheResult() throws {
    let patience = Patience(.max)
    #expect(matrix.inverse(shouldStop: patience.isOver) == matrix.inverse)
    #expect(matrix.times(matrix, shouldStop: patience.isOver) == matrix * matrix)
    #expect(
      SymmetricEigen(matrix, shouldStop: patience.isOver)?.values == matrix.symmetricEigenvalues)
    #expect(patience.questions > 150)
  }
}
