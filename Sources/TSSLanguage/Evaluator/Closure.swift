/// A function of the user's as compiled: what all closures made of one definition share.
final class Template: @unchecked Sendable {
  let name: String?
  let signature: Signature
  let documentation: Documentation
  let span: Span
  let frameSize: Int
  let code: Code
  /// One for each parameter, nil where it has no default.
  let defaults: [Piece?]
  /// Slots that are filled from the closure when a call begins.
  let captureSlots: [Int]
  let selfSlot: Int?
  /// Parameters and locals that closures share.
  let boxedParameters: [Bool]
  let boxedLocals: [Int]
  /// Whether a call has nothing to do but run the code.
  let isPlain: Bool
  /// The standard library's: its calls are not the user's frames.
  let isLibrary: Bool
  /// What was written, for tapes; nil for the body of a sweep.
  let syntax: FunctionSyntax?
  /// The names of what is captured, in the order of `captureSlots`.
  let captureNames: [String]
  /// The function by name whose value it is: `sine` of `sine(frequency) = x -> sin(frequency*x)`.
  let maker: FunctionSyntax?
  /// The top level that the function's other names belong to. It holds the functions.
  private(set) weak var globals: Globals?

  init(
    name: String?, signature: Signature, documentation: Documentation, span: Span, scope: Scope,
    code: @escaping Code, defaults: [Piece?], isLibrary: Bool, syntax: FunctionSyntax? = nil,
    maker: FunctionSyntax? = nil, globals: Globals? = nil
  ) {
    self.syntax = syntax
    self.maker = maker
    self.globals = globals
    captureNames = scope.captures.map(\.source.name)
    self.name = name
    self.signature = signature
    self.documentation = documentation
    self.span = span
    self.code = code
    self.defaults = defaults
    self.isLibrary = isLibrary
    frameSize = scope.size
    captureSlots = scope.captures.map(\.slot)
    selfSlot = scope.selfSlot
    let count = signature.parameters.count
    let boxed = scope.boxedSlots
    boxedParameters = (0..<count).map { boxed.contains($0) }
    boxedLocals = boxed.filter { $0 >= count }
    isPlain = captureSlots.isEmpty && selfSlot == nil && boxed.isEmpty
  }
}

/// A function of the user's: a template and the variables it sees.
final class Closure: Function, @unchecked Sendable {
  let template: Template
  // From the template, one step nearer for calls.
  let code: Code
  let frameSize: Int
  let parameterCount: Int
  let isPlain: Bool
  /// Values, or boxes of variables that are shared.
  let captured: [Value]

  init(_ template: Template, captured: [Value]) {
    self.template = template
    self.captured = captured
    code = template.code
    frameSize = template.frameSize
    parameterCount = template.signature.parameters.count
    isPlain = template.isPlain
    super.init(
      name: template.name, signature: template.signature, documentation: template.documentation)
  }

  override var printedSource: String { name ?? making ?? template.span.text.onOneLine }

  /// The call that made it, `sine(2)`, where what it captured tells all of its arguments.
  private var making: String? {
    guard let maker = template.maker, let name = maker.name else { return nil }
    var arguments: [String] = []
    for parameter in maker.parameters {
      guard let index = template.captureNames.firstIndex(of: parameter.name.name),
        case .number(let number) = captured[index]
      else { return nil }
      arguments.append(number.printed)
    }
    return arguments.isEmpty ? nil : "\(name.name)(\(arguments.joined(separator: ", ")))"
  }
  override var definition: String? { template.span.text }

  /// Of the standard library's functions none, which are what they are.
  override var outerValues: [(name: String, value: Value)] {
    guard !template.isLibrary, let syntax = template.syntax else { return [] }
    return OuterNames(of: syntax).names.compactMap { name in
      outerValue(name).map { (name, $0) }
    }
  }
}

extension String {
  /// Program text with its lines joined.
  var onOneLine: String {
    var result = ""
    for line in split(separator: "\n") {
      var piece = line[...]
      while let first = piece.first, first.isWhitespace { piece.removeFirst() }
      while let last = piece.last, last.isWhitespace { piece.removeLast() }
      if piece.isEmpty || piece.first == "#" { continue }
      if let last = result.last {
        let continues = "{([,;=+-*/>".contains(last) || piece.first == "}" || piece.first == ")"
        result += continues || piece.first == "]" ? " " : "; "
      }
      result += piece
    }
    return result
  }
}

