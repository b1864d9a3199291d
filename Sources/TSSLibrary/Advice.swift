import LearningDynamics
import TSSLanguage

/// The core's errors in the user's words, with the numbers that say what to do.

func diagnostic(_ error: any Error, _ call: Call) -> Diagnostic {
  switch error {
  case let diagnostic as Diagnostic:
    return diagnostic
  case is Interruption:
    return Diagnostic(.interrupted, "interrupted", "interrupted")
  case let member as EnsembleError:
    return diagnostic(member.underlying, call)
  case TrainingError.dimensionTooSmall(let N, let needed)
  where call.function.signature.has("inputs") && call["N"] == nil && call["inputs"] != nil:
    return call.error(
      "the covariance of the inputs is \(N.printed)×\(N.printed), which is too small: the overlaps "
        + "of these networks need at least K + M = \(needed) dimensions", at: "inputs",
      help: "a covariance of \(needed) rows, or fewer hidden units")
  case TrainingError.dimensionTooSmall(let N, let needed):
    return call.error(
      "N = \(N.printed) is too small: the overlaps of these networks need N of at least K + M = "
        + "\(needed)", at: call.function.signature.has("N") ? "N" : nil, help: "N=\(needed)")
  case TrainingError.dimensionTooSmallForMomentum(let N, let needed):
    return call.error(
      "N = \(N.printed) is too small: with momentum `method=reduced` needs N of at least 2K + M = "
        + "\(needed)", at: call.function.signature.has("N") ? "N" : nil,
      help: "N=\(needed), or method=full")
  case TrainingError.notACovariance(let eigenvalue):
    return call.error(
      "no weights have these overlaps: [[Q, R], [R', T]] has the negative eigenvalue "
        + "\(short(eigenvalue))",
      help: "make Q larger or R smaller: every R[i, n]^2 is at most Q[i, i]*T[n, n]")
  case TrainingError.invalid(let message):
    return call.error(message)
  case TheoryError.unsettled(let words):
    return Activation.failure(call.activations, call, "this averages its slope")
      ?? call.error(words, code: "theory")
  case TheoryError.needsCopies(let words):
    var diagnostic = call.error(words, code: "theory")
    if case .object(let object as TeacherObject)? = call["teacher"] {
      let ones = [String](repeating: "1", count: object.teacher.hiddenUnits)
      diagnostic.help.append(
        "copies=[\(ones.joined(separator: ", "))] is for units too many that end at 0")
    }
    diagnostic.help.append(
      "\(call.function.name ?? "")(state=run), where `run` has come to its end")
    return diagnostic
  case TheoryError.needsState(let words):
    return call.error(
      words, code: "theory",
      help: call.function.signature.has("state")
        ? "\(call.function.name ?? "")(state=run), where `run` has come to its end" : nil)
  case let error as TheoryError:
    return call.error(error.description, code: "theory")
  default:
    return call.error("\(error)")
  }
}

extension Context {
  /// What a user's function answers a running engine. Throws `Interruption` where the user wants to
  /// stop, so that the engine keeps what it has.
  func ask(_ function: Function, _ argument: Value) throws -> Value {
    do {
      return try call(function, [argument])
    } catch {
      if case .interrupted = error.stage { throw Interruption() }
      throw error
    }
  }
}

/// What to say of a run that diverged.
func diverged(_ divergence: Divergence, _ run: Run, _ call: Call) -> Diagnostic {
  let kept = "the run up to there is kept: at the prompt it is `_`"
  let activations = [run.student.activation, run.teacher.activation]
  if var failure = Activation.failure(
    activations, call, "this run had come to α = \(short(divergence.alpha))")
  {
    failure.help.append(kept)
    return failure
  }
  let phase = run.plan[min(run.end.phase, run.plan.count - 1)]
  let layers = phase.layers
  var rates: [String] = []
  if layers == .both, divergence.firstRate == divergence.secondRate {
    rates = ["η = \(short(divergence.firstRate))"]
  } else {
    if layers.trainFirst {
      rates.append("\(layers == .both ? "η_w" : "η") = \(short(divergence.firstRate))")
    }
    if layers.trainSecond { rates.append("η_v = \(short(divergence.secondRate))") }
  }
  if phase.momentum > 0 { rates.append("momentum = \(phase.momentum.printed)") }
  let words: String
  if let step = divergence.step {
    let size = run.end.state.size(of: divergence.quantity)
    words =
      "the equations became too stiff at α = \(short(divergence.alpha)) with "
      + "\(rates.joined(separator: ", ")): steps of \(short(step)) are all that can be taken, with "
      + "\(divergence.quantity) at \(short(size))"
  } else if divergence.alpha == 0 {
    words = "\(divergence.quantity) is out of range from the start"
  } else {
    words =
      "\(divergence.quantity) diverged at α = \(short(divergence.alpha)) with "
      + rates.joined(separator: ", ")
  }
  var diagnostic = call.error(
    words, code: "diverged",
    at: ["η", "η_w", "η_v"].first { call.function.signature.has($0) && call[$0] != nil })
  let student = run.student, teacher = run.teacher
  if layers.trainFirst, run.inputs == .isotropic,
    let rate = try? StableRate.of(student: student, teacher: teacher, layers: layers),
    case let divisor = (1 - phase.momentum) * Double(run.batch),
    rate < divergence.firstRate / divisor
  {
    let name = student.activation.rawValue
    let article = "aeiou".contains(name.first ?? "x") ? "an" : "a"
    diagnostic.help.append(
      "\(article) \(name) student with K = \(student.hiddenUnits), M = \(teacher.hiddenUnits) is "
        + "stable up to η = \(short(rate * divisor))"
        + (phase.momentum > 0 ? " with this momentum" : "")
        + (run.batch > 1 ? " with batches of \(run.batch)" : ""))
  } else if divergence.alpha == 0 {
    diagnostic.help.append("begin with shorter weights, init=normal(1), or a smaller rate")
  } else {
    diagnostic.help.append("try a smaller learning rate")
  }
  diagnostic.help.append(kept)
  return diagnostic
}

extension OrderParameters {
  /// The largest element of Q, R or v.
  fileprivate func size(of quantity: String) -> Double {
    let elements = quantity == "Q" ? Q.elements : quantity == "R" ? R.elements : v
    return elements.map(abs).max() ?? 0
  }
}

extension Call {
  /// Whether the user wants to stop, for sums and conversions that take long.
  var isStopped: Bool { context.interrupt.isRequested }
}

extension Signature {
  func has(_ name: String) -> Bool { parameters.contains { $0.name == name } }
}

extension Value {
  /// As it stands in a sentence: strings with their quotes.
  var inWords: String {
    if case .string(let text) = self { "\"\(text)\"" } else { printed() }
  }
}
