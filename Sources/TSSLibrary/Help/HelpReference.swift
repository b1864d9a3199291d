import TSSLanguage

/// The book as Markdown: one file for each group of functions, one for the topics, one for the
/// keywords, and a table of contents. Written from the texts that `help` shows.
public struct HelpReference {
  private let book: HelpBook

  public init(_ book: HelpBook) { self.book = book }

  /// The files of `docs/reference`, by name.
  public var files: [(name: String, text: String)] {
    var files = [("README.md", contents)]
    for group in book.groups { files.append((Self.file(of: group.name), text(of: group))) }
    files.append(("topics.md", text(of: book.topics, titled: "Topics")))
    files.append(("keywords.md", text(of: book.keywords, titled: "Keywords")))
    return files.map { ($0.0, Self.notice + $0.1) }
  }

  private static let notice =
    "<!-- Written by scripts/reference from the texts of `help`; do not edit. -->\n\n"

  private static func file(of group: String) -> String {
    group.split(separator: " ").joined(separator: "-") + ".md"
  }

  private static func title(_ name: String) -> String {
    name.prefix(1).uppercased() + name.dropFirst()
  }

  // MARK: Files

  private var contents: String {
    var lines = [
      "# Reference", "",
      "What `help` says of every name, `?name` at the prompt. The language itself is in",
      "[language.md](../language.md).", "",
    ]
    for group in book.groups {
      let names = group.pages.map { link($0.name, as: "`\($0.name)`", from: "README.md") }
      lines.append("## [\(Self.title(group.name))](\(Self.file(of: group.name)))")
      lines += [
        "", Self.title(Self.escaped(group.topic.summary)) + ".", "", Self.filled(names), "",
      ]
    }
    lines += ["## [Topics](topics.md)", ""]
    lines += book.topics.map { page in
      "- \(link(page.name, as: page.name, from: "README.md")): \(Self.escaped(page.summary))"
    }
    lines += ["", "## [Keywords](keywords.md)", ""]
    lines.append(
      Self.filled(book.keywords.map { link($0.name, as: "`\($0.name)`", from: "README.md") }))
    return lines.joined(separator: "\n") + "\n"
  }

  private func text(of group: HelpBook.Group) -> String {
    let file = Self.file(of: group.name)
    var topic = group.topic
    topic.name = ""
    var blocks = ["# " + Self.title(group.name)] + self.blocks(of: topic, in: file)
    for page in group.pages where page.kind != .constant {
      blocks += self.blocks(of: page, in: file)
    }
    let words = group.pages.filter { $0.kind == .constant }
    if !words.isEmpty {
      blocks.append("## Words and constants")
      blocks.append(
        Self.table(["name", "what it is"], words.map { ["`\($0.name)`", $0.text] }))
    }
    return blocks.joined(separator: "\n\n") + "\n"
  }

  private func text(of pages: [HelpPage], titled title: String) -> String {
    let file = title.lowercased() + ".md"
    let blocks = ["# " + title] + pages.flatMap { self.blocks(of: $0, in: file) }
    return blocks.joined(separator: "\n\n") + "\n"
  }

  // MARK: Pages

  private func blocks(of page: HelpPage, in file: String) -> [String] {
    var blocks: [String] = []
    if !page.name.isEmpty { blocks.append("## " + page.name) }
    if page.kind == .function {
      let use = page.module.map { ["use \($0)"] } ?? []
      blocks.append(Self.program(use + HelpText.signature(of: page, width: 80)))
    }
    blocks += page.text.split(separator: "\n\n").map { Self.paragraph(String($0)) }
    if !page.arguments.isEmpty {
      let rows = page.arguments.map { row in
        ["`\(row.name)`", row.standard.map(Self.standard) ?? "", row.text]
      }
      blocks.append(Self.table(["argument", "default", "what it is"], rows))
    }
    if page.kind == .function, !page.fields.isEmpty {
      blocks.append("Its fields: `\(page.fieldList)`.")
    } else if !page.fields.isEmpty {
      let rows = page.fields.map { ["`.\($0.name)`", $0.text] }
      blocks.append(Self.table(["field", "what it is"], rows))
    }
    if let result = page.result, HelpText.typesWithFields.contains(result), result != page.name {
      blocks.append("The fields of the result: \(link(result, as: "`\(result)`", from: file)).")
    }
    if !page.examples.isEmpty { blocks.append(Self.program(page.examples.flatMap(HelpText.lines))) }
    if !page.seeAlso.isEmpty {
      let links = page.seeAlso.map { link($0, as: "`\($0)`", from: file) }
      blocks.append(Self.filled(links, after: "See also: "))
    }
    return blocks
  }

