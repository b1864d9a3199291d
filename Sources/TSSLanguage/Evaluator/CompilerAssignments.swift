/// Assignments, to whole variables and to parts of their values.
extension Compiler {
  /// `x = …` for a variable that no closure shares.
  private final class LocalAssignment {
    private let slot: Int
    private let new: Code

    init(_ slot: Int, _ new: @escaping Code) { (self.slot, self.new) = (slot, new) }

    func run(_ slots: Slots, _ strand: Strand) throws(Unwinding) -> Value {
      let value = try new(slots, strand)
      // A number over a number: nothing is freed.
      if case .number(let number) = value, case .number? = slots[slot] {
        (slots + slot).initialize(to: .number(number))
      } else {
        slots[slot] = value
      }
      return value
    }
  }

  mutating func assignment(_ target: Statement.Target, _ block: Block) -> Code {
    let new = self.block(block)
    let name = target.root.name
    guard let place = self.target(name) else { return new }
    if target.path.isEmpty {
      if case .slot(let slot) = place { return LocalAssignment(slot, new).run }
      return { (slots, strand) throws(Unwinding) in
        let value = try new(slots, strand)
        place.store(value, slots)
        return value
      }
    }
    // Reads the variable first, for the error where it has no value.
    let read = self.read(name, target.root.span)
    if case .slot(let slot) = place, target.path.count == 1,
      case .index(let indices, let span) = target.path[0], indices.count == 1,
      case .value(let index) = indices[0], !index.isRange
    {
      let (index, rootSpan) = (code(index), target.root.span)
      return ElementAssignment(slot, new, read, index) {
        (slots, value, index) throws(Unwinding) in
        try Self.assign(
          value, to: place, slots, [.index([.value(index)], span)], name, rootSpan)
      }.run
    }
    enum StepCode {
      case index([SubscriptCode], Span)
      case field(String, Span)
    }
    var path: [StepCode] = []
    for step in target.path {
      switch step {
      case .index(let indices, let span): path.append(.index(subscripts(indices), span))
      case .field(let name): path.append(.field(name.name, name.span))
      }
    }
    let rootSpan = target.root.span
    return { (slots, strand) throws(Unwinding) in
      let value = try new(slots, strand)
      _ = try read(slots, strand)
      var steps: [Step] = []
      for step in path {
        switch step {
        case .field(let name, let span): steps.append(.field(name, span))
        case .index(let codes, let span):
          var subscripts: [Subscript] = []
          for code in codes { subscripts.append(try code(slots, strand)) }
          steps.append(.index(subscripts, span))
        }
      }
      try Self.assign(value, to: place, slots, steps, name, rootSpan)
      return value
    }
  }

  private static func assign(
    _ value: Value, to place: Place, _ slots: Slots, _ steps: [Step], _ name: String,
    _ rootSpan: Span
  ) throws(Unwinding) {
    // Out of the variable, so that its elements have one owner and can change in place.
    var root = place.load(slots) ?? .nothing
    place.store(nil, slots)
    defer { place.store(root, slots) }
    try locating(rootSpan) { () throws(Diagnostic) in
      try Operations.assign(value, into: &root, steps[...], name)
    }
  }

  /// `xs[j] = …` for a variable that no closure shares.
  private final class ElementAssignment {
    typealias Other = (Slots, Value, Value) throws(Unwinding) -> Void
    private let slot: Int
    private let new: Code
    private let read: Code
    private let index: Code
    private let other: Other

    /// - Parameter other: assigns a value at an index, whatever the variable holds.
    init(
      _ slot: Int, _ new: @escaping Code, _ read: @escaping Code, _ index: @escaping Code,
      _ other: @escaping Other
    ) { (self.slot, self.new, self.read, self.index, self.other) = (slot, new, read, index, other) }

    func run(_ slots: Slots, _ strand: Strand) throws(Unwinding) -> Value {
      let value = try new(slots, strand)
      if slots[slot] == nil { _ = try read(slots, strand) }
      let index = try index(slots, strand)
      if case .number(let number) = index, slots[slot].replaceElement(number, with: value) {
        return value
      }
      try other(slots, value, index)
      return value
    }
  }
}
