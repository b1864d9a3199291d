import TSSLanguage
import TSSLibrary

/// How the function is called whose arguments are being written.
public struct SignatureHint: Sendable, Hashable {
  public var function: String
  /// The parameters as a reader writes them: `K`, `g=erf`, `η=…`.
  public var parameters: [String]
  /// Which of them is being written; nil where none fits.
  public var current: Int?
  /// One line about that argument, with the words it may be; about the function where there is no
  /// such argument. May be empty.
  public var documentation: String
}

extension Session {
  /// The call that a cursor stands in; nil outside calls of known functions. Never runs anything.
  ///
  /// - Parameters:
  ///   - text: an input that may still be incomplete.
  ///   - cursor: in UTF-8 bytes of the text.
  public func signatureHint(_ text: String, at cursor: Int) -> SignatureHint? {
    let bytes = Array(text.utf8)
    let place = CompletionPlace(bytes[..<min(max(cursor, 0), bytes.count)])
    guard let call = place.enclosingCall,
      case .function(let function)? = valueIfKnown(call.function)
    else { return nil }
    let parameters = function.signature.parameters
    let current = index(of: call, in: parameters)
    let shown = current.map { Self.line(about: parameters[$0]) } ?? function.documentation.text
    return SignatureHint(
      function: call.function, parameters: parameters.map(HelpText.parameter), current: current,
      documentation: String(shown.prefix { $0 != "\n" }))
  }

  /// The parameter that the argument in hand is for; nil where none fits.
  func index(
    of call: CompletionPlace.OpenCall, in parameters: [Parameter]
  ) -> Int? {
    if let name = call.current.map(Greek.canonicalName) {
      return parameters.firstIndex { $0.name == name }
    }
    let positional = parameters.indices.filter { !parameters[$0].isNamedOnly }
    if call.given.isEmpty, call.positional < positional.count {
      return positional[call.positional]
    }
    return parameters.firstIndex { $0.requirement == .rest }
  }

  private static func line(about parameter: Parameter) -> String {
    let choices = parameter.choices.joined(separator: ", ")
    let text = parameter.documentation
    return text.isEmpty || choices.isEmpty ? text + choices : text + ": " + choices
  }
}
