import TSSLanguage
import TSSLibrary
import Testing

@Suite struct MatrixTests {
  @Test func shapes() throws {
    #expect(try text("identity", 2) == "[1, 0; 0, 1]")
    #expect(try text("diag", rows([1, 2], [3, 4])) == "[1, 4]")
    #expect(try text("diag", [1, 2]) == "[1, 0; 0, 2]")
    #expect(try text("transpose", rows([1, 2, 3])) == "[1; 2; 3]")
    #expect(try text("transpose", [1, 2]) == "[1, 2;]")
    #expect(try text("size", rows([1, 2, 3])) == "[1, 3]")
    #expect(try text("rows", rows([1, 2], [3, 4])) == "[[1, 2], [3, 4]]")
    #expect(try text("columns", rows([1, 2], [3, 4])) == "[[1, 3], [2, 4]]")
    #expect(try text("matrix", [[1, 2], [3, 4]]) == "[1, 2; 3, 4]")
    #expect(try text("matrix", [1, 2, 3, 4], named: ["columns": 1]) == "[1; 2; 3; 4]")
    #expect(
      failure("matrix", [[1, 2], [3]])?.message
        == "row 2 has 1 elements, the rows before have 2")
    #expect(failure("matrix", [1, 2])?.help.first?.contains("matrix([xs])") == true)
  }

  @Test func algebra() throws {
    #expect(try text("det", rows([1, 2], [3, 4])) == "-2")
    #expect(try text("det", rows([1, 2], [2, 4])) == "0")
    #expect(try text("inv", rows([2, 0], [0, 4])) == "[0.5, 0; 0, 0.25]")
    #expect(try text("solve", rows([2, 0], [0, 4]), [2, 2]) == "[1, 0.5]")
    #expect(try text("solve", rows([2, 0], [0, 4]), rows([2], [4])) == "[1; 1]")
    #expect(try text("trace", rows([1, 2], [3, 4])) == "5")
    #expect(try text("dot", [1, 2], [3, 4]) == "11")
    #expect(try text("outer", [1, 2], [3, 4]) == "[3, 4; 6, 8]")
    #expect(failure("inv", rows([1, 2], [2, 4]))?.code == "singular")
    #expect(failure("solve", rows([1, 2], [3, 4]), [1])?.code == "shape")
    #expect(
      failure("det", rows([1, 2]))?.message == "`det` needs a square matrix, not a 1×2 one")
  }

  @Test func norms() throws {
    #expect(try text("norm", [3, 4]) == "5")
    #expect(
      try text("norm", [.number(0x3p600), .number(0x4p600)]) == Value.number(0x5p600).printed())
    #expect(try text("norm", rows([1, 2], [2, 4])) == "5")
    #expect(try text("norm", [3, -4], .number(.infinity)) == "4")
    #expect(try text("norm", []) == "0")
    #expect(try text("norm", [1, .number(.nan)]) == "nan")
  }

  @Test func choleskyNeedsAPositiveMatrix() throws {
    #expect(try text("cholesky", rows([4, 2], [2, 5])) == "[2, 0; 1, 2]")
    #expect(
      failure("cholesky", rows([1, 2], [2, 1]))?.message == "the matrix is not positive definite")
    #expect(failure("cholesky", rows([1, 2], [3, 9]))?.help.first == "cholesky((A + A')/2)")
  }

  @Test func eigenvaluesNeedSymmetry() throws {
    guard case .record(let result) = try run("eig", rows([2, 1], [1, 2])) else { return }
    #expect(try text("round", result["values"]!, 12) == "[1, 3]")
    #expect(
      failure("eig", rows([1, 2], [3, 4]))?.message
        == "`eig` needs a symmetric matrix; A and A' differ by up to 1")
  }
}
