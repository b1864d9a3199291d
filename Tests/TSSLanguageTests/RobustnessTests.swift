import Foundation
import Groundwork
import Synchronization
import TSSLanguage
import TestSupport
import Testing

/// Nothing that is typed, pasted or read from a file makes the parser crash, hang or point outside
/// the text.
@Suite struct RobustnessTests {
  static let examples = Programs.all(in: Programs.scripts).map {
    Source(name: $0.lastPathComponent, text: Programs.text(of: $0))
  }

  /// Parses a text, draws its error, and returns it.
  @discardableResult
  private func attempt(_ text: String, isPrompt: Bool = false) -> Diagnostic? {
    let source = Source(name: "test.tss", text: text)
    do throws(Diagnostic) {
      _ = try Parser.parse(source, isPrompt: isPrompt)
      return nil
    } catch {
      for span in [error.span].compactMap({ $0 }) + error.related.map(\.span) {
        let isInside = 0 <= span.start && span.start <= span.end && span.end <= source.bytes.count
        #expect(isInside, "\(error.message) at \(span.start)..<\(span.end) of: \(text.prefix(200))")
      }
      #expect(error.span != nil)
      #expect(!Renderer(color: false).render(error).isEmpty)
      return error
    }
  }

  @Test func theExamplesParse() {
    #expect(Self.examples.count == 9)
    for source in Self.examples {
      #expect(attempt(source.text) == nil, "\(source.name)")
    }
  }

  @Test func everyTruncationOfTheExamplesIsHandled() {
    for source in Self.examples {
      for end in source.bytes.indices {
        let text = String(decoding: source.bytes[..<end], as: UTF8.self)
        attempt(text)
        _ = Parser.completeness(of: text)
      }
    }
  }

  /// What ends between two tokens of a program can be continued, so it is never called wrong.
  @Test func truncationsBetweenTokensAreIncompleteOrComplete() {
    for source in Self.examples {
      var depth = 0
      var isInString = false
      for token in Lexer.lex(source).tokens {
        switch token.kind {
        case .symbol(.openParenthesis), .symbol(.openBracket), .symbol(.openBrace): depth += 1
        case .symbol(.closeParenthesis), .symbol(.closeBracket), .symbol(.closeBrace): depth -= 1
        case .stringStart: isInString = true
        case .stringEnd: isInString = false
        default: break
        }
        if isInString { continue }
        let text = String(decoding: source.bytes[..<token.end], as: UTF8.self)
        if let error = attempt(text) {
          guard case .syntax(isIncomplete: true) = error.stage else {
            Issue.record("\(error.message): \(text.suffix(60))")
            continue
          }
        }
        if depth > 0, case .wrong(let error) = Parser.completeness(of: text) {
          // A line break may follow inside brackets, but not in the header of a block.
          let mayBreak = error.message.contains("needs a block") || error.code == "expected"
          #expect(mayBreak, "\(error.message): \(text.suffix(60))")
        }
      }
    }
  }

  @Test func everyDeletionOfAByteIsHandled() {
    for source in Self.examples {
      for index in source.bytes.indices {
        var bytes = source.bytes
        bytes.remove(at: index)
        attempt(String(decoding: bytes, as: UTF8.self))
      }
    }
  }

