import TSS

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// `:save`: what worked, as a script that does it again.
extension Prompt {
  private static let heading = "# Inputs of a session of tss"

  func save(_ path: String) -> InputEnding {
    if path.isEmpty { return usage("save") }
    if TextFile.exists(path), let text = try? TextFile.read(path), !text.isEmpty,
      !text.hasPrefix(Self.heading)
    {
      say("\(path) exists and was not written by :save; remove it first, or take another name")
      return .failed
    }
    for index in inputs.indices { inputs[index].settleJobs() }
    let saved = SavedInputs(inputs.map { self.saved($0, into: path) })
    let script =
      "\(Self.heading) that ran to the end. \(seedRemark)\n" + needed(by: saved.script, path)
      + saved.script
    guard TextFile.write(script, to: path) else {
      say("\(path): \(TextFile.lastProblem)")
      return .failed
    }
    report(saved, path)
    // Whoever relies on the file should learn now that it does not run.
    let mistakes = session.engine.check(script, name: path)
    if let first = mistakes.first {
      say("this file does not run yet:")
      report(first)
    }
    return .done
  }

  private var seedRemark: String {
    "Where a call names no\n# seed, its random numbers are those of seed=1; the session's own seed "
      + "was \(session.seed)."
  }

  private func report(_ saved: SavedInputs, _ path: String) {
    let count = saved.isKept.count { $0 }
    say("\(count) input\(count == 1 ? "" : "s") written to \(path)")
    let lost = inputs.indices.filter {
      ending(of: inputs[$0]) == .done && !saved.isKept[$0]
    }.map { "\($0 + 1)" }
    if !lost.isEmpty {
      let list = lost.joined(separator: ", ")
      say(
        "left out, since \(lost.count == 1 ? "it reads" : "they read") what a stopped or failed "
          + "input left behind: \(list)")
    }
  }

  private func saved(_ input: SessionInput, into path: String) -> SavedInput {
    var text = withAbsolutePaths(input.text, of: input.file, into: path)
    if let file = input.file { text = "# \(file)\n" + text.trimmingSpaces }
    // What was forgotten has left nothing behind, so that nothing can read it.
    let shape = input.isForgotten ? nil : session.shape(of: text)
    return SavedInput(
      text: text, ending: ending(of: input), givesResult: input.givesResult && !input.isForgotten,
      shape: shape)
  }

  /// One whose job has failed, or was cancelled, would stop the script and the job again: it counts
  /// as stopped, since it has bound its names.
  private func ending(of input: SessionInput) -> InputEnding {
    if input.isForgotten { return .failed }
    return input.hasLostJob ? .stopped : input.ending ?? .stopped
  }

  /// The scripts that ran before the first input, if the inputs use their names.
  private func needed(by script: String, _ path: String) -> String {
    let words = Set(ProgramWord.all(in: script).map { Session.canonicalName($0.text) })
    return scripts.filter { !(session.shape(of: $0.text)?.binds ?? []).isDisjoint(with: words) }
      .map {
        "# \($0.name)\n\(withAbsolutePaths($0.text, of: $0.name, into: path).trimmingSpaces)\n"
      }
      .joined()
  }

  /// `use "file.tss"` means a file beside the one that says so: where that is another folder, the
  /// path is written out.
  private func withAbsolutePaths(_ text: String, of file: String?, into path: String) -> String {
    guard let uses = session.shape(of: text)?.usedFiles, !uses.isEmpty else { return text }
    let folder = Self.folder(of: file ?? "")
    guard let home = folder, home != Self.folder(of: path) else { return text }
    var bytes = Array(text.utf8)
    for use in uses.reversed() where !use.path.hasPrefix("/") {
      bytes.replaceSubrange(use.range, with: Array("\"\(home)/\(use.path)\"".utf8))
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The folder of a file, from the root on; nil where it is gone.
  private static func folder(of path: String) -> String? {
    let end = path.lastIndex(of: "/")
    let folder = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    guard let full = realpath(folder, nil) else { return nil }
    defer { free(full) }
    return String(cString: full)
  }
}
