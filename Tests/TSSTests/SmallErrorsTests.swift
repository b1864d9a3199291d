import Foundation
import TSS
import Testing

/// Calls that once answered silently, or with words that did not help.
@Suite struct SmallErrorsTests {
  private func failure(_ code: String) -> Diagnostic? {
    let s = Engine().session(output: .capture)
    do {
      try s.eval(code)
      return nil
    } catch { return error }
  }

  @Test func ratesAreOfOneSeed() throws {
    let error = try #require(failure("rates(student(2), teacher(2), η=0.2, seed=1:3)"))
    #expect(error.message == "`rates` are those of one state, and `seed` is a list")
    #expect(error.span?.text == "1:3")
  }

  @Test func theoryOfAStateTakesNoNetworks() throws {
    let run = "r = ode(student(1), teacher(1), η=0.5, time=1)\n"
    let error = try #require(failure(run + "stable_rate(student(2), teacher(2), state=r)"))
    #expect(error.message.contains("with `state` the networks are those of the run"))
    #expect(error.help == ["stable_rate(state=run)"])
  }

  @Test func anEmptyPlotIsNone() throws {
    #expect(failure("plot([])")?.message == "there is nothing to draw: no curve has a point")
  }

  @Test func fractionsAreNamedToTheirLastDigit() throws {
    let error = try #require(failure("gaussian([1, 2], fractions=[0.5, 0.500001])"))
    #expect(error.message == "the fractions must sum to 1, not to 1.000001")
  }

  @Test func aCovarianceThatIsTooSmallIsNotToldAnotherN() throws {
    let error = try #require(
      failure("ode(student(2), teacher(2), η=0.2, time=1, inputs=gaussian(identity(3)))"))
    #expect(error.help == ["a covariance of 4 rows, or fewer hidden units"])
  }

  @Test func functionsAreSavedAsTheirText() throws {
    let path = "/tmp/tss-functions-\(getpid()).json"
    defer { unlink(path) }
    let s = Engine().session(output: .capture)
    try s.eval(
      "save([student(2, g = x -> tanh(x)), phase(9, η = t -> 1/(1 + t))], \"\(path)\")")
    #expect(try s.eval("load(\"\(path)\")[1].g", as: String.self) == "x -> tanh(x)")
    #expect(try s.eval("load(\"\(path)\")[2].η", as: String.self) == "t -> 1/(1 + t)")
  }

  @Test func stuckEquationsEnd() throws {
    let error = try #require(failure("ode(student(1), teacher(1), η=1e6, time=20)"))
    #expect(error.code == "diverged")
    #expect(error.message.hasPrefix("the equations became too stiff at α = "))
    #expect(error.message.contains("with η = 1e+06: steps of "))
    #expect(error.help[0].contains("is stable up to η = "))
  }
}
