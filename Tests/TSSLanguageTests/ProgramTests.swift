import Foundation
import TSSLanguage
import Testing

/// Programs of `Tests/Programs/language`, which say themselves what they print.
///
/// `# expect: text` is one line of output, in order; `# error: text` the end: an error whose
/// message contains the text.
@Suite("Programs")
struct ProgramTests {
  static let programs: [String] = {
    let folder = ErrorSnapshots.folder.deletingLastPathComponent().appending(path: "language")
    let files = try? FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    return (files ?? []).map(\.path).filter { $0.hasSuffix(".tss") }.sorted()
  }()

  @Test(arguments: programs)
  func program(_ path: String) throws {
    let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    func marked(_ mark: String) -> [String] {
      text.split(separator: "\n").compactMap { line in
        line.firstRange(of: mark).map { String(line[$0.upperBound...]) }
      }
    }
    let laboratory = Laboratory()
    let error = laboratory.failure(text, .file)
    let lines = laboratory.host.output.split(separator: "\n").map(String.init)
    #expect(lines == marked("# expect: "))
    if let part = marked("# error: ").first {
      #expect(error?.message.contains(part) == true, "\(error?.message ?? "no error")")
    } else {
      #expect(error == nil, "\(error?.message ?? "")")
    }
  }

  @Test func errorsOfTheCheck() throws {
    let folder = ErrorSnapshots.folder.appending(path: "check")
    let count = try ErrorSnapshots.verify(in: folder) { Laboratory().interpreter.check($0) }
    #expect(count >= 15)
  }

  @Test func errorsOfTheRun() throws {
    let folder = ErrorSnapshots.folder.appending(path: "run")
    let count = try ErrorSnapshots.verify(in: folder) { source in
      do throws(Diagnostic) {
        _ = try Laboratory().interpreter.run(source)
        return []
      } catch {
        return [error]
      }
    }
    #expect(count >= 25)
  }
}
