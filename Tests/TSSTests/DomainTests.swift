import Foundation
import TSS
import TSSLanguage
import TestSupport
import Testing

/// Programs about networks, runs, plots and files, with the whole vocabulary.
@Suite struct DomainTests {
  /// A folder of its own for what programs write.
  private static func session() -> Session {
    let folder = FileManager.default.temporaryDirectory.appending(path: "tss-\(UUID())")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return Engine().session(output: .capture, environment: .init(directory: folder.path))
  }

  @Test(arguments: Programs.all(in: Programs.folder("physics")))
  func program(_ path: URL) throws {
    let program = ExpectedProgram(path)
    let session = Self.session()
    var failure: Diagnostic?
    do { try session.eval(program.text, name: path.lastPathComponent, mode: .file) } catch {
      failure = error
    }
    let problem = program.problem(output: session.output, error: failure)
    #expect(problem == nil, "\(problem ?? "")")
  }

  @Test func errors() throws {
    let snapshots = try ErrorSnapshots(in: Programs.folder("errors/domain")) { source in
      let session = Self.session()
      let found = Engine().check(source.text, name: source.name)
      if !found.isEmpty { return found }
      do throws(Diagnostic) {
        try session.eval(source.text, name: source.name, mode: .file)
        return []
      } catch {
        return [error]
      }
    }
    #expect(snapshots.problems.isEmpty, "\(snapshots.problems.joined(separator: "\n"))")
    #expect(snapshots.count >= 40)
  }

  /// `--check` of every example passes, also of those whose engines are still to come.
  @Test(arguments: Programs.all(in: Programs.scripts))
  func exampleChecks(_ path: URL) {
    let found = Engine().check(Programs.text(of: path), name: path.lastPathComponent)
    #expect(found.map(\.message) == [])
  }
}
