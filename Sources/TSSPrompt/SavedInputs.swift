import TSS

/// An input as `:save` sees it.
public struct SavedInput {
  public var text: String
  /// Whether it ran to the end.
  public var ending: InputEnding
  /// Whether `_` was its value afterwards.
  public var givesResult: Bool
  /// nil where it cannot be parsed.
  public var shape: ProgramShape?

  public init(
    text: String, ending: InputEnding, givesResult: Bool, shape: ProgramShape?
  ) {
    self.text = text
    self.ending = ending
    self.givesResult = givesResult
    self.shape = shape
  }
}

/// Turns the inputs of a session into a script.
///
/// A script has no `_`: where an input reads the result of an earlier one, that one is given the
/// name that the prompt has for it, `_3`, and the reader names it. Inputs that read what a stopped
/// or failed one has left are not in the script either, since it would not run.
public struct SavedInputs {
  private let inputs: [SavedInput]
  /// Each input in two parts: before its last expression, and that.
  private var lines: [(head: String, tail: String)]
  /// Whether the script has the input.
  public private(set) var isKept: [Bool]

  public init(_ inputs: [SavedInput]) {
    self.inputs = inputs
    lines = inputs.map(Self.parts)
    isKept = inputs.map { $0.ending == .done }
    resolveResults()
  }

  public var script: String {
    var script = ""
    for index in inputs.indices where isKept[index] {
      let name = "_\(index + 1)"
      let isRead = inputs.indices.dropFirst(index + 1).contains { later in
        isKept[later]
          && ProgramWord.all(in: lines[later].head + lines[later].tail).contains {
            $0.text == name
          }
      }
      // Only results that are read get a name, so that the rest stays as it was typed.
      let line = lines[index]
      script += (isRead ? named(line, name, inputs[index].shape) : line.head + line.tail) + "\n"
    }
    return script
  }

  /// Goes through the session: what is `_`, and which names have values that the script lacks.
  private mutating func resolveResults() {
    var last: Int?
    var missing: Set<String> = []
    for (index, input) in inputs.enumerated() {
      let words = ProgramWord.all(in: input.text)
      let isPiped = input.text.trimmingSpaces.hasPrefix("|>")
      if isKept[index] {
        let result = last.flatMap { isKept[$0] ? "_\($0 + 1)" : nil }
        let readsLast = isPiped || words.contains { $0.text == "_" }
        if readsLast, result == nil { isKept[index] = false }
        if let result, readsLast {
          let (head, tail) = lines[index]
          lines[index] = (
            ProgramWord.replacingLast(in: head, with: result),
            ProgramWord.replacingLast(in: tail, with: result)
          )
          if isPiped { lines[index].head = "\(result) " + lines[index].head }
        }
        if reads(words).contains(where: { missing.contains($0) || isLost($0) }) {
          isKept[index] = false
        }
      }
      let binds = input.shape?.binds ?? []
      if isKept[index] {
        missing.subtract(binds)
      } else if input.ending != .failed || input.shape?.isAtomic == false {
        missing.formUnion(binds)
      }
      if input.givesResult { last = index }
    }
  }

  /// The names that a text reads before it gives them a value.
  private func reads(_ words: [ProgramWord]) -> Set<String> {
    var bound: Set<String> = []
    var read: Set<String> = []
    for word in words {
      let name = Session.canonicalName(word.text)
      if bound.contains(name) || read.contains(name) { continue }
      if word.isBound { bound.insert(name) } else { read.insert(name) }
    }
    return read
  }

  /// `_3` where input 3 is not kept.
  private func isLost(_ name: String) -> Bool {
    guard name.hasPrefix("_"), let number = Int(name.dropFirst()) else { return false }
    return isKept.indices.contains(number - 1) && !isKept[number - 1]
  }

  private static func parts(of input: SavedInput) -> (head: String, tail: String) {
    guard case .expression(let start)? = input.shape?.ending else { return (input.text, "") }
    let bytes = input.text.utf8
    return (
      String(decoding: bytes.prefix(start), as: UTF8.self),
      String(decoding: bytes.dropFirst(start), as: UTF8.self)
    )
  }

  /// The input with its value under a name, and shown as it was.
  private func named(
    _ line: (head: String, tail: String), _ name: String, _ shape: ProgramShape?
  ) -> String {
    switch shape?.ending {
    case .expression:
      // `_2 |> f`: what was put in front belongs to the expression.
      let isPiped = line.tail.hasPrefix("|>")
      return isPiped
        ? "\(name) = \(line.head)\(line.tail)\n\(name)"
        : "\(line.head)\(name) = \(line.tail)\n\(name)"
    case .binding(let bound): return "\(line.head)\n\(name) = \(bound)"
    default: return "\(name) = {\n\(line.head)\n}"
    }
  }
}
