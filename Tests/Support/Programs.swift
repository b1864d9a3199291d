import Foundation
import TSSLanguage

/// Where the programs of the tests lie.
public enum Programs {
  public static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// A folder of `Tests/Programs`.
  public static func folder(_ name: String) -> URL {
    root.appending(path: "Tests/Programs/\(name)")
  }

  /// The examples that users are given.
  public static let scripts = root.appending(path: "scripts")

  /// The programs of a folder, by name.
  public static func all(in folder: URL) -> [URL] {
    let files = try? FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    return (files ?? []).filter { $0.pathExtension == "tss" }.sorted { $0.path < $1.path }
  }

  public static func text(of program: URL) -> String {
    (try? String(decoding: Data(contentsOf: program), as: UTF8.self)) ?? ""
  }
}

/// Failing programs, each with its whole rendered message beside it: `NAME.tss`, `NAME.expected`.
///
/// `Tests/Programs/errors` itself holds what the parser refuses, `errors/check` and `errors/run`
/// what is found later, `errors/domain` what is wrong in the science.
/// `TSS_UPDATE_SNAPSHOTS=1 scripts/test` rewrites the messages, which are then to be read with a
/// critical eye.
public struct ErrorSnapshots {
  public private(set) var count = 0
  /// What differs, ready to be read; empty where all is as expected.
  public private(set) var problems: [String] = []

  /// Runs every program of a folder and compares what is said of it.
  public init(in folder: URL, diagnose: (Source) -> [Diagnostic]) throws {
    let isUpdating = ProcessInfo.processInfo.environment["TSS_UPDATE_SNAPSHOTS"] == "1"
    for program in Programs.all(in: folder) {
      count += 1
      let name = program.lastPathComponent
      let diagnostics = diagnose(Source(name: name, text: Programs.text(of: program)))
      let message = Renderer(color: false).render(diagnostics) + "\n"
      let snapshot = program.deletingPathExtension().appendingPathExtension("expected")
      if isUpdating {
        try Data(message.utf8).write(to: snapshot)
        continue
      }
      if diagnostics.isEmpty { problems.append("\(name) has no error") }
      if message != Programs.text(of: snapshot) { problems.append("\(name) says:\n\(message)") }
    }
  }
}

/// A program that says itself what it prints: `# expect: text` is one line of output, in order;
/// `# error: text` the end, an error whose message contains the text.
public struct ExpectedProgram {
  public let text: String

  public init(_ program: URL) { text = Programs.text(of: program) }

  private func marked(_ mark: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      line.firstRange(of: mark).map { String(line[$0.upperBound...]) }
    }
  }

  /// What differs from the program's own words; nil where nothing does.
  public func problem(output: String, error: Diagnostic?) -> String? {
    let lines = output.split(separator: "\n").map(String.init)
    let expected = marked("# expect: ")
    if lines != expected {
      return "printed\n\(lines.joined(separator: "\n"))\ninstead of\n"
        + expected.joined(separator: "\n") + (error.map { "\nand failed: \($0.message)" } ?? "")
    }
    if let part = marked("# error: ").first {
      return error?.message.contains(part) == true
        ? nil : "failed with \(error?.message ?? "nothing") instead of \(part)"
    }
    return error.map { "failed: \($0.message)" }
  }
}
