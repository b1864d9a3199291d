/// Pasted text as it is inserted.
///
/// What was copied from a session of tss, prompts and results included, becomes the inputs alone:
/// of a text that begins with a prompt only the lines after prompts are kept, each with as many
/// further lines as it needs to be complete; the rest is output.
public func cleanPaste(_ text: String, isUnfinished: (String) -> Bool) -> String {
  let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  guard let first = lines.first, let start = afterPrompt(first) else { return text }
  var inputs: [String] = []
  var current = String(start)
  var isOpen = isUnfinished(current)
  for line in lines.dropFirst() {
    if let input = afterPrompt(line) {
      inputs.append(current)
      current = String(input)
      isOpen = isUnfinished(current)
    } else if isOpen {
      current += "\n" + line
      isOpen = isUnfinished(current)
    }
  }
  inputs.append(current)
  return inputs.filter { !$0.allSatisfy(\.isWhitespace) }.joined(separator: "\n")
}

private func afterPrompt(_ line: Substring) -> Substring? {
  let trimmed = line.drop { $0 == " " }
  if trimmed.hasPrefix("tss> ") { return trimmed.dropFirst(5) }
  return trimmed == "tss>" ? "" : nil
}
