import TSS
import TSSPrompt
import Testing

/// What `:save` writes, input by input.
@Suite struct SavedInputsTests {
  private let session = Engine().session(output: .discard)

  /// Inputs of a prompt. Those that begin with `!` failed, with `~` were stopped; a trailing `§`
  /// says that nothing came out.
  private func saved(_ inputs: String...) -> SavedInputs {
    SavedInputs(
      inputs.map { input in
        let ending: InputEnding =
          input.hasPrefix("!") ? .failed : input.hasPrefix("~") ? .stopped : .done
        let text = String(input.drop { "!~".contains($0) }.prefix { $0 != "§" })
        return SavedInput(
          text: text, ending: ending, givesResult: ending != .failed && !input.hasSuffix("§"),
          shape: session.shape(of: text))
      })
  }

  @Test func resultsThatAreReadGetNames() {
    #expect(saved("1 + 1", "2").script == "1 + 1\n2\n")
    #expect(saved("1 + 1", "_ * 2").script == "_1 = 1 + 1\n_1\n_1 * 2\n")
    #expect(saved("1", "\"{_ + 1} _\" # _").script == "_1 = 1\n_1\n\"{_1 + 1} _\" # _\n")
    #expect(saved("1", "|> sqrt").script == "_1 = 1\n_1\n_1 |> sqrt\n")
    #expect(saved("4", "|> sqrt", "_").script == "_1 = 4\n_1\n_2 = _1 |> sqrt\n_2\n_2\n")
    #expect(saved("1", "!2", "_ + _1").script == "_1 = 1\n_1\n_1 + _1\n")
    #expect(saved("a = 2", "_ + 1").script == "a = 2\n_1 = a\n_1 + 1\n")
    #expect(saved("a = 2; a + 1", "_").script == "a = 2; _1 = a + 1\n_1\n_1\n")
    #expect(saved("5", "print(1)§", "_").script == "_1 = 5\n_1\nprint(1)\n_1\n")
    #expect(saved("x = [1]", "x[1] = 3", "_").script.contains("_2 = {\nx[1] = 3\n}"))
  }

  @Test func orderIsKept() {
    #expect(saved("a = 1", "b = a", "a = 2", "b + a").script == "a = 1\nb = a\na = 2\nb + a\n")
  }

  @Test func whatAStoppedInputLeftIsNotRead() {
    #expect(saved("a = 2", "~r = f(1)", "plot(r)", "a").script == "a = 2\na\n")
    #expect(saved("~r = f(1)", "g = r + 1", "g", "1").script == "1\n")
    // Bound anew it is there again, also where the same input reads it then.
    #expect(saved("~r = f(1)", "r = 3", "r").script == "r = 3\nr\n")
    #expect(saved("~r = f(1)", "r = 3; r + 1").script == "r = 3; r + 1\n")
    #expect(saved("~r = f(1)", "r[1] = 3", "r + 1").script == "")
    #expect(saved("~f(x) = x", "f(x) = 2x", "f(1)").script == "f(x) = 2x\nf(1)\n")
    #expect(saved("~g(1)", "resume(_)").script == "")
    #expect(saved("~g(1)", "4", "_1", "_2").isKept == [false, true, false, true])
    // One statement that failed has bound nothing; of two, nobody knows.
    #expect(saved("x = 1", "!x = [1][2]", "x").script == "x = 1\nx\n")
    #expect(saved("!x = 1; [1][2]", "x").script == "")
    #expect(saved("~eta = f(1)", "η").script == "")
    // Names of arguments and words in strings and comments are no names.
    #expect(saved("~r = f(1)", "\"r\" # (r").script == "\"r\" # (r\n")
  }
}
