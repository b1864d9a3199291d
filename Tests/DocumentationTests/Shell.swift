import Foundation
import TestSupport

/// Commands of the documentation.
enum Shell {
  /// Runs a command and gives all that it prints, errors too.
  static func run(_ command: String, in folder: URL) -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "exec 2>&1; \(command)"]
    process.currentDirectoryURL = folder
    let programs = URL(filePath: Executable.path(of: "tss")).deletingLastPathComponent().path
    process.environment = [
      "PATH": "\(programs):/usr/bin:/bin", "HOME": folder.path, "LANG": "C.UTF-8",
      "TMPDIR": NSTemporaryDirectory(),
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardInput = FileHandle.nullDevice
    do { try process.run() } catch { return "cannot run \(command): \(error)" }
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: output, as: UTF8.self)
  }

  /// What a reader should have anyway.
  private static let known: Set = ["cd", "git", "sudo", "apt", "swift", "tss", "python3"]

  /// Which commands of an `sh` block the repository does not have, and which options `tss` has not.
  static func unknownCommands(in block: CodeBlock) -> [String] {
    let commands = block.lines.flatMap { line in
      line.prefix { $0 != "#" }.split(separator: "&&").map { $0.split(separator: " ") }
    }
    return commands.filter { !$0.isEmpty }.flatMap { words -> [String] in
      let name = String(words[0])
      let file = Programs.root.appending(path: name).path
      if name.contains("/") {
        if !FileManager.default.isExecutableFile(atPath: file) { return ["no command \(name)"] }
      } else if !known.contains(name) {
        return ["no command \(name)"]
      }
      guard name == "tss" || name == "scripts/tss" else { return [] }
      let options = words.dropFirst().filter { $0.hasPrefix("-") && $0.count > 1 }
      return options.map { String($0.prefix { $0 != "=" }) }.filter { !help.contains($0) }
        .map { "tss has no option \($0)" }
    }
  }

  private static let help = run("tss --help", in: FileManager.default.temporaryDirectory)
}

/// The Swift programs in `Examples`, which the package builds.
enum ExampleSources {
  private static let sources: [[String]] = {
    let folder = Programs.root.appending(path: "Examples")
    let found = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String }
    return (found ?? []).filter { $0.hasSuffix(".swift") }.map { name in
      Programs.text(of: folder.appending(path: name))
        .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
  }()

  /// Whether lines stand in a program one after the other, whatever their indentation.
  static func contain(_ lines: [String]) -> Bool {
    sources.contains { source in
      source.indices.contains { start in
        guard start + lines.count <= source.count else { return false }
        let place = source[start..<start + lines.count]
        let indent = place.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
        return zip(place, lines).allSatisfy { $0.dropFirst(indent) == $1[...] }
      }
    }
  }
}
