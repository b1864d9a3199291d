import Foundation
import TestSupport

/// A page of the documentation, run from top to bottom.
///
/// What the word after an opening fence means:
/// - `tss` with lines that begin with `tss> `: a session at the prompt. What is printed is what
///   stands there. All blocks of a page are one session.
/// - `tss` else: a program, run in the page's session. What it prints stands in an `output` block
///   right after it; without one it prints nothing.
/// - `tss draws`: a program that draws a plot or prints more than is of interest.
/// - `tss check`: a program that is checked and not run, as it takes long or reads a file.
/// - `tss NAME.tss`: a file of this name in the page's folder, for what comes after it.
/// - `console`: commands after `$ `, run by a shell in the page's folder, with their output.
/// - `output NAME`: what the program NAME prints, which the package builds.
/// - `sh`: commands for the reader, which must exist.
/// - `swift`: a piece of a program in `Examples`, to the letter; those are compiled.
/// - `text`: no code.
///
/// `docs/reference` is written by the house itself: its blocks have no words, and hold either
/// `>>>` examples or something that must at least be grammatical.
final class Page {
  /// From the root of the repository.
  let name: String
  let folder: URL
  private(set) var problems: [String] = []

  private let lines: [String]
  private let blocks: [CodeBlock]
  private let session: PageSession
  /// What the lines should have been.
  private var corrections: [(lines: Range<Int>, by: [String])] = []

  init(_ name: String) throws {
    self.name = name
    let text = Programs.text(of: Programs.root.appending(path: name))
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    blocks = CodeBlock.all(in: lines)
    folder = FileManager.default.temporaryDirectory.appending(path: "tss-page-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    session = PageSession(directory: folder.path)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// README.md, all pages below docs, and those of the DocC catalogues.
  static let names: [String] =
    ["README.md"] + files(in: "docs") + files(in: "Sources").filter { $0.contains(".docc/") }

  private static func files(in folder: String) -> [String] {
    let path = Programs.root.appending(path: folder).path
    let found = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String }
    return (found ?? []).filter { $0.hasSuffix(".md") }.map { "\(folder)/\($0)" }.sorted()
  }

  func run() throws {
    for (index, block) in blocks.enumerated() {
      let next = index + 1 < blocks.count ? blocks[index + 1] : nil
      switch block.language {
      case "tss" where block.lines.first?.hasPrefix("tss> ") == true: runSession(block)
      case "tss": try runProgram(block, output: next)
      case "console": runCommands(block)
      case "output": if block.info.count == 2 { runProduct(block) }
      case "sh": Shell.unknownCommands(in: block).forEach { complain(block, $0) }
      case "swift":
        if !ExampleSources.contain(block.lines) {
          complain(block, "this is no part of a program in Examples")
        }
      case "text": break
      case "" where name.hasPrefix("docs/reference/"):
        session.problems(ofReference: block).forEach { complain(block, $0) }
      case "": complain(block, "what is this block: tss, console, sh, swift, output or text?")
      default: complain(block, "a block of `\(block.language)` is not known to Page.swift")
      }
    }
    if isUpdating { try rewrite() }
    try comparePictures()
    checkLinks()
  }

  // MARK: Blocks

  private func runSession(_ block: CodeBlock) {
    for exchange in Exchange.all(in: block, mark: "tss> ", isOpen: session.isOpen) {
      expect(exchange, printedLines(session.shown(exchange.input)))
    }
  }

  private func runProgram(_ block: CodeBlock, output: CodeBlock?) throws {
    if let file = block.info.dropFirst().first, file.hasSuffix(".tss") {
      try Data(block.text.utf8).write(to: folder.appending(path: file))
    } else if block.info.contains("check") {
      session.problems(of: block.text).forEach { complain(block, $0) }
    } else if let output, output.info == ["output"] {
      let place = output.start..<output.start + output.lines.count
      expect(
        Exchange(input: block.text, output: place, expected: output.lines),
        printedLines(session.run(block.text)))
    } else {
      let printed = session.run(block.text)
      let isRight = block.info.contains("draws") ? !printed.contains("error: ") : printed.isEmpty
      if !isRight { complain(block, "prints\n\(printed)") }
    }
  }

  private func runCommands(_ block: CodeBlock) {
    for exchange in Exchange.all(in: block, mark: "$ ") {
      expect(exchange, printedLines(Shell.run(exchange.input, in: folder)))
    }
  }

  private func runProduct(_ block: CodeBlock) {
    let program = Executable.path(of: block.info[1])
    let place = block.start..<block.start + block.lines.count
    expect(
      Exchange(input: program, output: place, expected: block.lines),
      printedLines(Shell.run("'\(program)'", in: folder)))
  }

  // MARK: What differs

  private func complain(_ block: CodeBlock, _ text: String) {
    problems.append("\(name):\(block.start): \(text)")
  }

  private func expect(_ exchange: Exchange, _ got: [String]) {
    // An empty line before the next input is for the eye.
    var expected = exchange.expected
    var end = exchange.output.upperBound
    while expected.last?.isEmpty == true {
      expected.removeLast()
      end -= 1
    }
    if agree(got, expected) { return }
    if isUpdating {
      corrections.append((exchange.output.lowerBound..<end, got))
    } else {
      problems.append(
        """
        \(name):\(exchange.output.lowerBound): \(exchange.input)
        gives
        \(got.joined(separator: "\n"))
        instead of
        \(expected.joined(separator: "\n"))
        """)
    }
  }

  // MARK: Keeping pages true

  private var isUpdating: Bool {
    ProcessInfo.processInfo.environment["TSS_UPDATE_SNAPSHOTS"] == "1"
  }

  private func rewrite() throws {
    if corrections.isEmpty { return }
    var lines = lines
    for correction in corrections.reversed() {
      lines.replaceSubrange(correction.lines, with: correction.by)
    }
    let file = Programs.root.appending(path: name)
    try Data(lines.joined(separator: "\n").utf8).write(to: file)
  }

  /// A picture that the page saves and docs/images has is the same; drawn by another gnuplot it
  /// may differ.
  private func comparePictures() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    for file in files where file.hasSuffix(".svg") {
      let kept = Programs.root.appending(path: "docs/images/\(file)")
      let drawn = Programs.text(of: folder.appending(path: file))
      let known = Programs.text(of: kept)
      if Self.producer(of: known) == Self.producer(of: drawn),
        agree(printedLines(known), printedLines(drawn))
      {
        continue
      }
      if isUpdating {
        try Data(drawn.utf8).write(to: kept)
      } else if known.isEmpty || Self.producer(of: known) == Self.producer(of: drawn) {
        problems.append("\(name): docs/images/\(file) is not what the page draws")
      }
    }
  }

  private static func producer(of picture: String) -> Substring? {
    picture.split(separator: "\n").first { $0.hasPrefix("<desc>") }
  }

  /// Links to files of the repository lead somewhere.
  private func checkLinks() {
    let here = Programs.root.appending(path: name).deletingLastPathComponent()
    let inBlocks = Set(blocks.flatMap { $0.start..<$0.start + $0.lines.count })
    for (index, line) in lines.enumerated() where !inBlocks.contains(index) {
      for piece in line.components(separatedBy: "](").dropFirst() {
        let target = String(piece.prefix { $0 != ")" && $0 != "#" && $0 != " " })
        if target.isEmpty || target.contains("://") { continue }
        if !FileManager.default.fileExists(atPath: here.appending(path: target).path) {
          problems.append("\(name):\(index + 1): there is no \(target)")
        }
      }
    }
  }
}
