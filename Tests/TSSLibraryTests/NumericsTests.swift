import TSSLanguage
import TSSLibrary
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct NumericsTests {
  private func number(_ name: String, _ f: @escaping (Double) -> Double, _ bounds: Double...)
    throws -> Double
  {
    let arguments: [Value] = [scalar(f)] + bounds.map { .number($0) }
    guard case .function(let function)? = standard.entries[name]?.value else { return .nan }
    let value = try TestContext().bound(function as! Builtin, arguments, [:])
    guard case .number(let number) = value else { return .nan }
    return number
  }

  @Test func rootsOfHardFunctions() throws {
    #expect(abs(try number("root", { $0 * $0 - 2 }, 0, 2) - 2.0.squareRoot()) < 1e-12)
    #expect(abs(try number("root", { cos($0) - $0 }, 0, 1) - 0.7390851332151607) < 1e-12)
    // A root of ninth order, and a function that is flat nearly everywhere.
    #expect(abs(try number("root", { pow($0, 9) }, -1, 4)) < 1e-12)
    #expect(abs(try number("root", { $0 < 0.3 ? -1 : 1 }, 0, 1) - 0.3) < 1e-11)
    #expect(try number("root", { $0 - 1 }, 1, 2) == 1)
    #expect(
      failure("root", scalar { $0 * $0 + 1 }, 0, 1)?.message
        == "`root` needs values of opposite sign at the ends: f(0) = 1, f(1) = 2")
  }

  @Test func minima() throws {
    guard case .record(let result) = try run("minimize", scalar { ($0 - 1) * ($0 - 1) }, 0, 3),
      case .number(let x)? = result["x"]
    else { return }
    #expect(abs(x - 1) < 1e-7)
    guard case .record(let edge) = try run("minimize", scalar { $0 }, 2, 3),
      case .number(let low)? = edge["x"]
    else { return }
    #expect(abs(low - 2) < 1e-7)
  }

  @Test func integralsAgreeWithClosedForms() throws {
    let cases: [((Double) -> Double, Double, Double, Double)] = [
      ({ $0 * $0 }, 0, 3, 9), ({ sin($0) }, 0, .pi, 2),
      ({ exp(-$0 * $0) }, -.infinity, .infinity, 1.772453850905516),
      ({ exp(-$0) }, 0, .infinity, 1), ({ exp($0) }, -.infinity, 0, 1),
      ({ sqrt($0) }, 0, 1, 2.0 / 3),
      ({ log($0) }, 0, 1, -1), ({ 1 / (1 + $0 * $0) }, -.infinity, .infinity, .pi),
      ({ abs($0 - 0.3) }, 0, 1, 0.29), ({ cos(50 * $0) }, 0, 1, sin(50.0) / 50),
      ({ $0 }, 3, 0, -4.5), ({ 1 / (1e-6 + ($0 - 0.2) * ($0 - 0.2)) }, -1, 1, 3139.5093211004021),
    ]
    for (f, a, b, expected) in cases {
      let result = try number("integrate", f, a, b)
      #expect(abs(result - expected) <= 2e-10 * abs(expected), "\(result), not \(expected)")
    }
    #expect(try number("integrate", { _ in 0 }, 0, 1) == 0)
  }

  @Test func anIntegralThatDivergesIsNoted() throws {
    let context = TestContext()
    _ = try run("integrate", scalar { 1 / $0 }, 0, 1, in: context)
    #expect(context.notes.count == 1)
  }

  @Test func derivatives() throws {
    #expect(abs(try number("derivative", { exp($0) }, 1) - exp(1)) < 1e-9)
    #expect(abs(try number("derivative", { sin($0) }, 0) - 1) < 1e-10)
    #expect(abs(try number("derivative", { $0 * $0 }, 1e6) - 2e6) < 1e-3)
  }

  @Test func userFunctionsAreWatched() {
    let context = TestContext()
    context.patience = 50
    #expect(
      failure("integrate", scalar { 1 / $0 }, 0, 1, in: context)?.code == "interrupted")
    let words = Value.function(TestFunction { _ throws(Diagnostic) in "a" })
    #expect(
      failure("root", words, 0, 1)?.message
        == "the function given to `root` must give a number, not a string")
  }
}
