import TSSLanguage

extension Engine {
  /// Makes a Swift function callable from programs.
  ///
  /// Any number of arguments; their types say what a program may pass, and an optional argument
  /// may be left out. What the closure throws stops the program with its description as message.
  ///
  /// - Parameters:
  ///   - name: what programs call it; it may be one of the vocabulary.
  ///   - doc: one paragraph for `help`.
  ///   - parameters: names, for calls with named arguments and for messages; `x` or `x1, x2, …`
  ///     where none are given.
  ///   - body: may be called from several threads at once.
  public mutating func define<each Argument: FromValue, Result: ToValue>(
    _ name: String, doc: String = "", parameters: [String] = [],
    _ body: @escaping @Sendable (repeat each Argument) throws -> Result
  ) {
    hostNames.insert(Greek.canonicalName(name))
    var optional: [Bool] = []
    for type in repeat (each Argument).self { optional.append(type.isOptional) }
    let count = optional.count
    let names = (0..<count).map { index in
      let name = count == 1 ? "x" : "x\(index + 1)"
      return index < parameters.count ? Greek.canonicalName(parameters[index]) : name
    }
    let described = zip(names, optional).map { name, optional in
      Parameter(name, optional ? .optional("nothing") : .required)
    }
    vocabulary.define(Greek.canonicalName(name), described, Documentation(doc)) {
      (call: Call) throws(Diagnostic) -> Value in
      var index = 0
      func next<T: FromValue>(_: T.Type) throws(Diagnostic) -> T {
        defer { index += 1 }
        guard let argument = T.from(call.values[index] ?? .nothing) else {
          throw call.mismatch(names[index], wants: T.wanted)
        }
        return argument
      }
      do {
        return try body(repeat try next((each Argument).self)).scriptValue
      } catch let diagnostic as Diagnostic {
        throw diagnostic
      } catch {
        throw call.error("`\(name)` failed: \(error)", code: "host")
      }
    }
  }

  /// Makes a value known to programs under a name.
  public mutating func define(_ name: String, doc: String = "", value: some ToValue) {
    hostNames.insert(Greek.canonicalName(name))
    vocabulary.define(Greek.canonicalName(name), value.scriptValue, doc)
  }
}
