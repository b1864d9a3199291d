import TSSLanguage

extension HelpBook {
  /// The answer to a question: the overview for none, the page of a name or a topic, or what fits
  /// the words; nil where nothing does.
  public func answer(_ question: String, _ terminal: TerminalTraits) -> String? {
    let question = Self.trimmed(question)
    let text = HelpText(terminal)
    if question.isEmpty { return overview(text) }
    if let group = group(question.lowercased()) { return self.text(of: group, text) }
    if let page = page(question) { return text.page(page) }
    if let (type, row) = field(question) {
      return text.bold("\(type.name).\(row.name)") + "\n\n"
        + text.wrapped(row.text, indent: "  ").joined(separator: "\n")
        + "\n\n  the other fields: help(\"\(type.name)\")"
    }
    let hits = search(question)
    if hits.isEmpty { return nil }
    return text.list(hits.map { ($0.name, $0.text) }).joined(separator: "\n")
  }

  /// The same, or a sentence that says that nothing is known, with names that are spelled alike.
  public func answerOrRegret(_ question: String, _ terminal: TerminalTraits) -> String {
    if let answer = answer(question, terminal) { return answer }
    let question = Self.trimmed(question)
    let near = Suggestions.best(for: question, among: names, limit: 3).map { "`\($0)`" }
    let hint =
      near.isEmpty
      ? "; help() lists the subjects"
      : "; did you mean \(near.joined(separator: " or "))?"
    return "nothing is known of `\(question)`\(hint)"
  }

  private static func trimmed(_ text: String) -> String {
    var rest = text[...]
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest.drop(while: \.isWhitespace))
  }

  /// `help()`: the subjects, and how to go on.
  private func overview(_ text: HelpText) -> String {
    let heads = (topics + groups.map(\.topic)).map { DisplayWidth.of($0.name) }
    let widest = heads.max() ?? 0
    func rows(_ pages: [HelpPage]) -> [String] {
      text.list(
        pages.map {
          ($0.name + String(repeating: " ", count: widest - DisplayWidth.of($0.name)), $0.summary)
        })
    }
    let words = keywords.map(\.name).joined(separator: ", ")
    let blocks = [
      [text.bold("topics")] + rows(topics), [text.bold("functions")] + rows(groups.map(\.topic)),
      [text.bold("keywords")] + text.wrapped(words, indent: "  "),
      text.wrapped(
        "help(\"lists\") shows a subject, help(\"mean\") or help(mean) a function, "
          + "help(\"learning rate\") what has to do with these words. At the prompt: ?lists, "
          + "?mean, ?learning rate, and ??mean for its source.", indent: ""),
    ]
    return blocks.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
  }

  /// What a group is about, and its functions, one line each.
  private func text(of group: Group, _ text: HelpText) -> String {
    var topic = group.topic
    let seeAlso = topic.seeAlso
    topic.seeAlso = []
    let names = text.list(group.pages.map { ($0.name, $0.summary) })
    var blocks = [text.page(topic), names.joined(separator: "\n")]
    if !seeAlso.isEmpty {
      let names = "see also: " + seeAlso.joined(separator: ", ")
      blocks.append(text.wrapped(names, indent: "  ").joined(separator: "\n"))
    }
    return blocks.joined(separator: "\n\n")
  }
}
