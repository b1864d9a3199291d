import TSS
import TSSPrompt

/// Writes the reference, `docs/reference`, from the texts of `help`.
struct ReferenceCommand {
  let console: Console

  /// Writes every file into an existing folder; gives the exit status.
  func write(to folder: String) -> Int32 {
    for file in Engine().reference {
      let path = "\(folder)/\(file.name)"
      guard TextFile.write(file.text, to: path) else {
        console.note("tss: \(path): \(TextFile.lastProblem)")
        return 1
      }
    }
    return 0
  }
}
