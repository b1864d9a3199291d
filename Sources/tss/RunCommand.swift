import TSS
import TSSPrompt

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Runs programs for the command line; each function gives the exit status.
struct RunCommand {
  let console: Console
  let threads: Int?

  private func makeSession() -> Session {
    var environment = Environment(
      terminal: console.traits, note: { [console] text in console.note(text) })
    if let threads { environment.threads = threads }
    return Engine().session(output: console.output, environment: environment)
  }

  // MARK: What runs

  func prompt(isQuiet: Bool) -> Int32 {
    if !isQuiet { StandardStream.output.write(Prompt.banner(version: Options.versionNumber)) }
    return goOn(makeSession())
  }

  func file(_ path: String, arguments: [String], thenPrompt: Bool) -> Int32 {
    guard let text = read(path) else { return 2 }
    let session = makeSession()
    session.script = path
    session["args"] = arguments
    let status = run(text, name: path, in: session)
    return thenPrompt
      ? goOn(session, after: status == 0 ? [(path, text)] : [])
      : finishJobs(of: session, after: status)
  }

  func code(_ pieces: [String], arguments: [String], thenPrompt: Bool) -> Int32 {
    let session = makeSession()
    session["args"] = arguments
    var status: Int32 = 0
    var done: [(name: String, text: String)] = []
    for piece in pieces {
      status = run(piece, name: "<command line>", in: session)
      if status != 0 { break }
      done.append(("-e", piece))
    }
    return thenPrompt
      ? goOn(session, after: done) : finishJobs(of: session, after: status)
  }

  func standardInput(arguments: [String]) -> Int32 {
    let text: String
    do { text = try TextFile.read(descriptor: 0, name: "standard input") } catch {
      console.note("tss: \(error.message)")
      return 2
    }
    let session = makeSession()
    session["args"] = arguments
    let status = run(text, name: "<stdin>", in: session)
    return finishJobs(of: session, after: status)
  }

  func check(files: [String], code: [String]) -> Int32 {
    var isClean = true
    for path in files {
      guard let text = read(path) else {
        isClean = false
        continue
      }
      if !check(text, name: path, in: makeSession()) { isClean = false }
    }
    let session = makeSession()
    for piece in code where !check(piece, name: "<command line>", in: session) { isClean = false }
    return isClean ? 0 : 2
  }

  // MARK: How

  private func read(_ path: String) -> String? {
    do { return try TextFile.read(path) } catch {
      console.note("tss: \(error.message)")
      return nil
    }
  }

  private func check(_ text: String, name: String, in session: Session) -> Bool {
    if session["args"] as [String]? == nil { session["args"] = [String]() }
    let found = session.check(text, name: name, mode: .file)
    for (index, diagnostic) in found.enumerated() {
      if index > 0 { console.note("") }
      console.report(diagnostic)
    }
    return found.isEmpty
  }

  private func run(_ text: String, name: String, in session: Session) -> Int32 {
    guard check(text, name: name, in: session) else { return 2 }
    var status: Int32 = 0
    do {
      try console.watching(session) { () throws(Diagnostic) in
        try session.eval(text, name: name, mode: .file)
      }
      // An engine that was stopped gives what it has; the script may have ended with that.
      if !console.isOpen { return 1 }
      if session.partial != nil { status = interrupted() }
    } catch {
      // The output cannot be written any more: that was the interruption.
      if !console.isOpen { return 1 }
      if case .interrupted = error.stage {
        status = interrupted()
      } else {
        console.report(error)
        status = error.exitStatus
      }
    }
    console.report(failedCells: session.failedCells)
    return session.failedCells.isEmpty ? status : max(status, 1)
  }

  /// Waits for the jobs that a program has left running; a program that failed ends them.
  private func finishJobs(of session: Session, after status: Int32) -> Int32 {
    defer { session.cancelJobs() }
    if status != 0 || session.jobs.isEmpty { return status }
    do {
      let failures = try console.watching(session) { () throws(Diagnostic) in
        try session.waitForJobs()
      }
      console.report(failedCells: failures)
      return failures.isEmpty ? 0 : 1
    } catch {
      return console.isOpen ? interrupted() : 1
    }
  }

  private func interrupted() -> Int32 {
    // The terminal has written ^C.
    console.note(isatty(0) == 1 ? "\ninterrupted" : "interrupted")
    return 130
  }

  private func goOn(
    _ session: Session, after scripts: [(name: String, text: String)] = []
  ) -> Int32 {
    Prompt(session: session, console: console, scripts: scripts).run()
    return console.isOpen ? 0 : 1
  }
}
