import Foundation
import TSSLanguage
import TestSupport
import Testing

/// The programs of `Tests/Programs/language`.
@Suite("Programs")
struct ProgramTests {
  @Test(arguments: Programs.all(in: Programs.folder("language")))
  func program(_ path: URL) throws {
    let program = ExpectedProgram(path)
    let laboratory = Laboratory()
    let error = laboratory.failure(program.text, .file)
    let problem = program.problem(output: laboratory.host.output, error: error)
    #expect(problem == nil, "\(problem ?? "")")
  }
}
