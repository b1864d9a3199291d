import Groundwork
import TSSLanguage

/// Linear algebra beyond the operators.
extension Call {
  /// A matrix that the function requires.
  func matrix(_ index: Int) throws(Diagnostic) -> Matrix {
    guard case .matrix(let matrix) = try value(index) else {
      var help: String?
      if case .list = values[index] { help = "a list of rows becomes a matrix by matrix(xs)" }
      throw mismatch(function.signature.parameters[index].name, wants: "a matrix", help: help)
    }
    return matrix
  }

  func squareMatrix(_ index: Int) throws(Diagnostic) -> Matrix {
    let matrix = try matrix(index)
    guard matrix.isSquare else {
      throw error(
        "`\(function.name!)` needs a square matrix, not a \(matrix.rows)×\(matrix.columns) one",
        code: "shape", at: function.signature.parameters[index].name)
    }
    return matrix
  }

  /// A square matrix that is symmetric up to rounding.
  func symmetricMatrix(_ index: Int) throws(Diagnostic) -> Matrix {
    let matrix = try squareMatrix(index)
    let scale = matrix.elements.reduce(0) { max($0, $1.magnitude) }
    guard matrix.asymmetry <= 1e-10 * scale || !scale.isFinite else {
      throw error(
        "`\(function.name!)` needs a symmetric matrix; A and A' differ by up to "
          + matrix.asymmetry.printed, at: function.signature.parameters[index].name,
        help: "\(function.name!)((A + A')/2)")
    }
    return matrix
  }

  /// A list of numbers, or a matrix of one row or column.
  func vector(_ index: Int) throws(Diagnostic) -> [Double] {
    if case .matrix(let matrix) = try value(index), min(matrix.rows, matrix.columns) > 1 {
      throw mismatch(function.signature.parameters[index].name, wants: "a list of numbers")
    }
    return try numbers(index)
  }
}

extension StandardVocabulary {
  private static let A = Parameter.required("A", "a square matrix")

  static func installMatrices(in v: inout Vocabulary) {
    installShapes(in: &v)
    installProducts(in: &v)
    v.define(
      "det", [A], result: "number", about: "The determinant, by LU decomposition.",
      examples: [("det([1, 2; 3, 4])", "-2")], seeAlso: ["inv", "trace"]
    ) { call throws(Diagnostic) in
      let A = try call.squareMatrix(0)
      // Elimination cannot tell a matrix that is not finite from a singular one.
      guard A.elements.allSatisfy(\.isFinite) else { return .number(.nan) }
      let factorisation = LU(A, shouldStop: call.shouldStop)
      try call.context.poll()
      return .number(factorisation?.determinant ?? 0)
    }
    v.define(
      "inv", [A], result: "matrix",
      about: "The inverse, also written `A^-1`; a singular matrix is an error.",
      examples: [("inv([2, 0; 0, 4])", "[0.5, 0; 0, 0.25]")], seeAlso: ["solve", "det"]
    ) { call throws(Diagnostic) in
      let A = try call.squareMatrix(0)
      guard let inverse = A.inverse(shouldStop: call.shouldStop) else {
        try call.context.poll()
        throw call.error("the matrix is singular: it has no inverse", code: "singular", at: "A")
      }
      return .matrix(inverse)
    }
    v.define(
      "solve", [A, .required("b", "a list, or a matrix whose columns are right-hand sides")],
      about: "The solution x of A*x = b, more accurate than `inv(A)*b`.",
      examples: [("solve([2, 0; 0, 4], [2, 2])", "[1, 0.5]")], seeAlso: ["inv"]
    ) { call throws(Diagnostic) in
      let A = try call.squareMatrix(0)
      let singular = call.error(
        "the matrix is singular: A*x = b has no unique solution", code: "singular", at: "A")
      func check(_ rows: Int) throws(Diagnostic) {
        guard rows == A.rows else {
          throw call.error(
            "a \(A.rows)×\(A.columns) matrix and a right-hand side of \(rows) rows",
            code: "shape", at: "b")
        }
      }
      switch try call.value(1) {
      case .matrix(let B):
        try check(B.rows)
        let X = LU(A, shouldStop: call.shouldStop)?.solve(B, shouldStop: call.shouldStop)
        try call.context.poll()
        guard let X else { throw singular }
        return .matrix(X)
      default:
        let b = try call.numbers(1)
        try check(b.count)
        let x = LU(A, shouldStop: call.shouldStop)?.solve(b)
        try call.context.poll()
        guard let x else { throw singular }
        return Value(x)
      }
    }
    v.define(
      "eig", [.required("A", "a symmetric matrix")], result: "record",
      about:
        "Eigenvalues of a symmetric matrix in increasing order, and eigenvectors as the columns "
        + "of an orthogonal matrix: a record (values, vectors).",
      examples: [("eig([2, 1; 1, 2]).values", "[1, 3]")], seeAlso: ["det", "norm"]
    ) { call throws(Diagnostic) in
      let A = try call.symmetricMatrix(0)
      let system = SymmetricEigen(A, shouldStop: call.shouldStop)
      try call.context.poll()
      guard let system else { return .nothing }
      return .record(
        Record([("values", Value(system.values)), ("vectors", .matrix(system.vectors))]))
    }
    v.define(
      "cholesky", [.required("A", "a symmetric, positive definite matrix")], result: "matrix",
      about: "The lower triangular matrix L with L*L' = A: a square root of a covariance matrix.",
      examples: [("cholesky([4, 2; 2, 5])", "[2, 0; 1, 2]")], seeAlso: ["eig", "randn"]
    ) { call throws(Diagnostic) in
      let A = try call.symmetricMatrix(0)
      guard let factorisation = Cholesky(A, shouldStop: call.shouldStop) else {
        try call.context.poll()
        throw call.error("the matrix is not positive definite", code: "singular", at: "A")
      }
      return .matrix(factorisation.lower)
    }
    v.define(
      "trace", [A], result: "number", about: "The sum of the diagonal.",
      examples: [("trace([1, 2; 3, 4])", "5")], seeAlso: ["diag", "det"]
    ) { call throws(Diagnostic) in .number(try call.squareMatrix(0).diagonal.reduce(0, +)) }
    v.define(
      "norm",
      [
        .required("x", "a list or a matrix of numbers"),
        .optional("p", "2", "1 for the sum of the absolute values, `inf` for the largest"),
      ], result: "number",
      about: "The Euclidean length of a list; of a matrix, the Frobenius norm.",
      examples: [("norm([3, 4])", "5"), ("norm([3, -4], inf)", "4")], seeAlso: ["dot", "hypot"]
    ) { call throws(Diagnostic) in
      let xs = try call.numbers(0)
      let p = try call.optionalNumber("p") ?? 2
      let largest = xs.reduce(0) { $1.isNaN ? $1 : max($0, $1.magnitude) }
      switch p {
      case 1: return .number(xs.reduce(0) { $0 + $1.magnitude })
      case .infinity: return .number(largest)
      case 2:
        guard largest > 0, largest.isFinite else { return .number(largest) }
        // Scaled, so that the squares neither overflow nor vanish.
        let scale = Double(sign: .plus, exponent: largest.exponent, significand: 1)
        return .number(scale * xs.reduce(0) { $0 + $1 / scale * ($1 / scale) }.squareRoot())
      default: throw call.error("`p` is 1, 2 or inf, not \(p.printed)", at: "p")
      }
    }
  }

