import TSS
import TestSupport
import Testing

/// Handwritten digits (see `Tests/TSSDataTests/Fixtures/make.py`) as a user trains on them.
@Suite struct RealInputsTests {
  private func value(_ program: String) throws -> String {
    let folder = Programs.root.appending(path: "Tests/TSSDataTests/Fixtures").path
    let session = Engine().session(output: .capture, environment: .init(directory: folder))
    try session.eval(
      "X = load(\"digits-images-idx3-ubyte.gz\"); y = load(\"digits-labels-idx1-ubyte\")\n"
        + program, name: "digits.tss", mode: .file)
    return session.output
  }

  @Test(arguments: [
    ("[count(X), count(y), X[1, 3], max(y)]", "[115008, 1797, 5, 9]"),
    // A teacher labels the images; the student learns it, label noise aside.
    (
      """
      r = sgd(student(3, init=normal(0.5)), teacher(2, σ=0.1), inputs=X, η=0.3, time=300, points=20)
      print(r.N, r.P, r.eg[1] > 0.2, r.eg[-1] < 0.01, 0.003 < r.train[-1], r.train[-1] < 0.02)
      print(r.test == r.eg, round(r.epochs[-1], 2), r.T == identity(2))
      """, "64 1438 true true true true\ntrue 13.35 true"
    ),
    // Their own labels: even or odd. Without a teacher R and T are empty.
    (
      """
      parity = [if mod(d, 2) == 0 { 1 } else { -1 } for d in y]
      r = sgd(student(6, init=normal(0.5)), inputs=X, labels=parity, test=297, samples=1000, η=0.2, η_v=0.2, time=400, points=10)
      print(r.P, r.M, r.eg[-1] < 0.15, r.train[-1] < r.eg[-1], r.R[-1])
      r
      """,
      """
      1000 0 true true [; ; ; ; ; ]
      """
    ),
    // The same data as a list of rows, of images, and as the columns of a file.
    (
      """
      S = student(2); T = teacher(2)
      small = X[1:50, :]
      a = sgd(S, T, inputs=small, η=0.2, time=2)
      b = sgd(S, T, inputs=rows(small), η=0.2, time=2)
      c = sgd(S, T, inputs=[matrix([[x for x in rows(small)[i]]]) for i in 1:50], η=0.2, time=2)
      print(a.eg == b.eg, b.eg == c.eg, a.train == c.train)
      p = sgd(S, inputs=(u=[1, 2, 3, 5], label=[1, 0, 1, 0], w=[0, 1, 1, 2], q=[1, 4, 9, 1]), labels="label", η=0.1, time=2)
      print(p.N, p.P, p.eg == sgd(S, inputs=[1, 0, 1; 2, 1, 4; 3, 1, 9; 5, 2, 1], labels=[1, 0, 1, 0], η=0.1, time=2).eg)
      """, "true true true\n3 3 true"
    ),
    // A run's set is repeated, another size of it is a part, and the held-out rows stay.
    (
      """
      r = sgd(student(2), teacher(2), inputs=X/16, standardise=false, samples=200, η=0.2, time=3, seed=1:2, at=[0, 3])
      print(sgd(r).train == r.train, sgd(r, samples=400).eg[1] == r.eg[1], sgd(r, samples=400).P)
      """, "true true 400"
    ),
  ])
  func digits(program: String, output: String) throws {
    let printed = try value(program)
    #expect(printed.hasPrefix(output), "\(printed)")
  }
}
