import TSSLanguage
import TSSStandardLibrary
import Testing

@Suite struct StandardLibraryTests {
  @Test func everyModuleParsesAndIsDocumented() throws {
    for module in StandardLibrary.modules {
      let source = Source(
        name: module.name, text: String(decoding: module.source, as: UTF8.self))
      do throws(Diagnostic) {
        let program = try Parser.parse(source)
        for statement in program.statements {
          guard case .define(let function) = statement.kind else { continue }
          let isHelper = ["slope_moments", "small_noise_error"].contains(function.name!.name)
          #expect(
            isHelper || function.documentation.contains(">>>"),
            "\(module.name): \(function.name!.name) has no example")
        }
      } catch {
        Issue.record("\(module.name): \(error.message) at \(error.span?.text ?? "")")
      }
    }
  }

  @Test func examplesOfTheVocabularyParse() {
    for (name, entry) in standard.entries {
      for example in entry.documentation.examples {
        do throws(Diagnostic) {
          _ = try Parser.parse(Source(name: name, text: example.code))
        } catch {
          Issue.record("\(name): \(error.message) in \(example.code)")
        }
      }
    }
  }
}
