/// Where in a program the cursor is, as far as completion needs to know.
///
/// The text before the cursor is scanned, not parsed: it is a fragment, and what stands after the
/// cursor may be anything. Bytes from 0x80 on count as letters, as Greek is.
struct CompletionPlace {
  enum Kind: Equatable {
    /// In a comment: nothing to offer.
    case comment
    /// Inside quotes, outside `{…}`.
    case string(isUsed: Bool)
    /// After a backslash: `\eta`.
    case backslash
    /// After `a.b.`: the names so far.
    case field([String])
    /// After `f(…).`: the function.
    case resultField(String)
    /// After `use `.
    case module
    case name
  }

  /// A call whose bracket is open.
  struct OpenCall {
    var function: String
    /// Names of the arguments that are complete.
    var given: [String] = []
    var positional = 0
    /// `K` while what follows `K=` is written.
    var current: String?
    fileprivate var isEmpty = true
  }

  var kind = Kind.name
  /// What is being written, in bytes; it ends at the cursor.
  var word: Range<Int>
  /// The innermost open call, where the cursor is directly in its argument list.
  var call: OpenCall?
  /// The innermost open call, however many other brackets stand between it and the cursor.
  var enclosingCall: OpenCall?

  init(_ bytes: ArraySlice<UInt8>) {
    var scanner = PlaceScanner(bytes: Array(bytes))
    scanner.scan()
    word = scanner.bytes.count..<scanner.bytes.count
    if scanner.isInComment {
      kind = .comment
      return
    }
    enclosingCall = scanner.innermostCall
    if case .string(let start)? = scanner.open.last {
      kind = .string(isUsed: scanner.name(endingAt: start - 1, skippingSpaces: true) == "use")
      word = start..<scanner.bytes.count
      return
    }
    word = scanner.wordStart(before: scanner.bytes.count)..<scanner.bytes.count
    if case .call(let call)? = scanner.open.last { self.call = call }
    let before = word.lowerBound
    if before > 0, scanner.bytes[before - 1] == UInt8(ascii: "\\") {
      kind = .backslash
      word = before - 1..<word.upperBound
    } else if before > 1, scanner.bytes[before - 1] == UInt8(ascii: "."),
      let place = scanner.fieldPlace(dot: before - 1)
    {
      kind = place
    } else if scanner.name(endingAt: before, skippingSpaces: true) == "use" {
      kind = .module
    }
  }
}

extension CompletionPlace {
  /// Whether a byte belongs to a name or a number.
  static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
      true
    default: false
    }
  }
}

/// Follows brackets, strings and comments from the start of the text.
private struct PlaceScanner {
  enum Open {
    case call(CompletionPlace.OpenCall)
    case bracket
    case brace
    /// With the offset of its first character.
    case string(Int)
    /// `{…}` in a string.
    case interpolation
  }

  let bytes: [UInt8]
  var open: [Open] = []
  var isInComment = false
  /// The functions of the calls that have been closed, by the offset after the bracket.
  private var closedCalls: [Int: String] = [:]

  init(bytes: [UInt8]) { self.bytes = bytes }

  /// A block has statements of its own, so that the call around it is not meant.
  var innermostCall: CompletionPlace.OpenCall? {
    for bracket in open.reversed() {
      switch bracket {
      case .call(let call): return call
      case .brace: return nil
      case .bracket, .string, .interpolation: continue
      }
    }
    return nil
  }

  mutating func scan() {
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if isInComment {
        isInComment = byte != UInt8(ascii: "\n")
        continue
      }
      if case .string? = open.last {
        scanInString(byte, &index)
        continue
      }
      scanCode(byte, &index)
    }
  }

  private mutating func scanInString(_ byte: UInt8, _ index: inout Int) {
    switch byte {
    case UInt8(ascii: "\\"): index = min(index + 1, bytes.count)
    case UInt8(ascii: "\""), UInt8(ascii: "\n"): open.removeLast()
    case UInt8(ascii: "{"):
      let isDoubled = index < bytes.count && bytes[index] == byte
      if isDoubled { index += 1 } else { open.append(.interpolation) }
    default: break
    }
  }

  private mutating func scanCode(_ byte: UInt8, _ index: inout Int) {
    switch byte {
    case UInt8(ascii: "#"): isInComment = true
    case UInt8(ascii: "\""):
      fill { $0.isEmpty = false }
      open.append(.string(index))
    case UInt8(ascii: "("):
      fill { $0.isEmpty = false }
      if let function = name(endingAt: index - 1, skippingSpaces: false) {
        open.append(.call(CompletionPlace.OpenCall(function: function)))
      } else {
        open.append(.bracket)
      }
    case UInt8(ascii: "["):
      fill { $0.isEmpty = false }
      open.append(.bracket)
    case UInt8(ascii: "{"): open.append(.brace)
    case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
      if case .call(let call)? = open.popLast() { closedCalls[index] = call.function }
    case UInt8(ascii: ","): fill { $0.next() }
    case UInt8(ascii: "="):
      let next = index < bytes.count ? bytes[index] : 0
      let before = index > 1 ? bytes[index - 2] : 0
      if next == byte {
        index += 1
      } else if !"<>!".utf8.contains(before) {
        nameArgument(index - 1)
      }
    case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\t"): break
    default: fill { $0.isEmpty = false }
    }
  }

  private mutating func fill(_ change: (inout CompletionPlace.OpenCall) -> Void) {
    guard case .call(var call)? = open.last else { return }
    change(&call)
    open[open.count - 1] = .call(call)
  }

  private mutating func nameArgument(_ equals: Int) {
    let name = name(endingAt: equals, skippingSpaces: true)
    fill { $0.current = $0.current ?? name }
  }

  // MARK: Words

  func wordStart(before end: Int) -> Int {
    var start = end
    while start > 0, CompletionPlace.isWord(bytes[start - 1]) { start -= 1 }
    return start
  }

  /// The name that ends there; nil where there is none.
  func name(endingAt end: Int, skippingSpaces: Bool) -> String? {
    var end = end
    while skippingSpaces, end > 0, bytes[end - 1] == UInt8(ascii: " ") { end -= 1 }
    let start = wordStart(before: end)
    guard start < end, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[start]) else {
      return nil
    }
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  /// What the dot belongs to; nil after a number.
  func fieldPlace(dot: Int) -> CompletionPlace.Kind? {
    if let function = closedCalls[dot] { return .resultField(function) }
    var names: [String] = []
    var end = dot
    while let name = name(endingAt: end, skippingSpaces: false) {
      names.insert(name, at: 0)
      let start = end - name.utf8.count
      guard start > 1, bytes[start - 1] == UInt8(ascii: ".") else { return .field(names) }
      end = start - 1
    }
    return names.isEmpty && wordStart(before: dot) < dot ? nil : .field([])
  }
}

extension CompletionPlace.OpenCall {
  /// After a comma.
  fileprivate mutating func next() {
    if let current { given.append(current) } else if !isEmpty { positional += 1 }
    current = nil
    isEmpty = true
  }
}
