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

  /// What the `##` lines say of parameters is said of parameters that there are.
  @Test func documentedParametersExist() throws {
    for module in StandardLibrary.modules {
      let source = Source(
        name: module.name, text: String(decoding: module.source, as: UTF8.self))
      for statement in try Parser.parse(source).statements {
        guard case .define(let function) = statement.kind else { continue }
        let said = Documentation.read(function.documentation).parameters.keys
        let names = Set(function.parameters.map(\.name.name))
        #expect(names.isSuperset(of: said), "\(module.name): \(function.name!.name)")
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
