import Foundation
import TSS
import TestSupport
import Testing

/// The reference in docs/reference is written from the texts of `help`, never by hand.
@Suite struct ReferenceTests {
  private let folder = Programs.root.appending(path: "docs/reference")
  private let files = Engine().reference

  @Test func theReferenceIsThatOfThisVocabulary() throws {
    let written = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(
      Set(written) == Set(files.map(\.name)),
      "run scripts/reference after a build, and commit docs/reference")
    for file in files {
      let isSame = Programs.text(of: folder.appending(path: file.name)) == file.text
      #expect(isSame, "\(file.name) is old: run scripts/reference after a build, and commit it")
    }
  }

  /// Every link leads to a file of the reference and a heading in it.
  @Test func linksLead() {
    let headings = Dictionary(
      uniqueKeysWithValues: files.map { file in
        let titles = file.text.split(separator: "\n").filter { $0.hasPrefix("#") }
        return (file.name, Set(titles.map { anchor($0.drop { $0 == "#" || $0 == " " }) }))
      })
    for file in files {
      for piece in file.text.split(separator: "](").dropFirst() {
        let target = piece.prefix { $0 != ")" }
        if target.hasPrefix("../") || target.contains(" ") { continue }
        let parts = target.split(separator: "#", omittingEmptySubsequences: false)
        let name = parts[0].isEmpty ? file.name : String(parts[0])
        #expect(headings[name] != nil, "\(file.name): \(target)")
        guard parts.count == 2 else { continue }
        #expect(headings[name]?.contains(String(parts[1])) == true, "\(file.name): \(target)")
      }
    }
  }

  private func anchor(_ title: Substring) -> String {
    String(
      title.lowercased().map { $0 == " " ? "-" : $0 }.filter {
        $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_"
      })
  }

  @Test func linesOfTextAreShort() {
    for file in files {
      for line in file.text.split(separator: "\n") {
        let isLong = line.hasPrefix("|") || line.contains("](") || line.hasPrefix("<!--")
        #expect(isLong || line.count <= 100, "\(file.name): \(line)")
      }
    }
  }
}
