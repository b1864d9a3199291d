import LearningDynamics
import Synchronization
import TSSLanguage

/// What a user's activation could not do while an engine asked for its values.
///
/// Engines know numbers only. Where g fails it gives NaN, and they end as they do where anything
/// else leaves every range; what is kept here is shown instead of that.
final class ActivationFailure: Sendable {
  /// Of all failures that at the smallest |x|: integrals also look far away, for what does not
  /// matter in the end.
  private let nearest = Mutex<FailedActivation?>(nil)
  private let call: Call

  /// - Parameter call: the one that was given the activation as `g`.
  init(_ call: Call) { self.call = call }

  /// What went wrong and at which x.
  var found: FailedActivation? { nearest.withLock { $0 } }

  func note(_ error: Diagnostic, at x: Double) {
    // Whoever stops a run knows why it ends.
    if case .interrupted = error.stage { return }
    nearest.withLock {
      if abs(x) < abs($0?.x ?? .infinity) { $0 = FailedActivation(x: x, error: error) }
    }
  }

  /// That g gave this at x.
  func noteValue(_ value: Value, at x: Double) { note(notFinite(value, at: x), at: x) }

  func notFinite(_ value: Value, at x: Double) -> Diagnostic {
    call.error(
      "an activation must give a finite number; at x = \(x.printed) this gives \(value.inWords)",
      at: "g")
  }

  func forget() { nearest.withLock { $0 = nil } }
}

/// A failure as engines pass it on.
struct FailedActivation: Error {
  let x: Double
  let error: Diagnostic
}

extension Activation {
  /// The first failure among the activations of some networks, with the call that asked for values
  /// and how far it came.
  static func failure(
    _ activations: [Activation], _ call: Call, _ reached: String
  ) -> Diagnostic? {
    for case .custom(let custom) in activations {
      guard let failure = custom.failure() as? FailedActivation else { continue }
      var error = failure.error
      // The thread of an engine may or may not know the call that it works for.
      error.frames.removeAll { $0.call == call.span }
      // Integrals ask where their nodes are, so that more digits would say nothing.
      if let span = call.span {
        error.related.append(
          .init(span, "\(reached), and asked for g near x = \(failure.x.shortened(to: 2))"))
      }
      return error
    }
    return nil
  }
}

extension Call {
  /// The activations of the networks that this call was given.
  var activations: [Activation] {
    values.flatMap { value -> [Activation] in
      guard case .object(let object)? = value else { return [] }
      switch object {
      case let student as StudentObject: return [student.student.activation]
      case let teacher as TeacherObject: return [teacher.teacher.activation]
      case let run as RunObject:
        return [run.first.student.activation, run.first.teacher.activation]
      default: return []
      }
    }
  }
}