/// Calls of any function, from compiled code and from the host.
enum Calls {
  /// Runs a closure whose frame has its arguments, nil where a default stands for one.
  static func enter(
    _ closure: Closure, _ frame: Slots, _ strand: Strand, _ site: CallSite?,
    isComplete: Bool = true
  ) throws(Unwinding) -> Value {
    try enter(.passUnretained(closure), frame, strand, site, isComplete: isComplete)
  }

  /// The same for a closure that someone else keeps alive, without counting a reference.
  @inline(__always)
  static func enter(
    _ callee: Unmanaged<Closure>, _ frame: Slots, _ strand: Strand, _ site: CallSite?,
    isComplete: Bool = true
  ) throws(Unwinding) -> Value {
    try strand.tick()
    let depth = strand.pointee.depth
    guard depth < strand.pointee.maximumDepth, strand.hasNativeStack else {
      throw tooDeep(callee, strand, site)
    }
    strand.pointee.depth = depth &+ 1
    defer { strand.pointee.depth = depth }
    var failure: Unwinding?
    // The code runs inside: outside, it would be retained and released for the call.
    let result = callee._withUnsafeGuaranteedRef { closure -> Value in
      do throws(Unwinding) {
        if !closure.isPlain || !isComplete { try prepare(closure, frame, strand) }
        return try closure.code(frame, strand)
      } catch {
        failure = error
        return .nothing
      }
    }
    guard let failure else { return result }
    return try left(by: failure, callee, strand, site)
  }

  /// What a call gives that ends early: the value of a `return`; an error goes on.
  @inline(never)
  private static func left(
    by error: Unwinding, _ callee: Unmanaged<Closure>, _ strand: Strand, _ site: CallSite?
  ) throws(Unwinding) -> Value {
    guard let diagnostic = error.diagnostic else {
      let value = strand.pointee.returned
      strand.pointee.returned = .nothing
      return value
    }
    throw framed(error, diagnostic, callee.takeUnretainedValue(), strand, site)
  }

  /// Puts captured variables into the frame, evaluates the defaults of arguments that were not
  /// given, from left to right, and puts boxes around what inner closures share.
  @inline(never)
  private static func prepare(
    _ closure: Closure, _ frame: Slots, _ strand: Strand
  ) throws(Unwinding) {
    let template = closure.template
    for (index, slot) in template.captureSlots.enumerated() {
      frame[slot] = closure.captured[index]
    }
    if let slot = template.selfSlot { frame[slot] = .function(closure) }
    for (slot, isBoxed) in template.boxedParameters.enumerated() {
      if frame[slot] == nil, let value = template.defaults[slot] {
        frame[slot] = try value.run(frame, strand)
      }
      if isBoxed { frame[slot] = .object(Box(frame[slot])) }
    }
    for slot in template.boxedLocals { frame[slot] = .object(Box(nil)) }
  }

  @inline(never)
  private static func tooDeep(
    _ callee: Unmanaged<Closure>, _ strand: Strand, _ site: CallSite?
  ) -> Unwinding {
    let closure = callee.takeUnretainedValue()
    return Unwinding(
      "recursion",
      "the recursion is too deep: \(strand.pointee.depth) calls are nested",
      at: site?.span ?? closure.template.span,
      help: "\(closure.name.map { "`\($0)`" } ?? "the function") needs a case that ends it")
  }

  /// Adds the call to the frames of an error; an error inside the standard library is shown at
  /// the user's call.
  @inline(never)
  private static func framed(
    _ error: Unwinding, _ diagnostic: Diagnostic, _ closure: Closure, _ strand: Strand,
    _ site: CallSite?
  ) -> Unwinding {
    guard let site, let machine = strand.pointee.context?.machine else { return error }
    if closure.template.isLibrary {
      if let source = diagnostic.span?.source, machine.isLibrary(source),
        !machine.isLibrary(site.span.source)
      {
        error.diagnostic?.span = site.span
        error.diagnostic?.related = []
      }
    } else if diagnostic.frames.count < Unwinding.framesKept {
      error.diagnostic?.frames.append(
        Diagnostic.Frame(function: closure.name ?? closure.printedSource, call: site.span))
    }
    return error
  }

