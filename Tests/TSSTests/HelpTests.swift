import TSS
import TSSLanguage
import TSSLibrary
import Testing

/// What `help` says, and that nothing is left unsaid.
@Suite struct HelpTests {
  private static let book = Engine().book

  @Test func everyFunctionIsDocumented() {
    let book = Self.book
    for page in book.pages where page.kind == .function {
      let name = page.name
      #expect(page.text.count >= 10, "\(name) has no paragraph")
      #expect(!page.examples.isEmpty, "\(name) has no example that runs")
      #expect(!page.seeAlso.isEmpty, "\(name) names no related function")
      #expect(!page.group.isEmpty, "\(name) belongs to no group")
      for row in page.arguments {
        #expect(!row.text.isEmpty, "\(name): nothing is said of the argument `\(row.name)`")
        #expect(row.standard != "", "\(name): what is `\(row.name)` where it is left out?")
        #expect(row.standard?.contains("…") != true, "\(name): the default of `\(row.name)`")
      }
    }
  }

  @Test func wordsTypesAndTopicsAreDocumented() {
    let book = Self.book
    for page in book.pages where page.kind != .function {
      #expect(!page.text.isEmpty || !page.fields.isEmpty, "\(page.name) has no text")
      #expect(!page.seeAlso.isEmpty || page.name == "plot", "\(page.name) names nothing related")
      for row in page.fields { #expect(!row.text.isEmpty, "\(page.name).\(row.name)") }
    }
    #expect(book.topics.count <= 12)
    for keyword in [
      "if", "else", "for", "in", "while", "return", "use", "sweep", "and", "or", "not", "true",
      "false",
    ] {
      #expect(book.page(keyword)?.kind == .keyword, "\(keyword)")
    }
  }

  @Test func relatedNamesExist() {
    let book = Self.book
    for page in book.pages {
      for name in page.seeAlso {
        #expect(book.page(name) != nil, "\(page.name) refers to \(name), which does not exist")
        #expect(name != page.name, "\(page.name) refers to itself")
      }
    }
  }

  @Test(arguments: [40, 60, 80, 100])
  func linesFitTheTerminal(width: Int) {
    let text = HelpText(width: width)
    for page in Self.book.pages {
      var isExample = false
      for line in text.page(page).split(separator: "\n", omittingEmptySubsequences: false) {
        if line.hasPrefix("  >>>") { isExample = true }
        if line.isEmpty { isExample = false }
        // Program text is shown as it was written, and a long word is not broken.
        let isTopic = page.kind == .topic || page.kind == .keyword
        let isProgram = isExample || (isTopic && line.hasPrefix("    "))
        let isWord = !line.drop { $0 == " " }.contains(" ")
        #expect(
          DisplayWidth.of(line) <= (isProgram ? 100 : width) || isWord, "\(page.name): \(line)")
      }
    }
    for question in ["", "lists", "learning rate"] {
      let answer = Self.book.answer(question, TerminalTraits(width: width)) ?? ""
      #expect(answer.split(separator: "\n").allSatisfy { DisplayWidth.of($0) <= width })
    }
  }

  @Test func questionsAreFoundByWords() {
    func names(_ question: String) -> [String] { Self.book.search(question).map(\.name) }
    let rates = names("learning rate")
    #expect(rates.count == 12)
    #expect(rates.prefix(3).contains("stable_rate"))
    for name in ["schedules", "phase", "ode", "sgd"] { #expect(rates.contains(name), "\(name)") }
    #expect(names("learning rates") == rates)
    #expect(names("Learn rate").contains("stable_rate"))
    #expect(names("generalization error").contains("run.eg"))
    #expect(names("weight decay").contains("phase"))
    #expect(names("label noise").prefix(3).contains("teacher"))
    #expect(names("standard error").prefix(3).contains("sem"))
    #expect(names("eigenvalues").contains("eig"))
    #expect(names("learning zebra").isEmpty)
    #expect(names("").isEmpty)
  }

  @Test func namesAreFoundHoweverTheyAreWritten() {
    let session = Engine().session(output: .capture)
    #expect(session.help("pi") == session.help("π"))
    #expect(session.help("Plot Styles")?.hasPrefix("plot styles\n\n") == true)
    #expect(session.help("for")?.hasPrefix("for\n\n") == true)
    #expect(session.help("run.eg")?.contains("generalisation error") == true)
    #expect(session.help("student")?.contains("its fields: .K .g .v .init .scale") == true)
    #expect(session.help("erf_final_error")?.contains("use theory") == true)
    #expect(session.help("zzz") == nil)
    #expect(
      session.explanation(of: "studnet")
        == "nothing is known of `studnet`; did you mean `student`?")
    #expect(session.help()?.contains("?learning rate") == true)
  }

  @Test func functionsOfTheSessionHaveHelp() throws {
    let session = Engine().session(output: .capture)
    try session.eval(
      """
      ## The rectifier with a slope
      ## on the negative side.
      ## - x: a number
      ## - eta: the slope
      ##   for x < 0
      ## see also: relu, tanh
      ##
      ## >>> g(-2)
      ## -0.2
      g(x, η=0.1) = if x > 0 { x } else { η*x }
      """)
    let expected = """
      g(x, η=0.1)

        The rectifier with a slope on the negative side.

        x      a number
        η=0.1  the slope for x < 0

        >>> g(-2)
        -0.2

        see also: relu, tanh
      """
    #expect(session.help("g") == expected)
    try session.eval("help(g)")
    #expect(session.output == expected + "\n")
    let hint = session.signatureHint("g(1, ", at: 5)
    #expect(hint?.documentation == "the slope for x < 0")
  }

  @Test func scriptsAskTheSame() throws {
    let session = Engine().session(output: .capture)
    for question in ["", "ode", "learning rate", "plot styles", "sweep", "run"] {
      session.clearOutput()
      try session.eval("help(\(question.isEmpty ? "" : "\"\(question)\""))")
      #expect(session.output == session.explanation(of: question) + "\n")
    }
    session.clearOutput()
    try session.eval("help(\"studnet\"); help(first)")
    #expect(session.output.hasPrefix("nothing is known of `studnet`; did you mean `student`?\n"))
    #expect(session.output.contains("Only the first layer learns."))
  }

  @Test func colourMarksNamesOnly() {
    let session = Engine().session(
      output: .capture,
      environment: Environment(terminal: TerminalTraits(width: 80, hasColor: true)))
    let colored = session.help("sqrt") ?? ""
    session.terminal.hasColor = false
    let plain = session.help("sqrt") ?? ""
    #expect(colored.contains("\u{1B}[1msqrt(x)\u{1B}[0m"))
    #expect(colored.contains("\u{1B}[2m"))
    var stripped = colored
    for code in ["1", "2", "0"] {
      stripped = stripped.split(separator: "\u{1B}[\(code)m", omittingEmptySubsequences: false)
        .joined()
    }
    #expect(stripped == plain)
  }
}