  /// A link to the page of a name; the text alone where there is none.
  private func link(_ name: String, as text: String, from file: String) -> String {
    guard let page = book.page(name) else { return text }
    let isGroup = page.kind == .topic && book.group(page.name) != nil
    let target =
      switch page.kind {
      case .topic where !isGroup: "topics.md"
      case .keyword: "keywords.md"
      default: Self.file(of: page.group)
      }
    if isGroup { return "[\(text)](\(target))" }
    let title = page.kind == .constant ? "Words and constants" : page.name
    return "[\(text)](\(target == file ? "" : target)#\(Self.anchor(title)))"
  }

  /// How a heading is linked to: small letters, hyphens for spaces, no other signs.
  private static func anchor(_ heading: String) -> String {
    String(
      heading.lowercased().map { $0 == " " ? "-" : $0 }.filter {
        $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_"
      })
  }

  // MARK: Markdown

  private static func program(_ lines: [String]) -> String {
    (["```"] + lines + ["```"]).joined(separator: "\n")
  }

  /// Program text is fenced; anything else keeps its form.
  private static func paragraph(_ block: String) -> String {
    let lines = block.split(separator: "\n").map(String.init)
    if lines.allSatisfy({ $0.hasPrefix("    ") }) {
      return program(lines.map { String($0.dropFirst(4)) })
    }
    return lines.flatMap { line in
      let isItem = line.hasPrefix("- ")
      let words = HelpText.words(escaped(isItem ? String(line.dropFirst(2)) : line))
      return filled(
        words, separator: " ", after: isItem ? "- " : "",
        indent: isItem ? "  " : ""
      )
      .split(separator: "\n").map(String.init)
    }.joined(separator: "\n")
  }

  /// Pieces on lines of at most 100 characters.
  private static func filled(
    _ pieces: [String], separator: String = ", ", after head: String = "", indent: String = ""
  ) -> String {
    var lines = [head]
    for (index, piece) in pieces.enumerated() {
      let end = index == pieces.count - 1 || separator == " " ? "" : ","
      let last = lines[lines.count - 1]
      if last.count + piece.count + 2 > 100, last.count > max(head.count, indent.count) {
        lines.append(indent + piece + end)
      } else {
        let gap = last.isEmpty || last.last == " " ? "" : " "
        lines[lines.count - 1] += gap + piece + end
      }
    }
    return lines.joined(separator: "\n")
  }

  /// Columns of equal width but the last, so that the text reads well as it stands.
  private static func table(_ head: [String], _ rows: [[String]]) -> String {
    let all = [head] + rows
    let widths = head.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    func line(_ cells: [String]) -> String {
      let padded = cells.enumerated().map { index, cell in
        index == cells.count - 1
          ? escaped(cell, inTable: true)
          : cell + String(repeating: " ", count: widths[index] - cell.count)
      }
      return "| " + padded.joined(separator: " | ") + " |"
    }
    let rule = widths.enumerated().map { index, width in
      String(repeating: "-", count: index == widths.count - 1 ? head[index].count : width)
    }
    return ([line(head), line(rule)] + rows.map(line)).joined(separator: "\n")
  }

  /// A default: program text, or a word such as "none".
  private static func standard(_ value: String) -> String {
    value == "none" || value == "all" ? value : "`\(value)`"
  }

  /// Signs that would be markup are not: `*`, `|`, `<` before a letter, `_` after a space.
  private static func escaped(_ text: String, inTable: Bool = false) -> String {
    let characters = Array(text)
    var result = ""
    var isCode = false
    for (index, character) in characters.enumerated() {
      if character == "`" { isCode.toggle() }
      let before = index > 0 ? characters[index - 1] : " "
      let after = index + 1 < characters.count ? characters[index + 1] : " "
      let isMarkup =
        switch character {
        case "|": inTable
        case "*": !isCode && !(before == " " && after == " ")
        case "<": !isCode && after.isLetter
        case "_": !isCode && !(before.isLetter || before.isNumber)
        default: false
        }
      result += (isMarkup ? "\\" : "") + String(character)
    }
    return result
  }
}
