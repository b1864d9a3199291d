import Foundation
import TSSLanguage
import Testing

/// Failing programs, each with its whole rendered message beside it: `NAME.tss`, `NAME.expected`.
///
/// `Tests/Programs/errors` itself holds what the parser refuses; whoever adds failures that are
/// found later puts them into a folder below it (`errors/check`, `errors/run`) and calls
/// `verify` with what finds them. `TSS_UPDATE_SNAPSHOTS=1 swift test` rewrites the messages, which
/// are then to be read with a critical eye.
enum ErrorSnapshots {
  static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Programs/errors")

  /// Runs every program of a folder and compares what is said of it.
  static func verify(
    in folder: URL = folder, diagnose: (Source) -> [Diagnostic]
  ) throws -> Int {
    let isUpdating = ProcessInfo.processInfo.environment["TSS_UPDATE_SNAPSHOTS"] == "1"
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    let programs = files.filter { $0.pathExtension == "tss" }
    for program in programs.sorted(by: { $0.path < $1.path }) {
      let name = program.lastPathComponent
      let text = String(decoding: try Data(contentsOf: program), as: UTF8.self)
      let diagnostics = diagnose(Source(name: name, text: text))
      let message = Renderer(color: false).render(diagnostics) + "\n"
      let snapshot = program.deletingPathExtension().appendingPathExtension("expected")
      #expect(!diagnostics.isEmpty, "\(name) has no error")
      if isUpdating {
        try Data(message.utf8).write(to: snapshot)
      } else {
        let expected = try? String(decoding: Data(contentsOf: snapshot), as: UTF8.self)
        #expect(message == expected, "\(name) says:\n\(message)")
      }
    }
    return programs.count
  }
}

@Suite struct ErrorSnapshotTests {
  @Test func syntax() throws {
    let count = try ErrorSnapshots.verify { source in
      do throws(Diagnostic) {
        _ = try Parser.parse(source)
        return []
      } catch {
        return [error]
      }
    }
    #expect(count >= 60)
  }
}
