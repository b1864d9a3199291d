import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Runs that are saved as they go: killed, stopped or damaged, and started again.
@Suite struct CheckpointTests {
  private let folder = TemporaryFolder()

  /// Saves so often that a test need not wait.
  private let often = ["TSS_CHECKPOINT_SECONDS": "0.01"]

  private static let networks = "student(2), teacher(2, σ=0.1), η = α -> 0.5/(1 + α/1e5)"
  static let engines = [
    "sgd(\(networks), N=200, time=3000",
    "sgd(\(networks), N=1e4, time=60, method=reduced, seed=1:3",
    "ode(student(5), teacher(5, σ=0.1), η_w=0.3, η_v=0.1, time=1000, tol=1e-11",
  ]

  private func text(_ name: String) -> String { pipeline("cat '\(folder.path)/\(name)'") }

  private func exists(_ name: String) -> Bool { access("\(folder.path)/\(name)", F_OK) == 0 }

  /// Starts the code, and sends the signal as soon as something is saved.
  private func strike(_ code: String, _ signal: Int32, whenThereIs name: String) -> Int32 {
    let child = Start.spawn(["-e", code], often, inNewSession: false) { actions in
      for descriptor in 0...2 as ClosedRange<Int32> {
        posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
      }
    }
    for _ in 0..<5000 where !exists(name) { usleep(2000) }
    kill(child, signal)
    return Start.status(of: child)
  }

  @Test(arguments: engines, [SIGKILL, SIGINT])
  func runsGoOnToTheSameBits(engine: String, signal: Int32) {
    func code(_ checkpoint: String, _ result: String) -> String {
      "save(\(engine)\(checkpoint)), \"\(folder.path)/\(result)\")"
    }
    #expect(tss(["-e", code("", "plain.csv")]).status == 0)
    let kept = code(", checkpoint=\"\(folder.path)/a.ckpt\"", "kept.csv")
    let file = engine.contains("seed=") ? "a.ckpt/seed-1.npz" : "a.ckpt"
    let status = strike(kept, signal, whenThereIs: file)
    #expect(status == (signal == SIGKILL ? 128 + SIGKILL : 130))
    #expect(exists(file) && !exists("kept.csv"))
    let again = tss(["-e", kept], environment: often)
    #expect(again.status == 0)
    #expect(again.errors.contains("continuing `\(folder.path)/a.ckpt`"))
    #expect(text("kept.csv") == text("plain.csv"))
    #expect(text("plain.csv").split(separator: "\n").count > 100)
    let finished = tss(["-e", kept])
    #expect(finished.errors.contains("finished"))
    #expect(text("kept.csv") == text("plain.csv"))
    #expect(pipeline("ls -A '\(folder.path)'").contains(".lock") == false)
  }

  private func short(_ changes: String = "", η: String = "0.5") -> Outcome {
    tss(
      [
        "-e",
        "f(α) = \(η); print(sgd(student(2), teacher(2), η=f, N=50, time=3\(changes), "
          + "checkpoint=\"\(folder.path)/a.ckpt\").eg[-1])",
      ])
  }

  @Test func otherExperimentsAreRefused() {
    let first = short()
    #expect(first.status == 0)
    for (changes, words) in [
      (", seed=2", "seed is 1 there and 2 here"), (", batch=3", "batch is 1 there and 3 here"),
      (", decay=0.1", "decay is 0 there and 0.1 here"), (", points=50", "recorded"),
    ] {
      let other = short(changes)
      #expect(other.status == 1)
      #expect(other.errors.contains("is of another experiment: "))
      #expect(other.errors.contains(words), "\(other.errors)")
      #expect(other.errors.contains("help: delete it"))
    }
    #expect(short(η: "0.25").errors.contains("is of another experiment: "))
    #expect(short().output == first.output)
  }

  /// What `until` and σ read from outside, at any depth, is part of the experiment.
  @Test func capturedValuesAreCompared() {
    func run(tol: String = "1e-3", scale: String = "1", sigma: String = "0.1") -> Outcome {
      tss([
        "-e",
        "tol = \(tol); f(x) = \(scale)*x; s = \(sigma); g = exp; "
          + "done(r) = f(r.eg) < tol; p = phase(9, η=0.5, until = r -> done(r) and g(r.α) > 2); "
          + "sgd(student(1), teacher(1, σ = t -> if t > 1e6 { s } else { 0 }), plan=[p], N=50, "
          + "checkpoint=\"\(folder.path)/a.ckpt\").eg[-1]",
      ])
    }
    let first = run()
    #expect(first.status == 0)
    let again = run()
    #expect(again.status == 0 && again.output == first.output)
    #expect(again.errors.contains("holds this run, finished"))
    let other = run(tol: "1e-4")
    #expect(other.status == 1)
    #expect(other.errors.contains("is of another experiment: "))
    #expect(other.errors.contains("tol = 0.001") && other.errors.contains("tol = 0.0001"))
    #expect(run(scale: "2").errors.contains("f(x) = 2*x"))
    #expect(run(sigma: "0.2").errors.contains("with s = 0.1"))
  }

  @Test func damagedFilesAreRefused() {
    #expect(short().status == 0)
    let path = "\(folder.path)/a.ckpt"
    for damage in [
      "printf x | dd of='\(path)' bs=1 seek=2000 conv=notrunc", "truncate -s 3000 '\(path)'",
      "truncate -s 0 '\(path)'", "echo nonsense > '\(path)'",
    ] {
      _ = pipeline("cp '\(path)' '\(path).whole'; \(damage)")
      let outcome = short()
      #expect(outcome.status == 1, "\(damage)")
      #expect(outcome.errors.contains("cannot be continued: not valid"), "\(outcome.errors)")
      _ = pipeline("mv '\(path).whole' '\(path)'")
    }
    #expect(short().status == 0)
  }

  @Test func cellsOfASweepHaveFilesOfTheirOwn() {
    func sweep(_ name: String) -> Outcome {
      tss([
        "--threads", "2", "-e",
        "print(sweep K in 1:3 { sgd(student(K), teacher(2), η=0.5, N=100, time=2, "
          + "checkpoint=\"\(folder.path)/\(name)\").eg[-1] })",
      ])
    }
    let first = sweep("K-{K}.ckpt")
    #expect(first.status == 0)
    #expect(exists("K-1.ckpt") && exists("K-2.ckpt") && exists("K-3.ckpt"))
    #expect(sweep("K-{K}.ckpt").output == first.output)
    let same = sweep("same.ckpt")
    #expect(
      same.errors.contains("is being written by another run now")
        || same.errors.contains("is of another experiment"))
  }

  @Test func whatCannotBeWrittenIsSaidAtOnce() {
    let outcome = tss(["-e", "\(Self.engines[0]), checkpoint=\"/nonexistent/a.ckpt\")"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("cannot write"))
  }
}
