/// A fenced block of code in a Markdown file.
struct CodeBlock {
  /// The info string, word by word: the language, then how it is meant.
  var info: [String]
  /// Where its first line stands in the lines of the file, from 0.
  var start: Int
  var lines: [String]

  var language: String { info.first ?? "" }
  var text: String { lines.map { $0 + "\n" }.joined() }

  /// The blocks of a file in their order; an opening fence without an end runs to the end.
  static func all(in lines: [String]) -> [CodeBlock] {
    var blocks: [CodeBlock] = []
    var open: CodeBlock?
    for (index, line) in lines.enumerated() {
      if line.hasPrefix("```") {
        if let block = open {
          blocks.append(block)
          open = nil
        } else {
          let info = line.drop { $0 == "`" }.split(separator: " ").map(String.init)
          open = CodeBlock(info: info, start: index + 1, lines: [])
        }
      } else {
        open?.lines.append(line)
      }
    }
    return blocks + (open.map { [$0] } ?? [])
  }
}

/// What is typed after a mark (`tss> `, `$ `) and what is printed then.
struct Exchange {
  var input: String
  /// Where the output stands in the lines of the file.
  var output: Range<Int>
  var expected: [String]

  /// The exchanges of a transcript. An input goes on over further lines while `isOpen`.
  static func all(
    in block: CodeBlock, mark: String, isOpen: (String) -> Bool = { _ in false }
  ) -> [Exchange] {
    var exchanges: [Exchange] = []
    var index = 0
    while index < block.lines.count {
      guard block.lines[index].hasPrefix(mark) else { return exchanges }
      var input = String(block.lines[index].dropFirst(mark.count))
      index += 1
      while index < block.lines.count, isOpen(input) {
        input += "\n" + block.lines[index]
        index += 1
      }
      let first = index
      while index < block.lines.count, !block.lines[index].hasPrefix(mark) { index += 1 }
      exchanges.append(
        Exchange(
          input: input, output: block.start + first..<block.start + index,
          expected: Array(block.lines[first..<index])))
    }
    return exchanges
  }
}

/// Printed text as the lines of a block: without spaces at their ends, nor empty lines after them.
func printedLines(_ text: String) -> [String] {
  var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
    String(line.reversed().drop { $0 == " " }.reversed())
  }
  while lines.last?.isEmpty == true { lines.removeLast() }
  return lines
}