  /// Reserves an empty frame.
  @inline(__always)
  static func push(_ count: Int, _ strand: Strand, _ site: CallSite?) throws(Unwinding) -> Slots {
    guard let frame = strand.push(count) else { throw noRoom(site) }
    for index in 0..<count { (frame + index).initialize(to: nil) }
    return frame
  }

  /// Reserves a frame whose first slot is what `argument` gives, the others empty. The slots are
  /// free while the argument is evaluated: its own calls take and return them.
  @inline(__always)
  static func push(
    _ count: Int, _ strand: Strand, _ site: CallSite?, first argument: Code, _ slots: Slots
  ) throws(Unwinding) -> Slots {
    guard let frame = strand.room(for: count) else { throw noRoom(site) }
    frame.initialize(to: try argument(slots, strand))
    strand.pointee.top = frame + count
    for index in 1..<max(1, count) { (frame + index).initialize(to: nil) }
    return frame
  }

  // Out of line: the words of an error would take hundreds of bytes of every frame of the native
  // stack.
  @inline(never)
  private static func noRoom(_ site: CallSite?) -> Unwinding {
    Unwinding("recursion", "the recursion is too deep", at: site?.span)
  }

  // MARK: Any function, any arguments

  /// Calls from the host: positional arguments only.
  static func call(
    _ function: Function, _ arguments: [Value], _ strand: Strand
  ) throws(Unwinding) -> Value {
    let site = strand.pointee.site
    if let closure = function as? Closure,
      closure.template.signature.parameters.count == arguments.count
    {
      let size = closure.template.frameSize
      let frame = try push(size, strand, site)
      defer { strand.pop(frame, size) }
      for (index, argument) in arguments.enumerated() { frame[index] = argument }
      return try enter(closure, frame, strand, site)
    }
    let span = site?.span ?? hostSpan
    return try call(
      function, arguments.map { Given(name: nil, payload: $0, span: span) }, strand,
      site ?? CallSite(hostSpan))
  }

  static let hostSpan = Span(Source(name: "<host>", text: ""), 0, 0)

  /// Calls with arguments of every form.
  static func call(
    _ function: Function, _ arguments: [Given<Value>], _ strand: Strand, _ site: CallSite
  ) throws(Unwinding) -> Value {
    let binder = ArgumentBinder(
      function: function.name, signature: function.signature, span: site.span)
    let bound = try locating(site.span) { () throws(Diagnostic) in try binder.bind(arguments) }
    if let builtin = function as? Builtin {
      return try call(
        builtin, bound.values.map { $0?.forHost }, bound.spans, bound.rest, bound.restSpans, strand,
        site)
    }
    guard let closure = function as? Closure else {
      throw Unwinding("type", "this function cannot be called here", at: site.span)
    }
    let size = closure.template.frameSize
    let frame = try push(size, strand, site)
    defer { strand.pop(frame, size) }
    var isComplete = true
    for (index, value) in bound.values.enumerated() {
      frame[index] = value
      if value == nil { isComplete = false }
    }
    return try enter(closure, frame, strand, site, isComplete: isComplete)
  }

  /// Calls a host function.
  static func call(
    _ builtin: Builtin, _ values: [Value?], _ spans: [Span?], _ rest: [Value],
    _ restSpans: [Span], _ strand: Strand, _ site: CallSite
  ) throws(Unwinding) -> Value {
    try strand.tick()
    guard strand.hasNativeStack, let context = strand.pointee.context else {
      throw Unwinding("recursion", "the recursion is too deep", at: site.span)
    }
    let outer = strand.pointee.site
    strand.pointee.site = site
    defer { strand.pointee.site = outer }
    let call = Call(
      function: builtin, values: values, spans: spans, rest: rest, restSpans: restSpans,
      span: site.span, context: context)
    let value = try locating(site.span) { () throws(Diagnostic) in try builtin.body(call) }
    strand.stopIfInterrupted(context.machine)
    return value
  }
}