  private static func installProducts(in v: inout Vocabulary) {
    let x = Parameter.required("x", "a list of numbers")
    let y = Parameter.required("y", "a list of numbers")
    v.define(
      "dot", [x, y], result: "number", about: "The sum of the products of the elements.",
      examples: [("dot([1, 2], [3, 4])", "11")], seeAlso: ["outer", "norm"]
    ) { call throws(Diagnostic) in
      let (x, y) = (try call.vector(0), try call.vector(1))
      guard x.count == y.count else {
        throw call.error(
          "`dot` of lists of \(x.count) and of \(y.count) elements", code: "shape", at: "y")
      }
      return .number(zip(x, y).reduce(0) { $0 + $1.0 * $1.1 })
    }
    v.define(
      "outer", [x, y], result: "matrix",
      about: "The matrix of all products of an element of x (row) and one of y (column).",
      examples: [("outer([1, 2], [3, 4])", "[3, 4; 6, 8]")], seeAlso: ["dot"]
    ) { call throws(Diagnostic) in
      let (x, y) = (try call.vector(0), try call.vector(1))
      try call.checkSize(Double(x.count) * Double(y.count), at: "y")
      return .matrix(Matrix(rows: x.count, columns: y.count) { x[$0] * y[$1] })
    }
  }

  private static func installShapes(in v: inout Vocabulary) {
    let matrix = Parameter.required("A", "a matrix")
    v.define(
      "identity", [.required("n", "rows and columns")], result: "matrix",
      about: "The identity matrix.", examples: [("identity(2)", "[1, 0; 0, 1]")],
      seeAlso: ["diag", "zeros"]
    ) { call throws(Diagnostic) in
      let n = try size(call, "n")
      try call.checkSize(Double(n) * Double(n), at: "n")
      return .matrix(.identity(n))
    }
    v.define(
      "diag", [.required("x", "a matrix, or the list that becomes the diagonal")],
      about: "The diagonal of a matrix as a list; of a list, the diagonal matrix.",
      examples: [("diag([1, 2; 3, 4])", "[1, 4]"), ("diag([1, 2])", "[1, 0; 0, 2]")],
      seeAlso: ["trace", "identity"]
    ) { call throws(Diagnostic) in
      if case .matrix(let matrix) = try call.value(0) { return Value(matrix.diagonal) }
      let values = try call.numbers(0)
      try call.checkSize(Double(values.count) * Double(values.count), at: "x")
      return .matrix(.diagonal(values))
    }
    v.define(
      "transpose", [.required("A", "a matrix, or a list, which becomes a row")], result: "matrix",
      about: "Rows and columns exchanged, also written `A'`.",
      examples: [("transpose([1, 2; 3, 4])", "[1, 3; 2, 4]")], seeAlso: ["rows", "columns"]
    ) { call throws(Diagnostic) in
      if case .list = try call.value(0) {
        let row = try call.numbers(0)
        return .matrix(Matrix(rows: 1, columns: row.count, elements: row))
      }
      return .matrix(try call.matrix(0).transpose)
    }
    v.define(
      "size", [.required("A", "a matrix, a list, a table or a string")], result: "list",
      about: "Rows and columns of a matrix; the length of a list; of a table, that of each axis.",
      examples: [("size([1, 2, 3; 4, 5, 6])", "[2, 3]")], seeAlso: ["count"]
    ) { call throws(Diagnostic) in
      switch try call.value(0) {
      case .matrix(let matrix): return Value([Double(matrix.rows), Double(matrix.columns)])
      case .list(let elements): return Value([Double(elements.count)])
      case .table(let table): return Value(table.axes.map { Double($0.values.count) })
      case .string(let string): return Value([Double(string.count)])
      default: throw call.mismatch("A", wants: "a matrix, a list or a table")
      }
    }
    v.define(
      "rows", [matrix], result: "list", about: "The rows of a matrix as a list of lists.",
      examples: [("rows([1, 2; 3, 4])", "[[1, 2], [3, 4]]")], seeAlso: ["columns", "matrix"]
    ) { call throws(Diagnostic) in
      let A = try call.matrix(0)
      return .list((0..<A.rows).map { Value(A.row($0)) })
    }
    v.define(
      "columns", [matrix], result: "list", about: "The columns of a matrix as a list of lists.",
      examples: [("columns([1, 2; 3, 4])", "[[1, 3], [2, 4]]")], seeAlso: ["rows", "matrix"]
    ) { call throws(Diagnostic) in
      let A = try call.matrix(0)
      return .list((0..<A.columns).map { Value(A.column($0)) })
    }
    v.define(
      "matrix",
      [
        .required("xs", "a list of rows, or of numbers row by row"),
        .optional("columns", "", "how many columns, for a list of numbers", isNamedOnly: true),
      ], result: "matrix", about: "A matrix from a list of equally long lists of numbers.",
      examples: [
        ("matrix([[1, 2], [3, 4]])", "[1, 2; 3, 4]"),
        ("matrix(1:4, columns=2)", "[1, 2; 3, 4]"),
      ], seeAlso: ["rows", "flatten"], body: makeMatrix)
  }

