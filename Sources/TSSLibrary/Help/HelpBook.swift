import TSSLanguage

/// All that can be asked about: functions, words, types, keywords and topics.
public struct HelpBook: Sendable {
  /// A part of the reference: the pages that belong together, in the order of their names.
  public struct Group: Sendable {
    /// What it is about, as its first line and its topic; without functions, a topic alone.
    public var topic: HelpPage
    public var pages: [HelpPage]
    public var name: String { topic.name }
  }

  public let groups: [Group]
  /// The topics that belong to no group of functions.
  public let topics: [HelpPage]
  public let keywords: [HelpPage]
  /// What a host has added to the vocabulary.
  private let others: [HelpPage]
  private let byName: [String: HelpPage]

  /// - Parameters:
  ///   - vocabulary: what a program starts with.
  ///   - modules: the parts of the standard library that are written in the language, with the
  ///     group that their functions belong to and whether a program must `use` them.
  ///   - topics: the texts of the topics; those that are named like a group introduce it, in the
  ///     order of the reference.
  ///   - keywords: the texts about the keywords.
  public init(
    _ vocabulary: Vocabulary, modules: [(group: String, source: Source, isUsed: Bool)] = [],
    topics: String = "", keywords: String = ""
  ) {
    var pages: [HelpPage] = []
    for (name, entry) in vocabulary.entries {
      var page = HelpPage(name, .constant, group: entry.group, entry.documentation)
      if case .function(let function) = entry.value {
        page.kind = .function
        page.describe(function.signature)
      }
      if let type = vocabulary.types[name] { page.fields = HelpPage.rows(type) }
      pages.append(page)
    }
    for type in vocabulary.types.values where vocabulary.entries[type.name] == nil {
      pages.append(HelpPage(type))
    }
    for module in modules { pages += Self.pages(in: module) }
    let sections = HelpSections.read(topics).map {
      HelpPage(.topic, title: $0.title, $0.documentation)
    }
    let names = Set(pages.map(\.group))
    groups = sections.filter { names.contains($0.name) }.map { topic in
      let own = pages.filter { $0.group == topic.name }
      return Group(topic: topic, pages: own.sorted { Self.key($0.name) < Self.key($1.name) })
    }
    others = pages.filter { page in !sections.contains { $0.name == page.group } }
    self.topics = sections.filter { !names.contains($0.name) }
    self.keywords = HelpSections.read(keywords).map {
      HelpPage(.keyword, title: $0.title, group: "keywords", $0.documentation)
    }
    var byName: [String: HelpPage] = [:]
    for page in sections { byName[Self.plain(page.name)] = page }
    for page in self.keywords {
      for name in page.name.split(separator: ",") {
        byName[String(name.drop { $0 == " " })] = page
      }
    }
    for page in pages { byName[page.name] = page }
    self.byName = byName
  }

  /// The documented functions of a module.
  private static func pages(
    in module: (group: String, source: Source, isUsed: Bool)
  ) -> [HelpPage] {
    guard let program = try? Parser.parse(module.source) else { return [] }
    return program.statements.compactMap { statement in
      guard case .define(let function) = statement.kind, let name = function.name?.name,
        !function.documentation.isEmpty
      else { return nil }
      let (signature, documentation) = function.described
      var page = HelpPage(name, .function, group: module.group, documentation)
      page.describe(signature)
      page.module =
        module.isUsed
        ? module.source.name.split(separator: ".").first.map(String.init)
        : nil
      return page
    }
  }

  /// Every page once.
  public var pages: [HelpPage] {
    groups.flatMap { [$0.topic] + $0.pages } + topics + keywords + others
  }

  public func group(_ name: String) -> Group? { groups.first { $0.name == name } }

  /// The page of a name, spelled in any way: `eta`, `Plot styles`.
  public func page(_ name: String) -> HelpPage? {
    byName[name] ?? byName[Greek.canonicalName(name)] ?? byName[Self.plain(name)]
  }

  /// A field of a type: `run.eg`.
  public func field(_ path: String) -> (type: HelpPage, row: HelpPage.Row)? {
    let parts = path.split(separator: ".")
    guard parts.count == 2, let page = page(String(parts[0])) else { return nil }
    let name = Greek.canonicalName(String(parts[1]))
    return page.fields.first { $0.name == name }.map { (page, $0) }
  }

  public var names: [String] { Array(byName.keys) }

  /// Without regard to capitals, and for Greek letters as they are spelled.
  private static func key(_ name: String) -> (String, String) {
    (Greek.spelledName(name).lowercased(), name)
  }

  private static func plain(_ title: String) -> String {
    title.lowercased().split(separator: " ").joined(separator: " ")
  }
}

/// A text of several pages: each begins with a line `# title`.
enum HelpSections {
  static func read(_ text: String) -> [(title: String, documentation: Documentation)] {
    var sections: [(title: String, lines: [Substring])] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("# ") {
        sections.append((String(line.dropFirst(2)), []))
      } else if !sections.isEmpty {
        sections[sections.count - 1].lines.append(line)
      }
    }
    return sections.map { ($0.title, documentation($0.lines)) }
  }

  /// Paragraphs, lists and program text; examples and related names at the end.
  private static func documentation(_ lines: [Substring]) -> Documentation {
    var blocks: [String] = []
    var isOpen = false
    var result = Documentation("")
    var isExample = false
    for line in lines {
      if line.hasPrefix(">>>") {
        result.examples.append((String(line.dropFirst(4)), ""))
        isExample = true
      } else if line.hasPrefix("see also: ") {
        result.seeAlso = line.dropFirst(10).split(separator: ",").map {
          String($0.drop { $0 == " " })
        }
        (isOpen, isExample) = (false, false)
      } else if line.isEmpty {
        (isOpen, isExample) = (false, false)
      } else if isExample {
        let last = result.examples.count - 1
        result.examples[last].output += (result.examples[last].output.isEmpty ? "" : "\n") + line
      } else if !isOpen {
        blocks.append(String(line))
        isOpen = true
      } else if line.hasPrefix("    ") || line.hasPrefix("- ") {
        blocks[blocks.count - 1] += "\n" + line
      } else {
        blocks[blocks.count - 1] += " " + line.drop { $0 == " " }
      }
    }
    result.text = blocks.joined(separator: "\n\n")
    return result
  }
}
