import Synchronization
import TSS

/// The session of a page, as the prompt has it: values, notes and errors go to one place, inputs
/// are counted.
final class PageSession {
  private final class Printed: Sendable {
    let text = Mutex("")
    func append(_ more: String) { text.withLock { $0 += more } }
    func take() -> String {
      text.withLock { text in
        defer { text = "" }
        return text
      }
    }
  }

  private let printed = Printed()
  private let session: Session
  private lazy var examples = Engine().session(output: .capture)
  private var inputCount = 0

  init(directory: String) {
    let printed = printed
    session = Engine().session(
      output: .to { printed.append($0) },
      environment: Environment(
        directory: directory, terminal: TerminalTraits(isTerminal: true, width: 80),
        note: { printed.append($0 + "\n") }))
  }

  func isOpen(_ input: String) -> Bool {
    if case .incomplete = session.isComplete(input) { true } else { false }
  }

  /// What the prompt shows after an input.
  func shown(_ input: String) -> String {
    inputCount += 1
    return run(input, name: "<input \(inputCount)>", mode: .prompt)
  }

  /// What a program prints.
  func run(_ program: String) -> String { run(program, name: "<program>", mode: .file) }

  private func run(_ text: String, name: String, mode: Session.Mode) -> String {
    do {
      try session.eval(text, name: name, mode: mode)
    } catch {
      printed.append(error.render() + "\n")
    }
    for failure in session.failedCells { printed.append(failure.render() + "\n") }
    return printed.take()
  }

  /// What is wrong with a program, without running it.
  func problems(of program: String) -> [String] {
    session.check(program, mode: .file).map { $0.render() }
  }

  /// What is wrong with a block of the reference, which leaves out empty lines.
  func problems(ofReference block: CodeBlock) -> [String] {
    let found = Example.find(in: block.lines, name: "line \(block.start)")
    // `…` in a signature: as many as one likes.
    let text = block.lines.map { $0.replacing("…", with: "") + "\n" }.joined()
    if found.isEmpty, case .wrong(let error) = session.isComplete(text) {
      return [error.render()]
    }
    return found.compactMap { example in
      guard let failure = examples.failure(of: example) else { return nil }
      let got = printedLines(failure.got).filter { !$0.isEmpty }.joined(separator: "\n")
      return got == example.expected ? nil : "\(example.code) gives\n\(failure.got)"
    }
  }
}

extension Example {
  /// The examples of a block: `>>> ` and what it prints, further lines of the input indented.
  fileprivate static func find(in lines: [String], name: String) -> [Example] {
    var examples: [Example] = []
    for line in lines {
      if line.hasPrefix(">>> ") {
        examples.append(Example(place: name, code: String(line.dropFirst(4)), expected: ""))
      } else if let last = examples.indices.last {
        if line.hasPrefix("    "), examples[last].expected.isEmpty {
          examples[last].code += "\n" + line.dropFirst(4)
        } else {
          examples[last].expected += (examples[last].expected.isEmpty ? "" : "\n") + line
        }
      }
    }
    return examples
  }
}