  private static let makeMatrix: Builtin.Body = { call throws(Diagnostic) in
    if let columns = try call.optionalCount("columns", minimum: 1) {
      let numbers = try call.numbers(0)
      guard numbers.count % columns == 0 else {
        throw call.error(
          "\(numbers.count) numbers do not fill rows of \(columns)", code: "shape", at: "columns")
      }
      return .matrix(
        Matrix(rows: numbers.count / columns, columns: columns, elements: numbers))
    }
    if case .matrix = try call.value(0) { return try call.value(0) }
    guard case .list(let rows) = try call.value(0) else {
      throw call.mismatch("xs", wants: "a list of rows")
    }
    var elements: [Double] = []
    var columns: Int?
    for (index, row) in rows.enumerated() {
      let numbers: [Double]
      switch row {
      case .matrix(let matrix) where matrix.rows == 1: numbers = matrix.elements
      default:
        guard let list = row.numbers else {
          throw call.error(
            "`matrix` needs a list of rows, lists of numbers; element \(index + 1) is "
              + row.kindName, code: "type", at: "xs",
            help: "matrix([xs]) is one row, matrix(xs, columns=1) one column")
        }
        numbers = list
      }
      guard numbers.count == columns ?? numbers.count else {
        throw call.error(
          "row \(index + 1) has \(numbers.count) elements, the rows before have \(columns!)",
          code: "shape", at: "xs")
      }
      columns = numbers.count
      elements += numbers
    }
    return .matrix(Matrix(rows: rows.count, columns: columns ?? 0, elements: elements))
  }
}

extension Call {
  /// What the long computations of Groundwork ask now and then.
  fileprivate var shouldStop: () -> Bool {
    let interrupt = context.interrupt
    return { interrupt.isRequested }
  }
}
