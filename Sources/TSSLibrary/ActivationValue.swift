#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif
import LearningDynamics
import Synchronization
import TSSLanguage

/// What `g=` may be: one of the built-in activations by name, or any function of one number.
enum ActivationValue {
  static let names = Activation.allCases.map(\.rawValue)

  static func read(_ call: Call) throws(Diagnostic) -> Activation {
    let name: String?
    switch call["g"] {
    case nil: return .erf
    case .word(let word), .string(let word): name = word
    case .function(let function):
      if !(function is Builtin) { return .custom(try custom(function, call)) }
      name = function.name
      if let name, Activation(rawValue: name) == nil { return .custom(try custom(function, call)) }
    default: throw call.mismatch("g", wants: "an activation")
    }
    if let activation = name.flatMap(Activation.init(rawValue:)) { return activation }
    throw call.error(
      "`g` is one of \(names.map { "`\($0)`" }.joined(separator: ", ")) or a function of one number"
        + (name.map { ", not `\($0)`" } ?? ""),
      code: "choice", at: "g",
      help: name.flatMap { Suggestions.help(for: $0, among: names) }
        ?? "g=erf is g(x) = erf(x/√2), as in the literature")
  }

  /// `g` where it is a function that is no built-in activation, to be given back as it came.
  static func function(_ call: Call) -> Value? {
    guard case .function(let function)? = call["g"] else { return nil }
    if function is Builtin, let name = function.name, Activation(rawValue: name) != nil {
      return nil
    }
    return call["g"]
  }

  /// A function of the language as an activation. It is tried on a grid first, so that what is
  /// wrong with it is said where it is given, not in the middle of a run.
  private static func custom(
    _ function: Function, _ call: Call
  ) throws(Diagnostic) -> CustomActivation {
    let context = call.context, failure = ActivationFailure(call)
    try call.requireOneArgument(function, "g", help: "g = x -> tanh(x)")
    for step in -80...80 {
      let x = Double(step) / 10 + 0.0123
      let value = try context.call(function, [.number(x)])
      guard case .number(let g) = value, g.isFinite else {
        throw failure.notFinite(value, at: x)
      }
    }
    let name = function.name ?? function.printedSource
    noteMathematicalErf(function, context)
    do {
      let tape = try Tape(of: function)
      let switches = tape.switches(in: -20...20)
      return CustomActivation(
        name: name, switches: switches,
        values: { x, count, g in tape.evaluate(x, count: count, g: g, dg: nil) },
        failure: { Self.failure(of: tape, failure) },
        evaluator: { x, count, g, dg in tape.evaluate(x, count: count, g: g, dg: dg) })
    } catch {
      context.note(
        "the activation \(name) runs step by step, which is slow, and its derivative is a "
          + "difference: \(error.message)")
    }
    let stepped = SteppedActivation(function: function, context: context, failure: failure)
    defer { failure.forget() }
    return CustomActivation(
      name: name, values: { x, count, g in stepped.evaluate(x, count, g: g) },
      failure: { failure.found },
      evaluator: { x, count, g, dg in stepped.evaluate(x, count, g: g, dg: dg) })
  }

  /// A tape does not look at its values: where it gives no number is found when it is asked for.
  private static func failure(of tape: Tape, _ failure: ActivationFailure) -> FailedActivation? {
    for step in 0...2000 {
      for x in [0.05 * Double(step) + 0.0123, -0.05 * Double(step) - 0.0123] {
        var g = 0.0
        withUnsafePointer(to: x) { tape.evaluate($0, count: 1, g: &g, dg: nil) }
        if !g.isFinite {
          return FailedActivation(x: x, error: failure.notFinite(.number(g), at: x))
        }
      }
    }
    return nil
  }

  /// `x -> erf(x)` is not the erf of the literature, which is erf(x/√2); said once.
  private static func noteMathematicalErf(_ function: Function, _ context: Context) {
    let isErf = [0.3, 1, -2].allSatisfy { x in
      guard case .number(let g)? = try? context.call(function, [.number(x)]) else { return false }
      return abs(g - erf(x)) < 1e-14
    }
    guard isErf, !wasNoted.exchange(true, ordering: .relaxed) else { return }
    context.note(
      "this g is erf(x); the literature's g=erf is erf(x/√2), by hand x -> erf(x/sqrt(2))")
  }

  private static let wasNoted = Atomic<Bool>(false)
}