  @Test func randomBytes() {
    var random = Random(seed: 1)
    for _ in 0..<3000 {
      let bytes = (0..<random.below(60)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      attempt(String(decoding: bytes, as: UTF8.self), isPrompt: random.below(2) == 0)
    }
  }

  @Test func randomTokens() {
    let pieces =
      Symbol.allCases.map { $0 == .interpolation || $0 == .interpolationEnd ? "\"" : $0.rawValue }
      + [
        "x", "f", "eta", "1", "2.5", ".5", "1_0", "3e2", "\"a\"", "\"{x}\"", "\"{x:.2f}\"", "\"{",
        "}\"",
        "\n", "\n", " ", " ", "#c\n", "##d\n", "'", "x'", "def", "lambda", "let", "print", "**",
        "+=",
        "&&", "!", "?", "@", "²", "ᵀ", "−", "\u{A0}", "_", "nothing", "then", "mod", "is", "\t",
        "\\",
        "`", "$", "%", "|", "&", "...", "0x1", "\"\"\"", "\r\n", "🙂", "e\u{301}", "else if",
      ]
    var random = Random(seed: 2)
    for _ in 0..<6000 {
      let text = (0..<random.below(25)).map { _ in
        pieces[random.below(pieces.count)] + (random.below(3) == 0 ? " " : "")
      }.joined()
      attempt(text, isPrompt: random.below(2) == 0)
      _ = Parser.completeness(of: text)
    }
  }

  // MARK: Size

  /// A debug build is some twenty times slower: a tenth of the size makes the point there.
  #if DEBUG
    private static let size = 100_000
  #else
    private static let size = 1_000_000
  #endif

  @Test(.timeLimit(.minutes(1))) func aMegabyteOnOneLine() {
    let terms = String(repeating: "x + ", count: Self.size / 4) + "x"
    #expect(attempt(terms)?.code == "too-deep")
    #expect(attempt("[" + String(repeating: "1, ", count: Self.size / 3) + "]") == nil)
    #expect(
      attempt("f(" + String(repeating: "1,", count: Self.size / 2) + " 2 3)")?.code == "unexpected")
    #expect(attempt("\"" + String(repeating: "ab{x}", count: Self.size / 5) + "\"") == nil)
    #expect(attempt(String(repeating: "η", count: Self.size / 2)) == nil)
    #expect(attempt("1" + String(repeating: "0", count: Self.size)) == nil)
  }

  @Test(.timeLimit(.minutes(1))) func aHundredThousandLines() {
    let text = String(repeating: "eta_w = f(x, 2.5) # comment\n", count: Self.size / 10)
    #expect(attempt(text) == nil)
    #expect(attempt(text + "x y")?.code == "unexpected")
  }

  /// On a small stack, with the tree deallocated there as well.
  @Test(.timeLimit(.minutes(1)), arguments: [10, 100, 300, 2000, 10_000])
  func anyDepth(_ depth: Int) {
    let shapes: [(String, String, String)] = [
      ("(", "1", ")"), ("[", "1", "]"), ("f(", "1", ")"), ("-", "x", ""), ("not ", "x", ""),
      ("2^", "2", ""), ("x -> ", "x", ""), ("{", "", "}"), ("if a {", "", "}"), ("(a=", "1", ")"),
      ("if a { } else ", "if a { }", ""), ("x[", "1", "]"), ("\"{", "1", "}\""), ("2(", "x", ")"),
      ("while a {\n", "b", "\n}"), ("f() = {", "", "}"), ("sweep x in xs {", "x", "}"),
      ("1 + ", "1", ""), ("", "x", "'"), ("", "x", ".a"), ("", "f", "(1)"), ("", "x", " |> f"),
      ("", "x", "[1]"), ("a and ", "b", ""), ("1:", "2", ""), ("x.a[", "1", "] = 2"),
    ]
    for (opening, middle, closing) in shapes {
      let text =
        String(repeating: opening, count: depth) + middle
        + String(repeating: closing, count: depth)
      let outcome = Mutex<String>("")
      #if DEBUG
        let stack = 3 << 20
      #else
        let stack = 512 << 10
      #endif
      let thread = Groundwork.Thread(stackSize: stack) {
        let result = attempt(text)?.code ?? "program"
        outcome.withLock { $0 = result }
      }
      thread.join()
      let result = outcome.withLock { $0 }
      if depth <= 100, opening != "1:", !closing.hasSuffix("= 2"), opening != "{" {
        #expect(result == "program", "\(depth) × \(opening)…\(closing): \(result)")
      }
      if depth >= 2000, result != "too-deep" {
        let isWrongAnyway = ["1:", "x.a[", "{"].contains(opening)
        #expect(isWrongAnyway, "\(depth) × \(opening)…\(closing): \(result)")
      }
    }
  }
}

/// SplitMix64 (Steele, Lea and Flood 2014): the same texts in every run.
struct Random {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }
}
